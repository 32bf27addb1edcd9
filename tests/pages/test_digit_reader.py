"""Read my digit, in the built page, from disk: trained, stopped, diverged, drawn on, read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from gdlib.digit_reader import DigitTask
from tests.chapters import ROOT
from tests.pages.test_accessibility import AXE

ADDRESS = ROOT / "_build/html/chapters/appendix/digit_reader.html"

# As a hand draws them: each a list of strokes over a square of side 1.
HAND: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(0.5, 0), (0.25, 0.15), (0.2, 0.5), (0.25, 0.85), (0.5, 1), (0.75, 0.85), (0.8, 0.5),
         (0.75, 0.15), (0.5, 0)]],
    1: [[(0.35, 0.25), (0.5, 0), (0.5, 1)]],
    2: [[(0.25, 0.2), (0.4, 0.02), (0.65, 0.02), (0.75, 0.25), (0.6, 0.5), (0.25, 1), (0.8, 1)]],
    3: [[(0.25, 0.05), (0.6, 0), (0.75, 0.22), (0.5, 0.47), (0.75, 0.7), (0.6, 1), (0.25, 0.95)]],
    4: [[(0.5, 0), (0.2, 0.6), (0.8, 0.6)], [(0.6, 0.35), (0.6, 1)]],
    5: [[(0.75, 0), (0.35, 0), (0.3, 0.42), (0.6, 0.42), (0.75, 0.7), (0.55, 1), (0.25, 0.93)]],
    6: [[(0.6, 0), (0.35, 0.35), (0.25, 0.7), (0.45, 1), (0.7, 0.8), (0.6, 0.55), (0.3, 0.65)]],
    7: [[(0.2, 0), (0.8, 0), (0.45, 1)], [(0.3, 0.5), (0.75, 0.5)]],
}  # fmt: skip


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True, viewport={"width": 375, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(ADDRESS.as_uri())
    page.locator(".digit-pad").wait_for()
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    context.close()
    assert errors == []


def trained(page: Page) -> str:
    page.get_by_role("button", name="Train").click()
    page.locator("text=trained:").wait_for(timeout=60_000)
    return page.locator(".digit-reader .live-readout").first.text_content() or ""


def says(page: Page) -> str:
    return page.locator(".digit-reader .live-readout").nth(1).text_content() or ""


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".digit-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    for stroke in strokes:
        places = [(box["x"] + 40 + 170 * x, box["y"] + 40 + 170 * y) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


def test_the_page_trains_as_the_library_does(page: Page) -> None:
    said = trained(page)
    task = DigitTask()
    net = task.network()
    *_, loss = task.train(net)
    share = net.accuracy(task.X[task.held_out], task.y[task.held_out])
    assert share >= 0.95
    assert f"loss {loss:.4f} on the training digits, {share:.1%}".replace("%", " %") in said
    assert page.locator(".digit-confusions td.right").count() == 10
    counts = page.locator(".digit-confusions td").all_text_contents()
    assert sum(int(c) for c in counts if c != "·") == len(task.held_out)


def test_it_reads_what_a_hand_draws_and_says_what_it_cannot_read(page: Page) -> None:
    assert says(page) == "Nothing is drawn yet."
    draw(page, HAND[0])
    assert "knows nothing yet" in says(page)
    trained(page)
    read = {}
    for digit, strokes in HAND.items():
        draw(page, strokes)
        found = re.search(r"reads an? (\d)", says(page))
        read[digit] = int(found[1]) if found else says(page)
    assert sum(said == digit for digit, said in read.items()) >= 7, read
    scribble = [(0.1 + 0.8 * (k % 2), k / 30) for k in range(31)]
    draw(page, [scribble, [(y, x) for x, y in scribble]])
    assert "no guess" in says(page)
    page.get_by_role("button", name="Clear").click()
    assert says(page) == "Nothing is drawn yet."


def test_a_held_out_digit_is_read_with_the_slopes_of_its_pixels(page: Page) -> None:
    trained(page)
    task = DigitTask()
    right = 0
    for k in range(12):
        page.get_by_role("button", name="A held-out digit").click()
        right += f" {task.y[task.held_out[k]]}, with" in says(page)
    assert right >= 11
    page.add_script_tag(path=AXE)
    found = """async () => (await axe.run(document.querySelector(".digit-reader"),
      { preload: false })).violations.map((v) => v.id)"""
    assert page.evaluate(found) == []
    page.get_by_label("it is a", exact=True).select_option("3")
    assert "if it is a 3" in (page.locator(".digit-map").get_attribute("aria-label") or "")
    assert page.locator(".digit-map").is_visible()


def test_a_digit_is_drawn_by_keys_alone(page: Page) -> None:
    trained(page)
    page.locator(".digit-pad").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    for row in range(8):
        page.keyboard.press(" ")
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        page.keyboard.press("ArrowLeft")
        if row < 7:
            page.keyboard.press("ArrowDown")
    assert page.locator(".digit-place").first.text_content() == "row 8, column 4: ink"
    assert "reads a 1" in says(page)


def test_clearing_in_the_middle_of_a_stroke_and_a_slip_of_the_finger(page: Page) -> None:
    trained(page)
    pad = page.locator(".digit-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 90, steps=3)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Clear").evaluate("b => b.click()")
    page.mouse.move(box["x"] + 120, box["y"] + 120, steps=3)
    page.mouse.up()
    assert says(page) == "Nothing is drawn yet."
    page.mouse.move(box["x"] + 120, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 121)
    page.mouse.up()
    ink = "document.querySelector('.digit-reader').reader.x.reduce((s, v) => s + v)"
    assert 0 < page.evaluate(ink) < 3


def test_a_training_that_is_stopped_or_diverges_makes_no_guess(page: Page) -> None:
    draw(page, HAND[0])
    page.get_by_role("button", name="Train").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()
    assert "was stopped" in says(page)
    page.get_by_label("rate η").fill("1.5")
    page.get_by_role("button", name="Train again").click()
    page.locator("text=trained:").wait_for(timeout=60_000)
    assert "has not learned to read" in says(page)
    page.get_by_label("rate η").evaluate(
        "e => { e.max = 300; e.value = 200; e.dispatchEvent(new Event('input')); }"
    )
    page.get_by_role("button", name="Train again").click()
    page.locator("text=diverged at step").wait_for()
    assert "diverged" in says(page)

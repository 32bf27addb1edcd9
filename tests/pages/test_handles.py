"""Points that can be dragged, and links to what is seen, in the built book."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ElementHandle, Page

from gdlib.live import Live, pointer
from tests.chapters import figures
from tests.live_page import answered, drawn
from tests.pages.test_book import BOOK, live_pages, name

STATE = "(root) => root.live.values()"
# Where a handle is when nothing is over it, and an open place in its panel, far from it.
PLACES = """async (target) => {
  const wait = () => new Promise((done) => setTimeout(done, 60));
  const svg = target.ownerSVGElement;
  let a = target.getBoundingClientRect();
  for (const block of ["center", "center", "end", "start"]) {
    svg.scrollIntoView({ block });
    await wait();
    const seen = a.y;
    a = target.getBoundingClientRect();
    const found = document.elementFromPoint(a.x + a.width / 2, a.y + a.height / 2);
    if (found === target && (seen === a.y || block !== "center")) break;
  }
  const b = svg.getBoundingClientRect(), far = a.x + a.width / 2 > b.x + b.width / 2 ? 0.3 : 0.75;
  const [x, y] = [b.x + far * b.width, b.y + 0.5 * b.height];
  return [a.x + a.width / 2, a.y + a.height / 2, a.width, x, y];
}"""
TOP = "(target) => target.ownerSVGElement.getBoundingClientRect().y"


@pytest.fixture(scope="module", params=[(1280, "mouse"), (375, "touch")], ids=str)
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, str]]:
    width, by = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, has_touch=by == "touch", offline=True
    )
    yield context.new_page(), by
    context.close()


def drag(page: Page, by: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Take hold of a place and let go of it at another."""
    way = [
        tuple(a + (b - a) * share / 6 for a, b in zip(start, end, strict=True))
        for share in range(1, 7)
    ]
    if by == "mouse":
        page.mouse.move(*start)
        page.mouse.down()
        for place in way:
            page.mouse.move(*place)
        page.mouse.up()
        return
    session = page.context.new_cdp_session(page)
    for kind, *places in (("touchStart", start), *(("touchMove", at) for at in way), ("touchEnd",)):
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def handles_of(figure: Live, root: ElementHandle) -> list[ElementHandle]:
    """A figure's handles in the page, as many as it has in Python."""
    found = root.query_selector_all(".live-target")
    assert len(found) == len(figure._handles)
    return sorted(found, key=lambda target: int(target.get_attribute("data-handle") or 0))


@live_pages
def test_every_handle_moves_its_sliders_and_nothing_else(
    reader: tuple[Page, str], path: Path
) -> None:
    page, by = reader
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    page.wait_for_selector("html[data-heights=known]")  # parts above may get theirs until then
    for root, figure in zip(
        page.query_selector_all(".live[data-live]"), figures(path), strict=True
    ):
        for target, handle in zip(handles_of(figure, root), figure._handles, strict=True):
            if (
                target.evaluate("(target) => target.parentNode.getAttribute('visibility')")
                == "hidden"
            ):
                continue  # the one before it has moved it out of the picture
            x, y, size, *end = target.evaluate(PLACES)
            assert size >= 44 - 0.1
            before, top = root.evaluate(STATE), target.evaluate(TOP)
            drag(page, by, (x, y), (end[0], end[1]))
            drawn(page)
            page.wait_for_timeout(50)
            after = root.evaluate(STATE)
            moved = {
                s for s, old, new in zip(figure.symbols, before, after, strict=True) if old != new
            }
            assert moved <= set(handle.values), (figure.alt, moved)
            assert moved, figure.alt
            # Up to half a step of its slider: a point on a curve stays on it.
            reached = target.bounding_box()
            if pointer[0] in handle.values.values() and reached:
                spacing = 45 if {*map(str, handle.values)} & {"depth", "n", "layers", "N"} else 6
                assert abs(reached["x"] + reached["width"] / 2 - end[0]) < spacing, figure.alt
            assert target.evaluate(TOP) == pytest.approx(top, abs=2)  # the page stays
            labels = root.eval_on_selector_all("output", "all => all.map((o) => o.value)")
            assert labels == root.eval_on_selector_all(
                "input[type=range]", "all => all.map((i) => i.getAttribute('aria-valuetext'))"
            )


@live_pages
def test_a_link_restores_what_it_was_copied_from(browser: Browser, path: Path) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    address = (BOOK / f"{name(path)}.html").as_uri()
    page.goto(address)
    answered(page)
    for number, root in enumerate(page.query_selector_all(".live[data-live]")):
        sliders = [s for s in root.query_selector_all("input[type=range]") if s.is_visible()]
        if not sliders:
            continue
        for slider in sliders:
            low, high = (int(slider.get_attribute(end) or 0) for end in ("min", "max"))
            slider.fill(str(low + (high - low) // 3))
        wanted = root.evaluate(STATE)
        root.query_selector(".live-button:text('Copy link')").click()
        page.wait_for_function("location.hash.includes('?')")
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == page.url and link.startswith(address)
        other = context.new_page()
        other.goto(link)
        other.wait_for_selector("html[data-live=ready]")
        found = other.query_selector_all(".live[data-live]")[number]
        assert found.evaluate(STATE) == pytest.approx(wanted, rel=1e-9)
        assert other.query_selector(".live-note") is None
        box = found.bounding_box()
        assert box and -50 < box["y"] < 600
        other.close()
    context.close()


@pytest.mark.parametrize(
    ("query", "state", "note"),
    [
        ("w=1.3&eta=0.8", [1.3, 0.8], False),
        ("w=1.29", [1.3, 0.1], False),  # the slider's closest position
        ("w=99&eta=-5", [2.6, 0.01], False),
        ("w=abc&eta=0.5", [2.2, 0.5], True),
        ("w=&eta=0.5", [2.2, 0.5], True),
        ("q=1", [2.2, 0.1], True),
        ("w=Infinity", [2.2, 0.1], True),
        ("<script>=1", [2.2, 0.1], True),
    ],
)
def test_of_a_bad_link_the_good_part_is_taken(
    browser: Browser, query: str, state: list[float], note: bool
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{(BOOK / 'chapters/02_slope.html').as_uri()}#fig-descent?{query}")
    answered(page)
    root = page.query_selector("#fig-descent .live")
    assert root.evaluate(STATE)[:2] == pytest.approx(state)
    assert (page.query_selector(".live-note") is not None) == note
    assert errors == []
    page.close()

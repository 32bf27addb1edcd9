"""The playground in the built page, from disk: trained, taken back, looked into, moved by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from gdlib.efficient_backprop import hidden_delta
from gdlib.playground import SETTINGS, Playground, Range
from tests.chapters import ROOT
from tests.pages.test_accessibility import AXE

ADDRESS = (ROOT / "_build/html/chapters/appendix/playground.html").as_uri()
OF = "document.querySelector('.playground').playground"


def opened(browser: Browser, width: int, query: str = "", **options: Any) -> Page:
    touch = width == 375
    context = browser.new_context(
        offline=True, viewport={"width": width, "height": 900}, has_touch=touch, **options
    )
    page = context.new_page()
    page.goto(ADDRESS + (f"#playground?{query}" if query else ""))
    page.wait_for_selector("html[data-live=ready]")
    return page


@pytest.fixture(params=[1280, 375])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = opened(browser, request.param)
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= request.param
    page.context.close()
    assert errors == []


def press(page: Page, name: str) -> None:
    page.locator(".playground").get_by_role("button", name=name, exact=True).click()


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.playground details').forEach((d) => d.open = true)")


def choose(page: Page, label: str, value: str) -> None:
    page.locator(".playground").get_by_label(label, exact=True).select_option(value)


def slide(page: Page, label: str, position: float) -> None:
    page.locator(".playground").get_by_label(label, exact=True).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", position
    )


def scores(page: Page) -> str:
    return page.locator(".playground-scores").inner_text()


def said(page: Page) -> str:
    page.wait_for_timeout(50)
    return page.locator(".playground .live-said").inner_text()


def weights(page: Page) -> list[list[float]]:
    found: list[list[float]] = page.evaluate(
        f"{OF}.training.net.parameters.map(({{ value }}) => [...value])"
    )
    return found


def agrees(page: Page, ours: Playground) -> None:
    """What is shown is what Python computes: the steps, both losses, both shares, the weights."""
    shown = scores(page)
    assert f"Step {ours.steps}," in shown
    assert f"loss {ours.loss():.4f}, {ours.accuracy():.1%} right".replace("%", " %") in shown
    if ours.learned < len(ours.y):
        loss, share = ours.loss(held_out=True), ours.accuracy(held_out=True)
        assert f"Held out: loss {loss:.4f}, {share:.1%} right".replace("%", " %") in shown
    for found, M in zip(weights(page), (M for pair in ours.net.layers for M in pair), strict=True):
        np.testing.assert_allclose(found, M.ravel(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("data", [name for name in SETTINGS["data"].allowed if name != "own"])
def test_every_kind_of_data_is_trained_on_as_in_python(page: Page, data: str) -> None:
    unfold(page)
    choose(page, "data", data)
    for _ in range(3):
        press(page, "One step")
    ours = Playground(data=data)
    ours.step(3)
    agrees(page, ours)


def test_every_control_is_that_of_python(page: Page) -> None:
    """One after the other, each put somewhere else; the training is Python's at every change."""
    unfold(page)
    now: dict[str, Any] = {}

    def check(**changed: Any) -> None:
        now.update(changed)
        press(page, "Reset")
        press(page, "One step")
        press(page, "One epoch")
        ours = Playground(**now)
        size = ours.learned if now.get("batch", "all") == "all" else int(now["batch"])
        ours.step(1 + -(-ours.learned // size))
        agrees(page, ours)

    choose(page, "data", "spirals")
    check(data="spirals")
    slide(page, "classes K", 3)
    check(classes=5)
    slide(page, "noise", 8)
    check(noise=0.4)
    slide(page, "samples n", 5)
    check(n=60)
    slide(page, "held out", 10)
    check(held_out=0.5)
    choose(page, "hidden layers", "2")
    check(layers="4.tanh_4.tanh")
    choose(page, "units of hidden layer 2", "7")
    choose(page, "activation of hidden layer 1", "relu")
    choose(page, "activation of hidden layer 2", "sigmoid")
    check(layers="4.relu_7.sigmoid")
    choose(page, "first weights", "scale")
    slide(page, "scale", 23)
    check(start="scale", scale=float(f"{10**0.3:.3g}"))
    slide(page, "seed", 7)
    check(seed=7)
    for optimizer in ("momentum", "Nesterov", "Adam"):
        choose(page, "optimizer", optimizer)
        check(optimizer=optimizer)
    slide(page, "rate η", 10)
    check(eta=0.01)
    slide(page, "β", 80)
    check(beta=0.8)
    choose(page, "batch", "16")
    check(batch="16")
    choose(page, "weight decay", "0.01")
    check(decay="0.01")
    press(page, "The book’s settings")
    agrees(page, Playground())


def test_every_setting_has_a_control() -> None:
    """Of those named above, none is forgotten; layers and points have controls of their own."""
    source = (ROOT / "tests/pages/test_playground.py").read_text("utf-8")
    for name, setting in SETTINGS.items():
        if name not in ("data", "layers", "points", "f"):
            assert f'page, "{setting.label}"' in source, name
            assert isinstance(setting.allowed, (Range, dict))


def test_it_trains_until_it_is_paused_and_goes_back(page: Page) -> None:
    press(page, "▶ Train")
    page.wait_for_function(f"{OF}.training.t > 20")
    press(page, "❚❚ Pause")
    steps = page.evaluate(f"{OF}.training.t")
    page.wait_for_timeout(100)
    assert page.evaluate(f"{OF}.training.t") == steps
    ours = Playground()
    ours.step(steps)
    agrees(page, ours)
    slide(page, "step t", 5)
    ours = Playground()
    ours.step(5)
    agrees(page, ours)
    press(page, "One step")  # from there, anew
    ours.step()
    agrees(page, ours)
    assert page.evaluate(f"{OF}.training.history.length") == 7
    press(page, "Reset")
    agrees(page, Playground())


def test_a_long_training_keeps_steps_from_its_beginning_to_its_end(page: Page) -> None:
    page.evaluate(f"{OF}.ahead(1500)")
    kept = page.evaluate(f"{OF}.training.history.map(({{ t }}) => t)")
    assert kept[0] == 0 and kept[-1] == 1500 and len(kept) <= 601
    assert max(np.diff(kept)) <= 4
    slide(page, "step t", len(kept) // 2)
    ours = Playground()
    ours.step(kept[len(kept) // 2])
    agrees(page, ours)


def number(text: str) -> float:
    """A number as it is shown: −1.2×10⁻⁷, or (−0.5)."""
    exponents = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    mantissa, _, exponent = text.strip("() ").replace("−", "-").partition("×10")
    return float(mantissa) * 10.0 ** int(exponent.translate(exponents) or 0)


def lines(page: Page) -> list[str]:
    return page.locator(".playground-formulas > div > p").all_inner_texts()


def near(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= 5.01e-3 * abs(wanted) + 1e-12


def test_one_sample_goes_forward_and_back_as_the_book_says(page: Page) -> None:
    page.goto(f"{ADDRESS}#playground?data=spirals&layers=4.tanh_3.relu&start=he&sample=17&t=25")
    page.wait_for_function(f"{OF}.training.t === 25")
    ours = Playground(data="spirals", layers="4.tanh_3.relu", start="he")
    ours.step(25)
    x, y = ours.X[17:18], ours.y[17:18]
    a, h = ours.net.forward(x)
    P, layers = ours.net.predict(x), ours.net.layers
    deltas = [P - np.eye(3)[y]]
    for layer in (1, 0):
        kind = ours.net.hidden[layer]
        deltas.insert(0, hidden_delta(deltas[0], layers[layer + 1].W, a[layer], kind))
    gradients = ours.net.gradients(x, y)

    def unit(layer: int, k: int) -> None:
        last = layer == 3
        name = f"output unit {k + 1}" if last else f"hidden layer {layer}, unit {k + 1}"
        page.get_by_role("button", name=name, exact=True).click()

    choose(page, "shown", "forward")
    shown = page.locator(".playground-value").all_inner_texts()
    values = [*h[0][0], *h[1][0], *h[2][0], *P[0]]
    for text, v in zip(shown, values, strict=True):
        assert abs(number(text) - v) <= 5.01e-2 * abs(v), (text, v)
    for layer, k in ((1, 2), (2, 0), (3, 1)):
        unit(layer, k)
        total, state = (number(line.rpartition("=")[2]) for line in lines(page))
        assert near(total, a[layer - 1][0, k])
        assert near(state, P[0, k] if layer == 3 else h[layer][0, k])
    choose(page, "shown", "output")
    unit(3, 2)
    (line,) = lines(page)
    assert near(number(line.rpartition("=")[2]), deltas[2][0, 2])
    assert "ŷ₃ − y₃" in line
    choose(page, "shown", "hidden")
    for layer, k in ((2, 1), (1, 3)):
        unit(layer, k)
        (line,) = lines(page)
        assert near(number(line.rpartition("=")[2]), deltas[layer - 1][0, k]), line
        _, _, terms, _ = line.split(" = ")
        sums, slope = terms.rsplit(" · ", 1)
        pairs = [map(number, term.split(" · ")) for term in sums[1:-1].split(" + ")]
        worked = sum(u * v for u, v in pairs) * number(slope)
        assert abs(worked - deltas[layer - 1][0, k]) < 2e-2 * abs(worked) + 1e-3, line
    choose(page, "shown", "weights")
    for layer, k in ((1, 1), (3, 0)):
        unit(layer, k)
        dW, db = gradients[layer - 1]
        found = [number(line.rpartition("=")[2]) for line in lines(page)]
        for v, wanted in zip(found, [*dW[:, k], db[k]], strict=True):
            assert near(v, wanted)
    widths = page.locator(".playground-seen").evaluate_all(
        "(all) => all.map((e) => parseFloat(e.style.strokeWidth))"
    )
    all_weights = np.concatenate([dW.ravel() for dW, _ in gradients])
    assert np.argmax(widths) == np.argmax(abs(all_weights))
    assert page.locator(".playground-below").count() == (all_weights < 0).sum()


def test_a_weight_is_moved_by_hand_and_the_loss_follows(page: Page) -> None:
    page.goto(f"{ADDRESS}#playground?data=xor&layers=3.tanh&t=10")
    page.wait_for_function(f"{OF}.training.t === 10")
    edge = page.locator(".playground-touched").nth(4)  # from x₂ to the second unit
    edge.evaluate("(e) => e.dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    held = page.locator(".playground-unit-panel input").nth(1)
    assert held.evaluate("(e) => e === document.activeElement")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    ours = Playground(data="xor", layers="3.tanh")
    ours.step(10)
    ours.net.layers[0].W[1, 1] = float(held.input_value())
    agrees(page, ours)
    page.get_by_label("bias b₂", exact=True).evaluate(
        "(e) => { e.value = -1.25; e.dispatchEvent(new Event('input')); }"
    )
    ours.net.layers[0].b[1] = -1.25
    agrees(page, ours)
    press(page, "One step")
    ours.step()
    agrees(page, ours)


def test_a_link_restores_everything(browser: Browser, page: Page) -> None:
    """Choices, steps, and weights that were moved on the way, in another window."""
    query = (
        "data=above&f=sin(2x)&layers=3.tanh_2.sigmoid&optimizer=Adam&eta=0.05&seed=3&batch=16"
        "&show=hidden&unit=1.2&sample=5"
    )
    page.goto(f"{ADDRESS}#playground?{query}")
    page.wait_for_selector("html[data-live=ready]")
    page.evaluate(f"{OF}.ahead(7)")
    slide(page, "w₂₃ from x₂", 1.5)
    page.evaluate(f"{OF}.ahead(12)")
    press(page, "Copy link")
    there = page.evaluate("location.hash")
    assert "t=19" in there and "moved=7.0.1.2.150" in there
    other = opened(browser, 1280, there.partition("?")[2])
    other.wait_for_function(f"{OF}.training.t === 19")
    assert weights(other) == weights(page)
    assert scores(other) == scores(page)
    assert lines(other) == lines(page) != []
    assert other.evaluate(f"{OF}.settings.values") == page.evaluate(f"{OF}.settings.values")
    other.context.close()


@pytest.mark.parametrize(
    "query",
    [
        "data=moon", "layers=9.tanh", "layers=4.swish", "layers=1.relu_1.relu_1.relu_1.relu_1.relu",
        "eta=abc", "eta=1e9", "n=33.3", "t=-1x", "t=999999999", "points=1.2", "moved=0.9.9.9.1",
        "unknown=1", "show=all", "t=-5", "t=1.5", "unit=9.9", "sample=9999", "eta=0x2",
        "moved=0.0.0.0.99999999999999999999999", "unit=a", "data=own&points=0.0.7", "seed=1.5",
    ],
)  # fmt: skip
def test_what_a_link_says_wrongly_is_left_out_and_said(browser: Browser, query: str) -> None:
    page = opened(browser, 375, query)
    page.wait_for_function(f"!{OF}.playing && {OF}.layout.said.textContent !== ''")
    assert "Part of the link was not understood" in said(page)
    assert all(np.isfinite(v).all() for v in weights(page))
    page.context.close()


def place(plane: Locator, x: float, y: float) -> dict[str, float]:
    box = plane.bounding_box()
    assert box
    return {"x": box["width"] * (x / 6 + 0.5), "y": box["height"] * (0.5 - y / 6)}


def test_points_are_set_by_click_touch_and_keys_and_taken_back(page: Page) -> None:
    unfold(page)
    choose(page, "data", "own")
    assert "no samples yet" in said(page)
    press(page, "▶ Train")
    assert "nothing to learn from" in said(page)
    plane = page.locator(".playground-plane")
    plane.scroll_into_view_if_needed()
    touched = page.evaluate("navigator.maxTouchPoints") > 0
    pick = plane.tap if touched else plane.click
    pick(position=place(plane, 1, 1))  # type: ignore[operator]
    pick(position=place(plane, -1, 2))  # type: ignore[operator]
    assert "of one class" in said(page)
    choose(page, "new points: class", "2")
    plane.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    found = page.evaluate(f"{OF}.settings.values.points").split("_")
    assert found[2] == "-50.-10.1"
    xs = [[int(v) for v in point.split(".")] for point in found]
    assert np.allclose(xs[:2], [[100, 100, 0], [-100, 200, 0]], atol=4)
    ours = Playground(data="own", points="_".join(found), classes=3)
    press(page, "One step")
    ours.step()
    agrees(page, ours)
    press(page, "Take the last back")
    assert page.evaluate(f"{OF}.training.samples.y.length") == 2
    press(page, "Clear")
    assert "no samples yet" in said(page)


def test_a_sample_is_chosen_by_a_click_and_by_keys(page: Page) -> None:
    plane, ours = page.locator(".playground-plane"), Playground()
    plane.scroll_into_view_if_needed()
    x, y = ours.X[11]
    plane.click(position=place(plane, x, y))
    chosen = page.evaluate(f"{OF}.sample")
    assert np.hypot(*(ours.X[chosen] - ours.X[11])) < 0.1
    plane.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    again = page.evaluate(f"{OF}.sample")
    assert again == np.hypot(*(ours.X - [0, 0.1]).T).argmin()
    assert page.locator(".playground-where").first.inner_text() == "x₁ = 0, x₂ = 0.1"
    press(page, "Next sample")
    assert page.evaluate(f"{OF}.sample") == again + 1


def test_what_cannot_be_drawn_is_said_and_changes_nothing(page: Page) -> None:
    unfold(page)
    choose(page, "data", "above")
    line = page.locator(".playground").get_by_label("f(x)", exact=True)
    line.fill("sin(2*x) +")
    page.wait_for_selector(".playground .live-said.live-wrong")
    agrees(page, Playground(data="above"))
    line.fill("log(x)")
    assert "log(x) is not defined at" in said(page)
    agrees(page, Playground(data="above", f="log(x)"))
    line.fill("log(-1 - x^2)")
    page.wait_for_function(f"{OF}.layout.said.textContent.includes('anywhere')")
    agrees(page, Playground(data="above", f="log(x)"))
    line.fill("x/2")
    slide(page, "held out", 0)
    assert "Held out: no samples." in scores(page)
    agrees(page, Playground(data="above", f="x/2", held_out=0))


def test_what_is_chosen_in_a_stage_is_what_was_pressed(page: Page) -> None:
    """Also a unit that the stage is not about, and the edge of a weight."""
    page.goto(f"{ADDRESS}#playground?layers=4.tanh&show=hidden&sample=3")
    page.wait_for_function(f"{OF}.stage === 'hidden'")
    edge = "(e) => e.dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    page.locator(".playground-touched").last.evaluate(edge)
    assert page.locator(".playground h3").inner_text() == "output unit 2 (softmax)"
    assert page.evaluate("document.activeElement.labels[0].innerText") == "w₄₂ from h₄"
    assert "Press a hidden unit" in page.locator(".playground-formulas").inner_text()
    choose(page, "shown", "output")
    assert "Press" not in page.locator(".playground-formulas").inner_text()
    page.goto(f"{ADDRESS}#playground?layers=&show=hidden&sample=3")
    page.wait_for_function(f"{OF}.training.net.layers.length === 1")
    assert "no hidden units" in page.locator(".playground-formulas").inner_text()
    page.goto(f"{ADDRESS}#playground?layers=4.relu")
    page.wait_for_function(f"{OF}.training.net.layers.length === 2")
    assert page.locator(".playground h3").inner_text() == "hidden layer 1, unit 1 (relu)"


def test_points_of_a_class_that_is_taken_away_wait_for_it(page: Page) -> None:
    points = "120.-34.0_80.22.1_10.10.2"
    page.goto(f"{ADDRESS}#playground?data=own&classes=3&points={points}")
    page.wait_for_function(f"{OF}.training.samples.y.length === 3")
    unfold(page)
    choose(page, "data", "spirals")
    slide(page, "classes K", 0)
    choose(page, "data", "own")
    assert page.evaluate(f"{OF}.training.samples.y.length") == 2
    slide(page, "classes K", 1)
    assert page.evaluate(f"{OF}.training.samples.y.length") == 3


def test_a_link_leads_to_what_is_shown_or_says_that_it_does_not(browser: Browser) -> None:
    """After steps back, a new rate, a move that was undone: the copied link is followed."""
    page = opened(browser, 1280)

    def copied() -> str:
        press(page, "Copy link")
        return str(page.evaluate("location.hash")).partition("?")[2]

    def there(query: str) -> str:
        other = opened(browser, 1280, query)
        steps = re.search(r"\bt=(\d+)", query)
        other.wait_for_function(f"{OF}.training.t === {steps[1] if steps else 0}")
        shown = scores(other)
        other.context.close()
        return shown

    page.evaluate(f"{OF}.ahead(50)")
    slide(page, "w₁₁ from x₁", 3)
    slide(page, "step t", 20)
    page.evaluate(f"{OF}.ahead(20)")
    assert "moved" not in copied() and there(copied()) == scores(page)
    slide(page, "step t", 0)
    unfold(page)
    slide(page, "rate η", 30)
    assert page.evaluate(f"{OF}.training.history.length") == 1  # no future of this rate
    page.evaluate(f"{OF}.ahead(10)")
    assert there(copied()) == scores(page)
    slide(page, "rate η", 25)
    page.evaluate(f"{OF}.ahead(3)")
    assert not re.search(r"\bt=", copied())
    assert "not these 13 steps: a setting was changed on the way" in said(page)
    slide(page, "step t", 0)
    page.evaluate(f"{OF}.ahead(4)")
    assert there(copied()) == scores(page)
    page.context.close()


def test_the_same_link_again_begins_again(page: Page) -> None:
    link = page.locator("a[href^='#playground?']").first
    link.click()
    page.wait_for_function(f"{OF}.settings.values.start === 'zero'")
    page.evaluate(f"{OF}.ahead(5)")
    link.click()
    page.wait_for_function(f"{OF}.training.t === 0")


def test_steps_are_taken_back_while_it_trains(page: Page) -> None:
    press(page, "▶ Train")
    page.wait_for_function(f"{OF}.training.t > 20")
    page.get_by_label("step t", exact=True).press("Home")
    assert page.evaluate(f"[{OF}.playing, {OF}.training.t]") == [False, 0]


def test_a_finger_that_scrolls_leaves_sliders_as_they_were(browser: Browser) -> None:
    page = opened(browser, 375)
    page.evaluate(f"{OF}.ahead(10)")
    unfold(page)
    before = page.evaluate(f"[{OF}.settings.values, {OF}.training.t]"), weights(page)
    for label in ("noise", "w₁₁ from x₁", "step t"):
        page.locator(".playground").get_by_label(label, exact=True).evaluate("""(e) => {
          e.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
          e.value = e.max;
          e.dispatchEvent(new Event("input", { bubbles: true }));
          e.value = e.min;
          e.dispatchEvent(new Event("input", { bubbles: true }));
          e.dispatchEvent(new PointerEvent("pointercancel", { bubbles: true }));
        }""")
        assert (page.evaluate(f"[{OF}.settings.values, {OF}.training.t]"), weights(page)) == before
    page.context.close()


def test_a_function_in_a_link_that_cannot_be_read_is_said(browser: Browser) -> None:
    page = opened(browser, 1280, "data=above&f=sin(((&layers=8.relu&t=10")
    page.wait_for_function(f"{OF}.training.t === 10")
    assert page.evaluate(f"{OF}.training.net.sizes") == [2, 8, 2]
    ours = Playground(data="above", layers="8.relu")
    ours.step(10)
    agrees(page, ours)
    page.context.close()


def test_a_network_that_diverges_says_so_and_can_be_reset(page: Page) -> None:
    page.goto(f"{ADDRESS}#playground?layers=2.identity&eta=30")
    page.wait_for_selector("html[data-live=ready]")
    press(page, "▶ Train")
    page.wait_for_function(f"{OF}.training.diverged")
    assert "The training diverges" in said(page)
    assert all(np.isfinite(v).all() for v in weights(page))
    press(page, "One step")
    assert "The training diverges" in said(page)
    slide(page, "step t", 2)
    ours = Playground(layers="2.identity", eta=30)
    ours.step(2)
    for found, M in zip(weights(page), (M for p in ours.net.layers for M in p), strict=True):
        np.testing.assert_allclose(found, M.ravel(), rtol=1e-9)
    assert said(page) == ""
    press(page, "▶ Train")
    page.wait_for_function(f"{OF}.training.diverged")
    unfold(page)
    slide(page, "rate η", 0)  # the advice that it gives
    press(page, "One step")
    assert said(page) == "" and page.evaluate(f"{OF}.training.diverged") is False
    slide(page, "rate η", 44)
    press(page, "Reset")
    assert said(page) == ""
    assert page.evaluate(f"{OF}.training.t") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, theme: Any) -> None:
    page = opened(browser, 375, "layers=8.tanh_8.relu&show=weights&t=5", color_scheme=theme)
    page.wait_for_function(f"{OF}.training.t === 5")
    unfold(page)
    choose(page, "data", "own")
    page.add_script_tag(path=AXE)
    found = """async () => (await axe.run(document.querySelector(".playground"),
      { preload: false })).violations.map((v) => [v.id, v.nodes[0].html])"""
    assert page.evaluate(found) == []
    page.context.close()


def test_it_is_there_in_print_and_without_javascript(browser: Browser) -> None:
    page = opened(browser, 1280, java_script_enabled=True)
    page.emulate_media(media="print")
    assert page.locator(".playground-plane").is_visible()
    assert not page.locator(".playground-buttons").first.is_visible()
    page.context.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(ADDRESS)
    first = page.locator("[data-live-widget=playground]")
    assert first.locator("svg").is_visible()
    assert f"loss {Playground().loss():.4f}" in first.inner_text()
    context.close()

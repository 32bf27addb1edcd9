"""Losses that are typed into the figures of a page, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, ElementHandle, Page

from tests.chapters import ROOT
from tests.live_page import drawn, evaluated
from tests.pages.test_handles import PLACES, drag
from tests.typed_losses import FIGURES, ODD, OF_ONE, OF_TWO, built

TYPE = """async (root, text) => {
  const input = root.querySelector(".live-loss input");
  input.value = text;
  input.dispatchEvent(new Event("change"));
  await new Promise((done) => setTimeout(done));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return root.querySelector(".live-said").textContent;
}"""
SEEN = """(picture) => {
  const copy = picture.cloneNode(true);
  copy.querySelectorAll("[visibility=hidden]").forEach((hidden) => hidden.remove());
  return copy.innerHTML;
}"""
EVERYTHING = "EVERY_TYPED_LOSS" in os.environ
"""With this environment variable, all losses are tried in all figures, which takes minutes."""
LIMITS = "(root) => root.live.axes.map(({ xlim, ylim, log }) => [...xlim, ...ylim, ...log])"


@pytest.fixture(scope="module", params=[1280, 375])
def page(browser: Browser, request: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("typed")


def shown(page: Page, folder: Path, name: str) -> ElementHandle:
    """Open a page of one file with a figure on it, which is written once."""
    make, _ = FIGURES[name]
    file = folder / f"{name}.html"
    page.goto((file if file.exists() else make().save(file)).as_uri())
    page.wait_for_selector("html[data-live=ready]")
    return page.query_selector(".live")


def same(typed: Any, wanted: Any) -> bool:
    """Whether the browser found the numbers that Python has, but for rounding."""
    with np.errstate(all="ignore"):
        size = np.nanmax(np.abs(wanted), initial=1.0, where=np.isfinite(wanted))
    return np.allclose(typed, wanted, rtol=1e-9, atol=1e-9 * min(size, 1e3), equal_nan=True)


@pytest.mark.parametrize("page", [1280, 375] if EVERYTHING else [1280], indirect=True)
@pytest.mark.parametrize("name", FIGURES)
def test_a_typed_loss_moves_all_that_a_built_one_does(page, folder, name) -> None:
    root, (make, losses) = shown(page, folder, name), FIGURES[name]
    compared = 0
    chosen = losses if EVERYTHING else losses[1::11]
    for text in chosen:
        said, live = root.evaluate(TYPE, text), built(make, text)
        if live is None:
            continue
        values = list(live._state.values())
        (found,), wanted = evaluated(root, [values]), live.evaluate()
        for k, (here, there) in enumerate(zip(found, wanted, strict=False)):
            for key in set(here) & set(there) - {"which"}:
                got, want = here[key], np.ravel(np.asarray(there[key], float))
                # No band is proved of a typed loss, and no rate is shaded.
                unknown = np.isnan(got).all() and (name == "polynomials" or key == "above")
                if got.shape == want.shape and not unknown:
                    assert same(got, want), (text, said, k, key, got, want)
                    compared += 1
        limits = root.evaluate(LIMITS)
        for got, ax in zip(limits, live.fig.axes, strict=True):
            scales = (ax.get_xscale() == "log", ax.get_yscale() == "log")
            want = [*ax.get_xlim(), *ax.get_ylim(), *scales]
            assert same(np.array(got), np.array(want, float)), (text, got, want)
    assert compared > 5


@pytest.mark.parametrize(
    "name", FIGURES if EVERYTHING else ["secant", "compare", "direction", "bowl"]
)
def test_what_cannot_be_drawn_is_said_and_changes_nothing(page, folder, name) -> None:
    root = shown(page, folder, name)
    root.evaluate(TYPE, FIGURES[name][1][0])
    before = root.query_selector(".live-picture").inner_html()
    for text in [*ODD, "w²" if name in OF_TWO else "w + b"]:
        said = root.evaluate(TYPE, text)
        if text == "w" and name in OF_ONE:
            root.evaluate(TYPE, FIGURES[name][1][0])
            continue
        assert said.endswith(".") and len(said) > 10, text
        assert root.query_selector(".live-loss input[aria-invalid]"), text
        assert root.query_selector(".live-picture").inner_html() == before, text
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


@pytest.mark.parametrize("page", [1280], indirect=True)
@pytest.mark.parametrize("name", FIGURES)
def test_reset_brings_the_authors_loss_back(page, folder, name) -> None:
    root = shown(page, folder, name)
    picture = root.query_selector(".live-picture")
    drawn(page)
    root.evaluate("(root) => root.live.paint()")
    before, limits = picture.evaluate(SEEN), root.evaluate(LIMITS)
    for text in FIGURES[name][1][:3]:
        root.evaluate(TYPE, text)
    assert picture.evaluate(SEEN) != before
    assert "typed by you" in picture.get_attribute("aria-label")
    root.query_selector(".live-button:text('Reset')").click()
    drawn(page)
    assert root.evaluate(LIMITS) == limits
    assert picture.evaluate(SEEN) == before
    assert "typed by you" not in picture.get_attribute("aria-label")
    assert root.query_selector(".live-said").text_content() == ""


def test_a_link_carries_what_was_typed(page, folder) -> None:
    root = shown(page, folder, "secant")
    page.locator(".live").evaluate("(root) => { root.id = 'fig'; }")
    root.evaluate(TYPE, "sin(3w) + w²")
    root.query_selector(".live-button:text('Copy link')").click()
    page.wait_for_function("location.hash.includes('loss')")
    address = page.evaluate("location.hash")
    root.query_selector(".live-button:text('Reset')").click()
    drawn(page)
    page.evaluate("history.replaceState(null, '', '#')")
    page.evaluate("(hash) => { location.hash = hash; }", address)
    page.wait_for_function("document.querySelector('.live-loss input').value === 'sin(3w) + w²'")
    drawn(page)
    at = 0.6
    (found,) = evaluated(root, [[at, root.evaluate("(root) => root.live.values()")[1]]])
    assert np.isclose(found[3]["y"][0], np.sin(3 * at) + at**2)


DATA = """(root, [x, y]) => {
  const svg = root.querySelector(".live-picture svg");
  const { x: [left, right], y: [bottom, top], xlim, ylim } = root.live.axes[0];
  const p = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
  return [xlim[0] + (p.x - left) / (right - left) * (xlim[1] - xlim[0]),
          ylim[0] + (p.y - bottom) / (top - bottom) * (ylim[1] - ylim[0])];
}"""


def test_what_is_dragged_follows_the_typed_loss(page, folder) -> None:
    """The diamond of a step ends where the finger is along the typed loss's own gradient."""
    root = shown(page, folder, "step_length")
    root.evaluate(TYPE, "w² + b²/4")
    rate = root.query_selector_all("input[type=range]")[2]
    rate.fill(rate.get_attribute("max"))  # away from the start, which lies above it
    drawn(page)
    target = root.query_selector(".live-target[data-handle='0']")
    x, y, *_ = target.evaluate(PLACES)
    end = x + 40, y + 10
    drag(page, "mouse", (x, y), end)
    drawn(page)
    (u, v), gradient = root.evaluate(DATA, list(end)), np.array([2 * 1.3, 0.7 / 2])
    wanted = np.array([1.3 - u, 0.7 - v]) @ gradient / (gradient @ gradient)
    assert 0.05 < wanted < 0.5
    assert root.evaluate("(root) => root.live.values()")[2] == pytest.approx(wanted, abs=0.01)


def test_by_keyboard_and_by_button(page, folder) -> None:
    root = shown(page, folder, "secant")
    page.focus(".live-loss input")
    page.keyboard.press("Control+A")
    page.keyboard.type("log(w)")
    page.wait_for_function("document.querySelector('.live-said').textContent")
    said = "log is not defined for w ≤ 0: nothing is drawn there."
    assert page.text_content(".live-said") == said
    page.keyboard.type("(")
    drawn(page)  # while somebody types, nothing is wrong yet
    assert page.text_content(".live-said") == said
    page.wait_for_selector(".live-wrong")
    assert "it ends where" in page.text_content(".live-said")
    page.get_by_role("button", name="|w|").click()
    drawn(page)
    assert page.input_value(".live-loss input") == "|w|"
    (found,) = evaluated(root, [[0, 0.5]])
    assert found[5]["visible"] == 1 and list(found[5]["values"]) == [-1, 1]  # no tangent
    page.get_by_role("button", name="back to the book’s own").click()
    drawn(page)
    assert page.input_value(".live-loss input") == "w^3/3 - w"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("log(w)", "log is not defined for w ≤ 0"),
        ("√(1 - w)", "a square root has no value for w > 1"),
        ("1/w", "a division by 0 has no value for w = 0"),
        ("asin(w)", "asin is not defined for w < −1 and w > 1"),
        ("log(sin(9w))", "log is not defined in part of the picture"),
        ("w^w", "a power has no value in part of the picture"),
        ("w²", ""),
    ],
)
def test_where_nothing_is_drawn_is_said(page, folder, text, said) -> None:
    root = shown(page, folder, "secant")
    assert root.evaluate(TYPE, text) == (said and f"{said}: nothing is drawn there.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("w³ + b²", "w³ + b²: it is not quadratic."),
        ("|w| + b²", "|w| + b²: it is not quadratic."),
        ("w² - b²", "w² - b²: it is no bowl: its curvatures are −2 and 2."),
        ("2w² + b² + wb", ""),
    ],
)
def test_the_bowl_takes_quadratics_and_says_so(page, folder, text, said) -> None:
    root = shown(page, folder, "bowl")
    assert root.evaluate(TYPE, text) == said


def test_the_line_is_accessible_and_fits(page, folder) -> None:
    shown(page, folder, "secant")
    for part in page.locator(".live-loss input, .live-loss button").all():
        box = part.bounding_box()
        assert box["height"] >= 44 and box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]
    page.add_script_tag(path=ROOT / "node_modules" / "axe-core" / "axe.min.js")
    for text in ("sin(3w)", "q"):
        page.query_selector(".live").evaluate(TYPE, text)
        found = "axe.run('.live').then(({ violations }) => violations.map((v) => v.id))"
        assert page.evaluate(found) == []

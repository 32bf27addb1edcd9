"""A finger on a phone: what scrolls the page moves no slider, and what moves a slider stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.chapters import ROOT
from tests.live_page import answered


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True, offline=True
    )
    page = context.new_page()
    page.goto((ROOT / "_build/html/chapters/02_slope.html").as_uri())
    answered(page)
    yield page
    context.close()


def swipe(page: Page, slider: Locator, across: float, up: float) -> tuple[float, float]:
    """Move a finger from a place on the slider; how far the slider and the page moved."""
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2
    value, scroll = float(slider.input_value()), page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [*points]})
        page.wait_for_timeout(16)

    send("touchStart", {"x": x, "y": y})
    for share in (k / 12 for k in range(1, 13)):
        send("touchMove", {"x": x + across * share, "y": y - up * share})
    send("touchEnd")
    page.wait_for_timeout(300)
    return float(slider.input_value()) - value, page.evaluate("scrollY") - scroll


@pytest.mark.parametrize(("across", "up"), [(2, 200), (70, 150)])
def test_a_swipe_that_scrolls_leaves_the_slider_where_it_was(page, across, up):
    moved, scrolled = swipe(page, page.locator(".live-control input[type=range]").first, across, up)
    assert moved == 0
    assert scrolled > 50


def test_a_swipe_along_the_slider_moves_it_and_not_the_page(page):
    moved, scrolled = swipe(page, page.locator(".live-control input[type=range]").first, 90, 4)
    assert moved != 0
    assert scrolled == 0


def test_readouts_keep_their_height_while_a_slider_is_moved(page):
    """Once they have needed it, what is below them jumps no more."""
    figure = page.locator(".live").first
    sliders = figure.locator("input[type=range]")
    heights = []
    for _ in range(2):
        for k in range(sliders.count()):
            most = int(sliders.nth(k).get_attribute("max") or 0)
            for value in (0, most, most // 3):
                sliders.nth(k).fill(str(value))
                page.wait_for_timeout(60)
                heights.append(figure.locator(".live-readout").bounding_box()["height"])
    assert len(set(heights[len(heights) // 2 :])) == 1

"""Every page and figure looks right: on a wide screen and on phones, wherever its sliders are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.live_page import answered, drawn
from tests.pages.test_book import ALL, BOOK, live_pages, name

WIDTHS = (1280, 375, 320)
SEES = Path(__file__).with_name("appearance.js").read_text("utf-8")
DARK, LIGHT = (f"document.documentElement.dataset.theme = '{theme}'" for theme in ("dark", "light"))


def sees(what: str) -> str:
    """One of the functions of `appearance.js`, for an element or for the page."""
    return f"(root) => {SEES.strip()}.{what}(root)"


@pytest.fixture(scope="module", params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    yield page
    page.close()


@live_pages
def test_texts_of_a_picture_can_be_read_and_stand_apart(page: Page, path: Path) -> None:
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    found = {}
    for root in page.query_selector_all(".live[data-live]"):
        label = root.evaluate("(root) => root.closest('figure')?.id ?? 'a figure'")
        found[label], heights = root.evaluate(sees("everywhere"))
        if page.viewport_size["width"] == 1280 and len(heights) > 1:
            found[label].append(f"readouts of {heights} pixels")
        page.evaluate(DARK)
        found[f"{label}, dark"] = root.evaluate(sees("look"))
        page.evaluate(LIGHT)
    assert {label: what for label, what in found.items() if what} == {}


@pytest.mark.parametrize("address", ALL)
def test_nothing_is_cut_off_or_scrolls_the_page_sideways(page: Page, address: str) -> None:
    page.goto((BOOK / address).as_uri())
    assert page.evaluate(sees("cut")) == []
    assert ":math:" not in page.inner_text("body")
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["06_gradient_descent", "appendix/api"])
def test_a_page_has_its_height_before_it_is_scrolled(browser: Browser, name: str) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 900})
    page.goto((BOOK / "chapters" / f"{name}.html").as_uri())
    page.wait_for_selector("html[data-heights=known]")
    height = page.evaluate("document.documentElement.scrollHeight")
    for share in range(41):
        page.evaluate(f"scrollTo(0, {share} / 40 * {height})")
        drawn(page)
        assert page.evaluate("document.documentElement.scrollHeight") == height
    page.close()


@live_pages
def test_every_position_of_a_slider_has_a_label_of_its_own(browser: Browser, path: Path) -> None:
    page = browser.new_page()
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    for root in page.query_selector_all(".live[data-live]"):
        assert root.evaluate(sees("shared")) == []
    page.close()


# Landscape, a zoom of 200 %, a low laptop, a short phone.
@pytest.mark.parametrize("size", [(812, 375), (640, 360), (1366, 650), (375, 660)])
@live_pages
def test_the_picture_is_in_sight_when_the_last_slider_is(
    browser: Browser, path: Path, size: tuple[int, int]
) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    # Nothing moves while it is measured: all of the page is laid out.
    page.add_style_tag(content="* { content-visibility: visible !important }")
    for root in page.locator(".live[data-live]:has(input[type=range])").all():
        parts = root.locator("svg").first, root.locator("input[type=range]:not([hidden] *)").last
        for part in reversed(parts):  # whichever ends lower is at the page's end then
            part.evaluate("""(part) => part.getBoundingClientRect().bottom > innerHeight - 1
              || scrollY === 0 ? part.scrollIntoView({ block: "end" }) : null""")
            page.wait_for_timeout(50)
        picture, control = (part.bounding_box() for part in parts)
        assert picture and control
        assert picture["y"] >= 0 and picture["y"] + picture["height"] <= size[1] + 2
        assert control["y"] >= 0 and control["y"] + control["height"] <= size[1] + 2
        beside = picture["x"] + picture["width"] <= control["x"]
        assert beside or picture["y"] + picture["height"] <= control["y"] + 1
    page.close()

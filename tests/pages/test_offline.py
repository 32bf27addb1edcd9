"""The book as one zip, unpacked and opened from disk; and a chapter on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page

from downhill import offline
from tests.live_page import answered
from tests.pages.test_book import BOOK, LIVE, Watched, live_pages, name

LIMIT = 8_000_000  # bytes


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("offline") / "book.zip"
    offline.pack(BOOK, target)
    return target


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page())
    context.close()


def test_the_zip_is_small(packed: Path) -> None:
    assert packed.stat().st_size <= LIMIT


def test_the_same_book_gives_the_same_zip(packed: Path, tmp_path: Path) -> None:
    offline.pack(BOOK, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_unpacked_it_can_be_searched_and_moved(
    packed: Path, tmp_path: Path, watched: Watched
) -> None:
    with ZipFile(packed) as zipped:
        zipped.extractall(tmp_path)
    page = watched.page
    page.goto((tmp_path / offline.TOP / "index.html").as_uri())
    page.click("#pst-primary-sidebar .search-button__button")
    page.fill("#pst-search-dialog input[name=q]", "momentum")
    page.keyboard.press("Enter")
    # Results come one by one, and push each other about until the last is there.
    page.locator("#search-results .search-summary", has_text="found").wait_for()
    quoted = page.locator("#search-results li p.context").all_text_contents()
    assert quoted and any("momentum" in text.lower() for text in quoted)
    page.click("#search-results li a[href*='06_gradient_descent']")
    page.wait_for_url("**/chapters/06_gradient_descent.html*")
    answered(page)
    slider = page.get_by_role("slider").first
    value = slider.get_attribute("aria-valuetext")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") != value
    assert watched.requests == []
    assert watched.errors == []


def on_paper(page: Page, selector: str) -> int:
    """How many elements are printed."""
    return sum(one.is_visible() for one in page.locator(selector).all())


@live_pages
def test_a_chapter_is_printed_with_figures_and_without_controls(
    watched: Watched, path: Path
) -> None:
    watched.page.emulate_media(media="print", color_scheme="dark")
    page = watched.open(f"{name(path)}.html")
    answered(page)
    pressed = "button, input, select, .bd-sidebar-primary, .bd-sidebar-secondary, .headerlink"
    assert on_paper(page, f"{pressed}, .prev-next-footer") == 0
    assert on_paper(page, ".live-picture svg") == page.locator(".live-picture svg").count() > 0
    assert on_paper(page, "figcaption") == page.locator("figcaption").count()
    inks = page.eval_on_selector_all(
        ".bd-article p, .live-picture text, .highlight span",
        "all => [...new Set(all.map((e) => getComputedStyle(e).color))]",
    )
    # White paper, whatever the theme: no ink is pale.
    shades = [max(map(int, re.findall(r"\d+", ink)[:3])) for ink in inks]
    assert inks
    assert max(shades) < 190


def test_solutions_are_printed_closed_and_hints_open(watched: Watched) -> None:
    page = watched.open(f"{name(LIVE[1])}.html")
    page.wait_for_selector(".solution.toggle-hidden")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    titles = page.locator(".solution > .admonition-title")
    assert on_paper(page, ".solution p") == titles.count() == page.locator(".solution").count() > 0
    hints = "details.admonition p, .admonition.dropdown:not(.solution) p"
    assert on_paper(page, hints) == page.locator(hints).count() > 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".solution.toggle-hidden").count() > 0

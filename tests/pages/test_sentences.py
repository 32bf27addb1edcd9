"""Readouts in the built book: numbers have the colour of what they measure, and can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live_page import answered
from tests.pages.test_book import BOOK, live_pages, name

STATE = "(root) => root.live.values()"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((BOOK / "chapters/02_slope.html").as_uri())
    answered(page)
    page.locator("#fig-descent").scroll_into_view_if_needed()
    yield page
    page.close()


def numbers(page: Page, which: str = "") -> list[str]:
    return page.locator(f"#fig-descent .live-number{which}").all_text_contents()


def test_a_sentence_is_the_same_with_and_without_its_numbers_apart(page: Page) -> None:
    said = page.locator("#fig-descent .live-readout p").first
    first = said.text_content()
    assert first == "w←w−ηL′(w)=2.200−0.10·(+3.840)=1.816"
    slider = page.locator("#fig-descent [data-symbol=p1]")
    slider.fill("20")
    page.wait_for_function(
        "document.querySelector('#fig-descent .live-readout p').textContent.includes('0.21')"
    )
    slider.fill("9")
    page.wait_for_function(
        "(first) => document.querySelector('#fig-descent .live-readout p').textContent === first",
        arg=first,
    )


def test_a_number_has_the_colour_of_what_it_measures(page: Page) -> None:
    marked = page.locator("#fig-descent .live-number[data-items]")
    assert marked.count() == 4
    for number in marked.all():
        number.hover()
        inks = page.locator("#fig-descent svg .live-lit :is(path, use)").evaluate_all(
            "(all) => all.map((e) => getComputedStyle(e)).flatMap((s) => [s.fill, s.stroke])"
        )
        assert number.evaluate("(e) => getComputedStyle(e).color") in inks


def test_pointing_at_a_number_marks_its_thing_and_leaves_it_again(page: Page) -> None:
    slope = page.locator("#fig-descent .live-number[data-items]").nth(1)
    lit = page.locator("#fig-descent svg .live-lit")
    assert lit.count() == 0
    slope.hover()
    assert lit.count() == 1
    page.mouse.move(5, 300)
    assert lit.count() == 0
    slope.focus()
    assert lit.count() == 1
    slope.evaluate("(e) => e.blur()")
    assert lit.count() == 0


@pytest.mark.parametrize("by", ["mouse", "touch", "keyboard"])
@pytest.mark.parametrize(
    ("chapter", "figure", "number", "parts"),
    [
        ("04_chain_rule", "fig-highlighted", 2, 3),  # a weight: its label and two strokes
        ("04_chain_rule", "fig-neuron", 0, 3),  # a local derivative: its label and its edge
        ("05_efficient_backprop", "fig-deltas", 1, 3),
    ],
)
def test_a_factor_its_edge_and_its_place_light_up_together(
    browser: Browser, by: str, chapter: str, figure: str, number: int, parts: int
) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800}, has_touch=by == "touch")
    page.goto((BOOK / f"chapters/{chapter}.html").as_uri())
    answered(page)
    shown, lit = page.locator(f"#{figure}"), page.locator(f"#{figure} svg .live-lit")
    factor, elsewhere = shown.locator(".live-number").nth(number), shown.locator("figcaption")
    {"mouse": factor.hover, "touch": factor.tap, "keyboard": factor.focus}[by]()
    expect(lit).to_have_count(parts)  # a page that is still laid out moves under the pointer
    label = lit.filter(has=page.locator("text")).get_attribute("id")
    {"mouse": elsewhere.hover, "touch": elsewhere.tap, "keyboard": factor.blur}[by]()
    expect(lit).to_have_count(0)
    if by != "keyboard":  # the picture itself is hidden from it
        place = page.locator(f"[id='{label}'] text")
        {"mouse": place.hover, "touch": place.tap}[by]()
        expect(lit).to_have_count(parts)
        assert "live-lit" in (factor.get_attribute("class") or "")
    page.close()


def test_a_sliders_number_is_drawn_sideways_and_clamped(page: Page) -> None:
    root = page.query_selector("#fig-descent .live")
    rate = page.locator("#fig-descent .live-number[data-control='1']")
    for way, expected in ((60, 0.2), (-6000, 0.01), (12, 0.03)):
        rate.scroll_into_view_if_needed()
        box = rate.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + way, y, steps=4)
        page.mouse.up()
        page.wait_for_timeout(50)
        assert root.evaluate(STATE)[:2] == pytest.approx([2.2, expected])


@live_pages
def test_numbers_that_mark_something_can_be_reached_and_named(browser: Browser, path: Path) -> None:
    page = browser.new_page()
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    for number in page.locator(":not(math *).live-number[data-items]").all():
        assert number.get_attribute("role") == "button" and number.get_attribute("tabindex") == "0"
        assert (number.text_content() or "").strip()
    page.close()

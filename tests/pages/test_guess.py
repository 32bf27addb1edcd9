"""Predict, commit, reveal: figures of the built book that ask before they answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator

from tests.live_page import drawn
from tests.pages.test_book import BOOK

FIGURES = [
    ("01_loss_functions", "fig-line", 2),
    ("02_slope", "fig-descent", 1),
    ("06_gradient_descent", "fig-surface", 2),
]
VALUES = "(figure) => figure.querySelector('.live').live.values()"
SEEN = """(figure) => [...figure.querySelectorAll("svg g[id^=live]")]
  .filter((g) => g.checkVisibility({ visibilityProperty: true })).length"""


@pytest.fixture(params=FIGURES, ids=lambda names: names[1])
def figure(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Locator]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((BOOK / f"chapters/{request.param[0]}.html").as_uri())
    page.wait_for_selector("html[data-live=ready]")
    yield page.locator(f"#{request.param[1]}")
    page.close()


@pytest.fixture
def guesses(request: pytest.FixtureRequest) -> int:
    return next(n for _, name, n in FIGURES if name == request.node.callspec.params["figure"][1])


def seen(figure: Locator) -> int:
    """How many bound artists are seen."""
    drawn(figure.page)
    return figure.evaluate(SEEN)


def free(figure: Locator) -> list[Locator]:
    """The sliders that can be moved."""
    return [
        s for s in figure.locator("input[type=range]").all() if s.is_visible() and s.is_enabled()
    ]


def test_a_guess_is_marked_before_the_answer_and_stays_beside_it(
    figure: Locator, guesses: int
) -> None:
    before, marked = seen(figure), free(figure)
    assert len(marked) == guesses
    assert figure.locator(".live-readout").is_hidden()
    marked[0].focus()
    marked[0].press("ArrowRight")
    ghost = figure.evaluate(VALUES)[-guesses:]
    figure.get_by_role("button", name="Show", exact=True).click()
    assert seen(figure) > before
    assert figure.locator(".live-readout").is_visible()
    assert figure.locator(".live-question").is_hidden()
    assert figure.evaluate(VALUES)[-guesses - 1 :] == [1, *ghost]
    sliders = free(figure)
    assert len(sliders) > guesses and not {s.get_attribute("id") for s in sliders} & {
        s.get_attribute("id") for s in marked
    }
    assert figure.page.evaluate("document.activeElement.type") == "range"


def test_it_can_be_skipped_and_is_asked_again_after_a_reset(figure: Locator, guesses: int) -> None:
    figure.get_by_role("button", name="Skip", exact=True).click()
    drawn(figure.page)
    assert figure.evaluate(VALUES)[-guesses - 1] == 2
    assert figure.locator(".live-readout").is_visible() and len(free(figure)) > guesses
    figure.get_by_role("button", name="Reset", exact=True).click()
    drawn(figure.page)
    assert figure.locator(".live-question").is_visible() and len(free(figure)) == guesses


def test_only_the_guess_is_dragged_first_and_only_the_rest_later(
    figure: Locator, guesses: int
) -> None:
    def rings() -> set[str | None]:
        drawn(figure.page)
        handles = figure.locator(".live-handle:not([visibility=hidden]) [data-handle]").all()
        return {handle.get_attribute("data-handle") for handle in handles}

    figure.scroll_into_view_if_needed()
    before = rings()
    values = figure.evaluate(VALUES)
    target = figure.locator(".live-handle:not([visibility=hidden]) [data-handle]").first
    box = target.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    figure.page.mouse.move(x, y)
    figure.page.mouse.down()
    figure.page.mouse.move(x + 15, y - 15, steps=3)
    figure.page.mouse.up()
    moved = figure.evaluate(VALUES)
    assert moved[: -guesses - 1] == values[: -guesses - 1] and moved != values
    figure.get_by_role("button", name="Show", exact=True).click()
    assert before and rings() and not before & rings()


def test_who_follows_a_link_is_not_asked(browser: Browser) -> None:
    page = browser.new_page()
    address = (BOOK / "chapters/02_slope.html").as_uri()
    page.goto(f"{address}#fig-descent?eta=0.5")
    page.wait_for_selector("html[data-live=ready]")
    figure = page.locator("#fig-descent")
    assert figure.evaluate(VALUES)[1:3] == [0.5, 2]
    assert figure.locator(".live-question").is_hidden()
    page.close()


def test_print_and_a_page_without_javascript_show_all(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((BOOK / "chapters/02_slope.html").as_uri())
    assert page.locator("#fig-descent .live-readout").is_visible()
    assert page.locator("#fig-descent svg use").count() > 20  # the path's points
    context.close()

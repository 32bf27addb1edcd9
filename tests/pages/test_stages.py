"""Calculations step by step in the built book: the reader takes every step."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator

from tests.live_page import answered, drawn
from tests.pages.test_book import BOOK

FIGURES = [
    ("04_chain_rule", "fig-graph"),
    ("04_chain_rule", "fig-neuron"),
    ("05_efficient_backprop", "fig-deltas"),
]
SEEN = """(root) => [...root.querySelectorAll('svg text')].filter((t) =>
  !t.closest('[visibility=hidden]') && /^[+−]?\\d/.test(t.textContent)).length"""


@pytest.fixture(params=FIGURES, ids=lambda names: names[1])
def figure(browser: Browser, request: pytest.FixtureRequest) -> Locator:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    chapter, name = request.param
    page.goto((BOOK / f"chapters/{chapter}.html").as_uri())
    answered(page)
    yield page.locator(f"#{name}")
    page.close()


def test_the_button_takes_one_step_and_begins_again_at_the_end(figure: Locator) -> None:
    page, stage = figure.page, figure.locator("input[type=range]").last
    steps, next_button = (
        int(stage.get_attribute("max") or 0),
        figure.get_by_role("button", name="Next"),
    )
    assert stage.input_value() == str(steps)
    everything = figure.evaluate(SEEN)
    lines, seen = [], []
    for step in range(steps + 1):
        next_button.click()
        drawn(page)
        assert stage.input_value() == str(step)
        lines.append(figure.locator(".live-readout p").first.text_content())
        seen.append(figure.evaluate(SEEN))
    assert lines[0] == "the\xa0inputs" and len(set(lines)) > steps / 2
    assert seen == sorted(set(seen)) and seen[-1] == everything
    page.wait_for_timeout(300)  # nothing goes on by itself
    assert stage.input_value() == str(steps)


def test_the_keys_step_too_and_the_readout_keeps_its_height(figure: Locator) -> None:
    page, stage = figure.page, figure.locator("input[type=range]").last
    readout = figure.locator(".live-readout")
    stage.focus()
    stage.press("Home")
    heights = set()
    for step in range(1, int(stage.get_attribute("max") or 0) + 1):
        stage.press("ArrowRight")
        drawn(page)
        assert stage.input_value() == str(step)
        heights.add(readout.evaluate("(e) => e.offsetHeight"))
    assert len(heights) == 1

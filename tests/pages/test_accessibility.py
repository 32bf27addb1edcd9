"""Every page for everyone: axe-core finds nothing, and what axe-core cannot see is asked for.

Pages are opened from disk, once for each theme, with all that folds unfolded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.test_book import ALL, BOOK

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

UNFOLD = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const folded of document.querySelectorAll(".toggle-button-hidden")) folded.click();
  for (const menu of document.querySelectorAll(".dropdown-menu")) menu.classList.add("show");
}"""
VIOLATIONS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .map((v) => `${v.id}: ${v.help}\\n` + v.nodes.map((n) => `  ${n.target} ${n.failureSummary}`).join("\\n"))"""


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", ALL)
def test_axe_finds_nothing(page: Page, address: str) -> None:
    page.goto((BOOK / address).as_uri())
    page.evaluate(UNFOLD)
    page.add_script_tag(path=AXE)
    assert page.evaluate(VIOLATIONS) == []

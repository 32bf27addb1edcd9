"""Every page for everyone: axe-core finds nothing, and what axe-core cannot see is checked here.

Pages are opened from disk, with everything unfolded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.live_page import answered
from tests.pages.test_book import ALL, BOOK, LIVE, live_pages, name

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

# Everything is unfolded and laid out, and the boxes that scroll have had their turn to become tab
# stops.
UNFOLD = """async () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const folded of document.querySelectorAll(".toggle-button-hidden")) folded.click();
  for (const menu of document.querySelectorAll(".dropdown-menu")) menu.classList.add("show");
  const all = Object.assign(document.createElement("style"), {
    textContent: "* { content-visibility: visible !important }" });
  document.head.append(all);
  dispatchEvent(new Event("resize"));
  return document.documentElement.scrollHeight;
}"""
MEASURED = """() => [
  ...document.querySelectorAll("pre, .cell_output > .output:not(:has(.live))")
].every((e) => e.hasAttribute("tabindex")
  && (e.scrollWidth <= e.clientWidth || e.tabIndex === 0))"""
VIOLATIONS = """async (rules) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...rules });
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`));
}"""
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", ALL)
def test_axe_finds_nothing(page: Page, address: str) -> None:
    page.goto((BOOK / address).as_uri())
    height = page.evaluate(UNFOLD)
    page.set_viewport_size({"width": 1280, "height": height})  # boxes are measured when seen
    page.wait_for_function(MEASURED)
    page.add_script_tag(path=AXE)
    assert page.evaluate(VIOLATIONS, {}) == []
    # The page's elements are the same in the dark; only the colours differ.
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    assert page.evaluate(VIOLATIONS, COLOURS) == []


def test_axe_finds_nothing_in_what_opens_over_a_page(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 700}, reduced_motion="reduce")
    page.goto((BOOK / "chapters/07_recap.html").as_uri())
    page.add_script_tag(path=AXE)
    page.mouse.wheel(0, 3000)
    page.wait_for_function("scrollY > 500")
    assert page.evaluate(VIOLATIONS, {}) == []
    for opener, dialog in (
        (".primary-toggle", "#pst-primary-sidebar-modal"),
        (".secondary-toggle", "#pst-secondary-sidebar-modal"),
        (".search-button", "#pst-search-dialog"),
    ):
        page.click(f"{opener} >> visible=true")
        page.wait_for_selector(f"{dialog}[open]")
        assert page.evaluate(VIOLATIONS, {}) == []
        page.keyboard.press("Escape")
    page.close()


@live_pages
def test_a_figure_says_what_to_see_and_its_numbers_politely(page: Page, path: Path) -> None:
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    answered(page)
    for root in page.locator(".live[data-live]").all():
        assert root.locator('.live-picture[role="img"][aria-label]').count() == 1
        readout = root.locator(".live-readout")
        assert readout.get_attribute("aria-live") == "polite"
        if root.locator(".live-controls").count():
            assert re.search(r"\d|undefined|diverges", readout.text_content() or ""), path
        for slider in root.get_by_role("slider").all():
            label = page.locator(f'label[for="{slider.get_attribute("id")}"]')
            assert (label.text_content() or "").strip()
            value = slider.get_attribute("aria-valuetext")
            output = root.locator(f'output[for="{slider.get_attribute("id")}"]')
            assert value and value == output.text_content()


@pytest.mark.parametrize("address", ALL)
def test_every_equation_has_mathml_and_every_picture_words(address: str) -> None:
    page = (BOOK / address).read_text("utf-8")
    assert page.count('class="katex"') == page.count('<span class="katex-mathml"><math')
    article = page.partition("<article")[2].partition("</article>")[0]
    described = set()
    for image in re.findall(r'<img\b(?![^>]*class="toggler")[^>]*>', article):
        (drawing,) = re.findall(r'src="([^"#]*)', image)
        if 'alt=""' in image and "#svgView" in image:  # a further panel of the same drawing
            assert drawing in described, image
        else:
            assert re.search(r'alt="[^"]{20,}"', image), image
        described.add(drawing)


def test_focus_can_be_seen(page: Page) -> None:
    page.goto((BOOK / f"{name(LIVE[0])}.html").as_uri())
    answered(page)
    drawn = """() => {
      const style = getComputedStyle(document.activeElement);
      return [style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        || style.boxShadow !== "none", document.activeElement.outerHTML.slice(0, 120)];
    }"""
    unseen, controls = [], 0
    for _ in range(80):
        page.keyboard.press("Tab")
        seen, element = page.evaluate(drawn)
        controls += 'type="range"' in element
        if not seen and not element.startswith("<body"):
            unseen.append(element)
    assert controls
    assert unseen == []

"""Every page and figure looks right: on a wide screen and on phones, wherever its sliders are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.test_book import ALL, BOOK, live_pages, name

WIDTHS = (1280, 375, 320)
SMALLEST = 11  # pixels, of text in a picture

# What is wrong with a figure's texts, as it is now. Boxes of lines are higher than their letters.
LOOK = """(root) => {
  const found = [], side = document.documentElement.clientWidth;
  const texts = [...root.querySelectorAll(".live-picture svg text")].filter((t) =>
    t.textContent.trim() && getComputedStyle(t).visibility === "visible");
  const boxes = texts.map((t) => {
    const { a, b } = t.getScreenCTM(), size = parseFloat(getComputedStyle(t).fontSize) * Math.hypot(a, b);
    const { left, top, right, bottom } = t.getBoundingClientRect(), in_ = 0.18 * size;
    if (size < SMALLEST) found.push(`${size.toFixed(1)} px: ${t.textContent}`);
    if (left < -0.5 || right > side + 0.5) found.push(`beyond the page: ${t.textContent}`);
    return Math.abs(b) > 0.1 ? [left + in_, top, right - in_, bottom] : [left, top + in_, right, bottom - in_];
  });
  boxes.forEach((a, i) => boxes.slice(0, i).forEach((b, j) => {
    const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), high = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    if (wide > 1 && high > 1) found.push(`"${texts[i].textContent}" over "${texts[j].textContent}"`);
  }));
  return found;
}""".replace("SMALLEST", str(SMALLEST))

# The same with every slider at its lowest, first, middle and highest position, in turn.
LOOK_EVERYWHERE = """async (root) => {
  const look = LOOK, found = new Set(), drawn = () =>
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const note = async (where) => { await drawn(); look(root).forEach((what) => found.add(`${where}: ${what}`)); };
  await note("first");
  for (const control of root.querySelectorAll("input[type=range], select")) {
    const list = control.tagName === "SELECT", at = list ? "selectedIndex" : "value";
    const [low, high] = list ? [0, control.options.length - 1] : [+control.min, +control.max];
    const first = control[at], label = control.closest(".live-control").textContent;
    const go = (place) => { control[at] = place; control.dispatchEvent(new Event(list ? "change" : "input")); };
    for (const [where, place] of Object.entries({ low, middle: Math.round((low + high) / 2), high })) {
      go(place);
      await note(`${label} ${where}`);
    }
    go(first);
  }
  return [...found];
}""".replace("LOOK", LOOK)

LABELS = """(root) => [...root.querySelectorAll("input[type=range]")].flatMap((slider) => {
  const output = slider.closest(".live-control").querySelector("output"), first = slider.value, seen = new Map();
  for (let place = +slider.min; place <= +slider.max; place++) {
    slider.value = place;
    slider.dispatchEvent(new Event("input"));
    seen.set(output.value, [...(seen.get(output.value) ?? []), place]);
  }
  slider.value = first;
  slider.dispatchEvent(new Event("input"));
  return [...seen].filter(([, places]) => places.length > 1).map(([text, places]) => `${text} at ${places}`);
})"""

# Text that its own box cuts off, with no way to scroll to it; what only a screen reader reads, aside.
CUT = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e), own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return own && e.clientWidth > 1 && ["hidden", "clip"].includes(style.overflowX)
    && e.checkVisibility({ contentVisibilityAuto: false }) && e.scrollWidth > e.clientWidth + 1;
}).map((e) => e.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module", params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    yield page
    page.close()


@live_pages
def test_texts_of_a_picture_can_be_read_and_stand_apart(page: Page, path: Path) -> None:
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    page.wait_for_selector("html[data-live=ready]")
    found = {}
    for root in page.query_selector_all(".live[data-live]"):
        label = root.evaluate("(root) => root.closest('figure')?.id ?? 'a figure'")
        found[label] = root.evaluate(LOOK_EVERYWHERE)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        found[f"{label}, dark"] = root.evaluate(LOOK)
        page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert {label: what for label, what in found.items() if what} == {}


@pytest.mark.parametrize("address", ALL)
def test_nothing_is_cut_off_or_scrolls_the_page_sideways(page: Page, address: str) -> None:
    page.goto((BOOK / address).as_uri())
    assert page.evaluate(CUT) == []
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@live_pages
def test_every_position_of_a_slider_has_a_label_of_its_own(browser: Browser, path: Path) -> None:
    page = browser.new_page()
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    page.wait_for_selector("html[data-live=ready]")
    for root in page.query_selector_all(".live[data-live]"):
        assert root.evaluate(LABELS) == []
    page.close()

"""The built book in a real browser, opened from disk with the network refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from gdlib.live import Live, StateAt, depends_on_iteration
from tests.chapters import PAGES, ROOT, figures, name
from tests.live_page import answered, evaluated

BOOK = ROOT / "_build" / "html"
FILES = [path for path in BOOK.rglob("*.html") if "_static" not in path.parts]
ALL = sorted(path.relative_to(BOOK).as_posix() for path in FILES)
LIVE = [p for p in PAGES if 'data-live="' in (BOOK / f"{name(p)}.html").read_text(encoding="utf-8")]
live_pages = pytest.mark.parametrize("path", LIVE, ids=name)

# Presses a key on a control and waits for the frame in which the figure is drawn.
PRESS = """async ([root, index]) => {
  const control = root.querySelectorAll("input:not([type=text]), select")[index];
  const part = (name) => root.querySelector(name).innerHTML;
  const see = () => part(".live-picture") + part(".live-readout");
  const before = see();
  if (control.type === "checkbox") control.click();
  else if (control.tagName === "SELECT") {
    control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
    control.dispatchEvent(new Event("change"));
  } else {
    control.value = +control.value < control.max ? +control.value + 1 : +control.value - 1;
    control.dispatchEvent(new Event("input"));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return see() !== before;
}"""


class Watched:
    """A page, and what it asked of the network and wrote to the console."""

    def __init__(self, page: Page) -> None:
        self.page, self.requests, self.errors = page, [], []
        page.route(lambda url: not url.startswith(("file:", "data:", "blob:")), self._refuse)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def _refuse(self, route: Route) -> None:
        self.requests.append(route.request.url)
        route.abort()

    def open(self, address: str) -> Page:
        self.page.goto((BOOK / address).as_uri())
        return self.page


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page())
    context.close()


def open_live(watched: Watched, path: Path) -> Page:
    page = watched.open(f"{name(path)}.html")
    answered(page)
    return page


def test_there_is_a_book() -> None:
    assert "index.html" in ALL
    assert LIVE


@pytest.mark.parametrize("address", ALL)
def test_a_page_asks_nobody_and_logs_no_error(watched: Watched, address: str) -> None:
    page = watched.open(address)
    page.wait_for_load_state("networkidle")
    assert watched.requests == []
    assert watched.errors == []
    assert page.locator(".live-unknown").count() == 0


@live_pages
def test_every_control_moves_something(watched: Watched, path: Path) -> None:
    page = open_live(watched, path)
    for figure, root in enumerate(page.query_selector_all(".live[data-live]")):
        for index in range(len(root.query_selector_all("input:not([type=text]), select"))):
            assert page.evaluate(PRESS, [root, index]), f"figure {figure + 1}, control {index + 1}"
    assert watched.errors == []


@live_pages
def test_arrow_keys_move_the_slider_and_the_figure(watched: Watched, path: Path) -> None:
    page = open_live(watched, path)
    root = page.locator(".live[data-live]").first
    slider = root.locator("input[type=range]:visible").first
    value = slider.get_attribute("aria-valuetext")
    before = root.locator(".live-picture").inner_html()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "([root, before]) => root.querySelector('.live-picture').innerHTML !== before",
        arg=[root.element_handle(), before],
    )
    assert slider.get_attribute("aria-valuetext") != value


@live_pages
def test_some_control_of_a_figure_changes_its_readouts(watched: Watched, path: Path) -> None:
    page = open_live(watched, path)
    for root in page.query_selector_all(".live[data-live]:has(.live-readout p)"):
        before = root.query_selector(".live-readout").text_content()
        controls = root.query_selector_all("input:not([type=text]), select")
        for index in range(len(controls)):
            page.evaluate(PRESS, [root, index])
        assert not controls or root.query_selector(".live-readout").text_content() != before


@live_pages
def test_without_javascript_every_figure_is_there(browser: Browser, path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((BOOK / f"{name(path)}.html").as_uri())
    pictures = page.locator(".live[data-live] .live-picture")
    assert pictures.count() == len(figures(path))
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box and box["width"] > 200 and box["height"] > 100
        assert len(picture.get_attribute("aria-label") or "") > 40
    context.close()


@live_pages
def test_nothing_scrolls_sideways_on_a_phone(watched: Watched, path: Path) -> None:
    watched.page.set_viewport_size({"width": 375, "height": 700})
    page = open_live(watched, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    heights = page.eval_on_selector_all(
        ".live[data-live] :not([hidden]) > * > input[type=range]",
        "all => all.map((e) => e.getBoundingClientRect().height)",
    )
    assert min(heights) >= 44


@live_pages
def test_python_and_the_browser_compute_the_same_numbers(watched: Watched, path: Path) -> None:
    page = open_live(watched, path)
    roots = page.query_selector_all(".live[data-live]")
    shown = figures(path)
    assert len(roots) == len(shown)
    for root, figure in zip(roots, shown, strict=True):
        positions = slider_positions(figure)
        compare(figure, positions, evaluated(root, positions))


def heavy(figure: Live) -> bool:
    """Whether one evaluation in Python retrains a network, which takes a second or so."""
    bound = [e for b in figure._bindings for group in b.properties.values() for e in group]
    states = set().union(*(e.atoms(StateAt) for e in bound))
    return any(len(node.component.iterated.state) > 10 for node in states)


def slider_positions(figure: Live) -> np.ndarray:
    """Return 200 seeded positions inside the controls' ranges (20 where a network is trained)."""
    rng = np.random.default_rng(2)
    number = 20 if heavy(figure) else 200
    if not figure.symbols:
        return np.zeros((1, 0))
    return np.column_stack([_sample(rng, figure, s, number) for s in figure.symbols])


def _sample(rng: np.random.Generator, figure: Live, symbol: Any, number: int) -> np.ndarray:
    control = figure._readers[symbol][-1]
    kind = type(control).__name__
    if kind == "FloatLogSlider":
        return control.base ** rng.uniform(control.min, control.max, number)
    if kind in ("IntSlider", "Play"):
        return rng.integers(control.min, control.max + 1, number).astype(float)
    if kind == "Checkbox":
        return rng.integers(0, 2, number).astype(float)
    if kind == "Dropdown":
        values = [o[1] if isinstance(o, tuple) else o for o in control.options]
        return rng.choice(np.array(values, float), number)
    return rng.uniform(control.min, control.max, number)


def compare(figure: Live, positions: np.ndarray, found: list[Any]) -> None:
    """Compare the browser's numbers with Python's, to 1e-9 of the axis.

    Where a change of one part in 10^13 moves an iterated path by more than that, as on its way to
    infinity, two correct machines differ: what depends on an iteration is not compared there.
    """
    kinds = [_scale_and_iteration(b) for b in figure._bindings]
    said = [sum((s.expressions for s in r.sentences), (r.which,)) for r in figure._readouts]
    said += [(shade.above,) for shade in figure._shades]
    kinds += [({}, any(map(depends_on_iteration, expressions))) for expressions in said]
    compared = np.zeros(len(kinds), int)
    for position, browser in zip(positions, found, strict=True):
        here = dict(zip(figure.symbols, position, strict=True))
        python = figure.evaluate(here)
        calm = None  # found only where something differs, as it costs a second evaluation
        for i, (spans, iterated) in enumerate(kinds):
            for key, value in browser[i].items():
                off = _difference(value, python[i][key], spans.get(key))
                if off > 1 and iterated and calm is None:
                    calm = _is_calm(figure, here, python, kinds)
                if off > 1 and iterated and not calm:
                    break
                assert off <= 1, f"binding {i}, {key}, at {here}: {off:.1e} times too far off"
            else:
                compared[i] += 1
    assert (compared >= len(positions) // 4).all(), compared


def _is_calm(figure: Live, here: dict[Any, float], python: list[Any], kinds: list[Any]) -> bool:
    """Whether what depends on an iteration stays where it is when the controls hardly move."""
    nearby = figure.evaluate({s: v * (1 + 1e-13) for s, v in here.items()})
    return all(
        _difference(near[key], ours[key], spans.get(key), far=0.0) <= 1
        for (spans, iterated), ours, near in zip(kinds, python, nearby, strict=True)
        if iterated
        for key in ours
        if key not in ("text", "html")
    )


def _scale_and_iteration(binding: Any) -> tuple[dict[str, float], bool]:
    """Return the spans of the axes a binding is drawn in, and whether it follows an iteration."""
    ax = binding.artist.axes
    linear = {"x": ax.get_xscale() == "linear", "y": ax.get_yscale() == "linear"}
    spans = {"x": np.ptp(ax.get_xlim()), "y": np.ptp(ax.get_ylim())}
    expressions = [e for group in binding.properties.values() for e in group]
    expressions += binding.text.expressions if binding.text else ()
    expressions += [] if binding.visible is None else [binding.visible]
    iterated = binding.iterated is not None or any(map(depends_on_iteration, expressions))
    by_property = {"x": "x", "y": "y", "y2": "y", "dx": "x", "dy": "y"}
    return {k: spans[v] for k, v in by_property.items() if linear[v]}, iterated


def _difference(actual: Any, expected: Any, span: float | None, far: float = 1.0) -> float:
    """Return the largest difference in units of what is allowed; infinite if one is NaN.

    `far` says how much more a number far outside its axis may differ.
    """
    actual, expected = np.ravel(np.asarray(actual, float)), np.ravel(np.asarray(expected, float))
    if actual.shape != expected.shape:
        return np.inf
    with np.errstate(invalid="ignore", over="ignore"):
        allowed = 1e-9 * np.maximum(1.0 if span is None else span, far * np.abs(expected))
        off = np.abs(actual - expected) / allowed
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    return float(np.where(same, 0.0, np.where(np.isnan(off), np.inf, off)).max(initial=0.0))


@live_pages
def test_on_a_phone_the_figure_stays_in_view_while_its_sliders_are_reached(
    watched: Watched, path: Path
) -> None:
    watched.page.set_viewport_size({"width": 375, "height": 700})
    page = open_live(watched, path)
    for root in page.locator(".live[data-live]:has(input[type=range])").all():
        root.locator("input[type=range]").last.evaluate("e => e.scrollIntoView({block: 'end'})")
        picture = root.locator("svg").first.bounding_box()
        assert picture and picture["y"] + picture["height"] > 200

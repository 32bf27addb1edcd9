"""The live engine in a real browser: Python's numbers, the painted SVG, and the controls."""

from __future__ import annotations

import math
import re
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.patches import FancyArrowPatch

from downhill import node
from gdlib import symbolic
from gdlib.live import (
    Checkbox,
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntProgress,
    IntSlider,
    Live,
    Play,
    Program,
    Slot,
    VBox,
    evaluate,
    iterate,
    mean,
    number,
    opaque,
    pack,
)
from tests.chapters import ROOT
from tests.live_page import LIVE, drawn, evaluated, html

POSITIONS = 200
w, eta, x, v, t = sp.symbols("w eta x v t", real=True)
XS = np.linspace(-3, 3, 25)
DATA = {x: np.linspace(-2, 2, 30), v: np.cos(np.arange(30.0))}

F = opaque("F", [v], sp.tanh(v) + v**2 / 5)

# What the printer supports, each as a function of a grid's x and a slider's w.
FUNCTIONS = {
    "polynomial": 3 * x**5 - w * x**4 + x**3 / 7 - x**2 + 2,
    "negative powers": x**-1 + x**-2 + w * x**-3 + x**-7,
    "rational powers": x ** sp.Rational(2, 3) + sp.sqrt(x * w) + x ** sp.Rational(-1, 2),
    "cube root": sp.cbrt(x) + sp.cbrt(w),
    "symbolic power": (x**2 + 1) ** w,
    "power of a number": sp.Rational(1, 2) ** x + 3 ** (w * x),
    "Piecewise": sp.Piecewise((x**2, x < w), (w, x < 1), (-x, True)),
    "Piecewise with a gap": sp.Piecewise((x, x > w), (2, x < -1)),
    "And Or Not": sp.Piecewise((1, (x > w) & (x < 1)), (2, (x > 2) | ~(w > 0)), (3, True)),
    "Eq Ne": sp.Piecewise((1, sp.Eq(x, 0)), (w, sp.Ne(x, 1)), (3, True)),
    "ITE": sp.Piecewise((1, sp.ITE(x > 0, w > 0, w < 1)), (0, True)),
    "Abs": sp.Abs(x * w),
    "sign": sp.sign(x) + sp.sign(w),
    "Max": sp.Max(x, w, 0),
    "Min": sp.Min(x, w, x**2),
    "Heaviside": sp.Heaviside(x) + sp.Heaviside(w - x, 0),
    "exp": sp.exp(-x * w) + sp.exp(x**2),
    "overflow": sp.exp(500 * x),
    "log": sp.log(x) + sp.log(w**2),
    "log to a base": sp.log(x**2, 2),
    "sqrt": sp.sqrt(x) + sp.sqrt(w),
    "sin cos tan": sp.sin(x) * sp.cos(w * x) + sp.tan(x / 3),
    "sec csc cot": sp.sec(x) + sp.csc(w + 4) + sp.cot(w + 4),
    "asin acos atan": sp.asin(x / 2) + sp.acos(x / 3) + sp.atan(x * w),
    "atan2": sp.atan2(x, w) + sp.atan2(w, x),
    "sinh cosh tanh": sp.sinh(x) + sp.cosh(w) * sp.tanh(x * w),
    "asinh acosh atanh": sp.asinh(x) + sp.acosh(x) + sp.atanh(x / 3),
    "floor ceiling": sp.floor(x * w) + sp.ceiling(x + w),
    "frac Mod": sp.frac(x * w) + sp.Mod(x, 2) + sp.Mod(w, sp.Rational(3, 4)),
    "sinc": sp.sinc(x * w),
    "constants": sp.pi * x + sp.E * w + sp.GoldenRatio + sp.EulerGamma + sp.Catalan,
    "large and small numbers": 10**30 * x + sp.Rational(1, 3**40) * w + sp.Float("1e-17"),
    "infinity and nan": sp.Piecewise((sp.oo, x > 1), (-sp.oo, x < -1), (sp.nan, x < 0), (w, True)),
    "poles": 1 / x + 1 / (x - 1) ** 2,
    "an opaque function": F(x * w) + F(x).diff(x) * F(F(w)) - F(x**2).diff(x, 2),
    "derivative of Abs and Max": sp.diff(sp.Abs(x) + sp.Max(x, w), x),
}


# -- a page ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page_of(browser, tmp_path_factory):
    """Open live figures and widgets as a page from disk, without any network.

    Afterwards no page may have requested anything, or logged an error on its console.
    """
    folder, pages, troubles = tmp_path_factory.mktemp("live"), [], []

    def open_page(*shown, **context):
        file = folder / f"{len(pages)}.html"
        file.write_text(html(*shown), encoding="utf-8")
        page = browser.new_context(offline=True, **context).new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda r: troubles.append(r.url) if r.url.startswith("http") else None)
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def engine(browser):
    """An empty page with the engine's modules, as they are before they are bundled."""
    page = browser.new_page()

    def serve(route):
        name = route.request.url.rpartition("/")[2]
        folder = LIVE / "js" if name.endswith(".js") else LIVE.parent  # the spellings are beside it
        body = (folder / name).read_text(encoding="utf-8") if name else "<!doctype html>"
        kind = {"js": "text/javascript", "json": "application/json"}.get(name.rpartition(".")[2])
        route.fulfill(body=body, content_type=kind or "text/html")

    page.route("http://engine/**", serve)
    page.goto("http://engine/")
    page.evaluate(
        """async () => {
          const modules = ["/widget.js", "/figure.js", "/numbers.js"];
          window.live = Object.assign({}, ...await Promise.all(modules.map((m) => import(m))));
        }"""
    )
    yield page
    page.close()


@pytest.fixture(autouse=True)
def forget_widgets():
    """A page saves the state of all existing widgets, so those of other tests are closed first."""
    widgets.Widget.close_all()
    yield
    plt.close("all")


def axes(**limits):
    _, ax = plt.subplots(figsize=(4, 3))
    ax.set(**{"xlim": (-3, 3), "ylim": (-3, 9), **limits})
    return ax


def slider(value=1.0, low=-3.0, high=3.0, **rest):
    return FloatSlider(min=low, max=high, value=value, **rest)


def group(page, live, binding=0, member=0):
    return page.locator(f'[id="{live._prefix}-b{binding}-{member}"]')


# -- Python and the browser compute the same -----------------------------------------------


def random_positions(live, ranges):
    rng = np.random.default_rng(0)
    drawn = [rng.uniform(*ranges.get(s, (-3, 3)), POSITIONS) for s in live.symbols]
    return np.column_stack(drawn)


def agree(page, live, ranges=None, root=None):
    """Compare every value of every binding and readout at 200 random positions.

    A value within the axes may differ by 1e-9 of their span, one beyond them by 1e-9 of itself.
    """
    positions = random_positions(live, ranges or {})
    found = evaluated(root or page.query_selector(".live"), positions)
    spans = [np.diff(ax.get_ylim())[0] for ax in live.fig.axes]
    compared = 0
    for position, results in zip(positions, found, strict=True):
        expected = live.evaluate(dict(zip(live.symbols, position, strict=True)))
        assert len(results) == len(expected)
        for theirs, ours in zip(results, expected, strict=True):
            for name in set(ours) - {"text", "html"}:
                np.testing.assert_allclose(
                    np.ravel(theirs[name]),
                    np.ravel(ours[name]),
                    rtol=1e-9,
                    atol=1e-9 * min(spans),
                    err_msg=f"{name} at {position}",
                )
                compared += np.size(ours[name])
    assert compared >= POSITIONS


@pytest.fixture(scope="module")
def functions(page_of):
    """A page with a figure for each function: the figures by name, and their places."""
    figures = {}
    for name, function in FUNCTIONS.items():
        ax = axes()
        live = figures[name] = Live(ax.figure, {w: slider()}, alt=name)
        (line,) = ax.plot([], [])
        live.bind(line, over={x: XS}, x=x, y=function)
        live.readout("{:.3f}", function.subs(x, w / 2))
    page = page_of(*figures.values())
    return page, figures, page.query_selector_all(".live")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_agrees_on_a_grid_and_as_a_number(functions, name):
    page, figures, roots = functions
    agree(page, figures[name], root=roots[list(figures).index(name)])


def test_every_kind_of_artist_agrees(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(), eta: slider()}, alt="Every kind")
    (line,), (points,), (band,) = ax.plot([], []), ax.plot([], [], "o"), ax.fill([0, 1], [0, 1])
    arrow = ax.add_patch(FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=9))
    image = ax.imshow(np.zeros((2, 2)), extent=(-3, 3, -3, 9), vmin=0, vmax=1, aspect="auto")
    bars = ax.bar([0, 1, 2], [1, 1, 1])
    live.bind(line, over={(x, v): (XS, XS**2)}, x=x * w, y=v + sp.exp(eta))
    live.bind(points, x=(0, w, sp.sqrt(eta)), y=(w, sp.log(w), 1))
    live.bind(band, over={x: XS}, x=x, y=sp.sin(x * w), y2=sp.cos(x * eta))
    live.bind(arrow, x=w, y=0, dx=sp.cos(eta), dy=sp.sin(eta), visible=w * eta > 0)
    value = sp.Piecewise((1, (x > w) & (v > eta)), (sp.tanh(x * v), True))
    live.bind(image, over={x: XS, v: XS[:7]}, value=value)
    live.bind(bars, height=[sp.exp(k * w) for k in range(3)], x=w)
    live.bind(ax.text(0, 0, ""), x=w, y=eta, text=("{:.2f}, {:.2f}", w * eta, sp.sqrt(w)))
    agree(page_of(live), live)


def test_log_axes_agree(page_of):
    ax = axes(xscale="log", yscale="log", xlim=(1e-6, 1), ylim=(1e-12, 10))
    live = Live(ax.figure, {w: FloatLogSlider(min=-3, max=0, value=0.1)}, alt="An error")
    (line,), (dot,) = ax.plot([], []), ax.plot([], [], "o")
    live.bind(line, over={x: np.logspace(-6, 0, 40)}, x=x, y=x**2 * w + 1e-12 / x)
    live.bind(dot, x=w, y=w**2)
    agree(page_of(live), live, {w: (1e-3, 1)})


def test_means_over_data_agree(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(), eta: slider()}, alt="A loss")
    (line,), (dot,) = ax.plot([], []), ax.plot([], [], "o")
    loss = mean((w * x + eta - v) ** 2, DATA)
    live.bind(line, over={t: XS}, x=t, y=mean((t * x + eta - v) ** 2, DATA))
    live.bind(dot, x=w, y=sp.sqrt(loss))
    within = mean(sp.exp(w * x), {x: DATA[x]})
    live.readout("{:f} {:f}", sp.diff(loss, w), sp.diff(loss, eta))
    live.readout("{:f}", mean((x - within) ** 2, {x: DATA[x]}))
    live.readout("{:f}", mean(v * mean(x * w, {x: np.arange(7.0)}), {v: DATA[v]}))
    agree(page_of(live), live)


def test_an_image_of_a_loss_over_data_agrees(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider()}, alt="A landscape")
    image = ax.imshow(np.zeros((2, 2)), extent=(-3, 3, -3, 9), vmin=0, vmax=9, aspect="auto")
    a, b = sp.symbols("a b", real=True)
    residual = sp.exp(w) * a * x + sp.sin(b * w) - v
    live.bind(image, over={a: XS[:9], b: XS[:5]}, value=mean(residual**2, DATA) + sp.cos(a * w))
    agree(page_of(live), live)


def test_iterations_agree_where_they_are_stable(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(), eta: slider(0.1), t: slider()}, alt="Descent")
    (trail,), (dot,), (fan,) = ax.plot([], []), ax.plot([], [], "o"), ax.plot([], [])
    loss = mean((w * x - v) ** 2, DATA) + w**4 / 20
    descent = iterate({w: w - eta * sp.diff(loss, w)}, steps=25)
    momentum = iterate({w: w + v, v: v / 2 - eta * w}, steps=10, start={v: 0})
    later = iterate({t: t / 2 + descent.last(w)}, steps=4)
    live.bind(trail, x=descent[w], y=descent[loss])
    live.bind(dot, x=descent.at(5 * t, w), y=momentum.last(w**2))
    live.bind(fan, over={x: XS}, x=x, y=descent.at(4 * x, w) + x * descent.last(w))
    live.readout("{:f} {:f}", later.last(t), mean(x * momentum.at(2, w), {x: DATA[x]}))
    live.readout("{:f} {:f}", momentum.at(sp.sqrt(t), v), descent.at(momentum.last(w), w))
    agree(page_of(live), live, {eta: (0.01, 0.1)})


def test_what_is_put_in_last_agrees_too(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(), eta: slider(0.1), t: slider()}, alt="Descent")
    (trail,), (wave,) = ax.plot([], []), ax.plot([], [], "o")
    # A choice by the slider t is inside the function, and its data are a mean.
    inner = sp.Piecewise((v**2, t < 0), (sp.cos(v), True)) + mean((v - x) ** 2, {x: DATA[x]})
    loss = opaque("L", [v], inner)
    descent = iterate({w: w - eta * loss(w).diff(w)}, steps=12)
    live.bind(trail, x=descent[w], y=descent[loss(w)])
    live.bind(wave, over={x: XS}, x=x, y=loss(x * w) - loss(x).diff(x))
    live.readout("{:f} {:f}", descent.last(loss(w)), loss(w - eta * loss(w).diff(w)))
    agree(page_of(live), live, {eta: (0.01, 0.1)})


def test_a_small_network_trained_in_the_page_agrees(page_of):
    rng = np.random.default_rng(0)
    net = symbolic.network([2, 3, 3])
    y = rng.integers(3, size=12)
    columns = [*rng.normal(size=(2, 12)), *np.eye(3)[y].T]
    data = dict(zip([*net.inputs, *net.labels], columns, strict=True))
    gradients = {p: mean(sp.diff(net.loss, p), data) for p in net.parameters}
    update = {p: p - eta * g for p, g in gradients.items()}
    start = {p: w * rng.normal() for p in net.parameters}
    trained = iterate(update, steps=3, start=start)
    ax = axes()
    live = Live(ax.figure, {w: slider(), eta: slider(0.5, 0, 1)}, alt="Training")
    (curve,) = ax.plot([], [])
    live.bind(curve, x=trained[net.parameters[0]], y=trained[mean(net.loss, data)])
    live.readout("{:f}", trained.last(mean(net.prediction[0], data)))
    agree(page_of(live), live, {eta: (0, 1)})


# -- property: any expression ---------------------------------------------------------------

UNARY = [sp.exp, sp.log, sp.sqrt, sp.sin, sp.cos, sp.tan, sp.tanh, sp.atan, sp.Abs, sp.sign]
UNARY += [sp.sinh, sp.cosh, sp.asinh, sp.floor, sp.ceiling, sp.cbrt, sp.Heaviside]
BINARY = [sp.Add, sp.Mul, lambda a, b: a - b, lambda a, b: a / b, sp.Max, sp.Min, sp.atan2]
BINARY += [lambda a, b: sp.Piecewise((a, a < b), (b + 1, True))]
LEAVES = [w, eta, sp.Integer(2), sp.Rational(-1, 3), sp.Float(0.7), sp.pi]


def combine(function, *arguments):
    """Apply a function; what SymPy itself finds complex or infinite is replaced by w."""
    try:
        value = function(*arguments)
    except (ValueError, TypeError):
        return w
    proper = value.is_real is not False and not value.has(sp.I, sp.zoo, sp.oo, -sp.oo, sp.nan)
    return value if proper else w


expressions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(combine, st.sampled_from(UNARY), inner),
        st.builds(combine, st.sampled_from(BINARY), inner, inner),
        st.builds(lambda a, n: combine(sp.Pow, a, n), inner, st.sampled_from([-2, -1, 2, 3, 5])),
    ),
    max_leaves=6,
)
PLACES = np.random.default_rng(1).uniform(-3, 3, (8, 2))


@cache
def compiled() -> str:
    """The engine's program.js with what it imports, as a script that returns `compile`."""
    arguments = ["--bundle", "--format=iife", "--global-name=engine", str(LIVE / "js/program.js")]
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    return node.run("node", str(esbuild), *arguments, cwd=ROOT) + ";return engine.compile"


@settings(
    max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(expressions)
def test_any_expression_agrees_wherever_rounding_does_not_decide(engine, expression):
    program = Program([w, eta])
    codes = program.scalars([expression, expression**2])
    found = engine.evaluate(
        """([module, code, places]) => {
          const compile = new Function(module)();
          return places.map(compile({ program: code, columns: [], grids: [] }));
        }""",
        [compiled(), program.source(f"[{','.join(codes)}]"), PLACES.tolist()],
    )
    for place, theirs in zip(PLACES, found, strict=True):
        nearby = [place, place * (1 + 1e-13), place * (1 - 1e-13)]
        ours, up, down = (
            np.ravel(evaluate([expression, expression**2], {w: p[0], eta: p[1]})) for p in nearby
        )
        # Where the last digit of a slider decides, two correct machines differ.
        steady = np.isclose(up, down, rtol=1e-10, atol=1e-12, equal_nan=True)
        theirs = np.array(theirs, dtype=float)
        np.testing.assert_allclose(theirs[steady], ours[steady], rtol=1e-9, atol=1e-12)


# -- numbers as text -------------------------------------------------------------------------


def test_numbers_are_written_alike(engine):
    rng = np.random.default_rng(0)
    numbers = [0.0, -0.0, 0.125, 0.375, -0.125, 2.5, 3.5, 0.5, 1.5, 1e15, 1e21, 1e-7, 999.5, 9.5]
    numbers += [99999.5, 0.00099995, 1.005, 2.675, 1e300, 5e-324, math.nan, math.inf, -math.inf]
    numbers += [*rng.normal(size=300), *(rng.normal(size=300) * 10.0 ** rng.integers(-20, 20, 300))]
    numbers += [*(rng.integers(-4000, 4000, 300) / 64)]
    slots = [
        Slot(plus, comma, digits, kind, "undefined here")
        for kind in "feg"
        for digits in (0, 1, 2, 3, 6)
        for plus in (False, True)
        for comma in (False, True)
    ]
    specs = [[s.type, s.digits, int(s.plus), int(s.comma), s.word] for s in slots]
    found = engine.evaluate(
        "([specs, numbers]) => specs.map((s) => numbers.map((n) => live.number(s, n)))",
        [specs, [float(n) for n in numbers]],
    )
    for slot, texts in zip(slots, found, strict=True):
        expected = [number(slot, float(n)) for n in numbers]
        assert texts == expected, slot


def test_grids_are_unpacked_to_the_very_same_numbers(engine):
    grids = [XS, np.linspace(0, 1, 1001), np.linspace(7, -1, 33), np.logspace(-3, 0, 9), np.ones(4)]
    program = Program([w])
    for i, grid in enumerate(grids):
        assert program._grid(grid) == i
    found = engine.evaluate(
        """(grids) => {
          const spec = { program: "return G;", columns: [], grids, choices: [], items: [] };
          return live.mount(document.body, spec, () => 0).evaluate([]).map((g) => [...g]);
        }""",
        [pack(g) for g in grids],
    )
    assert found == [g.tolist() for g in grids]


# -- what moves is painted ------------------------------------------------------------------


def press(page, key="ArrowRight", control="input[type=range]", times=1, number=0):
    target = page.locator(control).nth(number)
    target.focus()
    for _ in range(times):
        target.press(key)
    drawn(page)


def readout(page, number=0):
    return page.locator(".live-readout p").nth(number).text_content()


def dot_figure(y=None, **limits):
    """A dot at (w, y), with a readout of y; w goes from -3 to 3 in steps of 0.5."""
    y = w**2 / 2 if y is None else y
    ax = axes(**limits)
    live = Live(ax.figure, {w: slider(step=0.5)}, alt="A dot")
    (dot,) = ax.plot([], [], "o")
    return live.bind(dot, x=w, y=y).readout("y = {:.3f}", y)


def marker_at(page, live, binding=0):
    use = group(page, live, binding).locator("use").first
    return float(use.get_attribute("x")), float(use.get_attribute("y"))


def in_svg(live, point, number=0):
    """Where Matplotlib puts a point of the data in the SVG."""
    ax = live.fig.axes[number]
    px, py = ax.transData.transform(point) * 72 / live.fig.dpi
    return pytest.approx((px, live.fig.get_figheight() * 72 - py), abs=0.011)


def test_a_key_moves_the_marker_to_where_matplotlib_would_draw_it(page_of):
    live = dot_figure()
    page = page_of(live)
    assert marker_at(page, live) == in_svg(live, (1, 0.5))
    press(page)
    assert marker_at(page, live) == in_svg(live, (1.5, 1.125))
    assert readout(page) == "y = 1.125"


def test_the_mouse_moves_it_too(page_of):
    live = dot_figure()
    page = page_of(live)
    box = page.locator("input[type=range]").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    drawn(page)
    assert marker_at(page, live) == in_svg(live, (3, 4.5))


def test_log_axes_are_painted_as_matplotlib_draws_them(page_of):
    live = dot_figure(y=10**w, xlim=(-3, 3), yscale="log", ylim=(1e-3, 1e3))
    page = page_of(live)
    press(page, times=2)
    assert marker_at(page, live) == in_svg(live, (2, 100))


def test_axes_that_run_backwards_are_painted_so(page_of):
    live = dot_figure(xlim=(3, -3))
    page = page_of(live)
    press(page)
    assert marker_at(page, live) == in_svg(live, (1.5, 1.125))


def test_every_kind_is_painted_as_matplotlib_draws_the_next_frame(page_of):
    """Moved in the browser to w = 2, the paths are those of a figure that starts there."""

    def figure(start):
        ax = axes()
        live = Live(ax.figure, {w: slider(start, step=0.5)}, alt="Every kind")
        arrow = ax.add_patch(FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=9))
        live.bind(ax.plot([], [], ".-")[0], over={x: XS}, x=x, y=w * x / 3 + x**2 / 2)
        live.bind(ax.bar([0, 1], [1, 2]), height=(w, w + 1))
        live.bind(ax.fill([0, 1, 1], [0, 0, 1])[0], over={x: XS}, x=x, y=0, y2=w)
        live.bind(ax.text(0, 0, "", ha="center"), x=w, y=w, text=("{:+.1f}", w))
        live.bind(ax.text(1, 1, "up", rotation=30, rotation_mode="anchor"), y=w)
        live.bind(arrow, x=0, y=0, dx=w, dy=w)
        return live

    def shapes(page, live, binding, member=0):
        return page.evaluate(
            """(g) => [...g.querySelectorAll("path, use, text")].map((e) => [e.textContent,
              ["d", "x", "y", "transform"].map((k) => e.getAttribute(k) ?? "").join(" ")])""",
            group(page, live, binding, member).element_handle(),
        )

    moved, fresh = figure(1.0), figure(2.0)
    page = page_of(moved, fresh)
    press(page, times=2)
    for binding in range(5):
        for (text, got), (wanted_text, wanted) in zip(
            shapes(page, moved, binding), shapes(page, fresh, binding), strict=True
        ):
            found, expected = (
                [float(n) for n in re.findall(r"-?[\d.]+", s)] for s in (got, wanted)
            )
            assert text == wanted_text
            assert found[: len(expected)] == pytest.approx(expected, abs=0.03)
    (_, shaft), (_, head) = shapes(page, moved, 5)
    tip = re.findall(r"L([-\d.]+) ([-\d.]+)L", head)[0]
    assert tuple(map(float, tip)) == in_svg(moved, (2, 2))
    tail = re.findall(r"M([-\d.]+) ([-\d.]+)L", shaft)[0]
    assert tuple(map(float, tail)) == in_svg(moved, (0, 0))


def test_an_image_is_painted_with_the_pixels_that_python_draws(page_of):
    def figure(start):
        ax = axes()
        live = Live(ax.figure, {w: slider(start, step=0.5)}, alt="An image")
        image = ax.imshow(
            np.zeros((2, 2)), extent=(-3, 3, -3, 9), vmin=-2, vmax=2, aspect="auto", alpha=0.5
        )
        value = sp.Piecewise((sp.nan, v > 2), (x * w + v / 3, True))
        return live.bind(image, over={x: XS, v: XS[:8]}, value=value)

    moved, fresh = figure(1.0), figure(2.0)
    page = page_of(moved, fresh)
    press(page, times=2)
    pixels = [
        page.evaluate(
            """async (image) => {
              const picture = new Image();
              picture.src = image.getAttribute("href");
              await picture.decode();
              const canvas = new OffscreenCanvas(picture.width, picture.height);
              const context = canvas.getContext("2d");
              context.drawImage(picture, 0, 0);
              return [...context.getImageData(0, 0, picture.width, picture.height).data];
            }""",
            group(page, live).locator("image").element_handle(),
        )
        for live in (moved, fresh)
    ]
    assert len(pixels[0]) == 4 * XS.size * 8
    np.testing.assert_allclose(*pixels, atol=2)  # a canvas keeps colours multiplied by alpha


def test_what_becomes_undefined_hides_and_comes_back(page_of):
    live = dot_figure(y=sp.sqrt(w - 1))
    page = page_of(live)
    assert group(page, live).get_attribute("visibility") is None
    press(page, "ArrowLeft")
    assert group(page, live).get_attribute("visibility") == "hidden"
    assert readout(page) == "y = undefined here"
    press(page, "ArrowRight", times=2)
    assert group(page, live).get_attribute("visibility") is None
    assert marker_at(page, live) == in_svg(live, (1.5, 0.5**0.5))
    assert readout(page) == "y = 0.707"


def test_what_was_undefined_at_first_comes_forward_complete(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(-1, step=1)}, alt="Roots")
    y = sp.sqrt(w)
    live.bind(ax.plot([], [], ".-")[0], x=(0, w), y=(0, y))
    live.bind(ax.bar([0, 1], [1, 1]), height=(y, 1))
    live.bind(ax.text(0, 0, "root"), x=w, y=y)
    arrow = ax.add_patch(FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=9))
    live.bind(arrow, x=0, y=0, dx=w + 1, dy=0)
    page = page_of(live)
    press(page, times=3)
    for binding in range(4):
        assert group(page, live, binding).get_attribute("visibility") is None
    assert group(page, live, 2).locator("text").text_content() == "root"
    assert group(page, live, 0).locator("use").count() == 2


def test_an_iteration_that_explodes_says_that_it_diverges(page_of):
    descent = iterate({w: w - w**3}, steps=40)
    live = dot_figure(y=descent.last(w))
    page = page_of(live)
    press(page, "End")
    assert readout(page) == "y = diverges"
    assert group(page, live).get_attribute("visibility") == "hidden"
    press(page, "ArrowLeft", times=4)
    assert readout(page) == "y = 0.000"


def test_a_condition_hides_and_shows(page_of):
    ax = axes()
    live = Live(ax.figure, {w: slider(step=0.5), t: Checkbox(value=True)}, alt="A dot")
    live.bind(ax.plot([], [], "o")[0], x=w, y=1, visible=(w > 0) & (t > 0))
    page = page_of(live)
    page.locator("input[type=checkbox]").click()
    drawn(page)
    assert group(page, live).get_attribute("visibility") == "hidden"
    page.locator("input[type=checkbox]").click()
    drawn(page)
    assert group(page, live).get_attribute("visibility") is None


# -- the controls ---------------------------------------------------------------------------


def number_figure(symbol, control):
    ax = axes()
    return Live(ax.figure, {symbol: control}, alt="A number").readout("{:.4g}", symbol)


@pytest.mark.parametrize(
    ("kind", "settings", "after"),
    [
        (FloatSlider, {"min": 0, "max": 1, "value": 0.3, "step": 0.1}, "0.4"),
        (FloatSlider, {"min": 0, "max": 1, "value": 0.25}, "0.255"),
        (IntSlider, {"min": 0, "max": 10, "value": 4}, "5"),
        (IntSlider, {"min": 0, "max": 10, "value": 4, "step": 2}, "6"),
        (FloatLogSlider, {"min": -3, "max": 1, "value": 0.1, "step": 0.5}, "0.3162"),
        (FloatLogSlider, {"min": 0, "max": 8, "value": 4, "step": 1, "base": 2}, "8"),
    ],
)
def test_an_arrow_key_moves_a_slider_by_exactly_one_step(page_of, kind, settings, after):
    page = page_of(number_figure(w, kind(**settings)))
    before = readout(page)
    press(page)
    assert readout(page) == after
    press(page, "ArrowLeft")
    assert readout(page) == before


def test_a_slider_reaches_both_its_ends_exactly(page_of):
    page = page_of(number_figure(w, slider(0.5, 0.1, 1, step=0.4)))
    press(page, "End")
    assert readout(page) == "1"
    press(page, "Home")
    assert readout(page) == "0.1"


def test_a_dropdown_stands_for_its_numbers(page_of):
    options = [("two and a half", 2.5), ("a hundred", 100.0)]
    page = page_of(number_figure(w, Dropdown(options=options, value=100.0)))
    assert readout(page) == "100"
    page.locator("select").select_option("two and a half")
    drawn(page)
    assert readout(page) == "2.5"


def test_a_checkbox_is_one_or_zero(page_of):
    page = page_of(number_figure(w, Checkbox(value=False)))
    page.locator("input[type=checkbox]").press("Space")
    drawn(page)
    assert readout(page) == "1"


def test_play_plays_to_the_end_stops_and_plays_again(page_of):
    box = HBox([Play(min=0, max=3, interval=20), IntSlider(min=0, max=3, value=0)])
    page = page_of(number_figure(w, box))
    button = page.get_by_role("button", name="Play")
    for _ in range(2):
        button.click()
        page.wait_for_function("document.querySelector('.live-readout p').textContent === '3'")
        button.wait_for()
        assert page.locator("input[type=range]").input_value() == "3"


def test_play_pauses_where_it_is(page_of):
    # Long enough not to end before the test has clicked.
    box = HBox([Play(min=0, max=10**6, interval=20), IntSlider(min=0, max=10**6, value=0)])
    page = page_of(number_figure(w, box))
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    assert int(page.locator("input[type=range]").input_value()) < 10**6


def test_play_repeats_where_it_is_told_to(page_of):
    play = Play(min=0, max=2, interval=20, repeat=True)
    page = page_of(number_figure(w, HBox([play, IntSlider(min=0, max=2, value=1)])))
    page.get_by_role("button", name="Play").click()
    for shown in ("2", "0", "1"):
        page.wait_for_function(
            "(s) => document.querySelector('.live-readout p').textContent === s", arg=shown
        )
    page.get_by_role("button", name="Pause").click()


def test_nothing_moves_by_itself_for_who_asked_for_less_motion(page_of):
    def figure():
        play = Play(min=0, max=50, interval=10, playing=True)
        return number_figure(w, HBox([play, IntSlider(min=0, max=50, value=0)]))

    still = page_of(figure(), reduced_motion="reduce")
    still.wait_for_timeout(100)
    assert readout(still) == "0"
    widgets.Widget.close_all()
    moving = page_of(figure(), reduced_motion="no-preference")
    moving.wait_for_function("document.querySelector('.live-readout p').textContent !== '0'")


def test_reset_restores_every_control_and_the_figure(page_of):
    ax = axes()
    box = HBox([Play(min=0, max=9), IntSlider(min=0, max=9, value=4)])
    controls = {w: slider(step=0.5), t: box, v: Checkbox(value=True), x: Dropdown(options=[1, 2])}
    live = Live(ax.figure, controls, alt="All").readout("{:g} {:g} {:g} {:g}", *controls)
    page = page_of(live)
    before = readout(page)
    press(page, "End")
    press(page, "Home", number=1)
    page.locator("input[type=checkbox]").click()
    page.locator("select").select_option(index=1)
    drawn(page)
    assert readout(page) == "3 0 0 2"
    page.get_by_role("button", name="Reset").click()
    drawn(page)
    assert readout(page) == before == "1 4 1 1"
    assert page.locator("input[type=range]").nth(1).input_value() == "4"


def test_links_are_followed_one_way_and_both_ways(page_of):
    a, b, c = (IntSlider(min=0, max=9, value=0, description=d) for d in "abc")
    bar = IntProgress(min=0, max=9, description="bar")
    widgets.jslink((a, "value"), (b, "value"))
    widgets.jsdlink((b, "value"), (c, "value"))
    widgets.jsdlink((c, "value"), (bar, "value"))
    page = page_of(VBox([a, HBox([b, c]), bar]))
    ranges = page.locator("input[type=range]")

    def values():
        return [ranges.nth(i).input_value() for i in range(3)]

    press(page, number=1)
    assert values() == ["1", "1", "1"]
    press(page, number=2)
    assert values() == ["1", "1", "2"]
    press(page, "End", number=0)
    assert values() == ["9", "9", "9"]
    assert page.locator("progress").evaluate("(bar) => bar.value / bar.max") == 1


def test_an_unknown_control_is_a_visible_sentence(page_of):
    page = page_of(dot_figure(), VBox([widgets.Text(value="?"), slider()]))
    note = page.get_by_text("This control (Text) needs a running kernel")
    assert note.is_visible()
    assert page.locator("input[type=range]").count() == 2


class Given:
    """Something that shows the HTML it is given."""

    def __init__(self, text):
        self.text = text

    def _repr_mimebundle_(self):
        return {"text/html": self.text}


def test_a_figure_whose_state_was_not_saved_says_so(page_of):
    page = page_of(Given(dot_figure().to_html("0" * 32)))
    assert page.get_by_text("needs a running kernel").is_visible()


def test_a_page_without_any_saved_state_says_so(page_of):
    live = dot_figure()
    remove = """<script>addEventListener("DOMContentLoaded", () =>
      document.querySelector('script[type*="widget-state"]').remove())</script>"""
    page = page_of(Given(remove + live._repr_mimebundle_()[0]["text/html"]))
    assert page.get_by_text("needs a running kernel").is_visible()


def test_a_control_moved_before_the_page_was_saved_is_painted(page_of):
    live = dot_figure()
    live.build()
    live.controls[w].value = 2
    page = page_of(live)
    drawn(page)
    assert page.locator("output").text_content() == "2.0"
    assert marker_at(page, live) == in_svg(live, (2, 2))


def test_every_control_has_a_name_and_says_its_value(page_of):
    ax = axes()
    box = HBox([Play(min=0, max=9), IntSlider(min=0, max=9, value=4)])
    controls = {
        sp.Symbol("eta"): slider(0.25, 0, 1),
        t: box,
        v: Checkbox(value=True, description="show the tangent"),
        x: Dropdown(options=[1, 2]),
    }
    page = page_of(Live(ax.figure, controls, alt="Controls").readout("{:g}", t))
    assert page.get_by_role("slider", name="η").get_attribute("aria-valuetext") == "0.250"
    assert page.get_by_role("slider", name="t").get_attribute("aria-valuetext") == "4"
    assert page.get_by_role("checkbox", name="show the tangent").is_checked()
    assert page.get_by_role("combobox", name="x").count() == 1
    assert page.get_by_role("button", name="Play t").count() == 1
    press(page)
    assert page.get_by_role("slider", name="η").get_attribute("aria-valuetext") == "0.255"
    assert page.locator(".live-readout").get_attribute("aria-live") == "polite"
    assert page.get_by_role("img", name="Controls").count() == 1


def test_several_figures_on_a_page_do_not_know_each_other(page_of):
    one, two = dot_figure(), dot_figure(y=w + 1)
    page = page_of(one, two)
    before = marker_at(page, one), readout(page, 0)
    press(page, number=1)
    assert (marker_at(page, one), readout(page, 0)) == before
    assert marker_at(page, two) == in_svg(two, (1.5, 2.5))


def test_ids_are_unique_on_the_page(page_of):
    page = page_of(dot_figure(), dot_figure())
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)) > 4


def test_the_figure_is_there_without_javascript(page_of):
    live = dot_figure()
    page = page_of(live, java_script_enabled=False)
    assert page.get_by_role("img", name="A dot").is_visible()
    assert marker_at(page, live) == in_svg(live, (1, 0.5))
    assert readout(page) == "y = 0.500"


def test_colours_follow_the_dark_theme(page_of):
    page = page_of(dot_figure())
    colour = "getComputedStyle(document.documentElement).getPropertyValue('--live-blue')"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(colour) != light


def test_a_figure_without_controls_is_still(page_of):
    ax = axes()
    live = Live(ax.figure, {}, alt="Still").bind(ax.plot([], [], "o")[0], x=1, y=1)
    page = page_of(live)
    assert marker_at(page, live) == in_svg(live, (1, 1))
    assert page.get_by_role("button").count() == 0


def test_the_widget_view_of_a_notebook_paints_and_follows(engine):
    live = dot_figure()
    figure = live.build().children[0]
    engine.evaluate(
        """(state) => {
          const heard = {};
          window.model = {
            get: (k) => state[k],
            on: (k, f) => { heard[k] = f; },
            off: (k) => { delete heard[k]; },
            set: (k, v) => { state[k] = v; heard[`change:${k}`]?.(); },
          };
          window.stop = live.default.render({ model, el: document.body });
        }""",
        {"svg": figure.svg, "alt": figure.alt, "spec": figure.spec, "p0": 1.0},
    )
    assert marker_at(engine, live) == in_svg(live, (1, 0.5))
    engine.evaluate("model.set('p0', 2)")
    drawn(engine)
    assert marker_at(engine, live) == in_svg(live, (2, 2))
    assert readout(engine) == "y = 2.000"
    engine.evaluate("stop(); model.set('p0', 3)")
    drawn(engine)
    assert readout(engine) == "y = 2.000"

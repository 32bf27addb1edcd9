"""The live engine in a real browser: Python's numbers, the painted SVG, and the controls."""

from __future__ import annotations

import math
import re

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.patches import FancyArrowPatch

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
    VBox,
    iterate,
    mean,
)
from gdlib.live.javascript import Program, pack
from gdlib.live.numeric import evaluate
from gdlib.live.readout import Slot, number
from tests.live_page import LIVE, html

POSITIONS = 200
w, eta, x, v, t = sp.symbols("w eta x v t", real=True)
XS = np.linspace(-3, 3, 25)
DATA = {x: np.linspace(-2, 2, 30), v: np.cos(np.arange(30.0))}

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
    "derivative of Abs and Max": sp.diff(sp.Abs(x) + sp.Max(x, w), x),
}


# -- a page ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page_of(browser, tmp_path_factory):
    """Open live figures and widgets as a page from disk, without any network.

    Afterwards no page may have asked for anything, or have complained on its console.
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
    """An empty page with live.js as the module that JupyterLab loads."""
    page = browser.new_page()
    page.evaluate(
        """async (source) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          window.live = await import(url);
        }""",
        (LIVE / "live.js").read_text(encoding="utf-8"),
    )
    yield page
    page.close()


@pytest.fixture(autouse=True)
def forget_widgets():
    """A page saves the state of all widgets there are: those of other tests go first."""
    widgets.Widget.close_all()
    yield
    plt.close("all")


def settle(page):
    """Wait until what was asked for is painted."""
    page.evaluate("new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")


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


def agree(page, live, ranges=None, rtol=1e-9, number=0):
    """Compare every value of every binding and readout at 200 random positions.

    Where a value lies within the axes, 1e-9 of their span is what may differ; beyond, 1e-9 of it.
    """
    positions = random_positions(live, ranges or {})
    found = page.evaluate(
        """([number, positions]) => {
          const { evaluate } = document.querySelectorAll(".live")[number].live;
          const plain = (v) => (ArrayBuffer.isView(v) ? [...v] : v);
          const one = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, plain(v)]));
          return positions.map((p) => evaluate(p).map(one));
        }""",
        [number, positions.tolist()],
    )
    spans = [np.diff(ax.get_ylim())[0] for ax in live.fig.axes]
    compared = 0
    for position, results in zip(positions, found):
        expected = live.evaluate(dict(zip(live.symbols, position)))
        assert len(results) == len(expected)
        for theirs, ours in zip(results, expected):
            for name in set(ours) - {"text"}:
                np.testing.assert_allclose(
                    np.ravel(theirs[name]),
                    np.ravel(ours[name]),
                    rtol=rtol,
                    atol=1e-9 * min(spans),
                    err_msg=f"{name} at {position}",
                )
                compared += np.size(ours[name])
    assert compared >= POSITIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_agrees_on_a_grid_and_as_a_number(page_of, name):
    ax = axes()
    live = Live(ax.figure, {w: slider()}, alt=name)
    (line,) = ax.plot([], [])
    live.bind(line, over={x: XS}, x=x, y=FUNCTIONS[name])
    live.readout("{:.3f}", FUNCTIONS[name].subs(x, w / 2))
    agree(page_of(live), live)


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


def test_a_small_network_trained_in_the_page_agrees(page_of):
    rng = np.random.default_rng(0)
    net = symbolic.network([2, 3, 3])
    y = rng.integers(3, size=12)
    columns = [*rng.normal(size=(2, 12)), *np.eye(3)[y].T]
    data = dict(zip([*net.inputs, *net.labels], columns))
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
expressions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda f, a: f(a), st.sampled_from(UNARY), inner),
        st.builds(lambda f, a, b: f(a, b), st.sampled_from(BINARY), inner, inner),
        st.builds(lambda a, n: a**n, inner, st.sampled_from([-2, -1, 2, 3, 5])),
    ),
    max_leaves=8,
)
PLACES = np.random.default_rng(1).uniform(-3, 3, (8, 2))


@settings(
    max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(expressions)
def test_any_expression_agrees_wherever_rounding_does_not_decide(engine, expression):
    if expression.has(sp.I, sp.zoo, sp.oo, -sp.oo, sp.nan) or expression.is_real is False:
        return
    program = Program([w, eta])
    codes = program.scalars([expression, expression**2])
    found = engine.evaluate(
        """([code, places]) => {
          const f = new Function("p", code);
          return places.map((p) => f(p));
        }""",
        [program.source(f"[{','.join(codes)}]"), PLACES.tolist()],
    )
    for place, theirs in zip(PLACES, found):
        nearby = [place, place * (1 + 1e-13), place * (1 - 1e-13)]
        ours, up, down = (
            np.ravel(evaluate([expression, expression**2], {w: p[0], eta: p[1]})) for p in nearby
        )
        # Where the last digit of a slider decides, two correct machines differ.
        steady = np.isclose(up, down, rtol=1e-10, atol=1e-12, equal_nan=True)
        np.testing.assert_allclose(np.array(theirs)[steady], ours[steady], rtol=1e-9, atol=1e-12)


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
    for slot, texts in zip(slots, found):
        expected = [number(slot, float(n)) for n in numbers]
        assert texts == expected, slot


def test_grids_are_unpacked_to_the_very_same_numbers(engine):
    grids = [XS, np.linspace(0, 1, 1001), np.linspace(7, -1, 33), np.logspace(-3, 0, 9), np.ones(4)]
    program = Program([w])
    for i, grid in enumerate(grids):
        assert program._grid(grid) == i
    found = engine.evaluate(
        """(grids) => {
          const spec = { program: "return G;", columns: [], grids, choices: [] };
          return live.mount(document.body, spec, () => 0).evaluate([]).map((g) => [...g]);
        }""",
        [pack(g) for g in grids],
    )
    assert found == [g.tolist() for g in grids]

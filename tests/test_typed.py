"""What pages compute of a typed loss: read as Python reads it, and its derivatives SymPy's."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
import sympy as sp

from gdlib.landscape import OpaqueLoss
from gdlib.live import differentiate, evaluate
from gdlib.spelling import SpellingError, read
from tests.node import run_node
from tests.test_spelling import REFUSED, SAME
from tests.typed_losses import TWO

INNER = ["w", "2w - 1", "w²", "1/w", "w³ - w", "|w| - ½", "e^w", "sin(w)", "w·b", "w + b²"]
OUTER = [
    "exp({})", "log({})", "√({})", "abs({})", "sin({})", "cos({})", "tan({})", "asin({})",
    "acos({})", "atan({})", "sinh({})", "cosh({})", "tanh({})", "asinh({})", "acosh({})",
    "atanh({})", "erf({})", "sigmoid({})", "relu({})", "leaky_relu({})", "softplus({})",
    "max({}, ⅓)", "min({}, ½)", "({})^3 - w", "({})^(1/3)", "w/({})", "({})^w", "2^({})",
    "floor({})·w", "sign({}) + w²",
]  # fmt: skip
EXPRESSIONS = [outer.format(inner) for outer, inner in itertools.product(OUTER, INNER)]
# Edges first: where kinks, poles and the ends of domains are.
PLACES = [(0.0, 0.0), (1.0, 1.0), (-1.0, 1.0), (0.5, -0.5), (-0.5, 0.3)]
EDGES = len(PLACES)
PLACES += [(0.37, 1.9), (1.7, -0.8), (-1.3, 0.6), (2.6, 0.45)]
ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0)]

DERIVED = """
return given.texts.map((text) => {
  const names = ["w", "b"], expression = read(text, names);
  return given.orders.map((orders) => {
    let e = expression;
    orders.forEach((order, i) => {
      for (let k = 0; k < order; k++) e = derivative(e, variable(names[i]));
    });
    const { at, run } = compiled(e, names);
    return given.places.map((place) => { at.set(place); return String(run()); });
  });
});
"""


def test_derivatives_are_sympys() -> None:
    given = {"texts": EXPRESSIONS, "orders": ORDERS, "places": PLACES}
    found = run_node("typed.js", "read, derivative, variable, compiled", DERIVED, given)
    w, b = (sp.Symbol(name, real=True) for name in "wb")
    columns = dict(zip((w, b), np.transpose(PLACES), strict=True))
    compared = cancelled = 0
    for text, rows in zip(EXPRESSIONS, found, strict=True):
        expression = read(text, ["w", "b"])
        for orders, row in zip(ORDERS, rows, strict=True):
            wanted = expression
            for symbol, order in zip((w, b), orders, strict=True):
                wanted = differentiate(wanted, symbol, order) if order else wanted
            (exact,) = evaluate([wanted], columns)
            exact = np.broadcast_to(exact, len(PLACES))
            got = np.array([float(v.replace("Infinity", "inf")) for v in row])
            here, there = np.isfinite(got), np.isfinite(exact)
            said = text, orders, got, exact
            assert np.allclose(got[here & there], exact[here & there], rtol=1e-9, atol=1e-9), said
            # At an edge one of them may have cancelled what is 0/0 in the other.
            assert (here == there)[EDGES:].all(), said
            compared, cancelled = compared + here.sum(), cancelled + (here != there).sum()
    assert len(EXPRESSIONS) == 300 and compared > 10_000 and cancelled < 0.01 * compared


SPELLED = """
return given.map((text) => {
  try { read(text); return ""; } catch (error) {
    if (!(error instanceof SpellingError)) throw error;
    return error.message;
  }
});
"""


def test_the_page_reads_and_refuses_as_python_does() -> None:
    texts = [text for several in SAME.values() for text in several] + list(REFUSED)
    said = run_node("typed.js", "read, SpellingError", SPELLED, texts)
    for text, page in zip(texts, said, strict=True):
        try:
            read(text)
            python = ""
        except SpellingError as error:
            python = str(error)
        assert page == python, text


STATIONARY = """
return given.texts.map((text) => {
  const names = ["w", "b"], known = new Map(), expression = read(text, names);
  const of = (orders) => {
    let e = expression;
    orders.forEach((order, i) => {
      for (let k = 0; k < order; k++) e = derivative(e, variable(names[i]));
    });
    const { at, run } = compiled(e, names);
    return (a, b) => { at.set([a, b]); return run(); };
  };
  return stationary({ of }, given.box);
});
"""


def test_minima_saddles_and_maxima_are_where_python_finds_them() -> None:
    w, b = (sp.Symbol(name, real=True) for name in "wb")
    box = {w: (-2.5, 3), b: (-2, 2)}
    found = run_node(
        "typed.js", "read, derivative, variable, compiled, stationary", STATIONARY,
        {"texts": TWO, "box": list(box.values())},
    )  # fmt: skip
    several = 0
    for text, places in zip(TWO, found, strict=True):
        wanted = OpaqueLoss(read(text, ["w", "b"]), [w, b]).stationary_points(box)
        assert len(places) == len(wanted), text
        # Places of one height may come in another order.
        for place in places:
            near = [
                (curvatures, value) for at, curvatures, value in wanted
                if np.allclose(place["at"], at, rtol=0, atol=1e-7)
            ]  # fmt: skip
            ((curvatures, value),) = near
            assert place["upwards"] == (curvatures > 0).sum(), text
            assert np.isclose(place["value"], value, rtol=1e-9, atol=1e-12)
        several += len(places) > 1
    assert several >= 3


@pytest.mark.parametrize(
    ("limits", "log", "texts", "times"),
    [
        ([-2, 3], False, ["−2", "−1", "0", "1", "2", "3"], ""),
        ([0, 1e-3], False, ["0", "0.2", "0.4", "0.6", "0.8", "1"], "×10⁻³"),
        ([-3e6, 5.5e6], False, ["−2", "0", "2", "4"], "×10⁶"),
        ([1e6, 1e6 + 4.2], False, ["0", "1", "2", "3", "4"], "+ 1000000"),
        ([-12340.25, -12339.9], False, ["0.8", "0.9", "1", "1.1"], "− 12341"),
        ([-0.31, 0.62], False, ["−0.2", "0", "0.2", "0.4", "0.6"], ""),
        ([1e-7, 10], True, ["10⁻⁷", "10⁻⁵", "10⁻³", "10⁻¹", "10¹"], ""),
    ],
)
def test_ticks_are_round_and_short(limits, log, texts, times) -> None:
    found = run_node("ticks.js", "ticksOf", "return ticksOf(...given);", [limits, log])
    assert [tick["text"] for tick in found["ticks"]] == texts and found["times"] == times
    assert all(limits[0] <= tick["at"] <= limits[1] for tick in found["ticks"])


def test_level_lines_lie_on_their_level() -> None:
    """On x² + y², every end of every piece is at the circle's radius, but for the grid's width."""
    body = """
    const n = 41, value = [], paths = [{ setAttribute: (_, d) => { paths.d = d; } }];
    const square = (i) => (i / 20 - 1) ** 2;
    for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) value.push(square(i) + square(j));
    const group = { querySelectorAll: () => paths };
    contours({ size: [n, n], box: [[-1, 1], [-1, 1]], groups: [group] }, { value, levels: [0.5] },
      { x: [0, 200], y: [0, 200], xlim: [-1, 1], ylim: [-1, 1], log: [0, 0] });
    return paths.d;
    """
    path = run_node("contours.js", "contours", body)
    ends = np.array(re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path), float) / 100 - 1
    assert len(ends) > 100 and np.abs((ends**2).sum(axis=1) - 0.5).max() < 0.01
    assert len({tuple(end) for end in ends}) <= len(ends) / 2 + 2  # each end is another piece's

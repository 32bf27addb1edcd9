"""The figures of chapter 3 against gdlib's own functions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gdlib import taylor_expansion as taylor
from gdlib.figures import taylor_expansion as figures
from gdlib.gradient_descent import descend
from gdlib.live import LiveError
from gdlib.symbolic import b, eta, w
from tests.live_page import words

BOX = {w: (-3.0, 3.0), b: (-2.0, 2.0)}
BOWL = w**2 / 4 + 2 * b**2 + w**3 / 40


@pytest.mark.parametrize("order", range(7))
@pytest.mark.parametrize("at", [-3.0, -0.7, 0.5, 2.9])
def test_the_curve_never_leaves_the_band(order: int, at: float) -> None:
    f = sp.sin(w) + w / 3
    live = figures.polynomials(f)
    band, model, _, _ = live.evaluate({w: at, live.symbols[1]: order})
    curve = np.sin(band["x"]) + band["x"] / 3
    assert (band["y"] <= curve + 1e-12).all()
    assert (curve <= band["y2"] + 1e-12).all()
    numbers = [float(sp.diff(f, w, k).subs(w, at)) for k in range(order + 1)]
    expected = taylor.taylor_polynomial(numbers, at)(band["x"])
    np.testing.assert_allclose(model["y"], expected, atol=1e-9)


def test_the_three_rules_are_the_three_learning_rates() -> None:
    live = figures.step_length(BOWL, over=BOX, start={w: 2.6, b: 0.6}, eta_max=1.6)
    best, even, edge = live.evaluate()[-1]["values"]
    g = np.array([2.6 / 2 + 3 * 2.6**2 / 40, 4 * 0.6])
    hess = np.diag([0.5 + 6 * 2.6 / 40, 4.0])
    assert best == pytest.approx(taylor.best_eta(g, hess))
    assert even == pytest.approx(taylor.break_even_eta(g, hess))
    assert edge == pytest.approx(taylor.largest_stable_eta(hess))
    star = next(v for v in reversed(live.evaluate()) if len(v.get("x", ())) == 1)
    step = taylor.newton_step(g, hess)
    np.testing.assert_allclose([star["x"][0], star["y"][0]], np.array([2.6, 0.6]) + step)


def test_the_promise_of_the_slope_is_never_below_cauchy_schwarz() -> None:
    live = figures.directions(BOWL, over=BOX, start={w: 1.0, b: 0.5}, reach=1.0)
    promised, bound = live.evaluate()[4]["y"], live.evaluate()[-1]["values"][0]
    assert promised.min() == pytest.approx(bound, rel=1e-3)
    assert (promised >= bound - 1e-12).all()


@pytest.mark.parametrize("rate", [0.05, 0.15, 0.21])
def test_the_measured_errors_of_the_bowl_lie_on_the_predicted_lines(rate: float) -> None:
    live = figures.bowl(w**2 / 2 + 5 * b**2, over=BOX, start={w: -2.0, b: 1.0})
    values = live.evaluate({eta: rate})
    curves = [v for v in values if len(v.get("x", ())) == 41]
    trail, *errors = curves
    expected = descend(lambda v: v * [1.0, 10.0], [-2.0, 1.0], rate, 40)
    shown = np.isfinite(trail["x"])
    drawn = np.column_stack([trail["x"], trail["y"]])
    np.testing.assert_allclose(drawn[shown], expected[shown], rtol=1e-9)
    assert shown.all() == (rate < 0.2)
    for measured, predicted in zip(errors[::2], errors[1::2], strict=True):
        np.testing.assert_allclose(measured["y"], predicted["y"], rtol=1e-9, atol=1e-14)
    assert ["2/λmax" in text for text in words(values)] == [True] * (rate > 0.2)


def test_wrong_expressions_get_a_sentence() -> None:
    with pytest.raises(LiveError, match="not quadratic"):
        figures.bowl(w**4 + b**2, over=BOX, start={w: 1, b: 0})
    with pytest.raises(LiveError, match="no bowl that can be drawn: .* -2 and 2"):
        figures.bowl(w**2 - b**2, over=BOX, start={w: 1, b: 0})

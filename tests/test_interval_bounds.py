"""A proved bound is never below what is reached, and hardly above it; where there is none: None."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gdlib.interval_bounds import largest_size
from gdlib.symbolic import relu, sigmoid, softplus, w

SMOOTH = [
    sp.sin(w), sp.cos(5 * w) * w, sp.tanh(3 * w), sigmoid(w), softplus(w),
    sp.exp(w) * sp.sin(3 * w), 1 / (1 + 25 * w**2), w**7 - 4 * w**3, sp.log(w + 4),
    sp.log(sp.cosh(w)), sp.atan(2 * w), sp.asinh(w), sp.sinh(w) / 3, sp.sqrt(w + 4),
    (w + 4) ** sp.Rational(-3, 2), sp.tan(w / 3), sp.Abs(w + 10) * w,
    sp.exp(-1e5 * (w - 0.3337) ** 2),
]  # fmt: skip


@pytest.mark.parametrize("f", SMOOTH, ids=str)
def test_it_bounds_a_derivative_closely(f) -> None:
    places = np.linspace(-3, 3, 200_001)
    for order in (1, 2, 3):
        derivative = sp.diff(f, w, order).replace(sp.DiracDelta, lambda *_: sp.Integer(0))
        bound = largest_size(derivative, w, -3, 3)
        reached = np.abs(sp.lambdify(w, derivative, "numpy")(places) * np.ones(1)).max()
        assert bound is not None
        assert reached * (1 - 1e-9) <= bound <= reached * 1.02


@pytest.mark.parametrize(
    "e",
    [1 / w, sp.log(w), sp.sqrt(w), sp.tan(w), sp.sign(w), sp.Heaviside(w - 1), relu(w), sp.gamma(w),
     sp.Piecewise((w, w > 0), (0, True)), w ** sp.Rational(-1, 3), sp.Max(w, 0)],
    ids=str,
)  # fmt: skip
def test_without_a_bound_it_says_so(e) -> None:
    assert largest_size(e, w, -3.0, 3.0) is None


def test_a_peak_between_samples_is_not_missed() -> None:
    narrow = sp.exp(-1e9 * (w - sp.Rational(1234567, 10**7)) ** 2)
    bound = largest_size(narrow, w, -3.0, 3.0)
    assert bound is not None and bound >= 1
    assert np.abs(sp.lambdify(w, narrow)(np.linspace(-3, 3, 201))).max() < 1e-3


def test_a_jump_outside_does_not_matter() -> None:
    assert largest_size(sp.sign(w - 5), w, -3.0, 3.0) == pytest.approx(1)
    assert largest_size(sp.Heaviside(w + 5) * w, w, -3.0, 3.0) == pytest.approx(3)

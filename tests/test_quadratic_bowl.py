"""The bowl's axes: factors, edges and best rates against what descent itself does."""

import numpy as np
import pytest

from gdlib import gradient_descent, quadratic_bowl
from gdlib.figures import quadratic_bowl as figures
from gdlib.symbolic import beta, eta

CASES = [(0.3, 0.2, 0.0), (0.9, 1.5, 0.3), (1.1, 0.4, 0.9), (0.05, 1.9, 0.7), (1.0, 1.0, 0.0)]


@pytest.mark.parametrize(("rate", "curvature", "share"), CASES)
def test_the_roots_are_those_of_the_recursion_that_momentum_follows(rate, curvature, share):
    path = gradient_descent.momentum(lambda e: curvature * e, 1.0, rate, 12, share)
    roots = quadratic_bowl.momentum_roots(rate, curvature, share)
    np.testing.assert_allclose(roots.prod(), share, atol=1e-15)
    ahead = roots.sum().real * path[1:-1] - roots.prod().real * path[:-2]
    np.testing.assert_allclose(path[2:], ahead, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("rate", "curvature", "share"), CASES)
def test_the_factor_is_what_a_long_descent_shrinks_by(rate, curvature, share):
    path = np.abs(gradient_descent.momentum(lambda e: curvature * e, 1.0, rate, 400, share))
    factor = quadratic_bowl.momentum_factor(rate, curvature, share)
    if factor == 0:
        assert path[-1] == 0
        return
    # Where the roots are complex it swings, so the largest of a stretch is taken.
    early, late = path[100:140].max(), path[300:340].max()
    if late > 1e-280:
        assert (late / early) ** (1 / 200) == pytest.approx(factor, rel=1e-2)


def test_the_factor_is_one_at_the_edge_and_only_there():
    for share in (0.0, 0.3, 0.9):
        edge = quadratic_bowl.largest_momentum_eta(1.5, share)
        assert quadratic_bowl.momentum_factor(edge, 1.5, share) == pytest.approx(1)
        assert quadratic_bowl.momentum_factor(0.99 * edge, 1.5, share) < 1
        assert quadratic_bowl.momentum_factor(1.01 * edge, 1.5, share) > 1


@pytest.mark.parametrize(("low", "high"), [(0.2, 1.5), (1.0, 9.0), (0.01, 1.0)])
def test_no_other_pair_is_better(low, high):
    def slower(rate, share):
        return max(quadratic_bowl.momentum_factor(rate, c, share) for c in (low, high))

    rate, share = quadratic_bowl.best_momentum(low, high)
    best = np.sqrt(share)
    # At the double root a rounding of 1e-16 is one of 1e-8.
    assert slower(rate, share) == pytest.approx(best, abs=1e-6)
    rates, shares = np.linspace(0.02, 4 / high, 120), np.linspace(0, 0.99, 100)
    assert min(slower(r, s) for r in rates for s in shares) >= best - 1e-9
    plain = quadratic_bowl.best_fixed_eta(low, high)
    assert min(slower(r, 0) for r in rates) >= slower(plain, 0) - 1e-9
    assert slower(plain, 0) == pytest.approx((high - low) / (high + low))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quadratic_bowl.momentum_roots(0, 1), "eta = 0: expected a positive rate"),
        (lambda: quadratic_bowl.momentum_factor(0.1, 1, 1), "beta = 1: expected a number from 0"),
        (lambda: quadratic_bowl.largest_momentum_eta(-1), "curvature = -1: expected a positive"),
        (lambda: quadratic_bowl.best_momentum(2, 1), "low = .*2.*: expected at most high"),
        (lambda: quadratic_bowl.best_fixed_eta(float("nan"), 1), "low"),
    ],
)
def test_what_is_no_bowl_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_figure_draws_what_the_library_computes():
    live = figures.axes()
    for share, rate in ((0.0, 0.4), (0.3, 0.9), (0.9, 2.0)):
        parts = live.evaluate({beta: share, eta: rate, "t": 40})
        numbers = np.concatenate(
            [p["values"] for p in parts if "values" in p and "visible" not in p]
        )
        expected = [quadratic_bowl.momentum_factor(rate, c, share) for c in (0.2, 1.5)]
        np.testing.assert_allclose(numbers[[1, 3]], expected, rtol=1e-12)
        low_high = quadratic_bowl.best_momentum(0.2, 1.5)
        np.testing.assert_allclose(numbers[6:8], low_high, rtol=1e-12)
        turned = np.radians(30)
        R = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
        H = R @ np.diag([0.2, 1.5]) @ R.T
        end = gradient_descent.momentum(lambda p, H=H: H @ p, [2.4, 1.6], rate, 40, share)[-1]
        np.testing.assert_allclose(numbers[[0, 2]], np.abs(R.T @ end), rtol=1e-9, atol=1e-12)

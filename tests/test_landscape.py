"""A loss as figures see it: opaque, and put in last; its places of rest; its descents."""

import numpy as np
import pytest
import sympy as sp

from gdlib import slope
from gdlib.difference_quotients import difference_quotients
from gdlib.landscape import OpaqueLoss
from gdlib.live import evaluate, inlined, iterate
from gdlib.measured import known
from gdlib.minibatch_loss import MinibatchLoss
from gdlib.symbolic import b, eta, mse, w, x, y

BOWL = w**2 / 2 + 5 * b**2 + w * b / 2 - w
TWO_MINIMA = w**4 / 4 - w**2 / 2 + w / 8 + b**2 / 2
BOX = {w: (-2.0, 2.0), b: (-2.2, 2.2)}


def same(one, other):
    return sp.simplify(inlined(one) - other) == 0


def test_what_the_loss_is_stays_open_until_it_is_put_in():
    L = OpaqueLoss(BOWL, [w, b])
    for opaque in (L.value, *L.gradient, *L.hessian[0], L.steepness, *L.newton):
        assert not opaque.has(sp.Pow(w, 2)) and opaque.free_symbols == {w, b}
    assert same(L.value, BOWL)
    assert all(same(g, sp.diff(BOWL, s)) for g, s in zip(L.gradient, (w, b), strict=True))
    assert same(L.at(w + 1, 2 * b), BOWL.subs({w: w + 1, b: 2 * b}, simultaneous=True))
    assert same(L.curvature_along_gradient, (
        sp.Matrix(L.weights).T.applyfunc(lambda s: sp.diff(BOWL, s))
        * sp.hessian(BOWL, (w, b))
        * sp.Matrix(L.weights).applyfunc(lambda s: sp.diff(BOWL, s))
    )[0])  # fmt: skip


def test_another_loss_in_the_same_place_gives_the_other_loss_its_step():
    for loss in (BOWL, TWO_MINIMA):
        L = OpaqueLoss(loss, [w, b])
        after = L.at(*L.moved(eta))
        expected = loss.subs({s: s - eta * sp.diff(loss, s) for s in (w, b)}, simultaneous=True)
        assert same(after, expected)


def test_newtons_step_ends_at_the_bottom_of_a_bowl_and_the_curvatures_are_its_eigenvalues():
    L = OpaqueLoss(BOWL, [w, b])
    bottom = sp.solve([sp.diff(BOWL, s) for s in (w, b)], [w, b])
    found = [float(inlined(e).subs({w: 1.3, b: -0.4})) for e in L.newton]
    assert found == pytest.approx([float(bottom[s]) for s in (w, b)])
    eigenvalues = np.linalg.eigvalsh([[1, 0.5], [0.5, 10]])
    assert [float(inlined(e)) for e in L.curvatures] == pytest.approx(eigenvalues)
    assert L.edge == pytest.approx(2 / eigenvalues[1])
    assert OpaqueLoss(TWO_MINIMA, [w, b]).edge is None and OpaqueLoss(-BOWL, [w, b]).edge is None


def test_the_distances_along_a_bowls_axes_make_up_the_distance_to_its_bottom():
    axes = OpaqueLoss(BOWL, [w, b]).bowl_axes({w: 0.5, b: 0.5})
    bottom = sp.solve([sp.diff(BOWL, s) for s in (w, b)], [w, b])
    at = {w: 0.7, b: -1.2}
    axes = [(inlined(k), inlined(distance)) for k, distance in axes]
    squares = sum(float(distance.subs(at)) ** 2 for _, distance in axes)
    assert squares == pytest.approx(sum((at[s] - float(bottom[s])) ** 2 for s in (w, b)))
    excess = sum(k / 2 * float(d.subs(at)) ** 2 for k, d in axes)
    assert excess == pytest.approx(float(BOWL.subs(at) - BOWL.subs(bottom)))
    assert OpaqueLoss(TWO_MINIMA, [w, b]).bowl_axes({w: 0.5, b: 0.5}) is None


def test_the_height_is_above_the_lowest_minimum_or_the_loss_itself():
    height = OpaqueLoss(TWO_MINIMA, [w, b]).height(BOX, {w: 0.5, b: 0.5})
    roots = [float(r) for r in sp.Poly(sp.diff(TWO_MINIMA, w), w).nroots()]
    lowest = min(float(TWO_MINIMA.subs({w: r, b: 0})) for r in roots)
    assert height.title == "loss − lowest"
    assert same(height.expression, TWO_MINIMA - sp.Float(lowest))
    corners = [TWO_MINIMA.subs({w: u, b: v}) for u in BOX[w] for v in BOX[b]]
    assert height.logarithmic
    assert known(height.most) == pytest.approx([float(max(corners)) - lowest])


def test_a_loss_below_zero_without_a_minimum_is_drawn_on_a_linear_axis():
    slope = OpaqueLoss(w + b, [w, b]).height(BOX, {w: 0.5, b: 0.5})
    assert slope.title == "loss" and not slope.logarithmic
    least, most = (sum(ends[k] for ends in BOX.values()) for k in (0, 1))
    low, high = slope.limits(1e-7, 10)
    assert known(slope.least, slope.most) == [least, most] and low < least < most < high
    assert OpaqueLoss(sp.exp(w + b), [w, b]).height(BOX, {w: 0.5, b: 0.5}).logarithmic


def test_the_extremes_are_those_of_a_grid_with_the_corners():
    L = OpaqueLoss(w**2 + b, [w, b])
    box = {w: (-1, 2), b: (0, 3)}
    least, most = known(*L.extremes(L.value, box))
    assert most == 7 and least == pytest.approx(0, abs=0.01)
    assert known(*L.extremes(sp.log(-1 - w**2), box)) == [0, 0]
    assert L.is_the_same(w * w + b, box) and not L.is_the_same(w**2 + b + 1e-6 * w, box)


@pytest.mark.parametrize("f", [sp.exp(w), sp.sin(3 * w)])
def test_the_best_h_is_where_the_predicted_error_is_least(f):
    for quotient in difference_quotients(OpaqueLoss(f, [w]), 0.7).values():
        h = np.geomspace(1e-12, 1e-1, 20001)
        cut, rounding = quotient.errors(h)
        assert h[np.argmin(cut + rounding)] == pytest.approx(quotient.best, rel=2e-3)
    f_numeric = sp.lambdify(w, f)
    exact = float(sp.diff(f, w).subs(w, 0.7))
    forward = difference_quotients(OpaqueLoss(f, [w]), 0.7)["forward"]
    measured = abs(slope.secant_slope(f_numeric, 0.7, 1e-3) / exact - 1)
    assert measured == pytest.approx(forward.errors(1e-3)[0], rel=0.01)


def test_a_line_has_no_best_h():
    assert all(
        q.best is None for q in difference_quotients(OpaqueLoss(2 * w + 1, [w]), 0.3).values()
    )


def test_a_kink_is_seen_from_both_sides():
    (left, right), differ = OpaqueLoss(sp.Abs(w), [w]).kink(4.0)
    assert [float(inlined(e).subs(w, 0)) for e in (left, right)] == [-1, 1]
    assert inlined(differ).subs(w, 0) == sp.true and inlined(differ).subs(w, 1) == sp.false
    assert inlined(OpaqueLoss(w**2, [w]).kink(4.0)[1]) is sp.false


def test_a_batch_of_all_rows_is_the_whole():
    rng = np.random.default_rng(0)
    data = {x: rng.normal(size=7), y: rng.normal(size=7)}
    rows = MinibatchLoss(mse(y, w * x + b), data, [w, b])
    size = sp.Symbol("size", real=True)
    at = {w: 0.3, b: -0.2, eta: 0.1, size: 7.0}
    ends = [
        evaluate([path.last(s) for s in (w, b, rows.seen)], at)
        for path in (rows.path(size, 5, seed=1), rows.full_path(5))
    ]
    assert np.array(ends[0]) == pytest.approx(np.array(ends[1]))
    assert ends[0][2] == 35


def test_a_path_starts_where_it_is_told_or_at_the_weights():
    L = OpaqueLoss(BOWL, [w, b])
    told = L.path(3, start={w: sp.Float(2), b: sp.Float(-1)})
    free = L.path(3)
    values = {w: 2.0, b: -1.0, eta: 0.05}
    assert evaluate([told.last(w)], {eta: 0.05}) == evaluate([free.last(w)], values)
    by_hand = iterate({s: s - eta * sp.diff(BOWL, s) for s in (w, b)}, steps=3)
    assert evaluate([free.last(b)], values)[0] == pytest.approx(
        evaluate([by_hand.last(b)], values)[0], rel=1e-14
    )

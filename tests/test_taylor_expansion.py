"""Taylor models: SymPy's own series, the three learning rates' meaning, and Lagrange's bound."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gdlib.gradient_descent import descend
from gdlib.taylor_expansion import (
    best_eta,
    break_even_eta,
    descent_bound,
    largest_stable_eta,
    linear_model,
    newton_step,
    quadratic_model,
    remainder_bound,
    steepest_descent_direction,
    taylor_polynomial,
)

x = sp.Symbol("x", real=True)
H = np.array([[2.0, 1.0], [1.0, 20.0]])
c = np.array([5.0, 3.0])


def valley(w):
    """½ wᵀHw − cᵀw."""
    w = np.asarray(w)
    return ((w @ H) * w).sum(axis=-1) / 2 - w @ c


def slope_of_valley(w):
    return H @ w - c


@pytest.mark.parametrize("order", [0, 1, 2, 5])
@pytest.mark.parametrize("f", [sp.exp(x), sp.sin(2 * x), 1 / (2 + x)])
def test_polynomial_is_sympys_series(f, order):
    w0 = 0.5
    derivatives = [float(sp.diff(f, x, k).subs(x, w0)) for k in range(order + 1)]
    series = sp.lambdify(x, sp.series(f, x, sp.Rational(1, 2), order + 1).removeO() + 0 * x)
    points = np.linspace(-1, 2, 7)
    np.testing.assert_allclose(
        taylor_polynomial(derivatives, w0)(points), series(points) + 0 * points, rtol=1e-12
    )


@given(order=st.integers(0, 6), distance=st.floats(-1, 1))
def test_remainder_bound_holds_and_is_not_idle(order, distance):
    """For exp around 0, whose derivatives are at most e^max(0, distance) in between."""
    polynomial = taylor_polynomial([1.0] * (order + 1), 0.0)
    error = abs(np.exp(distance) - polynomial(distance))
    bound = remainder_bound(np.exp(max(0, distance)), distance, order)
    assert error <= bound + 1e-15
    assert bound <= 8 * error + 1e-15


def test_remainder_bound_by_hand():
    assert remainder_bound(6, -0.5, 2) == 6 * 0.125 / 6
    assert remainder_bound(0, 1, 0) == 0


def test_linear_model_is_the_tangent():
    tangent = linear_model(np.exp, np.exp, 1.0)
    np.testing.assert_allclose(tangent([1.0, 2.0, 0.0]), [np.e, 2 * np.e, 0])
    plane = linear_model(valley, slope_of_valley, [1.0, 2.0])
    assert plane([1.0, 2.0]) == valley([1.0, 2.0])
    assert plane([1.5, 1.0]) == pytest.approx(
        valley([1.0, 2.0]) + slope_of_valley(np.array([1.0, 2.0])) @ [0.5, -1.0]
    )


def test_quadratic_model_of_a_parabola_is_itself():
    parabola = quadratic_model(valley, slope_of_valley, lambda w: H, [1.0, 2.0])
    points = np.random.default_rng(0).normal(size=(4, 5, 2))
    np.testing.assert_allclose(parabola(points), valley(points), rtol=1e-12)
    assert np.shape(parabola(points[0, 0])) == ()
    hug = quadratic_model(np.exp, np.exp, np.exp, 0.0)
    np.testing.assert_allclose(hug([0.0, 0.5, -1.0]), [1, 1.625, 0.5])


def test_models_give_their_functions_copies():
    def greedy(w):
        w[...] = 99
        return 2 * np.ones_like(w)

    w0 = np.array([1.0, 2.0])
    model = quadratic_model(lambda w: greedy(w).sum(), greedy, lambda w: greedy(w)[0] * H, w0)
    assert model([1.0, 2.0]) == 4
    np.testing.assert_array_equal(w0, [1, 2])


@given(angle=st.floats(0, 2 * np.pi), length=st.sampled_from([1e-300, 1e-3, 1.0, 1e300]))
def test_no_direction_of_length_one_falls_faster(angle, length):
    g = length * np.array([3.0, -4.0])
    u = steepest_descent_direction(g)
    np.testing.assert_allclose(u, [-0.6, 0.8], rtol=1e-12)
    assert u @ [3, -4] <= np.array([np.cos(angle), np.sin(angle)]) @ [3, -4] + 1e-12
    assert steepest_descent_direction(2.0) == -1


def test_best_eta_is_sympys_minimum_along_the_gradient():
    eta, g1, g2, a, b, d = sp.symbols("eta g1 g2 a b d", positive=True)
    g, hess = sp.Matrix([g1, g2]), sp.Matrix([[a, b], [b, d]])
    along = -eta * g.dot(g) + eta**2 / 2 * (g.T * hess * g)[0]
    lowest = sp.solve(sp.diff(along, eta), eta)[0]
    level = [root for root in sp.solve(along, eta) if root != 0][0]
    values = {g1: 1.0, g2: -2.0, a: 2.0, b: 1.0, d: 20.0}
    assert best_eta([1.0, -2.0], H) == pytest.approx(float(lowest.subs(values)), rel=1e-14)
    assert break_even_eta([1.0, -2.0], H) == pytest.approx(float(level.subs(values)), rel=1e-14)


@given(w=st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_best_and_break_even_eta_do_what_they_say(w):
    w = np.array(w)
    g = slope_of_valley(w)
    if np.linalg.norm(g) < 1e-3:
        return  # at the minimum there is no direction
    best, even = best_eta(g, H), break_even_eta(g, H)
    assert valley(w - even * g) == pytest.approx(valley(w), rel=1e-9, abs=1e-9)
    assert all(valley(w - best * g) <= valley(w - s * best * g) + 1e-9 for s in (0.9, 1.1))


def test_in_one_dimension_all_three_rates_are_one_over_the_curvature_or_twice_that():
    assert best_eta(3.0, 4.0) == 0.25
    assert break_even_eta(-3.0, 4.0) == 0.5
    assert largest_stable_eta(4.0) == 0.5


@pytest.mark.parametrize("share", [0.99, 1.01])
def test_largest_stable_eta_is_the_threshold_of_descent(share):
    path = descend(lambda w: H @ w, [1.0, 1.0], share * largest_stable_eta(H), 600)
    assert (np.linalg.norm(path[-1]) > 10) == (share > 1)
    assert (np.linalg.norm(path[-1]) < 0.1) == (share < 1)
    assert largest_stable_eta(np.diag([-3.0, 1.0])) == 2


@given(w=st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_one_newton_step_ends_at_the_minimum_of_a_parabola(w):
    w = np.array(w)
    np.testing.assert_allclose(
        w + newton_step(slope_of_valley(w), H), [97 / 39, 1 / 39], rtol=1e-9, atol=1e-12
    )
    assert newton_step(3.0, 2.0) == -1.5


@pytest.mark.parametrize("function", [best_eta, break_even_eta, newton_step])
@pytest.mark.parametrize(
    ("g", "hess", "message"),
    [
        ([1.0], H, r"^g has shape \(1,\): expected \(2,\)"),
        (1.0, H, r"^g has shape"),
        ([1.0, np.nan], H, r"^g = "),
        ([1.0, 2.0], np.ones((2, 3)), r"^hess has shape \(2, 3\)"),
        ([1.0, 2.0], [1.0, 2.0], r"^hess has shape \(2,\)"),
        ([1.0, 2.0], np.zeros((2, 2, 2)), r"^hess has shape"),
        ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], r"^hess = .*symmetric"),
        ([1.0, 2.0], [[1.0, 0.0], [0.0, np.inf]], r"^hess = .*finite"),
    ],
)
def test_bad_gradients_and_hessians_are_refused_by_name(function, g, hess, message):
    with pytest.raises(ValueError, match=message):
        function(g, hess)


def test_rounding_in_a_hessian_is_not_taken_for_asymmetry():
    assert largest_stable_eta([[2.0, 1.0], [1.0 + 1e-12, 20.0]]) == pytest.approx(0.0997238)


def test_where_there_is_no_answer_it_says_so():
    with pytest.raises(ValueError, match=r"^g = .*not zero"):
        steepest_descent_direction([0.0, 0.0])
    with pytest.raises(ValueError, match=r"^g = .*not zero"):
        best_eta([0.0, 0.0], H)
    for curvature in (0.0, -1.0):
        with pytest.raises(ValueError, match=r"^hess = .*positive curvature"):
            best_eta(1.0, curvature)
        with pytest.raises(ValueError, match=r"^hess = .*positive eigenvalue"):
            largest_stable_eta([[curvature]])
    for singular in (np.ones((2, 2)), np.zeros((2, 2))):
        with pytest.raises(ValueError, match=r"^hess = .*invertible"):
            newton_step([1.0, 2.0], singular)
    with pytest.raises(ValueError, match=r"^hess = .*invertible"):
        newton_step(1.0, 0.0)


def test_other_bad_arguments_are_refused_by_name():
    for derivatives in ([], 1.0, [[1.0]], [np.nan]):
        with pytest.raises(ValueError, match=r"^derivatives = "):
            taylor_polynomial(derivatives, 0.0)
    with pytest.raises(ValueError, match=r"^w0 = "):
        taylor_polynomial([1.0], np.nan)
    for w0 in ([], [[1.0]]):
        with pytest.raises(ValueError, match=r"^w0 has shape"):
            linear_model(np.sum, np.ones_like, w0)
    with pytest.raises(ValueError, match=r"^grad\(w0\) has shape"):
        linear_model(valley, lambda w: 1.0, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^hess\(w0\) has shape \(2,\): expected \(2, 2\)"):
        quadratic_model(valley, slope_of_valley, slope_of_valley, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^w has shape \(3,\): expected \(2,\)"):
        linear_model(valley, slope_of_valley, [1.0, 2.0])([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^M = "):
        remainder_bound(-1, 1, 1)
    with pytest.raises(ValueError, match=r"^order = "):
        remainder_bound(1, 1, -1)
    with pytest.raises(ValueError, match=r"^distance = "):
        remainder_bound(1, np.nan, 1)


def test_the_direction_along_an_axis_and_of_a_huge_gradient():
    np.testing.assert_array_equal(steepest_descent_direction([0.0, 3.0]), [0, -1])
    np.testing.assert_allclose(
        steepest_descent_direction([1e200, -1e200]), np.array([-1, 1]) / np.sqrt(2)
    )


def test_a_gradient_that_is_not_finite_has_no_direction():
    with pytest.raises(ValueError, match="g"):
        steepest_descent_direction([np.inf, 1.0])


def test_a_flat_parabola_is_walked_far():
    assert best_eta(1.0, 0.25) == 4


def test_a_model_that_overflows_is_infinite_without_a_warning():
    far = 1e308
    assert taylor_polynomial([0.0, 1e10], 0.0)(far) == np.inf
    steep = linear_model(lambda w: 0.0, lambda w: np.array(1e10), 0.0)
    bent = quadratic_model(lambda w: 0.0, lambda w: np.array(0.0), lambda w: np.array(2.0), 0.0)
    assert steep(far) == np.inf
    assert bent(far) == np.inf


def test_a_hessian_that_is_singular_but_for_rounding_is_refused():
    with pytest.raises(ValueError, match="^hess = .*invertible"):
        newton_step([1.0, 2.0], [[0.1, 0.3], [0.3, 0.9]])


def test_no_step_ends_above_the_bound_of_the_descent_lemma():
    """log cosh has the curvature 1 at most, so its sum with a parabola of curvature c has 1 + c."""
    rng = np.random.default_rng(0)
    for _ in range(500):
        c, start = rng.uniform(0, 2), rng.normal(size=3)

        def f(p, c=c):
            return np.log(np.cosh(p)).sum() + c * (p @ p) / 2

        g, M = np.tanh(start) + c * start, 1 + c
        eta = rng.uniform(0, 3 / M)
        bound = descent_bound(f(start), g, M, eta)
        assert f(start - eta * g) <= bound + 1e-12
        assert (bound < f(start)) == (eta < 2 / M)


def test_the_bound_is_met_by_a_parabola_and_refuses_a_negative_curvature():
    assert descent_bound(2.0, 4.0, 4.0, 0.25) == 2.0 - 2.0
    assert descent_bound(8.0, [4.0, 0.0], 2.0, 0.3) == pytest.approx((2 - 0.6 * 2) ** 2 + 4)
    with pytest.raises(ValueError, match="M = -1: expected a bound, at least 0"):
        descent_bound(1.0, [1.0], -1, 0.1)

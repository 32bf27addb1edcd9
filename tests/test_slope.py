"""Slopes from values: their errors are what theory says, and a wrong gradient is detected."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gdlib.slope import (
    central_difference,
    check_gradient,
    complex_step,
    directional_slope,
    numerical_gradient,
    secant_slope,
)

EPS = np.finfo(float).eps


def cube(w):
    return w**3 - 2 * w


def slope_of_cube(w):
    x = sp.Symbol("x", real=True)
    return sp.lambdify(x, sp.diff(cube(x), x))(np.asarray(w))


def test_secant_of_a_cube_is_off_by_its_taylor_remainder():
    """(f(w + h) − f(w))/h − f′(w) = 3wh + h² for the cube."""
    w, h = 1.5, np.array([1.0, 0.1, -0.5])
    np.testing.assert_allclose(secant_slope(cube, w, h) - slope_of_cube(w), 3 * w * h + h**2)


def test_central_difference_of_a_cube_is_off_by_h_squared():
    h = np.array([1.0, 0.1, 0.01])
    np.testing.assert_allclose(central_difference(cube, 1.5, h) - slope_of_cube(1.5), h**2)


@pytest.mark.parametrize(("dtype", "digits"), [(np.float32, 1e-3), (np.float64, 1e-8)])
@pytest.mark.parametrize("w", [0.0, 1.0, 1e3])
def test_default_step_balances_both_errors(w, dtype, digits):
    result = central_difference(np.sin, dtype(w))
    assert result.dtype == dtype
    assert abs(result - np.cos(dtype(w))) < digits * max(1, w)


@pytest.mark.parametrize("w", [-0.5, 3.0, -200.0])
def test_default_step_is_the_documented_one(w):
    seen = []
    central_difference(lambda v: seen.append(float(v)) or v, w)
    assert max(seen) - min(seen) == pytest.approx(2 * EPS ** (1 / 3) * max(1, abs(w)), rel=1e-6)


def test_the_error_of_a_central_difference_has_its_v():
    """Too large a step and too small a step are both worse than the default."""
    errors = [abs(central_difference(np.exp, 1.0, h) - np.e) for h in (1e-2, None, 1e-12)]
    assert errors[0] > 1e3 * errors[1] and errors[2] > 1e3 * errors[1]


@given(w=st.floats(-3, 3))
def test_complex_step_is_exact_to_rounding(w):
    assert complex_step(cube, w) == pytest.approx(slope_of_cube(w), rel=4 * EPS, abs=4 * EPS)
    assert complex_step(np.exp, w) == pytest.approx(np.exp(w), rel=4 * EPS)


def test_complex_step_of_a_cube_is_off_by_minus_h_squared():
    """Im (w + ih)³ / h = 3w² − h²: the step is purely imaginary."""
    h = np.array([1e-3, 0.1, 1.0])
    np.testing.assert_allclose(complex_step(cube, 1.5, h) - slope_of_cube(1.5), -(h**2), rtol=1e-8)


def test_complex_step_takes_arrays_and_its_own_step():
    np.testing.assert_allclose(complex_step(np.sin, [0.0, 1.0], 1e-8), np.cos([0.0, 1.0]))


@pytest.mark.parametrize("f", [np.abs, lambda w: np.real(w) ** 2])
def test_complex_step_refuses_a_function_that_drops_the_imaginary_part(f):
    with pytest.raises(ValueError, match=r"^f = .*imaginary"):
        complex_step(f, 1.0)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3)])
@pytest.mark.parametrize("h", [None, 1e-4])
def test_numerical_gradient_of_a_sum_of_cubes(shape, h):
    w = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape) - 1
    before = w.copy()
    gradient = numerical_gradient(lambda w: np.sum(w**3), w, h)
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, 3 * before**2, atol=2e-8)
    np.testing.assert_array_equal(w, before)


def test_numerical_gradient_keeps_float32_and_leaves_w_alone():
    def greedy(w):
        value = (w**2).sum()
        w[:] = 99  # f gets a copy, so w is not changed
        return value

    w = np.ones(2, np.float32)
    gradient = numerical_gradient(greedy, w)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, [2, 2], rtol=1e-3)
    np.testing.assert_array_equal(w, [1, 1])


def test_numerical_gradient_may_return_an_array_of_one_number():
    np.testing.assert_allclose(numerical_gradient(lambda w: [w @ w], [1.0, 2.0]), [2, 4])
    with pytest.raises(ValueError, match=r"\(2,\): expected one number"):
        numerical_gradient(lambda w: w, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"\(0,\): expected one number"):
        numerical_gradient(lambda w: [], [1.0, 2.0])


@given(angle=st.floats(0, 2 * np.pi), length=st.floats(1e-3, 1e3))
def test_directional_slope_is_the_gradient_times_the_unit_vector(angle, length):
    u = np.array([np.cos(angle), np.sin(angle)])
    slope = directional_slope(lambda w: w[0] ** 3 + 2 * w[0] * w[1], [1.0, 2.0], length * u)
    assert slope == pytest.approx(np.array([7.0, 2.0]) @ u, abs=1e-8)


def test_directional_slope_far_out_steps_further():
    slope = directional_slope(lambda w: (w**2).sum(), [-1e4, 0.0], [-1.0, 0.0])
    assert slope == pytest.approx(2e4, rel=1e-9)
    assert directional_slope(lambda w: w.sum(), np.ones(2, np.float32), [1.0, 0.0]).dtype == "f"


def test_check_gradient_tells_right_from_wrong():
    w = np.array([1.0, -2.0, 0.5])

    def f(w):
        return (w**3).sum()

    assert check_gradient(f, lambda w: 3 * w**2, w) < 1e-9
    assert check_gradient(f, lambda w: -3 * w**2, w) == pytest.approx(1)
    assert check_gradient(f, lambda w: 6 * w**2, w) == pytest.approx(1 / 3)
    assert check_gradient(f, lambda w: 3 * w, w) > 0.1
    assert check_gradient(lambda w: 0.0, lambda w: 0 * w, w) == 0.0


@pytest.mark.parametrize("function", [secant_slope, central_difference, complex_step])
def test_bad_points_and_steps_are_refused_by_name(function):
    with pytest.raises(ValueError, match=r"^h = "):
        function(cube, 1.0, 0)
    with pytest.raises(ValueError, match=r"^h = "):
        function(cube, 1.0, [0.1, np.nan])
    for bad in (np.nan, np.inf, "x"):
        with pytest.raises(ValueError, match=r"^w = "):
            function(cube, bad, 0.1)


def test_bad_directions_and_gradients_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^u = .*not zero"):
        directional_slope(np.sum, [1.0, 2.0], [0.0, 0.0])
    with pytest.raises(ValueError, match=r"^u has shape \(3,\): expected \(2,\)"):
        directional_slope(np.sum, [1.0, 2.0], [1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match=r"^grad\(w\) has shape \(\)"):
        check_gradient(np.sum, lambda w: 1.0, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^grad\(w\) = .*NaN"):
        check_gradient(np.sum, lambda w: w * np.nan, [1.0, 2.0])


def test_outside_a_functions_domain_no_warning_escapes():
    assert np.isnan(central_difference(np.log, 0.0))
    assert np.isnan(secant_slope(np.log, -1.0, 0.5))
    assert complex_step(lambda w: w * 1e300, 1e10) == pytest.approx(1e300)


def test_a_step_may_be_a_list_and_keeps_float32():
    square = lambda w: w**2  # noqa: E731
    slopes = central_difference(square, np.array([1.0, 2.0]), [0.1])
    np.testing.assert_allclose(slopes, [2, 4])
    single = np.array([1.0], np.float32)
    assert secant_slope(square, single, np.float64(1e-3)).dtype == np.float32


def test_a_gradient_that_changes_its_argument_changes_a_copy():
    w = np.array([1.0, 2.0])
    error = check_gradient(lambda v: (v**2).sum(), lambda v: v.__imul__(2), w)
    assert error < 1e-9 and w.tolist() == [1, 2]


@pytest.mark.parametrize("size", (1e-200, 1e200))
def test_a_wrong_sign_is_seen_at_any_size(size):
    wrong = check_gradient(lambda v: size * v.sum(), lambda v: -np.full_like(v, size), [1, 2])
    assert wrong == pytest.approx(1)


def test_one_wrong_entry_among_large_ones_is_named():
    sizes = np.array([[1e6, 1.0], [1e-3, 1e3]])
    w = np.array([[0.5, -0.3], [0.7, 1.1]])

    def f(w):
        return (sizes * w**2).sum()

    right = check_gradient(f, lambda w: 2 * sizes * w, w)
    assert right < 1e-8 and right.worst < 1e-2
    for place in np.ndindex(w.shape):
        factor = np.ones_like(w)
        factor[place] = 1.5
        wrong = check_gradient(f, lambda w, factor=factor: 2 * sizes * w * factor, w)
        if sizes[place] >= 1:  # the smallest is below what rounding of f leaves of it
            assert wrong.at == place and wrong.worst == pytest.approx(0.2, rel=0.05)
    hidden = check_gradient(f, lambda w: 2 * sizes * w * [[1, 2], [1, 1]], w)
    assert hidden < 1e-5 < 0.3 < hidden.worst and hidden.at == (0, 1)
    assert repr(hidden).endswith("the worst entry at (0, 1): 0.33")
    assert isinstance(hidden, float) and f"{hidden:.1e}".endswith("e-07")


def test_a_flat_function_and_a_kink_are_as_documented():
    assert check_gradient(lambda w: 0.0, lambda w: 0 * w, [1.0, 2.0]) == 0
    assert check_gradient(lambda w: 0.0, lambda w: 0 * w, [1.0, 2.0]).worst == 0
    at_kink = check_gradient(lambda w: abs(w).sum(), lambda w: np.ones(1), [0.0])
    assert at_kink == pytest.approx(1)  # the central difference is the mean of −1 and 1
    w = np.array([0.3, -0.7], np.float32)
    assert check_gradient(lambda w: (w**3).sum(), lambda w: 3 * w**2, w) < 1e-3

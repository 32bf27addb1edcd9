"""Activation functions: against SymPy, the complex step and PyTorch, and far from 0."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gdlib import symbolic
from gdlib.activation_functions import ACTIVATIONS, leaky_relu, leaky_relu_grad, relu_grad
from gdlib.efficient_backprop import Network
from gdlib.slope import complex_step
from gdlib.verify import agree

a = symbolic.a
NAMES = sorted(ACTIVATIONS)
FLOATS = (np.float32, np.float64)


def test_the_table_has_every_activation_of_the_book():
    assert NAMES == ["identity", "leaky_relu", "relu", "sigmoid", "softplus", "tanh"]
    assert set(NAMES) == set(symbolic.ACTIVATIONS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("domain", [(-2, 2), (-30, 30)])
def test_function_is_the_sympy_expression(name, domain):
    function, _ = ACTIVATIONS[name]
    agree(symbolic.ACTIVATIONS[name](a), function, a, domain=domain, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_what_sympy_and_the_difference_quotient_derive(name):
    function, derivative = ACTIVATIONS[name]
    agree(sp.diff(symbolic.ACTIVATIONS[name](a), a), derivative, a, of=function, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_the_complex_step(name):
    function, derivative = ACTIVATIONS[name]
    points = np.linspace(-8, 8, 400)  # without 0, the kink
    np.testing.assert_allclose(derivative(points), complex_step(function, points), rtol=1e-9)


def test_sigmoid_grad_keeps_its_digits_where_the_sigmoid_is_nearly_one():
    sigmoid, sigmoid_grad = ACTIVATIONS["sigmoid"]
    np.testing.assert_allclose(sigmoid_grad([40.0, -40.0]), np.exp(-40.0), rtol=1e-12)
    np.testing.assert_allclose(sigmoid(-40.0), np.exp(-40.0), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_values_and_derivatives_are_pytorchs(name, torch):
    function, derivative = ACTIVATIONS[name]
    points = np.linspace(-5, 5, 101)
    theirs = {
        "identity": lambda t: 1 * t,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "softplus": torch.nn.functional.softplus,
        "tanh": torch.tanh,
    }[name]
    t = torch.tensor(points, requires_grad=True)
    value = theirs(t)
    value.sum().backward()
    np.testing.assert_allclose(function(points), value.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(derivative(points), t.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_at_the_kink_the_left_slope_is_the_derivative():
    assert relu_grad(0) == 0
    assert leaky_relu_grad(0) == 0.01
    assert symbolic.relu(a).diff(a).subs(a, 0) == 0


@pytest.mark.parametrize("slope", [0, 0.2, -1])
def test_leaky_relu_takes_its_slope(slope):
    np.testing.assert_allclose(leaky_relu([-2.0, 0.0, 3.0], slope), [-2 * slope, 0, 3])
    np.testing.assert_allclose(leaky_relu_grad([-2.0, 0.0, 3.0], slope), [slope, slope, 1])
    with pytest.raises(ValueError, match="slope"):
        leaky_relu([1.0], np.nan)


LIMITS = {  # value at −1e4 and 1e4, derivative there
    "identity": (-1e4, 1e4, 1, 1),
    "leaky_relu": (-1e2, 1e4, 0.01, 1),
    "relu": (0, 1e4, 0, 1),
    "sigmoid": (0, 1, 0, 0),
    "softplus": (0, 1e4, 0, 1),
    "tanh": (-1, 1, 0, 0),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_far_out_it_takes_its_limits_without_a_warning(name, dtype):
    far = np.array([-1e4, 1e4], dtype)
    with np.errstate(all="raise"):
        values = np.concatenate([f(far) for f in ACTIVATIONS[name]])
    assert values.dtype == dtype
    np.testing.assert_allclose(values, LIMITS[name], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@given(
    x=hnp.arrays(
        st.sampled_from(FLOATS),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
        elements=st.floats(-1e4, 1e4, width=32),
    ),
    order=st.sampled_from("CF"),
)
def test_any_array_keeps_shape_and_dtype_and_comes_back_fresh(name, x, order):
    x = np.asarray(x, order=order)
    before = x.copy()
    for function in ACTIVATIONS[name]:
        result = function(x)
        assert np.shape(result) == x.shape and result.dtype == x.dtype
        assert np.isfinite(result).all()
        assert not np.shares_memory(result, x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", NAMES)
def test_integers_and_lists_become_float64(name):
    for function in ACTIVATIONS[name]:
        assert function([1, 2]).dtype == float
        assert isinstance(function(1), float)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, [0.0, np.nan], "one", [[1], [1, 2]]])
def test_bad_numbers_are_refused_by_name(name, bad):
    for function in ACTIVATIONS[name]:
        with pytest.raises(ValueError, match=r"^a = .*expected numbers"):
            function(bad)


def test_tanh_is_evaluated_once_on_the_way_there_and_back(monkeypatch):
    seen, tanh = [], np.tanh
    monkeypatch.setattr(np, "tanh", lambda a: seen.append(a) or tanh(a))
    Network.random((2, 3, 4, 2), "tanh", rng=0).gradients([[1.0, 2.0]], [1])
    assert [a.shape for a in seen] == [(1, 3), (1, 4)]

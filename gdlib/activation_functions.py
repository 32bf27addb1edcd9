"""Activation functions and their derivatives: what a unit makes of its pre-activation a.

All work elementwise on numbers or arrays of any shape, keep float32, return fresh arrays and are
stable far beyond ±1e4: exact to the rounding of their largest value. ValueError for NaN.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdlib._argument_checks import Array, scalar
from gdlib._checked import checked, kept
from gdlib._preparations import elementwise


def _magnitude(a: Any) -> Array:
    """|a|, but unlike abs it lets a complex step through."""
    return np.where(a > 0, a, -a)


@checked(elementwise)
def sigmoid(a: Any) -> Any:
    r"""The sigmoid, from 0 to 1: the probability that goes with the score a.

    :math:`\sigma(a) = \frac{1}{1 + e^{-a}} = \frac{e^a}{e^a + 1}`, each where its exponential is
    at most 1.
    """
    z = np.exp(-_magnitude(a))
    return np.where(a > 0, 1, z) / (1 + z)


@checked(elementwise)
def sigmoid_grad(a: Any) -> Any:
    r""":math:`\sigma'(a) = \sigma(a)\,(1 - \sigma(a)) = \sigma(a)\,\sigma(-a)`, at most ¼."""
    return sigmoid(a) * sigmoid(-a)


@checked(elementwise)
@kept
def tanh(a: Any) -> Any:
    r"""The hyperbolic tangent, from −1 to 1: :math:`\tanh a = 2 \sigma(2a) - 1`."""
    return np.tanh(a)


@checked(elementwise)
def tanh_grad(a: Any) -> Any:
    r""":math:`\tanh'(a) = 1 - \tanh^2 a`."""
    return 1 - tanh(a) ** 2


@checked(elementwise)
def relu(a: Any) -> Any:
    r"""The rectified linear unit: :math:`\max(0, a)`. Source: Nair and Hinton (2010), ICML."""
    return np.maximum(a, 0)


@checked(elementwise)
def relu_grad(a: Any) -> Any:
    r""":math:`1` where :math:`a > 0`, else 0; at the kink, where there is no slope, it is 0."""
    return (a > 0).astype(a.dtype)


@checked(elementwise)
def leaky_relu(a: Any, slope: float = 0.01) -> Any:
    r""":math:`a` where it is positive, else :math:`\text{slope} \cdot a`."""
    return np.where(a > 0, a, scalar("slope", slope) * a)


@checked(elementwise)
def leaky_relu_grad(a: Any, slope: float = 0.01) -> Any:
    r""":math:`1` where :math:`a > 0`, else the slope, also at 0."""
    return np.where(a > 0, 1, scalar("slope", slope)).astype(a.dtype)


@checked(elementwise)
def softplus(a: Any) -> Any:
    r"""A ReLU without the kink: :math:`\log(1 + e^a) = \max(0, a) + \log(1 + e^{-|a|})`."""
    return np.maximum(a, 0) + np.log1p(np.exp(-_magnitude(a)))


@checked(elementwise)
def softplus_grad(a: Any) -> Any:
    r""":math:`\frac{d}{da} \log(1 + e^a) = \sigma(a)`."""
    return sigmoid(a)


@checked(elementwise)
def identity(a: Any) -> Any:
    r""":math:`a`: a unit without an activation function."""
    return a.copy()


@checked(elementwise)
def identity_grad(a: Any) -> Any:
    r""":math:`1`."""
    return np.ones_like(a)


Activation = Callable[[Any], Any]
ACTIVATIONS: dict[str, tuple[Activation, Activation]] = {
    "sigmoid": (sigmoid, sigmoid_grad),
    "tanh": (tanh, tanh_grad),
    "relu": (relu, relu_grad),
    "leaky_relu": (leaky_relu, leaky_relu_grad),
    "softplus": (softplus, softplus_grad),
    "identity": (identity, identity_grad),
}

r"""Descent in a quadratic bowl, axis by axis: what a step multiplies, and the rates that are best.

Along an axis with the curvature λ the error of plain descent is multiplied by 1 − ηλ. With momentum
it follows :math:`e_{t+1} = (1 + \beta - \eta\lambda)\, e_t - \beta\, e_{t-1}`. Rates η are
positive, and 0 ≤ β < 1; ValueError for others.
"""

from typing import Any

import numpy as np

from gdlib._argument_checks import Array, bad, scalar, share


def momentum_roots(eta: float, curvature: float, beta: float = 0.0) -> Array:
    r"""What multiplies the error at each step in the long run, (2,), complex where it turns.

    The roots of :math:`r^2 - (1 + \beta - \eta\lambda)\, r + \beta`; for β = 0, 1 − ηλ and 0.
    """
    beta, eta = share("beta", beta), _positive("eta", eta, "rate")
    middle = (1 + beta - eta * scalar("curvature", curvature)) / 2
    # Beyond 1e100 β is lost in the square, which would overflow.
    root = np.sqrt(complex(middle**2 - beta)) if abs(middle) < 1e100 else abs(middle)
    return np.array([middle + root, middle - root])


def momentum_factor(eta: float, curvature: float, beta: float = 0.0) -> float:
    r"""The larger of the two roots' sizes: below 1, the axis shrinks.

    It is :math:`\sqrt\beta` where the roots are complex, and the size of 1 − ηλ for β = 0.
    """
    return float(np.abs(momentum_roots(eta, curvature, beta)).max())


def largest_momentum_eta(curvature: float, beta: float = 0.0) -> float:
    r"""The rate from which an axis no longer shrinks: :math:`2 (1 + \beta) / \lambda`."""
    return 2 * (1 + share("beta", beta)) / _positive("curvature", curvature, "curvature")


def best_fixed_eta(low: float, high: float) -> float:
    r"""The rate at which the slower axis is fastest: :math:`2/(\lambda_{\min}+\lambda_{\max})`."""
    low, high = _ends(low, high)
    return 2 / (low + high)


def best_momentum(low: float, high: float) -> tuple[float, float]:
    r"""The rate and the β at which the slower of two axes is fastest.

    :math:`\eta = \bigl(2 / (\sqrt{\lambda_{\min}} + \sqrt{\lambda_{\max}})\bigr)^2` and
    :math:`\beta = \bigl((\sqrt{\lambda_{\max}} - \sqrt{\lambda_{\min}}) / (\sqrt{\lambda_{\max}} +
    \sqrt{\lambda_{\min}})\bigr)^2`; both axes shrink by √β a step. Source: Polyak (1964),
    doi:10.1016/0041-5553(64)90137-5.
    """
    narrow, wide = np.sqrt(_ends(low, high))
    return float((2 / (narrow + wide)) ** 2), float(((wide - narrow) / (wide + narrow)) ** 2)


def _positive(name: str, value: Any, what: str) -> float:
    if not scalar(name, value) > 0:
        raise bad(name, value, f"a positive {what}")
    return float(value)


def _ends(low: Any, high: Any) -> tuple[float, float]:
    low, high = (_positive(n, v, "curvature") for n, v in (("low", low), ("high", high)))
    if low > high:
        raise bad("low", low, f"at most high, which is {high:g}")
    return low, high

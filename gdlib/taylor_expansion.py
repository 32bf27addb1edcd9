"""Taylor polynomials, and what they say about a step downhill: where to, how far, how sure.

g is the gradient at the point w0, (d,), and `hess` the Hessian H there, (d, d) and symmetric; in
one dimension each is a number. ValueError for other shapes, NaN and infinities.
"""

from collections.abc import Callable, Sequence
from math import factorial
from typing import Any

import numpy as np

from gdlib._argument_checks import Array, bad, count, finite, real, scalar, shaped, slopes
from gdlib._checked import checked
from gdlib._preparations import curved

Model = Callable[[Any], Any]


def taylor_polynomial(derivatives: Sequence[float], w0: float) -> Model:
    r"""The polynomial with these derivatives at w0, beginning with the value; elementwise in w.

    :math:`p(w) = \sum_k \frac{d_k}{k!} (w - w_0)^k`
    """
    d, w0 = real("derivatives", derivatives), scalar("w0", w0)
    if d.ndim != 1 or d.size == 0:
        raise bad("derivatives", derivatives, "a list that begins with the value")

    @np.errstate(all="ignore")
    def polynomial(w: Any) -> Any:
        u = finite("w", w) - w0
        return sum(d_k * u**k / factorial(k) for k, d_k in enumerate(d))

    return polynomial


def linear_model(f: Callable[[Any], Any], grad: Callable[[Any], Any], w0: Any) -> Model:
    r"""The tangent at w0: :math:`f(w_0) + g^\top (w - w_0)`, with g = grad(w0).

    For a number w0 it is elementwise in w; for w0 (d,) it takes w (d,) or (…, d).
    """
    w0 = _point(w0)
    value, g = f(w0.copy()), slopes("grad(w0)", grad(w0.copy()), w0.shape)

    @np.errstate(all="ignore")
    def tangent(w: Any) -> Any:
        u = _from(w0, w)
        return value + (u @ g if w0.ndim else u * g)

    return tangent


def quadratic_model(
    f: Callable[[Any], Any], grad: Callable[[Any], Any], hess: Callable[[Any], Any], w0: Any
) -> Model:
    r"""The parabola that hugs f at w0; for the same w as `linear_model`.

    :math:`f(w_0) + g^\top (w - w_0) + \frac12 (w - w_0)^\top H\, (w - w_0)`, with g = grad(w0) and
    H = hess(w0).
    """
    w0 = _point(w0)
    tangent, H = linear_model(f, grad, w0), slopes("hess(w0)", hess(w0.copy()), w0.shape * 2)

    @np.errstate(all="ignore")
    def parabola(w: Any) -> Any:
        return tangent(w) + _curvature(H, _from(w0, w)) / 2

    return parabola


def _point(w0: Any) -> Array:
    """w0 as a number or (d,)."""
    w0 = real("w0", w0)
    if w0.ndim > 1 or w0.size == 0:
        raise ValueError(f"w0 has shape {w0.shape}: expected a number or (d,)")
    return w0


def _from(w0: Array, w: Any) -> Array:
    """The step from w0 to w; where w0 is (d,), the last axis of w has length d."""
    w = finite("w", w)
    shaped("w", w, w.shape[: w.ndim - 1] + w0.shape if w0.ndim else w.shape)
    return w - w0


def _curvature(H: Any, u: Any) -> Any:
    r""":math:`u^\top H u`, along the last axis of u; numbers in one dimension."""
    return ((u @ H) * u).sum(axis=-1) if np.ndim(H) else u * H * u


def steepest_descent_direction(g: Any) -> Any:
    r"""The direction of length 1 in which the tangent plane falls fastest: :math:`-g / \|g\|`.

    ValueError for g = 0, where it is flat.
    """
    g = real("g", g)
    if not g.any():
        raise bad("g", g, "a gradient that is not zero")
    g = g / np.abs(g).max()  # so that no square overflows or vanishes
    return -g / np.linalg.norm(g)


@checked(curved)
def best_eta(g: Any, hess: Any) -> Any:
    r"""The learning rate whose step reaches the lowest point of the parabola along −g.

    :math:`\eta = \frac{g^\top g}{g^\top H g}`. ValueError where there is no lowest point: for
    g = 0, and where the curvature along g is not positive.
    """
    u = steepest_descent_direction(g)
    curvature = _curvature(hess, u)
    if not curvature > 0:
        raise bad("hess", hess, "positive curvature along g")
    return 1 / curvature


@checked(curved)
def break_even_eta(g: Any, hess: Any) -> Any:
    r"""The learning rate whose step ends as high on the parabola as it began; errors as `best_eta`.

    :math:`\eta = \frac{2\, g^\top g}{g^\top H g}`: beyond it, a step makes things worse.
    """
    return 2 * best_eta(g, hess)


@checked(curved)
def largest_stable_eta(hess: Any) -> Any:
    r"""The learning rate from which descent no longer converges in the most curved direction.

    :math:`\eta = 2 / \lambda_{\max}(H)`. ValueError where no eigenvalue is positive.
    """
    largest = np.linalg.eigvalsh(hess)[-1] if np.ndim(hess) else hess
    if not largest > 0:
        raise bad("hess", hess, "a positive eigenvalue")
    return 2 / largest


def descent_bound(value: float, g: Any, M: float, eta: float) -> float:
    r"""The descent lemma: the height that a step −η g cannot end above.

    :math:`L - \eta\, (1 - \eta M / 2)\, \|g\|^2`, where L is the value and g the gradient at the
    start, and M ≥ 0 bounds the curvature on the way, in every direction. Below L if 0 < η < 2/M.
    """
    if scalar("M", M) < 0:
        raise bad("M", M, "a bound, at least 0")
    eta, squared = scalar("eta", eta), float((real("g", g) ** 2).sum())
    return scalar("value", value) - eta * (1 - eta * M / 2) * squared


@checked(curved)
def newton_step(g: Any, hess: Any) -> Any:
    r"""The step to the parabola's stationary point, where its gradient g + H u vanishes.

    :math:`u = -H^{-1} g`. ValueError where H is singular.
    """
    H = np.reshape(hess, (len(g), len(g)) if np.ndim(hess) else (1, 1))
    if not np.linalg.cond(H) < 1 / np.finfo(H.dtype).eps:
        raise bad("hess", hess, "an invertible matrix")
    return -np.linalg.solve(hess, g) if np.ndim(hess) else -g / hess


def remainder_bound(M: float, distance: float, order: int) -> float:
    r"""How far a function can be from its Taylor polynomial of this order, at this distance.

    :math:`\frac{M\, |\text{distance}|^{\text{order} + 1}}{(\text{order} + 1)!}`, where M ≥ 0 bounds
    the next derivative in between: Lagrange's remainder.
    """
    if scalar("M", M) < 0:
        raise bad("M", M, "a bound, at least 0")
    k = count("order", order) + 1
    return M * abs(scalar("distance", distance)) ** k / factorial(k)

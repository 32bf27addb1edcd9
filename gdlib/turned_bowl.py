"""A quadratic bowl with an angle and two curvatures, in symbols: descent in it, and its factors.

The angle is in degrees; t is the step.
"""

from collections.abc import Sequence

import sympy as sp

from gdlib.live import Iterated, iterate
from gdlib.symbolic import Expr, b, beta, optimizer_step, w

angle, t, *curvatures = sp.symbols("angle t lambda_1 lambda_2", real=True)


def factor(rate: Expr, curvature: Expr) -> Expr:
    """The size of the larger root of r² − (1 + β − ηλ) r + β."""
    middle = (1 + beta - rate * curvature) / 2
    under = middle**2 - beta
    return sp.Piecewise((sp.sqrt(beta), under < 0), (sp.Abs(middle) + sp.sqrt(under), True))


def directions() -> sp.Matrix:
    """The unit vectors along the bowl's axes, as columns."""
    turned = angle * sp.pi / 180
    return sp.Matrix([[sp.cos(turned), -sp.sin(turned)], [sp.sin(turned), sp.cos(turned)]])


def descent(steps: int) -> Iterated:
    """Descent with momentum in (w, b)."""
    H = directions() * sp.diag(*curvatures) * directions().T

    def gradient(place: Sequence[Expr]) -> list[Expr]:
        return list(H * sp.Matrix(place))

    update, memory = optimizer_step("momentum", (w, b), gradient)
    start = {w: sp.Float(2.4), b: sp.Float(1.6), **memory}
    return iterate(update, steps, start)


def best_eta() -> tuple[Expr, Expr]:
    """The best rate without momentum, and the factor of both axes there."""
    low, high = sp.Min(*curvatures), sp.Max(*curvatures)
    return 2 / (low + high), (high - low) / (high + low)


def best_pair() -> tuple[Expr, Expr, Expr]:
    """The best rate and β with momentum, and the factor of both axes there, √β."""
    narrow, wide = sp.sqrt(sp.Min(*curvatures)), sp.sqrt(sp.Max(*curvatures))
    share = (wide - narrow) / (wide + narrow)
    return (2 / (wide + narrow)) ** 2, share**2, share

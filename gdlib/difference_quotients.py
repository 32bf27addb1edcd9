"""What is predicted of the difference quotients of a loss: what is cut off, and what is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from gdlib.landscape import OpaqueLoss


@dataclass(frozen=True)
class DifferenceQuotient:
    """What is wrong with a difference quotient: truncation h^order and rounding / h."""

    order: int
    truncation: float
    rounding: float

    def errors(self, h: Any) -> tuple[sp.Expr, sp.Expr]:
        return self.truncation * h**self.order, self.rounding / h

    @property
    def best(self) -> float | None:
        """The h at which the sum of both is least; None if nothing is cut off."""
        if not self.truncation:
            return None
        return float((self.rounding / self.order / self.truncation) ** (1 / (self.order + 1)))


def difference_quotients(loss: OpaqueLoss, at: float) -> dict[str, DifferenceQuotient]:
    """The forward and the central difference at a place, with their predicted errors."""
    derivatives = loss.numbers([loss.derivative(k) for k in range(4)], [at])
    size, first, second, third = (abs(e.item()) for e in derivatives)
    rounding, scale = float(np.finfo(float).eps) * size, max(first, 1e-300)
    return {
        "forward": DifferenceQuotient(1, second / 2 / scale, 2 * rounding / scale),
        "central": DifferenceQuotient(2, third / 6 / scale, rounding / scale),
    }

"""A loss that is the mean over rows of data, and descents that look at one batch after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib.gradient_descent import minibatches
from gdlib.live import Iterated, differentiate, iterate, mean
from gdlib.symbolic import optimizer_step


class MinibatchLoss:
    """The mean of one row's loss over rows of data, and its gradient on one batch after another.

    The rows are shuffled once, as `minibatches(n, n, seed)` shuffles them; every epoch takes its
    batches in this order. A row takes part in a step if it lies in the step's stretch of the order,
    so a batch's gradient is a mean over all rows, of those that take part. The schedule says what η
    is multiplied by at step t.
    """

    def __init__(
        self,
        row: sp.Expr,
        data: Mapping[sp.Symbol, ArrayLike],
        weights: Sequence[sp.Symbol],
        schedule: Callable[[sp.Expr], sp.Expr] = lambda t: sp.S.One,
    ) -> None:
        self.schedule = schedule
        self.row, self.data, self.weights = sp.sympify(row), dict(data), list(weights)
        self.rows = len(np.asarray(next(iter(data.values()))))
        self.seen = sp.Dummy("rows", real=True)
        """Along a path: how many rows have been looked at."""

    def path(self, size: sp.Expr, steps: int, seed: int) -> Iterated:
        """Descent on batches of `size` rows, the last one of an epoch shorter."""
        order = minibatches(self.rows, self.rows, seed)[0]
        k, position = sp.Dummy("k", real=True), sp.Dummy("position", real=True)
        shuffled = {**self.data, position: np.argsort(order)}
        half = sp.Rational(1, 2)  # so that no floor or ceiling is taken of an integer
        batches = sp.ceiling((self.rows - half) / size)
        turn = sp.Eq(sp.floor((position + half) / size), sp.Mod(k, batches))

        def of_the_batch(e: Any) -> sp.Expr:
            return mean(sp.Piecewise((e, turn), (0, True)), shuffled)

        share = of_the_batch(1)
        slopes = [of_the_batch(differentiate(self.row, s)) / share for s in self.weights]
        return self._descent(slopes, steps, k, share)

    def full_path(self, steps: int) -> Iterated:
        """Descent on all rows at every step."""
        whole, k = mean(self.row, self.data), sp.Dummy("k", real=True)
        return self._descent([differentiate(whole, s) for s in self.weights], steps, k)

    def _descent(
        self, slopes: Sequence[sp.Expr], steps: int, k: sp.Symbol, share: sp.Expr = sp.S.One
    ) -> Iterated:
        """Descent along these slopes, which look at this share of the rows at step k."""
        scaled = [self.schedule(k) * slope for slope in slopes]  # as good as a smaller η
        update, _ = optimizer_step("descent", self.weights, lambda place: scaled)
        counted = {k: k + 1, self.seen: self.seen + self.rows * share}
        return iterate(update | counted, steps, dict.fromkeys(counted, sp.S.Zero))

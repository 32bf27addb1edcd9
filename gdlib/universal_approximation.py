"""A target as a sum of bumps, each of two sigmoid units: the appendix's construction."""

import numpy as np
import sympy as sp

from gdlib.live import evaluate, iterate, mean
from gdlib.symbolic import Expr, SymbolicNetwork, sigmoid


class SumOfBumps:
    """N bumps over an interval, each as high as the target in its middle, of a common steepness.

    `total` is their sum, an expression of the target's symbol, of N (at most `most`) and of the
    steepness; `middle` is that of bump k, which is used if `used` holds.
    """

    def __init__(
        self, target: Expr, ends: tuple[float, float], number: Expr, steepness: Expr, most: int
    ) -> None:
        self.target, self.ends, self.most = target, ends, most
        (self.x,) = target.free_symbols
        self.k = k = sp.Dummy("k", real=True)
        half, width = sp.Rational(1, 2), (ends[1] - ends[0]) / number
        # The outermost edges lie one width outside the interval.
        left = ends[0] + width * (k - sp.Piecewise((1, k < half), (0, True)))
        outer = sp.Piecewise((1, k > number - 3 * half), (0, True))
        right = ends[0] + width * (k + 1 + outer)
        one = sigmoid(steepness * (self.x - left)) - sigmoid(steepness * (self.x - right))
        self.middle, self.used = ends[0] + (k + half) * width, k < number - half
        bump = sp.Piecewise((target.subs(self.x, self.middle) * one, self.used), (0, True))
        self.total = most * mean(bump, {k: np.arange(float(most))})

    def largest_error(self, points: int) -> Expr:
        """The largest distance from the target at some places, spread evenly."""
        i, worst = sp.Dummy("i", real=True), sp.Dummy("worst", real=True)
        here = self.ends[0] + i * ((self.ends[1] - self.ends[0]) / (points - 1))
        # Squared: SymPy's Abs of a long expression can go on for ever about its sign.
        square = (self.target - self.total).subs(self.x, here) ** 2
        update, start = {i: i + 1, worst: sp.Max(worst, square)}, {i: sp.S.Zero, worst: sp.S.Zero}
        return sp.sqrt(iterate(update, steps=points, start=start).last(worst))

    def stairs_error(self, n: int) -> float:
        """The largest error of n steps, each as high as the target in its middle."""
        width = (self.ends[1] - self.ends[0]) / n
        starts = self.ends[0] + width * np.arange(n)[:, None]
        (found,) = evaluate([self.target], {self.x: starts + width * np.linspace(0, 1, 61)})
        (middles,) = evaluate([self.target], {self.x: starts + width / 2})
        return float(np.abs(found - middles).max())


class ScaledTarget:
    """Rows of a target, spread evenly over an interval and scaled to −1 … 1 both ways."""

    def __init__(self, target: Expr, ends: tuple[float, float], rows: int) -> None:
        (self.x,) = target.free_symbols
        self.ends, self.inputs = ends, np.linspace(*ends, rows)
        (truth,) = evaluate([target], {self.x: self.inputs})
        self.size = float(np.abs(truth).max()) or 1.0
        self.truth = np.broadcast_to(truth / self.size, rows)

    def data(self, network: SymbolicNetwork) -> dict[Expr, np.ndarray]:
        """The scaled rows for a network of one input and one output, to six decimals."""
        scaled = np.linspace(-1, 1, self.inputs.size), self.truth
        symbols = (network.inputs[0], network.labels[0])
        return {s: np.round(column, 6) for s, column in zip(symbols, scaled, strict=True)}

    def unscaled(self, network: SymbolicNetwork, output: Expr) -> Expr:
        """A network's output in the target's own units, as an expression of its symbol."""
        low, high = self.ends
        return self.size * output.subs(network.inputs[0], (2 * self.x - low - high) / (high - low))

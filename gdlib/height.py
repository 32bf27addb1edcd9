"""The height of a loss along a descent: what is drawn of it, and on which axis."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from gdlib.measured import constant, known


@dataclass(frozen=True)
class Height:
    """What is drawn of a loss: an expression, its range in a box, its start's value.

    All of it follows a loss that is typed.
    """

    expression: sp.Expr
    least: sp.Expr
    most: sp.Expr
    begin: sp.Expr
    above_lowest: sp.Expr
    """1 if it is the loss above its lowest place, 0 if it is the loss."""

    @property
    def log(self) -> sp.Expr:
        """1 if nothing of it is negative, so that the axis can be logarithmic."""
        return constant(sp.Piecewise((1, self.least >= 0), (0, True)))

    @property
    def logarithmic(self) -> bool:
        """The same of the author's loss."""
        return known(self.log) == [1]

    @property
    def titles(self) -> tuple[str, str]:
        """What it is called if it is the loss, and if it is the loss above its lowest place."""
        return "loss", "loss − lowest"

    @property
    def title(self) -> str:
        """What the author's is called."""
        return self.titles[int(known(self.above_lowest)[0])]

    @property
    def scale(self) -> str:
        """The axis's scale, as Matplotlib calls it."""
        return "log" if self.logarithmic else "linear"

    @property
    def axis(self) -> str:
        """What to call the axis."""
        return "logarithmic" if self.logarithmic else "linear"

    def limits(self, below: float, above: float) -> tuple[float, float]:
        """The ends of an axis: on a logarithmic one, these shares of the highest.

        Or further down, where the start would not be seen.
        """
        low, high = known(*self.ends(below, above))
        return low, high

    def ends(self, below: float, above: float) -> list[sp.Expr]:
        """The same, also of a loss that is typed."""
        seen = (self.begin <= 0) | (self.begin >= 10 * self.most * sp.Float(below))
        highest = constant(sp.Piecewise((self.most, seen), (self.begin, True)))
        room = (self.most - self.least) / 5
        return [
            constant(sp.Piecewise((highest * sp.Float(share), self.log > 0), (end, True)))
            for share, end in ((below, self.least - room), (above, self.most + room))
        ]

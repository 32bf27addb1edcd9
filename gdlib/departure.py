"""When an iterated path leaves a region for good, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from gdlib.live import Iterated, iterate

_now, _inside = sp.symbols("t_now t_inside", real=True)


class Departure:
    """A path, and when it leaves a region for good: after its last step there.

    `gone` holds if it was there and is not at the end; `step` is the first one without return, and
    `last` the one before. While the path stays, both are beyond its end.
    """

    def __init__(self, path: Iterated, region: Mapping[sp.Expr, tuple[float, float]]) -> None:
        self.region = region
        inside = sp.And(*(c for e, (low, high) in region.items() for c in (e >= low, e <= high)))
        update, start = (dict(zip(path.state, e, strict=True)) for e in (path.update, path.start))
        update |= {_inside: sp.Piecewise((_now, inside), (_inside, True)), _now: _now + 1}
        self.path = iterate(update, path.steps, start | {_inside: -sp.S.One, _now: sp.S.Zero})
        last = self.path.last(_inside)
        self.gone = sp.Not(self.path.last(inside)) & (last >= 0)
        self.last = sp.Piecewise((last, self.gone), (path.steps + 1, True))
        self.step = self.last + 1

    def left_by(self, step: Any = None) -> sp.Expr:
        """Whether the path has left by this step, or by its end."""
        return self.gone if step is None else self.gone & (self.step <= step)

    @property
    def exit(self) -> tuple[list[sp.Expr], list[sp.Expr]]:
        """Where the path last was in the region, and how far it then is to the region's edge."""
        before, after = ([self.path.at(t, e) for e in self.region] for t in (self.last, self.step))
        way = [b - a for a, b in zip(before, after, strict=True)]
        shares = [
            sp.Piecewise(((high - x) / d, d > 0), ((low - x) / d, d < 0), (sp.Float(1e300), True))
            for x, d, (low, high) in zip(before, way, self.region.values(), strict=True)
        ]
        # A path that stays has no way to anywhere, in which rounding would be divided by itself.
        return before, [sp.Piecewise((sp.Min(*shares) * d, self.gone), (0, True)) for d in way]

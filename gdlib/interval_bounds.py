"""The largest size of an expression over an interval: proved by interval arithmetic, not sampled.

Every operation takes intervals to an interval that holds all its values (Moore 1966, Interval
Analysis). Over a wide interval that is too cautious, so intervals are halved where it matters.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from gdlib.symbolic import Expr

Interval = tuple[np.ndarray, np.ndarray]
"""Lower and upper ends, an array of each: many intervals at once."""

_ROUNDING = 1e-12  # a share; every end is moved outwards by so much, far more than NumPy rounds
_RISING: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    sp.exp: np.exp, sp.log: np.log, sp.tanh: np.tanh, sp.atan: np.arctan, sp.sinh: np.sinh,
    sp.asinh: np.arcsinh,
}  # fmt: skip
_PIECES, _ROUNDS, _MOST = 256, 40, 20_000


@np.errstate(all="ignore")
def largest_size(e: Expr, x: Expr, low: float, high: float, rtol: float = 1e-3) -> float | None:
    r"""A bound of :math:`|e|` for x from low to high, at most a share `rtol` above the largest.

    None where no bound is found: e has a pole, jumps there, or contains a function without rules.
    """
    ends = np.linspace(low, high, _PIECES + 1)
    pieces = ends[:-1], ends[1:]
    bound, reached = 0.0, 0.0
    try:
        for _ in range(_ROUNDS):
            middle = (pieces[0] + pieces[1]) / 2
            sizes = np.maximum(*map(abs, _over(e, x, pieces, {})))
            reached = max(reached, np.abs(_over(e, x, (middle, middle), {})[0]).max())
            if not np.isfinite(reached):
                return None
            large = ~(sizes <= reached * (1 + rtol))
            bound = max(bound, sizes[~large].max(initial=0))
            if not large.any():
                return float(max(bound, reached))
            if large.sum() > _MOST:
                break
            pieces = (
                np.concatenate([pieces[0][large], middle[large]]),
                np.concatenate([middle[large], pieces[1][large]]),
            )
    except _NoRuleError:
        return None
    return float(max(bound, sizes[large].max())) if np.isfinite(sizes).all() else None


class _NoRuleError(Exception):
    """An operation that has no rule for intervals."""


def _over(e: Expr, x: Expr, given: Interval, known: dict[Expr, Interval]) -> Interval:
    """The intervals that hold e where x is in the given ones, each part once."""
    if e not in known:
        low, high = _operation(e, x, given, lambda part: _over(part, x, given, known))
        slack = 0 if e.is_Atom else _ROUNDING * np.maximum(abs(low), abs(high))
        # Not a number: it jumps here, or is undefined, and so is all that is made of it.
        known[e] = (
            np.where(np.isnan(high), np.nan, low - slack),
            np.where(np.isnan(low), np.nan, high + slack),
        )
    return known[e]


def _operation(e: Expr, x: Expr, given: Interval, over: Callable[[Expr], Interval]) -> Interval:
    if e == x:
        return given
    if e.is_number:
        number = np.full_like(given[0], float(e))
        return number, number
    if e.is_Add:
        lows, highs = zip(*map(over, e.args), strict=True)
        return sum(lows), sum(highs)
    if e.is_Mul:
        first, *others = map(over, e.args)
        for other in others:
            first = _product(first, other)
        return first
    if e.is_Pow and e.exp.is_number:
        return _power(over(e.base), e.exp)
    if e.func in _RISING:
        low, high = over(e.args[0])
        return _RISING[e.func](low), _RISING[e.func](high)
    if e.func in (sp.sin, sp.cos):
        return _wave(over(e.args[0]), 0.0 if e.func is sp.cos else np.pi / 2)
    if e.func is sp.tan:
        low, high = over(e.args[0])
        pole = _holds_turn(low, high, np.pi / 2, np.pi)
        return np.where(pole, np.nan, np.tan(low)), np.tan(high)
    if e.func is sp.cosh:
        low, high = over(e.args[0])
        least = np.where(low * high < 0, 1, np.cosh(_nearest(low, high)))
        return least, np.maximum(np.cosh(low), np.cosh(high))
    if e.func in (sp.sign, sp.Heaviside):  # constant, unless it jumps
        low, high = over(e.args[0])
        value = np.where(low > 0, 1.0, -1.0 if e.func is sp.sign else 0.0)
        value = np.where((low <= 0) & (high >= 0), np.nan, value)
        return value, value
    if e.func is sp.Abs:
        low, high = over(e.args[0])
        least = np.where(low * high < 0, 0, abs(_nearest(low, high)))
        return least, np.maximum(abs(low), abs(high))
    raise _NoRuleError


def _nearest(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The end that is nearer to zero."""
    return np.where(abs(low) < abs(high), low, high)


def _product(first: Interval, second: Interval) -> Interval:
    ends = [a * b for a in first for b in second]
    return np.min(ends, axis=0), np.max(ends, axis=0)


def _power(base: Interval, exponent: Expr) -> Interval:
    low, high = base
    number = float(exponent)
    if number < 0:
        low, high = _power(base, -exponent)
        pole = (low <= 0) & (high >= 0)
        return np.where(pole, np.nan, 1 / high), np.where(pole, np.nan, 1 / low)
    if exponent.is_integer:
        ends = low**number, high**number
        least = np.where((low < 0) & (high > 0) & (number % 2 == 0), 0, np.minimum(*ends))
        return least, np.maximum(*ends)
    return np.where(low < 0, np.nan, low) ** number, high**number


def _holds_turn(low: np.ndarray, high: np.ndarray, place: float, turn: float) -> np.ndarray:
    """Whether an interval holds this angle, plus a whole number of turns."""
    return np.floor((high - place) / turn) >= np.ceil((low - place) / turn)


def _wave(angle: Interval, top: float) -> Interval:
    """A cosine shifted to have a top at this angle."""
    low, high = angle
    ends = np.cos(low - top), np.cos(high - top)
    least = np.where(_holds_turn(low, high, top + np.pi, 2 * np.pi), -1, np.minimum(*ends))
    return least, np.where(_holds_turn(low, high, top, 2 * np.pi), 1, np.maximum(*ends))

"""Random expressions, and what the page's program makes of them, run by Node without a browser."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import sympy as sp

from gdlib.live import FUNCTIONS, LiveError, supported
from tests.node import in_page

a, b = sp.symbols("a b", real=True)
SPECIAL = [
    np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-20, -1e-20, 1e300, -1e300, 1.0, -1.0, 360.0, -8.0, 0.5,
    -0.5, 1000.0, -1000.0,
]  # fmt: skip
OF_ONE: list[Any] = [
    sp.sqrt, sp.cbrt, lambda u: sp.real_root(u, 3), lambda u: u ** sp.Rational(2, 3),
    lambda u: u ** sp.Rational(-1, 3), lambda u: 1 / sp.sqrt(u), lambda u: u**2, lambda u: u**5,
    lambda u: u**-6, lambda u: 2**u, lambda u: (-2) ** u, lambda u: sp.Heaviside(u, 0),
    lambda u: sp.Heaviside(u, 1), lambda u: sp.log(u, 2), lambda u: sp.log(1 + sp.exp(u)),
    lambda u: sp.Piecewise((u, u > 0), (sp.exp(u), True)),
    lambda u: sp.Piecewise((1, sp.Eq(u, 0)), (u, u < 1)),
]  # fmt: skip
TWO = {sp.atan2, sp.Mod, sp.Max, sp.Min}


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop SymPy where it multiplies out complex numbers for ever."""

    def stop(*_: Any) -> None:
        raise ArithmeticError("too slow")

    before = signal.signal(signal.SIGALRM, stop)
    # Again and again: what is raised inside a callback of the garbage collector is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


BUILDING = (LiveError, TypeError, ValueError, ArithmeticError, RecursionError, NotImplementedError)


class Expressions:
    """Draws expressions of a and b with all functions that the page can compute."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def leaf(self) -> Any:
        r = self.random
        number = [sp.Integer(r.randint(-3, 3)), sp.Rational(r.randint(-5, 5), r.randint(1, 4))]
        return r.choice([a, b, a, b, *number, sp.Float(r.uniform(-2, 2)), sp.pi])

    def tree(self, depth: int) -> Any:
        r, below = self.random, depth - 1
        if depth == 0 or r.random() < 0.1:
            return self.leaf()
        kind = r.choices("+*/^?f", (30, 20, 5, 5, 5, 35))[0]
        if kind == "f":
            function = r.choice([*FUNCTIONS, *OF_ONE])
            return function(*(self.tree(below) for _ in range(1 + (function in TWO))))
        first, second = self.tree(below), self.tree(below)
        if kind == "^" and first.is_number and second.is_number:
            kind = "*"  # SymPy would write out all digits of a power of a power
        if kind == "?":
            return sp.Piecewise((first, second > self.tree(below)), (self.tree(below), True))
        if kind in "+*":
            return first + second if kind == "+" else first * second
        return first / second if kind == "/" else first**second

    def draw(self, number: int) -> list[Any]:
        """So many that the page can compute; SymPy's own mistakes in building them do not count."""
        found: list[Any] = []
        while len(found) < number:
            try:
                with limited(1.0):
                    e = sp.sympify(self.tree(self.random.randint(1, 3)))
                supported(e)
            except BUILDING:
                continue
            if e.free_symbols and not e.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I):
                found.append(e)
        return found

    def places(self, number: int) -> list[tuple[float, float]]:
        """Pairs of special and of usual numbers."""
        r = self.random
        odd = [(r.choice(SPECIAL), r.choice(SPECIAL)) for _ in range(number)]
        usual = [(r.uniform(-3, 3), r.uniform(-3, 3)) for _ in range(number)]
        return odd + usual + [(v, 1.0) for v in SPECIAL]


def in_javascript(
    expressions: Sequence[Any], places: Sequence[Sequence[tuple[float, float]]]
) -> list[np.ndarray]:
    """What the page makes of each expression at its places."""
    tasks = [([e], [a, b], at) for e, at in zip(expressions, places, strict=True)]
    return [values[:, 0] for values in in_page(tasks)]

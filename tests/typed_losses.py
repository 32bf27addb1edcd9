"""Losses as readers type them, and every figure in which they can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from gdlib.figures import gradient_descent, loss_functions, slope, taylor_expansion
from gdlib.live import Live, LiveError
from gdlib.symbolic import b, w

ONE = [
    "w²", "3w² − 1", "sin(3w)", "|w| + w/3", "log(w)", "e^w", "w^4/4 - w^2 + w/3", "√(w + 1)",
    "max(w, 1 - w)", "erf(w)w", "sigmoid(5w)", "w^w", "1/(1+w²)", "tanh(3w) + w²/9",
    "relu(w) - w/5", "½w² + cos(2w)/4", "softplus(w)", "exp(-w²) · w", "(w-1)²·(w+1)²",
    "asinh(w)²", "1/w", "w^3",
]  # fmt: skip
TWO = [
    "w²+3b²", "sin(w)*b+w²", "(1-w)²+100(b-w²)²", "|w|+|b|", "e^-(w²+b²)", "log(1+e^(w*b)) + w²/9",
    "sin(5w)cos(5b)", "w^4+b^4", "(w²-1)²+b²", "wb", "max(w,b)", "w²/20 + b² + sin(2w)/4",
    "log(w) + b²", "√(w² + b² + 1)", "(w + b)² + |w - b|", "1/(1 + w² + b²)", "erf(w) + b²/2",
    "2w² + wb + b² - 3w", "tanh(wb)", "w³ - 3w·b²", "sigmoid(w) + b²", "w/(1+b²)",
]  # fmt: skip
BOWLS = ["w²+3b²", "2w² + wb + b² - 3w", "(w + b)² + b²/5", "w²", "w² - b²", "b² + w² + w^3"]
ODD = [
    "3", "w", "q*w + b", "w +", "(w", "0,5w", "sin w", "1/0", "0*w*b", "9^9^9^w", "log(-1-w²)*b",
    "w²+b²=3", "import os", "<b>", "constructor", "w.constructor", "alert(1)", "1e300*w*b",
    "", "  ",
]  # fmt: skip

Figure = Callable[..., Live]
BOX = {"over": {w: (-2.5, 3), b: (-2, 2)}, "start": {w: 1.3, b: 0.7}}
CUBIC = w**3 / 3 - w
DISH = w**2 + 3 * b**2 + w * b
OF_ONE: dict[str, Figure] = {
    "secant": lambda f=CUBIC: slope.secant(f, start=0.6, examples=("sin(3w)", "|w|")),
    "descent": lambda f=CUBIC: slope.descent(f, start=1.2),
    "polynomials": lambda f=CUBIC: taylor_expansion.polynomials(f, start=0.6, highest=4),
    "compare": lambda f=CUBIC: loss_functions.compare(
        {"typed": f, "own": sp.cosh(w)}, low=-2, high=2.2, start=1.2, eta_max=0.4
    ),
}
OF_TWO: dict[str, Figure] = {
    "direction": lambda f=DISH: slope.direction(f, **BOX),
    "directions": lambda f=DISH: taylor_expansion.directions(f, **BOX),
    "step_length": lambda f=DISH: taylor_expansion.step_length(f, **BOX, eta_max=0.5),
    "bowl": lambda f=DISH: taylor_expansion.bowl(f, **BOX),
    "surface": lambda f=DISH: gradient_descent.surface(f, **BOX, steps=30, eta_start=0.02),
    "optimizers": lambda f=DISH: gradient_descent.optimizers(f, **BOX, steps=20, eta_start=0.01),
}
FIGURES: dict[str, tuple[Figure, list[str]]] = {
    **{name: (make, ONE) for name, make in OF_ONE.items()},
    **{name: (make, BOWLS if name == "bowl" else TWO) for name, make in OF_TWO.items()},
}


def built(make: Figure, text: str) -> Any:
    """The figure with this loss built in Python; None if it is refused there."""
    try:
        return make(text)
    except LiveError:
        return None

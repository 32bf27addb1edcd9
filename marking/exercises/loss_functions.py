"""Chapter 1."""

from __future__ import annotations

import numpy as np
from sympy import Rational, diff, latex, sqrt, symbols

from gdlib import loss_functions
from marking.exercise import (
    HALF,
    SIGN,
    SUM,
    Answer,
    Function,
    Variant,
    exercise,
    factor,
    normal,
)

w, b = symbols("w b", real=True)
NUMBERS = range(-9, 10)


@exercise("ex-loss-by-hand", y0=NUMBERS, y1=NUMBERS, y2=NUMBERS, w0=range(2, 10), b0=NUMBERS)
def by_hand(rng, y0=1, y1=3, y2=5, w0=1, b0=1):
    """The MSE of a line over three samples, and its slopes."""
    mse = sum((w * x + b - y) ** 2 for x, y in enumerate((y0, y1, y2))) * Rational(1, 3)
    here = {w: w0, b: b0}
    value, root = mse.subs(here), "That is its root; the MSE itself is asked for."
    return Variant(
        says=(f"$y = ({y0}, {y1}, {y2})$", f"$w = {w0}$, $b = {b0}$"),
        answers=(
            Answer("mse", r"\mathrm{MSE}", value, ((3 * value, SUM), (sqrt(value), root))),
            *(
                Answer(
                    f"slope_{s}",
                    rf"\partial_{s} \mathrm{{MSE}}",
                    slope,
                    ((slope / 2, HALF), (3 * slope, SUM), (-slope, SIGN)),
                )
                for s, slope in ((s, diff(mse, s).subs(here)) for s in (w, b))
            ),
        ),
    )


@exercise("ex-loss-in-code", tenths=range(2, 40))
def in_code(rng, tenths=10):
    """The Huber loss, whose corner c varies."""
    c = Rational(tenths, 10)
    corner = float(c)

    def huber(y, y_hat):
        r = np.abs(y_hat - y)
        return np.mean(np.where(r < corner, r**2 / 2, corner * r - corner**2 / 2))

    def huber_grad(y, y_hat):
        return np.clip(y_hat - y, -corner, corner) / len(y)

    calls = [(normal(rng, n), 4 * normal(rng, n)) for n in (4, 1, 7, 30)]
    return Variant(
        says=(
            f"smaller than ${latex(c)}$",
            rf"${factor(latex(c))}|\hat y - y| - {latex(c**2 / 2)}$",
        ),
        functions=(Function(huber, calls), Function(huber_grad, calls)),
    )


@exercise("ex-loss-slider")
def slider(rng):
    """Softmax and a constant added to all scores."""
    return Variant(review=None)


@exercise("ex-loss-bug")
def bug(rng):
    """The gradient of the RMSE, too large by a factor of 2."""

    def fixed_rmse_grad(y, y_hat):
        return loss_functions.rmse_grad(y, y_hat)

    calls = [(normal(rng, n), normal(rng, n)) for n in (3, 1, 8)]
    return Variant(
        functions=(Function(fixed_rmse_grad, calls),),
        hand_in="Hand in the right gradient as `fixed_rmse_grad`, and two sentences about the bug.",
        review=1,
    )

"""Chapter 2."""

from __future__ import annotations

import numpy as np
from sympy import diff, solve, symbols

from marking.exercise import (
    HALF,
    SIGN,
    Answer,
    Function,
    Variant,
    exercise,
    factor,
    formula,
    normal,
)

w, eta = symbols("w eta", real=True)

# The family of the loss: its formula, and how the page writes it.
LOSSES = {
    "square": (lambda p, q: (p * w - q) ** 2, lambda p, q: f"({factor(p)}w - {q})^2"),
    "shifted": (lambda p, q: p * (w - q) ** 2, lambda p, q: f"{factor(p)}(w - {q})^2"),
    "expanded": (lambda p, q: p * w**2 - q * w, lambda p, q: f"{factor(p)}w^2 - {factor(q)}w"),
}

INVERSE = "That is the curvature; the rate is asked for."


@exercise("ex-slope-by-hand", loss=list(LOSSES), p=range(2, 60), q=range(2, 90))
def by_hand(rng, loss="square", p=3, q=6):
    """The slope of a parabola, and the learning rate that lands at the bottom in one step."""
    value, written = LOSSES[loss]
    slope = diff(value(p, q), w)
    (landing,) = solve(diff(w - eta * slope, w), eta)  # 1 − ηL″ = 0
    inner = "The inside of the square has a slope too: the chain rule's second factor is missing."
    known = [(-slope, SIGN), (slope / 2, HALF)]
    if loss == "square":
        known.insert(0, (slope / p, inner))
    edge = "At that rate a step lands as far away on the other side."
    return Variant(
        says=(f"$L(w) = {written(p, q)}$",),
        answers=(
            Answer("derivative", "L'(w)", slope, tuple(known)),
            Answer("eta", r"\eta", landing, ((2 * landing, edge), (1 / landing, INVERSE))),
        ),
    )


@exercise("ex-slope-in-code")
def in_code(rng):
    """The second derivative from three values."""

    def second_difference(f, w, h):
        return (f(w + h) - 2 * f(w) + f(w - h)) / h**2

    k, c = rng.uniform(0.5, 1.5, 2).round(2)
    functions = (
        "w: np.exp(w)",
        f"w: np.sin({k} * w) + w",
        f"w: np.exp(-{k} * w) * w",
        f"w: {c} * w**4",
    )
    calls = [(formula(f), at, 1e-2) for f, at in zip(functions, (0.0, 0.7, -0.4, 1.3), strict=True)]
    return Variant(functions=(Function(second_difference, calls),))


@exercise("ex-slope-slider")
def slider(rng):
    """A path that leaves the valley although the contraction said it would settle."""
    return Variant(review=None)


@exercise("ex-slope-bug")
def bug(rng):
    """The missing 2 in the slope with respect to b."""

    def fixed_gradient(weights, x, y):
        residual = weights[0] * x + weights[1] - y
        return np.array([2 * np.mean(residual * x), 2 * np.mean(residual)])

    calls = [tuple(normal(rng, n) for n in (2, m, m)) for m in (5, 1, 9)]
    return Variant(
        functions=(Function(fixed_gradient, calls),),
        hand_in="Hand in the right gradient as `fixed_gradient(weights, x, y)`, with the data as "
        "arguments in place of `flipper` and `mass`, and two sentences about the bug.",
        review=1,
    )

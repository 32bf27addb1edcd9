"""Chapter 4."""

from __future__ import annotations

import numpy as np
from sympy import Max, symbols

from marking.exercise import Answer, Function, Variant, exercise, normal

x, y, z, w = letters = symbols("x y z w", real=True)
NUMBERS = [n for n in range(-12, 13) if n]

OWN = "In a product, the slope by one factor is the other factor."


@exercise(
    "ex-chain-by-hand", c=range(2, 10), x0=NUMBERS, y0=NUMBERS, z0=range(3, 13), w0=range(-12, 3)
)
def by_hand(rng, c=2, x0=3, y0=-4, z0=2, w0=-1):
    """A graph with a product and a maximum."""
    f, here = c * (x * y + Max(z, w)), {x: x0, y: y0, z: z0, w: w0}
    # Rewritten piecewise, since SymPy's derivative of a maximum is a step function.
    slopes = [f.rewrite("Piecewise").diff(letter).subs(here) for letter in letters]
    return Variant(
        says=(rf"$f = {c}\,(x y + \max(z, w))$", f"= ({x0}, {y0}, {z0}, {w0})$"),
        answers=(
            Answer("f", "f", f.subs(here)),
            *(
                Answer(
                    f"f_{letter}",
                    rf"\partial f / \partial {letter}",
                    slope,
                    ((c * here[letter], OWN),) if letter in (x, y) else (),
                )
                for letter, slope in zip(letters, slopes, strict=True)
                if letter != w  # zero for everybody, so a copied one would be right
            ),
        ),
    )


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


@exercise("ex-chain-in-code")
def in_code(rng):
    """A neuron that descends on all of its weights."""

    def output_after(weights, x, eta, steps):
        weights, inputs = np.array(weights, float), np.append(x, 1.0)
        for _ in range(steps):
            output = _sigmoid(weights @ inputs)
            weights = weights - eta * output * (1 - output) * inputs
        return _sigmoid(weights @ inputs)

    calls = [([2.0, -3.0, -3.0], [-1.0, -2.0], 1.0, 3)]
    calls += [(*(normal(rng, n).tolist() for n in (3, 2)), 0.8, steps) for steps in (0, 1, 10)]
    return Variant(
        functions=(Function(output_after, calls),),
        hand_in="Hand it in as `output_after(weights, x, eta, steps)`, which returns a number.",
    )


@exercise("ex-chain-slider")
def slider(rng):
    """Sigmoids in a row with a weight of 4."""
    return Variant(review=None)


@exercise("ex-chain-bug")
def bug(rng):
    """A node used twice that does not accumulate."""

    def fixed_grad(x):
        return np.exp(x) + x * np.exp(x)

    return Variant(
        functions=(Function(fixed_grad, [(at,) for at in (1.0, *normal(rng, 3).tolist())]),),
        hand_in="Hand in the right derivative as `fixed_grad(x)`, and your explanation.",
        review=1,
    )

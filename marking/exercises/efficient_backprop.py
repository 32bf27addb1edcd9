"""Chapter 5."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from sympy import Max, Rational, symbols

from gdlib.playground import Playground
from marking.exercise import Answer, Function, Variant, exercise, normal

w1, b1, w2, b2, a1, a2 = symbols("w1 b1 w2 b2 a1 a2", real=True)
SMALL = range(2, 15)


@exercise("ex-backprop-by-hand", x0=SMALL, u=SMALL, v=SMALL, y0=range(1, 60))
def by_hand(rng, x0=2, u=1, v=3, y0=4):
    """Two deltas and four slopes of a network with two layers of one unit."""

    def loss_from_hidden(a):
        return (Max(a, 0).rewrite("Piecewise") * w2 + b2 - y0) ** 2

    here = {w1: u, b1: 0, w2: v, b2: 0}
    loss = loss_from_hidden(w1 * x0 + b1)
    slopes = [loss.diff(weight).subs(here) for weight in (w2, b2, w1, b1)]
    y_hat = v * max(u * x0, 0)
    return Variant(
        says=(f"$x = {x0}$", f"$w_1 = {u}$, $w_2 = {v}$", f"$y = {y0}$"),
        answers=(
            Answer("delta_2", r"\delta_2", ((a2 - y0) ** 2).diff(a2).subs(a2, y_hat)),
            Answer(
                "delta_1", r"\delta_1", loss_from_hidden(a1).diff(a1).subs({**here, a1: u * x0})
            ),
            *(
                Answer(f"slope_{name}", rf"\partial L / \partial {name[0]}_{name[1]}", slope)
                for name, slope in zip(("w2", "b2", "w1", "b1"), slopes, strict=True)
            ),
        ),
    )


def _network(rng, sizes, n):
    """Random layers, inputs and labels."""
    layers = [[normal(rng, *shape), normal(rng, shape[1])] for shape in pairwise(sizes)]
    return layers, normal(rng, n, sizes[0]), rng.integers(sizes[-1], size=n)


def gradients_of(layers, X, y):
    """Backpropagation with nothing but NumPy; a test holds it to gdlib's network."""
    states = [X]
    for W, b in layers[:-1]:
        states.append(np.tanh(states[-1] @ W + b))
    W, b = layers[-1]
    scores = states[-1] @ W + b
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    P = powers / powers.sum(axis=1, keepdims=True)
    delta = (P - np.eye(P.shape[1])[y]) / len(y)
    gradients: list = []
    for (W, _), h in zip(layers[::-1], states[::-1], strict=True):
        gradients.insert(0, (h.T @ delta, delta.sum(axis=0)))
        delta = (delta @ W.T) * (1 - h**2)
    return gradients


RELU = "That would do if no unit were cut off; what does a ReLU do to half of what it gets?"


@exercise("ex-backprop-initialisation", n=range(10, 200), m=range(10, 200))
def initialisation(rng, n=50, m=20):
    """The variance that keeps the size of what goes through ReLUs, and what another does."""
    return Variant(
        says=(f"receives from {n} units", f"the variance $1/{m}$"),
        answers=(
            Answer("variance", r"\mathrm{Var}(w)", Rational(2, n), ((Rational(1, n), RELU),)),
            Answer("ratio", r"\text{factor}", Rational(n, 2 * m)),
        ),
    )


@exercise("ex-backprop-in-code")
def in_code(rng):
    """Backpropagation through any number of tanh layers."""
    shapes = (([2, 3, 3], 4), ([3, 2], 5), ([2, 4, 3, 2], 1), ([4, 5, 4, 3, 3], 6))
    calls = [_network(rng, sizes, n) for sizes, n in shapes]
    return Variant(functions=(Function(gradients_of, calls, alone=True),))


@exercise("ex-backprop-slider")
def slider(rng):
    """What is learned when all weights begin at zero."""
    return Variant(review=None)


WHICH_WEIGHT = "That is the weight's own value, or another weight's slope: press the first unit."


@exercise("ex-backprop-playground", seed=(0, 4, 6, 8, 9), sample=range(1, 13))
def on_the_playground(rng, seed=0, sample=4):
    """A slope that the playground shows for one sample, and what it means for a small step."""
    ours = Playground(data="blobs", layers="2.tanh", seed=seed)
    rows = slice(sample - 1, sample)
    (of_weights, _), *_ = ours.net.gradients(ours.X[rows], ours.y[rows])
    slope, *others = (Rational(f"{v:.5f}") for v in (of_weights[0, 0], *of_weights.ravel()[1:]))
    own = Rational(f"{ours.net.layers[0].W[0, 0]:.5f}")
    return Variant(
        says=(
            f"from seed {seed}",
            f"seed={seed})",
            f"sample {sample} ",
        ),
        answers=(
            Answer(
                "slope", r"\partial L / \partial w_{11}", slope,
                tuple((v, WHICH_WEIGHT) for v in (own, *others)),
            ),
            Answer("change", r"\text{change of the loss}", slope / 5),
        ),
    )  # fmt: skip


@exercise("ex-backprop-bug")
def bug(rng):
    """Hidden deltas from weights that were updated already."""

    def fixed_step(layers, X, y, eta):
        moved = zip(layers, gradients_of(layers, X, y), strict=True)
        return [(W - eta * dW, b - eta * db) for (W, b), (dW, db) in moved]

    calls = [(*_network(rng, [2, 3, 3], n), eta) for n, eta in ((4, 0.5), (1, 0.1), (7, 1.0))]
    return Variant(
        functions=(Function(fixed_step, calls),),
        hand_in="Hand in the right way as `fixed_step(layers, X, y, eta)`, which returns the new "
        "layers of a network with tanh and softmax, and say what the wrong way follows instead.",
        review=1,
    )

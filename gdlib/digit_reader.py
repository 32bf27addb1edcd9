"""A network that reads digits, trained in a page and here on the same batches from the same start.

The page runs what `program` prints from the passes of `symbolic.matrix_pass`, for any number of
hidden units up to `HIDDEN`; `network` and `train` do the same with gdlib's own network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from gdlib.data import load_digits, split
from gdlib.efficient_backprop import Network
from gdlib.live import LiveError, MatrixProgram, generator
from gdlib.symbolic import eta, matrix_pass
from gdlib.symbolic_training import MatrixRule

PIXELS, CLASSES, HIDDEN = 64, 10, 64
LEVELS = "0123456789:;<=>?@"
"""A character for each of the 17 counts of a pixel."""


class _Kind(NamedTuple):
    """What `matrix_pass` asks of a network: one hidden layer of ReLUs, and a softmax."""

    activations: tuple[str, ...] = ("relu",)
    output: str = "softmax"


class DigitTask:
    """The digits, three quarters to train on; and what a page needs to train on them itself."""

    def __init__(self) -> None:
        digits = load_digits()
        self.X, self.y = digits.X, digits.y
        self.train_rows, self.held_out = split(len(self.y), test=0.25, rng=0)

    def network(self, hidden: int = 48, seed: int = 0) -> Network:
        """The untrained network of a page: weights from `live.normals`, as `start` prints them."""
        if hidden not in range(1, HIDDEN + 1):
            raise LiveError(f"hidden is {hidden!r}; expected a whole number from 1 to {HIDDEN}")
        first = np.sqrt(2 / PIXELS) * generator.normals(seed, 0, (PIXELS, hidden))
        second = np.sqrt(1 / hidden) * generator.normals(seed, 1, (hidden, CLASSES))
        pairs = [(first, np.zeros(hidden)), (second, np.zeros(CLASSES))]
        return Network.from_weights(pairs, hidden="relu")

    def train(
        self, net: Network, rate: float = 0.5, batch_size: int = 32, rounds: int = 20, seed: int = 0
    ) -> Iterator[float]:
        """Train round by round, on the batches of a page; gives the loss on all training digits."""
        X, y = self.X[self.train_rows], self.y[self.train_rows]
        each = -(-len(y) // batch_size)
        for step in range(rounds * each):
            rows = generator.batch(step, len(y), batch_size, seed)
            net.train(X[rows], y[rows], rate, 1)
            if (step + 1) % each == 0:
                yield net.loss(X, y)

    def farthest(self) -> float:
        """How far a held-out digit is from the nearest training digit, but for one in a hundred.

        The sum of squared differences of the pixels. What is much farther is no digit that the
        network has learned anything about.
        """
        learned = self.X[self.train_rows]
        nearest = [((learned - x) ** 2).sum(axis=1).min() for x in self.X[self.held_out]]
        return float(np.quantile(nearest, 0.99))

    def spec(self) -> dict[str, Any]:
        """What a page is sent: the program, the data as text, training digits first."""
        rows = np.concatenate([self.train_rows, self.held_out])
        counts = np.rint(self.X[rows] * 16).astype(int)
        return {
            "program": program(len(self.train_rows)),
            "pixels": "".join(LEVELS[v] for v in counts.ravel()),
            "labels": "".join(map(str, self.y[rows])),
            "learned": len(self.train_rows),
            "farthest": round(self.farthest(), 4),
        }


def program(most: int) -> str:
    """The network as the body of a function: its buffers, and what is done with them.

    n is the number of rows, at most `most`, and N that of hidden units. `start` makes weights of
    random numbers in Z; `forward`, down to the loss, `backward` and `update` are a step; `pixels`
    is the gradient with respect to the inputs, one layer further back.
    """
    n, N = sp.symbols("n N", integer=True, positive=True)
    printed = MatrixProgram({n: "n", N: "N", eta: "eta"}, {n: most, N: HIDDEN})
    X, Y, G = (
        sp.MatrixSymbol(name, n, size)
        for name, size in (("X", PIXELS), ("Y", CLASSES), ("G", PIXELS))
    )
    layers = [
        (sp.MatrixSymbol(f"W_{k}", *size), sp.MatrixSymbol(f"b_{k}", 1, size[1]))
        for k, size in ((1, (PIXELS, N)), (2, (N, CLASSES)))
    ]
    made = matrix_pass(_Kind(), X, Y, layers)  # type: ignore[arg-type]
    drawn = [sp.MatrixSymbol(f"Z_{k}", *W.shape) for k, (W, _) in enumerate(layers, start=1)]
    begin = [sp.sqrt(sp.Rational(2, PIXELS)) * drawn[0], drawn[1] / sp.sqrt(N)]
    rule, forward = MatrixRule("descent", layers), made.until(made.loss)
    parameters = [M for pair in layers for M in pair]
    for M in (X, Y, *drawn, *parameters):
        printed.matrix(M)
    groups = {
        "forward": forward,
        "backward": made.statements[len(forward) :],
        "pixels": [(G, made.deltas[0] * layers[0][0].T)],
        "update": rule.updates(made.gradients),
        "start": [
            (sp.MatrixSymbol(f"{W.name}_begin", *W.shape), e)
            for (W, _), e in zip(layers, begin, strict=True)
        ],
    }
    lines = {}
    for name, statements in groups.items():
        printed.lines = []
        for target, e in statements:
            printed.add(target, e)
        lines[name] = printed.lines
    js = printed.names
    lines["update"] += [f"{js[M]}.set({js[rule.after[M]]});" for M in parameters]
    lines["start"] += [
        f"{js[W]}.set({js[new]});{js[b]}.fill(0);"
        for (W, b), (new, _) in zip(layers, groups["start"], strict=True)
    ]
    functions = [f"{name}(n,N,eta){{{''.join(own)}}}" for name, own in lines.items()]
    named = {"X": X, "Y": Y, "P": made.prediction, "L": made.loss, "G": G}
    buffers = [f"{name}:{js[M]}" for name, M in named.items()]
    weights, random = (",".join(js[M] for M in some) for some in (parameters, drawn))
    parts = [*buffers, f"weights:[{weights}]", f"Z:[{random}]", *functions]
    return "\n".join([*printed.buffers, f"return {{{','.join(parts)}}};"])

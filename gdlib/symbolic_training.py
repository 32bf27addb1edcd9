"""Networks of symbols that train in a page: ways to start, the path of training, what it reaches.

And the sums over paths that a single weight's derivative is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib._argument_checks import bad
from gdlib.efficient_backprop import Network
from gdlib.live import Iterated, iterate, mean, put
from gdlib.symbolic import Expr, SymbolicNetwork, optimizer_step, softmax

recorded_loss = sp.Symbol("L_t", real=True)
"""The loss before each update, as a state of the training's path: at step t + 1 it is L_t."""

Start = Mapping[Expr, Expr]


def training_path(
    network: SymbolicNetwork,
    data: Mapping[Expr, ArrayLike],
    steps: int,
    start: Start,
    optimizer: str = "descent",
) -> Iterated:
    """Full-batch training of all parameters; one step more than asked, for the last loss.

    From the same forward pass, the loss costs one logarithm per row. `optimizer` is one that takes
    the gradient where the weights are, so not Nesterov's.
    """
    if optimizer == "Nesterov":
        raise bad("optimizer", optimizer, "one that takes the gradient where the weights are")
    slopes = [mean(slope, data) for slope in network.gradients]
    # No rule used here takes the gradient elsewhere than where the weights are.
    update, at_rest = optimizer_step(optimizer, network.parameters, lambda place: slopes)
    update |= {recorded_loss: mean(network.loss, data)}
    return iterate(update, steps + 1, {**start, **at_rest, recorded_loss: sp.nan})


def after_one_step(network: SymbolicNetwork, fixed: Start) -> Expr:
    """The loss of one sample after a step of all parameters; `fixed` are symbols without slider."""
    chosen = {s: fixed[s] for s in network.parameters if s in fixed}
    known = {s: v for s, v in fixed.items() if s not in chosen}
    loss = put(network.loss, known)
    slopes = [put(e, known) for e in network.gradients]
    update, _ = optimizer_step("descent", network.parameters, lambda place: slopes)
    return iterate(update, steps=1, start=chosen).last(loss)


def full_batch(network: SymbolicNetwork, X: ArrayLike, classes: ArrayLike) -> dict[Expr, ArrayLike]:
    """The columns of X for the inputs, and of one-hot rows for the labels."""
    one_hot = np.asarray(classes)[:, None] == np.arange(len(network.labels))
    columns = [*np.transpose(X), *one_hot.T.astype(float)]
    return dict(zip([*network.inputs, *network.labels], columns, strict=True))


def starts(network: SymbolicNetwork, seeds: Sequence[int], scale: Expr) -> dict[str, Start]:
    """Ways to start, by name, each with a value for every parameter; biases are zero.

    The scale multiplies only the random values, which are those of `Network.random(…, rng=seed)`.
    """
    zero = dict.fromkeys(network.parameters, sp.S.Zero)

    def drawn(seed: int, first: int = 0) -> Start:
        """Random from the layer of this number on."""
        layers = zip(network.weights, Network.random(network.sizes, rng=seed).layers, strict=True)
        return zero | {
            symbol: scale * round(float(value), 3)
            for matrix, numeric in list(layers)[first:]
            for symbol, value in zip(matrix, numeric.W.flat, strict=True)
        }

    half = {symbol: sp.Float(0.5) for matrix in network.weights for symbol in matrix}
    return {
        **{f"seed {seed}": drawn(seed) for seed in seeds},
        "all weights 0": zero,
        "all weights 0.5": zero | half,
        "first layer 0": drawn(seeds[0], first=1),
    }


def spread_start(network: SymbolicNetwork, seed: int) -> Start:
    """A start for a network of one input and one hidden layer: steps of either sign, spread out."""
    hidden = len(network.biases[0])
    rng = np.random.default_rng(seed)
    slopes = 4 * rng.choice([-1.0, 1.0], hidden)
    centres = np.linspace(-0.9, 0.9, hidden) if hidden > 1 else np.zeros(1)
    out = np.round(rng.normal(0, hidden**-0.5, hidden), 3)
    values = map(float, [*slopes, *(-slopes * centres), *out, 0.0])
    return dict(zip(network.parameters, values, strict=True))


def surest(scores: Sequence[Expr]) -> Expr:
    """The class with the largest score, plus how far its probability is from 1/K to 1."""
    K, cases = len(scores), []
    for k, (p, a) in enumerate(zip(softmax(scores), scores, strict=True)):
        sure = (p - sp.Rational(1, K)) * sp.Rational(K, K - 1)
        largest = sp.And(*(a >= b for b in scores[k + 1 :]))  # those before it are not
        cases.append((k + sp.Float(0.999) * sure, largest))
    return sp.Piecewise(*cases)


def is_right(labels: Sequence[Expr], scores: Sequence[Expr]) -> Expr:
    """1 where the true class has the largest score; a tie does not count as right."""
    return sum(
        sp.Piecewise((y, sp.And(*(a > b for b in scores if b is not a))), (0, True))
        for y, a in zip(labels, scores, strict=True)
    )


@dataclass(frozen=True)
class WeightPaths:
    """The paths from a weight to the loss: each through its unit, and one of each further layer.

    The weight leads from unit i of a layer to unit j of the next; a way is the units from there on.
    """

    network: SymbolicNetwork
    layer: int
    i: int
    j: int

    @classmethod
    def from_weight(cls, network: SymbolicNetwork, weight: Expr) -> WeightPaths | None:
        """The paths of a weight, None if the network has no such weight."""
        for layer, matrix in enumerate(network.weights):
            for i, j in product(*map(range, matrix.shape)):
                if matrix[i, j] == weight:
                    return cls(network, layer, i, j)
        return None

    @property
    def ways(self) -> list[tuple[int, ...]]:
        later = (range(W.shape[1]) for W in self.network.weights[self.layer + 1 :])
        return [(self.j, *further) for further in product(*later)]

    @property
    def units(self) -> set[tuple[int, int]]:
        """The units on some path, as (layer, unit)."""
        return {(self.layer + 1 + k, unit) for way in self.ways for k, unit in enumerate(way)}

    def factors(self, way: Sequence[int]) -> Iterator[Expr]:
        """What is multiplied along a path: h, then g′ and w for each layer, then ∂L/∂a."""
        net = self.network
        yield net.states[self.layer][self.i]
        for layer, (unit, after) in enumerate(pairwise(way), start=self.layer + 1):
            yield net.activation_slope(layer, unit)
            yield net.weights[layer][unit, after]
        yield net.delta(len(net.weights), way[-1])

"""Networks of symbols that train in a page: ways to start, the path of training, what it reaches.

And the sums over paths that a single weight's derivative is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib._argument_checks import member
from gdlib.efficient_backprop import Network
from gdlib.live import Entrywise, Iterated, MatrixIterated, iterate, put
from gdlib.symbolic import (
    OPTIMIZERS,
    Expr,
    Nabla,
    SymbolicNetwork,
    matrix_pass,
    optimizer_step,
    softmax,
    t,
    w,
)

recorded_loss = sp.Symbol("L_t", real=True)
"""The loss before each update, as a state of the training's path: at step t + 1 it is L_t."""

Start = Mapping[Expr, Expr]


def training_path(
    network: SymbolicNetwork,
    data: Mapping[Expr, ArrayLike],
    steps: int,
    start: Start,
    optimizer: str = "descent",
    constants: Mapping[Expr, Expr] | None = None,
) -> Iterated:
    """Full-batch training of all parameters; one step more than asked, for the last loss.

    The passes are those of `symbolic.matrix_pass`, the update that of `symbolic.OPTIMIZERS`, whose
    constants may be given. `data` has a column for each input and label.
    """
    columns = {s: np.asarray(column, float) for s, column in data.items()}
    arrays = [
        np.stack([columns[s] for s in row], axis=1) for row in (network.inputs, network.labels)
    ]
    X, Y = (sp.MatrixSymbol(name, *a.shape) for name, a in zip("XY", arrays, strict=True))
    layers = [
        (sp.MatrixSymbol(f"W_{i}", *W.shape), sp.MatrixSymbol(f"b_{i}", *b.shape))
        for i, (W, b) in enumerate(zip(network.weights, network.biases, strict=True), start=1)
    ]
    rule = _MatrixRule(optimizer, [M for layer in layers for M in layer], constants or {})
    places = iter(rule.places)
    there = matrix_pass(network, X, Y, [(next(places), next(places)) for _ in layers])
    here = there if not rule.ahead else matrix_pass(network, X, Y, layers, "_here")
    statements = [*rule.ahead, *there.statements]
    statements += here.statements if rule.ahead else []
    statements += rule.updates([M for pair in there.gradients for M in pair])
    symbols = [M for pair in zip(network.weights, network.biases, strict=True) for M in pair]
    state = dict(zip(rule.matrices, symbols, strict=True)) | rule.memory
    begin = {M: [start[s] for s in own] for M, own in zip(rule.matrices, symbols, strict=True)}
    begin |= {M: [sp.S.Zero] * len(own) for M, own in rule.memory.items()}
    loss = sp.MatrixSymbol("recorded", 1, 1)
    return MatrixIterated(
        {**state, loss: sp.Matrix([[recorded_loss]])},
        statements,
        {**rule.after, loss: here.loss},
        {**begin, loss: [sp.nan]},
        {X: arrays[0], Y: arrays[1]},
        steps + 1,
    )


class _MatrixRule:
    """An optimizer's rule for several matrices: what they remember, and the statements of a step.

    `ahead` are the statements before the gradient, where the rule takes it elsewhere than at w.
    """

    def __init__(
        self, optimizer: str, matrices: Sequence[Expr], constants: Mapping[Expr, Expr]
    ) -> None:
        self.rule = [
            (symbol, line.xreplace(dict(constants)))
            for symbol, line in OPTIMIZERS[member("optimizer", optimizer, OPTIMIZERS)]
        ]
        self.matrices = list(matrices)
        remembered = [s for s, line in self.rule if line.has(s) and s != w]
        counter = sp.MatrixSymbol(t.name, 1, 1)
        self.now: list[dict[Expr, Expr]] = [
            {w: M} | {s: counter if s == t else _like(M, s.name) for s in remembered}
            for M in self.matrices
        ]
        self.memory = {
            matrix: sp.Matrix(*matrix.shape, lambda i, j: sp.Dummy(real=True))
            for names in self.now for s, matrix in names.items() if s != w
        }  # fmt: skip
        (place,) = {node.args[0] for _, line in self.rule for node in line.atoms(Nabla)}
        self.ahead: list[Any] = []
        self.places = self.matrices
        if place != w:
            self.places = [_like(M, "ahead") for M in self.matrices]
            self.ahead = [
                (target, _entries(place, names))
                for target, names in zip(self.places, self.now, strict=True)
            ]
        self.after: dict[Expr, Expr] = {}

    def updates(self, gradients: Sequence[Expr]) -> list[Any]:
        """The statements of a step, from the gradient of each matrix."""
        statements: list[Any] = []
        g = sp.Dummy("g", real=True)
        for M, names, gradient in zip(self.matrices, self.now, gradients, strict=True):
            known = {**names, g: gradient}
            for symbol, line in self.rule:
                if symbol == t and names[t] in self.after:  # counted once for all matrices
                    known[t] = self.after[names[t]]
                    continue
                old = names.get(symbol)
                target = _like(old if old is not None else M, f"{symbol.name}_new")
                plain = line.replace(Nabla, lambda _: g)
                statements.append((target, _entries(plain, known)))
                known[symbol] = target
                if old is not None:
                    self.after[old] = target
        return statements


def _like(M: Expr, name: str) -> Expr:
    """Another matrix of the same shape."""
    return sp.MatrixSymbol(f"{name}_{M.name}", *M.shape)


def _entries(e: Expr, names: Mapping[Expr, Expr]) -> Entrywise:
    """A scalar rule for each entry of the matrices that its symbols stand for."""
    return Entrywise(e, {s: M for s, M in names.items() if e.has(s)})


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

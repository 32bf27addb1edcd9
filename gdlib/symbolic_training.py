"""Networks that train in a page: ways to start, the path of training, what it reaches.

One file, as all of it is said in the same matrices, one for each W and b of a network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib._argument_checks import member
from gdlib.efficient_backprop import Network
from gdlib.live import Batches, Entrywise, LiveError, MatrixIterated, MatrixRows, normals
from gdlib.symbolic import (
    OPTIMIZERS,
    Expr,
    MatrixPass,
    Nabla,
    SymbolicNetwork,
    eta,
    matrix_pass,
    p,
    t,
    u,
    w,
    x,
    y,
)

recorded_loss = sp.Symbol("L_t", real=True)
"""The loss before each update, as a state of the training's path: at step t + 1 it is L_t."""
finite_losses = sp.Symbol("t_finite", real=True)
"""How many losses were finite so far, another state: the first that is not comes at this step."""

_LARGEST = sp.Float(np.finfo(float).max)

Start = Mapping[Expr, Expr]


@dataclass(frozen=True)
class HeldOut:
    """Data that are evaluated at every step and never trained on, and what a path knows of them.

    `loss` is theirs before each update, `lowest` the lowest so far and `best` the step that had it:
    after step t + 1 they are those of step t.
    """

    name: str
    data: Mapping[Expr, ArrayLike]

    @property
    def loss(self) -> Expr:
        return sp.Symbol(f"L_{self.name}", real=True)

    @property
    def lowest(self) -> Expr:
        return sp.Symbol(f"lowest_{self.name}", real=True)

    @property
    def best(self) -> Expr:
        return sp.Symbol(f"best_{self.name}", real=True)


def training_path(
    network: SymbolicNetwork,
    data: Mapping[Expr, ArrayLike],
    steps: int,
    start: Start | Starts,
    optimizer: str = "descent",
    constants: Mapping[Expr, Expr] | None = None,
    decay: Any = 0,
    batches: Batches | None = None,
    held_out: Sequence[HeldOut] = (),
) -> MatrixIterated:
    """Training of all parameters; one step more than asked, for the last loss.

    The passes are those of `symbolic.matrix_pass`, the update that of `symbolic.OPTIMIZERS`, whose
    constants may be given. `data` has a column for each input and label, of which each step takes
    all rows, or a batch. The decay is a number or an expression, and meant for weights, not for
    biases: it adds decay · W to the gradient, but with Adam takes η · decay · W from W itself, past
    the rule (AdamW).
    """
    arrays = _as_matrices(network, data)
    rows = len(arrays[0]) if batches is None else batches.rows
    X, Y = (sp.MatrixSymbol(name, rows, a.shape[1]) for name, a in zip("XY", arrays, strict=True))
    layers = _layers(network)
    rule = MatrixRule(optimizer, layers, constants, sp.sympify(decay))
    places = iter(rule.places)
    there = matrix_pass(network, X, Y, [(next(places), next(places)) for _ in layers])
    here = there if not rule.ahead else matrix_pass(network, X, Y, layers, "_here")
    statements = [*rule.ahead, *there.statements]
    statements += here.statements if rule.ahead else []
    statements += rule.updates(there.gradients)
    records = _Records(here.loss)
    for further in held_out:
        records.evaluate(network, layers, further)
    begin, tables, given = _start(network, start)
    known = tables | records.known | dict(zip((X, Y), arrays, strict=True))
    state = _parameters(network) | rule.memory
    begin |= {M: sp.ZeroMatrix(*M.shape) for M in rule.memory}
    return MatrixIterated(
        {**state, **records.state},
        [*statements, *records.statements],
        {**rule.after, **records.after},
        {**begin, **{M: records.first[M] for M in records.state}},
        known,
        {**given, **records.given},
        steps + 1,
        batches,
    )


class _Records:
    """What a path keeps besides the weights: losses, as matrices of one entry each."""

    def __init__(self, loss: Expr) -> None:
        self.state: dict[Expr, Expr] = {}
        self.after: dict[Expr, Expr] = {}
        self.first: dict[Expr, Expr] = {}
        self.given: dict[Expr, list[Expr]] = {}
        self.known: dict[Expr, Any] = {}
        self.statements: list[Any] = []
        self._add(recorded_loss, loss, sp.nan)
        self.count = self._add(
            finite_losses, sp.Piecewise((x + 1, sp.Abs(u) < _LARGEST), (x, True)), 0, {u: loss}
        )

    def evaluate(self, network: SymbolicNetwork, layers: Sequence[Any], data: HeldOut) -> None:
        """Record the loss of further data, the lowest, and when it was."""
        X, Y = _as_matrices(network, data.data)
        names = [sp.MatrixSymbol(f"{s}_{data.name}", *a.shape) for s, a in (("X", X), ("Y", Y))]
        seen = matrix_pass(network, names[0], names[1], layers, f"_{data.name}")
        self.statements += seen.until(seen.loss)
        self.known |= dict(zip(names, (X, Y), strict=True))
        self._add(data.loss, seen.loss, sp.nan)
        lower = sp.Piecewise((u, u < x), (x, True))
        lowest = self._add(data.lowest, lower, _LARGEST, {u: seen.loss})
        best = sp.Piecewise((y, u < p), (x, True))
        self._add(data.best, best, 0, {u: seen.loss, p: lowest, y: self.count})

    def _add(
        self, symbol: Expr, becomes: Expr, first: Any, entries: Mapping[Expr, Expr] | None = None
    ) -> Expr:
        """Keep a number: from itself, x, and from matrices of one entry; or become a matrix."""
        M = sp.MatrixSymbol(f"kept_{symbol.name}", 1, 1)
        start = self.first[M] = sp.MatrixSymbol(f"first_{symbol.name}", 1, 1)
        self.state[M], self.given[start] = sp.Matrix([[symbol]]), [sp.sympify(first)]
        if not entries:
            self.after[M] = becomes
            return M
        self.after[M] = sp.MatrixSymbol(f"new_{symbol.name}", 1, 1)
        self.statements.append((self.after[M], Entrywise(becomes, {x: M, **entries})))
        return M


@dataclass(frozen=True)
class Passed:
    """What a network's pass leaves behind: `rows`, and the matrices of `symbolic.matrix_pass`."""

    rows: MatrixRows
    here: MatrixPass


def forward(network: SymbolicNetwork, weights: Start, inputs: Any) -> Passed:
    """The way forward with these weights, over rows of an array, or over a `live.Mesh`."""
    X = sp.MatrixSymbol("X", *inputs.shape)
    Y = sp.MatrixSymbol("Y", inputs.shape[0], len(network.labels))
    here = matrix_pass(network, X, Y, _layers(network))
    results = [here.scores[-1], here.prediction]
    given = _given(network, weights)
    return Passed(MatrixRows(results, here.until(here.prediction), {X: inputs}, given), here)


def there_and_back(network: SymbolicNetwork, values: Start) -> tuple[Passed, MatrixPass]:
    """One sample's way forward and back, a step of η on all parameters, and the way again.

    `values` are those of the inputs, of the labels and of the parameters. The second pass is among
    the rows of the first.
    """
    X, Y = (
        sp.MatrixSymbol(*s) for s in (("X", 1, len(network.inputs)), ("Y", 1, len(network.labels)))
    )
    layers = _layers(network)
    here, rule = matrix_pass(network, X, Y, layers), MatrixRule("descent", layers)
    updates = rule.updates(here.gradients)
    moved = [(rule.after[W], rule.after[b]) for W, b in layers]
    after = matrix_pass(network, X, Y, moved, "_after")
    given = _given(network, values)
    given |= {X: [values[s] for s in network.inputs], Y: [values[s] for s in network.labels]}
    results = [*here.inputs[1:], here.prediction, here.loss, *here.deltas, after.loss]
    statements = [*here.statements, *updates, *after.statements]
    return Passed(MatrixRows(results, statements, {}, given), here), after


def _given(network: SymbolicNetwork, values: Start) -> dict[Expr, list[Expr]]:
    """The values of each matrix's entries."""
    return {M: [values[s] for s in symbols] for M, symbols in _parameters(network).items()}


def _parameters(network: SymbolicNetwork) -> dict[Expr, Expr]:
    """The symbols of each W and b, by the matrix that stands for it."""
    symbols = zip(network.weights, network.biases, strict=True)
    pairs = zip(_layers(network), symbols, strict=True)
    return {M: own for pair in pairs for M, own in zip(*pair, strict=True)}


def _start(
    network: SymbolicNetwork, start: Start | Starts
) -> tuple[dict[Expr, Expr], dict[Expr, Any], dict[Expr, list[Expr]]]:
    """What each W and b starts from; the tables, and the matrices of expressions, that it takes."""
    if isinstance(start, Starts):
        names = {M: sp.MatrixSymbol(f"{M.name}_table", *v.shape) for M, v in start.tables.items()}
        begin = {M: start.pick * table for M, table in names.items()}
        return begin, {names[M]: v for M, v in start.tables.items()}, {start.pick: start.weights}
    given = _given(network, start)
    begin = {M: sp.MatrixSymbol(f"{M.name}_start", *M.shape) for M in given}
    return begin, {}, {begin[M]: entries for M, entries in given.items()}


def _as_matrices(network: SymbolicNetwork, data: Mapping[Expr, ArrayLike]) -> list[np.ndarray]:
    """The inputs' columns as a matrix, and the labels'."""
    columns = {s: np.asarray(column, float) for s, column in data.items()}
    if len(lengths := {column.shape for column in columns.values()}) != 1:
        raise LiveError(f"the columns have the shapes {sorted(lengths)}; expected the same")
    X, Y = (np.stack([columns[s] for s in row], axis=1) for row in (network.inputs, network.labels))
    if network.output == "softmax" and not np.allclose(Y.sum(axis=1), 1):
        raise LiveError("the labels of a row do not add up to 1, as those of classes must")
    return [X, Y]


def _layers(network: SymbolicNetwork) -> list[tuple[Expr, Expr]]:
    """A matrix symbol for W and one for b, layer by layer."""
    return [
        (sp.MatrixSymbol(f"W_{i}", *W.shape), sp.MatrixSymbol(f"b_{i}", *b.shape))
        for i, (W, b) in enumerate(zip(network.weights, network.biases, strict=True), start=1)
    ]


class MatrixRule:
    """An optimizer's rule for several matrices: what they remember, and the statements of a step.

    `ahead` are the statements before the gradient, where the rule takes it elsewhere than at w;
    `after` has the matrix that each one becomes, once there are `updates`.
    """

    def __init__(
        self,
        optimizer: str,
        layers: Sequence[tuple[Expr, Expr]],
        constants: Mapping[Expr, Expr] | None = None,
        decay: Expr = sp.S.Zero,
    ) -> None:
        self.rule = [
            (symbol, line.xreplace(dict(constants or {})))
            for symbol, line in OPTIMIZERS[member("optimizer", optimizer, OPTIMIZERS)]
        ]
        self.matrices = [M for layer in layers for M in layer]
        self.decays = {W: decay for W, _ in layers if decay != 0}
        self.decoupled = optimizer == "Adam"
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

    def updates(self, gradients: Sequence[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
        """The statements of a step, from the gradients of each layer's W and b."""
        statements: list[tuple[Expr, Expr]] = []
        of_matrix = [gradient for pair in gradients for gradient in pair]
        slope, here = sp.symbols("g W", real=True, cls=sp.Dummy)
        for M, place, names, gradient in zip(
            self.matrices, self.places, self.now, of_matrix, strict=True
        ):
            known = {**names, slope: gradient, here: place}
            rate = self.decays.get(M, sp.S.Zero)
            penalised = slope if self.decoupled else slope + rate * here
            for symbol, line in self.rule:
                if symbol == t and names[t] in self.after:  # counted once for all matrices
                    known[t] = self.after[names[t]]
                    continue
                old = names.get(symbol)
                target = _like(old if old is not None else M, f"{symbol.name}_new")
                plain = line.replace(Nabla, lambda _, gradient=penalised: gradient)
                if symbol == w and self.decoupled:
                    plain -= eta * rate * w
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


def full_batch(network: SymbolicNetwork, X: ArrayLike, classes: ArrayLike) -> dict[Expr, ArrayLike]:
    """The columns of X for the inputs, and of one-hot rows for the labels."""
    one_hot = np.asarray(classes)[:, None] == np.arange(len(network.labels))
    columns = [*np.transpose(X), *one_hot.T.astype(float)]
    return dict(zip([*network.inputs, *network.labels], columns, strict=True))


@dataclass(frozen=True)
class Starts:
    """Ways to start, of which a control picks one: by name, and as a table for each W and b.

    A row of a table has all entries of a matrix; `weights` are what the rows are multiplied by: a
    factor for the one that is picked, and 0 for the others.
    """

    names: list[str]
    tables: dict[Expr, np.ndarray]
    weights: list[Expr]

    @property
    def pick(self) -> Expr:
        return sp.MatrixSymbol("pick", 1, len(self.names))


def starts(network: SymbolicNetwork, seeds: Sequence[int], scale: Expr, which: Expr) -> Starts:
    """Random from each seed, all weights 0 or 0.5, the first layer 0; `which` is the number of one.

    The scale multiplies only the random values, which are those of `Network.random(…, rng=seed)`.
    Biases are zero.
    """
    shapes = [W.shape for W in network.weights]

    def drawn(seed: int) -> list[np.ndarray]:
        layers = Network.random(network.sizes, rng=seed).layers
        return [np.vectorize(lambda v: round(float(v), 3))(numeric.W) for numeric in layers]

    ways = {f"seed {seed}": (drawn(seed), scale) for seed in seeds}
    ways["all weights 0"] = [np.zeros(shape) for shape in shapes], sp.S.One
    ways["all weights 0.5"] = [np.full(shape, 0.5) for shape in shapes], sp.S.One
    ways["first layer 0"] = [np.zeros(shapes[0]), *drawn(seeds[0])[1:]], scale
    tables: dict[Expr, np.ndarray] = {}
    for number, (W, b) in enumerate(_layers(network)):
        tables[W] = np.array([matrices[number].ravel() for matrices, _ in ways.values()])
        tables[b] = np.zeros((len(ways), b.shape[1]))
    factors = enumerate(factor for _, factor in ways.values())
    weights = [sp.Piecewise((f, sp.Eq(which, k)), (0, True)) for k, f in factors]
    return Starts([*ways], tables, weights)


def wide_start(network: SymbolicNetwork, seed: int) -> Start:
    """A random start for a network of one input and one hidden layer, steep enough to bend early.

    The numbers are those of `live.normals`, by the seed and the layer, so that a page has them too.
    """
    N = len(network.biases[0])
    W, b, V = (normals(seed, layer, (N,)) for layer in range(3))
    values = map(float, [*(3 * W), *(2 * b), *(V * N**-0.5), 0.0])
    return dict(zip(network.parameters, values, strict=True))


def spread_start(network: SymbolicNetwork, seed: int) -> Start:
    """A start for a network of one input and one hidden layer: steps of either sign, spread out."""
    hidden = len(network.biases[0])
    rng = np.random.default_rng(seed)
    slopes = 4 * rng.choice([-1.0, 1.0], hidden)
    centres = np.linspace(-0.9, 0.9, hidden) if hidden > 1 else np.zeros(1)
    out = np.round(rng.normal(0, hidden**-0.5, hidden), 3)
    values = map(float, [*slopes, *(-slopes * centres), *out, 0.0])
    return dict(zip(network.parameters, values, strict=True))


def surest(probabilities: Sequence[Expr]) -> Expr:
    """The most probable class, plus how far its probability is from 1/K to 1."""
    K, cases = len(probabilities), []
    for k, share in enumerate(probabilities):
        sure = (share - sp.Rational(1, K)) * sp.Rational(K, K - 1)
        largest = sp.And(
            *(share >= other for other in probabilities[k + 1 :])
        )  # those before are not
        cases.append((k + sp.Float(0.999) * sure, largest))
    return sp.Piecewise(*cases)


def is_right(labels: Sequence[Expr], scores: Sequence[Expr]) -> Expr:
    """1 where the true class has the largest score; a tie does not count as right."""
    return sum(
        sp.Piecewise((y, sp.And(*(a > b for b in scores if b is not a))), (0, True))
        for y, a in zip(labels, scores, strict=True)
    )

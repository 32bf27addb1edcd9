"""A network of any shape to play with: its settings, its data, its training, in a page and here.

The page runs what `program` prints from the formulas of chapter 5; `Playground` computes the same
with gdlib's own network. What can be set is in `SETTINGS`, which names it in links too.

One file, as a setting, what it means for the data and what it means for a step belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.matrices.expressions.special import OneMatrix

from gdlib.data import load_penguins, standardise
from gdlib.efficient_backprop import Network
from gdlib.live import Entrywise, LiveError, MatrixProgram, evaluate, generator
from gdlib.spelling import SpellingError, read
from gdlib.symbolic import (
    ACTIVATIONS,
    MATRIX_OUTPUTS,
    OPTIMIZERS,
    Expr,
    applied,
    beta,
    beta_1,
    beta_2,
    epsilon,
    eta,
    hidden_delta,
    optimizer_step,
    pre_activation,
    slopes,
    t,
    w,
    weight_gradient,
)

UNITS, HIDDEN, CLASSES = 8, 4, 5
"""The largest layer, the most hidden layers, and the most classes."""
SIDE, REACH = 40, 3.0
"""The plane is drawn as so many pixels a side, from −REACH to REACH."""
SAMPLES = 400
FIRST_STREAM = 1000
"""Random numbers of the data come from this stream on; those below are for weights."""

x, f, c, K, noise = sp.symbols("x f c K noise", real=True)
u, v, z_1, z_2 = sp.symbols("u v z_1 z_2", real=True)
"""Of each sample: two uniform numbers, and two of mean 0 and variance 1."""
scale, decay, n_in = sp.symbols("scale decay n_in", positive=True)
gradient = sp.Symbol("g", real=True)

ACTIVATION_NAMES = ("identity", "sigmoid", "tanh", "relu")


def _around(radius: Expr, angle: Expr) -> tuple[Expr, Expr]:
    """A place at a distance from the middle, moved by the noise."""
    return radius * sp.cos(angle) + noise * z_1, radius * sp.sin(angle) + noise * z_2


_side = sp.Piecewise((1, u > sp.Rational(1, 2)), (-1, True))
_off = sp.Float(0.3) + sp.Float(2.2) * sp.Abs(2 * u - 1)
_ring = sp.Piecewise((sp.Float(1.2) * sp.sqrt(u), c < sp.Rational(1, 2)), (2 + u / 2, True))

DATA: dict[str, tuple[Expr, Expr]] = {
    "blobs": (
        (2 * c - 1) * sp.Float(1.3) + (sp.Float(0.5) + noise) * z_1,
        (2 * c - 1) * sp.Float(1.3) + (sp.Float(0.5) + noise) * z_2,
    ),
    "circle": _around(_ring, 2 * sp.pi * v),
    "xor": (
        _side * _off + noise * z_1,
        _side * (1 - 2 * c) * (sp.Float(0.3) + sp.Float(2.2) * v) + noise * z_2,
    ),
    "spirals": _around(
        sp.Float(0.3) + sp.Float(2.4) * u, 2 * sp.pi * (c / K + sp.Float(0.9) * u)
    ),
    "above": (5 * (u - sp.Rational(1, 2)), 5 * (v - sp.Rational(1, 2))),
}  # fmt: skip
"""Where a sample of class c lies. For "above" the class comes last: whether x₂ is above f(x₁)."""

STARTS: dict[str, Expr] = {
    "zero": sp.S.Zero,
    "scale": scale,
    "lecun": 1 / sp.sqrt(n_in),
    "he": sp.sqrt(2 / n_in),
}
"""The standard deviation of a layer's first weights, by how many units feed it."""


class Range(NamedTuple):
    """Numbers from low to high by steps; with a base, the steps are those of its exponent."""

    low: float
    high: float
    step: float
    base: int = 0


class Setting(NamedTuple):
    """What can be set: its label, its first value, and what it may be."""

    label: str
    value: Any
    allowed: Range | Mapping[str, str] | None = None
    """A range of numbers, labels by name, or None for a text of its own kind."""


SETTINGS: dict[str, Setting] = {
    "data": Setting("data", "circle", {
        "blobs": "two blobs", "circle": "circle", "xor": "XOR", "spirals": "spirals",
        "penguins": "penguins", "above": "above f(x)", "own": "your own points",
    }),
    "f": Setting("f(x)", "sin(2*x)"),
    "classes": Setting("classes K", 3, Range(2, CLASSES, 1)),
    "noise": Setting("noise", 0.15, Range(0, 1, 0.05)),
    "n": Setting("samples n", 200, Range(10, SAMPLES, 10)),
    "held_out": Setting("held out", 0.25, Range(0, 0.5, 0.05)),
    "points": Setting("points", ""),
    "layers": Setting("hidden layers", "4.tanh"),
    "start": Setting("first weights", "lecun", {
        "zero": "all 0", "scale": "scale × random", "lecun": "1/√n", "he": "√(2/n)",
    }),
    "scale": Setting("scale", 1.0, Range(-2, 1, 0.1, 10)),
    "seed": Setting("seed", 0, Range(0, 9, 1)),
    "optimizer": Setting("optimizer", "descent", {
        "descent": "plain", "momentum": "momentum", "Nesterov": "Nesterov", "Adam": "Adam",
    }),
    "eta": Setting("rate η", 0.3, Range(-3, 2, 0.1, 10)),
    "beta": Setting("β", 0.9, Range(0, 0.99, 0.01)),
    "batch": Setting("batch", "all", {"1": "1", "4": "4", "16": "16", "64": "64", "all": "all"}),
    "decay": Setting("weight decay", "0", {
        "0": "0", "0.0001": "0.0001", "0.001": "0.001", "0.01": "0.01", "0.1": "0.1",
    }),
}  # fmt: skip
"""Everything that can be set. Layers are `4.tanh_3.relu`, points `120.-34.0_80.5.1`, in hundredths.
"""


def checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """All settings, with these in place of the first values; `LiveError` names what is wrong."""
    if unknown := [name for name in settings if name not in SETTINGS]:
        raise LiveError(f"{unknown[0]} is no setting; expected some of {', '.join(SETTINGS)}")
    found = {name: setting.value for name, setting in SETTINGS.items()}
    for name, value in settings.items():
        allowed = SETTINGS[name].allowed
        if isinstance(allowed, Range):
            found[name] = _in_range(name, value, allowed)
        elif allowed is None:
            found[name] = _as_text(name, value)
        elif str(value) in allowed:
            found[name] = str(value)
        else:
            raise LiveError(f"{name} is {value!r}; expected one of {', '.join(allowed)}")
    layers_of(found["layers"])
    _typed(found["f"])
    points_of(found["points"])
    return found


def _as_text(name: str, value: Any) -> str:
    """A text, or the rows that it says: [(4, "tanh")] for layers, [(1.2, -0.34, 0)] for points."""
    if isinstance(value, str):
        return value
    try:
        if name == "layers":
            return "_".join(f"{int(units)}.{activation}" for units, activation in value)
        if name == "points":
            return "_".join(f"{100 * a:.0f}.{100 * b:.0f}.{int(c)}" for a, b, c in value)
    except (TypeError, ValueError):
        pass
    raise LiveError(f"{name} is {value!r}; expected {SETTINGS[name].label} as a text")


def _in_range(name: str, value: Any, allowed: Range) -> float:
    low, high, step, base = allowed
    ends = (base**low, base**high) if base else (low, high)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    whole = not base and step == int(step)
    if not ends[0] <= number <= ends[1] or (whole and number != int(number)):
        kind = "a whole number" if whole else "a number"
        raise LiveError(f"{name} is {value!r}; expected {kind} from {ends[0]:g} to {ends[1]:g}")
    return int(number) if whole else number


def layers_of(text: str) -> list[tuple[int, str]]:
    """The units and the activation of each hidden layer: "4.tanh_3.relu"."""
    found = []
    for part in filter(None, text.split("_")):
        units, _, name = part.partition(".")
        if units not in map(str, range(1, UNITS + 1)) or name not in ACTIVATION_NAMES:
            names = ", ".join(ACTIVATION_NAMES)
            raise LiveError(f"layers has {part!r}; expected 1 to {UNITS} units and one of {names}")
        found.append((int(units), name))
    if len(found) > HIDDEN:
        raise LiveError(f"layers are {len(found)}; expected at most {HIDDEN}")
    return found


def points_of(text: str) -> list[tuple[float, float, int]]:
    """The points of a text: "120.-34.0" is (1.2, −0.34) of class 0."""
    found, reach = [], round(100 * REACH)
    for part in filter(None, text.split("_")):
        try:
            x_1, x_2, label = map(int, part.split("."))
        except ValueError:
            raise LiveError(f"points has {part!r}; expected three whole numbers") from None
        if max(abs(x_1), abs(x_2)) > reach or label not in range(CLASSES):
            raise LiveError(f"points has {part!r}, which is outside, or of no class")
        found.append((x_1 / 100, x_2 / 100, label))
    if len(found) > SAMPLES:
        raise LiveError(f"points are {len(found)}; expected at most {SAMPLES}")
    return found


class Playground:
    """The playground of a page, in Python: the same data, the same start, the same steps.

    `X`, `y` are the samples, of which the first `learned` are trained on; `net` is the network and
    `steps` how many steps it has made.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = checked(settings)
        self.X, self.y, self.classes = samples(self.settings)
        own = self.settings["data"] == "own"  # somebody's few points are all learned from
        share = 0 if own else self.settings["held_out"]
        self.learned = len(self.y) - int(round(len(self.y) * share))
        hidden = layers_of(self.settings["layers"])
        self.sizes = [2, *(units for units, _ in hidden), self.classes]
        self.net = Network.from_weights(self._start(), [g for _, g in hidden] or "tanh")
        self.steps = 0
        rule = _rule(self.settings["optimizer"])
        self._memory = [[np.zeros_like(M) for _ in rule.memory] for M in self._matrices]

    def _start(self) -> list[tuple[np.ndarray, np.ndarray]]:
        pairs, seed = [], self.settings["seed"]
        for layer, shape in enumerate(pairwise(self.sizes)):
            given = {scale: self.settings["scale"], n_in: shape[0]}
            (spread,) = evaluate([STARTS[self.settings["start"]]], given)
            pairs.append((spread * generator.normals(seed, layer, shape), np.zeros(shape[1])))
        return pairs

    @property
    def _matrices(self) -> list[np.ndarray]:
        return [M for layer in self.net.layers for M in layer]

    def step(self, times: int = 1) -> None:
        """So many steps of the optimizer, each on the next batch."""
        s = self.settings
        size = self.learned if s["batch"] == "all" else int(s["batch"])
        rule = _rule(s["optimizer"])
        for _ in range(times):
            rows = generator.batch(self.steps, self.learned, size, s["seed"])
            given = {eta: s["eta"], beta: s["beta"], t: self.steps}
            rates = [float(s["decay"]) if M.ndim == 2 else 0.0 for M in self._matrices]
            known = [
                {**given, decay: rate, w: M, **dict(zip(rule.memory, own, strict=True))}
                for M, rate, own in zip(self._matrices, rates, self._memory, strict=True)
            ]
            ahead = [evaluate([rule.place], values)[0] for values in known]
            pairs = list(zip(ahead[::2], ahead[1::2], strict=True))
            there = Network.from_weights(pairs, self.net.hidden or "tanh")
            found = there.gradients(self.X[rows], self.y[rows])
            for k, slope in enumerate(M for pair in found for M in pair):
                new, *self._memory[k] = evaluate(rule.becomes, {**known[k], gradient: slope})
                self._matrices[k][...] = new
            self.steps += 1

    def loss(self, held_out: bool = False) -> float:
        """The loss on the samples that are trained on, or on those that are not."""
        return self.net.loss(*self._part(held_out))

    def accuracy(self, held_out: bool = False) -> float:
        """The share of samples that are taken for what they are."""
        return self.net.accuracy(*self._part(held_out))

    def _part(self, held_out: bool) -> tuple[np.ndarray, np.ndarray]:
        part = slice(self.learned, None) if held_out else slice(self.learned)
        if not len(self.y[part]):
            raise LiveError(f"no samples are {'held out' if held_out else 'there to learn from'}")
        return self.X[part], self.y[part]


def samples(settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, int]:
    """The samples of these settings, their classes, and how many classes there are."""
    kind, many = settings["data"], settings["n"]
    if kind == "own":
        rows = [row for row in points_of(settings["points"]) if row[2] < settings["classes"]]
        X = np.array([row[:2] for row in rows]).reshape(-1, 2)
        return X, np.array([row[2] for row in rows], dtype=int), settings["classes"]
    K_here = {"spirals": settings["classes"], "penguins": 3}.get(kind, 2)
    label = np.arange(many) % K_here
    given = {K: K_here, noise: settings["noise"], c: label, **_draws(many)}
    if kind == "penguins":
        X, label = penguins()
        X, label = X[:many], label[:many]
        moved = settings["noise"] * np.stack([given[z_1], given[z_2]], axis=1)
        return X + moved[: len(X)], label, 3
    X = np.stack(evaluate(DATA[kind], given), axis=1)
    if kind == "above":
        (height,) = evaluate([_typed(settings["f"])], {x: X[:, 0]})
        height = np.broadcast_to(height, many)
        defined = np.isfinite(height)
        if not defined.any():
            raise LiveError(f"f: {settings['f']} is not defined anywhere here")
        label = (X[:, 1] > height).astype(int)[defined]
        X = (X + settings["noise"] * np.stack([given[z_1], given[z_2]], axis=1))[defined]
    return X, label, K_here


def _draws(many: int) -> dict[Expr, np.ndarray]:
    """The random numbers of so many samples."""
    first = FIRST_STREAM
    pairs = [generator.uniforms(0, first + k, many) for k in range(2)]
    pairs += [generator.normals(0, first + 2 + k, (many,)) for k in range(2)]
    return dict(zip((u, v, z_1, z_2), pairs, strict=True))


def _typed(text: str) -> Expr:
    try:
        e = read(text, ["x"])
    except SpellingError as error:
        raise LiveError(f"f: {error}") from None
    if e.has(sp.I, sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise LiveError(f"f: {text} is not defined anywhere here")
    return e


@cache
def penguins() -> tuple[np.ndarray, np.ndarray]:
    """Bill length and depth of all penguins, standardised, to two decimals, and the species."""
    table = load_penguins()
    X, _, _ = standardise(np.stack([table.bill_length_mm, table.bill_depth_mm], axis=1))
    rows = generator.order(0, FIRST_STREAM, len(X))
    return np.round(X[rows], 2), table.species[rows]


class Rule(NamedTuple):
    """An optimizer's step for one weight: what it remembers, where the slope is taken, and the new.

    `becomes` has the weight first, and then what it remembers, in the order of `memory`.
    """

    memory: list[Expr]
    place: Expr
    becomes: list[Expr]


@cache
def _rule(name: str) -> Rule:
    """The rule of `symbolic.OPTIMIZERS` with decay: Adam's goes past the rule (AdamW)."""
    places, decoupled = [], name == "Adam"

    def slope(place: Sequence[Expr]) -> list[Expr]:
        places.append(place[0])
        return [gradient if decoupled else gradient + decay * place[0]]

    constants = {beta_1: beta, beta_2: sp.Rational(999, 1000), epsilon: sp.Float(1e-8)}
    update, first = optimizer_step(name, [w], slope, constants)
    counters = {s: t for s in first if s.name == t.name}
    memory = [s for s in first if s not in counters]
    plain = {s: sp.Symbol(f"{s.name}_kept", real=True) for s in memory}
    becomes = [update[s].xreplace({**counters, **plain}) for s in (w, *memory)]
    if decoupled:
        becomes[0] -= eta * decay * w
    return Rule([*plain.values()], places[0].xreplace(plain), becomes)


class _Functions:
    """Statements over matrices as functions of a page: their arguments are its matrices."""

    def __init__(self, printed: MatrixProgram) -> None:
        self.printed, self.written = printed, list[str]()

    def add(self, name: str, arguments: str, *statements: tuple[Expr, Any]) -> None:
        """A function of this name; "n,N,A" are its arguments, in the page's names."""
        self.printed.lines = []
        for target, e in statements:
            self.printed.add(target, e)
        self.written.append(f"{name}({arguments}){{{''.join(self.printed.lines)}}}")


def program() -> str:
    """One layer as the body of a function: what a network of any shape is run with.

    n is the number of rows, I that of the units before and N that of the layer's own. Each function
    takes its matrices: inputs H, weights W, biases B, scores A, states U, their slopes S, deltas D.
    """
    n, I, N = sp.symbols("n I N", integer=True, positive=True)  # noqa: E741
    scalars = {s: s.name for s in (n, I, N, eta, beta, decay, t, scale, noise, K)}
    printed = MatrixProgram({**scalars, n_in: "I"}, {n: SIDE**2, I: UNITS, N: UNITS})
    page = _Functions(printed)

    def matrix(name: str, *shape: Expr) -> Expr:
        M = sp.MatrixSymbol(f"{name}_{len(printed.names)}", *shape)
        printed.names[M] = name
        return M

    H, W, B, A = matrix("H", n, I), matrix("W", I, N), matrix("B", 1, N), matrix("A", n, N)
    page.add("scores", "n,I,N,H,W,B,A", (A, pre_activation(H, W, B)))
    for name in ACTIVATION_NAMES:
        U, S = matrix("U", n, N), matrix("S", n, N)
        page.add(name, "n,N,A,U", (U, applied(ACTIVATIONS[name], A)))
        page.add(f"{name}_slopes", "n,N,A,U,S", (S, slopes(ACTIVATIONS[name], A, U)))
    _add_output(page, matrix, A, n)
    D, S, before = matrix("D", n, N), matrix("S", n, I), matrix("E", n, I)
    page.add("hidden", "n,I,N,D,W,S,E", (before, hidden_delta(D, W, S)))
    of_weights, of_bias = weight_gradient(H, D)
    page.add("weights", "n,I,N,H,D,G", (matrix("G", I, N), of_weights))
    page.add("bias", "n,N,D,G", (matrix("G", 1, N), of_bias))
    Z = matrix("Z", I, N)
    z = sp.Symbol("z", real=True)
    for name, spread in STARTS.items():
        drawn = Entrywise(spread * z, {z: Z})
        page.add(f"start_{name}", "I,N,scale,Z,W", (matrix("W", I, N), drawn))
    for name in OPTIMIZERS:
        _add_rule(page, matrix, name, (I, N))
    for name, places in DATA.items():
        columns = {s: matrix(s.name.upper(), n, 1) for s in (c, u, v, z_1, z_2)}
        made = [
            (matrix(f"X_{k}", n, 1), Entrywise(e, columns)) for k, e in enumerate(places, start=1)
        ]
        page.add(f"data_{name}", "n,K,noise,C,U,V,Z_1,Z_2,X_1,X_2", *made)
    return "\n".join([*printed.buffers, f"return {{{','.join(page.written)}}};"])


def _add_output(page: _Functions, matrix: Any, A: Expr, n: Expr) -> None:
    """Softmax, the mean of the cross-entropy, and the deltas of the output units."""
    Y = matrix("Y", *A.shape)
    statements = list[tuple[Expr, Expr]]()

    def named(name: str, e: Expr) -> Expr:
        M = matrix("P", *e.shape) if name == "P" else sp.MatrixSymbol(f"{name}_out", *e.shape)
        statements.append((M, e))
        return M

    _, losses, errors = MATRIX_OUTPUTS["softmax"](A, Y, named)
    page.add("output", "n,N,A,P", *statements)
    each, mean = matrix("L", n, 1), matrix("R", 1, 1)
    page.add("losses", "n,N,Y,L,R", (each, losses), (mean, OneMatrix(1, n) * each / n))
    page.add("errors", "n,N,P,Y,D", (matrix("D", *A.shape), errors / n))


def _add_rule(page: _Functions, matrix: Any, name: str, shape: tuple[Expr, Expr]) -> None:
    """An optimizer's step: where the slope is taken, and what a weight and its memory become."""
    rule = _rule(name)
    entries = {w: matrix("W", *shape), gradient: matrix("G", *shape)}
    entries |= {s: matrix(f"M{k}", *shape) for k, s in enumerate(rule.memory)}
    if rule.place != w:
        page.add(
            f"{name}_ahead", "I,N,eta,beta,W,M0,M1,O",
            (matrix("O", *shape), Entrywise(rule.place, entries)),
        )  # fmt: skip
    outs = [matrix(f"O{k}", *shape) for k in range(len(rule.becomes))]
    new = [Entrywise(e, entries) for e in rule.becomes]
    arguments = "I,N,eta,beta,decay,t,W,G,M0,M1,O0,O1,O2"
    page.add(name, arguments, *zip(outs, new, strict=True))

"""The figures of chapter 5: deltas, a network that trains in the page, counts and shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.colors import ListedColormap, to_rgba
from numpy.typing import ArrayLike

from gdlib import chain_rule, symbolic
from gdlib.chain_rule import Var, exp, log, tanh
from gdlib.data import standardise
from gdlib.efficient_backprop import Network
from gdlib.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    canvas,
    differentiable,
    legend_above,
    line,
    name_of,
    point,
    slider,
    styled,
)
from gdlib.figures.drawing import NetworkDrawing, is_network, one_sample, sheet
from gdlib.live import (
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntSlider,
    Live,
    Play,
    iterate,
    mean,
)
from gdlib.live.errors import LiveError
from gdlib.symbolic import SymbolicNetwork, eta, softmax

_t, _scale, _seed, _class = sp.symbols("t scale seed class", real=True)
_loss, _layers = sp.symbols("L_t layers", real=True)
_n, _n_in, _n_out = sp.symbols("n N_in N_out", real=True)
_LOOKS = ((BLUE, "o"), (ORANGE, "^"), (PURPLE, "s"), (GREEN, "D"))
"""A class's colour and marker."""


@styled
def deltas(
    network: Any,
    *,
    x: ArrayLike,
    true_class: int = 0,
    sliders: Sequence[sp.Symbol] | None = None,
    start: Mapping[sp.Symbol, float] | None = None,
    seed: int = 0,
) -> Live:
    """A softmax network with one sample in it: values forward and δ backward, in its units.

    `sliders` are inputs or parameters, by default the first input and each layer's first weight.
    A parameter that `start` does not name is drawn from a fixed seed, in tenths.
    """
    is_network("deltas", network)
    K = len(network.labels)
    if true_class not in range(K):
        raise LiveError(f"deltas: true_class must be 0 to {K - 1}, got {true_class!r}")
    given = one_sample(network, "deltas", x, np.zeros(K), start, seed)
    firsts = (network.inputs[0], *(W[0, 0] for W in network.weights))
    moving = firsts if sliders is None else tuple(sliders)
    for s in moving:
        if s not in given or s in network.labels:
            raise LiveError(f"deltas: sliders names {s}, which is no input or weight of it")
    truth = {
        s: sp.Piecewise((1, sp.Eq(_class, k)), (0, True)) for k, s in enumerate(network.labels)
    }
    fixed = {s: v for s, v in given.items() if s not in moving and s not in truth} | truth

    def now(e: Any) -> sp.Expr:
        return sp.sympify(e).xreplace(fixed)

    sizes = [len(network.inputs), *(len(b) for b in network.biases)]
    states = [network.inputs, *network.hidden, network.prediction]
    height = 78.0 * max(sizes) + 36
    fig, ax = sheet(346, height)
    drawn = NetworkDrawing(ax, sizes, x=(32, 314), y=(50, height - 50), radius=25)
    live = Live(
        fig,
        {
            **{
                s: slider(given[s] - 3, given[s] + 3, given[s], name_of(s))
                for s in moving
            },
            _class: Dropdown(
                options=[(str(k + 1), k) for k in range(K)], value=true_class,
                description="true class",
            ),
            eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η"),
        },
        alt=f"A network with layers of {', '.join(map(str, sizes))} units. In every unit stands "
        "its value, and under it, in hidden and output units, its δ: the derivative of the loss "
        "with respect to what the unit receives. At the outputs δ is the prediction minus the "
        "truth; every other δ is made from those to its right.",
    )  # fmt: skip
    for layer, W in enumerate(network.weights):
        for i, j in product(*map(range, W.shape)):
            if W[i, j] in moving:
                text = drawn.weight(layer, i, j, 0.3, color=GREEN, lw=2.2)
                text.set_color(GREEN)
                live.bind(text, text=("{:.2f}", W[i, j]))
            else:
                drawn.connect(layer, i, j)
    for column, places in enumerate(drawn.places):
        for unit, (across, up) in enumerate(places):
            text = ax.text(
                across, up + 9 * bool(column), " ", ha="center", va="center", size=10.5, color=BLUE
            )
            live.bind(text, text=("{:.2f}", now(states[column][unit])))
            if column:
                text = ax.text(
                    across, up - 8, " ", ha="center", va="center", size=10.5, color=ORANGE,
                    weight="bold",
                )  # fmt: skip
                delta = differentiable(network.loss, network.biases[column - 1][unit])
                live.bind(text, text=("{:+.2f}", now(delta)))
    names = ["x", *["h"] * len(network.hidden), "ŷ"]
    for name, places in zip(names, drawn.places, strict=True):
        ax.text(places[0][0], height - 4, name, ha="center", va="top", size=11, weight="bold")
    ax.text(6, 4, "upper: value, forward →", ha="left", va="bottom", size=10.5, color=BLUE)
    ax.text(340, 4, "← lower: δ, backward", ha="right", va="bottom", size=10.5, color=ORANGE)
    chosen = {s: given[s] for s in network.parameters if s not in moving}
    loss = network.loss.xreplace({s: v for s, v in fixed.items() if s in network.inputs} | truth)
    step = iterate(
        {p: p - eta * differentiable(loss, p) for p in network.parameters}, steps=1, start=chosen
    )
    errors = ", ".join(["{:+.3f}"] * K)
    live.readout(
        f"ŷ − y = ({errors})",
        *(now(p - t) for p, t in zip(network.prediction, network.labels, strict=True)),
    )
    live.readout(
        f"loss {{:.4f}}; after one step of η on all {len(network.parameters)} parameters {{:.4f}}",
        now(network.loss), step.last(loss),
    )  # fmt: skip
    return live


@styled
def training(
    network: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    steps: int = 200,
    eta_start: float = 1.0,
    seeds: Sequence[int] = (0, 1, 2, 3),
    names: tuple[str, str] = ("x₁", "x₂"),
    classes: Sequence[str] = (),
    pixels: int = 56,
) -> Live:
    """A softmax network of two inputs, trained in the page by full-batch gradient descent.

    X is standardised and kept to three decimals; y are classes. The gradients are those of
    `network.loss`. The initial weights are `Network.random(…, rng=seed)` times the scale; or all 0;
    or all 0.5; or 0 in the first layer and random after it.
    """
    is_network("training", network)
    X, labels = np.asarray(X, float), np.asarray(y)
    K = len(network.labels)
    if len(network.inputs) != 2 or X.ndim != 2 or X.shape[1] != 2:
        raise LiveError(f"training: draws a network of two inputs, X has shape {X.shape}")
    if labels.shape != (len(X),) or not set(np.unique(labels)) <= set(range(K)):
        raise LiveError(f"training: y must be {len(X)} classes from 0 to {K - 1}")
    if not 2 <= K <= len(_LOOKS):
        raise LiveError(f"training: draws 2 to {len(_LOOKS)} classes, this network has {K}")
    X = np.round(standardise(X)[0], 3)
    rows = dict(zip(network.inputs, X.T, strict=True))
    one_hot = rows | {s: (labels == k).astype(float) for k, s in enumerate(network.labels)}
    loss = mean(network.loss, one_hot)
    # The loss is updated too: from the same forward pass, it costs one logarithm per row.
    update = {p: p - eta * mean(_factored(network.loss, p), one_hot) for p in network.parameters}
    begin = _initial(network, seeds)
    start = {p: _cases(_seed, [of[p] for of in begin.values()]) for p in network.parameters}
    path = iterate({**update, _loss: loss}, steps=steps + 1, start={**start, _loss: sp.nan})

    fig, (plane, curve) = plt.subplots(
        2, 1, figsize=(4.9, 5.1), gridspec_kw={"height_ratios": [2.3, 1]}
    )
    edges = [(v.min() - 0.25, v.max() + 0.25) for v in X.T]
    shades = 16
    colours = [
        (*to_rgba(colour)[:3], alpha)
        for colour, _ in _LOOKS[:K]
        for alpha in np.linspace(0.05, 0.55, shades)
    ]
    image = plane.imshow(
        np.zeros((pixels, pixels)), extent=(*edges[0], *edges[1]), origin="lower", aspect="auto",
        cmap=ListedColormap(colours), vmin=0, vmax=K,
    )  # fmt: skip
    words = list(classes) or [f"class {k}" for k in range(1, K + 1)]
    for k, (colour, marker) in enumerate(_LOOKS[:K]):
        own = labels == k
        plane.plot(*X[own].T, marker, color=colour, ms=3.6, mew=0.4, mec="black", label=words[k])
    plane.set(xlabel=names[0], ylabel=names[1])
    legend_above(plane)
    curve.axhline(np.log(K), color=GREY, lw=1, ls=":")
    curve.text(steps, np.log(K), f"log {K}: knows nothing", ha="right", va="bottom", size=10)
    curve.set(xlim=(0, steps), ylim=(0, 1.6 * np.log(K)), xlabel="step t", ylabel="loss")
    trail, dot = line(curve, BLUE), point(curve, GREEN, "D")
    live = Live(
        fig,
        {
            eta: FloatLogSlider(
                min=-2, max=1, value=eta_start, step=0.05, description="rate η"
            ),
            _t: HBox(
                [
                    Play(min=0, max=steps, value=0, interval=16),
                    IntSlider(min=0, max=steps, value=0, description="step t"),
                ]
            ),
            _scale: FloatSlider(
                min=0, max=3, value=1, step=0.05, description="initial scale"
            ),
            _seed: Dropdown(
                options=[(name, k) for k, name in enumerate(begin)], value=0, description="start"
            ),
        },
        alt=f"Above: {len(X)} points of {K} classes, each class with its own marker, and behind "
        "them the network's decision regions after t steps of gradient descent, stronger where "
        "it is surer. Below: the loss along the steps, with a mark at step t.",
    )  # fmt: skip
    grid = {s: np.linspace(*edge, pixels) for s, edge in zip(rows, edges, strict=True)}
    scores = [path.at(_t, a) for a in network.scores]
    live.bind(image, over=grid, value=_surest(scores))
    live.bind(trail, x=path[path.step - 1], y=path[_loss])
    live.bind(dot, x=_t, y=path.at(_t + 1, _loss))
    # A tie does not count as right.
    right = sum(
        sp.Piecewise((y, sp.And(*(a > other for other in scores if other is not a))), (0, True))
        for y, a in zip(network.labels, scores, strict=True)
    )
    live.readout(
        "step {:d}: loss {:.4f}, {:.1f} % in their class",
        _t, path.at(_t + 1, _loss), 100 * mean(right, one_hot),
    )  # fmt: skip
    live.readout(
        f"after {steps} steps: loss {{:.4f}}; at the start {{:.4f}}",
        path.at(steps + 1, _loss), path.at(1, _loss),
    )  # fmt: skip
    return live


def _factored(loss: sp.Expr, parameter: sp.Symbol) -> sp.Expr:
    """A derivative with common factors taken out: what remains to be shared are the deltas."""
    return sp.factor_terms(differentiable(loss, parameter))


def _initial(network: SymbolicNetwork, seeds: Sequence[int]) -> dict[str, dict[sp.Symbol, sp.Expr]]:
    """Ways to start, by name, each with a value for every parameter; biases are zero.

    The scale multiplies only the random values.
    """
    sizes = [len(network.inputs), *(len(b) for b in network.biases)]

    def start(weights: Any) -> dict[sp.Symbol, sp.Expr]:
        zero = dict.fromkeys(network.parameters, sp.S.Zero)
        return zero | {
            matrix[i, j]: sp.sympify(weights(layer, i, j))
            for layer, matrix in enumerate(network.weights)
            for i, j in product(*map(range, matrix.shape))
        }

    def drawn(seed: int) -> Any:
        layers = Network.random(sizes, rng=seed).layers
        return lambda layer, i, j: _scale * round(float(layers[layer].W[i, j]), 3)

    first = drawn(seeds[0])
    return {
        **{f"seed {seed}": start(drawn(seed)) for seed in seeds},
        "all weights 0": start(lambda *_: 0),
        "all weights 0.5": start(lambda *_: 0.5),
        "first layer 0": start(lambda layer, i, j: first(layer, i, j) if layer else 0),
    }


def _cases(which: sp.Symbol, options: Sequence[sp.Expr]) -> sp.Expr:
    """The option of this number, from 0."""
    if len(set(options)) == 1:
        return options[0]
    return sp.Piecewise(*((e, sp.Eq(which, k)) for k, e in enumerate(options)), (sp.nan, True))


def _surest(scores: Sequence[sp.Expr]) -> sp.Expr:
    """The class with the largest score, plus how far its probability is from 1/K to 1."""
    K = len(scores)
    cases = []
    for k, (p, a) in enumerate(zip(softmax(scores), scores, strict=True)):
        others = [b for b in scores if b is not a]
        sure = (p - sp.Rational(1, K)) * sp.Rational(K, K - 1)
        cases.append((k + sp.Float(0.999) * sure, sp.And(*(a >= b for b in others))))
    return sp.Piecewise(*cases, (sp.nan, True))


def count_operations(expressions: Sequence[sp.Expr]) -> int:
    """Count the operations of expressions as they are written out: + × powers and functions.

    Repeated parts count each time, but are visited once; `sympy.count_ops` would take minutes.
    """
    known: dict[sp.Basic, int] = {}

    def count(e: sp.Basic) -> int:
        if e not in known:
            own = len(e.args) - 1 if e.is_Add or e.is_Mul else int(bool(e.args))
            known[e] = own + sum(count(a) for a in e.args)
        return known[e]

    return sum(count(sp.sympify(e)) for e in expressions)


class Counts:
    """Operations for all derivatives of a network's loss, for one sample, each counted.

    Forward, each operation counts one; backward, and along a path, each edge is a multiplication.
    The network is a graph of `gdlib.chain_rule.Var`s: 2 inputs, `depth` hidden layers of `width`
    tanh units, 3 softmax outputs.
    """

    def __init__(self, depth: int, width: int) -> None:
        rng = np.random.default_rng(0)
        sizes = [2, *[width] * depth, 3]
        h = [Var(0.5), Var(-1.0)]
        self.weights: list[Var] = []
        for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            W = [[Var(rng.normal()) for _ in range(n_out)] for _ in range(n_in)]
            b = [Var(0.0) for _ in range(n_out)]
            self.weights += [v for row in W for v in row] + b
            a = [_add([*(u * row[j] for u, row in zip(h, W, strict=True)), b[j]])
                 for j in range(n_out)]  # fmt: skip
            h = [tanh(v) for v in a] if layer < len(sizes) - 1 else a
        self.output = log(_add([exp(v) for v in h])) - h[0]
        nodes = chain_rule.graph(self.output)
        self.forward = sum(bool(node.parents) for node in nodes)
        self.backprop = self.forward + self.output.backward()
        self.differences = 2 * len(self.weights) * self.forward
        # Counts all paths and their lengths without walking them: a node's come from its users.
        found = {self.output: (1, 0)}
        for node in reversed(nodes):
            paths, length = found[node]
            for parent, _ in node.parents:
                p, total = found.get(parent, (0, 0))
                found[parent] = (p + paths, total + length + paths)
        self.paths = sum(found[v][0] for v in self.weights)
        self.naive = sum(found[v][1] for v in self.weights)


def _add(terms: Sequence[Var]) -> Var:
    first, *others = terms
    for term in others:
        first = first + term
    return first


@styled
def operation_counts(*, depth: int = 6, width: int = 3, symbolic_depth: int = 2) -> Live:
    """Operations for the whole gradient: every path, central differences, backprop.

    All are counted in graphs of Vars when the figure is made; up to `symbolic_depth` hidden layers,
    also in SymPy's derivatives: written out, and with common factors taken out and common
    subexpressions shared.
    """
    depths = range(1, depth + 1)
    counts = [Counts(k, width) for k in depths]
    ways = (
        ("every path", PURPLE, "--", "s", [c.naive for c in counts]),
        ("differences", GREY, ":", "^", [c.differences for c in counts]),
        ("backprop", GREEN, "-", "o", [c.backprop for c in counts]),
    )
    fig, ax = canvas(height=4.2)
    for name, colour, style, marker, numbers in ways:
        ax.plot(depths, numbers, style, marker=marker, color=colour, ms=6, label=name)
    written, shared = [], []
    for k in depths[:symbolic_depth]:
        net = symbolic.network((2, *[width] * k, 3))
        gradients = [sp.diff(net.loss, p) for p in net.parameters]
        written.append(count_operations(gradients))
        factored = [sp.factor_terms(g) for g in gradients]
        rest, results = sp.cse(factored, order="none", list=True)
        shared.append(count_operations([*(e for _, e in rest), *results]))
    known = depths[:symbolic_depth]
    ax.plot(known, written, "x", color=ORANGE, ms=9, mew=2.2, label="SymPy")
    ax.plot(known, shared, "+", color=BLUE, ms=11, mew=2.2, label="with cse")
    ax.set(
        yscale="log", xlim=(0.5, depth + 0.5), xlabel="hidden layers",
        ylabel="operations, one sample",
    )  # fmt: skip
    ax.set_xticks(list(depths))
    handles = ax.get_legend_handles_labels()[0]
    ax.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3,
        handletextpad=0.4, handlelength=1.6, columnspacing=2.4, borderaxespad=0.2,
    )  # fmt: skip
    rings = [point(ax, c, m, ms=13, mfc="none", mew=1.6) for _, c, _, m, _ in ways]
    live = Live(
        fig,
        {_layers: IntSlider(min=1, max=depth, value=min(3, depth), description="hidden layers")},
        alt=f"Operations for all derivatives of a network of 2 inputs, hidden layers of "
        f"{width} units and 3 outputs, against the number of hidden layers; the axis is "
        "logarithmic. Walking every path grows by a constant factor with each layer, central "
        "differences with the square of the weights, backprop with the weights. For the smallest "
        "networks, crosses mark SymPy's derivatives, written out and with subexpressions shared.",
    )

    def at_depth(numbers: Sequence[float]) -> sp.Expr:
        cases = [(sp.Integer(v), sp.Eq(_layers, k)) for k, v in zip(depths, numbers, strict=True)]
        return sp.Piecewise(*cases, (sp.nan, True))

    for ring, (*_, numbers) in zip(rings, ways, strict=True):
        live.bind(ring, x=_layers, y=at_depth(numbers))
    naive, differences, backprop = (at_depth(numbers) for *_, numbers in ways)
    live.readout(
        "{:,.0f} parameters, {:,.0f} paths to them",
        at_depth([len(c.weights) for c in counts]), at_depth([c.paths for c in counts]),
    )  # fmt: skip
    live.readout(
        "operations: {:,.0f} along every path, {:,.0f} for central differences, "
        "{:,.0f} for backprop",
        naive, differences, backprop,
    )  # fmt: skip
    live.readout(
        "in forward passes: {:.1f} for backprop, {:,.0f} for central differences",
        backprop / at_depth([c.forward for c in counts]),
        differences / at_depth([c.forward for c in counts]),
    )
    for k, (before, after) in enumerate(zip(written, shared, strict=True), start=1):
        live.readout(
            f"SymPy, {k} hidden layer{'s' * (k > 1)}: {{:,.0f}} written out, {{:,.0f}} with cse",
            before, after,
        )  # fmt: skip
    return live


_CELL = 10.0  # a unit or a sample, in points


@styled
def shapes(n: int = 5, n_in: int = 4, n_out: int = 3, *, most: int = 6) -> Live:
    """The three formulas of backprop as boxes: which matrix has n rows, N_in or N_out columns."""
    for name, value in (("n", n), ("n_in", n_in), ("n_out", n_out)):
        if value not in range(1, most + 1):
            raise LiveError(f"shapes: {name} must be 1 to {most}, got {value!r}")
    fig, ax = sheet(346, 336)
    live = Live(
        fig,
        {
            _n: IntSlider(min=1, max=most, value=n, description="samples n"),
            _n_in: IntSlider(min=1, max=most, value=n_in, description="units N_in"),
            _n_out: IntSlider(min=1, max=most, value=n_out, description="units N_out"),
        },
        alt="Three matrix formulas drawn as boxes, as wide as the matrix has columns and as high "
        "as it has rows. The hidden δ is δ times W transposed, times g′(A) entry by entry; dW is "
        "H transposed times δ; db is the sum of δ's rows. Where two matrices are multiplied, the "
        "width of the first is the height of the second.",
    )
    one = sp.S.One
    hidden = (_n, _n_in)
    delta = ("δ", ORANGE, (_n, _n_out))
    formulas: list[list[Any]] = [
        [("δ hidden", ORANGE, hidden), "= (", delta, "·", ("Wᵀ", BLUE, (_n_out, _n_in)), ") ⊙",
         ("g′(A)", PURPLE, hidden)],
        [("dW", GREEN, (_n_in, _n_out)), "=", ("Hᵀ", BLUE, (_n_in, _n)), "·", delta],
        [("db", GREEN, (one, _n_out)), "= Σ rows of", delta],
    ]  # fmt: skip
    for number, formula in enumerate(formulas):
        middle = 278.0 - 112 * number
        at: sp.Expr = sp.Float(8)
        for part in formula:
            if isinstance(part, str):
                width = 6.5 * len(part) + 12
                text = ax.text(0, middle, part, ha="center", va="center", size=12)
                live.bind(text, x=at + width / 2)
                at += width
            else:
                at = _boxed(live, ax, part, at, middle)
    live.readout(
        "δ Wᵀ: ({:d}, {:d}) · ({:d}, {:d}) → ({:d}, {:d})", _n, _n_out, _n_out, _n_in, _n, _n_in
    )
    live.readout(
        "Hᵀ δ: ({:d}, {:d}) · ({:d}, {:d}) → ({:d}, {:d})", _n_in, _n, _n, _n_out, _n_in, _n_out
    )
    return live


def _boxed(live: Live, ax: Any, part: tuple[str, str, Any], at: sp.Expr, middle: float) -> sp.Expr:
    """Draw a matrix as a box, its name above, its shape below; return where the next begins."""
    name, colour, (rows, columns) = part
    width, height = sp.Max(columns * _CELL, 26 if len(name) < 6 else 48), rows * _CELL
    box = ax.add_patch(
        plt.Rectangle((0, 0), 9, 9, facecolor=to_rgba(colour, 0.18), edgecolor=colour, lw=1.5)
    )
    x = at + (width - columns * _CELL) / 2
    live.bind(box, x=x, y=middle - height / 2, width=columns * _CELL, height=height)
    centre = at + width / 2
    for text, shift, template in (
        (name, 4, None), ("", -4, "({:d}, {:d})"),
    ):  # fmt: skip
        shown = ax.text(
            0, 0, text or " ", ha="center", va="bottom" if shift > 0 else "top", size=10.5
        )
        y = middle + (height / 2 if shift > 0 else -height / 2) + shift
        if template:
            live.bind(shown, x=centre, y=y, text=(template, rows, columns))
        else:
            live.bind(shown, x=centre, y=y)
    return at + width

"""The figures of chapter 5: deltas, a network that trains in the page, counts and shapes.

One file, as every chapter has one for its figures.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from gdlib.data import standardise
from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.diagrams import NetworkDiagram, sheet
from gdlib.figures.door import figure, refused
from gdlib.figures.kinds import (
    OF_NETWORK,
    Names,
    Network,
    Numbers,
    Rate,
    Seed,
    Steps,
    Texts,
    Values,
    whole,
    wholes,
)
from gdlib.figures.stages import MINUS_TRUTH, STAGE, NetworkStages
from gdlib.live import PALETTE, FloatSlider, IntSlider, Iterated, Live, LiveError, Mesh, mean
from gdlib.operation_counts import GradientCosts, written_out
from gdlib.symbolic import Expr, MatrixPass, SymbolicNetwork, eta, one_hot
from gdlib.symbolic_training import (
    Passed,
    finite_losses,
    forward,
    full_batch,
    is_right,
    recorded_loss,
    starts,
    surest,
    there_and_back,
    training_path,
)

__all__ = ["deltas", "training", "operation_counts", "shapes"]


def __dir__() -> list[str]:
    return __all__


_t, _scale, _seed, _class = sp.symbols("t scale seed class", real=True)
_row, _column = sp.symbols("row column", real=True)
_layers = sp.Symbol("layers", real=True)
_n, _n_in, _n_out = sp.symbols("n N_in N_out", real=True)
_LOOKS = [(PALETTE[colour], marker) for colour, marker in canvas.CLASSES[:4]]


def _write_deltas(
    panel: NetworkDiagram, moving: Sequence[sp.Symbol], made: Passed, stages: NetworkStages
) -> None:
    """Write the weights with a slider into their connections, values and deltas into the units."""
    last = len(panel.network.weights) - 1
    for layer, i, j in panel.connections():
        read = last > 0 and layer == last and i == 0  # in the last formula
        if read or panel.network.weights[layer][i, j] in moving:
            panel.weight(layer, i, j, 0.38, GREEN)
        else:
            panel.connect(layer, i, j, ls=(0, (4, 3)))
    _write_stages(panel, made, stages)
    for x, align, colour, text in (
        (2, "left", BLUE, "upper: value, forward →"),
        (canvas.WIDTH - 2, "right", ORANGE, "← lower: δ, backward"),
    ):
        canvas.centred(panel.ax, x, 4, colour, text, ha=align, va="bottom")


def _write_stages(panel: NetworkDiagram, made: Passed, stages: NetworkStages) -> None:
    """Write values and deltas into the units, each from the stage on that computes it."""
    computed = map(made.rows.row, (*made.here.inputs[1:], made.here.prediction))
    values = [panel.network.inputs, *computed]

    def value(layer: int, unit: int) -> Expr:
        return panel.now(values[layer][unit])

    def delta(layer: int, unit: int) -> Expr:
        return made.rows.entry(made.here.deltas[layer - 1], unit)

    bold: Style = {"colour": ORANGE, "weight": "bold"}
    for place in panel.units():
        seen, high = stages.forward[place] <= STAGE, 9 * bool(place[0])
        panel.write_in_unit(*place, "{:.2f}", value(*place), high, seen, colour=BLUE)
        if place[0]:
            seen = stages.back[place] <= STAGE
            panel.write_in_unit(*place, "{:+.2f}", delta(*place), -8, seen, **bold)
    stages.follow(panel, value, delta)


Moving = Annotated[
    Sequence[sp.Symbol] | None,
    OF_NETWORK,
    "inputs or parameters; the first input and each layer's first weight if None",
]


@figure
def deltas(
    network: Network,
    *,
    x: Annotated[Numbers, "the inputs of one sample"],
    true_class: Annotated[int, whole(), "the sample's class, counted from 0"] = 0,
    sliders: Moving = None,
    start: Values | None = None,
    seed: Seed = 0,
) -> Live:
    """A softmax network with one sample in it: values forward and δ backward, in its units.

    A parameter that `start` does not name is drawn from the seed, in tenths.
    """
    given, K = arguments.one_sample(network, x, None, start, seed), len(network.labels)
    if true_class >= K:
        raise refused("true_class", true_class, f"a class from 0 to {K - 1}")
    moving = (network.inputs[0], *(W[0, 0] for W in network.weights))
    moving = moving if sliders is None else tuple(sliders)
    arguments.in_network("sliders", moving, given.keys() - set(network.labels))
    layout: Style = {"pitch": 78.0, "extra": 36.0, "x": (31, 269), "y": (50, 50), "radius": 25}
    panel = NetworkDiagram(network, ("x", "h", "ŷ"), **layout, weight="bold")
    stages = NetworkStages(panel.sizes)
    live = Live(
        panel.fig,
        {
            **furniture.around(given, moving),
            _class: furniture.dropdown(map(str, range(1, K + 1)), true_class, "true class"),
            eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η"),
            STAGE: furniture.stage_row(stages.last),
        },
        alt=f"A network with layers of {', '.join(map(str, panel.sizes))} units. In every unit "
        "stands its value, and under it, in hidden and output units, its δ: the derivative of the "
        "loss with respect to what the unit receives. "
        + "At the outputs δ is the prediction minus the truth. " * (network.output in MINUS_TRUTH)
        + "A hidden δ is made from those to its right.",
    )
    truth = dict(zip(network.labels, one_hot(_class, K), strict=True))
    panel.follow(live, {s: v for s, v in given.items() if s not in moving} | truth)
    made, after = there_and_back(network, {s: s for s in moving} | panel.fixed)
    _write_deltas(panel, moving, made, stages)
    _read_deltas(live, panel, made, after)
    return live


def _read_deltas(live: Live, panel: NetworkDiagram, made: Passed, after: MatrixPass) -> None:
    network, K = panel.network, len(panel.network.labels)
    last, errors = len(network.weights), ", ".join([r"\num{+.3f}"] * K)
    wrong = zip(made.rows.row(made.here.prediction), network.labels, strict=True)
    same = network.output in MINUS_TRUTH
    pulls = [
        (panel.now(p - t), *panel.numbers[last, k][1:][:same]) for k, (p, t) in enumerate(wrong)
    ]
    live.formula(rf"\hat y - y = ({errors})", *pulls)
    _first_weight(panel, made)
    sentence = (
        f"loss {{:.4f}}; after one step of η on all {len(network.parameters)} parameters {{:.4f}}"
    )
    live.readout(sentence, *(made.rows.entry(of.loss, 0) for of in (made.here, after)))


def _first_weight(panel: NetworkDiagram, made: Passed) -> None:
    """Typeset the derivative by the first weight: what the connection carries, times the δ."""
    weight, edge = panel.network.weights[0][0, 0], panel.edges[0, 0, 0]
    received = panel.now(panel.network.inputs[0]), panel.numbers[0, 0][0]
    delta = made.rows.entry(made.here.deltas[0], 0), panel.numbers[1, 0][1]
    by = rf"\frac{{\partial L}}{{\partial {sp.latex(weight)}}} = x_1 \delta_1"
    product = received[0] * delta[0], *edge
    numbers = r"\num{.2f} \cdot (\num{+.3f}) = \num{+.4f}"
    panel.live.formula(f"{by} = {numbers}", received, delta, product)


def _checked_classes(
    network: SymbolicNetwork, X: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return X, standardised and kept to three decimals, and the classes."""
    K = len(network.labels)
    if network.output != "softmax" or not 2 <= K <= len(_LOOKS):
        raise LiveError(
            f"network has {K} outputs, {network.output}; "
            f"expected 2 to {len(_LOOKS)} classes with softmax"
        )
    if len(network.inputs) != 2 or X.ndim != 2 or X.shape[1] != 2:
        raise LiveError(
            f"network has {len(network.inputs)} inputs, X has shape {X.shape}; "
            "expected two inputs, and two columns"
        )
    if labels.shape != (len(X),) or not np.isin(labels, range(K)).all():
        raise refused("y", labels, f"{len(X)} classes from 0 to {K - 1}")
    for column, name in zip(X.T, ("X[:, 0]", "X[:, 1]"), strict=True):
        arguments.spread(**{name: column})
    return np.round(standardise(X)[0], 3), labels.astype(int)


def _called(classes: Sequence[str], K: int) -> list[str]:
    """The names of the classes, or numbers."""
    if classes and len(classes) != K:
        raise LiveError(f"classes has {len(classes)} names for {K} classes")
    return [*classes] or [f"class {k}" for k in range(1, K + 1)]


def _points_and_loss(
    X: np.ndarray, labels: np.ndarray, classes: Sequence[str], names: Sequence[str], steps: int
) -> tuple[Any, Axes, Axes, list[tuple[float, float]]]:
    """Axes with the points, and axes of the loss; and the ends of the former."""
    fig, (plane, fall) = canvas.panels(2)
    for k, (colour, marker) in enumerate(_LOOKS[: len(classes)]):
        style: Style = {"color": colour, "ms": 3.6, "mew": 0.4, "mec": "black"}
        plane.plot(*X[labels == k].T, marker, **style, label=classes[k])
    canvas.legend_above(plane, *plane.lines)
    most = np.log(len(classes))
    fall.axhline(most, color=GREY, lw=1, ls=":")
    words = f"log {len(classes)}: knows nothing"
    fall.text(steps, most, words, ha="right", va="bottom")
    fall.set(xlim=(0, steps), ylim=(0, 1.6 * most), xlabel="step t", ylabel="loss")
    ends = [(v.min() - 0.25, v.max() + 0.25) for v in X.T]
    plane.set(xlabel=names[0], ylabel=names[1], xlim=ends[0], ylim=ends[1])
    return fig, plane, fall, ends


def _regions_and_share(
    live: Live,
    plane: Axes,
    network: SymbolicNetwork,
    path: Iterated,
    data: Mapping[Expr, Any],
    ends: Sequence[np.ndarray],
) -> Expr:
    """Fill the plane with the classes' regions at step t; return how many per cent are right."""
    now = {p: path.at(_t, p) for p in network.parameters}
    places, (x, y) = Mesh(*ends), ends
    colours = [colour for colour, _ in _LOOKS[: len(network.labels)]]
    corners = (x[0], x[-1], y[0], y[-1])
    image = canvas.image(
        plane, x.size, corners, colours, len(colours), start=0.05, stop=0.55, num=16
    )
    plane.set_aspect("auto")
    seen = forward(network, now, places)
    probable = seen.rows.row(seen.here.prediction, _column + x.size * _row)
    over = {s: np.arange(x.size) for s in (_column, _row)}
    live.bind(image, over=over, value=surest(probable))
    inputs = np.stack([data[s] for s in network.inputs], axis=1)
    told = forward(network, now, inputs)
    right = is_right(network.labels, told.rows.row(told.here.scores[-1], _row))
    labels = {s: data[s] for s in network.labels}
    return 100 * mean(right, {_row: np.arange(len(inputs)), **labels})


Seeds = Annotated[Sequence[int], wholes(0, 2**31), "seeds of the starts to choose from"]


@figure
def training(
    network: Network,
    X: Annotated[Numbers, "the two inputs of each row"],
    y: Annotated[Numbers, "the class of each row, counted from 0"],
    *,
    steps: Annotated[Steps, "how many updates"] = 200,
    eta_start: Rate = 1.0,
    seeds: Seeds = (0, 1, 2, 3),
    names: Annotated[Names, "what to write at the axes of the two inputs"] = ("x₁", "x₂"),
    classes: Annotated[Texts, "the names of the classes; numbers if empty"] = (),
    pixels: Annotated[int, whole(8, 128), "how many pixels a side the decision regions have"] = 56,
) -> Live:
    """A softmax network of two inputs, trained in the page by full-batch gradient descent.

    X is standardised and kept to three decimals. The gradients are those of `network.loss`. The
    initial weights are `Network.random(…, rng=seed)` times the scale; or all 0; or all 0.5; or 0 in
    the first layer and random after it.
    """
    X, y = _checked_classes(network, X, y)
    K, data = len(network.labels), full_batch(network, X, y)
    start = starts(network, seeds, _scale, _seed)
    path = training_path(network, data, steps, start)
    fig, plane, fall, ends = _points_and_loss(X, y, _called(classes, K), names, steps)
    live = Live(
        fig,
        {
            eta: furniture.rate(eta_start, -2, step=0.05),
            _t: furniture.play_row(steps, 0),
            _scale: FloatSlider(min=0, max=3, value=1, step=0.05, description="initial scale"),
            _seed: furniture.dropdown(start.names, 0, "start"),
        },
        alt=f"First: {len(X)} points of {K} classes, each class with its own marker, and behind "
        "them the network's decision regions after t steps of gradient descent, stronger where "
        "it is surer. Second: the loss along the steps, with a mark at step t.",
    )
    grid = [np.linspace(*e, pixels) for e in ends]
    share = _regions_and_share(live, plane, network, path, data, grid)
    furniture.along_steps(
        live, fall, path, recorded_loss, _t, (BLUE, "-", "D"), late=1, mark=GREEN, hold=True
    )
    gone = ("diverged at step {:d}", path.last(finite_losses)), path.last(finite_losses) <= steps
    furniture.words(live, fall, [gone], color=ORANGE)
    losses = [path.at(t, recorded_loss) for t in (_t + 1, steps + 1, 1)]
    live.readout("step {:d}: loss {:.4f}, {:.1f} % in their class", _t, losses[0], share)
    live.readout(f"after {steps} steps: loss {{:.4f}}; at the start {{:.4f}}", *losses[1:])
    return live


@figure
def operation_counts(
    *,
    depth: Annotated[int, whole(2, 8), "the most hidden layers"] = 6,
    width: Annotated[int, whole(1, 5), "units of a hidden layer"] = 3,
    symbolic_depth: Annotated[int, whole(1, 2), "up to how many of them SymPy counts too"] = 2,
) -> Live:
    """Operations for the whole gradient: every path, central differences, backprop.

    All are counted in graphs of Vars when the figure is made; for the smallest networks also in
    SymPy's derivatives: written out, and with common factors taken out and common subexpressions
    shared.
    """
    if width**depth > 5000:
        raise LiveError(f"{width} units in {depth} layers have too many paths to walk in a figure")
    costs = {k: GradientCosts(k, width) for k in range(1, depth + 1)}
    by_sympy = {k: written_out(k, width) for k in range(1, symbolic_depth + 1)}
    fig, ax = canvas.panels()
    _draw_costs(ax, costs, by_sympy)
    live = Live(
        fig,
        {_layers: IntSlider(min=1, max=depth, value=min(3, depth), description="hidden layers")},
        alt=f"Operations for all derivatives of a network of 2 inputs, hidden layers of "
        f"{width} units and 3 outputs, against the number of hidden layers; the axis is "
        "logarithmic. Walking every path grows by a constant factor with each layer, central "
        "differences with the square of the weights, backprop with the weights. For the smallest "
        "networks, crosses mark SymPy's derivatives, written out and with subexpressions shared.",
    )
    for _, name, look in _WAYS:
        ring = canvas.point(ax, look[0], look[2], ms=13, mfc="none", mew=1.6)
        furniture.held(live, ring, x=_layers, y=_cost(costs, name))
    _read_costs(live, costs)
    for k, counts in by_sympy.items():
        layers = f"{k} hidden layer{'s' * (k > 1)}"
        live.readout(f"SymPy, {layers}: {{:,.0f}} written out, {{:,.0f}} with cse", *counts)
    return live


_WAYS: tuple[tuple[str, str, furniture.Look], ...] = (
    ("every path", "naive", (PURPLE, "--", "s")),
    ("differences", "differences", (GREY, ":", "^")),
    ("backprop", "backprop", (GREEN, "-", "o")),
)


def _cost(costs: Mapping[int, GradientCosts], name: str) -> sp.Expr:
    """What was counted, for the depth on the slider."""
    return furniture.choose(_layers, {k: getattr(c, name) for k, c in costs.items()})


def _draw_costs(
    ax: Axes, costs: Mapping[int, GradientCosts], by_sympy: Mapping[int, tuple[int, int]]
) -> None:
    """Draw what was counted against the number of hidden layers."""
    for label, name, (colour, dashes, marker) in _WAYS:
        style: Style = {"ls": dashes, "marker": marker, "color": colour, "ms": 6, "label": label}
        ax.plot([*costs], [getattr(c, name) for c in costs.values()], **style)
    written, shared = ([both[k] for both in by_sympy.values()] for k in range(2))
    ax.plot([*by_sympy], written, "x", color=ORANGE, ms=9, mew=2.2, label="SymPy")
    ax.plot([*by_sympy], shared, "+", color=BLUE, ms=11, mew=2.2, label="with cse")
    ax.set(yscale="log", xlim=(0.5, len(costs) + 0.5), xticks=[*costs])
    ax.set(xlabel="hidden layers", ylabel="operations, one sample")
    canvas.legend_above(ax, *ax.lines)


def _read_costs(live: Live, costs: Mapping[int, GradientCosts]) -> None:
    names = ("parameters", "paths", "naive", "differences", "backprop", "forward")
    parameters, paths, naive, differences, backprop, forward = (_cost(costs, n) for n in names)
    live.readout("{:,.0f} parameters, {:,.0f} paths to them", parameters, paths)
    live.readout(
        "operations: {:,.0f} along every path, {:,.0f} for central differences, "
        "{:,.0f} for backprop",
        *(naive, differences, backprop),
    )
    passes = "in forward passes: {:.1f} for backprop, {:,.0f} for central differences"
    live.readout(passes, backprop / forward, differences / forward)


_CELL = 8.5  # a unit or a sample, in points
_DELTA = ("δ", ORANGE, (_n, _n_out))
_W, _H = ("Wᵀ", BLUE, (_n_out, _n_in)), ("Hᵀ", BLUE, (_n_in, _n))
_HIDDEN, _SLOPES = (("δ hidden", ORANGE, (_n, _n_in)), ("g′(A)", PURPLE, (_n, _n_in)))
_FORMULAS: tuple[Sequence[Any], ...] = (
    (_HIDDEN, "= (", _DELTA, "·", _W, ") ⊙", _SLOPES),
    (("dW", GREEN, (_n_in, _n_out)), "=", _H, "·", _DELTA),
    (("db", GREEN, (sp.S.One, _n_out)), "= Σ rows of", _DELTA),
)


@figure
def shapes(
    n: Annotated[int, whole(1, 8), "samples"] = 5,
    n_in: Annotated[int, whole(1, 8), "units that a layer receives from"] = 4,
    n_out: Annotated[int, whole(1, 8), "units of the layer"] = 3,
    *,
    most: Annotated[int, whole(2, 8), "how many of each there can be"] = 6,
) -> Live:
    """The three formulas of backprop as boxes: which matrix has n rows, N_in or N_out columns."""
    if max(n, n_in, n_out) > most:
        raise LiveError(f"n, n_in and n_out are {n}, {n_in}, {n_out}; expected at most {most}")
    fig, ax = sheet(canvas.WIDTH, 300)
    live = Live(
        fig,
        {
            _n: IntSlider(min=1, max=most, value=n, description="samples n"),
            _n_in: IntSlider(min=1, max=most, value=n_in, description="units Nᵢₙ"),
            _n_out: IntSlider(min=1, max=most, value=n_out, description="units Nₒᵤₜ"),
        },
        alt="Three matrix formulas drawn as boxes, as wide as the matrix has columns and as high "
        "as it has rows. The hidden δ is δ times W transposed, times g′(A) entry by entry; dW is "
        "H transposed times δ; db is the sum of δ's rows. Where two matrices are multiplied, the "
        "width of the first is the height of the second.",
    )
    for number, formula in enumerate(_FORMULAS):
        at: sp.Expr = sp.Float(4)
        for part in formula:
            write = _sign if isinstance(part, str) else _matrix
            at = write(live, ax, part, at, 250.0 - 100 * number)
    product = "({:d}, {:d}) · ({:d}, {:d}) → ({:d}, {:d})"
    live.readout(f"δ Wᵀ: {product}", _n, _n_out, _n_out, _n_in, _n, _n_in)
    live.readout(f"Hᵀ δ: {product}", _n_in, _n, _n, _n_out, _n_in, _n_out)
    return live


def _sign(live: Live, ax: Axes, words: str, at: sp.Expr, middle: float) -> sp.Expr:
    """Write what stands between two matrices; return where the next begins."""
    width = 5.5 * len(words) + 9
    live.bind(canvas.centred(ax, 0, middle, text=words), x=at + width / 2)
    return at + width


def _matrix(live: Live, ax: Axes, part: Any, at: sp.Expr, middle: float) -> sp.Expr:
    """Draw a matrix as a box, its name above, its shape below; return where the next begins."""
    name, colour, (rows, columns) = part
    width, height = sp.Max(columns * _CELL, 26 if len(name) < 6 else 48), rows * _CELL
    box = plt.Rectangle((0, 0), 9, 9, facecolor=to_rgba(colour, 0.18), edgecolor=colour, lw=1.5)
    left, centre = at + (width - columns * _CELL) / 2, at + width / 2
    size = {"width": columns * _CELL, "height": height}
    live.bind(ax.add_patch(box), x=left, y=middle - height / 2, **size)
    title = canvas.centred(ax, 0, 0, text=name, va="bottom")
    live.bind(title, x=centre, y=middle + height / 2 + 4)
    shape = ("({:d}, {:d})", rows, columns)
    live.bind(canvas.centred(ax, 0, 0, va="top"), x=centre, y=middle - height / 2 - 4, text=shape)
    return at + width

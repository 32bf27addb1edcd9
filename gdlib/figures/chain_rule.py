"""The figures of chapter 4: the graph of an expression, its paths, and what their products do.

One file, as every chapter has one for its figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib import chain_rule
from gdlib.chain_rule import Var
from gdlib.expression_graph import ExpressionGraph
from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.diagrams import GraphDiagram, NetworkDiagram, thickness
from gdlib.figures.door import figure, refused
from gdlib.figures.furniture import Look
from gdlib.figures.kinds import (
    ANYTHING,
    OF_NETWORK,
    At,
    Formula,
    Formulas,
    Network,
    Numbers,
    Seed,
    Text,
    Values,
    check_range,
    number,
    numbers,
    short,
    whole,
    wholes,
)
from gdlib.figures.stages import STAGE, GraphStages
from gdlib.landscape import OpaqueLoss
from gdlib.live import FloatSlider, IntSlider, Live, LiveError, differentiate, iterate
from gdlib.operation_counts import along_all_paths, backward, counted
from gdlib.symbolic import eta, h, name_of, w, x
from gdlib.weight_paths import WeightPaths

__all__ = ["graph", "var_graph", "highlighted_weight", "path_counts", "vanishing"]


def __dir__() -> list[str]:
    return __all__


_depth, _width, _layer, _slope = sp.symbols("depth N l p", real=True)


def _draw(
    live: Live, diagram: GraphDiagram, graph: Any, digits: int, stages: GraphStages | None = None
) -> None:
    """Let a graph's numbers follow the controls, each from the stage on that computes it."""
    plain, signed = f"{{:.{digits}f}}", f"{{:+.{digits}f}}"

    for i, edges in enumerate(diagram.edges):
        forward = stages and stages.forward[i] <= STAGE
        back = stages and stages.back[i] <= STAGE
        live.bind(diagram.value[i], text=(plain, graph.values[i]), visible=forward)
        live.bind(diagram.grad[i], text=(signed, graph.grads[i]), visible=back)
        for (label, *pieces), local in zip(edges, graph.locals[i], strict=True):
            live.bind(label, text=(plain, local), visible=forward)
            for piece in pieces:
                live.bind(piece, lw=thickness(local))


@figure
def graph(
    expression: Annotated[Formula, "an expression of one to six symbols, or its text"],
    start: Annotated[At, "the value that each symbol's slider starts from"],
    *,
    span: Annotated[float, number(1e-6, 1e6), "how far a slider goes to either side"] = 3.0,
    digits: Annotated[int, whole(0, 6), "the decimals of every number"] = 2,
    name: Annotated[Text, "what the expression is called"] = "f",
) -> Live:
    """The computational graph of an expression: values forward, derivatives backward."""
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    if not 1 <= len(symbols) <= 6:
        raise LiveError(f"expression has {len(symbols)} symbols; expected 1 to 6")
    arguments.start_within(dict.fromkeys(symbols, (-np.inf, np.inf)), start)
    for s in symbols:
        check_range(f"start[{s.name}] ± span", start[s] - span, start[s] + span)
    if expression.is_Symbol:
        raise LiveError(f"expression is the symbol {expression}: there is no operation to draw")
    arguments.computable("expression", [expression])
    arguments.computable("expression", [differentiate(expression, s) for s in symbols])
    arguments.defined_at(OpaqueLoss(expression, symbols), start, "start")
    made = ExpressionGraph(expression)
    if len(made.labels) > 30:
        raise LiveError(f"expression has {len(made.labels)} operations; up to 30 can be drawn")
    diagram, stages = GraphDiagram(made.labels, made.parents, name), GraphStages(made)
    live = Live(
        diagram.fig,
        {s: _near(start[s], span) for s in symbols} | {STAGE: furniture.stage_row(stages.last)},
        alt=f"The computational graph of {name} = {short(expression)}, from its inputs to "
        f"{name}. Each box has an operation and its value, each edge a local derivative, and each "
        f"node the derivative of {name} with respect to it: the sum, over the edges that leave it, "
        "of the local derivative times the derivative at the edge's end.",
    )
    _draw(live, diagram, made, digits, stages)
    stages.follow(live, diagram, name, rf"\num{{.{digits}f}}")
    called = name.replace("{", "{{").replace("}", "}}")  # in a template
    live.readout(f"{called} = {{:.10g}}", expression)
    grads = [made.grads[made.values.index(s)] for s in symbols]
    live.readout(", ".join(f"∂{called}/∂{name_of(s)} = {{:.10g}}" for s in symbols), *grads)
    return live


def _near(value: float, span: float) -> FloatSlider:
    """Return a slider from so far below a value to so far above."""
    return FloatSlider(min=value - span, max=value + span, value=value, step=span / 60)


class _VarGraph:
    """What `_draw` needs to know of a graph of Vars."""

    def __init__(self, nodes: Sequence[Var], names: Mapping[str, Var]) -> None:
        called = {id(v): text for text, v in names.items()}
        self.labels = [v.op if v.parents else called.get(id(v), v.op or "input") for v in nodes]
        self.values = [sp.Float(v.value) for v in nodes]
        self.parents = [[nodes.index(p) for p, _ in v.parents] for v in nodes]
        self.locals = [[sp.Float(local) for _, local in v.parents] for v in nodes]
        self.grads = [sp.Float(v.grad) for v in nodes]


@figure
def var_graph(
    output: Annotated[Var, ANYTHING, "the Var on which `backward` was called"],
    *,
    names: Annotated[
        Mapping[str, Var] | None, ANYTHING, "names for some Vars; the others show their operation"
    ] = None,
    digits: Annotated[int, whole(0, 6), "the decimals of every number"] = 2,
    name: Annotated[Text, "what the output is called"] = "f",
) -> Live:
    """The graph of a Var as `backward` left it: values, local derivatives and grads."""
    if not isinstance(output, Var):
        raise LiveError(f"output is a {type(output).__name__}; expected a Var")
    if not isinstance(names or {}, Mapping):
        raise refused("names", names, "a dict of names and Vars")
    nodes = chain_rule.graph(output)
    if len(nodes) > 30:
        raise LiveError(f"output has a graph of {len(nodes)} nodes; up to 30 can be drawn")
    made = _VarGraph(nodes, names or {})
    diagram = GraphDiagram(made.labels, made.parents, name)
    live = Live(
        diagram.fig,
        {},
        alt=f"A graph of {len(nodes)} numbers, from the inputs to the output "
        f"{output.value:.4g}: values in the boxes, local derivatives on the edges, and at each "
        "node the derivative of the output with respect to it.",
    )
    _draw(live, diagram, made, digits)
    return live


def _weight_paths(network: Any, weight: Any) -> WeightPaths:
    """Return a weight's paths. `LiveError` if it is not a weight, or has too many to show."""
    paths = WeightPaths.from_weight(network, weight)
    if paths is None:
        raise LiveError(
            f"weight is {weight!s}, which is not a weight of this network; "
            f"one is {network.weights[0][0, 0]}"
        )
    if len(paths.ways) > 4:
        raise LiveError(
            f"weight {weight} has {len(paths.ways)} paths to the loss; "
            "a figure can show 4, so take a weight closer to the end"
        )
    return paths


def _write_paths(panel: NetworkDiagram, paths: WeightPaths, weight: sp.Symbol) -> None:
    """Write the highlighted weight, the weights and derivatives on its paths, all values."""
    net, units, last = panel.network, paths.units, len(panel.network.weights)
    for layer, i, j in panel.connections():
        if net.weights[layer][i, j] == weight:
            panel.weight(layer, i, j, 0.5, ORANGE, "-.", weight="bold")
        elif layer > paths.layer and {(layer, i), (layer + 1, j)} <= units:
            panel.weight(layer, i, j, 0.36, GREEN)
        else:
            panel.connect(layer, i, j, ls=(0, (4, 3)))
    for layer, unit in panel.units():
        panel.write_in_unit(layer, unit, "{:.2f}", net.states[layer][unit], colour=BLUE)
        below: Style = {"up": -27.0}
        if (layer, unit) in units and layer < last:
            g = net.activation_slope(layer, unit)
            panel.write_in_unit(layer, unit, "g′ {:.2f}", g, colour=PURPLE, **below)
        elif (layer, unit) in units:
            delta = net.delta(layer, unit)
            panel.write_in_unit(layer, unit, "∂L/∂a {:+.2f}", delta, colour=ORANGE, **below)
    hidden = "g′ × w × " * (last - paths.layer - 1)
    words = f"along a path: h × {hidden}∂L/∂a"
    panel.ax.text(canvas.WIDTH / 2, 4, words, ha="center", va="bottom")


@figure
def highlighted_weight(
    network: Network,
    weight: Annotated[sp.Symbol, ANYTHING, "one of the network's weights"],
    *,
    x: Annotated[Numbers, "the inputs of one sample"],
    y: Annotated[Numbers, "the sample's labels, one for each output unit"],
    also: Annotated[Sequence[sp.Symbol], OF_NETWORK, "further parameters with sliders"] = (),
    start: Values | None = None,
    seed: Seed = 0,
) -> Live:
    """One weight of a small network: its derivative as a sum over the paths to the loss.

    A parameter that `start` does not name is drawn from the seed, in tenths.
    """
    paths = _weight_paths(network, weight)
    given = arguments.one_sample(network, x, y, start, seed)
    arguments.in_network("also", also, network.parameters)
    moving = dict.fromkeys((weight, *also))
    layout: Style = {"pitch": 88.0, "extra": 24.0, "x": (22, 262), "y": (60, 44), "radius": 20}
    panel = NetworkDiagram(network, ("inputs", "hidden", "ŷ"), **layout, colour=GREY)
    live = Live(
        panel.fig,
        {
            **furniture.around(given, moving),
            eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η"),
        },
        alt=f"A network with layers of {', '.join(map(str, panel.sizes))} units; a connection is "
        f"as thick as its weight is large. That of the weight {name_of(weight)} is orange, those "
        f"on its {len(paths.ways)} paths to the loss are green, all others grey and dashed. Below: "
        "every path's factors multiplied, and their sum, which is the derivative of the loss with "
        "respect to the weight.",
    )
    panel.follow(live, {s: v for s, v in given.items() if s not in moving})
    _write_paths(panel, paths, weight)
    total, loss = _multiply_paths(panel, paths), panel.now(network.loss)
    name, slope = sp.latex(weight), differentiate(loss, weight)
    by = rf"\frac{{\partial L}}{{\partial {name}}}"
    live.formula(rf"\sum_\text{{paths}} = \num{{+.5f}}, \quad {by} = \num{{+.5f}}", total, slope)
    after, edge = weight - eta * slope, panel.edges[paths.layer, paths.i, paths.j]
    numbers = r"\num{.3f} - \num{.2f} \cdot (\num{+.4f}) = \num{.4f}"
    step = rf"{name} \leftarrow {name} - \eta {by} = {numbers}"
    live.formula(step, (weight, *edge), eta, slope, after)
    live.readout("loss {:.5f}, after this step {:.5f}", loss, loss.subs(weight, after))
    return live


def _multiply_paths(panel: NetworkDiagram, paths: WeightPaths) -> sp.Expr:
    """Typeset every path's factors and their product; return the products' sum."""
    total = sp.S.Zero
    for which, way in enumerate(paths.ways, start=1):
        factors = [panel.now(e) for e in paths.factors(way)]
        total += prod(factors)
        places = zip(factors, _places(panel, paths, way), strict=True)
        slots = r" \times ".join([r"\num{.3f}"] + [r"(\num{.3f})"] * (len(factors) - 1))
        marked = ((factor, *artists) for factor, artists in places)
        panel.live.formula(
            rf"\text{{path {which}: }} {slots} = \num{{+.5f}}", *marked, prod(factors)
        )
    return total


def _places(panel: NetworkDiagram, paths: WeightPaths, way: Sequence[int]) -> Iterator[list[Any]]:
    """What stands in the picture for each factor of a path: h, then g′ and w, then ∂L/∂a."""
    yield panel.numbers[paths.layer, paths.i][:1]
    for layer, (unit, after) in enumerate(pairwise(way), start=paths.layer + 1):
        yield panel.numbers[layer, unit][1:]
        yield panel.edges[layer, unit, after]
    yield panel.numbers[len(panel.network.weights), way[-1]][1:]


Widths = Annotated[Sequence[int], wholes(1, 6), "units of a hidden layer to choose from"]


@figure
def path_counts(
    depth: Annotated[int, whole(2, 12), "the most hidden layers"] = 8,
    widths: Widths = (2, 3, 4),
    walked: Annotated[int, whole(1, 50_000), "how many paths are walked one by one"] = 20_000,
) -> Live:
    """Multiplications against depth: the sum over paths beside reverse accumulation.

    Counted by `gdlib.chain_rule` on layered graphs of Vars when the figure is made. Where there are
    more paths than are walked, the line is drawn, but no point.
    """
    widths = sorted(set(widths))
    if len(widths) < 2:
        raise LiveError(f"widths has only {widths[0]}; expected two or more to choose from")
    depths = np.arange(1, depth + 1)
    fig, ax = canvas.panels()
    most = float(along_all_paths(max(widths), depth))
    ax.set(yscale="log", xlim=(0.5, depth + 0.5), ylim=(3, 3 * most), xticks=depths)
    ax.set(xlabel="depth: hidden layers", ylabel="multiplications")
    canvas.legend_above(ax, ("sum over paths", PURPLE, "--"), ("reverse", GREEN))
    units: Style = {"value": sorted(widths)[len(widths) // 2], "description": "units a layer N"}
    live = Live(
        fig,
        {
            _depth: IntSlider(min=1, max=depth, value=min(4, depth), description="depth"),
            _width: IntSlider(min=min(widths), max=max(widths), **units),
        },
        alt="Multiplications against the number of hidden layers, on a logarithmic axis. The sum "
        "over paths is a straight line upwards, multiplied by the width with every layer; reverse "
        "accumulation stays nearly level. Points are counted, lines are the formula.",
    )
    for n in widths:
        _counted_points(live, ax, n, [d for d in range(1, depth + 1) if n**d <= walked])
    for count, (colour, dashes, marker) in _COUNTS:
        curve: Style = {"x": _layer, "y": count(_width, _layer)}
        live.bind(canvas.line(ax, colour, dashes), over={_layer: depths}, **curve)
        ring = canvas.point(ax, colour, marker, ms=10, mfc="none", mew=2)
        furniture.held(live, ring, x=_depth, y=count(_width, _depth))
    live.readout("{:,.0f} paths from the input to the output", _width**_depth)
    live.readout(
        "multiplications: {:,.0f} along all paths, for one derivative; {:,.0f} backward, for all",
        *(count(_width, _depth) for count, _ in _COUNTS),
    )
    return live


_COUNTS = ((along_all_paths, (PURPLE, "--", "s")), (backward, (GREEN, "-", "o")))


def _counted_points(live: Live, ax: Axes, width: int, depths: Sequence[int]) -> None:
    """Draw what was counted for one width, and show it only then."""
    if not depths:
        return
    measured = zip(*(counted(width, depth) for depth in depths), strict=True)
    for y, (_, (colour, _, marker)) in zip(measured, _COUNTS, strict=True):
        dots = canvas.point(ax, colour, marker, ms=5)
        live.bind(dots, x=tuple(depths), y=y, visible=sp.Eq(_width, width))


@figure
def vanishing(
    activations: Annotated[Formulas, "one to three expressions of one symbol, by name"],
    *,
    start: Annotated[tuple[float, float], numbers(2, -3, 3), "the weight w and the input x"] = (
        1.0,
        0.5,
    ),
    depth: Annotated[int, whole(2, 200), "how many layers"] = 40,
) -> Live:
    """The size of the product of derivatives through layers h ← g(w h), for several g."""
    if len(activations) > 3:
        raise LiveError(f"activations has {len(activations)} entries; expected one to three")
    looks: tuple[Look, ...] = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, ":", "^"))
    drawn = list(zip(activations.items(), looks, strict=False))
    fig, ax = canvas.panels()
    canvas.against_steps(ax, depth, 1e-16, 1e8, xlabel="layer", ylabel="|∂h at the layer / ∂x|")
    ax.axhline(1, color=GREY, lw=0.8)
    canvas.legend_above(ax, *((name, colour, dashes) for (name, _), (colour, dashes, _) in drawn))
    live = Live(
        fig,
        {
            w: FloatSlider(min=-4, max=4, value=start[0], step=0.05, description="weight w"),
            x: FloatSlider(min=-3, max=3, value=start[1], step=0.05, description="input x"),
            _depth: IntSlider(min=1, max=depth, value=depth // 2, description="depth"),
        },
        alt=f"The size of the derivative of a layer by the input, against the layer, for "
        f"{', '.join(activations)}; the axis is logarithmic, with a line at 1. A product of "
        "factors below 1 falls in a straight line, and one of factors above 1 rises.",
    )
    for (name, given), look in drawn:
        (a,) = arguments.weights_of(given, 1, f"activations[{name!r}]")
        g = given
        arguments.computable(f"activations[{name!r}]", [g, differentiate(g, a)])
        local = differentiate(g, a).subs(a, w * h) * w
        layers = {h: g.subs(a, w * h), _slope: _slope * local}
        path = iterate(layers, steps=depth, start={h: x, _slope: sp.S.One})
        furniture.along_steps(live, ax, path, sp.Abs(_slope), _depth, look, until=_depth, hold=True)
        reached = path.at(_depth, _slope), path.at(_depth, h)
        live.readout(f"{name}: product {{:.2e}}, h = {{:.3f}}", *reached)
    return live

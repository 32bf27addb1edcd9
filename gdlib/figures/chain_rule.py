"""The figures of chapter 4: the graph of an expression, its paths, and what their products do."""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib import chain_rule
from gdlib.chain_rule import Var
from gdlib.expression_graph import ExpressionGraph
from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.diagrams import GraphDiagram, NetworkDiagram
from gdlib.figures.furniture import Look
from gdlib.landscape import Start
from gdlib.live import FloatSlider, IntSlider, Live, LiveError, differentiate, iterate
from gdlib.operation_counts import along_all_paths, backward, counted
from gdlib.symbolic import eta, h, name_of, w, x
from gdlib.symbolic_training import WeightPaths

_depth, _width, _layer, _slope = sp.symbols("depth N l p", real=True)


def _drawn(graph: Any, controls: Mapping[sp.Symbol, Any], alt: str, digits: int, name: str) -> Live:
    """Draw a graph, and let its numbers follow the controls."""
    diagram = GraphDiagram(graph.labels, graph.parents, name)
    live = Live(diagram.fig, controls, alt=alt)
    plain, signed = f"{{:.{digits}f}}", f"{{:+.{digits}f}}"
    for texts, template, expressions in (
        (diagram.value, plain, graph.values),
        (diagram.grad, signed, graph.grads),
        (chain(*diagram.local), plain, chain(*graph.locals)),
    ):
        for text, expression in zip(texts, expressions, strict=True):
            live.bind(text, text=(template, expression))
    return live


@canvas.styled
def graph(
    expression: Any, start: Start, *, span: float = 3.0, digits: int = 2, name: str = "f"
) -> Live:
    """The computational graph of an expression: values forward, derivatives backward.

    Each input has a slider, from `span` below its start to `span` above.
    """
    number = len(getattr(expression, "free_symbols", ""))
    exact, symbols = arguments.symbols_of(expression, number, "graph")
    if not 1 <= number <= 6:
        raise LiveError(f"graph: draws an expression of 1 to 6 symbols, not of {number}")
    arguments.start_within(dict.fromkeys(symbols, (-np.inf, np.inf)), start, "graph")
    if exact.is_Symbol:
        raise LiveError(f"graph: {exact} is one symbol; there is no operation to draw")
    made = ExpressionGraph(exact)
    live = _drawn(
        made,
        {
            s: FloatSlider(min=start[s] - span, max=start[s] + span, value=start[s], step=span / 60)
            for s in symbols
        },
        f"The computational graph of {name} = {exact}, from its inputs to {name}. Each box has an "
        "operation and its value, each edge a local derivative, and each node the derivative of "
        f"{name} with respect to it: the sum, over the edges that leave it, of the local "
        "derivative times the derivative at the edge's end.",
        digits,
        name,
    )
    live.readout(f"{name} = {{:.10g}}", exact)
    grads = [made.grads[made.values.index(s)] for s in symbols]
    live.readout(", ".join(f"∂{name}/∂{name_of(s)} = {{:.10g}}" for s in symbols), *grads)
    return live


class _VarGraph:
    """What `_drawn` needs to know of a graph of Vars."""

    def __init__(self, nodes: Sequence[Var], names: Mapping[str, Var]) -> None:
        called = {id(v): text for text, v in names.items()}
        self.labels = [v.op if v.parents else called.get(id(v), v.op or "input") for v in nodes]
        self.values = [sp.Float(v.value) for v in nodes]
        self.parents = [[nodes.index(p) for p, _ in v.parents] for v in nodes]
        self.locals = [[sp.Float(local) for _, local in v.parents] for v in nodes]
        self.grads = [sp.Float(v.grad) for v in nodes]


@canvas.styled
def var_graph(
    output: Any, *, names: Mapping[str, Var] | None = None, digits: int = 2, name: str = "f"
) -> Live:
    """The graph of a Var as `backward` left it: values, local derivatives and grads.

    `names` gives some Vars a name; the others show their operation.
    """
    if not isinstance(output, Var):
        raise LiveError(f"var_graph: output must be a Var, got {type(output).__name__}")
    nodes = chain_rule.graph(output)
    if len(nodes) > 30:
        raise LiveError(f"var_graph: draws up to 30 nodes, this graph has {len(nodes)}")
    return _drawn(
        _VarGraph(nodes, names or {}),
        {},
        f"A graph of {len(nodes)} numbers, from the inputs to the output "
        f"{output.value:.4g}: values in the boxes, local derivatives on the edges, and at each "
        "node the derivative of the output with respect to it.",
        digits,
        name,
    )


def _weight_paths(network: Any, weight: Any) -> WeightPaths:
    """Return a weight's paths. `LiveError` if it is not a weight, or has too many to show."""
    arguments.is_network("highlighted_weight", network)
    paths = WeightPaths.from_weight(network, weight)
    if paths is None:
        raise LiveError(
            f"highlighted_weight: {weight} is not a weight of this network; "
            f"one is {network.weights[0][0, 0]}"
        )
    if len(paths.ways) > 4:
        raise LiveError(
            f"highlighted_weight: {weight} has {len(paths.ways)} paths to the loss; "
            "a figure can show 4, so take a weight closer to the end"
        )
    return paths


def _write_paths(panel: NetworkDiagram, paths: WeightPaths, weight: sp.Symbol) -> None:
    """Write the highlighted weight, the weights and derivatives on its paths, all values."""
    net, units, last = panel.network, paths.units, len(panel.network.weights)
    for layer, i, j in panel.connections():
        if net.weights[layer][i, j] == weight:
            panel.weight(layer, i, j, 0.5, ORANGE, lw=4, weight="bold")
        elif layer > paths.layer and {(layer, i), (layer + 1, j)} <= units:
            panel.weight(layer, i, j, 0.36, GREEN, lw=2.2)
        else:
            panel.connect(layer, i, j, ls=(0, (4, 3)))
    for layer, unit in panel.units():
        panel.write_in_unit(layer, unit, "{:.2f}", net.states[layer][unit], colour=BLUE)
        below = {"up": -27, "size": 10}
        if (layer, unit) in units and layer < last:
            g = net.activation_slope(layer, unit)
            panel.write_in_unit(layer, unit, "g′ {:.2f}", g, colour=PURPLE, **below)
        elif (layer, unit) in units:
            delta = net.delta(layer, unit)
            panel.write_in_unit(layer, unit, "∂L/∂a {:+.2f}", delta, colour=ORANGE, **below)
    hidden = "g′ × w × " * (last - paths.layer - 1)
    panel.ax.text(173, 4, f"along a path: h × {hidden}∂L/∂a", ha="center", va="bottom", size=10)


@canvas.styled
def highlighted_weight(
    network: Any,
    weight: sp.Symbol,
    *,
    x: Any,
    y: Any,
    also: Sequence[sp.Symbol] = (),
    start: Start | None = None,
    seed: int = 0,
) -> Live:
    """One weight of a small network: its derivative as a sum over the paths to the loss.

    `x` and `y` are one sample, `also` further parameters with sliders. A parameter that `start`
    does not name is drawn from a fixed seed, in tenths.
    """
    paths = _weight_paths(network, weight)
    given = arguments.one_sample(network, "highlighted_weight", x, y, start, seed)
    arguments.in_network("highlighted_weight", "also", also, network.parameters)
    moving = dict.fromkeys((weight, *also))
    layout: Style = {"pitch": 88.0, "extra": 24.0, "x": (24, 292), "y": (60, 44), "radius": 19}
    panel = NetworkDiagram(network, ("inputs", "hidden", "ŷ"), **layout, size=10, colour=GREY)
    live = Live(
        panel.fig,
        {
            **furniture.around(given, moving),
            eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η"),
        },
        alt=f"A network with layers of {', '.join(map(str, panel.sizes))} units. The connection "
        f"of the weight {name_of(weight)} is thick, the connections on its {len(paths.ways)} paths "
        "to the loss are drawn through, all others dashed. Below: every path's factors multiplied, "
        "and their sum, which is the derivative of the loss with respect to the weight.",
    )
    panel.follow(live, {s: v for s, v in given.items() if s not in moving})
    _write_paths(panel, paths, weight)
    total, loss = _multiply_paths(panel, paths), panel.now(network.loss)
    name, slope = name_of(weight), differentiate(loss, weight)
    live.readout(f"sum of the paths {{:+.5f}}; ∂L/∂{name} = {{:+.5f}}", total, slope)
    after = weight - eta * slope
    live.readout(
        f"one step: {name} ← {{:.3f}} − {{:.2f}} · ({{:+.4f}}) = {{:.4f}}, "
        "loss {:.5f} → {:.5f}",
        *(weight, eta, slope, after, loss, loss.subs(weight, after)),
    )
    return live


def _multiply_paths(panel: NetworkDiagram, paths: WeightPaths) -> sp.Expr:
    """Read out every path's factors and their product; return the products' sum."""
    total = sp.S.Zero
    for number, way in enumerate(paths.ways, start=1):
        factors = [panel.now(e) for e in paths.factors(way)]
        total += prod(factors)
        slots = " × ".join(["{:.3f}"] + ["({:.3f})"] * (len(factors) - 1))
        panel.live.readout(f"path {number}: {slots} = {{:+.5f}}", *factors, prod(factors))
    return total


@canvas.styled
def path_counts(depth: int = 8, widths: Sequence[int] = (2, 3, 4), walked: int = 20_000) -> Live:
    """Multiplications against depth: the sum over paths beside reverse accumulation.

    Counted by `gdlib.chain_rule` on layered graphs of Vars when the figure is made. Where there are
    more than `walked` paths, they are not walked: the line is drawn, but no point.
    """
    depths = np.arange(1, depth + 1)
    fig, ax = canvas.panels(height=4.0)
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
        live.bind(ring, x=_depth, y=count(_width, _depth))
    live.readout("{:,.0f} paths from the input to the output", _width**_depth)
    live.readout(
        "multiplications: {:,.0f} along all paths, for one derivative; {:,.0f} backward, for all",
        *(count(_width, _depth) for count, _ in _COUNTS),
    )
    return live


_COUNTS = ((along_all_paths, (PURPLE, "--", "s")), (backward, (GREEN, "-", "o")))


def _counted_points(live: Live, ax: Axes, width: int, depths: Sequence[int]) -> None:
    """Draw what was counted for one width, and show it only then."""
    measured = zip(*(counted(width, depth) for depth in depths), strict=True)
    for y, (_, (colour, _, marker)) in zip(measured, _COUNTS, strict=True):
        dots = canvas.point(ax, colour, marker, ms=5)
        live.bind(dots, x=tuple(depths), y=y, visible=sp.Eq(_width, width))


@canvas.styled
def vanishing(
    activations: Mapping[str, Any], *, start: tuple[float, float] = (1.0, 0.5), depth: int = 40
) -> Live:
    """The size of the product of derivatives through layers h ← g(w h), for several activations g.

    `activations` maps a name to an expression of one symbol. `start` is w and x.
    """
    if not isinstance(activations, Mapping) or not 1 <= len(activations) <= 3:
        raise LiveError(
            "vanishing: activations is a dict of one to three names and expressions, "
            f"got {activations!r}"
        )
    looks: tuple[Look, ...] = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, ":", "^"))
    drawn = list(zip(activations.items(), looks, strict=False))
    fig, ax = canvas.panels(height=4.0)
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
        g, (a,) = arguments.symbols_of(given, 1, f"vanishing: {name}")
        local = differentiate(g, a).subs(a, w * h) * w
        layers = {h: g.subs(a, w * h), _slope: _slope * local}
        path = iterate(layers, steps=depth, start={h: x, _slope: sp.S.One})
        furniture.along_steps(live, ax, path, sp.Abs(_slope), _depth, look, until=_depth)
        reached = path.at(_depth, _slope), path.at(_depth, h)
        live.readout(f"{name}: product {{:.2e}}, h = {{:.3f}}", *reached)
    return live

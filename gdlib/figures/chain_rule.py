"""The figures of chapter 4: the graph of an expression, its paths, and what their products do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib import chain_rule
from gdlib.chain_rule import Var, sum_over_paths
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
    symbols_of,
)
from gdlib.figures.drawing import (
    GraphDrawing,
    NetworkDrawing,
    is_network,
    one_sample,
    sheet,
)
from gdlib.live import FloatSlider, IntSlider, Live, iterate
from gdlib.live.errors import LiveError
from gdlib.symbolic import SymbolicNetwork, eta, h, w, x

_SUPERSCRIPTS = str.maketrans("-0123456789/.", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᐟ·")
_NOTE = "in the box: its value · on the edge: local derivative\n{}: ∂{}/∂(this node)"
_depth, _width, _layer = sp.symbols("depth N l", real=True)
MOST = 6


class Graph:
    """The computational graph of a SymPy expression; equal subexpressions are one node.

    By node, inputs first: `labels`, `values` (expressions of the inputs), `parents` (numbers of
    nodes), `locals` (the derivatives by them) and, once all nodes exist, `grads`.
    """

    def __init__(self, expression: sp.Expr) -> None:
        self.labels: list[str] = []
        self.values: list[sp.Expr] = []
        self.parents: list[list[int]] = []
        self.locals: list[list[sp.Expr]] = []
        self._known: dict[sp.Expr, int] = {}
        self.node(expression)
        self.grads: list[sp.Expr] = [sp.S.Zero] * len(self.values)
        self.grads[-1] = sp.S.One
        for i in reversed(range(len(self.values))):
            for parent, local in zip(self.parents[i], self.locals[i], strict=True):
                self.grads[parent] += self.grads[i] * local

    def node(self, e: sp.Expr) -> int:
        """Return the number of an expression's node, making it and its operands if they are new."""
        if e not in self._known:
            label, operands, rule = _operation(e)
            operands.sort(key=_first_name)
            numbers = [self.node(o) for o in operands]
            if rule is None:
                local = [differentiable(e, s) for s in operands]
            else:
                stand_ins = [sp.Dummy(real=True) for _ in operands]
                back = dict(zip(stand_ins, operands, strict=True))
                form = rule(dict(zip(operands, stand_ins, strict=True)))
                local = [_partial(form, s).xreplace(back) for s in stand_ins]
            self._known[e] = len(self.values)
            self.labels.append(label)
            self.values.append(e)
            self.parents.append(numbers)
            self.locals.append(local)
        return self._known[e]


def _first_name(e: sp.Expr) -> str:
    return min((s.name for s in e.free_symbols), default="")


def _partial(form: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    if isinstance(form, (sp.Max, sp.Min)):
        # SymPy splits the derivative at a tie; here, as in gdlib, the first one gets it.
        args = sorted(form.args, key=lambda s: getattr(s, "dummy_index", 0))
        k = args.index(symbol)
        sign = 1 if isinstance(form, sp.Max) else -1
        wins = [sign * symbol > sign * a for a in args[:k]]
        wins += [sign * symbol >= sign * a for a in args[k + 1 :]]
        return sp.Piecewise((1, sp.And(*wins)), (0, True))
    return differentiable(form, symbol)


def _operation(e: sp.Expr) -> tuple[str, list[sp.Expr], Any]:
    """Take an expression apart: the name of its last operation, its operands, and what that
    operation is as an expression of stand-ins for them (None: take the symbols)."""
    if e.is_Symbol:
        return name_of(e), [], lambda of: e
    if e.is_Add:
        return _sum(e)
    if e.is_Mul:
        return _product(e)
    if e.is_Pow and e.exp.is_number:
        base, exponent = e.base, e.exp
        short = {sp.Integer(-1): "1/u", sp.S.Half: "√"}
        label = short.get(exponent, f"u{str(exponent).translate(_SUPERSCRIPTS)}")
        return label, [base], lambda of: of[base] ** exponent
    if isinstance(e, sp.Piecewise):
        u = e.args[0].expr
        relu = sp.Piecewise((u, u > 0), (0, True))
        if e == relu and not u.is_Symbol:
            return "relu", [u], lambda of: relu.xreplace(of)
        return ("relu" if e == relu else "cases"), list(e.free_symbols), None
    operands = [a for a in e.args if a.free_symbols]
    label = "power" if e.is_Pow else e.func.__name__.lower()
    if not operands or not all(isinstance(a, sp.Expr) for a in e.args):
        return label, list(e.free_symbols), None
    return label, operands, lambda of: e.func(*(of.get(a, a) for a in e.args))


def _sum(e: sp.Expr) -> tuple[str, list[sp.Expr], Any]:
    terms = list(e.args)
    factors = [t.as_coeff_Mul()[0] for t in terms]
    if len({abs(f) for f in factors}) == 1 and (abs(factors[0]) != 1 or max(factors) < 0):
        # SymPy multiplies a number into a sum. Taken out again, it is one operation.
        common = factors[0] if max(factors) < 0 else abs(factors[0])
        rest = sp.Add(*(t / common for t in terms))
        return _times(common), [rest], lambda of: common * of[rest]
    number, rest = e.as_coeff_Add()
    if number != 0:
        label = f"{'−' if number < 0 else '+'} {_text(abs(number))}"
        return label, [rest], lambda of: of[rest] + number
    signs = [-1 if f == -1 else 1 for f in factors]
    operands = [s * t for s, t in zip(signs, terms, strict=True)]
    label = "+" if min(signs) == 1 else ("−" if len(terms) == 2 else "±")
    pairs = list(zip(signs, operands, strict=True))
    return label, operands, lambda of: sum(s * of[o] for s, o in pairs)


def _product(e: sp.Expr) -> tuple[str, list[sp.Expr], Any]:
    number, rest = e.as_coeff_Mul()
    if number != 1:
        return _times(number), [rest], lambda of: number * of[rest]
    top, bottom = sp.fraction(e, exact=True)
    if bottom.free_symbols and top.free_symbols:
        return "/", [top, bottom], lambda of: of[top] / of[bottom]
    factors = list(e.args)
    operands = [f for f in factors if f.free_symbols]
    if len(operands) == 1:
        (u,) = operands
        return _times(e / u), [u], lambda of: e / u * of[u]
    return "×", operands, lambda of: prod(of.get(f, f) for f in factors)


def _times(number: sp.Expr) -> str:
    if number == -1:
        return "× −1"
    if number.is_Rational and number.p == 1:
        return f"/ {number.q}"
    return f"× {_text(number)}"


def _text(number: sp.Expr) -> str:
    return (f"{number:.3g}" if number.is_Float else str(number)).replace("-", "−")


def _drawn(
    graph: Any, controls: Mapping[sp.Symbol, Any], alt: str, digits: int, output: str
) -> Live:
    """Draw a graph, and let its numbers follow the controls."""
    drawing = GraphDrawing(graph.labels, graph.parents, "\n")
    where = "below it" if drawing.across else "right of it"
    drawing.ax.texts[0].set_text(_NOTE.format(where, output))
    live = Live(drawing.fig, controls, alt=alt)
    plain, signed = f"{{:.{digits}f}}", f"{{:+.{digits}f}}"
    for text, value in zip(drawing.value, graph.values, strict=True):
        text.set_color(BLUE)
        live.bind(text, text=(plain, value))
    for text, grad in zip(drawing.grad, graph.grads, strict=True):
        text.set(color=ORANGE, weight="bold")
        live.bind(text, text=(signed, grad))
    for texts, derivatives in zip(drawing.local, graph.locals, strict=True):
        for text, local in zip(texts, derivatives, strict=True):
            text.set(color=PURPLE, style="italic")
            live.bind(text, text=(plain, local))
    return live


@styled
def graph(
    expression: Any,
    start: Mapping[sp.Symbol, float],
    *,
    span: float = 3.0,
    digits: int = 2,
    name: str = "f",
) -> Live:
    """The computational graph of an expression: values forward, derivatives backward.

    Each input has a slider, from `span` below its start to `span` above.
    """
    number = len(getattr(expression, "free_symbols", ""))
    exact, symbols = symbols_of(expression, number, "graph")
    if not 1 <= number <= MOST:
        raise LiveError(f"graph: draws an expression of 1 to {MOST} symbols, not of {number}")
    _starts("graph", start, symbols)
    if exact.is_Symbol:
        raise LiveError(f"graph: {exact} is one symbol; there is no operation to draw")
    live = _drawn(
        made := Graph(exact),
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


def _starts(figure: str, start: Mapping[sp.Symbol, float], symbols: Sequence[sp.Symbol]) -> None:
    missing = ", ".join(s.name for s in symbols if s not in start)
    strangers = ", ".join(str(s) for s in start if s not in symbols)
    if missing:
        raise LiveError(f"{figure}: start has no value for {missing}")
    if strangers:
        raise LiveError(f"{figure}: start names {strangers}, which the expression does not have")


@styled
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
    called = {id(v): text for text, v in (names or {}).items()}

    class Given:
        """What `_drawn` needs to know."""

        labels = [called.get(id(v), v.op or "input") if not v.parents else v.op for v in nodes]
        values = [sp.Float(v.value) for v in nodes]
        parents = [[nodes.index(p) for p, _ in v.parents] for v in nodes]
        locals = [[sp.Float(local) for _, local in v.parents] for v in nodes]
        grads = [sp.Float(v.grad) for v in nodes]

    return _drawn(
        Given,
        {},
        f"A graph of {len(nodes)} numbers, from the inputs to the output "
        f"{output.value:.4g}: values in the boxes, local derivatives on the edges, and at each "
        "node the derivative of the output with respect to it.",
        digits,
        name,
    )


@styled
def highlighted_weight(
    network: Any,
    weight: sp.Symbol,
    *,
    x: ArrayLike,
    y: ArrayLike,
    also: Sequence[sp.Symbol] = (),
    start: Mapping[sp.Symbol, float] | None = None,
    seed: int = 0,
) -> Live:
    """One weight of a small network: its derivative as a sum over the paths to the loss.

    `x` and `y` are one sample, `also` further parameters with sliders. A parameter that `start`
    does not name is drawn from a fixed seed, in tenths.
    """
    layer, i, j = _position(network, weight)
    given = one_sample(network, "highlighted_weight", x, y, start, seed)
    for s in also:
        if s not in network.parameters:
            raise LiveError(f"highlighted_weight: also names {s}, which is not in the network")
    moving = (weight, *(s for s in also if s != weight))
    fixed = {s: v for s, v in given.items() if s not in moving}

    def now(e: Any) -> sp.Expr:
        return sp.sympify(e).xreplace(fixed)

    sizes = [len(network.inputs), *(len(b) for b in network.biases)]
    states = [network.inputs, *network.hidden, network.prediction]
    # A path goes through the weight's unit, and then through any one unit of each further layer.
    ways = [(j, *further) for further in product(*map(range, sizes[layer + 2 :]))]
    units = {(layer + 1 + k, u) for way in ways for k, u in enumerate(way)}
    if len(ways) > 4:
        raise LiveError(
            f"highlighted_weight: {weight} has {len(ways)} paths to the loss; "
            "a figure can show 4, so take a weight closer to the end"
        )
    height = 88.0 * max(sizes) + 24
    fig, ax = sheet(346, height)
    drawn = NetworkDrawing(ax, sizes, x=(24, 292), y=(60, height - 44))
    live = Live(
        fig,
        {
            **{s: slider(given[s] - 3, given[s] + 3, given[s], name_of(s)) for s in moving},
            eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η"),
        },
        alt=f"A network with layers of {', '.join(map(str, sizes))} units. The connection of "
        f"the weight {name_of(weight)} is thick, the connections on its {len(ways)} paths to the "
        "loss are drawn through, all others dashed. Below: every path's factors multiplied, and "
        "their sum, which is the derivative of the loss with respect to the weight.",
    )

    def write(text: Any, colour: str, template: str, value: Any, **style: Any) -> None:
        text.set(color=colour, **style)
        live.bind(text, text=(template, now(value)))

    for at, matrix in enumerate(network.weights):
        for a, b in product(range(sizes[at]), range(sizes[at + 1])):
            if (at, a, b) == (layer, i, j):
                text = drawn.weight(at, a, b, color=ORANGE, lw=4)
                write(text, ORANGE, "{:.2f}", weight, weight="bold")
            elif at > layer and {(at, a), (at + 1, b)} <= units:
                text = drawn.weight(at, a, b, 0.36, color=GREEN, lw=2.2)
                write(text, GREEN, "{:.2f}", matrix[a, b])
            else:
                drawn.connect(at, a, b, ls=(0, (4, 3)))
    for column, places in enumerate(drawn.places):
        for unit, (across, up) in enumerate(places):
            text = ax.text(across, up, " ", ha="center", va="center", size=10.5)
            write(text, BLUE, "{:.2f}", states[column][unit])
            if (column, unit) in units:
                text = ax.text(across, up - 27, " ", ha="center", va="center", size=10)
                if column < len(sizes) - 1:
                    write(text, PURPLE, "g′ {:.2f}", _slope_of(network, column, unit))
                else:
                    write(text, ORANGE, "∂L/∂a {:+.2f}", _delta(network, column, unit))
    names = ["inputs", *["hidden"] * len(network.hidden), "ŷ"]
    for name, places in zip(names, drawn.places, strict=True):
        ax.text(places[0][0], height - 4, name, ha="center", va="top", size=10, color=GREY)

    hidden = "g′ × w × " * len(network.hidden[layer:]) if len(ways[0]) > 1 else ""
    note = f"along a path: h × {hidden}∂L/∂a"
    ax.text(173, 4, note, ha="center", va="bottom", size=10, color="black")
    total = sp.S.Zero
    for number, way in enumerate(ways, start=1):
        factors = [states[layer][i]]
        for k, unit in enumerate(way):
            column = layer + 1 + k
            if column == len(sizes) - 1:
                factors.append(_delta(network, column, unit))
            else:
                factors.append(_slope_of(network, column, unit))
                factors.append(network.weights[column][unit, way[k + 1]])
        total += prod(factors)
        slots = " × ".join(["{:.3f}"] + ["({:.3f})"] * (len(factors) - 1))
        live.readout(f"path {number}: {slots} = {{:+.5f}}", *map(now, factors), now(prod(factors)))
    derivative = differentiable(network.loss, weight)
    name = name_of(weight)
    live.readout(f"sum of the paths {{:+.5f}}; ∂L/∂{name} = {{:+.5f}}", now(total), now(derivative))
    after = weight - eta * derivative
    loss = network.loss
    live.readout(
        f"one step: {name} ← {{:.3f}} − {{:.2f}} · ({{:+.4f}}) = {{:.4f}}, "
        "loss {:.5f} → {:.5f}",
        *map(now, (weight, eta, derivative, after, loss, loss.subs(weight, after))),
    )
    return live


def _position(network: Any, weight: Any) -> tuple[int, int, int]:
    """Return the layer, the row and the column of a weight. `LiveError` if it is not a weight."""
    is_network("highlighted_weight", network)
    for layer, matrix in enumerate(network.weights):
        for i, j in product(*map(range, matrix.shape)):
            if matrix[i, j] == weight:
                return layer, i, j
    first = network.weights[0][0, 0]
    raise LiveError(f"highlighted_weight: {weight} is not a weight of this network; one is {first}")


def _delta(network: SymbolicNetwork, column: int, unit: int) -> sp.Expr:
    """∂L/∂a of a unit: its bias is added to a, so this is the derivative by the bias."""
    return differentiable(network.loss, network.biases[column - 1][unit])


def _slope_of(network: SymbolicNetwork, column: int, unit: int) -> sp.Expr:
    """g′(a) of a hidden unit, as the derivative of h by the bias."""
    return differentiable(network.hidden[column - 1][unit], network.biases[column - 1][unit])


@styled
def path_counts(depth: int = 8, widths: Sequence[int] = (2, 3, 4), walked: int = 20_000) -> Live:
    """Multiplications against depth: the sum over paths beside reverse accumulation.

    Counted by `gdlib.chain_rule` on layered graphs of Vars when the figure is made. Where there are
    more than `walked` paths, they are not walked: the line is drawn, but no point.
    """
    depths = np.arange(1, depth + 1)
    fig, ax = canvas(height=4.0)
    everything, once = line(ax, PURPLE, "--"), line(ax, GREEN, "-")
    everything.set_label("sum over paths")
    once.set_label("reverse")
    tops = point(ax, PURPLE, "s", ms=10, mfc="none", mew=2)
    bottoms = point(ax, GREEN, "o", ms=10, mfc="none", mew=2)
    most = float(_naive(max(widths), depth))
    ax.set(
        yscale="log", xlim=(0.5, depth + 0.5), ylim=(3, 3 * most),
        xlabel="depth: hidden layers", ylabel="multiplications",
    )  # fmt: skip
    ax.set_xticks(depths)
    measured = {}
    for n in widths:
        reached = [int(d) for d in depths if n**d <= walked]
        measured[n] = (reached, [counted(n, d) for d in reached])
    dots = {n: (point(ax, PURPLE, "s", ms=5), point(ax, GREEN, "o", ms=5)) for n in widths}
    legend_above(ax, [everything, once])
    live = Live(
        fig,
        {
            _depth: IntSlider(min=1, max=depth, value=min(4, depth), description="depth"),
            _width: IntSlider(
                min=min(widths), max=max(widths), value=sorted(widths)[len(widths) // 2],
                description="units a layer N",
            ),
        },
        alt="Multiplications against the number of hidden layers, on a logarithmic axis. The sum "
        "over paths is a straight line upwards, multiplied by the width with every layer; reverse "
        "accumulation stays nearly level. Points are counted, lines are the formula.",
    )  # fmt: skip
    for n, (naive, reverse) in dots.items():
        reached, counts = measured[n]
        for k, artist in enumerate((naive, reverse)):
            y = tuple(c[k] for c in counts)
            live.bind(artist, x=tuple(reached), y=y, visible=sp.Eq(_width, n))
    for artist, count in ((everything, _naive), (once, _reverse)):
        live.bind(artist, over={_layer: depths}, x=_layer, y=count(_width, _layer))
    live.bind(tops, x=_depth, y=_naive(_width, _depth))
    live.bind(bottoms, x=_depth, y=_reverse(_width, _depth))
    live.readout("{:,.0f} paths from the input to the output", _width**_depth)
    live.readout(
        "multiplications: {:,.0f} along all paths, for one derivative; {:,.0f} backward, for all",
        _naive(_width, _depth),
        _reverse(_width, _depth),
    )
    return live


def counted(width: int, depth: int) -> tuple[int, int]:
    """Count the multiplications for a layered graph: along all paths, and backward."""
    source = Var(0.3)
    layer = [chain_rule.tanh(Var(0.5) * source) for _ in range(width)]
    for _ in range(depth - 1):
        layer = [chain_rule.tanh(_total([Var(0.5) * h for h in layer])) for _ in range(width)]
    output = _total(layer)
    return sum_over_paths(output, source)[1], output.backward()


def _total(terms: Sequence[Var]) -> Var:
    first, *others = terms
    for term in others:
        first = first + term
    return first


def _naive(width: Any, depth: Any) -> Any:
    """Edges of all paths of `counted`: N^depth paths, and a chain of + takes c edges on average."""
    c = sp.Rational(1, 2) * (width - 1) * (width + 2) / width
    return width**depth * (2 + (depth - 1) * (2 + c) + c)


def _reverse(width: Any, depth: Any) -> Any:
    """Edges of the graph of `counted`."""
    return 3 * width + (depth - 1) * width * (4 * width - 1) + 2 * (width - 1)


@styled
def vanishing(
    activations: Mapping[str, Any], *, start: tuple[float, float] = (1.0, 0.5), depth: int = 40
) -> Live:
    """|the product of derivatives| through layers h ← g(w h), for several activations g.

    `activations` maps a name to an expression of one symbol. `start` is w and x.
    """
    if not isinstance(activations, Mapping) or not 1 <= len(activations) <= 3:
        raise LiveError(
            "vanishing: activations is a dict of one to three names and expressions, "
            f"got {activations!r}"
        )
    fig, ax = canvas(height=4.0)
    ax.set(
        yscale="log", xlim=(0, depth), ylim=(1e-16, 1e8),
        xlabel="layer", ylabel="|∂h at the layer / ∂x|",
    )  # fmt: skip
    ax.axhline(1, color=GREY, lw=0.8)
    looks = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, ":", "^"))
    lines = [line(ax, c, s, label=n) for n, (c, s, _) in zip(activations, looks, strict=False)]
    ends = [point(ax, c, m) for _, (c, _, m) in zip(activations, looks, strict=False)]
    legend_above(ax, lines)
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
    slope = sp.Symbol("p", real=True)
    for (name, g), artist, end in zip(activations.items(), lines, ends, strict=True):
        g, (a,) = symbols_of(g, 1, f"vanishing: {name}")
        local = differentiable(g, a).subs(a, w * h)
        path = iterate(
            {h: g.subs(a, w * h), slope: slope * local * w},
            steps=depth,
            start={h: x, slope: sp.S.One},
        )
        shown = sp.Piecewise((path.step, path.step <= _depth), (sp.nan, True))
        live.bind(artist, x=path[shown], y=path[sp.Abs(slope)])
        product_of_all = path.at(_depth, slope)
        live.bind(end, x=_depth, y=sp.Abs(product_of_all))
        live.readout(f"{name}: product {{:.2e}}, h = {{:.3f}}", product_of_all, path.at(_depth, h))
    return live

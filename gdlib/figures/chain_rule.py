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
    NARROW,
    ORANGE,
    PALE,
    PURPLE,
    canvas,
    differentiable,
    legend_above,
    line,
    name_of,
    point,
    styled,
    symbols_of,
)
from gdlib.figures.drawing import GraphDrawing, NetworkDrawing, sheet
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
    nodes), `locals` (the derivatives by them) and, after all are there, `grads`.
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
        """Return the number of the node of an expression, after making what it is made from."""
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
        # SymPy shares the derivative at a tie; here, as in gdlib, the first one has it.
        args = sorted(form.args, key=lambda s: s.dummy_index)
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
    found = getattr(sp.sympify(expression), "free_symbols", set())
    if not 1 <= len(found) <= MOST:
        raise LiveError(
            f"graph: draws an expression of 1 to {MOST} symbols, this one has {len(found)}"
        )
    exact, symbols = symbols_of(expression, len(found), "graph")
    _starts("graph", start, symbols)
    if exact.is_Symbol:
        raise LiveError(f"graph: {exact} is one symbol; there is no operation to draw")
    live = _drawn(
        made := Graph(exact),
        {
            s: FloatSlider(
                min=start[s] - span, max=start[s] + span, value=start[s], step=span / 60
            )
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
    live.readout(
        ", ".join(f"∂{name}/∂{name_of(s)} = {{:.10g}}" for s in symbols), *grads
    )
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

    `names` says which Var is called what; the others show their operation.
    """
    if not isinstance(output, Var):
        raise LiveError(f"var_graph: output must be a Var, got {type(output).__name__}")
    nodes = chain_rule.graph(output)
    if len(nodes) > 30:
        raise LiveError(f"var_graph: draws up to 30 nodes, this graph has {len(nodes)}")
    called = {id(v): text for text, v in (names or {}).items()}

    class Given:
        """What `_drawn` needs to know."""

        labels = [
            called.get(id(v), v.op or "input") if not v.parents else v.op for v in nodes
        ]
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
    start: Mapping[sp.Symbol, float] | None = None,
    also: Sequence[sp.Symbol] = (),
    seed: int = 0,
) -> Live:
    """One weight of a small network: its derivative as a sum over the paths to the loss.

    `also` are further parameters with sliders. What `start` does not name is drawn at random,
    from a fixed seed, in tenths.
    """
    if not isinstance(network, SymbolicNetwork):
        raise LiveError(
            "highlighted_weight: the first argument is a network from gdlib.symbolic.network, "
            f"got {type(network).__name__}"
        )
    layer, i, j = _position(network, weight)
    fixed = _numbers(network, x, y, start, seed)
    sliders = {
        s: FloatSlider(min=fixed[s] - 3, max=fixed[s] + 3, value=fixed[s], step=0.05)
        for s in (weight, *also)
    }
    fixed = {s: v for s, v in fixed.items() if s not in sliders}

    def live_part(e: Any) -> sp.Expr:
        return sp.sympify(e).xreplace(fixed)

    columns = [len(network.inputs), *(len(b) for b in network.biases)]
    states = [network.inputs, *network.hidden, network.prediction]
    fig, ax = sheet(346, 78 * max(columns) + 30)
    top = 78 * max(columns) + 30
    drawn = NetworkDrawing(ax, columns, x=(30, 282), y=(46, top - 56))
    # The paths: the weight's unit, then one unit a layer.
    rest = [range(size) for size in columns[layer + 2 :]]
    ways = [(j, *further) for further in product(*rest)]
    touched = {(layer + 1 + k, a, b) for way in ways for k, (a, b) in enumerate(zip(way, way[1:]))}
    for at, (n_in, n_out) in enumerate(zip(columns, columns[1:])):
        for a, b in product(range(n_in), range(n_out)):
            if (at, a, b) == (layer, i, j):
                drawn.connect(at, a, b, color=ORANGE, lw=4)
            elif (at, a, b) in touched:
                drawn.connect(at, a, b, color=GREEN, lw=2.2)
            else:
                drawn.connect(at, a, b, color=GREY, lw=0.8, ls=(0, (4, 3)))
    live = Live(
        fig,
        {**sliders, eta: FloatSlider(min=0, max=5, value=0.5, step=0.05, description="rate η")},
        alt=f"A network with layers of {', '.join(map(str, columns))} units. The connection of "
        f"the weight {weight} is thick; the connections on its {len(ways)} ways to the loss are "
        "marked, all others dashed. Below, every path's factors multiplied, and their sum, which "
        "is the derivative of the loss with respect to the weight.",
    )
    for column, places in enumerate(drawn.places):
        for unit, place in enumerate(places):
            value = live_part(states[column][unit])
            shown = ax.text(*place, " ", ha="center", va="center", size=10.5, color=BLUE, zorder=4)
            live.bind(shown, text=("{:.2f}", value))
    for column, unit in [(layer, i), *((layer + 1 + k, u) for k, us in enumerate(
        [{w[k] for w in ways} for k in range(len(ways[0]))]) for u in us)]:
        pass
    mark = ax.text(
        *_beside(drawn, layer, i, j), " ", ha="center", va="center", size=10.5, color=ORANGE,
        weight="bold",
    )  # fmt: skip
    live.bind(mark, text=(f"{name_of(weight)} = {{:.2f}}", live_part(weight)))
    return live

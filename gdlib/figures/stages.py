"""A calculation step by step: forward node by node, then backward, each sum spelled out.

A figure has a slider for the stage; what is computed later is not there yet, a frame is around the
node at work, and below stands how its number is made of those before it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import sympy as sp
from matplotlib.axes import Axes

from gdlib.expression_graph import ExpressionGraph
from gdlib.figures.canvas import BLUE, ORANGE
from gdlib.figures.diagrams import BOX, GraphDiagram, NetworkDiagram
from gdlib.figures.furniture import choose
from gdlib.live import Live
from gdlib.symbolic import Expr

STAGE = sp.Dummy("stage", real=True)
MINUS_TRUTH = ("softmax", "sigmoid")
"""The outputs whose δ, for one sample, is the prediction minus the truth."""
Formula = tuple[Any, ...]
"""What `Live.formula` takes: TeX, and the numbers in it."""
_OPERAND = re.compile(r"@(\d+)@")


class Stages:
    """When what is computed: `forward` and `back` are the stages of a place's value and derivative.

    What is there from the beginning has the stage 0.
    """

    forward: dict[Any, int]
    back: dict[Any, int]

    @property
    def last(self) -> int:
        return max(self.back.values())

    def tell(
        self,
        live: Live,
        ax: Axes,
        size: tuple[float, float],
        place: Callable[[Any], tuple[float, float]],
        made: tuple[Callable[[Any], Formula], Callable[[Any], Formula]],
    ) -> None:
        """Frame the place at work, and typeset how its value, then its derivative, is made."""
        formulas: list[Formula] = [(r"\text{the inputs}",)] * (self.last + 1)
        stages = (BLUE, self.forward), (ORANGE, self.back)
        for (colour, stage_of), formula in zip(stages, made, strict=True):
            at = {stage: each for each, stage in stage_of.items() if stage}
            _frame(live, ax, colour, size, {stage: place(each) for stage, each in at.items()})
            for stage, each in at.items():
                formulas[stage] = formula(each)
        live.stages(STAGE, formulas)


def _frame(
    live: Live, ax: Axes, colour: str, size: tuple[float, float], at: dict[int, tuple[float, float]]
) -> None:
    """Draw a frame around the place where a stage is at work."""
    box = plt.Rectangle((0, 0), *size, fill=False, edgecolor=colour, lw=2, zorder=4)
    x, y = (
        choose(STAGE, {stage: place[axis] for stage, place in at.items()}) - size[axis] / 2
        for axis in (0, 1)
    )
    live.bind(ax.add_patch(box), x=x, y=y)


class GraphStages(Stages):
    """The stages of a graph: its operations in their order, and back from the last node."""

    def __init__(self, graph: ExpressionGraph) -> None:
        operations = [i for i, own in enumerate(graph.parents) if own]
        nodes = range(len(graph.values))
        self.graph = graph
        self.forward = {i: operations.index(i) + 1 if i in operations else 0 for i in nodes}
        self.back = {i: len(operations) + 1 + k for k, i in enumerate(reversed(nodes))}

    def follow(self, live: Live, diagram: GraphDiagram, name: str, slot: str) -> None:
        """Frame the node at work, and typeset how its number is made."""
        called = sp.latex(sp.Symbol(name)) if name.isalnum() else r"\text{the output}"
        made = (
            lambda i: self._value(diagram, i, called, slot),
            lambda i: self._derivative(diagram, i, called, slot),
        )
        size = BOX[0] + 6, BOX[1] + 6
        self.tell(live, diagram.ax, size, diagram.places.__getitem__, made)

    def _value(self, diagram: GraphDiagram, i: int, called: str, slot: str) -> Formula:
        """How a node's value is made of its parents'."""
        tex, operands = spelled(*self.graph.forms[i], slot)
        parents = [self.graph.parents[i][k] for k in operands]
        numbers = [(self.graph.values[p], diagram.value[p]) for p in parents]
        before = f"{called} = " if i == len(self.graph.values) - 1 else ""
        return f"{before}{tex} = {slot}", *numbers, (self.graph.values[i], diagram.value[i])

    def _derivative(self, diagram: GraphDiagram, i: int, called: str, slot: str) -> Formula:
        """How the derivative by a node is made of those by the nodes it leads to."""
        value, own = self.graph.values[i], (self.graph.grads[i], diagram.grad[i])
        last = i == len(self.graph.values) - 1
        node = called if last else sp.latex(value) if value.is_Symbol else r"\text{this node}"
        numbers: list[Any] = []
        for child, parents in enumerate(self.graph.parents):
            for k, local in enumerate(self.graph.locals[child]):
                if parents[k] == i:
                    numbers.append((local, *diagram.edges[child][k]))
                    numbers.append((self.graph.grads[child], diagram.grad[child]))
        products = " + ".join([rf"({slot}) ({slot})"] * (len(numbers) // 2))
        by = rf"\frac{{\partial {called}}}{{\partial {node}}}"
        return f"{by} = {products}{' = ' * (not last)}{slot}", *numbers, own


class NetworkStages(Stages):
    """The stages of a network with one sample: unit by unit forward, then the δ backward.

    A place is a layer and a unit.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        units = [(layer, unit) for layer in range(1, len(sizes)) for unit in range(sizes[layer])]
        self.forward = {(0, unit): 0 for unit in range(sizes[0])}
        self.forward |= {place: k for k, place in enumerate(units, start=1)}
        # The last layer's from the top, like the labels; then back to the first unit of all.
        backward = sorted(
            units, key=lambda at: (-at[0], at[1] if at[0] == len(sizes) - 1 else -at[1])
        )
        self.back = {place: k for k, place in enumerate(backward, start=len(units) + 1)}

    def follow(
        self, panel: NetworkDiagram, value: Callable[..., Expr], delta: Callable[..., Expr]
    ) -> None:
        """Frame the unit at work, and typeset how its number is made.

        `value(layer, unit)` and `delta(layer, unit)` are the numbers that stand in the units.
        """
        side = 2 * panel.radius + 6
        made = (
            lambda at: _of_value(panel, at, value),
            lambda at: _of_delta(panel, at, delta),
        )
        self.tell(panel.live, panel.ax, (side, side), lambda at: panel.places[at[0]][at[1]], made)


def _weight(panel: NetworkDiagram, layer: int, i: int, j: int) -> tuple[Any, ...]:
    """A weight, and its connection."""
    return panel.now(panel.network.weights[layer][i, j]), *panel.edges[layer, i, j]


def _of_value(panel: NetworkDiagram, place: tuple[int, int], value: Callable[..., Expr]) -> Formula:
    """How a unit's value is made of those before it."""
    net, (layer, unit) = panel.network, place
    j = unit + 1
    last = layer == len(net.weights)
    numbers: list[Any] = []
    for i in range(panel.sizes[layer - 1]):
        numbers.append((value(layer - 1, i), panel.numbers[layer - 1, i][0]))
        numbers.append(_weight(panel, layer - 1, i, unit))
    numbers.append(panel.now(net.biases[layer - 1][unit]))
    products = " + ".join([r"(\num{.2f}) (\num{.2f})"] * panel.sizes[layer - 1])
    score = rf"a_{j} = {products} + (\num{{.2f}}) = \num{{.2f}}"
    numbers.append(panel.now(net.pre_activations[layer - 1][unit]))
    g = net.output if last else net.activations[layer - 1]
    made = rf"\hat y_{j} = \text{{{g}}}(a)_{j}" if last else rf"h_{j} = \text{{{g}}}(a_{j})"
    own = value(layer, unit), panel.numbers[layer, unit][0]
    return rf"{score}, \quad {made} = \num{{.2f}}", *numbers, own


def _of_delta(panel: NetworkDiagram, place: tuple[int, int], delta: Callable[..., Expr]) -> Formula:
    """How a unit's δ is made of those behind it; at the end, of prediction and truth."""
    net, (layer, unit) = panel.network, place
    j = unit + 1
    own = delta(layer, unit), panel.numbers[layer, unit][1]
    if layer == len(net.weights):
        if net.output not in MINUS_TRUTH:
            return rf"\delta_{j} = \num{{+.2f}}", own
        truth = panel.now(net.labels[unit])
        guess = own[0] + truth, panel.numbers[layer, unit][0]
        return (
            rf"\delta_{j} = \hat y_{j} - y_{j} = \num{{.2f}} - \num{{.0f}} = \num{{+.2f}}",
            guess,
            truth,
            own,
        )
    behind: list[Any] = []
    for k in range(panel.sizes[layer + 1]):
        behind.append(_weight(panel, layer, unit, k))
        behind.append((delta(layer + 1, k), panel.numbers[layer + 1, k][1]))
    products = " + ".join([r"(\num{.2f}) (\num{+.2f})"] * panel.sizes[layer + 1])
    form = rf"\delta_{j} = g'(a_{j}) \sum_k w_{{{j}k}} \delta_k"
    slope = panel.now(net.activation_slope(layer, unit))
    return rf"{form} = \num{{.2f}} \cdot [ {products} ] = \num{{+.3f}}", slope, *behind, own


def spelled(form: Expr, stand_ins: Sequence[Expr], slot: str) -> tuple[str, list[int]]:
    """An operation as TeX with a slot for each operand, and the operands in that order."""
    names = {s: f"@{k}@" for k, s in enumerate(stand_ins)}
    rounded = {number: sp.Float(number, 4) for number in form.atoms(sp.Float)}
    tex = sp.latex(form.xreplace(rounded), symbol_names=names)
    tex = tex.replace(r"\left", "").replace(r"\right", "")  # no number in a group of its own
    shown = slot if form.is_Function else f"({slot})"
    return _OPERAND.sub(lambda _: shown, tex), [int(k) for k in _OPERAND.findall(tex)]

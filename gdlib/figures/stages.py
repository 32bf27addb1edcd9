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
_OPERAND = re.compile(r"@(\d+)@")


def frame(
    live: Live, ax: Axes, colour: str, size: tuple[float, float], at: dict[int, tuple[float, float]]
) -> None:
    """Draw a frame around the place where a stage is at work."""
    width, height = size
    box = plt.Rectangle((0, 0), 9, 9, fill=False, edgecolor=colour, lw=2, zorder=4)
    x, y = ({k: place[axis] for k, place in at.items()} for axis in (0, 1))
    own = {"width": sp.Float(width), "height": sp.Float(height)}
    live.bind(
        ax.add_patch(box), x=choose(STAGE, x) - width / 2, y=choose(STAGE, y) - height / 2, **own
    )


class GraphStages:
    """The stages of a graph: its operations in their order, and back from the last node.

    `forward[i]` and `back[i]` are the stages that compute node i's value and its derivative.
    """

    def __init__(self, graph: ExpressionGraph) -> None:
        operations = [i for i, own in enumerate(graph.parents) if own]
        nodes = range(len(graph.values))
        self.graph = graph
        self.forward = {i: operations.index(i) + 1 if i in operations else 0 for i in nodes}
        self.back = {i: len(operations) + 1 + k for k, i in enumerate(reversed(nodes))}
        self.last = len(operations) + len(nodes)

    def follow(self, live: Live, diagram: GraphDiagram, name: str, slot: str) -> None:
        """Frame the node at work, and typeset how its number is made."""
        for colour, stages in ((BLUE, self.forward), (ORANGE, self.back)):
            at = {stage: diagram.places[i] for i, stage in stages.items() if stage}
            frame(live, diagram.ax, colour, (BOX[0] + 6, BOX[1] + 6), at)
        called = sp.latex(sp.Symbol(name)) if name.isalnum() else r"\text{the output}"
        formulas: list[tuple[Any, ...]] = [(r"\text{the inputs}",)] * (self.last + 1)
        for i, stage in self.forward.items():
            if stage:
                formulas[stage] = self._value(diagram, i, called, slot)
        for i, stage in self.back.items():
            formulas[stage] = self._derivative(diagram, i, called, slot)
        live.stages(STAGE, formulas)

    def _value(self, diagram: GraphDiagram, i: int, called: str, slot: str) -> tuple[Any, ...]:
        """How a node's value is made of its parents'."""
        tex, operands = spelled(*self.graph.forms[i], slot)
        parents = [self.graph.parents[i][k] for k in operands]
        numbers = [(self.graph.values[p], diagram.value[p]) for p in parents]
        before = f"{called} = " if i == len(self.graph.values) - 1 else ""
        return f"{before}{tex} = {slot}", *numbers, (self.graph.values[i], diagram.value[i])

    def _derivative(self, diagram: GraphDiagram, i: int, called: str, slot: str) -> tuple[Any, ...]:
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


class NetworkStages:
    """The stages of a network with one sample: unit by unit forward, then the δ backward.

    `forward[layer, unit]` and `back[layer, unit]` are the stages that compute a unit's value and δ.
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
        self.last = 2 * len(units)

    def follow(
        self, panel: NetworkDiagram, value: Callable[..., Expr], delta: Callable[..., Expr]
    ) -> None:
        """Frame the unit at work, and typeset how its number is made.

        `value(layer, unit)` and `delta(layer, unit)` are the numbers that stand in the units.
        """
        side = 2 * panel.radius + 6
        for colour, stages in ((BLUE, self.forward), (ORANGE, self.back)):
            at = {stage: panel.places[p][unit] for (p, unit), stage in stages.items() if stage}
            frame(panel.live, panel.ax, colour, (side, side), at)
        formulas: list[tuple[Any, ...]] = [(r"\text{the inputs}",)] * (self.last + 1)
        for (layer, unit), stage in self.forward.items():
            if stage:
                formulas[stage] = _of_value(panel, layer, unit, value)
        for (layer, unit), stage in self.back.items():
            formulas[stage] = _of_delta(panel, layer, unit, delta)
        panel.live.stages(STAGE, formulas)


def _weight(panel: NetworkDiagram, layer: int, i: int, j: int) -> tuple[Any, ...]:
    """A weight, and its connection: the number on it first, if there is one."""
    return panel.now(panel.network.weights[layer][i, j]), *panel.edges[layer, i, j][::-1]


def _of_value(
    panel: NetworkDiagram, layer: int, unit: int, value: Callable[..., Expr]
) -> tuple[Any, ...]:
    """How a unit's value is made of those before it."""
    net, j = panel.network, unit + 1
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


def _of_delta(
    panel: NetworkDiagram, layer: int, unit: int, delta: Callable[..., Expr]
) -> tuple[Any, ...]:
    """How a unit's δ is made of those behind it; at the end, of prediction and truth."""
    net, j = panel.network, unit + 1
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

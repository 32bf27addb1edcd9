"""Numbers that remember how they were made, and two ways to differentiate through their graph.

Every operation stands in one table, beside its local derivatives. The sum over paths is the chain
rule written out: it uses an edge of the graph once for every path through it. `Var.backward` uses
each once.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gdlib import activation_functions as af
from gdlib._argument_checks import bad, scalar

Rule = Callable[..., tuple[Any, ...]]

# Each operation's value, then its derivative by each operand.
RULES: dict[str, Rule] = {
    "+": lambda u, v: (u + v, 1, 1),
    "−": lambda u, v: (u - v, 1, -1),
    "×": lambda u, v: (u * v, v, u),
    "/": lambda u, v: (u / v, 1 / v, -u / v**2),
    # A constant u⁰ has the derivative 0 even at u = 0.
    "power": lambda u, v: (u**v, v * u ** (v - 1) if v else 0, u**v * np.log(u)),
    "exp": lambda u: (np.exp(u), np.exp(u)),
    "log": lambda u: (np.log(u), 1 / u),
    "sin": lambda u: (np.sin(u), np.cos(u)),
    "cos": lambda u: (np.cos(u), -np.sin(u)),
    "tanh": lambda u: (np.tanh(u), 1 - np.tanh(u) ** 2),
    "σ": lambda u: (af.sigmoid(u), af.sigmoid_grad(u)),
    "relu": lambda u: (af.relu(u), af.relu_grad(u)),
    "max": lambda u, v: (max(u, v), u >= v, u < v),
}


class Var:
    r"""A number in a graph: its `value`, its `parents`, and after `backward` its `grad`.

    `parents` are pairs of a Var it was made from and the local derivative
    :math:`\partial\,\text{this} / \partial\,\text{parent}`; `op` names the operation. Numbers that
    are not Vars are constants, and add no edge. ValueError where an operation has no finite value
    or derivative.
    """

    __array_ufunc__ = None  # so that NumPy's numbers leave the operators to this class

    def __init__(
        self, value: float, parents: tuple[tuple["Var", float], ...] = (), op: str = ""
    ) -> None:
        self.value = scalar("value", value)
        self.parents = tuple((parent, scalar("local derivative", d)) for parent, d in parents)
        self.op = op
        self.grad = 0.0

    def __repr__(self) -> str:
        return f"Var({self.value:.6g}, grad={self.grad:.6g})"

    def __add__(self, other: Any) -> Any:
        return _apply("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply("−", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply("−", other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply("×", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply("×", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply("/", other, self)

    def __pow__(self, other: Any) -> Any:
        return _apply("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _apply("power", other, self)

    def __neg__(self) -> Any:
        return _apply("−", 0, self)

    def backward(self) -> int:
        r"""Reverse accumulation: every Var's `grad` becomes :math:`\partial\,\text{self}/\partial`.

        From this Var to the inputs, each node passes its grad on, times the local derivative, and
        a node used twice adds up what it gets. Returns the number of multiplications, one per edge.
        """
        nodes = graph(self)
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        multiplications = 0
        for node in reversed(nodes):  # so that a node's grad is complete before it is handed on
            for parent, local in node.parents:
                parent.grad += node.grad * local
                multiplications += 1
        return multiplications


def graph(output: Var) -> list[Var]:
    """The output and all Vars it was made from, each one after its parents."""
    order: dict[Var, None] = {}
    stack = [(output, False)]
    while stack:  # no recursion: a graph may be deeper than Python's stack
        node, parents_done = stack.pop()
        if parents_done:
            order[node] = None
        elif node not in order:
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in node.parents if parent not in order)
    return list(order)


def _walks(output: Var, input: Var) -> Iterator[tuple[list[Var], float]]:
    """Every path from the output back to the input, with the product of its local derivatives."""
    for name, node in (("output", output), ("input", input)):
        if not isinstance(node, Var):
            raise bad(name, node, "a Var")
    stack = [([output], 1.0)]
    while stack:
        path, product = stack.pop()
        if path[-1] is input:
            yield path, product
        for parent, local in reversed(path[-1].parents):
            stack.append(([*path, parent], product * local))


def paths(output: Var, input: Var) -> list[list[Var]]:
    """Every path from the output back to the input; one for each edge where two run in parallel.

    ValueError for anything but a `Var`, such as a function's constant value.
    """
    return [path for path, _ in _walks(output, input)]


def sum_over_paths(output: Var, input: Var) -> tuple[float, int]:
    r"""The chain rule written out: the derivative, and how many multiplications it took.

    :math:`\frac{\partial\,\text{output}}{\partial\,\text{input}} = \sum_{\text{paths}}
    \prod_{\text{edges}} \text{local derivative}`: one multiplication for each edge of each path.
    """
    derivative, multiplications = 0.0, 0
    for path, product in _walks(output, input):
        derivative += product
        multiplications += len(path) - 1
    return derivative, multiplications


def exp(u: Any) -> Any:
    r""":math:`e^u`."""
    return _apply("exp", u)


def log(u: Any) -> Any:
    r""":math:`\log u`, the natural logarithm; ValueError for u ≤ 0."""
    return _apply("log", u)


def sin(u: Any) -> Any:
    r""":math:`\sin u`."""
    return _apply("sin", u)


def cos(u: Any) -> Any:
    r""":math:`\cos u`."""
    return _apply("cos", u)


def tanh(u: Any) -> Any:
    r""":math:`\tanh u`."""
    return _apply("tanh", u)


def sigmoid(u: Any) -> Any:
    r""":math:`\sigma(u) = 1 / (1 + e^{-u})`."""
    return _apply("σ", u)


def relu(u: Any) -> Any:
    r""":math:`\max(0, u)`, with the derivative 0 at 0."""
    return _apply("relu", u)


def maximum(u: Any, v: Any) -> Any:
    r""":math:`\max(u, v)`; where both are equal, the derivative is that of the first."""
    return _apply("max", u, v)


def _apply(op: str, *operands: Any) -> Any:
    """The Var that an operation makes of Vars and numbers; a number if there are no Vars."""
    values = [np.float64(u.value if isinstance(u, Var) else scalar(op, u)) for u in operands]
    with np.errstate(all="ignore"):
        value, *local = RULES[op](*values)
    edges = tuple((u, float(d)) for u, d in zip(operands, local, strict=True) if isinstance(u, Var))
    return Var(float(value), edges, op) if edges else scalar(op, value)

"""What a gradient costs, counted: along every path, backward, by differences, and by SymPy."""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import Any

import numpy as np
import sympy as sp

from gdlib.chain_rule import Var, exp, graph, log, sum_over_paths, tanh
from gdlib.symbolic import Expr, network


def layered(width: int, depth: int) -> tuple[Var, Var]:
    """A graph of `depth` layers of `width` tanh units between one input and one sum: both ends."""
    source = Var(0.3)
    layer = [tanh(Var(0.5) * source) for _ in range(width)]
    for _ in range(depth - 1):
        layer = [tanh(reduce(add, [Var(0.5) * h for h in layer])) for _ in range(width)]
    return source, reduce(add, layer)


def counted(width: int, depth: int) -> tuple[int, int]:
    """Count the multiplications for a layered graph: along all paths, and backward."""
    source, output = layered(width, depth)
    return sum_over_paths(output, source)[1], output.backward()


def along_all_paths(width: Any, depth: Any) -> Any:
    """Edges of all N^depth paths of a layered graph; a chain of + takes c edges on average."""
    c = sp.Rational(1, 2) * (width - 1) * (width + 2) / width
    return width**depth * (2 + (depth - 1) * (2 + c) + c)


def backward(width: Any, depth: Any) -> Any:
    """Edges of a layered graph."""
    return 3 * width + (depth - 1) * width * (4 * width - 1) + 2 * (width - 1)


class GradientCosts:
    """Operations for all derivatives of a network's loss, for one sample, each counted.

    Forward, each operation counts one; backward, and along a path, each edge is a multiplication.
    The network is a graph of Vars: 2 inputs, `depth` hidden layers of `width` tanh units, 3 softmax
    outputs.
    """

    def __init__(self, depth: int, width: int) -> None:
        self.weights: list[Var] = []
        self.output = self._loss([2, *[width] * depth, 3])
        nodes = graph(self.output)
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
        self.parameters = len(self.weights)
        self.paths = sum(found[v][0] for v in self.weights)
        self.naive = sum(found[v][1] for v in self.weights)

    def _loss(self, sizes: Sequence[int]) -> Any:
        rng = np.random.default_rng(0)
        h: list[Any] = [Var(0.5), Var(-1.0)]
        for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            W = [[Var(rng.normal()) for _ in range(n_out)] for _ in range(n_in)]
            b = [Var(0.0) for _ in range(n_out)]
            self.weights += [v for row in W for v in row] + b
            columns = zip(*W, b, strict=True)
            a = [reduce(add, [*map(mul, h, column), column[-1]]) for column in columns]
            h = [tanh(v) for v in a] if layer < len(sizes) - 1 else a
        return log(reduce(add, [exp(v) for v in h])) - h[0]


def written_out(depth: int, width: int) -> tuple[int, int]:
    """Operations in SymPy's derivatives of that network: written out, and with shared parts named.

    Common factors are taken out first, so that what remains to be shared are the deltas.
    """
    net = network((2, *[width] * depth, 3))
    gradients = [sp.diff(net.loss, p) for p in net.parameters]
    rest, results = sp.cse([sp.factor_terms(g) for g in gradients], order="none", list=True)
    return count_operations(gradients), count_operations([*(e for _, e in rest), *results])


def count_operations(expressions: Sequence[Expr]) -> int:
    """Count the operations of expressions as they are written out: + × powers and functions.

    Repeated parts count each time, but are visited once; `sympy.count_ops` would take minutes.
    """
    known: dict[Expr, int] = {}

    def count(e: Expr) -> int:
        if e not in known:
            own = len(e.args) - 1 if e.is_Add or e.is_Mul else int(bool(e.args))
            known[e] = own + sum(count(a) for a in e.args)
        return known[e]

    return sum(count(sp.sympify(e)) for e in expressions)

"""How large what goes forward through a deep network stays, and what comes back: layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions import HadamardProduct
from sympy.matrices.expressions.special import OneMatrix

from gdlib.live import MatrixRows, Normals
from gdlib.symbolic import Expr, applied, slopes


class DeepSignal:
    """A network of layers of one width with random weights, no biases, and random rows of inputs.

    A weight is drawn with the variance `gain` / width. `forward` are the mean squares of the
    pre-activations A, from the first layer on; `backward` those of the gradient with respect to
    what each layer sends, in the same order, if those of the last layer have the mean square 1.
    """

    def __init__(
        self, g: Callable[[Expr], Expr], depth: int, width: int, rows: int, gain: Expr, seed: Expr
    ) -> None:
        self._statements: list[tuple[Expr, Expr]] = []
        self._rows, self._width = rows, width
        size = rows, width
        factor = sp.sqrt(gain / width)
        H, back = (sp.MatrixSymbol(name, *size) for name in ("X", "G"))
        drawn: dict[Expr, Any] = {H: Normals(seed, 0, size), back: Normals(seed, depth + 1, size)}
        weights, passed, forward = [], [], []
        for layer in range(1, depth + 1):
            Z = sp.MatrixSymbol(f"Z_{layer}", width, width)
            drawn[Z] = Normals(seed, layer, (width, width))
            weights.append(self._named(f"W_{layer}", factor * Z))
            A = self._named(f"A_{layer}", H * weights[-1])
            H = self._named(f"H_{layer}", applied(g, A))
            passed.append((A, H))
            forward.append(self._mean_square(A))
        backward = [self._mean_square(back)]
        for layer in range(depth, 1, -1):
            A, H = passed[layer - 1]
            delta = self._named(f"delta_{layer}", HadamardProduct(back, slopes(g, A, H)))
            back = self._named(f"G_{layer - 1}", delta * weights[layer - 1].T)
            backward.insert(0, self._mean_square(back))
        made = MatrixRows([*forward, *backward], self._statements, drawn, {})
        self.forward: list[Expr] = [made.entry(M, 0) for M in forward]
        self.backward: list[Expr] = [made.entry(M, 0) for M in backward]

    def _named(self, name: str, e: Expr) -> Expr:
        M = sp.MatrixSymbol(name, *e.shape)
        self._statements.append((M, e))
        return M

    def _mean_square(self, M: Expr) -> Expr:
        squares = OneMatrix(1, self._rows) * HadamardProduct(M, M) * OneMatrix(self._width, 1)
        return self._named(f"s_{M.name}", squares / (self._rows * self._width))

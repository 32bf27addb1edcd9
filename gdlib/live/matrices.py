"""Matrix expressions as loops over typed arrays: what a network in a page is made of.

SymPy's matrix expressions say what is computed: products, transposes, sums of rows (a product with
a matrix of ones), entrywise functions and products. Here they become JavaScript, statement by
statement, into buffers that are made once; and NumPy, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import OneMatrix

from gdlib.live.errors import LiveError
from gdlib.live.expressions import Iterated, put, symbols_in
from gdlib.live.functions import inlined
from gdlib.live.printing import to_javascript

Statement = tuple[Any, Any]
"""A matrix, and the expression that it becomes."""


@dataclass(frozen=True)
class Entrywise:
    """A scalar expression, applied to each entry of matrices of one shape: an update rule.

    `entries` says which matrix each of its symbols is an entry of; other symbols are the same for
    all entries.
    """

    expression: sp.Expr
    entries: Mapping[sp.Symbol, Any]

    @property
    def shape(self) -> tuple[Any, Any]:
        # A matrix of one entry is the same for all.
        return max((M.shape for M in self.entries.values()), key=lambda shape: shape[0] * shape[1])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return set(symbols_in(self.expression)) - set(self.entries)


class MatrixIterated(Iterated):
    """A state of matrices that is updated by statements; each entry is a component by its symbol.

    `state` has a matrix of scalar symbols for each matrix of the state, `start` one of expressions.
    `statements` compute in order what follows from the state and from the `known` arrays; a matrix
    of the state becomes the one that `after` names, all together at the end of a step.
    """

    def __init__(
        self,
        state: Mapping[Any, Any],
        statements: Sequence[Statement],
        after: Mapping[Any, Any],
        start: Mapping[Any, Any],
        known: Mapping[Any, np.ndarray],
        steps: int,
    ) -> None:
        symbols = [s for M in state for s in state[M]]
        starts = dict(zip(symbols, (e for M in state for e in start[M]), strict=True))
        super().__init__({s: s for s in symbols}, steps, starts)
        self.matrices, self.after = dict(state), dict(after)
        self.statements, self.known = list(statements), dict(known)

    @property
    def free_symbols(self) -> set[sp.Basic]:
        found = set[sp.Basic]().union(*map(symbols_in, self.start))
        for _, e in self.statements:
            found |= {s for s in e.free_symbols if isinstance(s, sp.Symbol)}
        return found


class MatrixProgram:
    """Statements over matrices of known shapes, printed as JavaScript.

    `buffers` are made once, `lines` run as often as wanted. A matrix is a Float64Array, row by row,
    by its name in `names`; a scalar symbol has the name that it is given.
    """

    def __init__(self, scalars: Mapping[sp.Symbol, str] | None = None) -> None:
        self.scalars = {s: sp.Symbol(name, real=True) for s, name in (scalars or {}).items()}
        self.names: dict[Any, str] = {}
        self.buffers: list[str] = []
        self.lines: list[str] = []

    def matrix(self, symbol: Any) -> str:
        """The name of a matrix, which gets a buffer at its first use."""
        if symbol not in self.names:
            rows, columns = size(symbol)
            self.names[symbol] = f"M{len(self.names)}"
            self.buffers.append(f"const {self.names[symbol]}=new Float64Array({rows * columns});")
        return self.names[symbol]

    def add(self, target: Any, e: Any) -> None:
        """Write a statement: the target becomes the expression, of the same shape."""
        if size(target) != size(e):
            raise LiveError(f"{target} is {size(target)}, what it becomes is {size(e)}: {e}")
        if isinstance(e, MatMul) and e.as_coeff_matrices()[0] == 1 and not _is_broadcast(e):
            self._multiply(self.matrix(target), e.args)
        else:
            self._fill(self.matrix(target), e)

    def _fill(self, out: str, e: Any) -> None:
        """Write the loop that fills a buffer, entry by entry."""
        rows, columns = size(e)
        code = to_javascript(inlined(put(self._entry(e, columns), self.scalars)))
        if rows == 1 or columns == 1:
            index = ("i=0", "j") if rows == 1 else ("j=0", "i")
            head = f"for(let k=0,{index[0]},{index[1]}=0;k<{rows * columns};k++,{index[1]}++)"
        else:
            head = f"for(let i=0,k=0;i<{rows};i++)for(let j=0;j<{columns};j++,k++)"
        self.lines.append(f"{head}{out}[k]={code};")

    def _entry(self, e: Any, columns: int) -> sp.Expr:
        """The entry at row i and column j of an expression with so many columns."""

        def of(part: Any) -> sp.Expr:
            return self._entry(part, columns)

        if isinstance(e, Entrywise):
            return put(e.expression, {s: of(M) for s, M in e.entries.items()})
        if isinstance(e, MatAdd):
            return sp.Add(*map(of, e.args))
        if isinstance(e, HadamardProduct):
            return sp.Mul(*map(of, e.args))
        if isinstance(e, HadamardPower):
            return of(e.base) ** e.exp
        if isinstance(e, ElementwiseApplyFunction):
            return e.function(of(e.expr))
        if isinstance(e, MatMul):
            scalar, matrices = e.as_coeff_matrices()
            if _is_broadcast(e):
                (row,) = (m for m in matrices if not isinstance(m, OneMatrix))
                return scalar * _place(f"{self._whole(row)}[{'j' if size(row)[0] == 1 else 'i'}]")
            if len(matrices) == 1:
                return scalar * of(matrices[0])
            return scalar * _place(f"{self._whole(MatMul(*matrices))}[k]")
        if isinstance(e, OneMatrix):
            return sp.S.One
        if isinstance(e, Transpose):
            return _place(f"{self._whole(e.arg)}[j*{size(e)[0]}+i]")
        # A single number is the same for every entry.
        return _place(f"{self._whole(e)}[{0 if size(e) == (1, 1) else 'k'}]")

    def _whole(self, e: Any) -> str:
        """The name of a buffer that holds an expression."""
        if isinstance(e, sp.MatrixSymbol):
            return self.matrix(e)
        if not isinstance(e, KNOWN):
            raise LiveError(f"{type(e).__name__} is no matrix that can be computed: {e}")
        held = sp.MatrixSymbol(f"held{len(self.names)}", *size(e))
        self.add(held, e)
        return self.matrix(held)

    def _multiply(self, out: str, factors: Sequence[Any]) -> None:
        """Write the loops of a product, of two factors at a time."""
        *first, last = (part for factor in factors for part in _thin(factor))
        left = first[0] if len(first) == 1 else MatMul(*first, evaluate=False)
        if _is_broadcast(MatMul(left, last, evaluate=False)):
            self._fill(out, MatMul(left, last, evaluate=False))
            return
        (rows, inner), (_, columns) = size(left), size(last)
        if isinstance(last, OneMatrix) or isinstance(left, OneMatrix):
            self._sum(out, *((last, "j") if isinstance(left, OneMatrix) else (left, "i")))
            return
        a, b = (self._whole(f.arg if isinstance(f, Transpose) else f) for f in (left, last))
        self.lines.append(f"{out}.fill(0);")
        if isinstance(last, Transpose):  # a row times a row
            self.lines.append(
                f"for(let i=0;i<{rows};i++)for(let j=0;j<{columns};j++){{let s=0;"
                f"for(let k=0;k<{inner};k++)s+={a}[{_at(left, 'i', 'k')}]*{b}[j*{inner}+k];"
                f"{out}[i*{columns}+j]=s}}"
            )
            return
        # The innermost loop runs along rows, as memory does.
        outer = ("k", inner, "i", rows) if isinstance(left, Transpose) else ("i", rows, "k", inner)
        self.lines.append(
            "for(let {0}=0;{0}<{1};{0}++)for(let {2}=0;{2}<{3};{2}++){{".format(*outer)
            + f"const s={a}[{_at(left, 'i', 'k')}];for(let j=0;j<{columns};j++)"
            f"{out}[i*{columns}+j]+=s*{b}[k*{columns}+j]}}"
        )

    def _sum(self, out: str, e: Any, place: str) -> None:
        """Write the sum of an expression's rows, at place j, or of its columns, at place i."""
        rows, columns = size(e)
        name = self._whole(e)
        self.lines.append(
            f"{out}.fill(0);for(let i=0,k=0;i<{rows};i++)"
            f"for(let j=0;j<{columns};j++,k++){out}[{place}]+={name}[k];"
        )


KNOWN = (
    MatMul,
    MatAdd,
    HadamardProduct,
    HadamardPower,
    ElementwiseApplyFunction,
    Transpose,
    OneMatrix,
)


def size(e: Any) -> tuple[int, int]:
    """Rows and columns. `LiveError` if they are not known as numbers."""
    try:
        rows, columns = (int(v) for v in e.shape)
    except TypeError:
        raise LiveError(f"{e} has the shape {e.shape}, which is not known as numbers") from None
    return rows, columns


def _is_broadcast(e: MatMul) -> bool:
    """Whether it repeats a row, or a column: a product with a column, or a row, of ones."""
    _, matrices = e.as_coeff_matrices()
    if len(matrices) != 2:
        return False
    first, second = matrices
    ones = first if isinstance(first, OneMatrix) else second
    return isinstance(ones, OneMatrix) and size(first)[1] == 1


def _thin(factor: Any) -> tuple[Any, ...]:
    """A matrix of ones as a column times a row of them: a sum, and then a broadcast."""
    if isinstance(factor, OneMatrix) and min(size(factor)) > 1:
        rows, columns = size(factor)
        return OneMatrix(rows, 1), OneMatrix(1, columns)
    return (factor,)


def _at(factor: Any, i: str, k: str) -> str:
    """Where entry (i, k) of a factor is, which may be a transpose of what is in memory."""
    rows, inner = size(factor)
    return f"{k}*{rows}+{i}" if isinstance(factor, Transpose) else f"{i}*{inner}+{k}"


def _place(code: str) -> sp.Symbol:
    """A number in an array, as a symbol that prints as its place."""
    return sp.Symbol(code, real=True)

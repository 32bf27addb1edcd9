"""Matrix expressions as loops over typed arrays: what a network in a page is made of.

SymPy's matrix expressions say what is computed: products, transposes, sums of rows (a product with
a matrix of ones), entrywise functions and products. Here they become JavaScript, statement by
statement, into buffers that are made once. `numeric` makes NumPy of the same, to compare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import Identity, OneMatrix, ZeroMatrix

from gdlib.live.errors import LiveError
from gdlib.live.expressions import put
from gdlib.live.functions import inlined
from gdlib.live.matrix_states import Entrywise
from gdlib.live.printing import to_javascript


class MatrixProgram:
    """Statements over matrices of known shapes, printed as JavaScript.

    `buffers` are made once, `lines` run as often as wanted. A matrix is a Float64Array, row by row,
    by its name in `names`; a scalar symbol has the name that it is given. A number of rows may be
    one of these symbols, if `most` says how large it can be.
    """

    def __init__(
        self,
        scalars: Mapping[sp.Symbol, str] | None = None,
        most: Mapping[sp.Symbol, int] | None = None,
    ) -> None:
        self.scalars = {s: sp.Symbol(name, real=True) for s, name in (scalars or {}).items()}
        self.most = dict(most or {})
        self.names: dict[Any, str] = {}
        self.buffers: list[str] = []
        self.lines: list[str] = []
        self._held: dict[Any, Any] = {}
        self._set: set[Any] = set()

    def matrix(self, symbol: Any) -> str:
        """The name of a matrix, which gets a buffer at its first use."""
        if symbol not in self.names:
            rows, columns = (self.most.get(v, v) for v in symbol.shape)
            self.names[symbol] = f"M{len(self.buffers)}"
            self.buffers.append(f"const {self.names[symbol]}=new Float64Array({rows * columns});")
        return self.names[symbol]

    def add(self, target: Any, e: Any) -> None:
        """Write a statement: the target becomes the expression, of the same shape."""
        self._check(target, e)
        if target in self._set:  # what was held of it would be old
            raise LiveError(f"{target} is set already")
        self._set.add(target)
        if hasattr(e, "fold"):
            self._fold(self.matrix(target), e)
        elif isinstance(e, MatMul) and e.as_coeff_matrices()[0] == 1 and not _is_broadcast(e):
            self._multiply(self.matrix(target), e.args)
        else:
            self._fill(self.matrix(target), e)

    def _check(self, target: Any, e: Any) -> None:
        for shape in (target.shape, e.shape):
            if unknown := [v for v in shape if not (v in self.most or sp.sympify(v).is_Integer)]:
                raise LiveError(f"{target} has {unknown[0]} rows or columns, not known as a number")
        if tuple(target.shape) != tuple(e.shape):
            raise LiveError(f"{target} is {target.shape}, what it becomes is {e.shape}: {e}")

    def _size(self, e: Any) -> tuple[Any, Any]:
        """Rows and columns, as they are printed."""
        rows, columns = (self.scalars.get(v, v) for v in e.shape)
        return rows, columns

    def _fill(self, out: str, e: Any) -> None:
        """Write the loop that fills a buffer, entry by entry."""
        rows, columns = self._size(e)
        code = to_javascript(inlined(put(self._entry(e, columns), self.scalars)))
        if not re.search(r"[\[*](i|j)\b", code):
            head = f"for(let k=0;k<{rows}*{columns};k++)"
        elif rows == 1 or columns == 1:
            index = ("i=0", "j") if rows == 1 else ("j=0", "i")
            count = columns if rows == 1 else rows
            head = f"for(let k=0,{index[0]},{index[1]}=0;k<{count};k++,{index[1]}++)"
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
                place = _only(row, "j" if row.shape[0] == 1 else "i")
                return scalar * _place(f"{self._whole(row)}[{place}]")
            if len(matrices) == 1:
                return scalar * of(matrices[0])
            return scalar * _place(f"{self._whole(MatMul(*matrices))}[{_only(e, 'k')}]")
        if isinstance(e, (OneMatrix, ZeroMatrix)) or is_one(e):
            return sp.Integer(not isinstance(e, ZeroMatrix))
        if isinstance(e, Transpose):
            place = _only(e, f"j*{self._size(e)[0]}+i")
            return _place(f"{self._whole(e.arg)}[{place}]")
        return _place(f"{self._whole(e)}[{_only(e, 'k')}]")

    def _whole(self, e: Any) -> str:
        """The name of a buffer that holds an expression."""
        if isinstance(e, sp.MatrixSymbol):
            return self.matrix(e)
        if not (isinstance(e, KNOWN) or is_one(e) or hasattr(e, "fold")):
            raise LiveError(f"{type(e).__name__} is no matrix that can be computed: {e}")
        if e not in self._held:
            self._held[e] = sp.MatrixSymbol(f"held{len(self.buffers)}", *e.shape)
            self.add(self._held[e], e)
        return self.matrix(self._held[e])

    def _multiply(self, out: str, factors: Sequence[Any]) -> None:
        """Write a product, of two factors at a time."""
        *first, last = (part for factor in factors for part in _thin(factor))
        left = first[0] if len(first) == 1 else MatMul(*first, evaluate=False)
        if _is_broadcast(MatMul(left, last, evaluate=False)):
            self._fill(out, MatMul(left, last, evaluate=False))
            return
        (rows, inner), (_, columns) = self._size(left), self._size(last)
        if isinstance(last, OneMatrix) or isinstance(left, OneMatrix):
            e, place = (last, "j") if isinstance(left, OneMatrix) else (left, "i")
            rows, columns = self._size(e)
            self.lines.append(
                f"{out}.fill(0);for(let i=0,k=0;i<{rows};i++)"
                f"for(let j=0;j<{columns};j++,k++){out}[{place}]+={self._whole(e)}[k];"
            )
            return
        a, b = (self._whole(f.arg if isinstance(f, Transpose) else f) for f in (left, last))
        (down_a, on_a), (on_b, down_b) = self._strides(left), self._strides(last)
        names = {"out": out, "a": a, "b": b, "rows": rows, "inner": inner, "columns": columns}
        names |= {"down_a": down_a, "on_a": on_a, "on_b": on_b, "down_b": down_b}
        self.lines.append(_PRODUCT.format_map(names))

    def _strides(self, factor: Any) -> tuple[Any, Any]:
        """How far apart rows and columns are in memory, which a transpose leaves as it is."""
        rows, columns = self._size(factor)
        return (1, rows) if isinstance(factor, Transpose) else (columns, 1)

    def _fold(self, out: str, e: Any) -> None:
        """Write what becomes of each row when its entries are put together, two at a time."""
        rows, columns = self._size(e.arg)
        name = self._whole(e.arg)
        both = to_javascript(e.fold(_place("s"), _place(f"{name}[i*{columns}+j]")))
        self.lines.append(
            f"for(let i=0;i<{rows};i++){{let s={name}[i*{columns}];"
            f"for(let j=1;j<{columns};j++)s={both};{out}[i]=s}}"
        )


_PRODUCT = (
    "for(let i=0;i<{rows};i+=2){{const g=Math.min(i+1,{rows}-1);"
    "for(let j=0;j<{columns};j+=2){{const h=Math.min(j+1,{columns}-1);"
    "let s=0,t=0,u=0,v=0;"
    "for(let k=0,p=i*{down_a},q=g*{down_a},x=j*{down_b},y=h*{down_b};k<{inner};"
    "k++,p+={on_a},q+={on_a},x+={on_b},y+={on_b}){{"
    "const c={a}[p],d={a}[q],e={b}[x],f={b}[y];s+=c*e;t+=c*f;u+=d*e;v+=d*f}}"
    "{out}[i*{columns}+j]=s;{out}[i*{columns}+h]=t;"
    "{out}[g*{columns}+j]=u;{out}[g*{columns}+h]=v}}}}"
)
"""A product, two rows and two columns at a time: what is read is used twice, and the sums stay in
registers. At an odd edge both are the last one. A stride is how far apart neighbours are."""

KNOWN = (
    MatMul,
    MatAdd,
    HadamardProduct,
    HadamardPower,
    ElementwiseApplyFunction,
    Transpose,
    OneMatrix,
    ZeroMatrix,
)


def is_one(e: Any) -> bool:
    """Whether it is the matrix of a single 1, which SymPy calls an identity."""
    return isinstance(e, Identity) and e.shape == (1, 1)


def _only(e: Any, place: str) -> str:
    """Where an entry is; a matrix with a single number has the same for every entry."""
    return "0" if e.shape == (1, 1) else place


def _is_broadcast(e: MatMul) -> bool:
    """Whether it repeats a row, or a column: a product with a column, or a row, of ones."""
    _, matrices = e.as_coeff_matrices()
    if len(matrices) != 2:
        return False
    first, second = matrices
    ones = first if isinstance(first, OneMatrix) else second
    return isinstance(ones, OneMatrix) and first.shape[1] == 1


def _thin(factor: Any) -> tuple[Any, ...]:
    """A matrix of ones as a column times a row of them: a sum, and then a broadcast."""
    if isinstance(factor, OneMatrix) and 1 not in factor.shape:
        rows, columns = factor.shape
        return OneMatrix(rows, 1), OneMatrix(1, columns)
    return (factor,)


def _place(code: str) -> sp.Symbol:
    """A number in an array, as a symbol that prints as its place."""
    return sp.Symbol(code, real=True)

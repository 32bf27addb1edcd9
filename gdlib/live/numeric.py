"""The Python face of a live figure: the same expressions, evaluated with NumPy."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import OneMatrix, ZeroMatrix
from sympy.printing.numpy import NumPyPrinter

from gdlib.live.errors import LiveError
from gdlib.live.expressions import Iterated, Mean, StateAt, outermost, put_all, symbols_in
from gdlib.live.functions import inlined
from gdlib.live.generator import batch
from gdlib.live.matrices import is_one
from gdlib.live.matrix_states import Entrywise, MatrixIterated, MatrixRows

Values = Mapping[sp.Basic, Any]


class _Printer(NumPyPrinter):
    """SymPy's NumPy printer, where it differs from JavaScript or does not broadcast."""

    def _print_And(self, expr: sp.And) -> str:
        return "(" + " & ".join(f"({self._print(e)})" for e in expr.args) + ")"

    def _print_Or(self, expr: sp.Or) -> str:
        return "(" + " | ".join(f"({self._print(e)})" for e in expr.args) + ")"

    def _print_ITE(self, expr: sp.Basic) -> str:
        return "numpy.where({}, {}, {})".format(*map(self._print, expr.args))

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        values = ", ".join(self._print(e) for e, _ in expr.args)
        conditions = ", ".join(self._print(c) for _, c in expr.args)
        return f"first_of([{conditions}], [{values}])"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, exponent = expr.as_base_exp()
        if base.is_negative and exponent.is_integer is False:
            return "numpy.nan"  # no real number, though SymPy knows complex ones
        if not exponent.is_Number:  # JavaScript has no 1 to the power of NaN or infinity
            return f"power({self._print(base)}, {self._print(exponent)})"
        return super()._print_Pow(expr, rational)

    def _print_Heaviside(self, expr: sp.Heaviside) -> str:
        return f"numpy.heaviside({self._print(expr.args[0])}, {self._print(expr.args[1])})"

    def _print_erf(self, expr: sp.erf) -> str:
        return f"erf({self._print(expr.args[0])})"


def _first_of(conditions: Sequence[Any], values: Sequence[Any]) -> Any:
    """The value of the first condition that holds, as `numpy.select`, which is slow for numbers."""
    found: Any = np.nan
    for condition, value in zip(reversed(conditions), reversed(values), strict=True):
        found = np.where(condition, value, found)
    return found


def _power(base: Any, exponent: Any) -> Any:
    of_one = (np.abs(base) == 1) & ~np.isfinite(exponent)
    return np.where(of_one, np.nan, np.power(np.asarray(base, float), exponent))


_SPACE = {
    "numpy": np, "functools": functools, "power": _power, "first_of": _first_of,
    "erf": np.vectorize(math.erf, otypes=[float]),
}  # fmt: skip
"""What a printed function uses."""


def evaluate(
    expressions: Sequence[sp.Expr], values: Values, memo: dict[Iterated, Any] | None = None
) -> list[np.ndarray]:
    """Evaluate expressions at the symbols' values (numbers, or arrays that broadcast).

    NaN and infinity are results, not errors: a slider may well be at a pole.
    `memo` keeps the iterated paths of one set of slider values.
    """
    return _compile(tuple(expressions))(values, {} if memo is None else memo)


class _Compiled:
    """Expressions as one NumPy function; their means and states are evaluated before it."""

    def __init__(self, expressions: tuple[sp.Expr, ...]) -> None:
        expressions = tuple(inlined(sp.sympify(e)) for e in expressions)
        means = {node: sp.Dummy() for node in outermost(expressions, Mean)}
        without_means = put_all(expressions, means)
        states = {node: sp.Dummy() for node in outermost(without_means, StateAt)}
        plain = put_all(without_means, states)
        symbols = set[Any]().union(*map(symbols_in, plain))
        self.symbols = sorted(symbols, key=sp.default_sort_key)
        self.function = _function(self.symbols, plain)
        self.states = [
            (stand_in, node, _compile((node.args[1],))) for node, stand_in in states.items()
        ]
        # All at once, so that they share subexpressions.
        self.means = list(means.values())
        self.rows = _compile(tuple(mean.args[0] for mean in means)) if means else None
        self.columns = {column: column.values for mean in means for column in mean.columns}

    def __call__(self, values: Values, memo: dict[Iterated, Any]) -> list[np.ndarray]:
        known = dict(values)
        if self.rows:
            inner = {s: np.asarray(v, dtype=float)[..., None] for s, v in values.items()}
            rows = self.rows(inner | self.columns, memo)
            with np.errstate(all="ignore"):
                known |= {m: r.mean(axis=-1) for m, r in zip(self.means, rows, strict=True)}
        for stand_in, node, step in self.states:
            known[stand_in] = _state(node, step, known, memo)
        with np.errstate(all="ignore"):
            arguments = [np.asarray(known[s], dtype=float) for s in self.symbols]
            return [np.asarray(v, dtype=float) for v in self.function(*arguments)]


def _function(symbols: Sequence[Any], expressions: Sequence[sp.Basic]) -> Callable[..., Any]:
    """A NumPy function of the symbols' values that returns those of the expressions.

    As SymPy's lambdify makes it, which walks through every path of an expression, not every node.
    """
    arguments = {s: sp.Symbol(f"a{i}", real=True) for i, s in enumerate(symbols)}
    named = put_all(expressions, arguments)
    shared, results = sp.cse(named, symbols=sp.numbered_symbols("t"), order="none", list=True)
    written = _Printer({"inline": True}).doprint
    lines = [f"    {symbol} = {written(e)}" for symbol, e in shared]
    source = "\n".join(
        [
            f"def function({', '.join(map(str, arguments.values()))}):",
            *lines,
            f"    return [{', '.join(map(written, results))}]",
        ]
    )
    space = dict(_SPACE)
    exec(compile(source, "<live figure>", "exec"), space)  # noqa: S102, printed from expressions
    function: Any = space["function"]
    return function


def _state(
    node: StateAt, step_of: _Compiled, values: Values, memo: dict[Iterated, Any]
) -> np.ndarray:
    iterated = node.component.iterated
    if iterated not in memo:
        memo[iterated] = _run(iterated, values, memo)
    (step,) = step_of(values, memo)
    index = np.clip(np.floor(np.nan_to_num(step) + 0.5), 0, iterated.steps).astype(int)
    return np.where(np.isnan(step), np.nan, memo[iterated][node.component.position][index])


def _run(iterated: Iterated, values: Values, memo: dict[Iterated, Any]) -> np.ndarray:
    """Return the whole path of every component, shape (components, steps + 1)."""
    if isinstance(iterated, MatrixIterated):
        return _run_matrices(iterated, values, memo)
    if isinstance(iterated, MatrixRows):
        return _rows(iterated, values, memo)
    # Sliders reach an iteration as numbers; inside a mean they come with a trailing axis.
    scalars = {s: np.asarray(values[s]).reshape(()) for s in iterated.free_symbols}
    path = np.empty((len(iterated.state), iterated.steps + 1))
    path[:, 0] = [v.item() for v in evaluate(iterated.start, scalars, memo)]
    update = _compile(tuple(iterated.update))
    for k in range(iterated.steps):
        scalars |= zip(iterated.state, path[:, k], strict=True)
        path[:, k + 1] = [v.item() for v in update(scalars, memo)]
    return path


def _run_matrices(
    iterated: MatrixIterated, values: Values, memo: dict[Iterated, Any]
) -> np.ndarray:
    """The same for a state of matrices."""
    scalars, known = _known(iterated, values)
    path = np.empty((len(iterated.state), iterated.steps + 1))
    known |= _given(iterated, scalars, memo)
    begin = [np.ravel(_matrix_function(iterated.begin[M])(known)) for M in iterated.matrices]
    path[:, 0] = np.concatenate(begin)
    shapes = [symbols.shape for symbols in iterated.matrices.values()]
    ends = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
    statements = _statements(iterated)
    together = [M for M in known if iterated.in_batches(M)]
    for k in range(iterated.steps):
        now = dict(scalars) | known
        for M, shape, a, b in zip(iterated.matrices, shapes, ends, ends[1:], strict=False):
            now[M] = path[a:b, k].reshape(shape)
        if iterated.batches:
            n = len(known[together[0]])
            rows = batch(k, n, iterated.batches.size, iterated.batches.seed)
            now |= {M: known[M][rows] for M in together} | {iterated.batches.rows: len(rows)}
        _follow(statements, now)
        after = [np.ravel(now[iterated.after[M]]) for M in iterated.matrices]
        path[:, k + 1] = np.concatenate(after)
    return path


def _rows(iterated: MatrixRows, values: Values, memo: dict[Iterated, Any]) -> np.ndarray:
    """What one pass leaves behind, shape (columns, rows)."""
    scalars, now = _known(iterated, values)
    now |= _given(iterated, scalars, memo) | scalars
    _follow(_statements(iterated), now)
    return np.concatenate([now[M].T for M in iterated.results])


def _known(iterated: Any, values: Values) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The sliders that a state of matrices depends on, as numbers; and the matrices it knows."""
    scalars = {s: np.asarray(values[s]).reshape(()) for s in iterated.free_symbols}
    return scalars, {M: source.values(scalars) for M, source in iterated.known.items()}


def _given(iterated: Any, scalars: Values, memo: dict[Iterated, Any]) -> dict[Any, Any]:
    """The matrices with an expression each entry."""
    entries = iter(evaluate(iterated.start, scalars, memo))
    return {
        M: np.reshape([next(entries).item() for _ in own], tuple(map(int, M.shape)))
        for M, own in iterated.given.items()
    }


@lru_cache(maxsize=64)
def _statements(iterated: Any) -> list[Any]:
    """What each statement becomes, as a function of what is known by then."""
    return [(target, _matrix_function(e)) for target, e in iterated.statements]


def _follow(statements: Sequence[Any], now: dict[Any, Any]) -> None:
    """Compute what follows, statement by statement."""
    with np.errstate(all="ignore"):
        for target, function in statements:
            now[target] = function(now)


@lru_cache(maxsize=2048)
def _compile(expressions: tuple[sp.Expr, ...]) -> _Compiled:
    return _Compiled(expressions)


_entry = sp.Dummy("u", real=True)


def _broadcast(function: _Compiled, entries: np.ndarray, values: Values) -> np.ndarray:
    """A function of each entry, a constant one too."""
    return np.broadcast_to(function({**values, _entry: entries}, {})[0], entries.shape)


def in_numpy(e: Any, values: Mapping[Any, Any]) -> np.ndarray:
    """A matrix expression, where its matrices and symbols have these values."""
    return np.asarray(_matrix_function(e)(values))


def _matrix_function(e: Any) -> Callable[[Mapping[Any, Any]], Any]:
    """A matrix expression as a function of the values of its matrices and symbols."""
    if isinstance(e, Entrywise):
        rule = _compile((e.expression,))
        given = {s: _matrix_function(M) for s, M in e.entries.items()}
        return lambda v: rule({**v, **{s: f(v) for s, f in given.items()}}, {})[0]
    if isinstance(e, sp.MatrixSymbol):
        return lambda v: v[e]
    if isinstance(e, (OneMatrix, ZeroMatrix)) or is_one(e):
        number = float(not isinstance(e, ZeroMatrix))
        return lambda v: np.full([int(v.get(dim, dim)) for dim in e.shape], number)
    if isinstance(e, Transpose):
        inner = _matrix_function(e.arg)
        return lambda v: inner(v).T
    if isinstance(e, ElementwiseApplyFunction):
        function, inner = _compile((e.function(_entry),)), _matrix_function(e.expr)
        return lambda v: _broadcast(function, inner(v), v)
    if hasattr(e, "fold"):
        u, v = sp.symbols("u v", real=True, cls=sp.Dummy)
        both, inner = _compile((e.fold(u, v),)), _matrix_function(e.arg)
        return lambda at: functools.reduce(
            lambda s, column: both({u: s, v: column}, {})[0], inner(at).T
        )[:, None]
    if isinstance(e, HadamardPower):
        inner, power = _matrix_function(e.base), float(e.exp)
        return lambda v: inner(v) ** power
    scalar, matrices = e.as_coeff_matrices() if isinstance(e, MatMul) else (sp.S.One, e.args)
    parts, factor = [_matrix_function(part) for part in matrices], _compile((scalar,))
    if isinstance(e, MatMul):
        return lambda v: factor(v, {})[0] * functools.reduce(np.matmul, (f(v) for f in parts))
    if isinstance(e, MatAdd):
        return lambda v: functools.reduce(np.add, (f(v) for f in parts))
    if isinstance(e, HadamardProduct):
        return lambda v: functools.reduce(np.multiply, (f(v) for f in parts))
    raise LiveError(f"{type(e).__name__} is no matrix that can be computed: {e}")

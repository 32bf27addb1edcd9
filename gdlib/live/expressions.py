"""What a live figure can compute besides plain SymPy: a mean over data, and an iterated state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib.live.errors import LiveError


class Column(sp.Dummy):
    """A symbol that stands for one column of data; its name is the symbol it replaced."""

    values: np.ndarray


_columns: dict[tuple[str, bytes], Column] = {}


def column(symbol: sp.Symbol, values: ArrayLike) -> Column:
    """Return the column of these values: the same object for the same data, so that
    every mean over it is recognised as one loop."""
    array = np.array(values, dtype=float)  # a copy: the caller may change theirs
    if array.ndim != 1 or array.size == 0:
        raise LiveError(
            f"mean: the data of {symbol} must be a non-empty one-dimensional array, "
            f"got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise LiveError(f"mean: the data of {symbol} contain NaN or infinity")
    key = (symbol.name, array.tobytes())
    if key not in _columns:
        _columns[key] = Column(symbol.name, real=True)
        _columns[key].values = array
    return _columns[key]


@lru_cache(maxsize=4096)
def _own_columns(expression: sp.Basic) -> frozenset[Column]:
    within = {node: sp.Dummy() for node in outermost([expression], Mean)}
    return frozenset(node for node in nodes([put(expression, within)]) if isinstance(node, Column))


class Mean(sp.Expr):
    r"""The mean of an expression over the rows of its columns, :math:`\frac1n\sum_i e_i`.

    Differentiation goes inside: the derivative of a mean is the mean of the derivatives.
    """

    def __new__(cls, inner: sp.Expr) -> sp.Expr:
        inner = sp.sympify(inner)
        return super().__new__(cls, inner) if _own_columns(inner) else inner

    @property
    def columns(self) -> list[Column]:
        """The columns of its rows, without those of a mean inside it."""
        return sorted(_own_columns(self.args[0]), key=lambda c: (c.name, c.dummy_index))

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return {s for s in symbols_in(self.args[0]) if not isinstance(s, Column)}

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return Mean(sp.diff(self.args[0], symbol))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Any) -> str:
        rows = {c: sp.Symbol(f"{c.name}_i") for c in self.columns}
        inner = printer.doprint(self.args[0].xreplace(rows))
        return rf"\frac{{1}}{{n}}\sum_{{i=1}}^{{n}}\left({inner}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"mean({printer.doprint(self.args[0])})"


def mean(expression: sp.Expr, data: Mapping[sp.Symbol, ArrayLike]) -> sp.Expr:
    """Return the mean of the expression over data: an array per symbol, all of one length.

    The result is a SymPy expression of the other symbols. It can be differentiated.
    """
    replaced = {symbol: column(symbol, values) for symbol, values in data.items()}
    lengths = {symbol.name: c.values.size for symbol, c in replaced.items()}
    if len(set(lengths.values())) > 1:
        raise LiveError(f"mean: the data have different lengths: {lengths}")
    expression = sp.sympify(expression)
    for within in outermost([expression], Mean):
        if names := ", ".join(s.name for s in data if s in within.free_symbols):
            raise LiveError(f"mean: the mean within, {within}, depends on {names} too")
    return Mean(put(expression, replaced))


class Component(sp.Dummy):
    """One scalar of an iterated state."""

    iterated: Iterated
    position: int


class StateAt(sp.Function):
    """The value of a state's component after a number of steps."""

    nargs = 2

    @property
    def component(self) -> Component:
        return self.args[0]

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return set(symbols_in(self.args[1])) | self.component.iterated.free_symbols

    def _eval_is_real(self) -> bool:
        return True

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        if symbol in self.free_symbols:
            raise LiveError("iterate: the state of an iteration cannot be differentiated")
        return sp.S.Zero


@dataclass(frozen=True)
class Along:
    """An expression followed along the steps of an iteration: a value per step, and the start's."""

    expression: sp.Expr
    iterated: Iterated


class Iterated:
    """A state that is updated again and again: made by `iterate`."""

    def __init__(
        self,
        update: Mapping[sp.Symbol, Any],
        steps: int,
        start: Mapping[sp.Symbol, Any] | None = None,
    ) -> None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise LiveError(f"iterate: steps must be a positive integer, got {steps!r}")
        if not update:
            raise LiveError("iterate: nothing to update")
        start = dict(start or {})
        strangers = [s.name for s in start if s not in update]
        if strangers:
            raise LiveError(f"iterate: start names {', '.join(strangers)}, which is not updated")
        self._follow(update, steps)
        self.start = tuple(sp.sympify(start.get(s, s)) for s in self.state)
        for node in outermost(self.update, StateAt):
            if names := node.component.iterated.free_symbols & set(self.state):
                raise LiveError(f"iterate: an iteration within the update depends on {names} too")

    def _follow(self, update: Mapping[sp.Symbol, Any], steps: int) -> None:
        """Give each component of the state a path of so many steps."""
        self.steps = steps
        self.state = tuple(update)
        self.update = tuple(sp.sympify(update[s]) for s in self.state)
        self.step = sp.Dummy("k", integer=True, nonnegative=True)
        self.components = tuple(Component(s.name, real=True) for s in self.state)
        for position, component in enumerate(self.components):
            component.iterated, component.position = self, position

    @cached_property
    def free_symbols(self) -> set[sp.Basic]:
        in_update = set[sp.Basic]().union(*map(symbols_in, self.update))
        return (in_update - set(self.state)).union(*map(symbols_in, self.start))

    def __repr__(self) -> str:
        lines = (f"{s.name} ← {e}" for s, e in zip(self.state, self.update, strict=True))
        return f"<Iterated, {self.steps} steps of {', '.join(lines)}>"

    def at(self, step: Any, expression: Any) -> sp.Expr:
        """Return the expression with the state as it is after `step` steps (rounded, clamped)."""
        index = sp.sympify(step)
        state = {s: StateAt(c, index) for s, c in zip(self.state, self.components, strict=True)}
        return put(sp.sympify(expression), state)

    def last(self, expression: Any) -> sp.Expr:
        """Return the expression with the state as it is after the last step."""
        return self.at(self.steps, expression)

    def __getitem__(self, expression: Any) -> Along:
        return Along(self.at(self.step, expression), self)


def iterate(
    update: Mapping[sp.Symbol, Any], steps: int, start: Mapping[sp.Symbol, Any] | None = None
) -> Iterated:
    """Apply an update rule `steps` times: `iterate({w: w - eta*diff(loss, w)}, steps=25)`.

    All components are updated together, from the old state.
    A component starts from `start`, else from the slider of the same symbol.
    `result[e]` is the expression e along the path, `result.at(t, e)` after t steps,
    `result.last(e)` at the end.
    """
    return Iterated(update, steps, start)


# An expression is a graph: what occurs in it many times is one object. SymPy's own walks visit it
# each time, which a network of several layers makes millions of; these visit it once.


def nodes(expressions: Iterable[sp.Basic], stop: type | None = None) -> Iterator[sp.Basic]:
    """Walk through all that occurs in expressions, each once, in order; not inside a `stop`."""
    seen: set[sp.Basic] = set()
    stack = list(expressions)[::-1]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            yield node
            if stop is None or not isinstance(node, stop):
                stack.extend(reversed(node.args))


def outermost(expressions: Iterable[sp.Basic], kind: type) -> list[Any]:
    """List the nodes of a kind, not looking inside such a node, each once, in order."""
    return [node for node in nodes(expressions, kind) if isinstance(node, kind)]


def put(expression: sp.Basic, replacements: Mapping[sp.Basic, Any]) -> Any:
    """Return the expression with these of its nodes replaced, as `xreplace` does."""
    return put_all([expression], replacements)[0]


def put_all(expressions: Iterable[sp.Basic], replacements: Mapping[sp.Basic, Any]) -> list[Any]:
    """Return expressions with these of their nodes replaced; they go on sharing what they share."""
    done: dict[sp.Basic, Any] = dict(replacements)
    if not done:
        return list(expressions)

    def of(node: sp.Basic) -> Any:
        if node not in done:
            args = [of(a) for a in node.args]
            same = all(a is b for a, b in zip(args, node.args, strict=True))
            done[node] = node if same else node.func(*args)
        return done[node]

    return [of(e) for e in expressions]


@lru_cache(maxsize=100_000)
def symbols_in(expression: sp.Basic) -> frozenset[Any]:
    """The free symbols of an expression."""
    owner = next(c for c in type(expression).__mro__ if "free_symbols" in vars(c))
    if owner is not sp.Basic:  # it has bound ones, or some that do not stand in it
        return frozenset(expression.free_symbols)
    return frozenset().union(*map(symbols_in, expression.args))

"""Functions that a figure names before it says what they are, and their derivatives.

A figure is built on an opaque loss: L(w), its slopes, its curvatures. What L stands for is put in
last, when an expression is evaluated or printed, so that a figure never depends on its form. In a
page it can be left open, for what a reader types: `opened`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from gdlib.live.expressions import nodes, outermost, put, symbols_in


def differentiate(expression: sp.Expr, symbol: sp.Symbol, order: int = 1) -> sp.Expr:
    """Return the derivative, as it is beside the jumps of a sign, a floor or a remainder."""
    if expression.has(sp.Mod, sp.frac):  # quick checks, unlike what follows them
        expression = expression.replace(sp.frac, _BY_OTHERS[sp.frac])
        expression = expression.replace(sp.Mod, lambda a, m: a - m * sp.floor(a / m))
    steps = {node: sp.Dummy(real=True) for node in nodes([expression]) if node.func in _STAIRCASES}
    steps = {node: stand_in for node, stand_in in steps.items() if symbol in symbols_in(node)}
    derivative = sp.diff(put(expression, steps), symbol, order)
    if derivative.has(sp.DiracDelta):
        derivative = derivative.replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    return put(derivative, {stand_in: node for node, stand_in in steps.items()})


_STAIRCASES = (sp.floor, sp.ceiling, sp.sign)
"""Functions that are constant but for their jumps."""


class Opaque(sp.Function):
    """A real function of real variables; its derivatives are opaque functions too."""

    is_real = True
    is_number = False  # not even of numbers: SymPy would evaluate what is not known yet
    variables: Sequence[sp.Symbol]
    expression: sp.Expr
    """What the function of the variables stands for."""
    of: Any
    """The function that it is a derivative of, and of which order by each variable."""
    orders: tuple[int, ...]

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Also those of its expression that are not its variables, as a choice among functions."""
        own = symbols_in(self.expression) - set(self.variables)
        return set(own.union(*map(symbols_in, self.args)))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        function: Any = type(self)
        return _derivative(function, argindex - 1)(*self.args)


def opaque(name: str, variables: Sequence[sp.Symbol], expression: sp.Expr) -> Any:
    """Return the function of these variables that stands for an expression of them."""
    members = {"variables": tuple(variables), "expression": expression, "nargs": len(variables)}
    function: Any = type(name, (Opaque,), members | {"orders": (0,) * len(variables)})
    function.of = function
    return function


@lru_cache(maxsize=4096)
def _derivative(function: Any, position: int) -> Any:
    symbol = function.variables[position]
    slope = opaque(
        f"{function.__name__}_{symbol.name}",
        function.variables,
        differentiate(function.expression, symbol),
    )
    slope.of = function.of
    slope.orders = tuple(n + (i == position) for i, n in enumerate(function.orders))
    return slope


class Either(Opaque):
    """What is known of the author's loss, or how it is found of one that is typed."""

    variables = sp.symbols("author typed", real=True, cls=sp.Dummy)
    expression = variables[0]
    nargs = (2,)


class Unknown(sp.Function):
    """A number that the page finds of a typed loss."""

    is_real = True
    is_number = False  # it waits for a loss
    nargs = (0,)


class Quantile(Unknown):
    """Of the values of an expression over arrays: what this share of them is below, 0 the least."""

    found: sp.Expr
    over: Mapping[Any, Any]
    share: float


class Constant(Opaque):
    """The same, where both are numbers; how the other is found is no part of an expression."""

    variables = ()
    nargs = (0,)
    typed: sp.Expr


class Minimum(Unknown):
    """What is known of the lowest minimum: `typed_minimum`."""

    what: str


def either(author: Any, typed: Any) -> sp.Expr:
    """Return an expression that is one for the author's loss, and another for a typed one."""
    author, typed = map(sp.sympify, (author, typed))
    if symbols_in(author) or symbols_in(typed):
        return Either(author, typed)
    return type("constant", (Constant,), {"expression": author, "typed": typed})()


def quantile(found: sp.Expr, over: Mapping[Any, Any], share: float) -> sp.Expr:
    """Return an unknown number: a quantile of the expression's finite values over arrays.

    `over` is as in `Live.bind`.
    """
    members = {"found": found, "over": dict(over), "share": share}
    return type("quantile", (Quantile,), members)()


def typed_minimum(what: str) -> sp.Expr:
    """What the page knows of a typed loss of two weights: the loss at its "lowest" minimum in the
    box, 0 if the box has a lower place; and 1 if that minimum was "found", else 0."""
    return type("minimum", (Minimum,), {"what": what})()


def opened(expression: sp.Basic, functions: Collection[Any]) -> Any:
    """Return the expression with these functions left open, and constants that wait for them."""
    replaced: dict[sp.Basic, Any] = {}
    for node in outermost([expression], Opaque):
        if isinstance(node, Constant):
            continue
        if isinstance(node, Either):
            replaced[node] = opened(node.args[1], functions)
            continue
        arguments = [opened(argument, functions) for argument in node.args]
        if node.of in functions:
            replaced[node] = node.func(*arguments)
        else:
            meaning = opened(node.expression, functions)
            replaced[node] = put(meaning, dict(zip(node.variables, arguments, strict=True)))
    return put(expression, replaced)


@lru_cache(maxsize=4096)
def inlined(expression: sp.Basic) -> sp.Basic:
    """Return the expression with what its opaque functions stand for in their place."""
    plain = put(expression, {node: _meaning(node) for node in outermost([expression], Opaque)})
    for function, meaning in _BY_OTHERS.items():
        if any(node.func is function for node in nodes([plain])):
            plain = plain.replace(function, meaning)
    return plain


_BY_OTHERS = {
    sp.sec: lambda u: 1 / sp.cos(u), sp.csc: lambda u: 1 / sp.sin(u),
    sp.cot: lambda u: 1 / sp.tan(u), sp.frac: lambda u: u - sp.floor(u),
    sp.sech: lambda u: 1 / sp.cosh(u), sp.csch: lambda u: 1 / sp.sinh(u),
    sp.coth: lambda u: 1 / sp.tanh(u),
    sp.asec: lambda u: sp.acos(1 / u), sp.acsc: lambda u: sp.asin(1 / u),
    sp.acot: lambda u: sp.atan(1 / u), sp.asech: lambda u: sp.acosh(1 / u),
    sp.acsch: lambda u: sp.asinh(1 / u), sp.acoth: lambda u: sp.atanh(1 / u),
    sp.sinc: lambda u: sp.Piecewise((sp.sin(u) / u, sp.Ne(u, 0)), (1, True)),
}  # fmt: skip
"""Functions that are computed by others, alike in Python and in the page."""


def _meaning(node: Opaque) -> sp.Expr:
    arguments = (inlined(argument) for argument in node.args)
    return put(inlined(node.expression), dict(zip(node.variables, arguments, strict=True)))

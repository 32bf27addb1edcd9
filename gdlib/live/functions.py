"""Functions that a figure names before it says what they are, and their derivatives.

A figure is built on an opaque loss: L(w), its slopes, its curvatures. What L stands for is put in
last, when an expression is evaluated or printed, so that a figure never depends on its form.
"""

from __future__ import annotations

from collections.abc import Sequence
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


_STAIRCASES = (sp.floor, sp.ceiling)
"""Functions that are constant but for their jumps."""


class Opaque(sp.Function):
    """A real function of real variables; its derivatives are opaque functions too."""

    is_real = True
    is_number = False  # not even of numbers: SymPy would evaluate what is not known yet
    variables: Sequence[sp.Symbol]
    expression: sp.Expr
    """What the function of the variables stands for."""

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
    return type(name, (Opaque,), members)


@lru_cache(maxsize=4096)
def _derivative(function: Any, position: int) -> Any:
    symbol = function.variables[position]
    return opaque(
        f"{function.__name__}_{symbol.name}",
        function.variables,
        differentiate(function.expression, symbol),
    )


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

"""SymPy expressions as JavaScript, one at a time; and what the page can compute at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean
from sympy.printing.jscode import JavascriptCodePrinter

from gdlib.live.errors import LiveError
from gdlib.live.expressions import Iterated, Mean, StateAt
from gdlib.live.functions import inlined


class _Printer(JavascriptCodePrinter):
    """SymPy's JavaScript printer: small powers without a call, and an error for the unknown."""

    _print_ImaginaryUnit = _print_Sum = _print_Product = JavascriptCodePrinter._print_not_supported
    _print_Order = _print_AccumulationBounds = JavascriptCodePrinter._print_not_supported

    def __init__(self, states: Mapping[Iterated, str], called: Sequence[Any] = ()) -> None:
        super().__init__({"strict": True, "inline": True})
        self.states, self.called = states, called

    def _print_Function(self, expr: sp.Function) -> str:
        if expr.func in self.called:
            arguments = ",".join(map(self._print, expr.args))
            return f"F[{self.called.index(expr.func)}]({arguments})"
        return super()._print_Function(expr)

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, exponent = expr.as_base_exp()
        if base.is_negative and exponent.is_integer is False:
            return "NaN"  # no real number, though SymPy knows complex ones
        # After cse the base is nearly always a name or a number; if not, use Math.pow.
        simple = base.is_Atom and not base.is_negative
        if simple and exponent.is_Integer and 2 <= abs(int(exponent)) <= 4:
            power = "*".join([self._print(base)] * abs(int(exponent)))
            return f"({power})" if exponent > 0 else f"(1/({power}))"
        if exponent == -1:
            return f"(1/({self._print(base)}))"
        if exponent == -sp.S.Half:
            return f"(1/Math.sqrt({self._print(base)}))"
        if exponent == sp.Rational(1, 3):
            # SymPy would print Math.cbrt, which is real below 0, where a power is undefined.
            return f"Math.pow({self._print(base)}, 1/3)"
        return super()._print_Pow(expr)

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        if expr.args[-1].cond != sp.true:
            expr = sp.Piecewise(*expr.args, (sp.nan, True))
        return super()._print_Piecewise(expr)

    # These are in `js/program.js`.
    def _print_Heaviside(self, expr: sp.Heaviside) -> str:
        return f"heaviside({self._print(expr.args[0])},{self._print(expr.args[1])})"

    def _print_sign(self, expr: sp.sign) -> str:
        return f"(Math.sign({self._print(expr.args[0])})+0)"  # 0 of a negative zero, as NumPy's

    def _print_Mod(self, expr: sp.Mod) -> str:
        return f"mod({self._print(expr.args[0])},{self._print(expr.args[1])})"

    def _print_erf(self, expr: sp.erf) -> str:
        return f"erf({self._print(expr.args[0])})"

    def _print_ITE(self, expr: sp.Basic) -> str:
        return "({}?{}:{})".format(*map(self._print, expr.args))

    def _print_StateAt(self, expr: StateAt) -> str:
        component = expr.component
        path = f"{self.states[component.iterated]}[{component.position}]"
        return f"at({path},{self._print(expr.args[1])})"

    def _print_NaN(self, expr: sp.Basic) -> str:
        return "NaN"

    def _print_BooleanTrue(self, expr: sp.Basic) -> str:
        return "true"

    def _print_BooleanFalse(self, expr: sp.Basic) -> str:
        return "false"


def to_javascript(
    expression: sp.Basic,
    states: Mapping[Iterated, str] | None = None,
    called: Sequence[Any] = (),
) -> str:
    """Print one expression, which is `supported`; functions among `called` are calls of F[i]."""
    return _Printer(states or {}, called).doprint(expression).replace("\n", " ")


def supported(expression: sp.Expr) -> None:
    """Raise `ValueError` if something inside the expression cannot be printed, and name it."""
    expression = inlined(expression)
    waiting, seen = [expression], set[Any]()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if not _printable(node):
            raise LiveError(_unsupported(node, expression))
        waiting.extend(node.args)
        if isinstance(node, StateAt) and (iterated := node.component.iterated) not in seen:
            seen.add(iterated)
            waiting.extend(map(inlined, (*iterated.update, *iterated.start)))


@lru_cache(maxsize=4096)
def _printable(node: sp.Basic) -> bool:
    """Whether a node can be printed, whatever its arguments are."""
    if isinstance(node, (sp.Add, sp.Mul, sp.Pow, sp.Piecewise, ExprCondPair, Boolean)):
        return True
    if isinstance(node, (sp.Symbol, sp.Rational, sp.Float, Mean, StateAt)):
        return True
    if isinstance(node, sp.Function) and not hasattr(node, _Printer.printmethod):
        return node.func in FUNCTIONS
    try:
        _Printer({}).doprint(node.func(*(a if a.is_Atom else sp.Dummy() for a in node.args)))
    except (NotImplementedError, TypeError, ValueError):  # from the printer, or from `func`
        return False
    return True


def _unsupported(node: sp.Basic, expression: sp.Basic) -> str:
    named = node.args[0].func if isinstance(node, (sp.Derivative, sp.Subs)) else node.func
    name = "the imaginary unit" if node is sp.I else named.__name__
    derivative = "the derivative of " * isinstance(node, (sp.Derivative, sp.Subs))
    within = f", in {text}" if len(text := str(expression)) <= 60 else ""
    return f"{derivative}{name} cannot be computed in the browser{within}"


FUNCTIONS: tuple[Any, ...] = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sec, sp.csc, sp.cot, sp.asin, sp.acos, sp.atan,
    sp.atan2, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh, sp.sinc, sp.Abs, sp.sign,
    sp.sech, sp.csch, sp.coth, sp.asec, sp.acsc, sp.acot, sp.asech, sp.acsch, sp.acoth,
    sp.floor, sp.ceiling, sp.frac, sp.Mod, sp.Max, sp.Min, sp.Heaviside, sp.erf,
)  # fmt: skip
"""SymPy's functions that the page can compute; powers, sums and comparisons go without saying."""

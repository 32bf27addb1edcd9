"""The computational graph of a SymPy expression: its operations, and derivatives through them."""

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import sympy as sp

from gdlib.live import differentiate
from gdlib.symbolic import Expr, Rectified, name_of

_SUPERSCRIPTS = str.maketrans("-0123456789/.", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᐟ·")


class ExpressionGraph:
    """The graph of an expression; equal subexpressions are one node.

    By node, inputs first: `labels`, `values` (expressions of the inputs), `parents` (numbers of
    nodes), `forms` (the operation on stand-ins for them, and these), `locals` (the derivatives by
    them) and `grads`, the expression's derivative by the node.
    """

    def __init__(self, expression: Expr) -> None:
        self.labels: list[str] = []
        self.values: list[Expr] = []
        self.parents: list[list[int]] = []
        self.locals: list[list[Expr]] = []
        self.forms: list[tuple[Expr, list[Expr]]] = []
        self._known: dict[Expr, int] = {}
        self._node(expression)
        self.grads: list[Expr] = [sp.S.Zero] * len(self.values)
        self.grads[-1] = sp.S.One
        for i in reversed(range(len(self.values))):
            for parent, local in zip(self.parents[i], self.locals[i], strict=True):
                self.grads[parent] += self.grads[i] * local

    def _node(self, e: Expr) -> int:
        """Return the number of an expression's node, making it and its operands if they are new."""
        if e not in self._known:
            label, operands, rule = operation(e)
            stand_ins = {o: sp.Dummy(real=True) for o in sorted(operands, key=_first_name)}
            numbers = [self._node(o) for o in stand_ins]
            form = rule(*(stand_ins[o] for o in operands))
            back = {stand_in: o for o, stand_in in stand_ins.items()}
            self._known[e] = len(self.values)
            self.labels.append(label)
            self.values.append(e)
            self.parents.append(numbers)
            self.forms.append((form, list(back)))
            self.locals.append([_partial(form, s).xreplace(back) for s in back])
        return self._known[e]


class Operation(NamedTuple):
    """An expression's last operation: its name, its operands, and what it makes of others."""

    label: str
    operands: list[Expr]
    rule: Callable[..., Expr]


def operation(e: Expr) -> Operation:
    """Take an expression apart at its last operation."""
    if e.is_Symbol:
        return Operation(name_of(e), [], lambda: e)
    if e.is_Add:
        return _sum(e)
    if e.is_Mul:
        return _product(e)
    if e.is_Pow and e.exp.is_number:
        short = {sp.Integer(-1): "1/u", sp.S.Half: "√"}
        label = short.get(e.exp, f"u{str(e.exp).translate(_SUPERSCRIPTS)}")
        return Operation(label, [e.base], lambda u: u**e.exp)
    if isinstance(e, sp.Piecewise):
        return _of_symbols("cases", e)
    if isinstance(e, Rectified):
        u, slope = e.args
        return Operation("leaky relu" if slope else "relu", [u], lambda u: Rectified(u, slope))
    operands = [a for a in e.args if a.free_symbols]
    label = "power" if e.is_Pow else e.func.__name__.lower()
    if not operands or not all(isinstance(a, sp.Expr) for a in e.args):
        return _of_symbols(label, e)
    return Operation(label, operands, _with(e, operands, e.func))


def _of_symbols(label: str, e: Expr) -> Operation:
    """An operation that is not taken apart: of the symbols in it."""
    symbols = list(e.free_symbols)
    return Operation(label, symbols, lambda *u: e.xreplace(dict(zip(symbols, u, strict=True))))


def _with(e: Expr, operands: list[Expr], func: Callable[..., Expr]) -> Callable[..., Expr]:
    """The function of an expression's operands; its other arguments are constants."""

    def rule(*stand_ins: Expr) -> Expr:
        put = dict(zip(operands, stand_ins, strict=True))
        return func(*(put.get(a, a) for a in e.args))

    return rule


def _sum(e: Expr) -> Operation:
    terms = list(e.args)
    factors = [t.as_coeff_Mul()[0] for t in terms]
    if len({abs(f) for f in factors}) == 1 and (abs(factors[0]) != 1 or max(factors) < 0):
        # SymPy multiplies a number into a sum. Taken out again, it is one operation.
        common = factors[0] if max(factors) < 0 else abs(factors[0])
        return Operation(
            _times(common), [sp.Add(*(t / common for t in terms))], lambda u: common * u
        )
    number, rest = e.as_coeff_Add()
    if number != 0:
        label = f"{'−' if number < 0 else '+'} {_text(abs(number))}"
        return Operation(label, [rest], lambda u: u + number)
    signs = [-1 if f == -1 else 1 for f in factors]
    label = "+" if min(signs) == 1 else ("−" if len(terms) == 2 else "±")
    return Operation(
        label,
        [s * t for s, t in zip(signs, terms, strict=True)],
        lambda *u: sum(s * v for s, v in zip(signs, u, strict=True)),
    )


def _product(e: Expr) -> Operation:
    number, rest = e.as_coeff_Mul()
    if number != 1:
        return Operation(_times(number), [rest], lambda u: number * u)
    top, bottom = sp.fraction(e, exact=True)
    if bottom.free_symbols and top.free_symbols:
        return Operation("/", [top, bottom], lambda u, v: u / v)
    operands = [f for f in e.args if f.free_symbols]
    if len(operands) == 1:
        constant = e / operands[0]
        return Operation(_times(constant), operands, lambda u: constant * u)
    return Operation("×", operands, _with(e, operands, lambda *u: prod(u)))


def _times(number: Expr) -> str:
    if number == -1:
        return "× −1"
    if number.is_Rational and number.p == 1:
        return f"/ {number.q}"
    return f"× {_text(number)}"


def _text(number: Expr) -> str:
    return (f"{number:.3g}" if number.is_Float else str(number)).replace("-", "−")


def _first_name(e: Expr) -> str:
    return min((s.name for s in e.free_symbols), default="")


def _partial(form: Expr, symbol: Expr) -> Expr:
    if not isinstance(form, (sp.Max, sp.Min)):
        return differentiate(form, symbol)
    # SymPy splits the derivative at a tie; here, as in gdlib, the first one gets it.
    args = sorted(form.args, key=lambda s: getattr(s, "dummy_index", 0))
    k = args.index(symbol)
    sign = 1 if isinstance(form, sp.Max) else -1
    wins = [sign * symbol > sign * a for a in args[:k]]
    wins += [sign * symbol >= sign * a for a in args[k + 1 :]]
    return sp.Piecewise((1, sp.And(*wins)), (0, True))

"""Formulas as people type them, read without running anything: `sin(3*w)`, `3w² − 1`, `|w|/2`.

How names and signs may be spelled is data, in `spellings.json`. What is read becomes SymPy, bottom
up: a number, a name, a function that the file names, brackets, a sum, product, quotient or power.
Nothing else is understood, and no Python is ever evaluated.
"""

import json
import re
from collections.abc import Callable, Collection
from math import log10
from pathlib import Path
from typing import Any, NoReturn

import sympy as sp

from gdlib import symbolic
from gdlib.symbolic import Expr

SPELLINGS: dict[str, Any] = json.loads(
    Path(__file__).with_name("spellings.json").read_text(encoding="utf-8")
)
FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "abs": sp.Abs, "max": sp.Max, "min": sp.Min, "ceil": sp.ceiling,
    **{name: getattr(symbolic, name) for name in ("sigmoid", "relu", "leaky_relu", "softplus")},
    **{name: getattr(sp, name) for name in (
        "exp", "log", "sqrt", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
        "tanh", "asinh", "acosh", "atanh", "floor", "erf",
    )},
}  # fmt: skip
"""What each function of the file means; it may have several spellings."""
CONSTANTS = {"pi": sp.pi, "e": sp.E}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>(?:[a-zA-Z][a-zA-Z\d_{subscripts}]*|[α-ωΑ-Ω][\d_{subscripts}]*|√))"
    r"|(?P<raised>[{superscripts}]+)|(?P<part>[{fractions}])"
    r"|(?P<sign>\*\*|.))".format(
        superscripts=SPELLINGS["superscripts"],
        subscripts=SPELLINGS["subscripts"],
        fractions="".join(SPELLINGS["fractions"]),
    )
)
_PLAIN = str.maketrans(SPELLINGS["superscripts"] + SPELLINGS["subscripts"], "0123456789-0123456789")
_LEFT_SIDE = re.compile(r"\A\s*[a-zA-Zα-ωΑ-Ω][a-zA-Z0-9_]*['′]*\s*(\([a-zA-Z0-9_,\s]*\))?\s*=(?!=)")
_LARGEST = 300  # digits: beyond it a float overflows, and SymPy would compute for ever


def spelled_out(name: str) -> str:
    """A name with Greek letters written out and digits on the line: θ₁ is theta1."""
    plain = name.translate(_PLAIN)
    return SPELLINGS["letters"].get(plain[:1], plain[:1]) + plain[1:]


def canonical(name: str) -> str:
    """What names have in common that mean one thing: w₂, w2 and w_2."""
    return spelled_out(name).replace("_", "")


class SpellingError(ValueError):
    """A text that is not a formula; the message says where, and what is missing."""


def read(text: str, names: Collection[str] = ()) -> Expr:
    """Return the formula that a text spells, with real symbols.

    `names` are the only names it may contain, if there are any; `e` is Euler's number unless it is
    one of them. `L(w) = …` before the formula is ignored. SpellingError for everything else.
    """
    if len(text) > SPELLINGS["longest"]:
        raise SpellingError(
            f"a formula of {len(text)} characters; at most {SPELLINGS['longest']} are read"
        )
    reader = _Reader(_LEFT_SIDE.sub("", text, count=1).strip(), names)
    return reader.whole()


class _Reader:
    """Reads one text from left to right; each method reads one kind of part."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text, self.names, self.depth, self.bars = text, names, 0, 0
        self.tokens = [(m.lastgroup, m[m.lastgroup or 0]) for m in _TOKEN.finditer(text)]
        self.at = 0

    # -- tokens --------------------------------------------------------------------------
    def peek(self) -> tuple[str, str]:
        """The next token's kind and what it is, with signs spelled alike; "end" after the last."""
        if self.at >= len(self.tokens):
            return "end", ""
        kind, found = self.tokens[self.at]
        return str(kind), SPELLINGS["signs"].get(found, found)

    def take(self, *wanted: str) -> str:
        """The next token if it is one of these, else nothing."""
        _, found = self.peek()
        self.at += found in wanted and found != ""
        return found if found in wanted else ""

    def refuse(self, problem: str) -> NoReturn:
        raise SpellingError(f"{self.text!r}: {problem}")

    # -- parts, the widest first -----------------------------------------------------------
    def whole(self) -> Expr:
        if not self.tokens:
            raise SpellingError("there is no formula")
        if re.search(rf"\d(\s+\d|\s*[{''.join(SPELLINGS['fractions'])}])", self.text):
            self.refuse("two numbers side by side; write a sum or a product")
        if self.peek()[0] == "end":
            self.refuse("there is no formula")
        value = self.sum()
        if self.peek()[0] != "end":
            found = self.peek()[1]
            self.refuse(
                "write a decimal point, not a comma" if found == "," else
                "a bracket is closed that was not opened" if found == ")" else
                f"{found!r} is not part of a formula"
            )  # fmt: skip
        return value

    def sum(self) -> Expr:
        self.depth += 1
        if self.depth > SPELLINGS["deepest"]:
            raise SpellingError(f"brackets nested more than {SPELLINGS['deepest']} deep")
        value = self.product()
        while sign := self.take("+", "-"):
            term = self.product()
            value = value + term if sign == "+" else value - term
        self.depth -= 1
        return value

    def product(self) -> Expr:
        value = self.signed()
        while True:
            if sign := self.take("*", "/"):
                factor = self.signed()
                value = value * factor if sign == "*" else value / factor
            elif self.begins():
                value = value * self.power()  # 3w, 2(w + 1): the sign that people leave out
            else:
                return value

    def begins(self) -> bool:
        """Whether a factor follows; a bar inside two others ends them."""
        kind, found = self.peek()
        opens = found == "(" or (found == "|" and not self.bars and self.text.count("|") == 2)
        return opens or kind in ("name", "part") or (kind == "number" and self.apart())

    def apart(self) -> bool:
        """Whether the token before a number is none itself: 1.2.3 is no product."""
        return self.tokens[self.at - 1][0] != "number"

    def signed(self) -> Expr:
        negative = False
        while sign := self.take("+", "-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Expr:
        return self.raised(self.single())

    def raised(self, base: Expr) -> Expr:
        """The base to the exponents that follow it: w², w^2, w^-2, w^2^3."""
        kind, found = self.peek()
        if kind == "raised":
            self.at += 1
            digits = found.translate(_PLAIN)
            if not re.fullmatch(r"-?\d+", digits):
                self.refuse(f"{found!r} is no exponent")
            return self.raised(self.to_the(base, sp.Integer(digits)))
        if self.take("^"):
            self.depth += 1
            if self.depth > SPELLINGS["deepest"]:
                raise SpellingError(f"powers nested more than {SPELLINGS['deepest']} deep")
            exponent = self.signed()  # reads the powers to its right first
            self.depth -= 1
            return self.to_the(base, exponent)
        return base

    def to_the(self, base: Expr, exponent: Expr) -> Expr:
        if base.is_number and exponent.is_number and base != 0:
            size = abs(sp.N(base, 15))
            if abs(float(sp.N(exponent, 15)) * log10(max(float(size), 1e-300))) > _LARGEST:
                self.refuse(f"a power of more than {_LARGEST} digits")
        return base**exponent

    def single(self) -> Expr:
        kind, found = self.peek()
        self.at += kind != "end"
        if kind == "number":
            return self.number(found)
        if kind == "part":
            return sp.Rational(*SPELLINGS["fractions"][found])
        if kind == "name":
            return self.named(found)
        if found == "(":
            return self.closed(self.sum(), ")")
        if found == "|":
            self.bars += 1
            value = self.closed(self.sum(), "|")
            self.bars -= 1
            return sp.Abs(value)
        if kind == "end":
            self.refuse("it ends where a number, a name or a bracket is missing")
        self.refuse(
            f"a number, a name or a bracket is missing before {found!r}" if found in "+-*/^),|"
            else f"{found!r} is not part of a formula"
        )  # fmt: skip

    def closed(self, value: Expr, bracket: str) -> Expr:
        if not self.take(bracket):
            comma = self.peek()[1] == ","
            self.refuse(
                "write a decimal point, not a comma" if comma else f"a {bracket!r} is missing"
            )
        return value

    def number(self, digits: str) -> Expr:
        value = sp.Rational(digits) if len(digits) < 16 and abs(_exponent(digits)) < 30 else None
        value = sp.Float(float(digits)) if value is None else value
        return self.refuse(f"{digits} is too large") if value.is_infinite else value

    def named(self, found: str) -> Expr:
        """A name of a weight, a constant, or a function with its argument."""
        name = spelled_out(found)
        for known in self.names:
            if canonical(found) == canonical(known):
                return sp.Symbol(known, real=True)
        called = self.peek()[1] == "("
        functions = SPELLINGS["functions"]
        function = functions.get(found) or (functions.get(found.lower()) if called else None)
        if function and (called or len(found) > 1 or found == "√"):
            return self.function(found, function)
        if parts := self.in_a_row(name):
            # What follows, as a power, belongs to the last of them.
            self.tokens[self.at - 1 : self.at] = [("name", part) for part in parts]
            return self.named(parts[0])
        if called and len(found) > 1 and found.isalnum() and found not in SPELLINGS["constants"]:
            self.refuse(f"{found} is no function known here; a product needs its sign")
        if found.lower() in SPELLINGS["no_numbers"]:
            self.refuse(f"{found} is no number here")
        if constant := SPELLINGS["constants"].get(found):
            return CONSTANTS[constant]
        if self.names:
            self.refuse(f"{found} is not known here, only {', '.join(self.names)}")
        return sp.Symbol(name, real=True)

    def in_a_row(self, name: str) -> list[str]:
        """The known names that a name is made of, as wx of w and x, the longest first."""
        for end in range(len(name) - 1, 0, -1):
            if name[:end] in self.names:
                rest = [name[end:]] if name[end:] in self.names else self.in_a_row(name[end:])
                if rest:
                    return [name[:end], *rest]
        return []

    def function(self, found: str, function: str) -> Expr:
        exponent = None
        if self.peek()[0] == "raised":  # sin²(w)
            exponent = self.raised(sp.S.One * sp.Symbol("of")).as_base_exp()[1]
        if exponent is not None and exponent < 0:
            self.refuse(f"{found} to the {exponent} can mean two things; write it with brackets")
        if found == "√" and self.peek()[1] != "(":
            value = sp.sqrt(self.single())
            if self.peek()[0] == "raised" or self.peek()[1] == "^":
                self.refuse("a power after a root can mean two things; write it with brackets")
            return value
        if not self.take("("):
            self.refuse(f"{found} needs brackets, as in {found}(…)")
        arguments = [self.sum()]
        while self.take(","):
            if function not in SPELLINGS["several_arguments"]:
                self.refuse(f"{found} takes one argument; a decimal number has a point")
            arguments.append(self.sum())
        value = FUNCTIONS[function](*arguments)
        self.closed(value, ")")
        return value if exponent is None else value**exponent


def _exponent(digits: str) -> int:
    """The power of ten of a number's text."""
    return int(re.split("[eE]", digits + "e0")[1])

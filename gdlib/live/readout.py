"""Templates of live text: `"slope {:+.2f}"`, formatted alike in Python and in the browser."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from string import Formatter

import sympy as sp

from gdlib.live.errors import LiveError
from gdlib.live.expressions import StateAt, nodes

_SPEC = re.compile(r"(?P<plus>\+?)(?P<comma>,?)(?:\.(?P<digits>\d{1,2}))?(?P<type>[fegd])")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
UNDEFINED, DIVERGES = "undefined here", "diverges"


@dataclass(frozen=True)
class Slot:
    """A number in a template: its format, and the words that stand for a NaN or an infinity."""

    plus: bool
    comma: bool
    digits: int
    type: str
    word: str


Template = tuple[str | Slot, ...]


def parse(text: str, expressions: Sequence[sp.Expr]) -> Template:
    """Split a template into text and slots. `ValueError` names a slot that is not understood."""
    if not isinstance(text, str) or "\n" in text:
        raise LiveError(f"readout: the template must be one line of text, got {text!r}")
    pieces: list[str | Slot] = []
    found = 0
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        raise LiveError(f"readout: in {text!r} a slot does not end: {error}") from error
    for literal, name, spec, conversion in parsed:
        if literal:
            pieces.append(literal)
        if name is None:
            continue
        match = _SPEC.fullmatch(spec or "")
        if name or conversion or not match:
            raise LiveError(
                f"readout: in {text!r} the slot {{{name}:{spec}}} is not one of "
                "{:.2f}, {:+.2f}, {:,.0f}, {:.1e}, {:.3g}, {:d}"
            )
        if found < len(expressions):
            word = DIVERGES if depends_on_iteration(expressions[found]) else UNDEFINED
            digits = 0 if match["type"] == "d" else int(match["digits"] or 6)
            kind = "f" if match["type"] == "d" else match["type"]
            pieces.append(Slot(bool(match["plus"]), bool(match["comma"]), digits, kind, word))
        found += 1
    if found != len(expressions):
        raise LiveError(f"readout: {text!r} has {found} slots for {len(expressions)} expressions")
    return tuple(pieces)


def depends_on_iteration(expression: sp.Expr) -> bool:
    """Whether it does, which decides the word for a value that is not finite."""
    return any(isinstance(node, StateAt) for node in nodes([expression]))


def fill(template: Template, values: Sequence[float]) -> str:
    """Return the template with the values in its slots."""
    numbers = iter(values)
    return "".join(p if isinstance(p, str) else number(p, next(numbers)) for p in template)


def number(slot: Slot, value: float) -> str:
    """Format one number: a true minus sign, and powers of ten written as such."""
    if not math.isfinite(value):
        return slot.word
    kind, digits = slot.type, slot.digits
    if kind == "f" and abs(value) >= 1e15:
        kind, digits = "e", 3
    # Rounds like JavaScript: the exact value, half away from zero. (Decimal writes 0 as 0e+2.)
    size = Decimal(abs(value)) or 0.0
    with localcontext(rounding=ROUND_HALF_UP):
        text = _digits(size, kind, digits, "," if slot.comma else "")
    if "e" in text:
        mantissa, power = text.split("e")
        text = f"{mantissa}×10{str(int(power)).translate(_SUPERSCRIPTS)}"
    negative = value < 0 and any(c in "123456789" for c in text.split("×")[0])
    return ("−" if negative else "+" if slot.plus else "") + text


def _digits(size: Decimal | float, kind: str, digits: int, comma: str) -> str:
    if kind != "g":
        return f"{size:{comma}.{digits}{kind}}"
    digits = max(digits, 1)
    text = f"{size:.{digits - 1}e}"
    exponent = int(text.split("e")[1]) if size else 0
    if -5 < exponent < digits:
        text = f"{size:{comma}.{digits - 1 - exponent}f}"
    mantissa, *power = text.split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return "e".join([mantissa, *power])

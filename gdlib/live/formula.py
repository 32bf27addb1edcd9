r"""Typeset formulas with live numbers in them: TeX in which `\num{.2f}` is a number.

They become MathML, which browsers typeset themselves: in a page, in a notebook, from disk.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import zip_longest

import sympy as sp
from latex2mathml.converter import convert

from gdlib.live.errors import LiveError
from gdlib.live.readout import Slot, Template, parse

_NUMBER = re.compile(r"\\num\{([^{}]*)\}")
_TAG = re.compile("<[^>]*>")
_PLACE = re.compile(r"<mtext>@\d+</mtext>")
_GAP = "\u2003"  # as wide as a letter; a line may end there
_WITHIN = '<mn class="live-number">@</mn>'
_OUTSIDE = '</math><span class="live-number">@</span><math>'
_BREAKS = frozenset("=←→+−×")
_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def typeset(tex: str, expressions: Sequence[sp.Expr]) -> tuple[Template, Template]:
    """Return a formula as plain text and as markup, both with slots for numbers.

    `LiveError` names what is not understood.
    """
    if not isinstance(tex, str):
        raise LiveError(f"formula: expected TeX, got {tex!r}")
    texts = _NUMBER.split(tex)
    literal = (text.replace("{", "{{").replace("}", "}}") for text in texts[::2])
    slots = [*(f"{{:{spec}}}" for spec in texts[1::2]), ""]
    parsed = parse("".join(map("".join, zip(literal, slots, strict=True))), expressions)
    numbers = [piece for piece in parsed if isinstance(piece, Slot)]
    places = iter(range(len(numbers)))
    try:
        mathml = _breakable(convert(_NUMBER.sub(lambda _: rf"\text{{@{next(places)}}}", tex)))
    except Exception as error:  # its own errors have no common type
        raise LiveError(f"formula: {tex!r} is not TeX that can be typeset: {error!r}") from error
    around = mathml.split("@")
    pairs = zip_longest(around, numbers)
    markup = tuple(piece for pair in pairs for piece in pair if piece is not None)
    plain = (html.unescape(_TAG.sub("", p)) if isinstance(p, str) else p for p in markup)
    return tuple(plain), markup


def _breakable(mathml: str) -> str:
    """The formula in pieces that may stand in several lines; no parenthesis is torn apart.

    A number stands between two formulas, where it can be focused; one in an exponent or a root
    does not.
    """
    (row,) = ET.fromstring(mathml)
    pieces: list[str] = [""]
    depth = 0
    for part in row:
        sign = part.text if part.tag == f"{_MATHML}mo" else ""
        depth += (sign == "(") - (sign == ")")
        if sign in _BREAKS and pieces[0] and not depth:
            pieces.append("")
        if sign in _BREAKS:
            # Beside a number, or in the front, it would be taken for a number's own sign.
            part.set("form", "infix")
        if part.tag == f"{_MATHML}mspace" and part.get("width") == "1em":
            pieces += [_GAP, ""]  # between two formulas
        else:
            plain = _plain(part)
            pieces[-1] += _OUTSIDE if _PLACE.fullmatch(plain) else _PLACE.sub(_WITHIN, plain)
    return "".join(piece if piece == _GAP else _in_one_line(piece) for piece in pieces)


def _in_one_line(piece: str) -> str:
    """A piece as HTML that no line ends in."""
    inside = f"<math>{piece}</math>".replace("<math></math>", "")
    return f'<span class="live-piece">{inside}</span>'


def _plain(element: ET.Element) -> str:
    """An element as HTML has it, without a namespace."""
    for each in element.iter():
        each.tag = each.tag.removeprefix(_MATHML)
    return ET.tostring(element, encoding="unicode")

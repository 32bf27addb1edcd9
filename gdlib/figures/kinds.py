"""The kinds of arguments that figures take: how each is read, and what it means.

A kind says how an argument is read and what it means. A figure names it in its signature, with
words of its own where the common ones do not fit: `Annotated[Number, "the weight to begin at"]`.
One file, so that a new kind has one place to go.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import sympy as sp

from gdlib._argument_checks import generator
from gdlib.data import Digits
from gdlib.figures.door import NAME, Door, Kind, refused
from gdlib.landscape import Box, Start
from gdlib.live import LiveError
from gdlib.spelling import SpellingError, read
from gdlib.symbolic import SymbolicNetwork


def short(value: Any) -> str:
    """An expression or another thing as text that fits into a sentence."""
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else text[:79] + "…"


def _formula(door: Door, name: str, value: Any) -> sp.Expr:
    """An expression of the figure's own symbols."""
    if isinstance(value, str):
        try:
            value = read(value, [weight.name for weight in door.weights.values()])
        except SpellingError as error:
            raise LiveError(f"{name}: {error}") from None
    elif isinstance(value, sp.Poly):
        value = value.as_expr()
    elif callable(value):
        raise LiveError(f"{name} is a function; write an expression, {_instead(value)}")
    try:
        exact = sp.sympify(value, strict=True)
    except (sp.SympifyError, TypeError):
        raise refused(name, value, "a SymPy expression, or its text") from None
    if not isinstance(exact, sp.Expr) or exact.is_Matrix or isinstance(value, bool):
        raise LiveError(f"{name} is {short(exact)}; expected one expression with a number as value")
    strangers = [s for s in exact.free_symbols if not isinstance(s, sp.Symbol)]
    if strangers:
        raise LiveError(f"{name} contains {short(strangers[0])}, which is no symbol of a number")
    exact = door.own(exact)
    large = {n: sp.Float(n) for n in exact.atoms(sp.Rational) if max(abs(n.p), n.q) > 2**53}
    exact = exact.xreplace(large)  # NumPy has no integers of any length
    if _overflows(exact):
        raise LiveError(f"{name} contains a number that is too large to be drawn")
    if exact.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise LiveError(f"{name} is {short(exact)}, which is not defined")
    return exact.replace(_is_partial, lambda e: sp.Piecewise(*e.args, (sp.nan, True)))


def _overflows(e: sp.Expr) -> bool:
    """Whether a number, or a constant part of an expression, is too large for a float."""
    parts = [n for n in sp.preorder_traversal(e) if n.is_Number or (n.is_number and n.args)]
    try:
        return any(not abs(complex(n)) < 1e100 for n in parts)
    except (OverflowError, TypeError):
        return True


def _is_partial(e: sp.Basic) -> bool:
    """Whether this is a Piecewise that says nothing of the rest."""
    return isinstance(e, sp.Piecewise) and e.args[-1].cond != sp.true


def _instead(function: Callable[..., Any]) -> str:
    """The expression to write instead of a function: what it makes of symbols, if it can."""
    if isinstance(function, sp.FunctionClass):
        return f'such as "{function.__name__}(w)"'
    try:
        symbols = [sp.Symbol(p, real=True) for p in inspect.signature(function).parameters]
        made = function(*symbols)
    except Exception:  # whatever a reader's function raises, it is not what can be drawn
        made = None
    if isinstance(made, sp.Expr) and made.free_symbols:
        return f"{short(made)}"
    named = getattr(function, "__name__", "")
    known = isinstance(getattr(sp, named, None), type) and named.isidentifier()
    return f'such as "{named}(w)"' if known else 'such as "sin(3*w)"'


def _formulas(door: Door, name: str, value: Any) -> dict[str, sp.Expr]:
    if not isinstance(value, Mapping) or not value:
        raise refused(name, value, "a dict of names and expressions")
    return {
        _text(door, f"a name in {name}", key): _formula(door, f"{name}[{key!r}]", e)
        for key, e in value.items()
    }


def _several(value: Any) -> tuple[Any, ...] | None:
    """The items of a collection; None for anything else, and for a text."""
    return tuple(value) if np.iterable(value) and not isinstance(value, str) else None


_LARGEST = 1e12


def number(low: float = -_LARGEST, high: float = _LARGEST) -> Kind:
    """The kind of a number from low to high."""
    within = f"a number from {low:g} to {high:g}"
    expected = "a finite number" if (low, high) == (-_LARGEST, _LARGEST) else within

    def convert(_: Door, name: str, value: Any) -> float:
        try:
            found = np.nan if isinstance(value, (bool, str)) or np.ndim(value) else float(value)
        except (TypeError, ValueError, OverflowError):
            found = np.nan
        if not low <= found <= high:
            raise refused(name, value, expected)
        return found

    return Kind(convert, "a number")


def numbers(number_of: int, low: float, high: float) -> Kind:
    """The kind of several numbers, each from low to high."""
    one = number(low, high)

    def convert(door: Door, name: str, value: Any) -> tuple[float, ...]:
        several = _several(value)
        if several is None or len(several) != number_of:
            raise refused(name, value, f"{number_of} numbers")
        return tuple(one.read(door, name, v) for v in several)

    return Kind(convert, "numbers")


def whole(least: int = 0, most: int = 2**31) -> Kind:
    """The kind of a whole number from least to most."""

    def convert(_: Door, name: str, value: Any) -> int:
        fits = not isinstance(value, (bool, np.bool_, str)) and np.ndim(value) == 0
        try:
            fits = fits and bool(int(value) == value and least <= value <= most)
        except (TypeError, ValueError, OverflowError):
            fits = False
        if not fits:  # a range would be walked through for what is no int
            raise refused(name, value, f"a whole number from {least} to {most}")
        return int(value)

    return Kind(convert, "a whole number")


def _pair(name: str, value: Any) -> tuple[float, float]:
    """The two ends of a range, low before high, far enough apart to be drawn."""
    read_one = number().read
    try:
        low, high = value
    except (TypeError, ValueError):
        raise refused(name, value, "a range (low, high)") from None
    ends = tuple(read_one(Door(), name, end) for end in (low, high))
    check_range(name, *ends)
    return ends


def check_range(name: str, low: float, high: float) -> None:
    """Raise `LiveError` unless low is below high, by more than rounding."""
    if not low < high:
        raise LiveError(f"{name} goes from {low:g} to {high:g}: the first must be below the second")
    if high - low < 1e-7 * max(abs(low), abs(high)):
        raise LiveError(f"{name} goes from {low:g} to {high:g}: too narrow to be drawn")


def _by_symbol(door: Door, name: str, value: Any, what: str) -> dict[sp.Symbol, Any]:
    """A dict by the figure's own symbols."""
    if not isinstance(value, Mapping) or not value:
        raise refused(name, value, f"a dict with {what} for each symbol")
    own = {}
    for key, item in value.items():
        if (symbol := door.symbol(key)) is None:
            raise refused(name, key, "a symbol, or its name")
        if symbol in own:
            raise LiveError(f"{name} names {symbol.name} twice")
        own[symbol] = item
    return own


def _over(door: Door, name: str, value: Any) -> Box:
    ranges = _by_symbol(door, name, value, "a range (low, high)")
    if len(ranges) > 2:
        raise LiveError(f"{name} has {len(ranges)} ranges; expected one for each of two weights")
    return {s: _pair(f"{name}[{s.name}]", ends) for s, ends in ranges.items()}


def _start(door: Door, name: str, value: Any) -> Start:
    places = _by_symbol(door, name, value, "a number")
    return {s: number().read(door, f"{name}[{s.name}]", at) for s, at in places.items()}


def _numbers(_: Door, name: str, value: Any) -> np.ndarray:
    """Finite numbers in an array of one or two dimensions."""
    try:
        if isinstance(value, np.ma.MaskedArray) or np.iscomplexobj(value):
            raise TypeError
        array = np.array(value, float)
    except (TypeError, ValueError, OverflowError):
        raise refused(name, value, "numbers") from None
    if not array.size or array.ndim not in (1, 2) or not (np.abs(array) < 1e100).all():
        raise refused(name, value, "finite numbers, at least one")
    return array


def _column(door: Door, name: str, value: Any) -> np.ndarray:
    array = _numbers(door, name, value)
    if array.ndim != 1:
        raise LiveError(f"{name} has shape {array.shape}; expected one number a row")
    return array


def _columns(door: Door, name: str, value: Any) -> dict[sp.Symbol, np.ndarray]:
    given = _by_symbol(door, name, value, "an array")
    columns = {s: _column(door, f"{name}[{s.name}]", column) for s, column in given.items()}
    same_length(**{f"{name}[{s.name}]": column for s, column in columns.items()})
    return columns


def same_length(**columns: np.ndarray) -> None:
    """Raise `LiveError` unless all have as many rows."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{n} numbers in {name}" for name, n in lengths.items())
        raise LiveError(f"{found}; expected as many in each")


def _symbols(door: Door, name: str, value: Any) -> list[sp.Symbol]:
    """The figure's own symbols, in the order of the reader's."""
    own = [door.symbol(s) for s in _several(value) or ()]
    if not own or None in own or len(set(own)) < len(own):
        raise refused(name, value, "different symbols, at least one")
    return own


def _of_network(_: Door, name: str, value: Any) -> tuple[sp.Symbol, ...]:
    """Symbols of a network, which stay as they are."""
    several = _several(value)
    if several is None or not all(isinstance(s, sp.Symbol) for s in several):
        raise refused(name, value, "symbols of the network")
    return several


def _generator(_: Door, name: str, value: Any) -> np.random.Generator:
    try:
        return generator(name, value)
    except ValueError as error:
        raise LiveError(str(error)) from None


def _values(_: Door, name: str, value: Any) -> dict[sp.Symbol, float]:
    """Numbers for symbols of a network, which stay as they are."""
    if not isinstance(value, Mapping):
        raise refused(name, value, "a dict with a number for each symbol")
    return {s: number().read(_, f"{name}[{s}]", v) for s, v in value.items()}


def _texts(number_of: int | None = None) -> Kind:
    def convert(door: Door, name: str, value: Any) -> tuple[str, ...]:
        several = _several(value)
        if several is None or number_of not in (None, len(several)):
            raise refused(name, value, f"{number_of or 'some'} texts")
        return tuple(_text(door, name, v) for v in several)

    return Kind(convert, "names")


def _text(_: Door, name: str, value: Any) -> str:
    """A text that neither a readout nor Matplotlib takes for a formula."""
    if not isinstance(value, str) or not value.strip() or not NAME.fullmatch(value):
        raise refused(name, value, "a short text without { } $ or \\")
    return value


def wholes(least: int, most: int) -> Kind:
    """The kind of several whole numbers, each from least to most."""
    one = whole(least, most)

    def convert(door: Door, name: str, value: Any) -> tuple[int, ...]:
        several = _several(value)
        if not several:
            raise refused(name, value, "whole numbers, at least one")
        return tuple(one.read(door, name, v) for v in several)

    return Kind(convert, "whole numbers")


def _network(_: Door, name: str, value: Any) -> SymbolicNetwork:
    if not isinstance(value, SymbolicNetwork):
        raise LiveError(
            f"{name} is a {type(value).__name__}; expected a network from gdlib.symbolic.network"
        )
    return value


def _digits(_: Door, name: str, value: Any) -> Digits:
    if not isinstance(value, Digits):
        raise refused(name, value, "digits, as gdlib.data.load_digits returns them")
    return value


def _yes_or_no(_: Door, name: str, value: Any) -> bool:
    """True or False, of Python or of NumPy."""
    if not isinstance(value, (bool, np.bool_)):
        raise refused(name, value, "True or False")
    return bool(value)


ANYTHING = Kind(lambda door, name, value: value, "")
"""What a figure reads itself."""
OF_NETWORK = Kind(_of_network, "symbols of the network")
GENERATOR = Kind(_generator, "a whole number that seeds the draw, or a generator")
DIGITS = Kind(_digits, "digits, as gdlib.data.load_digits returns them")

Formula = Annotated[Any, Kind(_formula, 'an expression of one weight, or its text: "sin(3*w)"')]
OfTwo = Annotated[Any, Kind(_formula, 'an expression of two weights, or its text: "w² + 3b²"')]
Formulas = Annotated[Mapping[str, Any], Kind(_formulas, "expressions, or their texts, by name")]
Number = Annotated[float, number()]
Low = Annotated[float, number(), "where the weight's axis begins, in the weight's unit"]
High = Annotated[float, number(), "where the weight's axis ends"]
Begin = Annotated[float, number(), "the weight to start from"]
AnyBegin = Annotated[Begin | None, "the weight to start from; if None, one that shows something"]
Over = Annotated[
    Box, Kind(_over, "the range of each weight: (low, high), the horizontal one first", early=True)
]
At = Annotated[Start, Kind(_start, "the value of each weight to start from, within its range")]
Steps = Annotated[int, whole(1, 2000), "how many steps of descent"]
Predict = Annotated[bool, Kind(_yes_or_no, ""), "whether a page asks for a guess first"]
Rate = Annotated[float, number(1e-6, 1e6), "the learning rate η to start with"]
Seed = Annotated[int, whole(), "a whole number; the same draws the same numbers"]
Column = Annotated[Any, Kind(_column, "one number a row")]
Columns = Annotated[
    Mapping[sp.Symbol, Any],
    Kind(_columns, "an array, one number a row, for each symbol of a row", early=True),
]
Numbers = Annotated[Any, Kind(_numbers, "numbers")]
Symbols = Annotated[Sequence[sp.Symbol], Kind(_symbols, "symbols", early=True)]
Values = Annotated[
    Start, Kind(_values, "numbers for some inputs and parameters; the others are drawn by `seed`")
]
Names = Annotated[tuple[str, str], _texts(2), "what to write at the two axes of the data"]
Texts = Annotated[Sequence[str], _texts()]
Text = Annotated[str, Kind(_text, "a text")]
Examples = Annotated[
    Sequence[str], _texts(), "losses to try in a page, as buttons beside the one that can be typed"
]
Network = Annotated[SymbolicNetwork, Kind(_network, "a network of gdlib.symbolic.network")]

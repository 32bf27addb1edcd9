"""The checks that the mathematics shares: each takes an argument's name and says what came."""

from collections.abc import Iterable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def bad(name: str, value: object, expected: str) -> ValueError:
    """The one error of this library: which argument, what came, what was expected."""
    return ValueError(f"{name} = {value!r}: expected {expected}")


def numbers(name: str, value: Any) -> Array:
    """An array of floating-point numbers without NaN; integers become float64."""
    try:
        array = np.asarray(value)
        # Complex numbers stay complex, so that a complex step passes through every function.
        array = array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)
    except (TypeError, ValueError) as error:
        raise bad(name, value, "numbers") from error
    if np.isnan(array).any():
        raise bad(name, value, "numbers, not NaN")
    return array


def finite(name: str, value: Any) -> Array:
    """As `numbers`, and no infinity either."""
    array = numbers(name, value)
    if not np.isfinite(array).all():
        raise bad(name, value, "finite numbers")
    return array


def scalar(name: str, value: Any, low: float = -np.inf, high: float = np.inf) -> float:
    """One real number strictly between low and high."""
    array = finite(name, value)
    if array.ndim or np.iscomplexobj(array) or not low < array < high:
        raise bad(name, value, f"a number between {low} and {high}, both excluded")
    return float(array)


def count(name: str, value: Any, least: int = 0) -> int:
    """A whole number, at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise bad(name, value, f"a whole number, at least {least}")
    return int(value)


def member(name: str, value: Any, choices: Iterable[str]) -> str:
    """One of the names in `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise bad(name, value, "one of " + ", ".join(map(repr, choices)))
    return value


def shaped(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """An array of exactly this shape."""
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: expected {shape}")
    return array

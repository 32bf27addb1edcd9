"""Argument checks for the whole library: each takes the argument's name, for its error."""

from collections.abc import Iterable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def bad(name: str, value: object, expected: str) -> ValueError:
    """The library's only error: which argument, what was passed, what was expected."""
    came = " ".join(repr(value).split())  # on one line; a long array is cut below
    return ValueError(
        f"{name} = {came if len(came) <= 99 else came[:99] + '…'}: expected {expected}"
    )


def _inexact(value: Any) -> Array:
    """An array of floating-point numbers; integers become float64.

    Complex numbers stay complex, so that a complex step passes through every function.
    """
    array = np.asarray(value)
    return array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)


def numbers(name: str, value: Any) -> Array:
    """An array of floating-point numbers without NaN or a mask; integers become float64."""
    if isinstance(value, np.ma.MaskedArray):
        raise bad(name, value, "an array without a mask, which would be dropped")
    try:
        array = _inexact(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise bad(name, value, "numbers") from error
    if np.isnan(array).any():
        raise bad(name, value, "numbers, not NaN")
    return array


def finite(name: str, value: Any) -> Array:
    """Like `numbers`, but without infinities."""
    array = numbers(name, value)
    if not np.isfinite(array).all():
        raise bad(name, value, "finite numbers")
    return array


def real(name: str, value: Any) -> Array:
    """Like `finite`, and not complex."""
    array = finite(name, value)
    if np.iscomplexobj(array):
        raise bad(name, value, "real numbers")
    return array


def scalar(name: str, value: Any, low: float = -np.inf, high: float = np.inf) -> float:
    """One real number strictly between low and high."""
    array = finite(name, value)
    if array.ndim or np.iscomplexobj(array) or not low < array < high:
        raise bad(name, value, f"a number between {low} and {high}, both excluded")
    return float(array)


def share(name: str, value: Any) -> float:
    """A share of the past that is kept at each step, 0 ≤ β < 1."""
    if not 0 <= scalar(name, value) < 1:
        raise bad(name, value, "a number from 0 up to, but not including, 1")
    return float(value)


def count(name: str, value: Any, least: int = 0) -> int:
    """A whole number, at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise bad(name, value, f"a whole number, at least {least}")
    return int(value)


def several(name: str, value: Any) -> list[Any]:
    """The items of an iterable, as a list."""
    try:
        return list(value)
    except TypeError as error:
        raise bad(name, value, "a sequence") from error


def member(name: str, value: Any, choices: Iterable[str]) -> str:
    """One of the names in `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise bad(name, value, "one of " + ", ".join(map(repr, choices)))
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """A generator: the one passed, a new one seeded with a whole number, or an unseeded one."""
    try:
        return np.random.default_rng(value)
    except (TypeError, ValueError) as error:
        raise bad(
            name, value, "a numpy.random.Generator, a whole number from 0 on, or None"
        ) from error


def floating(name: str, value: Any) -> np.dtype[Any]:
    """A dtype of real floating-point numbers."""
    try:
        dtype = np.dtype(value)
    except TypeError as error:
        raise bad(name, value, "a dtype") from error
    if not np.issubdtype(dtype, np.floating):
        raise bad(name, value, "a dtype of floating-point numbers")
    return dtype


def slopes(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """Real numbers in exactly this shape; infinite ones or NaN where a path diverges."""
    try:
        if isinstance(value, np.ma.MaskedArray) or np.iscomplexobj(value):
            raise TypeError
        array = _inexact(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise bad(name, value, "real numbers without a mask") from error
    return shaped(name, array, shape)


def shaped(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """An array of exactly this shape."""
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: expected {shape}")
    return array


def matrix(name: str, value: Any, columns: int | None = None) -> Array:
    """Finite numbers in rows and columns, at least one of each; `columns` says how many."""
    array = finite(name, value)
    if array.ndim != 2 or array.size == 0 or columns not in (None, array.shape[1]):
        expected = f"(n, {columns or 'k'}), not empty"
        raise ValueError(f"{name} has shape {array.shape}: expected {expected}")
    return array


def between(name: str, value: Array, low: float, high: float) -> Array:
    """Numbers that all lie from low to high, both included."""
    if not ((value.real >= low) & (value.real <= high)).all():
        raise bad(name, value, f"numbers from {low} to {high}")
    return value


def truth(y: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """y in the shape and dtype of the prediction; only (n,) and (n, 1) are interchangeable."""
    y = real("y", y)
    n = shape[:1]
    if y.shape != shape and (not n or {y.shape, shape} != {n, (*n, 1)}):
        raise ValueError(f"y has shape {y.shape}: expected {shape}, as the prediction")
    return y.reshape(shape).astype(dtype)


def one_hot(y: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """Labels (n,), or rows (n, K) that sum to 1, as rows of the prediction's shape and dtype."""
    y, (n, K) = real("y", y), shape
    if y.shape == shape:
        off_by = abs(between("y", y, 0, 1).sum(axis=1) - 1).max()
        if off_by > np.sqrt(np.finfo(y.dtype).eps):
            raise bad("y", y, "one-hot rows that sum to 1")
        return y.astype(dtype)
    if y.shape != (n,):
        raise ValueError(f"y has shape {y.shape}: expected ({n},) or ({n}, {K})")
    if not np.isin(y, range(K)).all():
        raise bad("y", y, f"class labels, whole numbers from 0 to {K - 1}")
    return np.eye(K, dtype=dtype)[y.astype(int)]


def targets(y: Any, shape: tuple[int, int], dtype: Any, output: str) -> Array:
    """y as a network's output function needs it; labels of K > 1 classes become one-hot."""
    classes = np.ndim(y) == 1 and shape[1] > 1 and output != "linear"
    if output == "softmax" or classes:
        return one_hot(y, shape, dtype)
    y = truth(y, shape, dtype)
    return between("y", y, 0, 1) if output == "sigmoid" else y

"""Slopes from values alone: secants, differences, the complex step, and a gradient checker."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gdlib._argument_checks import Array, bad, finite, real, shaped


def _step(h: Any, w: Array) -> Any:
    """h as given, or the step that balances the two errors of a central difference."""
    if h is None:  # truncation shrinks like h², rounding grows like ε/h: they meet at ε^(1/3)
        return np.finfo(w.dtype).eps ** (1 / 3) * np.maximum(1, np.abs(w))
    step = finite("h", h).astype(w.real.dtype)
    if (step == 0).any():
        raise bad("h", h, "a step that is not zero")
    return step


@np.errstate(all="ignore")
def secant_slope(f: Callable[[Any], Any], w: Any, h: Any) -> Any:
    r"""The slope of the line through two points of the curve, a step h apart.

    :math:`\frac{f(w + h) - f(w)}{h}`, elementwise in w and h; its limit for h → 0 is f′(w).
    ValueError for h = 0.
    """
    w = finite("w", w)
    h = _step(h, w)
    return (f(w + h) - f(w.copy())) / h


@np.errstate(all="ignore")
def central_difference(f: Callable[[Any], Any], w: Any, h: Any = None) -> Any:
    r"""The slope of the secant that reaches equally far on either side of w.

    :math:`\frac{f(w + h) - f(w - h)}{2h} = f'(w) + \frac{h^2}{6} f'''(w) + \dots`, elementwise in
    w and h. Without h: :math:`h = \varepsilon^{1/3} \max(1, |w|)`. ValueError for h = 0.
    """
    w = finite("w", w)
    h = _step(h, w)
    return (f(w + h) - f(w - h)) / (2 * h)


@np.errstate(all="ignore")
def complex_step(f: Callable[[Any], Any], w: Any, h: float = 1e-20) -> Any:
    r"""The derivative from a step in the imaginary direction, where nothing is subtracted.

    :math:`\frac{\operatorname{Im} f(w + ih)}{h} = f'(w) - \frac{h^2}{6} f'''(w) + \dots`,
    elementwise in w (Squire and Trapp 1998, doi:10.1137/S003614459631241X). ValueError for h = 0,
    and where f drops the imaginary part by returning a real number.
    """
    w = real("w", w)
    h = _step(h, w)
    value = f(w + 1j * h)
    if not np.iscomplexobj(value):
        raise bad("f", f, "a function that keeps the imaginary part; this one returned a real")
    return np.imag(value) / h


def numerical_gradient(f: Callable[[Any], Any], w: Any, h: Any = None) -> Array:
    r"""The gradient of f, a number, at an array w of any shape: a central difference per entry.

    :math:`\frac{\partial f}{\partial w_i} \approx \frac{f(w + h e_i) - f(w - h e_i)}{2h}`: two
    evaluations of f for every entry of w. ValueError where f does not return one number.
    """
    w = real("w", w)
    gradient = np.empty_like(w)
    for i in np.ndindex(w.shape):
        gradient[i] = central_difference(partial(_with_entry, f, w, i), w[i], h)
    return gradient


def _with_entry(f: Callable[[Any], Any], w: Array, i: tuple[int, ...], value: Any) -> Any:
    """f with entry i of w replaced by this value; w itself is not changed."""
    w = w.copy()
    w[i] = value
    return _number(f(w))


def _number(value: Any) -> Any:
    """The value of f as one number."""
    if np.size(value) != 1:
        raise ValueError(f"f returned shape {np.shape(value)}: expected one number")
    return np.reshape(value, ())[()]


def directional_slope(f: Callable[[Any], Any], w: Any, u: Any) -> Any:
    r"""The slope of f at w along u, whatever the length of u.

    :math:`\frac{d}{dt} f\!\left(w + t \frac{u}{\|u\|}\right)` at t = 0, which is
    :math:`\nabla f \cdot u / \|u\|`; w and u of the same shape. ValueError for u = 0.
    """
    w = real("w", w)
    u = shaped("u", real("u", u), w.shape).astype(w.dtype)
    length = np.linalg.norm(u)
    if length == 0:
        raise bad("u", u, "a direction, not zero")
    h = _step(None, np.max(np.abs(w)))
    return central_difference(lambda t: _number(f(w + t * u / length)), w.dtype.type(0), h)


class GradientError(float):
    """How far a gradient is from the numerical one, and the entry where it is worst.

    `worst` is that entry's own error, between 0 and 1, and `at` its place in the array.
    """

    worst: float
    at: tuple[int, ...]

    def __repr__(self) -> str:
        place = f" at {self.at}" if self.at else ""
        return f"{float(self):.2g}, the worst entry{place}: {self.worst:.2g}"


def check_gradient(f: Callable[[Any], Any], grad: Callable[[Any], Any], w: Any) -> GradientError:
    r"""How far a gradient is from the numerical one, between 0 and 1.

    :math:`\frac{\|g - \hat g\|}{\|g\| + \|\hat g\|}` with g = grad(w) and ĝ the numerical gradient
    of f; 0 when both vanish, as where f is flat. About 1e-10 is right in float64, 1e-3 in float32,
    1e-2 is a bug. At a kink ĝ is the mean of the slopes on either side, and g is at best one of
    them.

    A small entry among large ones can be wrong without being seen in that. The result is a number
    that also knows its worst entry: :math:`|g_i - \hat g_i|` beside :math:`|g_i| + |\hat g_i|`, or
    beside 1000 times what rounding does to :math:`\hat g_i` if that is larger. Up to 1e-2 is right.
    """
    w = real("w", w)
    g = shaped("grad(w)", real("grad(w)", grad(w.copy())), w.shape)
    g_hat = finite("the numerical gradient", numerical_gradient(f, w))
    largest = max(abs(g).max(initial=0), abs(g_hat).max(initial=0))
    if largest == 0:
        return _gradient_error(0.0, np.zeros(w.shape))
    with np.errstate(all="ignore"):
        rounding = np.finfo(w.dtype).eps * abs(float(_number(f(w.copy())))) / _step(None, w)
        sizes = np.maximum(abs(g) / 2 + abs(g_hat) / 2, 500 * rounding)
        entries = np.nan_to_num(abs(g / 2 - g_hat / 2) / sizes)
    g, g_hat = g / largest, g_hat / largest  # so that no square overflows, or vanishes
    error = np.linalg.norm(g - g_hat) / (np.linalg.norm(g) + np.linalg.norm(g_hat))
    return _gradient_error(float(error), entries)


def _gradient_error(error: float, entries: Array) -> GradientError:
    """The error of the whole, with the worst of the entries."""
    result = GradientError(error)
    place = np.unravel_index(np.argmax(entries), entries.shape) if entries.size else ()
    result.at = tuple(map(int, place))
    result.worst = float(entries[place]) if entries.size else 0.0
    return result

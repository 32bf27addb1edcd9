"""Compares a formula with the code that implements it, and shows the outcome as a badge.

The three faces of a formula are SymPy's expression, evaluated to 30 digits; the NumPy function;
and, for a derivative, the difference quotient of the function it is the derivative of.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from gdlib._argument_checks import Array, bad, count, finite, real, scalar, shaped
from gdlib.slope import numerical_gradient

# A difference quotient is itself accurate only to about 1e-10; SymPy holds the formula to `rtol`.
QUOTIENT_RTOL = 1e-6


class Disagreement(AssertionError):
    """The faces of a formula differ; the message gives the worst point and all values there."""


@dataclass(frozen=True)
class Agreement:
    """What was compared, on how many points, and the worst relative error found on them."""

    formula: Any
    faces: tuple[str, ...]
    worst_relative_error: float
    points: int

    def __str__(self) -> str:
        error = f"worst relative error {self.worst_relative_error:.0g}"
        return f"✓ {' = '.join(self.faces)} · {self.points} points · {error}"

    def __repr__(self) -> str:
        return f"{self}\n  {self.formula}"

    def _repr_html_(self) -> str:
        formula = html.escape(str(self.formula), quote=True)
        return f'<p class="agreement" title="{formula}">{html.escape(str(self))}</p>'


@np.errstate(all="ignore")
def agree(
    symbolic: Any,
    numeric: Callable[..., Any],
    symbols: Any,
    *,
    of: Callable[..., Any] | None = None,
    domain: Any = (-2, 2),
    points: int = 200,
    seed: int = 0,
    rtol: float = 1e-9,
    also: Sequence[Any] = (),
) -> Agreement:
    """Compares `symbolic`, an expression or Matrix, with `numeric` at random points of `domain`.

    `numeric` is called point by point, with one argument for each entry of `symbols`: a number for
    a symbol, an array of that shape for a list of symbols, a nested list or a Matrix. (A function
    that does not take single numbers is called once, with arrays of all points.) It returns as
    many numbers as `symbolic` has entries, in the same shape where `symbolic` has rows and columns.
    `domain` is (low, high), or a dict of those by symbol; `also` are further points, such as kinks
    and ends, each with one value for each entry of `symbols`.

    With `of`, a function of the same arguments, `numeric` must also be its difference quotient:
    with respect to all symbols, or, where `symbolic` has fewer entries, to the one argument that
    fits. Of two that fit, the second is taken: the truth comes first, the prediction second. The
    badge says by which.

    Errors are relative to the entry's own size, or to a thousandth of its median if that is larger;
    `rtol` is the largest allowed. `points` are drawn from `seed`.
    Raises Disagreement where the values differ or are not finite, ValueError for anything that
    cannot be compared.
    """
    arguments = _arguments(symbols)
    formula, entries = _entries(symbolic, [s for argument in arguments for s in argument.flat])
    scalar("rtol", rtol, 0, 1)
    sample = _sample(arguments, domain, count("points", points, least=1), seed)
    sample = _with_points(sample, arguments, also)
    expected = _high_precision(entries, arguments, sample)
    actual = _numeric(numeric, sample, arguments, np.shape(formula) or (1,))
    faces = {"SymPy": expected, "NumPy": actual}
    worst = _compare(formula, arguments, sample, faces, rtol, floor=1e-3)
    if of is not None:
        name, quotient = _best_quotient(of, arguments, sample, actual)
        faces[name] = quotient
        _compare(formula, arguments, sample, faces, max(rtol, QUOTIENT_RTOL), floor=1)
    return Agreement(formula, tuple(faces), worst, len(actual))


def _arguments(symbols: Any) -> list[Array]:
    """The arguments of `numeric`, each an array of symbols; () is the shape of a single one."""
    symbols = [symbols] if isinstance(symbols, sp.Symbol) else list(symbols)
    arguments = [np.array(s.tolist() if hasattr(s, "tolist") else s, dtype=object) for s in symbols]
    flat = [s for argument in arguments for s in argument.flat]
    if not flat or not all(isinstance(s, sp.Symbol) for s in flat) or len(set(flat)) < len(flat):
        raise bad("symbols", symbols, "one or more different symbols")
    return arguments


def _entries(symbolic: Any, symbols: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The formula to show, and its entries; every free symbol has to be among `symbols`."""
    formula = sp.Matrix(symbolic) if isinstance(symbolic, list | tuple) else sp.sympify(symbolic)
    formula = formula.doit()
    entries = list(sp.flatten(formula)) if hasattr(formula, "shape") else [formula]
    unknown = formula.free_symbols - set(symbols)
    if not entries or unknown:
        raise bad("symbolic", symbolic, f"symbols only from {symbols}, without {unknown}")
    if formula.has(sp.zoo, sp.oo, -sp.oo, sp.nan):
        raise bad("symbolic", symbolic, "a formula with finite values")
    return formula, entries


def _sample(arguments: list[Array], domain: Any, points: int, seed: int) -> list[Array]:
    """For every argument an array (points, *shape), uniform in the domain of each symbol."""
    rng = np.random.default_rng(seed)
    by_symbol = dict(domain) if isinstance(domain, Mapping) else {}
    unknown = set(by_symbol) - {s for argument in arguments for s in argument.flat}
    if unknown:
        raise bad("domain", domain, f"symbols that are compared, without {unknown}")
    default = (-2, 2) if isinstance(domain, Mapping) else domain

    def column(symbol: Any) -> Array:
        limits = finite("domain", by_symbol.get(symbol, default))
        if limits.shape != (2,) or not limits[0] < limits[1]:
            raise bad("domain", domain, f"(low, high) with low < high, for {symbol}")
        return rng.uniform(limits[0], limits[1], size=points)

    return [
        np.stack([column(s) for s in argument.flat], axis=1).reshape(points, *argument.shape)
        for argument in arguments
    ]


def _with_points(sample: list[Array], arguments: list[Array], also: Sequence[Any]) -> list[Array]:
    """The sample, and after it the points that were asked for."""
    if not len(also):
        return sample
    alone = len(arguments) == 1 and not arguments[0].shape
    points = [(point,) if alone and np.ndim(point) == 0 else tuple(point) for point in also]
    if any(len(point) != len(arguments) for point in points):
        raise bad("also", also, f"points with {len(arguments)} values each, one for each argument")
    return [
        np.concatenate(
            [values, [shaped("also", real("also", p[i]), argument.shape) for p in points]]
        )
        for i, (values, argument) in enumerate(zip(sample, arguments, strict=True))
    ]


def _high_precision(entries: list[Any], arguments: list[Array], sample: list[Array]) -> Array:
    """SymPy's values, (points, entries), with 30 digits: reliable where NumPy may round."""
    symbols = [s for argument in arguments for s in argument.flat]
    evaluate = sp.lambdify(symbols, entries, modules="mpmath", cse=True)
    rows = np.concatenate([values.reshape(len(values), -1) for values in sample], axis=1)
    with mpmath.workdps(30):
        return np.array([_real_row(evaluate, row, len(entries)) for row in rows.tolist()])


def _real_row(evaluate: Callable[..., Any], row: list[float], entries: int) -> list[float]:
    """One point's values; NaN where the value is not real."""
    try:
        values = evaluate(*map(mpmath.mpf, row))
    except ZeroDivisionError:
        return [np.nan] * entries
    return [float(mpmath.re(v)) if mpmath.im(v) == 0 else np.nan for v in values]


def _numeric(
    numeric: Callable[..., Any], sample: list[Array], arguments: list[Array], shape: tuple[int, ...]
) -> Array:
    """NumPy's values, (points, entries)."""
    points, entries = len(sample[0]), int(np.prod(shape))
    try:
        found = [np.asarray(numeric(*point)) for point in zip(*sample, strict=True)]
        if min(shape) > 1 and any(v.shape != shape for v in found):
            shapes = {v.shape for v in found}
            raise Disagreement(f"{numeric!r} returns the shape {shapes}, the formula has {shape}")
        values = [np.ravel(v) for v in found]
    except (TypeError, ValueError, IndexError):
        if any(argument.shape for argument in arguments):
            raise
        values = list(np.reshape(numeric(*sample), (-1, points)).T)
    if any(v.size != entries or np.iscomplexobj(v) for v in values):
        shapes = {v.shape for v in values}
        raise bad("numeric", numeric, f"{entries} real numbers at every point, not {shapes}")
    return np.array(values, dtype=float)


def _best_quotient(
    of: Callable[..., Any], arguments: list[Array], sample: list[Array], actual: Array
) -> tuple[str, Array]:
    """The difference quotients of `of` for the symbols that fit, and their name."""
    entries = actual.shape[1]
    ends = [0, *accumulate(argument.size for argument in arguments)]
    candidates = [slice(*pair) for pair in pairwise(ends)] + [slice(0, ends[-1])]
    fitting = [c for c in candidates if c.stop - c.start == entries]
    if not fitting:
        raise bad("of", of, f"a function of {entries} symbols, or with an argument of that size")
    if len(arguments) == 2:
        fitting = fitting[-1:]
    gradients = np.array([_quotients(of, arguments, point) for point in zip(*sample, strict=True)])
    best = min(
        fitting,
        key=lambda c: np.nan_to_num(np.abs(gradients[:, c] - actual), nan=np.inf).max(),
    )
    return "difference quotient" + _by(best, arguments), gradients[:, best]


def _by(chosen: slice, arguments: list[Array]) -> str:
    """Which of several symbols a function was differentiated by; nothing if by all of them."""
    symbols = [s for argument in arguments for s in argument.flat]
    own = [s.name for s in symbols[chosen]]
    if len(own) == len(symbols):
        return ""
    return f" by {', '.join(own) if len(own) < 4 else f'{own[0]}, …, {own[-1]}'}"


def _quotients(of: Callable[..., Any], arguments: list[Array], point: Sequence[Any]) -> Array:
    """The gradient of `of` at one point, over all symbols in one row."""
    sizes = list(accumulate(argument.size for argument in arguments))[:-1]

    def flat(row: Array) -> Any:
        parts = np.split(row, sizes)
        return of(*[v.reshape(arg.shape)[()] for v, arg in zip(parts, arguments, strict=True)])

    row = np.concatenate([np.ravel(values) for values in point])
    h = np.finfo(float).eps ** (1 / 3)
    # Two step lengths, so that the error in h² cancels: near a pole a single one is too inaccurate.
    return (4 * numerical_gradient(flat, row, h / 2) - numerical_gradient(flat, row, h)) / 3


def _compare(
    formula: Any,
    arguments: list[Array],
    sample: list[Array],
    faces: dict[str, Array],
    rtol: float,
    floor: float,
) -> float:
    """The worst relative error between the first face and the others; raises at the worst point."""
    expected, *others = faces.values()
    size = np.abs(expected)
    typical = np.array([np.median(s[s > 0]) if (s > 0).any() else 1.0 for s in size.T])
    with np.errstate(all="ignore"):
        errors = [np.abs(v - expected) / np.maximum(size, floor * typical) for v in others]
    error = np.max(errors, axis=0)
    error[~np.isfinite(error)] = np.inf
    if (error <= rtol).all():
        return float(error.max())
    point, entry = np.unravel_index(np.argmax(error), error.shape)
    where = ", ".join(f"{a} = {v[point]}" for a, v in zip(arguments, sample, strict=True))
    values = ", ".join(f"{name} {float(value[point, entry])!r}" for name, value in faces.items())
    which = f", entry {entry}" if expected.shape[1] > 1 else ""
    raise Disagreement(
        f"{formula}{which}\n  at {where}:\n  {values};\n"
        f"  relative error {error[point, entry]:.1e}, allowed {rtol:.0e}"
    )

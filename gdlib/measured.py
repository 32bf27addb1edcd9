"""Numbers that are measured of a loss, so that they follow one that is typed in its place.

Each is a number of the author's loss, and how the page finds it of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gdlib.live import either, evaluate, quantile


def quantiles(expression: sp.Expr, over: Mapping[Any, Any], *shares: float) -> list[sp.Expr]:
    """What these shares of an expression's finite values over arrays are below: 1 gives the most.

    Arrays of several symbols run side by side, those of single ones through all pairs. It is 0
    where nothing is finite. Of a loss that is typed, the page finds them.
    """
    rows = [np.atleast_2d(np.asarray(values, float)) for values in over.values()]
    at = np.meshgrid(*(np.arange(row.shape[1]) for row in rows))
    places = {
        symbol: values[i].ravel()
        for key, row, i in zip(over, rows, at, strict=True)
        for symbol, values in zip(key if isinstance(key, tuple) else (key,), row, strict=True)
    }
    (found,) = evaluate([expression], places)
    found = np.ravel(found)
    finite = found[np.isfinite(found)]
    author = np.quantile(finite, shares) if finite.size else np.zeros(len(shares))
    return [
        either(sp.Float(number), quantile(expression, over, share))
        for number, share in zip(author, shares, strict=True)
    ]


def constant(expression: sp.Expr) -> sp.Expr:
    """An expression without a symbol as a number, also of a loss that is typed."""
    return either(known(expression)[0], expression)


def known(*expressions: Any) -> list[float]:
    """Expressions without a symbol as numbers: those of the author's loss."""
    return [float(value) for value in evaluate(expressions, {})]

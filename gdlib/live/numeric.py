"""The Python face of a live figure: the same expressions, evaluated with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from gdlib.live.expressions import Iterated, Mean, StateAt, outermost

Values = Mapping[sp.Basic, Any]


class _Printer(NumPyPrinter):
    """SymPy's NumPy printer, but And and Or broadcast their arguments like everything else."""

    def _print_And(self, expr: sp.And) -> str:
        return "(" + " & ".join(f"({self._print(e)})" for e in expr.args) + ")"

    def _print_Or(self, expr: sp.Or) -> str:
        return "(" + " | ".join(f"({self._print(e)})" for e in expr.args) + ")"


def evaluate(
    expressions: Sequence[sp.Expr], values: Values, memo: dict[Iterated, Any] | None = None
) -> list[np.ndarray]:
    """Evaluate expressions at the symbols' values (numbers, or arrays that broadcast).

    NaN and infinity are results, not errors: a slider may well be at a pole.
    `memo` keeps the iterated paths of one set of slider values.
    """
    memo = {} if memo is None else memo
    means, states, symbols, function = _compile(tuple(expressions))
    known = dict(values)
    if means:
        # All at once, so that they share subexpressions.
        inner = {s: np.asarray(v, dtype=float)[..., None] for s, v in values.items()}
        inner |= {c: c.values for mean in means for c in mean.columns}
        rows = evaluate([mean.args[0] for mean in means], inner, memo)
        known |= {mean: r.mean(axis=-1) for mean, r in zip(means.values(), rows, strict=True)}
    for state, stand_in in states.items():
        known[stand_in] = _state(state, values, memo)
    with np.errstate(all="ignore"):
        arguments = (np.asarray(known[s], dtype=float) for s in symbols)
        return [np.asarray(v, dtype=float) for v in function(*arguments)]


def _state(node: StateAt, values: Values, memo: dict[Iterated, Any]) -> np.ndarray:
    iterated = node.component.iterated
    if iterated not in memo:
        memo[iterated] = _run(iterated, values, memo)
    (step,) = evaluate([node.args[1]], values, memo)
    index = np.clip(np.floor(np.nan_to_num(step) + 0.5), 0, iterated.steps).astype(int)
    return np.where(np.isnan(step), np.nan, memo[iterated][node.component.position][index])


def _run(iterated: Iterated, values: Values, memo: dict[Iterated, Any]) -> np.ndarray:
    """Return the whole path of every component, shape (components, steps + 1)."""
    # Sliders reach an iteration as numbers; inside a mean they come with a trailing axis.
    scalars = {s: np.asarray(values[s]).reshape(()) for s in iterated.free_symbols}
    path = np.empty((len(iterated.state), iterated.steps + 1))
    path[:, 0] = [v.item() for v in evaluate(iterated.start, scalars, memo)]
    for k in range(iterated.steps):
        state = dict(zip(iterated.state, path[:, k], strict=True))
        path[:, k + 1] = [v.item() for v in evaluate(iterated.update, scalars | state, memo)]
    return path


@lru_cache(maxsize=2048)
def _compile(
    expressions: tuple[sp.Expr, ...],
) -> tuple[dict[Mean, sp.Dummy], dict[StateAt, sp.Dummy], list[sp.Basic], Callable[..., Any]]:
    means = {node: sp.Dummy() for node in outermost(expressions, Mean)}
    without_means = [e.xreplace(means) for e in expressions]
    states = {node: sp.Dummy() for node in outermost(without_means, StateAt)}
    plain = [e.xreplace(states) for e in without_means]
    symbols = sorted(set().union(*(e.free_symbols for e in plain)), key=sp.default_sort_key)
    printer = _Printer({"fully_qualified_modules": False, "inline": True})
    function = sp.lambdify(symbols, plain, modules="numpy", printer=printer, cse=True)
    return means, states, symbols, function

"""The door of the figures: what they are given, checked, and refused in one sentence."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy as sp

from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import LiveError
from gdlib.symbolic import SymbolicNetwork


def symbols_of(expression: Any, number: int, figure: str) -> tuple[sp.Expr, list[sp.Symbol]]:
    """Return the expression and its symbols in order. `LiveError` if there are more or fewer."""
    try:
        exact = sp.sympify(expression)
    except (sp.SympifyError, TypeError) as error:
        raise LiveError(f"{figure}: {expression!r} is not a SymPy expression") from error
    if not isinstance(exact, sp.Expr):
        raise LiveError(f"{figure}: {expression!r} is not one SymPy expression")
    symbols = sorted(exact.free_symbols, key=lambda s: s.name)
    if len(symbols) != number:
        found = ", ".join(s.name for s in symbols) or "none"
        raise LiveError(
            f"{figure} takes an expression of {number} symbol{'s' * (number > 1)}, "
            f"this one has {len(symbols)}: {found}"
        )
    return exact, symbols


def loss_of_one(loss: Any, figure: str) -> tuple[OpaqueLoss, sp.Symbol]:
    """Return a loss of one weight, and the weight."""
    expression, (w,) = symbols_of(loss, 1, figure)
    return OpaqueLoss(expression, [w]), w


def loss_of_two(loss: Any, over: Box, figure: str) -> OpaqueLoss:
    """Return a loss of two weights, which are in the order of `over`, horizontal first."""
    expression, symbols = symbols_of(loss, 2, figure)
    if set(over) != set(symbols):
        names = ", ".join(s.name for s in over)
        raise LiveError(f"{figure}: the loss is one of {symbols[0]} and {symbols[1]}, not {names}")
    return OpaqueLoss(expression, list(over))


def start_within(over: Box, start: Start, figure: str) -> None:
    """Raise `LiveError` unless `start` has every symbol of `over` within its range, and no more."""
    missing = ", ".join(s.name for s in over if s not in start)
    strangers = ", ".join(str(s) for s in start if s not in over)
    if missing or strangers:
        problem = f"has no value for {missing}" if missing else f"names {strangers}, unknown here"
        raise LiveError(f"{figure}: start {problem}")
    for s, (low, high) in over.items():
        if not low <= start[s] <= high:
            raise LiveError(
                f"{figure}: start puts {s} at {start[s]:g}, which is not within over, "
                f"{low:g} to {high:g}"
            )


def interval(low: float, high: float, figure: str) -> None:
    """Raise `LiveError` unless low is below high."""
    if not low < high:
        raise LiveError(f"{figure}: low must be below high, got {low:g} and {high:g}")


def whole(figure: str, **numbers: tuple[Any, int, int]) -> None:
    """Raise `LiveError` unless numbers are whole and within limits: name=(value, low, high)."""
    for name, (value, low, high) in numbers.items():
        if value not in range(low, high + 1):
            raise LiveError(f"{figure}: {name} must be {low} to {high}, got {value!r}")


def is_network(figure: str, network: Any) -> None:
    """Raise `LiveError` unless it is a network of symbols."""
    if not isinstance(network, SymbolicNetwork):
        raise LiveError(
            f"{figure}: the first argument is a network from gdlib.symbolic.network, "
            f"got {type(network).__name__}"
        )


def in_network(
    figure: str, argument: str, symbols: Iterable[sp.Symbol], known: Iterable[sp.Symbol]
) -> None:
    """Raise `LiveError` if an argument names a symbol that it cannot."""
    strangers = ", ".join(str(s) for s in symbols if s not in set(known))
    if strangers:
        raise LiveError(f"{figure}: {argument} names {strangers}, which is not in the network")


def one_sample(
    network: SymbolicNetwork, figure: str, x: Any, y: Any, start: Start | None = None, seed: int = 0
) -> dict[sp.Symbol, float]:
    """Return a number for every symbol of a network: a sample, and parameters.

    Without y the labels are zeros. What `start` does not name is drawn at random, in tenths.
    """
    is_network(figure, network)
    y = np.zeros(len(network.labels)) if y is None else y
    result: dict[sp.Symbol, float] = {}
    for name, symbols, given in (("x", network.inputs, x), ("y", network.labels, y)):
        numbers = np.asarray(given, float).reshape(-1)
        if numbers.size != len(symbols):
            raise LiveError(f"{figure}: {name} needs {len(symbols)} numbers, got {numbers.size}")
        result |= dict(zip(symbols, map(float, numbers), strict=True))
    rng = np.random.default_rng(seed)
    result |= {s: round(float(rng.normal()), 1) for s in network.parameters}
    in_network(figure, "start", start or {}, result)
    return result | {s: float(v) for s, v in (start or {}).items()}

"""What several arguments of a figure must be together: a loss, its ranges, and where it starts."""

from collections.abc import Iterable

import numpy as np
import sympy as sp

from gdlib.figures.kinds import check_range, same_length, short
from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import LiveError, supported
from gdlib.measured import known
from gdlib.symbolic import SymbolicNetwork


def weights_of(expression: sp.Expr, number_of: int, name: str) -> list[sp.Symbol]:
    """The symbols of an expression, by name. `LiveError` if there are more or fewer."""
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    if not symbols:
        raise LiveError(f"{name} is {short(expression)}, a constant: it has no slope to follow")
    if len(symbols) != number_of:
        wanted = "one symbol" if number_of == 1 else f"{number_of} symbols"
        found = ", ".join(s.name for s in symbols)
        raise LiveError(f"{name} has the symbols {found}; expected {wanted}")
    return symbols


def loss_of_one(
    f: sp.Expr, ends: tuple[float, float], *, name: str = "f", order: int = 1
) -> OpaqueLoss:
    """A loss of one weight, tried out between the ends with so many derivatives."""
    (w,) = weights_of(f, 1, name)
    check_range("low and high", *ends)
    loss = OpaqueLoss(f, [w])
    try_out(loss, [loss.derivative(k) for k in range(order + 1)], {w: ends}, name)
    return loss


def begin(
    loss: OpaqueLoss, ends: tuple[float, float], given: float | None, usual: float = 0.0
) -> float:
    """Where the only weight starts: as given, or at the defined place next to the usual one."""
    (w,), (low, high) = loss.weights, ends
    if given is not None:
        start_within({w: ends}, {w: given}, "start")
        defined_at(loss, {w: given}, "start")
        return given
    places = np.array([usual, *np.linspace(low, high, 41)])
    found = np.array(
        [np.broadcast_to(e, 42) for e in loss.numbers([loss.value, *loss.gradient], [places])]
    )
    fits = np.isfinite(found).all(axis=0) & (places >= low) & (places <= high)
    if not fits.any():
        raise LiveError(f"start: {short(loss.expression)} has a slope nowhere")
    return float(min(places[fits], key=lambda place: abs(place - usual)))


def loss_of_two(
    loss: sp.Expr, over: Box, start: Start, *, order: int = 1, moving: bool = False
) -> OpaqueLoss:
    """A loss of two weights in the order of `over`, tried out there, and where it starts.

    With its slopes, and its curvatures if `order` is 2; a descent must move from there if `moving`.
    """
    symbols = weights_of(loss, 2, "loss")
    if missing := [s.name for s in symbols if s not in over]:
        raise LiveError(f"over has no range for {' and '.join(missing)}")
    made = OpaqueLoss(loss, list(over))
    second = [e for row in made.hessian for e in row] if order > 1 else []
    try_out(made, [made.value, *made.gradient, *second], over, "loss")
    start_within(over, start, "start")
    defined_at(made, start, "start")
    if made.has_kink([start[s] for s in over], [high - low for low, high in over.values()]):
        raise LiveError(f"start is at a kink of {short(loss)}, where it has no one slope")
    if moving and not any(known(made.value_at(start, made.steepness))):
        raise LiveError("start is where the gradient is 0: no descent leads away from it")
    return made


def computable(name: str, expressions: Iterable[sp.Expr]) -> None:
    """Raise `LiveError` unless a page can compute them."""
    for expression in expressions:
        try:
            supported(expression)
        except LiveError as error:
            raise LiveError(f"{name}: {error}") from None


def try_out(loss: OpaqueLoss, needed: Iterable[sp.Expr], over: Box, name: str) -> None:
    """Raise `LiveError` unless a page can compute what a figure needs, and it differs somewhere."""
    computable(name, needed)
    heights = loss.on_grid(loss.value, over)
    finite = heights[np.isfinite(heights)]
    where = " and ".join(f"{s.name} from {a:g} to {b:g}" for s, (a, b) in over.items())
    if finite.size < 2:
        raise LiveError(f"{name}: {short(loss.expression)} is undefined for {where}")
    if np.abs(finite).max() > 1e100:
        raise LiveError(f"{name}: {short(loss.expression)} is too large to be drawn, for {where}")
    if np.ptp(finite) <= 1e-12 * np.abs(finite).max():
        raise LiveError(
            f"{name}: {short(loss.expression)} is {finite[0]:.4g} everywhere for {where}: "
            "there is nothing to see"
        )


def defined_at(loss: OpaqueLoss, start: Start, argument: str) -> None:
    """Raise `LiveError` unless a loss has a value and slopes at the start."""
    found = loss.numbers([loss.value, *loss.gradient], [start[s] for s in loss.weights])
    if not np.isfinite(found).all():
        problem = "no slope" if np.isfinite(found[0]) else "no value"
        where = ", ".join(f"{s.name} = {start[s]:g}" for s in loss.weights)
        raise LiveError(f"{argument} is {where}, where {short(loss.expression)} has {problem}")


def start_within(over: Box, start: Start, argument: str = "start") -> None:
    """Raise `LiveError` unless `start` has every symbol of `over` within its range, and no more."""
    for symbols, others, problem in (
        (over, start, "has no value for"), (start, over, "names a stranger,"),
    ):  # fmt: skip
        if names := ", ".join(s.name for s in symbols if s not in others):
            raise LiveError(f"{argument} {problem} {names}")
    for s, (low, high) in over.items():
        if not low <= start[s] <= high:
            raise LiveError(
                f"{argument} puts {s.name} at {start[s]:g}, outside {low:g} to {high:g}"
            )


def rows(x: np.ndarray, y: np.ndarray) -> None:
    """Raise `LiveError` unless x and y have as many rows, and not all have the same x."""
    same_length(x=x, y=y)
    spread(x=x)


def spread(**columns: np.ndarray) -> None:
    """Raise `LiveError` if a column has one number only, again and again."""
    for name, column in columns.items():
        if np.ptp(column) <= 1e-12 * np.abs(column).max():
            raise LiveError(f"{name} is {column[0]:g} in every row; expected different numbers")


def in_network(argument: str, symbols: Iterable[sp.Symbol], known: Iterable[sp.Symbol]) -> None:
    """Raise `LiveError` if an argument names a symbol that it cannot."""
    strangers = ", ".join(str(s) for s in symbols if s not in set(known))
    if strangers:
        raise LiveError(f"{argument} names {strangers}, which is not in the network")


def one_sample(
    network: SymbolicNetwork, x: np.ndarray, y: np.ndarray | None, start: Start | None = None,
    seed: int = 0,
) -> dict[sp.Symbol, float]:  # fmt: skip
    """Return a number for every symbol of a network: a sample, and parameters.

    Without y the labels are zeros. What `start` does not name is drawn at random, in tenths.
    """
    y = np.zeros(len(network.labels)) if y is None else y
    result: dict[sp.Symbol, float] = {}
    for name, symbols, given in (("x", network.inputs, x), ("y", network.labels, y)):
        numbers = given.reshape(-1)
        if numbers.size != len(symbols):
            raise LiveError(f"{name} has {numbers.size} numbers; expected {len(symbols)}")
        result |= dict(zip(symbols, map(float, numbers), strict=True))
    rng = np.random.default_rng(seed)
    result |= {s: round(float(rng.normal()), 1) for s in network.parameters}
    in_network("start", start or {}, result)
    return result | dict(start or {})

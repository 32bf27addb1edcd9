"""What all figures share: the house style, curves, contours, and the check of an expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from gdlib.live import FloatSlider
from gdlib.live.errors import LiveError
from gdlib.live.numeric import evaluate
from gdlib.live.theme import PALETTE, STYLE

BLUE, ORANGE, GREEN, PURPLE, GREY, PALE = (
    PALETTE[name] for name in ("blue", "orange", "green", "purple", "grey", "pale")
)
"""One colour an idea: the loss blue, its slope orange, the path down green, a comparison purple."""

WIDE, NARROW = 6.2, 5.2

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def styled(figure: Callable[..., Any]) -> Callable[..., Any]:
    """Draw a figure in the house style."""
    return mpl.rc_context(STYLE)(figure)


def canvas(panels: int = 1, height: float = 3.3, **options: Any) -> tuple[Any, Any]:
    """Return a figure and its axes (one, or an array of them side by side)."""
    return plt.subplots(1, panels, figsize=(NARROW if panels == 1 else WIDE, height), **options)


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


def differentiable(expression: sp.Expr, symbol: sp.Symbol, order: int = 1) -> sp.Expr:
    """Return the derivative, without the delta functions at the jumps of a sign."""
    derivative = sp.diff(expression, symbol, order)
    if not derivative.has(sp.DiracDelta):  # a quick check, unlike what follows
        return derivative
    return derivative.replace(sp.DiracDelta, lambda *_: sp.Integer(0))


def values(expression: sp.Expr, **over: Any) -> np.ndarray:
    """Evaluate an expression; keywords name its symbols."""
    by_name = {s.name: s for s in expression.free_symbols}
    known = {by_name[name]: np.asarray(v, float) for name, v in over.items() if name in by_name}
    (result,) = evaluate([expression], known)
    shape = np.broadcast_shapes(*(np.shape(v) for v in over.values()))
    return np.broadcast_to(result, shape)


def curve(
    ax: Axes,
    expression: sp.Expr,
    symbol: sp.Symbol,
    grid: np.ndarray,
    *,
    room: float = 0.0,
    **style: Any,
) -> None:
    """Draw an expression of one symbol, and choose limits that a pole does not spoil.

    `room` is added to either end of the axis, in shares of the grid's length.
    """
    y = values(expression, **{symbol.name: grid})
    finite = y[np.isfinite(y)]
    if finite.size < 2:
        raise LiveError(f"{expression} is undefined for {symbol} from {grid[0]:g} to {grid[-1]:g}")
    length = room * (grid[-1] - grid[0])
    wide = np.linspace(grid[0] - length, grid[-1] + length, grid.size) if room else grid
    shown = values(expression, **{symbol.name: wide})
    ax.plot(wide, shown, **{"color": BLUE, "label": f"{name_of(symbol)}", **style})
    low, high = np.percentile(finite, [2, 98])
    margin = 0.25 * (high - low) or 1.0
    ax.set_ylim(low - margin, high + margin)
    ax.set_xlim(wide[0], wide[-1])


def two_weights(
    loss: Any, over: Mapping[sp.Symbol, tuple[float, float]], figure: str
) -> tuple[sp.Expr, list[sp.Symbol]]:
    """Return a loss of two weights, and the weights in the order of `over`, horizontal first."""
    loss, symbols = symbols_of(loss, 2, figure)
    if set(over) != set(symbols):
        names = ", ".join(s.name for s in over)
        raise LiveError(f"{figure}: the loss is one of {symbols[0]} and {symbols[1]}, not {names}")
    return loss, list(over)


def contours(
    ax: Axes,
    expression: sp.Expr,
    over: Mapping[sp.Symbol, tuple[float, float]],
    levels: int = 12,
    points: int = 90,
) -> None:
    """Draw level lines of an expression of two symbols, closer together towards its minimum."""
    (left, right), (bottom, top) = over.values()
    first, second = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    grid = dict(zip((s.name for s in over), (first, second), strict=True))
    heights = values(expression, **grid)
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    at = low + (high - low) * (np.arange(1, levels + 1) / (levels + 1)) ** 2
    ax.contour(first, second, heights, levels=at, colors=GREY, linewidths=0.7)
    ax.set(xlim=(left, right), ylim=(bottom, top))


def legend_above(ax: Axes, handles: Sequence[Any] | None = None) -> None:
    """Put the legend in one row above the axes, where no curve runs into it."""
    handles = handles or ax.get_legend_handles_labels()[0]
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=len(handles),
        handletextpad=0.4,
        columnspacing=1.2,
        borderaxespad=0.2,
    )


def arrow(ax: Axes, colour: str, **style: Any) -> FancyArrowPatch:
    """Add an arrow that a live figure can point anywhere."""
    patch = FancyArrowPatch(
        (0, 0), (1, 1), arrowstyle="-|>", mutation_scale=14, color=colour, lw=2, **style
    )
    ax.add_patch(patch)
    return patch


def point(ax: Axes, colour: str, marker: str = "o", **style: Any) -> Any:
    """Add an empty line artist that shows as markers only."""
    return ax.plot([], [], marker, color=colour, **style)[0]


def line(ax: Axes, colour: str, style: str = "-", **options: Any) -> Any:
    """Add an empty line artist."""
    return ax.plot([], [], style, color=colour, **options)[0]


def name_of(symbol: sp.Symbol) -> str:
    """Return the symbol as it is written in text: η for eta, w₁₂⁽¹⁾ for a network's weight."""
    of_network = re.fullmatch(r"([wb])\^\((\d+)\)_([\d,]+)", symbol.name)
    if not of_network:
        return sp.pretty(symbol)
    letter, layer, units = of_network.groups()
    return f"{letter}{units.translate(_SUBSCRIPTS)}⁽{layer.translate(_SUPERSCRIPTS)}⁾"


def slider(low: float, high: float, value: float, description: str = "") -> FloatSlider:
    """Return a slider of at least 100 steps, each 1, 2 or 5 × 10^k; one is the start value."""
    finest = 10.0 ** np.floor(np.log10((high - low) / 100) - 3)
    sizes = [d * finest * 10**k for k in range(5) for d in (1, 2, 5)]
    coarse_first = [s for s in reversed(sizes) if s <= (high - low) / 100 * (1 + 1e-9)]
    counts = ((value - low) / s for s in coarse_first)
    on = [abs(count - round(count)) < 1e-6 for count in counts]
    step = next((s for s, fits in zip(coarse_first, on, strict=True) if fits), coarse_first[0])
    return FloatSlider(
        min=low, max=high, value=value, step=float(f"{step:.0e}"), description=description
    )

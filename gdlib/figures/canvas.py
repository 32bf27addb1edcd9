"""What figures are drawn with: the house style, axes, curves, level lines, and empty artists.

An empty artist is drawn by the page: `live.bind(line(ax, GREEN), x=…, y=…)`.
"""

from collections.abc import Mapping, Sequence
from math import ceil, log10
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from gdlib.landscape import Box, Height
from gdlib.live import PALETTE, evaluate
from gdlib.symbolic import name_of

BLUE, ORANGE, GREEN, PURPLE, GREY, PALE = (
    PALETTE[name] for name in ("blue", "orange", "green", "purple", "grey", "pale")
)
"""One colour an idea: the loss blue, its slope orange, the path down green, a comparison purple."""

Style = dict[str, Any]
"""What is passed on to Matplotlib."""

WIDTH = 300
"""The width of a panel, in points; a phone has room for one."""


def panels(number: int = 1, height: float = 3.4, **options: Any) -> tuple[Any, Any]:
    """Return a figure and its axes: one, or an array of them, which a phone shows stacked."""
    return plt.subplots(1, number, figsize=(WIDTH / 72 * number, height), **options)


def values(expression: sp.Expr, at: Mapping[sp.Symbol, np.ndarray]) -> np.ndarray:
    """Evaluate an expression where its symbols have these values."""
    (result,) = evaluate([expression], at)
    return np.broadcast_to(result, np.broadcast_shapes(*(np.shape(v) for v in at.values())))


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
    y = values(expression, {symbol: grid})
    finite = y[np.isfinite(y)]
    low, high = np.percentile(finite, [2, 98])
    if room:
        length = room * (grid[-1] - grid[0])
        grid = np.linspace(grid[0] - length, grid[-1] + length, grid.size)
        y = values(expression, {symbol: grid})
    ax.plot(grid, y, **{"color": BLUE, "label": f"{name_of(symbol)}", **style})
    margin = 0.25 * (high - low) or 1.0
    limits = {"xlim": (grid[0], grid[-1]), "ylim": (low - margin, high + margin)}
    ax.set(**limits, xlabel=name_of(symbol))


def contours(
    ax: Axes, expression: sp.Expr, over: Box, levels: int = 12, points: int = 90, **axes: Any
) -> None:
    """Draw level lines of an expression of two symbols, closer together towards its minimum."""
    (left, right), (bottom, top) = over.values()
    first, second = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    heights = values(expression, dict(zip(over, (first, second), strict=True)))
    heights = np.where(np.isfinite(heights), heights, np.nan)
    low, most, high = np.nanpercentile(heights, [0, 90, 100])
    high = min(high, low + 10 * (most - low))  # a pole must not take all level lines
    at = low + (high - low) * (np.arange(1, levels + 1) / (levels + 1)) ** 2
    with plt.rc_context({"contour.negative_linestyle": "solid"}):
        ax.contour(first, second, heights, levels=at, colors=GREY, linewidths=0.7)
    across, up = map(name_of, over)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=across, ylabel=up, **axes)


def beside_landscape(loss: sp.Expr, over: Box) -> tuple[Any, Any]:
    """Return a figure and two axes: level lines of a loss of two weights, and empty ones."""
    fig, (plane, other) = panels(2)
    contours(plane, loss, over)
    return fig, (plane, other)


def against_steps(ax: Axes, steps: float, low: float, high: float, **axes: Any) -> None:
    """Prepare axes of something along the steps, on a logarithmic scale by default."""
    ax.set(**{"xlim": (0, steps), "xlabel": "step", "yscale": "log", **axes}, ylim=(low, high))


def heights_against_steps(
    ax: Axes, steps: float, height: Height, shares: tuple[float, float], **axes: Any
) -> None:
    """Prepare axes of a loss along the steps, on the scale that shows it from where it begins."""
    named: Style = {"yscale": height.scale, "title": height.title, **axes}
    low, high = height.limits(*shares)
    against_steps(ax, steps, low, high, **named)


def decades_against_steps(
    ax: Axes, steps: float, ends: tuple[float, float], above: int = 1, **axes: Any
) -> None:
    """Prepare axes of nine decades along the steps.

    The top is so many decades above the largest; or above where it begins, if that is far below.
    """
    largest, begin = ends
    top = 10.0 ** (ceil(log10(largest if begin > 1e-8 * largest else begin)) + above)
    against_steps(ax, steps, 1e-9 * top, top, **axes)


def round_angles(ax: Axes, height: float, **axes: Any) -> None:
    """Prepare axes of something over all directions, with a line at zero."""
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlim=(0, 360), ylim=(-height, height), xticks=[0, 90, 180, 270, 360], **axes)


def sample(label: str, colour: str, style: str = "-", marker: str = "", **more: Any) -> Any:
    """Return a legend's entry: what a line or a marker of this look stands for."""
    return plt.Line2D([], [], color=colour, ls=style, marker=marker, label=label, **more)


def legend_above(ax: Axes, *entries: Any) -> None:
    """Put a legend above axes, where no curve runs into it, in as few rows as there is room for.

    An entry is an artist with a label, or the arguments of `sample`.
    """
    handles = [e if hasattr(e, "get_label") else sample(*e) for e in entries]
    place: Style = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "borderaxespad": 0.2}
    place |= {"handlelength": 1.8, "handletextpad": 0.4, "columnspacing": 1.2}
    room = (WIDTH - 30) / 72 * ax.figure.dpi
    for rows in range(1, len(handles) + 1):
        made = ax.legend(handles=handles, ncols=ceil(len(handles) / rows), **place)
        if made.get_window_extent().width <= room:
            return


def around(column: np.ndarray, line: Sequence[float]) -> tuple[float, float]:
    """Return limits for data, and for a line between two heights unless it is far away from them.

    They begin at zero where nothing is negative.
    """
    low, high = float(column.min()), float(column.max())
    length = high - low or abs(high) or 1.0
    if min(line) > high or max(line) < low:  # the line would not be seen at all
        low, high = min(low, *line), max(high, *line)
        length = high - low
    room = 0.05 * max(abs(high), length)
    return (0.0 if low >= 0 else low - room), high + room


def arrow(ax: Axes, colour: str, **style: Any) -> FancyArrowPatch:
    """Add an arrow that a live figure can point anywhere."""
    patch = FancyArrowPatch(
        (0, 0), (1, 1), arrowstyle="-|>", mutation_scale=14, color=colour, **{"lw": 2, **style}
    )
    ax.add_patch(patch)
    return patch


def point(ax: Axes, colour: str, marker: str = "o", **style: Any) -> Any:
    """Add an empty line artist that shows as markers only."""
    return ax.plot([], [], marker, color=colour, **style)[0]


def line(ax: Axes, colour: str, style: str = "-", **options: Any) -> Any:
    """Add an empty line artist."""
    return ax.plot([], [], style, color=colour, **options)[0]


def centred(ax: Axes, x: Any, y: Any, colour: str = "black", text: str = " ", **style: Any) -> Any:
    """Add a text around a point, empty unless given."""
    look = {"ha": "center", "va": "center", "color": colour}
    return ax.text(x, y, text, **{**look, **style})


def image(
    ax: Axes, pixels: int, box: Sequence[float], colours: Sequence[str], most: float, **shades: Any
) -> Any:
    """Add an image of pixels to compute, over left, right, bottom, top, from 0 to `most`.

    Its shades are each colour in turn, of `num` opacities from `start` to `stop`.
    """
    opacities = np.linspace(**shades)
    scale = [(*mpl.colors.to_rgb(colour), alpha) for colour in colours for alpha in opacities]
    style: Style = {"cmap": mpl.colors.ListedColormap(scale), "vmin": 0, "vmax": most}
    style |= {"extent": tuple(box), "origin": "lower"}
    return ax.imshow(np.zeros((pixels, pixels)), **style)

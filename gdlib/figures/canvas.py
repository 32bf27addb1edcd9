"""What figures are drawn with: the house style, axes, curves, level lines, and empty artists.

An empty artist is drawn by the page: `live.bind(line(ax, GREEN), x=…, y=…)`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from gdlib.height import Height
from gdlib.landscape import Box
from gdlib.live import PALETTE, Drawn, either, evaluate
from gdlib.measured import known, quantiles
from gdlib.symbolic import name_of

BLUE, ORANGE, GREEN, PURPLE, GREY, PALE = (
    PALETTE[name] for name in ("blue", "orange", "green", "purple", "grey", "pale")
)
"""One colour an idea: the loss blue, its slope orange, the path down green, a comparison purple."""

CLASSES = (("blue", "o"), ("orange", "^"), ("purple", "s"), ("green", "D"), ("grey", "v"))
"""A class's colour, as the palette calls it, and its marker."""

Style = dict[str, Any]
"""What is passed on to Matplotlib."""

WIDTH = 300
"""The width of a panel, in points; a phone has room for one."""


@dataclass
class Sketch:
    """What axes show of a loss in whose place another can be typed.

    What is drawn of it, and the ends of an axis, "x" or "y", as expressions.
    """

    drawn: list[Drawn] = field(default_factory=list)
    ends: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def sketch(ax: Axes) -> Sketch:
    """Return what is known of axes; nothing at first."""
    known_of: dict[str, Any] = vars(ax)
    return known_of.setdefault("sketch", Sketch())


def ends(ax: Axes, way: str) -> tuple[Any, Any]:
    """Return the ends of an axis: numbers, or expressions where they follow the loss."""
    low, high, *_ = sketch(ax).ends.get(way) or getattr(ax, f"get_{way}lim")()
    return low, high


def set_ends(ax: Axes, way: str, low: Any, high: Any) -> None:
    """Set the ends of an axis, which follow the loss."""
    numbers = known(low, high)
    sketch(ax).ends[way] = tuple(map(either, numbers, (low, high)))
    ax.set(**{f"{way}lim": numbers})


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
    low, high = quantiles(expression, {symbol: grid}, 0.02, 0.98)
    margin = sp.Piecewise(((high - low) / 4, high > low), (1, True))
    if room:
        length = room * (grid[-1] - grid[0])
        grid = np.linspace(grid[0] - length, grid[-1] + length, grid.size)
    look: Style = {"color": BLUE, "label": f"{name_of(symbol)}", **style}
    (drawn,) = ax.plot(grid, values(expression, {symbol: grid}), **look)
    ax.set(xlim=(grid[0], grid[-1]), xlabel=name_of(symbol))
    set_ends(ax, "y", low - margin, high + margin)
    sketch(ax).drawn.append(Drawn(drawn, {"x": symbol, "y": expression}, {symbol: grid}))


def contours(
    ax: Axes, expression: sp.Expr, over: Box, levels: int = 12, points: int = 90, **axes: Any
) -> None:
    """Draw level lines of an expression of two symbols, closer together towards its minimum."""
    grids = {s: np.linspace(*over[s], points) for s in over}
    first, second = np.meshgrid(*grids.values())
    heights = values(expression, dict(zip(over, (first, second), strict=True)))
    heights = np.where(np.isfinite(heights), heights, np.nan)
    low, most, high = quantiles(expression, grids, 0, 0.9, 1)
    high = sp.Min(high, low + 10 * (most - low))  # a pole must not take all level lines
    shares = (np.arange(1, levels + 1) / (levels + 1)) ** 2
    at = [low + (high - low) * sp.Float(share) for share in shares]
    with plt.rc_context({"contour.negative_linestyle": "solid"}):
        style: Style = {"levels": known(*at), "colors": GREY, "linewidths": 0.7}
        lines = ax.contour(first, second, heights, **style)
    sketch(ax).drawn.append(Drawn(lines, {"value": expression}, grids, at))
    (across, up), (xlim, ylim) = map(name_of, over), over.values()
    ax.set(xlim=xlim, ylim=ylim, xlabel=across, ylabel=up, **axes)


def beside_landscape(loss: sp.Expr, over: Box) -> tuple[Any, Any]:
    """Return a figure and two axes: level lines of a loss of two weights, and empty ones."""
    fig, (plane, other) = panels(2)
    contours(plane, loss, over)
    return fig, (plane, other)


def against_steps(ax: Axes, steps: float, low: Any, high: Any, **axes: Any) -> None:
    """Prepare axes of something along the steps, on a logarithmic scale by default."""
    ax.set(**{"xlim": (0, steps), "xlabel": "step", "yscale": "log", **axes})
    set_ends(ax, "y", low, high)


def heights_against_steps(
    ax: Axes, steps: float, height: Height, shares: tuple[float, float], **axes: Any
) -> None:
    """Prepare axes of a loss along the steps, on the scale that shows it from where it begins."""
    named: Style = {"yscale": height.scale, "title": height.title, **axes}
    against_steps(ax, steps, *height.ends(*shares), **named)
    known_of = sketch(ax)
    known_of.ends["y"] = *known_of.ends["y"], height.log
    known_of.drawn.append(Drawn(ax.title, words=height.titles, which=height.above_lowest))


def decades_against_steps(
    ax: Axes, steps: float, sizes: tuple[Any, Any], above: int = 1, **axes: Any
) -> None:
    """Prepare axes of nine decades along the steps.

    The top is so many decades above the largest; or above where it begins, if that is far below.
    """
    largest, begin = sizes
    size = sp.Piecewise((largest, begin > sp.Float(1e-8) * largest), (begin, True))
    decade = sp.ceiling(sp.log(size) / sp.log(10) - sp.Float(1e-12))
    top = sp.Float(10) ** (decade + above)
    against_steps(ax, steps, sp.Float(1e-9) * top, top, **axes)


def round_angles(ax: Axes, height: Any, **axes: Any) -> None:
    """Prepare axes of something over all directions, with a line at zero."""
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlim=(0, 360), xticks=[0, 90, 180, 270, 360], **axes)
    set_ends(ax, "y", -height, height)


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

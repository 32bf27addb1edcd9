"""Furniture: the pieces that several figures are made of, each with one name.

Controls to begin with: where a descent starts, its rate, the row that plays it. Then pieces that
are drawn into axes and bound to a live figure in one line: a path over a landscape, something along
the steps, a tangent, words for each case. `diagrams.NetworkDiagram` is a network's panel.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.departure import Departure
from gdlib.figures import canvas
from gdlib.figures.canvas import GREEN, GREY, ORANGE, Style, arrow, line, point
from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import (
    Button,
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntSlider,
    Iterated,
    Live,
    LiveError,
    Play,
    either,
    pointer,
)
from gdlib.symbolic import eta, name_of

Look = tuple[str, str, str]
"""A colour, a line's style, and the marker at its end."""

DESCENT: Look = (GREEN, "-", "D")


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


def start_sliders(over: Box, start: Start, label: str = "start {}") -> dict[sp.Symbol, FloatSlider]:
    """Return a slider for every weight to start from."""
    return {s: slider(*over[s], start[s], label.format(name_of(s))) for s in over}


def around(start: Start, symbols: Iterable[sp.Symbol]) -> dict[sp.Symbol, FloatSlider]:
    """Return a slider for every symbol, from 3 below its start to 3 above."""
    return {s: slider(start[s] - 3, start[s] + 3, start[s], name_of(s)) for s in symbols}


def rate(value: float, low: float = -3.0, high: float = 1.0, step: float = 0.02) -> FloatLogSlider:
    """Return a slider for the learning rate, from 10^low to 10^high."""
    if not 10**low <= value <= 10**high:
        raise LiveError(f"η starts at {value:g}, not within {10**low:g} to {10**high:g}")
    return FloatLogSlider(min=low, max=high, value=value, step=step, description="rate η")


_PACE = 50
"""Milliseconds a step of every figure that plays; the page offers multiples of it."""


def play_row(steps: int, value: int, step: int = 1, description: str = "step t") -> HBox:
    """Return a slider for the step, and the button that plays it."""
    shared = {"min": 0, "max": steps, "value": min(value, steps), "step": step}
    return HBox([Play(**shared, interval=_PACE), IntSlider(**shared, description=description)])


def stage_row(last: int) -> HBox:
    """Return a slider for the stage of a calculation, all of it at first, and a button to step."""
    stage = IntSlider(min=0, max=last, value=last, description="stage")
    button = Button(description="Next")
    button.on_click(lambda _: stage.set_trait("value", (stage.value + 1) % (last + 1)))
    return HBox([stage, button])


def dropdown(names: Iterable[str], value: int, description: str) -> Dropdown:
    """Return a choice among names, numbered from 0."""
    options = [(name, number) for number, name in enumerate(names)]
    return Dropdown(options=options, value=value, description=description)


def choose(which: sp.Symbol, options: Sequence[Any] | Mapping[int, Any]) -> sp.Expr:
    """Return the option of this number, from 0 in a list; undefined for any other number."""
    numbered = dict(options) if isinstance(options, Mapping) else dict(enumerate(options))
    if len(set(numbered.values())) == 1 and not isinstance(options, Mapping):
        return sp.sympify(options[0])
    cases = ((option, sp.Eq(which, number)) for number, option in numbered.items())
    return sp.Piecewise(*cases, (sp.nan, True))


def only(condition: Any, value: Any, otherwise: Any = sp.nan) -> sp.Expr:
    """Return the value where the condition holds, elsewhere nothing."""
    return sp.Piecewise((value, condition), (otherwise, True))


def unless_none(value: Any, usual: Any) -> sp.Expr:
    """Return a value, or 0 where it is only what rounding left of values of this size."""
    return only(sp.Abs(value) >= sp.Float(1e-12) * usual, value, 0)


def decimals(largest: float, usual: int = 4) -> str:
    """How to write numbers up to this size: with fixed decimals, if those show enough of them."""
    return f".{usual}f" if largest >= 10.0 ** (1 - usual) else ".3g"


def words(live: Live, ax: Axes, cases: Iterable[tuple[Any, Any]], **style: Any) -> None:
    """Write whichever words hold above axes, under their legend, where no curve runs into them.

    Cases are words, or a template with expressions, and when.
    """
    look: Style = {"ha": "center", "va": "bottom", "transform": ax.transAxes, **style}
    if legend := ax.get_legend():
        legend.borderaxespad = 1.7
    if title := ax.get_title():
        ax.set_title(title, pad=23)
    for text, when in cases:
        shown = text if isinstance(text, tuple) else (text,)
        live.bind(ax.text(0.5, 1.02, " ", **look), text=shown, visible=when)


def xy(pair: Iterable[Any]) -> dict[str, Any]:
    """Return a pair as the properties x and y of a point."""
    return dict(zip("xy", pair, strict=True))


def ahead(pair: Iterable[Any], length: Any = 1) -> dict[str, Any]:
    """Return a direction, times a length, as the properties dx and dy of an arrow."""
    return {name: length * e for name, e in zip(("dx", "dy"), pair, strict=True)}


def angle(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    """Where an arrow points, in degrees from 0 to 360."""
    return sp.Mod(sp.atan2(y, x) * 180 / np.pi, 360)


def held(
    live: Live, artist: Any, to: Mapping[sp.Symbol, Any] | None = None, **properties: Any
) -> None:
    """Bind an artist that can be dragged: its x and y where they are sliders, or as `to` says."""
    own = {name: e for name, e in properties.items() if name in "xy" and e in live.symbols}
    live.bind(artist, **properties).drag(artist, **({"to": to} if to else own))


def upright(live: Live, ax: Axes, at: sp.Symbol, **style: Any) -> None:
    """Draw an upright line at a slider's value, to be dragged."""
    across = line(ax, GREY, **style)
    live.bind(across, x=(at, at), y=ax.get_ylim()).drag(across, x=at)


def turn_to(x: Any, y: Any) -> sp.Expr:
    """Where the reader's finger is, seen from a place, in degrees from 0 to 360."""
    return angle(pointer[0] - x, pointer[1] - y)


def place(path: Iterated, step: Any, weights: Sequence[sp.Symbol]) -> dict[str, Any]:
    """Return where a path of two weights is at a step, as a point's x and y."""
    return xy(path.at(step, s) for s in weights)


def leaving(path: Iterated, ax: Axes, place: Sequence[sp.Expr]) -> Departure:
    """Return a path, and when its place (x and y) leaves axes for good."""
    ends = (canvas.ends(ax, way) for way in "xy")
    return Departure(path, dict(zip(place, ends, strict=True)))


def path_over(
    live: Live,
    ax: Axes,
    found: Departure,
    until: sp.Symbol | None = None,
    look: tuple[str, str] = (GREEN, ".-"),
    **style: Any,
) -> None:
    """Draw a path up to a step; one that leaves ends in an arrow at the axes' edge."""
    end = found.step if until is None else sp.Min(until, found.step)
    path = found.path
    live.bind(line(ax, *look, **style), **xy(path[only(path.step <= end, e)] for e in found.region))
    start, way = found.exit
    leaves: Style = {**xy(start), **ahead(way), "visible": found.left_by(until)}
    live.bind(arrow(ax, look[0], lw=1.2), **leaves)


def left(live: Live, ax: Axes, found: Departure, until: sp.Symbol | None = None) -> None:
    """Say above axes when a path left them."""
    words(live, ax, [(("left at step {:d}", found.step), found.left_by(until))], color=ORANGE)


def out_of_the_picture(found: Departure, step: sp.Symbol) -> tuple[Any, ...]:
    """What a readout says instead of where a path is, once it has left."""
    since = "step {:d}: out of the picture since step {:d}"
    return found.left_by(step), since, step, found.step


def shade_beyond(live: Live, edge: float | None, what: str, called: str = "") -> None:
    """Shade the rates above an edge, if there is one, and say what happens there.

    Of a loss that is typed the edge is not known.
    """
    if edge is not None:
        live.shade(eta, above=either(edge, sp.nan), label=f"above {called}{edge:.3g} {what}")


def start_mark(live: Live, plane: Axes, weights: Sequence[sp.Symbol], plus: bool = False) -> Any:
    """Mark where a path of two weights starts, to be dragged: a disc, or a plus under paths."""
    mark = point(plane, "black", "+", ms=11, mew=2) if plus else point(plane, ORANGE, ms=9)
    held(live, mark, **xy(weights))
    return mark


def along_steps(
    live: Live,
    ax: Axes,
    path: Iterated,
    quantity: Any,
    at: Any,
    look: Look = DESCENT,
    *,
    over: sp.Expr | None = None,
    until: sp.Symbol | None = None,
    late: int = 0,
    ms: float | None = None,
    mark: str = "",
    hold: bool = False,
    **style: Any,
) -> Any:
    """Draw a quantity along the steps, or along a state of the path; return its mark at one step.

    The line ends at the step `until`, if given. `late` says how many steps a recorded quantity
    lags behind what it was recorded of; `mark` is the mark's colour, if not the line's; `hold`
    lets the mark be dragged along the steps.
    """
    colour, dashes, marker = look
    across = path.step - late if over is None else over
    across = across if until is None else only(path.step <= until, across)
    live.bind(line(ax, colour, dashes, **style), x=path[across], y=path[quantity])
    x = sp.sympify(at) if over is None else path.at(at, over)
    here, y = point(ax, mark or colour, marker, ms=ms), path.at(sp.sympify(at) + late, quantity)
    (held if hold else Live.bind)(live, here, x=x, y=y)
    return here


def follow(
    live: Live,
    axes: Sequence[Axes],
    found: Departure,
    quantity: sp.Expr,
    at: sp.Symbol,
    look: Look,
    *,
    over: sp.Expr | None = None,
    ms: float | None = None,
    lw: tuple[float | None, float] = (None, 1.6),
    hold: bool = False,
) -> Any:
    """Draw a path over its landscape up to a step, beside a quantity along the steps.

    Return the mark of that step, for the numbers that measure it.
    """
    (plane, fall), (colour, dashes, marker) = axes, look
    path_over(live, plane, found, at, (colour, dashes), lw=lw[0])
    along_steps(live, fall, found.path, quantity, at, look, over=over, lw=lw[1], hold=hold)
    here = point(plane, colour, marker, ms=ms)
    live.bind(here, **place(found.path, at, [*found.region]))
    return here


def tangent_at_start(
    live: Live, ax: Axes, loss: OpaqueLoss, reach: float, ms: float
) -> tuple[Any, Any]:
    """Draw the tangent at the start, so far to either side; return the start and the tangent."""
    (w,), (slope,) = loss.weights, loss.gradient
    start, tangent = point(ax, ORANGE, ms=ms, zorder=2.5), line(ax, ORANGE, "--")
    ends = (loss.value + side * slope * reach for side in (-1, 1))
    live.bind(tangent, x=(w - reach, w + reach), y=tuple(ends))
    held(live, start, x=w, y=loss.value)
    return start, tangent


def descent_on_curve(live: Live, ax: Axes, loss: OpaqueLoss, found: Departure) -> Any:
    """Draw a path on the curve, and return its end."""
    (w,), end = loss.weights, point(ax, GREEN, "D")
    path_over(live, ax, found, lw=1.2)
    live.bind(end, x=found.path.last(w), y=found.path.last(loss.value))
    return end

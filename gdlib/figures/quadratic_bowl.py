"""The figure of the appendix on the quadratic bowl: its axes, and what each step multiplies."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib import turned_bowl as bowl
from gdlib.departure import Departure
from gdlib.figures import canvas, furniture
from gdlib.figures.canvas import GREEN, GREY, ORANGE, PURPLE
from gdlib.figures.door import figure
from gdlib.figures.kinds import Rate, Steps, number
from gdlib.live import FloatSlider, Live, LiveError
from gdlib.symbolic import b, beta, eta, w

__all__ = ["axes"]


def __dir__() -> list[str]:
    return __all__


_first, _second = bowl.curvatures
_turn = sp.Symbol("turn", real=True)
_LOOKS = ((ORANGE, "--", "^"), (PURPLE, "-.", "s"))
"""The look of each axis."""
_WIDTH = 3.0
_LONGEST = 2.0  # the largest curvature and β on the sliders
Curvature = Annotated[float, number(0.05, _LONGEST), "a curvature, from 0.05 to 2"]


def _draw_bowl(live: Live, plane: Axes, found: Departure) -> None:
    """Draw level lines and axes that follow the sliders, and the path over them."""
    turns = {_turn: np.linspace(0, 2 * np.pi, 73)}
    for height in (0.1, 0.4, 0.9, 1.6, 2.5):
        along = sp.Matrix([sp.cos(_turn), sp.sin(_turn)])
        lengths = [sp.sqrt(2 * height / c) for c in bowl.curvatures]
        place = bowl.directions() * sp.diag(*lengths) * along
        live.bind(canvas.line(plane, GREY, lw=0.7), over=turns, x=place[0], y=place[1])
    for number_of, (colour, dashes, _) in enumerate(_LOOKS):
        x, y = 2 * _WIDTH * bowl.directions()[:, number_of]
        live.bind(canvas.line(plane, colour, dashes, lw=1.2), x=(-x, x), y=(-y, y))
    furniture.path_over(live, plane, found, bowl.t)
    furniture.left(live, plane, found, bowl.t)
    live.bind(canvas.point(plane, GREEN, "D"), **furniture.place(found.path, bowl.t, (w, b)))


def _draw_factors(live: Live, ax: Axes, most: float) -> list[Any]:
    """Draw what a step multiplies, for every rate, and mark it at the present one."""
    marks = []
    rate = sp.Symbol("rate", positive=True)
    over = {rate: np.linspace(0.005, most, 240)}
    ax.axhline(1, color=GREY, lw=1)
    for curvature, (colour, dashes, marker) in zip(bowl.curvatures, _LOOKS, strict=True):
        curve = canvas.line(ax, colour, dashes, lw=2)
        live.bind(curve, over=over, x=rate, y=bowl.factor(rate, curvature))
        here = canvas.point(ax, colour, marker, ms=8)
        furniture.held(live, here, x=eta, y=bowl.factor(eta, curvature))
        marks.append(here)
    best, _ = bowl.best_eta()
    live.bind(canvas.line(ax, GREY, ":"), x=(best, best), y=(0, 2), visible=beta < 0.005)
    return marks


@figure
def axes(
    *,
    angle: Annotated[float, number(0, 180), "how far the bowl is turned, in degrees"] = 30.0,
    first: Curvature = 0.2,
    second: Curvature = 1.5,
    eta_start: Rate = 0.4,
    steps: Annotated[Steps, "how many steps"] = 60,
) -> Live:
    """A bowl that can be turned and bent, descent with momentum in it, and each axis's factor."""
    most = 4.0
    if eta_start > most:
        raise LiveError(f"eta_start is {eta_start:g}; expected at most {most:g}")
    fig, (plane, factors) = canvas.panels(2)
    plane.set(
        xlim=(-_WIDTH, _WIDTH), ylim=(-_WIDTH, _WIDTH), xlabel="w", ylabel="b", aspect="equal"
    )
    factors.set(xlim=(0, most), ylim=(0, 1.6), xlabel="rate η", title="factor of a step")
    looks = ("axis 1", *_LOOKS[0]), ("axis 2", *_LOOKS[1]), ("path", GREEN, "-", "D")
    canvas.legend_above(plane, *looks)
    live = Live(
        fig,
        {
            bowl.angle: FloatSlider(min=0, max=180, value=angle, step=5, description="angle (°)"),
            _first: FloatSlider(min=0.05, max=_LONGEST, value=first, step=0.05, description="λ₁"),
            _second: FloatSlider(min=0.05, max=_LONGEST, value=second, step=0.05, description="λ₂"),
            eta: FloatSlider(min=0.02, max=most, value=eta_start, step=0.02, description="rate η"),
            beta: FloatSlider(min=0, max=0.95, value=0, step=0.01, description="decay β"),
            bowl.t: furniture.play_row(steps, steps),
        },
        alt="First: level lines of a bowl, which are ellipses, their two axes (dashed and "
        "dash-dotted), and the path of descent with momentum to step t. Second: against the rate, "
        "what a step multiplies the error along each axis by, with a mark at the present rate. "
        "Without momentum each is a V that touches zero, and they cross at the best rate; with it, "
        "the bottom of the V is cut off level, at the square root of β.",
    )
    found = furniture.leaving(bowl.descent(steps), plane, (w, b))
    _draw_bowl(live, plane, found)
    _read_axes(live, found, _draw_factors(live, factors, most))
    return live


def _read_axes(live: Live, found: Departure, marks: Sequence[Any]) -> None:
    """Read out each axis's factor and the best rates, and shade those at which one grows."""
    edge = 2 * (1 + beta) / sp.Max(*bowl.curvatures)
    live.shade(eta, above=edge, label="the factor of an axis is above 1")
    path, gone = found.path, found.left_by(bowl.t)
    now = bowl.directions().T * sp.Matrix([path.at(bowl.t, w), path.at(bowl.t, b)])
    for number_of, (curvature, mark) in enumerate(zip(bowl.curvatures, marks, strict=True)):
        name, factor = f"axis {number_of + 1}", (bowl.factor(eta, curvature), mark)
        live.readout(
            f"{name}: distance {{:.2g}}, factor of a step {{:.3f}}",
            furniture.unless_none(sp.Abs(now[number_of]), 1.0),
            factor,
            instead=(gone, f"{name}: out of the picture, factor of a step {{:.3f}}", factor),
        )
    live.readout(
        "without momentum the best is η = {:.3f}, with the factor {:.3f}", *bowl.best_eta()
    )
    live.readout("with it, η = {:.3f} and β = {:.3f}, with the factor {:.3f}", *bowl.best_pair())

"""The figure of the appendix on the quadratic bowl: its axes, and what each step multiplies."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.figures import canvas, furniture
from gdlib.figures.canvas import GREEN, GREY, ORANGE, PURPLE
from gdlib.figures.door import figure
from gdlib.figures.kinds import Rate, Steps, number
from gdlib.live import FloatSlider, Iterated, Live, LiveError, iterate
from gdlib.symbolic import b, beta, eta, optimizer_step, w

__all__ = ["axes"]


def __dir__() -> list[str]:
    return __all__


_angle, _first, _second, _t = sp.symbols("angle lambda_1 lambda_2 t", real=True)
_curvatures = (_first, _second)
_turn = sp.Symbol("turn", real=True)
_LOOKS = ((ORANGE, "--", "^"), (PURPLE, "-.", "s"))
"""The look of each axis."""
_WIDTH = 3.0
_LONGEST = 2.0  # the largest curvature and β on the sliders
Curvature = Annotated[float, number(0.05, _LONGEST), "a curvature, from 0.05 to 2"]


def _factor(rate: sp.Expr, curvature: sp.Expr) -> sp.Expr:
    """The size of the larger root of r² − (1 + β − ηλ) r + β."""
    middle = (1 + beta - rate * curvature) / 2
    under = middle**2 - beta
    return sp.Piecewise((sp.sqrt(beta), under < 0), (sp.Abs(middle) + sp.sqrt(under), True))


def _draw_bowl(live: Live, plane: Axes, directions: sp.Matrix, path: Iterated) -> None:
    """Draw level lines and axes that follow the sliders, and the path over them."""
    turns = {_turn: np.linspace(0, 2 * np.pi, 73)}
    for height in (0.1, 0.4, 0.9, 1.6, 2.5):
        along = sp.Matrix([sp.cos(_turn), sp.sin(_turn)])
        lengths = [sp.sqrt(2 * height / c) for c in _curvatures]
        place = directions * sp.diag(*lengths) * along
        live.bind(canvas.line(plane, GREY, lw=0.7), over=turns, x=place[0], y=place[1])
    for number_of, (colour, dashes, _) in enumerate(_LOOKS):
        x, y = 2 * _WIDTH * directions[:, number_of]
        live.bind(canvas.line(plane, colour, dashes, lw=1.2), x=(-x, x), y=(-y, y))
    furniture.path_over(live, plane, path, (w, b), _t)
    live.bind(canvas.point(plane, GREEN, "D"), **furniture.place(path, _t, (w, b)))


def _draw_factors(live: Live, ax: Axes, most: float) -> None:
    """Draw what a step multiplies, for every rate, and mark it at the present one."""
    rate = sp.Symbol("rate", positive=True)
    over = {rate: np.linspace(0.005, most, 240)}
    ax.axhline(1, color=GREY, lw=1)
    for curvature, (colour, dashes, marker) in zip(_curvatures, _LOOKS, strict=True):
        curve = canvas.line(ax, colour, dashes, lw=2)
        live.bind(curve, over=over, x=rate, y=_factor(rate, curvature))
        live.bind(canvas.point(ax, colour, marker, ms=8), x=eta, y=_factor(eta, curvature))
    best = 2 / (_first + _second)
    live.bind(canvas.line(ax, GREY, ":"), x=(best, best), y=(0, 2), visible=beta < 0.005)


def _turned(steps: int) -> tuple[sp.Matrix, Iterated]:
    """The directions of the bowl's axes, and the path of descent with momentum in it."""
    turned = _angle * sp.pi / 180
    directions = sp.Matrix([[sp.cos(turned), -sp.sin(turned)], [sp.sin(turned), sp.cos(turned)]])
    H = directions * sp.diag(*_curvatures) * directions.T

    def gradient(place: Sequence[sp.Expr]) -> list[sp.Expr]:
        return list(H * sp.Matrix(place))

    update, memory = optimizer_step("momentum", (w, b), gradient)
    start = {w: sp.Float(2.4), b: sp.Float(1.6), **memory}
    return directions, iterate(update, steps, start)


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
    directions, path = _turned(steps)
    fig, (plane, factors) = canvas.panels(2, 3.9)
    plane.set(
        xlim=(-_WIDTH, _WIDTH), ylim=(-_WIDTH, _WIDTH), xlabel="w", ylabel="b", aspect="equal"
    )
    factors.set(xlim=(0, most), ylim=(0, 1.6), xlabel="rate η", title="factor of a step")
    canvas.legend_above(
        fig, ("axis 1", *_LOOKS[0]), ("axis 2", *_LOOKS[1]), ("path", GREEN, "-", "D")
    )
    live = Live(
        fig,
        {
            _angle: FloatSlider(min=0, max=180, value=angle, step=5, description="angle (°)"),
            _first: FloatSlider(min=0.05, max=_LONGEST, value=first, step=0.05, description="λ₁"),
            _second: FloatSlider(min=0.05, max=_LONGEST, value=second, step=0.05, description="λ₂"),
            eta: FloatSlider(min=0.02, max=most, value=eta_start, step=0.02, description="rate η"),
            beta: FloatSlider(min=0, max=0.95, value=0, step=0.01, description="decay β"),
            _t: furniture.play_row(steps, steps),
        },
        alt="Left: level lines of a bowl, which are ellipses, their two axes (dashed and "
        "dash-dotted), and the path of descent with momentum to step t. Right: against the rate, "
        "what a step multiplies the error along each axis by, with a mark at the present rate. "
        "Without momentum each is a V that touches zero, and they cross at the best rate; with it, "
        "the bottom of the V is cut off level, at the square root of β.",
    )
    _draw_bowl(live, plane, directions, path)
    _draw_factors(live, factors, most)
    _read_axes(live, path, directions)
    return live


def _read_axes(live: Live, path: Iterated, directions: sp.Matrix) -> None:
    now = directions.T * sp.Matrix([path.at(_t, w), path.at(_t, b)])
    sentence = "axis {}: distance {{:.2g}}, factor of a step {{:.3f}}"
    for number_of, curvature in enumerate(_curvatures):
        distance = sp.Abs(now[number_of])
        live.readout(sentence.format(number_of + 1), distance, _factor(eta, curvature))
    low, high = sp.Min(*_curvatures), sp.Max(*_curvatures)
    plain = 2 / (low + high), (high - low) / (high + low)
    live.readout("without momentum the best is η = {:.3f}, with the factor {:.3f}", *plain)
    narrow, wide = sp.sqrt(low), sp.sqrt(high)
    share = (wide - narrow) / (wide + narrow)
    with_it = (2 / (wide + narrow)) ** 2, share**2, share
    live.readout("with it, η = {:.3f} and β = {:.3f}, with the factor {:.3f}", *with_it)

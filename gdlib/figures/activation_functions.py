"""The figure of the appendix on activation functions: curves, slopes, and a unit that learns."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, Style
from gdlib.figures.door import figure
from gdlib.figures.kinds import Formulas, Steps, Text, number
from gdlib.landscape import OpaqueLoss
from gdlib.live import FloatSlider, Live, LiveError, opaque, pointer
from gdlib.symbolic import b, eta, mse, w

__all__ = ["activations"]


def __dir__() -> list[str]:
    return __all__


_a, _chosen, _target = sp.symbols("a function target", real=True)


def _curves(functions: Mapping[str, sp.Expr], reach: float) -> dict[str, sp.Expr]:
    """The functions, all of the symbol a, tried out where w + b can be."""
    curves = {}
    for name, g in functions.items():
        called = f"functions[{name!r}]"
        (a,) = arguments.loss_of_one(g, (-2 * reach, 2 * reach), name=called).weights
        curves[name] = g.xreplace({a: _a})
    return curves


def _heights(curves: Mapping[str, sp.Expr], grid: np.ndarray) -> tuple[float, float]:
    """From where to where the functions are drawn: as the usual ones, if none is out of view."""
    low, high = -1.5, 2.5
    for e in curves.values():
        y = canvas.values(e, {_a: grid})
        y = y[np.isfinite(y)]
        if not ((y >= low) & (y <= high)).mean() > 0.05:
            low, high = min(low, *np.percentile(y, [5, 50])), max(high, *np.percentile(y, [50, 95]))
    return float(low), float(high)


def _highest_loss(curves: Mapping[str, sp.Expr]) -> float:
    """The top of the loss's axis: 100, unless a unit starts above that."""
    begins = np.array([float(canvas.values(e, {_a: np.array(1.5)})) for e in curves.values()])
    return float((begins[np.isfinite(begins)] ** 2).max(initial=100))


@figure
def activations(
    functions: Formulas,
    *,
    start: Annotated[Text | None, "the function chosen first; the first one if None"] = None,
    reach: Annotated[float, number(1, 20), "how far w and b go to either side"] = 5.0,
    steps: Steps = 100,
) -> Live:
    """Activation functions with their derivatives, and a unit g(w x + b) that learns a target.

    The unit sees x = 1, so its pre-activation is a = w + b, and descends on (g(a) − target)²: where
    g is flat, it learns nothing.
    """
    curves = _curves(functions, reach)
    if start not in (None, *functions):
        raise LiveError(f"start is {start!r}; expected one of {', '.join(functions)}")
    grid = np.linspace(-2 * reach, 2 * reach, 161)  # where w + b can be
    fig, (shape, fall) = canvas.panels(2)
    for e in curves.values():
        shape.plot(grid, canvas.values(e, {_a: grid}), color=GREY, lw=0.7)
    shape.axhline(0, color=GREY, lw=0.6)
    shape.set(xlim=(-2 * reach, 2 * reach), ylim=_heights(curves, grid), xlabel="a")
    canvas.legend_above(shape, ("g", BLUE), ("g′", ORANGE, "--"), ("tangent", GREEN, "-."))
    top = _highest_loss(curves)
    canvas.against_steps(fall, 1.04 * steps, 1e-8 * top, top, title="loss of the unit")
    first = [*curves].index(start) if start else 0
    live = Live(
        fig,
        {
            _chosen: furniture.dropdown(curves, first, "function"),
            w: FloatSlider(min=-reach, max=reach, value=1.0, step=0.05),
            b: FloatSlider(min=-reach, max=reach, value=0.5, step=0.05),
            _target: FloatSlider(min=-1, max=2, value=0.2, step=0.05, description="target"),
            eta: FloatSlider(min=0.01, max=2, value=0.3, step=0.01, description="rate η"),
        },
        alt=f"First: the chosen one of {', '.join(curves)} (solid), its derivative (dashed) and "
        "its tangent at a = w + b, the other functions thin behind; a diamond where the unit ends. "
        "Second: the loss of a single unit with this function along the steps of gradient "
        "descent, on a logarithmic axis. It stays level where the derivative is near zero.",
    )
    g = opaque("g", [_a], furniture.choose(_chosen, [*curves.values()]))
    live.bind(canvas.line(shape, BLUE), over={_a: grid}, x=_a, y=g(_a))
    live.bind(canvas.line(shape, ORANGE, "--"), over={_a: grid}, x=_a, y=g(_a).diff(_a))
    _unit(live, shape, fall, g, reach, steps)
    return live


def _unit(live: Live, shape: Axes, fall: Axes, g: Any, reach: float, steps: int) -> None:
    """Draw what a unit g(w + b) sees at the start, how it learns, and where that ends."""
    value, slope = g(w + b), g(w + b).diff(w)
    unit = OpaqueLoss(mse(_target, value), [w, b])
    path = unit.path(steps)
    end = path.last(w + b)
    tangent: Style = {"x": (w + b - reach / 4, w + b + reach / 4)}
    tangent["y"] = (value - slope * reach / 4, value + slope * reach / 4)
    live.bind(canvas.line(shape, GREEN, "-.", lw=1.4), **tangent)
    to = {b: pointer[0] - w}
    furniture.held(live, here := canvas.point(shape, BLUE, ms=8), to, x=w + b, y=value)
    live.bind(square := canvas.point(shape, ORANGE, "s", ms=6), x=w + b, y=slope)
    reached = furniture.along_steps(live, fall, path, unit.value, steps, ms=8)
    edge = sp.Max(-2 * reach, sp.Min(2 * reach, end))
    live.bind(last := canvas.point(shape, GREEN, "D", ms=8), x=edge, y=g(end))
    live.bind(canvas.line(shape, GREEN, ":", lw=1), x=(edge, edge), y=(-1.5, 2.5))
    now = (w + b, here), (value, here), (slope, square)
    live.readout("a = w + b = {:.2f}: g = {:.4f}, g′ = {:.4f}", *now)
    losses = unit.value, (path.last(unit.value), reached)
    live.readout(f"loss {{:.4g}}, after {steps} steps {{:.2g}}", *losses)
    live.readout(f"after {steps} steps a = {{:.2f}}, g′ = {{:.4f}}", (end, last), path.last(slope))

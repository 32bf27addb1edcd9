"""The figures of chapter 2: the slope of a loss, and the step it tells us to take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gdlib.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    arrow,
    canvas,
    contours,
    curve,
    differentiable,
    legend_above,
    line,
    name_of,
    point,
    slider,
    styled,
    symbols_of,
    two_weights,
    values,
)
from gdlib.live import FloatLogSlider, FloatSlider, IntSlider, Live, iterate
from gdlib.slope import central_difference, complex_step, secant_slope
from gdlib.symbolic import eta, h

_theta, _t = sp.symbols("theta t", real=True)
_grid = sp.Symbol("x", real=True)


@styled
def secant(f: Any, *, low: float = -2.0, high: float = 2.0, start: float = -1.2) -> Live:
    """A secant of f through w and w + h, its rise over its run, and the tangent it turns into."""
    f, (w,) = symbols_of(f, 1, "secant")
    slope = differentiable(f, w)
    sides, at_kink = _kink(slope, w)
    touching = slope if at_kink is sp.false else sp.Piecewise((sp.nan, at_kink), (slope, True))
    rise = f.subs(w, w + h) - f
    fig, ax = canvas()
    curve(ax, f, w, np.linspace(low, high, 200), label=f"f({name_of(w)})")
    tangent = line(ax, ORANGE, "--", label="tangent")
    chord = line(ax, PURPLE, "-.", label="secant")
    triangle = line(ax, GREY, ":", lw=1.5)
    ends = point(ax, PURPLE)
    ax.set(xlabel=name_of(w), ylabel="f")
    legend_above(ax)
    live = Live(
        fig,
        {
            w: slider(low, high, start),
            h: FloatLogSlider(min=-3, max=np.log10(high - low), value=1.2, step=0.02),
        },
        alt=f"The curve of f = {f}, a secant through the points at w and w + h with its "
        "rise and run, and the tangent at w. As h shrinks the secant turns into the tangent.",
    )
    span = {_grid: np.array([low, high])}
    live.bind(tangent, over=span, x=_grid, y=f + touching * (_grid - w))
    live.bind(chord, over=span, x=_grid, y=f + rise / h * (_grid - w))
    live.bind(triangle, x=(w, w + h, w + h), y=(f, f, f + rise))
    live.bind(ends, x=(w, w + h), y=(f, f + rise))
    if at_kink is not sp.false:
        word = ax.text(*_corner(ax), "", va="top")
        live.bind(word, text=("no tangent: slopes {:+.2f}, {:+.2f}", *sides), visible=at_kink)
    live.readout("rise / run = {:+.4g} / {:.4g} = {:+.4f}", rise, h, rise / h)
    live.readout("slope of the tangent {:+.4f}, difference {:.4f}", touching, rise / h - touching)
    return live


@styled
def difference_error(f: Any, *, at: float = 1.0) -> Live:
    """The error of difference quotients against h: truncation, rounding, and where they balance.

    The points are measured with `gdlib.slope`; the lines are what the derivation predicts, from
    the rounding of f alone. Near a zero of f, the rounding of w itself and of the terms inside f is
    larger.
    """
    f, (w,) = symbols_of(f, 1, "difference_error")
    eps = np.finfo(float).eps
    size, first, second, third = (
        values(abs(differentiable(f, w, k)), **{w.name: at}).item() for k in range(4)
    )
    numeric = sp.lambdify(w, f, "numpy")
    exact = values(differentiable(f, w), **{w.name: at}).item()
    steps = np.logspace(-16, 0, 97)
    fig, ax = canvas(height=3.6)
    measured = {
        "forward": (ORANGE, "o", [secant_slope(numeric, at, s) for s in steps]),
        "central": (BLUE, "s", [central_difference(numeric, at, s) for s in steps]),
        "complex step": (GREEN, "^", [complex_step(numeric, at, s) for s in steps]),
    }
    for name, (colour, marker, found) in measured.items():
        error = np.maximum(np.abs(np.array(found) - exact) / max(abs(exact), 1e-300), 1e-17)
        ax.loglog(steps, error, marker, color=colour, ms=3.5, label=name)
    ax.set(
        xlabel="h",
        ylabel="relative error of the slope",
        xlim=(5e-17, 2),
        ylim=(3e-18, 30),
    )
    legend_above(ax)
    here = line(ax, GREY, lw=1)
    predicted_forward, predicted_central = line(ax, ORANGE), line(ax, BLUE, "--")
    live = Live(
        fig,
        {h: FloatLogSlider(min=-16, max=0, value=1e-4, step=0.1, description="h")},
        alt="Relative error of three difference quotients against h, both axes logarithmic. "
        "The forward and central differences form a V: rounding on the left, truncation on the "
        "right. A star marks the bottom of each V. The complex step has no left arm.",
    )
    scale = max(abs(first), 1e-300)

    def truncation_and_rounding(step: sp.Expr, order: int) -> tuple[sp.Expr, sp.Expr]:
        if order == 1:
            return second / 2 * step / scale, 2 * eps * size / step / scale
        return third / 6 * step**2 / scale, eps * size / step / scale

    for order, artist in ((1, predicted_forward), (2, predicted_central)):
        total = sum(truncation_and_rounding(_grid, order))
        live.bind(artist, over={_grid: np.logspace(-16, 0, 65)}, x=_grid, y=total)
    # Without a second (third) derivative there is no truncation, and no best h.
    optima = {}
    if second:
        optima["forward"] = 2 * np.sqrt(eps * size / second)
    if third:
        optima["central"] = np.cbrt(3 * eps * size / third)
    orders = {"forward": 1, "central": 2}
    stars = {o: sum(truncation_and_rounding(sp.Float(o), orders[n])) for n, o in optima.items()}
    if stars:
        best = point(ax, "black", "*", ms=12)
        live.bind(best, x=tuple(map(sp.Float, stars)), y=tuple(stars.values()))
    live.bind(here, x=(h, h), y=(1e-18, 100))
    for name, order in orders.items():
        cut, rounding = truncation_and_rounding(h, order)
        says = f"{name}: truncation {{:.1e}} + rounding {{:.1e}}; "
        if name in optima:
            live.readout(says + "best h = {:.1e}", cut, rounding, sp.Float(optima[name]))
        else:
            live.readout(says + "no h is too large", cut, rounding)
    return live


@styled
def descent(
    f: Any,
    *,
    low: float = -2.0,
    high: float = 2.5,
    start: float = 2.2,
    minimum: float | None = None,
    steps: int = 25,
) -> Live:
    """Gradient descent on f: the slope at w, the step −η f′(w), and where repeating it leads.

    Given the place of a minimum, the figure says what η f″ there predicts, unless the path from
    this start goes elsewhere.
    """
    f, (w,) = symbols_of(f, 1, "descent")
    slope = differentiable(f, w)
    path = iterate({w: w - eta * slope}, steps=steps)
    fig, ax = canvas()
    curve(ax, f, w, np.linspace(low, high, 200), room=0.15)
    tangent = line(ax, ORANGE, "--", label="slope")
    trail = line(ax, GREEN, ".-", lw=1.2, label=f"{steps} steps")
    dot = point(ax, ORANGE, ms=9)
    end = point(ax, GREEN, "D")
    ax.set(xlabel=name_of(w), ylabel="loss")
    legend_above(ax, [tangent, trail])
    live = Live(
        fig,
        {
            w: slider(low, high, start, f"start {name_of(w)}"),
            eta: FloatSlider(min=0.01, max=1.2, value=0.1, step=0.01, description="rate η"),
        },
        alt=f"The loss {f} with its tangent at the start, and the path of {steps} steps of "
        "gradient descent from there. A larger rate makes longer steps, which jump across "
        "the valley, and in the end out of it.",
    )
    if minimum is not None:
        bend = eta * differentiable(f, w, 2).subs(w, minimum)
        for words, condition in _outlook(slope, bend, w - minimum, path.last(w) - minimum):
            label = ax.text(*_corner(ax), "", va="top")
            live.bind(label, text=words, visible=condition)
    reach = 0.18 * (high - low)
    live.bind(tangent, x=(w - reach, w + reach), y=(f - slope * reach, f + slope * reach))
    live.bind(dot, x=w, y=f)
    live.bind(trail, x=path[w], y=path[f])
    live.bind(end, x=path.last(w), y=path.last(f))
    name = name_of(w)
    live.readout(
        f"{name} ← {name} − η · slope = {{:.3f}} − {{:.2f}} · ({{:+.3f}}) = {{:.3f}}",
        w,
        eta,
        slope,
        w - eta * slope,
    )
    live.readout(
        f"after {steps} steps: {name} = {{:.4g}}, loss {{:.4g}}",
        path.last(w),
        path.last(f),
    )
    return live


@styled
def direction(
    loss: Any,
    *,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
) -> Live:
    """The slope of a loss of two weights in a direction that turns, beside all directions."""
    loss, (first, second) = two_weights(loss, over, "direction")
    box = (*over[first], *over[second])
    g = [differentiable(loss, s) for s in (first, second)]
    norm = sp.sqrt(g[0] ** 2 + g[1] ** 2)
    u = [turn(_theta * sp.pi / 180) for turn in (sp.cos, sp.sin)]
    along = g[0] * u[0] + g[1] * u[1]
    fig, (plane, rose) = canvas(2, 3.4)
    contours(plane, loss, over)
    length = 0.22 * min(box[1] - box[0], box[3] - box[2])
    uphill, chosen = arrow(plane, ORANGE), arrow(plane, PURPLE)
    dot = point(plane, BLUE, ms=8)
    plane.set(xlabel=name_of(first), ylabel=name_of(second), aspect="equal")
    plane.set_title("purple: u; orange: ∇L")
    angles = np.linspace(0, 360, 121)
    wave, here = line(rose, BLUE), point(rose, PURPLE, ms=9)
    steepest = point(rose, ORANGE, "^", ms=8)
    rose.axhline(0, color=GREY, lw=0.8)
    most = values(norm, **{first.name: np.array(box[:2]), second.name: np.array(box[2:])}).max()
    rose.set(xlim=(0, 360), ylim=(-1.3 * most, 1.3 * most), xlabel="direction θ in degrees")
    rose.set_xticks([0, 90, 180, 270, 360])
    rose.set_title("slope along u")
    live = Live(
        fig,
        {
            _theta: IntSlider(min=0, max=360, value=35, description="direction θ in degrees"),
            first: slider(*over[first], start[first]),
            second: slider(*over[second], start[second]),
        },
        alt="Left: level lines of the loss over two weights, with the gradient and a direction u "
        "that turns. Right: the slope along u against its angle, a cosine whose top is where u "
        "points along the gradient.",
    )
    live.bind(uphill, x=first, y=second, dx=length * g[0] / norm, dy=length * g[1] / norm)
    live.bind(
        chosen,
        x=first,
        y=second,
        dx=length * u[0],
        dy=length * u[1],
    )
    live.bind(dot, x=first, y=second)
    live.bind(wave, over={_grid: angles}, x=_grid, y=along.subs(_theta, _grid))
    live.bind(here, x=_theta, y=along)
    live.bind(steepest, x=sp.Mod(sp.atan2(g[1], g[0]) * 180 / np.pi, 360), y=norm)
    live.readout("slope along u = ∇L · u = {:+.3f}", along)
    live.readout("∇L = ({:+.3f}, {:+.3f}), its length {:.3f}: no direction is steeper", *g, norm)
    return live


def _outlook(
    slope: sp.Expr, bend: sp.Expr, first: sp.Expr, last: sp.Expr
) -> list[tuple[tuple[Any, ...], Any]]:
    """What is said about a descent, and when; the cases exclude each other.

    `bend` is η f″ at the minimum, `first` and `last` are the distances to it.
    """
    hair = sp.Float(1e-9)
    stands = sp.Abs(slope) <= hair
    below, above = bend < 2 - hair, bend > 2 + hair
    # Not the other way round: a path that is no longer finite compares as false.
    nears = sp.Piecewise((1, sp.Abs(last) <= sp.Abs(first)), (0, True)) > 0
    moves = ~stands
    cases = (
        ("level: no step", stands),
        ("this start leaves the valley", moves & (bend <= 2 + hair) & ~nears),
        ("near the bottom η f″ = {:.2f} < 1: creeps", moves & nears & (bend < 1 - hair)),
        ("near the bottom η f″ = {:.2f}: zigzags", moves & nears & (bend >= 1 - hair) & below),
        (
            "η f″ = 2: mirrors, may converge",
            moves & nears & (bend >= 2 - hair) & (bend <= 2 + hair),
        ),
        ("η f″ = {:.2f} > 2: never settles", moves & above),
    )
    return [((text, bend) if "{" in text else (text,), when) for text, when in cases]


def _kink(slope: sp.Expr, w: sp.Symbol) -> tuple[list[sp.Expr], Any]:
    """Return the slopes on either side of w, and the condition that they differ."""
    if not slope.has(sp.sign, sp.Piecewise, sp.Heaviside):
        return [slope, slope], sp.false
    hair = sp.Float(1e-9)
    left, right = slope.subs(w, w - hair), slope.subs(w, w + hair)
    return [left, right], sp.Abs(right - left) > sp.Float(1e-4) * (1 + sp.Abs(left))


def _corner(ax: Any) -> tuple[float, float]:
    """Return the place for words, in data coordinates: inside the upper left corner."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return left + 0.03 * (right - left), top - 0.02 * (top - bottom)

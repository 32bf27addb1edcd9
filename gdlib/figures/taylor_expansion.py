"""The figures of chapter 3: what a slope and a curvature at one point promise about a step."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10
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
from gdlib.live import FloatSlider, IntSlider, Live, iterate
from gdlib.live.errors import LiveError
from gdlib.symbolic import eta

_theta, _order, _along = sp.symbols("theta order t", real=True)
_x = sp.Symbol("x", real=True)


@styled
def polynomials(
    f: Any, *, low: float = -3.0, high: float = 3.0, start: float = 0.5, highest: int = 6
) -> Live:
    """The Taylor polynomial of f at w, order on a slider, in a band that f cannot leave.

    The band is Lagrange's remainder M |x − w|^(k+1)/(k+1)!, with M the largest |f^(k+1)| drawn.
    """
    f, (w,) = symbols_of(f, 1, "polynomials")
    derivatives = [differentiable(f, w, k) for k in range(highest + 2)]
    grid = np.linspace(low, high, 201)
    bounds = [np.abs(values(d, **{w.name: grid})).max() for d in derivatives[1:]]
    if not np.isfinite(bounds).all():
        raise LiveError(f"polynomials: {f} has a derivative without bound in {low:g} … {high:g}")
    fig, ax = canvas(height=3.6)
    band = ax.fill([0, 1, 1], [0, 0, 1], color=ORANGE, alpha=0.18, lw=0, label="band")[0]
    curve(ax, f, w, grid, label=f"f({name_of(w)})")
    model = line(ax, ORANGE, "--", label="polynomial")
    dot = point(ax, ORANGE, ms=9)
    ax.set(xlabel=name_of(w))
    legend_above(ax)
    live = Live(
        fig,
        {
            w: slider(low, high, start, f"point {name_of(w)}"),
            _order: IntSlider(min=0, max=highest, value=1, description="order"),
        },
        alt=f"The curve {f} and its Taylor polynomial at a point, inside a band that the true "
        "curve never leaves. A higher order hugs the curve farther from the point.",
    )
    u = _x - w
    polynomial = sum(
        _if(_order >= k, d * u**k / sp.factorial(k)) for k, d in enumerate(derivatives[:-1])
    )
    remainder = sum(
        _if(sp.Eq(_order, k), sp.Float(M) * sp.Abs(u) ** (k + 1) / sp.factorial(k + 1))
        for k, M in enumerate(bounds)
    )
    over = {_x: np.linspace(low, high, 161)}
    live.bind(band, over=over, x=_x, y=polynomial - remainder, y2=polynomial + remainder)
    live.bind(model, over=over, x=_x, y=polynomial)
    live.bind(dot, x=w, y=f)
    live.readout(
        "order {:d} at a distance of 1: off by {:+.4f}, at most ±{:.4f}",
        _order,
        (polynomial - f.subs(w, _x)).subs(_x, w + 1),
        remainder.subs(_x, w + 1),
    )
    return live


def _if(condition: Any, value: Any) -> sp.Expr:
    return sp.Piecewise((value, condition), (0, True))


@styled
def directions(
    loss: Any,
    *,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    reach: float = 1.0,
) -> Live:
    """Steps of one length η in all directions: where the loss goes, and what its slope promised."""
    loss, (first, second) = two_weights(loss, over, "directions")
    g = [differentiable(loss, s) for s in (first, second)]
    norm = sp.sqrt(g[0] ** 2 + g[1] ** 2)
    cos, sin = (turn(_theta * sp.pi / 180) for turn in (sp.cos, sp.sin))
    fig, (plane, ring) = canvas(2, 3.5)
    contours(plane, loss, over)
    circle = line(plane, GREY, ":", lw=1.2)
    down, chosen = arrow(plane, GREEN), arrow(plane, PURPLE)
    plane.set(xlabel=name_of(first), ylabel=name_of(second), aspect="equal")
    plane.set_title("purple: u; green: −∇L")
    real, promised = line(ring, BLUE, label="got"), line(ring, ORANGE, "--", label="promised")
    here, best = point(ring, PURPLE, ms=8), point(ring, GREEN, "v", ms=8)
    ring.axhline(0, color=GREY, lw=0.8)
    at = {s.name: np.float64(v) for s, v in start.items()}
    size = 1.3 * reach * float(values(norm, **at))
    ring.set(xlim=(0, 360), ylim=(-size, size), xlabel="direction of u in degrees")
    ring.set_xticks([0, 90, 180, 270, 360])
    legend_above(ring, [real, promised])
    live = Live(
        fig,
        {
            _theta: IntSlider(min=0, max=360, value=57, description="direction in degrees"),
            eta: slider(0.02 * reach, reach, 0.5 * reach, "η"),
        },
        alt="Left: level lines of a loss with a step of length η along a direction u, and the "
        "direction of steepest descent. Right: the change of the loss over all directions, "
        "beside what the slope promised; both are lowest against the gradient when η is small.",
    )
    fixed = dict(start)
    change = (
        loss.subs({first: first + eta * cos, second: second + eta * sin}, simultaneous=True) - loss
    ).subs(fixed)
    promise = (eta * (g[0] * cos + g[1] * sin)).subs(fixed)
    g0 = [e.subs(fixed) for e in g]
    n0 = norm.subs(fixed)
    angles = {_along: np.linspace(0, 360, 121)}
    x0, y0 = (sp.Float(start[s]) for s in (first, second))
    round_ = {"x": x0 + eta * cos, "y": y0 + eta * sin}
    live.bind(circle, over=angles, **{k: e.subs(_theta, _along) for k, e in round_.items()})
    live.bind(down, x=x0, y=y0, dx=-eta * g0[0] / n0, dy=-eta * g0[1] / n0)
    live.bind(chosen, x=x0, y=y0, dx=eta * cos, dy=eta * sin)
    live.bind(real, over=angles, x=_along, y=change.subs(_theta, _along))
    live.bind(promised, over=angles, x=_along, y=promise.subs(_theta, _along))
    live.bind(here, x=_theta, y=change)
    live.bind(best, x=sp.Mod(sp.atan2(-g0[1], -g0[0]) * 180 / np.pi, 360), y=-eta * n0)
    live.readout("promised η ∇L · u = {:+.4f}, got {:+.4f}", promise, change)
    live.readout("Cauchy–Schwarz: never below −η ‖∇L‖ = {:+.4f}", -eta * n0)
    return live


@styled
def step_length(
    loss: Any,
    *,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    eta_max: float,
) -> Live:
    """The loss along −g as η grows, its line and its parabola; best, break-even and safe η.

    Best and break-even hold for the gradient at this point, 2/λmax for every gradient there.
    """
    loss, (first, second) = two_weights(loss, over, "step_length")
    weights = (first, second)
    g = [differentiable(loss, s) for s in weights]
    hess = [[differentiable(e, s) for s in weights] for e in g]
    square = g[0] ** 2 + g[1] ** 2
    bend = sum(g[i] * hess[i][j] * g[j] for i in range(2) for j in range(2))
    trace, det = hess[0][0] + hess[1][1], hess[0][0] * hess[1][1] - hess[0][1] ** 2
    steepest = (trace + sp.sqrt((hess[0][0] - hess[1][1]) ** 2 + 4 * hess[0][1] ** 2)) / 2
    newton = [
        -(hess[1][1] * g[0] - hess[0][1] * g[1]) / det,
        -(hess[0][0] * g[1] - hess[0][1] * g[0]) / det,
    ]
    fig, (plane, along) = canvas(2, 3.6)
    contours(plane, loss, over)
    ray, end = line(plane, GREEN), point(plane, GREEN, "D", ms=7)
    dot, star = point(plane, ORANGE, ms=9), point(plane, PURPLE, "*", ms=13)
    plane.set(xlabel=name_of(first), ylabel=name_of(second))
    plane.set_title("diamond: the step; star: Newton's")
    real = line(along, BLUE, label="loss")
    tangent = line(along, ORANGE, "--", label="line")
    parabola = line(along, PURPLE, "-.", label="parabola")
    marks = {
        "best": (line(along, GREEN, ":", lw=1.5), along.text(0, 0, "best", ha="center")),
        "even": (line(along, GREY, "--", lw=1), along.text(0, 0, "even", ha="center")),
        "2/λmax": (line(along, "black", "-", lw=1), along.text(0, 0, "2/λ", ha="center")),
    }
    here = point(along, GREEN, "D", ms=7)
    first_values = values(loss, **{s.name: np.float64(v) for s, v in start.items()})
    corner = np.array(
        [values(loss, **{first.name: u, second.name: v}) for u in over[first] for v in over[second]]
    )
    top = float(max(first_values * 1.6, np.median(corner) * 0.6))
    along.set(xlim=(0, eta_max), ylim=(-0.12 * top, top), xlabel="η")
    legend_above(along, [real, tangent, parabola])
    live = Live(
        fig,
        {
            **{s: slider(*over[s], start[s]) for s in weights},
            eta: slider(0, eta_max, 0.1 * eta_max, "η"),
        },
        alt="Left: level lines of a loss with the step −ηg from a point, and Newton's step. "
        "Right: the loss along that step against η, with the straight line and the parabola "
        "that the derivatives at the point promise, and three marked learning rates.",
    )

    def moved(rate: Any) -> sp.Expr:
        step = {s: s - rate * e for s, e in zip(weights, g, strict=True)}
        return loss.subs(step, simultaneous=True)

    grid = {_along: np.linspace(0, eta_max, 81)}
    live.bind(real, over=grid, x=_along, y=moved(_along))
    live.bind(tangent, over=grid, x=_along, y=loss - _along * square)
    live.bind(parabola, over=grid, x=_along, y=loss - _along * square + _along**2 * bend / 2)
    best = square / bend
    heights = (0.92, 0.92, 0.8)
    for (rule, label), at, height in zip(
        marks.values(), (best, 2 * best, 2 / steepest), heights, strict=True
    ):
        inside = (at > 0) & (at < eta_max)
        live.bind(rule, x=(at, at), y=(-top, (height - 0.02) * top), visible=inside)
        live.bind(label, x=at, y=height * top, visible=inside)
    live.bind(here, x=eta, y=moved(eta))
    live.bind(ray, x=(first, first - eta * g[0]), y=(second, second - eta * g[1]))
    live.bind(end, x=first - eta * g[0], y=second - eta * g[1])
    live.bind(dot, x=first, y=second)
    live.bind(star, x=first + newton[0], y=second + newton[1])
    promised = eta * square
    live.readout(
        "decrease promised: line {:.4f}, parabola {:.4f}; got {:.4f}",
        promised,
        promised - eta**2 * bend / 2,
        loss - moved(eta),
    )
    live.readout(
        "for this g: best {:.3f}, even {:.3f}; for every g: 2/λmax = {:.3f}",
        best,
        2 * best,
        2 / steepest,
    )
    return live


@styled
def bowl(
    loss: Any,
    *,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    steps: int = 40,
) -> Live:
    """Descent in a quadratic bowl, and its error along each axis: measured, and |1 − ηλ|^t."""
    loss, (first, second) = two_weights(loss, over, "bowl")
    weights = (first, second)
    g = [differentiable(loss, s) for s in weights]
    exact = [[differentiable(e, s) for s in weights] for e in g]
    if any(e.free_symbols for row in exact for e in row):
        raise LiveError(f"bowl: {loss} is not quadratic, its curvature changes from place to place")
    hess = np.array([[float(values(e)) for e in row] for row in exact])
    eigenvalues, axes = np.linalg.eigh(hess)
    if eigenvalues[0] <= 0:
        raise LiveError(f"bowl: {loss} has no lowest point, an eigenvalue is {eigenvalues[0]:g}")
    zero = {s.name: np.float64(0) for s in weights}
    bottom = -np.linalg.solve(hess, [float(values(e, **zero)) for e in g])
    path = iterate({s: s - eta * e for s, e in zip(weights, g, strict=True)}, steps=steps)
    fig, (plane, errors) = canvas(2, 3.6)
    contours(plane, loss, over)
    trail, dot = line(plane, GREEN, ".-", lw=1.2), point(plane, ORANGE, ms=9)
    word = plane.text(
        over[first][0], over[second][1], "diverges", va="top", ha="left", color=ORANGE, size=13
    )
    plane.set(xlabel=name_of(first), ylabel=name_of(second))
    errors.set(
        xlim=(0, steps),
        ylim=(1e-6, 1e3),
        yscale="log",
        xlabel="step",
        ylabel="distance along each axis",
    )
    edge = 2 / eigenvalues[1]
    step = 10.0 ** floor(log10(edge / 100))  # every position has its own label, on either side
    live = Live(
        fig,
        {
            **{s: slider(*over[s], start[s]) for s in weights},
            eta: FloatSlider(
                min=step, max=ceil(1.25 * edge / step) * step,
                value=round(0.4 * edge / step) * step, step=step, description="η",
            ),
        },
        alt="Left: level lines of an elongated bowl with the path of gradient descent. Right: "
        "the distance to the bottom along each of the bowl's two axes, step by step, on the "
        "straight lines that the factor |1 − ηλ| predicts.",
    )  # fmt: skip
    live.bind(trail, x=path[first], y=path[second])
    live.bind(dot, x=first, y=second)
    live.bind(word, text=("diverges: η > 2/λmax = {:.3f}", sp.Float(edge)), visible=eta > edge)
    handles = []
    for i, (colour, marker, style) in enumerate(((BLUE, "s", "-"), (ORANGE, "o", "--"))):
        distance = sum(
            sp.Float(axes[j, i]) * (s - sp.Float(bottom[j])) for j, s in enumerate(weights)
        )
        factor = sp.Abs(1 - eta * sp.Float(eigenvalues[i]))
        measured = point(errors, colour, marker, ms=3.5)
        predicted = line(errors, colour, style, lw=1, label=f"λ = {eigenvalues[i]:.3g}")
        handles.append(predicted)
        live.bind(measured, x=path[path.step], y=path[sp.Abs(distance)])
        live.bind(
            predicted,
            over={_along: np.arange(steps + 1.0)},
            x=_along,
            y=sp.Abs(distance) * factor**_along,
        )
        live.readout(
            f"λ = {eigenvalues[i]:.3g}: each step multiplies the distance by 1 − ηλ = {{:+.3f}}",
            1 - eta * sp.Float(eigenvalues[i]),
        )
    legend_above(errors, handles)
    return live

"""The figure of the appendix on activation functions: curves, slopes, and a unit that learns."""

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
    canvas,
    differentiable,
    legend_above,
    line,
    point,
    styled,
    symbols_of,
    values,
)
from gdlib.live import Dropdown, FloatSlider, Live, iterate
from gdlib.live.errors import LiveError
from gdlib.symbolic import b, eta, mse, w

_a, _chosen, _target = sp.symbols("a function target", real=True)


@styled
def activations(
    functions: Mapping[str, Any], *, start: str | None = None, reach: float = 5.0, steps: int = 100
) -> Live:
    """Activation functions with their derivatives, and a unit g(w x + b) that learns a target.

    `functions` are expressions of one symbol, by name. The unit sees x = 1, so its pre-activation
    is a = w + b, and descends on (g(a) − target)²: where g is flat, it learns nothing.
    """
    if not isinstance(functions, Mapping) or not functions:
        raise LiveError("activations takes a dict of expressions of one symbol, by name")
    if start is not None and start not in functions:
        raise LiveError(f"activations: start is {start!r}, not one of {', '.join(functions)}")
    if reach <= 0:
        raise LiveError(f"activations: reach must be above 0, got {reach:g}")
    curves: dict[str, sp.Expr] = {}
    for name, given in functions.items():
        g, (symbol,) = symbols_of(given, 1, f"activations: {name}")
        curves[name] = g.subs(symbol, _a)

    def choose(cases: list[sp.Expr]) -> sp.Expr:
        pairs = [(e, _chosen < i + sp.Rational(1, 2)) for i, e in enumerate(cases)]
        return sp.Piecewise(*pairs, (sp.nan, True))

    slopes = [differentiable(e, _a) for e in curves.values()]
    g, slope = choose(list(curves.values())), choose(slopes)
    grid = np.linspace(-2 * reach, 2 * reach, 161)  # where w + b can be
    fig, (shape, fall) = canvas(2, 3.7)
    for e in curves.values():
        shape.plot(grid, values(e, a=grid), color=GREY, lw=0.7)
    shape.axhline(0, color=GREY, lw=0.6)
    tangent = line(shape, GREEN, "-.", lw=1.4, label="tangent")
    value, derivative = line(shape, BLUE, label="g"), line(shape, ORANGE, "--", label="g′")
    here, below = point(shape, BLUE, ms=8), point(shape, ORANGE, "s", ms=6)
    landed, lands_at = point(shape, GREEN, "D", ms=8), line(shape, GREEN, ":", lw=1)
    shape.set(xlim=(-2 * reach, 2 * reach), ylim=(-1.5, 2.5), xlabel="a")
    legend_above(shape, [value, derivative, tangent])
    fall.set(
        xlim=(0, 1.04 * steps),
        ylim=(1e-6, 1e2),
        yscale="log",
        xlabel="step",
        title="loss of the unit",
    )
    names = list(curves)
    live = Live(
        fig,
        {
            _chosen: Dropdown(
                options=[(name, i) for i, name in enumerate(names)],
                value=names.index(start) if start else 0,
                description="function",
            ),
            w: FloatSlider(min=-reach, max=reach, value=1.0, step=0.05),
            b: FloatSlider(min=-reach, max=reach, value=0.5, step=0.05),
            _target: FloatSlider(min=-1, max=2, value=0.2, step=0.05, description="target"),
            eta: FloatSlider(min=0.01, max=2, value=0.3, step=0.01, description="rate η"),
        },
        alt=f"Left: the chosen one of {', '.join(names)} (solid), its derivative (dashed) and its "
        "tangent at a = w + b, the other functions thin behind; a diamond where the unit ends. "
        "Right: the loss of a single unit with this function along the steps of gradient "
        "descent, on a logarithmic axis. It stays level where the derivative is near zero.",
    )
    score = w + b
    now, slope_now = g.subs(_a, score), slope.subs(_a, score)
    loss = mse(_target, now)
    # The chain rule, by hand: SymPy would differentiate every case of the Piecewise.
    gradient = differentiable(mse(_target, _a), _a).subs(_a, now) * slope_now
    path = iterate({s: s - eta * gradient for s in (w, b)}, steps=steps)
    live.bind(value, over={_a: grid}, x=_a, y=g)
    live.bind(derivative, over={_a: grid}, x=_a, y=slope)
    reached = reach / 4
    live.bind(
        tangent,
        x=(score - reached, score + reached),
        y=(now - slope_now * reached, now + slope_now * reached),
    )
    live.bind(here, x=score, y=now)
    live.bind(below, x=score, y=slope_now)
    live.bind(line(fall, GREEN), x=path[path.step], y=path[loss])
    live.bind(point(fall, GREEN, "D", ms=8), x=steps, y=path.last(loss))
    live.readout("a = w + b = {:.2f}: g = {:.4f}, g′ = {:.4f}", score, now, slope_now)
    last = path.last(score)
    edge = sp.Max(-2 * reach, sp.Min(2 * reach, last))
    live.bind(landed, x=edge, y=g.subs(_a, last))
    live.bind(lands_at, x=(edge, edge), y=(-1.5, 2.5))
    live.readout(f"loss {{:.4g}}, after {steps} steps {{:.2g}}", loss, path.last(loss))
    live.readout(f"after {steps} steps a = {{:.2f}}, g′ = {{:.4f}}", last, slope.subs(_a, last))
    return live

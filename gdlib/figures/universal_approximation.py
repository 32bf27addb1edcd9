"""The figures of the appendix on universal approximation: steps, bumps, towers, and training."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.colors import ListedColormap, to_rgba

from gdlib import symbolic
from gdlib.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    canvas,
    curve,
    differentiable,
    legend_above,
    line,
    name_of,
    point,
    styled,
    symbols_of,
    values,
)
from gdlib.live import FloatLogSlider, FloatSlider, HBox, IntSlider, Live, Play, iterate, mean
from gdlib.live.errors import LiveError
from gdlib.symbolic import eta, w

_x, _y, _t, _beta = sp.symbols("x y t beta", real=True)
_left, _right, _height, _width = sp.symbols("left right height width", real=True)
_n, _k, _tau, _sharp = sp.symbols("N k tau sharpness", real=True)


def _interval(figure: str, low: float, high: float) -> None:
    if not low < high:
        raise LiveError(f"{figure}: low must be below high, got {low:g} and {high:g}")


def _target(target: Any, figure: str, low: float, high: float) -> tuple[sp.Expr, sp.Symbol]:
    """A target that is finite on the whole interval, and its symbol."""
    _interval(figure, low, high)
    target, (x,) = symbols_of(target, 1, figure)
    if not np.isfinite(values(target, **{x.name: np.linspace(low, high, 201)})).all():
        raise LiveError(f"{figure}: {target} is not finite everywhere in {low:g} … {high:g}")
    return target, x


def _steep(value: float, low: float = 0.0, high: float = 3.0) -> FloatLogSlider:
    return FloatLogSlider(min=low, max=high, value=value, step=0.02, description="steepness w")


@styled
def bump(g: Any, *, low: float = 0.0, high: float = 1.0) -> Live:
    """Two units of the activation g, one minus the other: a bump, or a step for each edge."""
    _interval("bump", low, high)
    g, (a,) = symbols_of(g, 1, "bump")
    span = high - low
    up, down = (g.subs(a, w * (_x - edge)) for edge in (_left, _right))
    fig, ax = canvas()
    first, second = (
        line(ax, PURPLE, "--", lw=1.4, label="unit 1"),
        line(ax, ORANGE, ":", lw=1.8, label="unit 2"),
    )
    sum_of = line(ax, BLUE, label="height · (unit 1 − unit 2)")
    edges = [line(ax, GREY, "-", lw=0.7) for _ in range(2)]
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlim=(low, high), ylim=(-1.6, 1.6), xlabel=name_of(_x))
    legend_above(ax)
    live = Live(
        fig,
        {
            w: _steep(30 / span),
            _left: FloatSlider(
                min=low, max=high, value=low + 0.3 * span, description="left edge"
            ),
            _right: FloatSlider(
                min=low, max=high, value=low + 0.6 * span, description="right edge"
            ),
            _height: FloatSlider(min=-1.5, max=1.5, value=1.0, step=0.05, description="height"),
        },
        alt="Two S-shaped steps, one at the left edge, one at the right edge, and their "
        "difference times the height: a bump between the edges. The steeper the steps, the more "
        "it looks like a box.",
    )  # fmt: skip
    over = {_x: np.linspace(low, high, 241)}
    live.bind(first, over=over, x=_x, y=up)
    live.bind(second, over=over, x=_x, y=down)
    live.bind(sum_of, over=over, x=_x, y=_height * (up - down))
    for artist, edge in zip(edges, (_left, _right), strict=True):
        live.bind(artist, x=(edge, edge), y=(-1.6, 1.6))
    live.readout("biases −w · edge: {:.1f} and {:.1f}", -w * _left, -w * _right)
    middle = (_left + _right) / 2
    live.readout(
        "in the middle {:.4f} of {:.2f}",
        (_height * (up - down)).subs(_x, middle), _height,
    )  # fmt: skip
    return live


@styled
def sum_of_bumps(
    target: Any,
    *,
    low: float = 0.0,
    high: float = 1.0,
    most: int = 20,
    bumps: int = 5,
) -> Live:
    """A target and the sum of bumps of two sigmoids each, as high as the target in their middles.

    The bumps share the interval evenly; the outermost edges lie one width outside it.
    """
    target, x = _target(target, "sum_of_bumps", low, high)
    if not 1 <= bumps <= most:
        raise LiveError(f"sum_of_bumps: bumps must be 1 to {most}, got {bumps}")
    width, half = (high - low) / _n, sp.Rational(1, 2)
    middle = low + (_k + half) * width
    left = low + width * (_k - sp.Piecewise((1, _k < half), (0, True)))
    right = low + width * (_k + 1 + sp.Piecewise((1, _k > _n - 3 * half), (0, True)))
    one = symbolic.sigmoid(w * (x - left)) - symbolic.sigmoid(w * (x - right))
    used = sp.Piecewise((target.subs(x, middle) * one, _k < _n - half), (0, True))
    total = most * mean(used, {_k: np.arange(float(most))})
    points = 241
    i, worst = sp.Dummy("i", real=True), sp.Dummy("worst", real=True)
    here = low + i * ((high - low) / (points - 1))
    largest = iterate(
        {i: i + 1, worst: sp.Max(worst, sp.Abs((target - total).subs(x, here)))},
        steps=points,
        start={i: sp.S.Zero, worst: sp.S.Zero},
    ).last(worst)
    grid = np.linspace(low, high, points)
    stairs = [_staircase_error(target, x, low, high, n) for n in range(1, most + 1)]
    fig, (shape, errors) = canvas(2, 3.6)
    curve(shape, target, x, grid, label="target")
    network = line(shape, GREEN, "--", label="sum of bumps")
    dots = point(shape, GREEN, ms=5)
    shape.set(xlabel=name_of(x))
    legend_above(shape)
    errors.semilogy(
        range(1, most + 1), np.maximum(stairs, 1e-9), ":", marker="s", color=GREY, lw=1, ms=4,
        label="stairs",
    )  # fmt: skip
    now = point(errors, GREEN, "D", ms=8, label="this sum")
    largest_stair = max(*stairs, 1e-3)
    errors.set(
        xlim=(0.5, most + 0.5), xlabel="bumps N", ylabel="largest error",
        ylim=(largest_stair * 5e-3, largest_stair * 2),
    )  # fmt: skip
    errors.set_xticks([1, *range(5, most + 1, 5)])
    legend_above(errors)
    span = high - low
    live = Live(
        fig,
        {
            _n: IntSlider(min=1, max=most, value=bumps, description="bumps N"),
            w: _steep(100 / span, high=float(np.log10(2000 / span))),
        },
        alt=f"Left: the target {target} and the sum of N bumps, a staircase with rounded "
        "corners, which meets the target in the middle of every bump. Right: the largest error "
        "against the number of bumps on a logarithmic axis, for perfect stairs (squares) and "
        "for the sum on the left (diamond).",
    )
    live.bind(network, over={x: grid}, x=x, y=total)
    inside = sp.Piecewise((middle, _k < _n - half), (sp.nan, True))
    live.bind(dots, over={_k: np.arange(float(most))}, x=inside, y=target.subs(x, middle))
    live.bind(now, x=_n, y=largest)
    live.readout("N = {:d}, {:d} sigmoid units: largest error {:.4f}", _n, 2 * _n, largest)
    cases = [(sp.Float(e), sp.Eq(_n, n)) for n, e in enumerate(stairs, start=1)]
    live.readout("perfect stairs: {:.4f}", sp.Piecewise(*cases, (sp.nan, True)))
    return live


def _staircase_error(target: sp.Expr, x: sp.Symbol, low: float, high: float, n: int) -> float:
    """The largest error of n steps, each as high as the target in its middle."""
    within = np.linspace(0, 1, 61)
    starts = low + (high - low) * np.arange(n)[:, None] / n
    places = starts + (high - low) / n * within
    found = values(target, **{x.name: places})
    middles = values(target, **{x.name: starts + (high - low) / n / 2})
    return float(np.abs(found - middles).max())


@styled
def tower(g: Any, *, pixels: int = 60) -> Live:
    """Four units of the activation g make a cross over two inputs; a fifth keeps its middle."""
    g, (a,) = symbols_of(g, 1, "tower")
    edges = sp.Rational(1, 2) - _width / 2, sp.Rational(1, 2) + _width / 2
    cross = sum(g.subs(a, w * (s - edges[0])) - g.subs(a, w * (s - edges[1])) for s in (_x, _y))
    kept = g.subs(a, _sharp * (cross - _tau))
    fig, panels = canvas(2, 3.5)
    shades = ListedColormap([(*to_rgba(BLUE)[:3], alpha) for alpha in np.linspace(0, 0.95, 32)])
    images, frames = [], []
    for ax, top, title in ((panels[0], 2, "sum of four units"), (panels[1], 1, "fifth unit")):
        images.append(
            ax.imshow(
                np.zeros((pixels, pixels)), extent=(0, 1, 0, 1), origin="lower", cmap=shades,
                vmin=0, vmax=top,
            )
        )  # fmt: skip
        frames.append(line(ax, ORANGE, "--", lw=1.2))
        ax.set(title=title, xlabel="x₁", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    panels[0].set_ylabel("x₂")
    live = Live(
        fig,
        {
            w: _steep(40.0, high=2.5),
            _width: FloatSlider(min=0.05, max=0.9, value=0.4, step=0.01, description="width"),
            _tau: FloatSlider(min=0, max=2, value=1.5, step=0.01, description="threshold τ"),
            _sharp: FloatLogSlider(min=0, max=2, value=20, step=0.02, description="sharpness"),
        },
        alt="Two squares seen from above, the darker the higher. Left: the sum of two bumps, one "
        "along each input: a cross, twice as high in its middle as in its arms. Right: what a "
        "fifth unit lets through: only what is above its threshold. Between 1 and 2 that is a "
        "single tower, inside the dashed square.",
    )
    grid = np.linspace(0.5 / pixels, 1 - 0.5 / pixels, pixels)
    for image, expression in zip(images, (cross, kept), strict=True):
        live.bind(image, over={_x: grid, _y: grid}, value=expression)
    low, high = edges
    for frame in frames:
        live.bind(frame, x=(low, high, high, low, low), y=(low, low, high, high, low))
    places = ((0.5, 0.5), (0.5, 0.02), (0.02, 0.02))
    for name, expression in (("sum", cross), ("fifth unit", kept)):
        live.readout(
            f"{name}: middle {{:.3f}}, arm {{:.3f}}, corner {{:.3f}}",
            *(expression.subs({_x: u, _y: v}, simultaneous=True) for u, v in places),
        )
    return live


@styled
def trained(
    target: Any,
    *,
    low: float = -1.0,
    high: float = 1.0,
    hidden: int = 8,
    rows: int = 40,
    steps: int = 200,
    per_step: int = 5,
    eta_start: float = 0.05,
    seed: int = 0,
) -> Live:
    """A network of one hidden tanh layer that learns the target in the page, by momentum.

    The slider counts updates, v ← βv + ∇L and w ← w − ηv, on all rows, `per_step` at a time. The
    data are scaled to −1 … 1. The hidden units start as steps of either sign, spread evenly.
    """
    target, x = _target(target, "trained", low, high)
    if not 1 <= hidden <= 12 or not 5 <= rows <= 200 or steps < 1 or per_step < 1:
        raise LiveError(
            "trained: needs 1 to 12 hidden units, 5 to 200 rows, and at least 1 step of at least "
            f"1 update, got {hidden}, {rows}, {steps} and {per_step}"
        )
    inputs = np.linspace(low, high, rows)
    truth = np.broadcast_to(values(target, **{x.name: inputs}), inputs.shape)
    size = float(np.abs(truth).max()) or 1.0
    net = symbolic.network((1, hidden, 1), hidden="tanh", output="linear")
    (u,), (label,) = net.inputs, net.labels
    scaled = np.round(np.linspace(-1, 1, rows), 6)
    loss = mean(net.loss, {u: scaled, label: np.round(truth / size, 6)})
    v = {p: sp.Dummy(f"v_{p.name}", real=True) for p in net.parameters}
    fresh = {p: _beta * v[p] + differentiable(loss, p) for p in net.parameters}
    shown = sp.Dummy("loss", real=True)
    update = {
        **{p: p - eta * e for p, e in fresh.items()},
        **{v[p]: e for p, e in fresh.items()},
        shown: loss,
    }
    begin = dict(zip(net.parameters, _spread(hidden, seed), strict=True))
    path = iterate(
        update,
        steps=steps * per_step + 1,
        start={**begin, **dict.fromkeys(v.values(), sp.S.Zero), shown: sp.nan},
    )
    fig, (fit, fall) = plt.subplots(
        2, 1, figsize=(4.9, 4.7), gridspec_kw={"height_ratios": [2.2, 1]}
    )
    parts = [line(fit, GREY, lw=0.8) for _ in range(hidden)]
    curve(fit, target, x, inputs, color=BLUE, label="target", ls="", marker="o", ms=4)
    network = line(fit, GREEN, label="network")
    fit.set(xlabel=name_of(x))
    fit.locator_params(axis="x", nbins=5)
    parts[0].set_label("hidden units")
    legend_above(fit, [*fit.lines[-2:], parts[0]])
    fall.set(
        xlim=(-0.02 * steps * per_step, 1.02 * steps * per_step), ylim=(1e-5, 3),
        yscale="log", xlabel="update", ylabel="loss",
    )  # fmt: skip
    most = steps * per_step
    slider = IntSlider(min=0, max=most, value=0, step=per_step, description="update t")
    live = Live(
        fig,
        {
            eta: FloatLogSlider(min=-3, max=0, value=eta_start, step=0.02, description="rate η"),
            _beta: FloatSlider(min=0, max=0.95, value=0.9, step=0.05, description="decay β"),
            _t: HBox([Play(min=0, max=most, value=0, step=per_step, interval=30), slider]),
        },
        alt=f"Above: {rows} points of the target {target}, the output of a network of {hidden} "
        "tanh units (thick line), and what each hidden unit adds to it (thin lines). Below: the "
        "loss along the updates of training, on a logarithmic axis. Played, the line bends "
        "into the points.",
    )
    (hidden_row,) = net.hidden
    W_out = net.weights[1]
    grid = np.linspace(low, high, 121)
    unscaled = {u: (2 * x - low - high) / (high - low)}
    for j, part in enumerate(parts):
        share = path.at(_t, size * W_out[j, 0] * hidden_row[j]).xreplace(unscaled)
        live.bind(part, over={x: grid}, x=x, y=share)
    output = path.at(_t, size * net.scores[0]).xreplace(unscaled)
    live.bind(network, over={x: grid}, x=x, y=output)
    live.bind(line(fall, GREEN, lw=1.6), x=path[path.step - 1], y=path[shown])
    live.bind(point(fall, GREEN, "D"), x=_t, y=path.at(_t + 1, shown))
    live.readout(
        "after {:,.0f} updates of all {:d} parameters: loss {:.5f}",
        _t, len(net.parameters), path.at(_t + 1, shown),
    )  # fmt: skip
    return live


def _spread(hidden: int, seed: int) -> list[float]:
    """Start values of a 1-hidden-1 network in the order of its parameters: W, b, W, b."""
    rng = np.random.default_rng(seed)
    slopes = 4 * rng.choice([-1.0, 1.0], hidden)
    centres = np.linspace(-0.9, 0.9, hidden) if hidden > 1 else np.zeros(1)
    out = np.round(rng.normal(0, hidden**-0.5, hidden), 3)
    return [*map(float, [*slopes, *(-slopes * centres), *out, 0.0])]

"""The figures of the appendix on universal approximation: steps, bumps, towers, and training."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from gdlib import symbolic
from gdlib.figures import canvas, furniture
from gdlib.figures.arguments import interval, symbols_of
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE
from gdlib.live import (
    FloatLogSlider,
    FloatSlider,
    IntSlider,
    Live,
    LiveError,
)
from gdlib.symbolic import beta, eta, name_of, w
from gdlib.symbolic_training import recorded_loss, spread_start, training_path
from gdlib.universal_approximation import SumOfBumps

_x, _y, _t = sp.symbols("x y t", real=True)
_left, _right, _height, _width = sp.symbols("left right height width", real=True)
_n, _tau, _sharp = sp.symbols("N tau sharpness", real=True)


def _target(target: Any, figure: str, low: float, high: float) -> tuple[sp.Expr, sp.Symbol]:
    """A target that is finite on the whole interval, and its symbol."""
    interval(low, high, figure)
    target, (x,) = symbols_of(target, 1, figure)
    if not np.isfinite(canvas.values(target, **{x.name: np.linspace(low, high, 201)})).all():
        raise LiveError(f"{figure}: {target} is not finite everywhere in {low:g} … {high:g}")
    return target, x


def _steep(value: float, low: float = 0.0, high: float = 3.0) -> FloatLogSlider:
    return FloatLogSlider(min=low, max=high, value=value, step=0.02, description="steepness w")


@canvas.styled
def bump(g: Any, *, low: float = 0.0, high: float = 1.0) -> Live:
    """Two units of the activation g, one minus the other: a bump, or a step for each edge."""
    interval(low, high, "bump")
    g, (a,) = symbols_of(g, 1, "bump")
    span = high - low
    fig, ax = canvas.panels()
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlim=(low, high), ylim=(-1.6, 1.6), xlabel=name_of(_x))
    looks = ((PURPLE, "--"), (ORANGE, ":"), (BLUE, "-"))
    names = ("unit 1", "unit 2", "height · (unit 1 − unit 2)")
    canvas.legend_above(ax, *((name, *look) for name, look in zip(names, looks, strict=True)))
    edge = {"min": low, "max": high}
    live = Live(
        fig,
        {
            w: _steep(30 / span),
            _left: FloatSlider(**edge, value=low + 0.3 * span, description="left edge"),
            _right: FloatSlider(**edge, value=low + 0.6 * span, description="right edge"),
            _height: FloatSlider(min=-1.5, max=1.5, value=1.0, step=0.05, description="height"),
        },
        alt="Two S-shaped steps, one at the left edge, one at the right edge, and their "
        "difference times the height: a bump between the edges. The steeper the steps, the more "
        "it looks like a box.",
    )
    up, down = (g.subs(a, w * (_x - edge)) for edge in (_left, _right))
    over, difference = {_x: np.linspace(low, high, 241)}, _height * (up - down)
    for look, width, y in zip(looks, (1.4, 1.8, None), (up, down, difference), strict=True):
        live.bind(canvas.line(ax, *look, lw=width), over=over, x=_x, y=y)
    for symbol in (_left, _right):
        live.bind(canvas.line(ax, GREY, "-", lw=0.7), x=(symbol, symbol), y=(-1.6, 1.6))
    live.readout("biases −w · edge: {:.1f} and {:.1f}", -w * _left, -w * _right)
    middle = difference.subs(_x, (_left + _right) / 2)
    live.readout("in the middle {:.4f} of {:.2f}", middle, _height)
    return live


@canvas.styled
def sum_of_bumps(
    target: Any, *, low: float = 0.0, high: float = 1.0, most: int = 20, bumps: int = 5
) -> Live:
    """A target and the sum of bumps of two sigmoids each, as high as the target in their middles.

    The bumps share the interval evenly; the outermost edges lie one width outside it.
    """
    target, x = _target(target, "sum_of_bumps", low, high)
    if not 1 <= bumps <= most:
        raise LiveError(f"sum_of_bumps: bumps must be 1 to {most}, got {bumps}")
    row, points = SumOfBumps(target, (low, high), _n, w, most), 241
    grid = np.linspace(low, high, points)
    stairs = {n: row.stairs_error(n) for n in range(1, most + 1)}
    fig, (shape, errors) = canvas.panels(2, 3.6)
    canvas.curve(shape, target, x, grid, label="target")
    shape.set(xlabel=name_of(x))
    canvas.legend_above(shape, ("target", BLUE), ("sum of bumps", GREEN, "--"))
    style = {"ls": ":", "marker": "s", "color": GREY, "lw": 1, "ms": 4, "label": "stairs"}
    errors.semilogy([*stairs], np.maximum([*stairs.values()], 1e-9), **style)
    top = max(*stairs.values(), 1e-3)
    errors.set(xlim=(0.5, most + 0.5), ylim=(top * 5e-3, top * 2))
    errors.set(xticks=[1, *range(5, most + 1, 5)], xlabel="bumps N", ylabel="largest error")
    canvas.legend_above(errors, *errors.lines, ("this sum", GREEN, "", "D"))
    live = Live(
        fig,
        {
            _n: IntSlider(min=1, max=most, value=bumps, description="bumps N"),
            w: _steep(100 / (high - low), high=float(np.log10(2000 / (high - low)))),
        },
        alt=f"Left: the target {target} and the sum of N bumps, a staircase with rounded "
        "corners, which meets the target in the middle of every bump. Right: the largest error "
        "against the number of bumps on a logarithmic axis, for perfect stairs (squares) and "
        "for the sum on the left (diamond).",
    )
    live.bind(canvas.line(shape, GREEN, "--"), over={x: grid}, x=x, y=row.total)
    middles = {"x": furniture.only(row.used, row.middle), "y": target.subs(x, row.middle)}
    live.bind(canvas.point(shape, GREEN, ms=5), over={row.k: np.arange(float(most))}, **middles)
    largest = row.largest_error(points)
    live.bind(canvas.point(errors, GREEN, "D", ms=8), x=_n, y=largest)
    live.readout("N = {:d}, {:d} sigmoid units: largest error {:.4f}", _n, 2 * _n, largest)
    live.readout(
        "perfect stairs: {:.4f}", furniture.choose(_n, {n: sp.Float(e) for n, e in stairs.items()})
    )
    return live


@canvas.styled
def tower(g: Any, *, pixels: int = 60) -> Live:
    """Four units of the activation g make a cross over two inputs; a fifth keeps its middle."""
    g, (a,) = symbols_of(g, 1, "tower")
    low, high = (sp.Rational(1, 2) + sign * _width / 2 for sign in (-1, 1))
    cross = sum(g.subs(a, w * (s - low)) - g.subs(a, w * (s - high)) for s in (_x, _y))
    kept = g.subs(a, _sharp * (cross - _tau))
    fig, panels = canvas.panels(2, 3.5)
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
    colours = canvas.shades(BLUE, low=0, high=0.95, number=32)
    grid = np.linspace(0.5 / pixels, 1 - 0.5 / pixels, pixels)
    for ax, height, top, title in (
        (panels[0], cross, 2, "sum of four units"),
        (panels[1], kept, 1, "fifth unit"),
    ):
        image = canvas.blank_image(ax, pixels, (0, 1, 0, 1), cmap=colours, vmin=0, vmax=top)
        ax.set(title=title, xlabel="x₁", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        live.bind(image, over={_x: grid, _y: grid}, value=height)
        frame = {"x": (low, high, high, low, low), "y": (low, low, high, high, low)}
        live.bind(canvas.line(ax, ORANGE, "--", lw=1.2), **frame)
    places = [{_x: u, _y: v} for u, v in ((0.5, 0.5), (0.5, 0.02), (0.02, 0.02))]
    for name, height in (("sum", cross), ("fifth unit", kept)):
        sentence = f"{name}: middle {{:.3f}}, arm {{:.3f}}, corner {{:.3f}}"
        live.readout(sentence, *(height.subs(place, simultaneous=True) for place in places))
    return live


@canvas.styled
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
    inputs, most = np.linspace(low, high, rows), steps * per_step
    truth = canvas.values(target, **{x.name: inputs})
    size = float(np.abs(truth).max()) or 1.0
    net = symbolic.network((1, hidden, 1), hidden="tanh", output="linear")
    scaled = (net.inputs[0], np.linspace(-1, 1, rows)), (net.labels[0], truth / size)
    data = {symbol: np.round(column, 6) for symbol, column in scaled}
    path = training_path(net, data, most, spread_start(net, seed), "momentum")
    fig, (fit, fall) = canvas.stacked(4.7, 2.2)
    canvas.curve(fit, target, x, inputs, label="target", ls="", marker="o", ms=4)
    fit.set(xlabel=name_of(x))
    fit.locator_params(axis="x", nbins=5)
    canvas.legend_above(fit, *fit.lines, ("network", GREEN), ("hidden units", GREY))
    canvas.against_steps(fall, 1, 1e-5, 3, xlabel="update", ylabel="loss")
    fall.set(xlim=(-0.02 * most, 1.02 * most))
    live = Live(
        fig,
        {
            eta: FloatLogSlider(min=-3, max=0, value=eta_start, step=0.02, description="rate η"),
            beta: FloatSlider(min=0, max=0.95, value=0.9, step=0.05, description="decay β"),
            _t: furniture.play_row(most, 0, interval=30, step=per_step, description="update t"),
        },
        alt=f"Above: {rows} points of the target {target}, the output of a network of {hidden} "
        "tanh units (thick line), and what each hidden unit adds to it (thin lines). Below: the "
        "loss along the updates of training, on a logarithmic axis. Played, the line bends "
        "into the points.",
    )

    def over_inputs(artist: Any, output: sp.Expr) -> None:
        """Draw an output after t updates over unscaled inputs."""
        y = path.at(_t, size * output).subs(net.inputs[0], (2 * x - low - high) / (high - low))
        live.bind(artist, over={x: np.linspace(low, high, 121)}, x=x, y=y)

    for weight, h in zip(net.weights[1], net.hidden[0], strict=True):
        over_inputs(canvas.line(fit, GREY, lw=0.8), weight * h)
    over_inputs(canvas.line(fit, GREEN), net.scores[0])
    furniture.along_steps(live, fall, path, recorded_loss, _t, late=1, lw=1.6)
    sentence = "after {:,.0f} updates of all {:d} parameters: loss {:.5f}"
    live.readout(sentence, _t, len(net.parameters), path.at(_t + 1, recorded_loss))
    return live

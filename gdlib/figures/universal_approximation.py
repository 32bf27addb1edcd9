"""The figures of the appendix on universal approximation: steps, bumps, towers, and training."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib import symbolic
from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.door import figure
from gdlib.figures.kinds import Formula, High, Low, Rate, Seed, Steps, check_range, short, whole
from gdlib.live import FloatLogSlider, FloatSlider, IntSlider, Live, LiveError, evaluate
from gdlib.symbolic import beta, eta, name_of, w
from gdlib.symbolic_training import recorded_loss, spread_start, training_path
from gdlib.universal_approximation import ScaledTarget, SumOfBumps

__all__ = ["bump", "sum_of_bumps", "tower", "trained"]


def __dir__() -> list[str]:
    return __all__


_x, _y, _t = sp.symbols("x y t", real=True)
_left, _right, _height, _width = sp.symbols("left right height width", real=True)
_n, _tau, _sharp = sp.symbols("N tau sharpness", real=True)


def _defined(expression: sp.Expr, low: float, high: float, name: str) -> sp.Symbol:
    """The symbol of an expression, which is tried out, and finite on the whole interval."""
    loss = arguments.loss_of_one(expression, (low, high), name=name, order=0)
    (x,) = loss.weights
    if not np.isfinite(loss.on_grid(loss.value, {x: (low, high)})).all():
        raise LiveError(
            f"{name} {short(expression)} is not defined everywhere from {low:g} to {high:g}"
        )
    return x


Activation = Annotated[Formula, "the activation: an expression of one symbol, or its text"]
Target = Annotated[Formula, "what is approximated: an expression of one symbol, or its text"]


def _steep(value: float, span: float = 1.0, most: float = 1000.0) -> FloatLogSlider:
    """A slider for the steepness of a unit, over an interval so wide."""
    low, high = (float(np.log10(end / span)) for end in (1, most))
    style: Style = {"step": 0.02, "description": "steepness w"}
    return FloatLogSlider(min=low, max=high, value=value / span, **style)


def _draw_stairs(ax: Axes, stairs: Mapping[int, float]) -> None:
    """Draw the largest errors of perfect stairs against their number."""
    most, top = max(stairs), max(stairs.values())
    style: Style = {"ls": ":", "marker": "s", "color": GREY, "lw": 1, "ms": 4, "label": "stairs"}
    ax.semilogy([*stairs], np.maximum([*stairs.values()], 1e-6 * top), **style)
    ax.set(xlim=(0.5, most + 0.5), ylim=(top * 5e-3, top * 2))
    ax.set(xticks=[1, *range(5, most + 1, 5)], xlabel="bumps N", ylabel="largest error")
    canvas.legend_above(ax, *ax.lines, ("this sum", GREEN, "", "D"))


@figure
def bump(
    g: Activation,
    *,
    low: Annotated[Low, "where the input's axis begins"] = 0.0,
    high: Annotated[High, "where it ends"] = 1.0,
) -> Live:
    """Two units of the activation g, one minus the other: a bump, or a step for each edge."""
    check_range("low and high", low, high)
    a = _defined(g, -100, 100, "g")
    fig, ax = canvas.panels()
    ax.axhline(0, color=GREY, lw=0.8)
    (found,) = evaluate([g], {a: 30 * np.linspace(-1, 1, 61)})
    high_up = 1.6 * max(1.0, float(np.abs(found).max()), float(np.ptp(found)))
    ax.set(xlim=(low, high), ylim=(-high_up, high_up), xlabel=name_of(_x))
    names = (("unit 1", PURPLE, "--"), ("unit 2", ORANGE, ":"))
    canvas.legend_above(ax, *names, ("height · (unit 1 − unit 2)", BLUE))
    edge, span = {"min": low, "max": high}, high - low
    live = Live(
        fig,
        {
            w: _steep(30, span),
            _left: FloatSlider(**edge, value=low + 0.3 * span, description="left edge"),
            _right: FloatSlider(**edge, value=low + 0.6 * span, description="right edge"),
            _height: FloatSlider(min=-1.5, max=1.5, value=1.0, step=0.05, description="height"),
        },
        alt="Two S-shaped steps, one at the left edge, one at the right edge, and their "
        "difference times the height: a bump between the edges. The steeper the steps, the more "
        "it looks like a box.",
    )
    up, down = (g.subs(a, w * (_x - side)) for side in (_left, _right))
    over, difference = {_x: np.linspace(low, high, 241)}, _height * (up - down)
    live.bind(canvas.line(ax, PURPLE, "--", lw=1.4), over=over, x=_x, y=up)
    live.bind(canvas.line(ax, ORANGE, ":", lw=1.8), over=over, x=_x, y=down)
    live.bind(canvas.line(ax, BLUE), over=over, x=_x, y=difference)
    for side in (_left, _right):
        furniture.upright(live, ax, side, lw=0.7)
    live.readout("biases −w · edge: {:.1f} and {:.1f}", -w * _left, -w * _right)
    middle = difference.subs(_x, (_left + _right) / 2)
    live.readout("in the middle {:.4f} of {:.2f}", middle, _height)
    return live


@figure
def sum_of_bumps(
    target: Target,
    *,
    low: Annotated[Low, "where the interval begins"] = 0.0,
    high: Annotated[High, "where it ends"] = 1.0,
    most: Annotated[int, whole(2, 60), "the most bumps on the slider"] = 20,
    bumps: Annotated[int, whole(1, 60), "the number of bumps to start with"] = 5,
) -> Live:
    """A target and the sum of bumps of two sigmoids each, as high as the target in their middles.

    The bumps share the interval evenly; the outermost edges lie one width outside it.
    """
    x = _defined(target, low, high, "target")
    if bumps > most:
        raise LiveError(f"bumps is {bumps}; expected at most {most}, as on the slider")
    row, points = SumOfBumps(target, (low, high), _n, w, most), 241
    grid = np.linspace(low, high, points)
    stairs = {n: row.stairs_error(n) for n in range(1, most + 1)}
    fig, (shape, errors) = canvas.panels(2)
    canvas.curve(shape, target, x, grid, label="target")
    canvas.legend_above(shape, ("target", BLUE), ("sum of bumps", GREEN, "--"))
    _draw_stairs(errors, stairs)
    live = Live(
        fig,
        {
            _n: IntSlider(min=1, max=most, value=bumps, description="bumps N"),
            w: _steep(100, high - low, 2000),
        },
        alt=f"First: the target {short(target)} and the sum of N bumps, a staircase with "
        "rounded corners, which meets the target in the middle of every bump. Second: the largest "
        "error against the number of bumps on a logarithmic axis, for perfect stairs (squares) and "
        "for the sum on the left (diamond).",
    )
    live.bind(canvas.line(shape, GREEN, "--"), over={x: grid}, x=x, y=row.total)
    middles: Style = {"x": furniture.only(row.used, row.middle), "y": target.subs(x, row.middle)}
    live.bind(canvas.point(shape, GREEN, ms=5), over={row.k: np.arange(float(most))}, **middles)
    largest = row.largest_error(points)
    furniture.held(live, canvas.point(errors, GREEN, "D", ms=8), x=_n, y=largest)
    live.readout("N = {:d}, {:d} sigmoid units: largest error {:.4f}", _n, 2 * _n, largest)
    live.readout(
        "perfect stairs: {:.4f}", furniture.choose(_n, {n: sp.Float(e) for n, e in stairs.items()})
    )
    return live


@figure
def tower(
    g: Activation, *, pixels: Annotated[int, whole(8, 128), "pixels a side of the images"] = 60
) -> Live:
    """Four units of the activation g make a cross over two inputs; a fifth keeps its middle."""
    a = _defined(g, -100, 100, "g")
    low, high = (sp.Rational(1, 2) + sign * _width / 2 for sign in (-1, 1))
    cross = sum(g.subs(a, w * (s - low)) - g.subs(a, w * (s - high)) for s in (_x, _y))
    kept = g.subs(a, _sharp * (cross - _tau))
    fig, (left, right) = canvas.panels(2)
    left.set(title="sum of four units", xlabel="x₁", ylabel="x₂")
    right.set(title="fifth unit", xlabel="x₁")
    live = Live(
        fig,
        {
            w: _steep(40, most=10**2.5),
            _width: FloatSlider(min=0.05, max=0.9, value=0.4, step=0.01, description="width"),
            _tau: FloatSlider(min=0, max=2, value=1.5, step=0.01, description="threshold τ"),
            _sharp: FloatLogSlider(min=0, max=2, value=20, step=0.02, description="sharpness"),
        },
        alt="Two squares seen from above, the darker the higher. First: the sum of two bumps, one "
        "along each input: a cross, twice as high in its middle as in its arms. Second: what a "
        "fifth unit lets through: only what is above its threshold. Between 1 and 2 that is a "
        "single tower, inside the dashed square.",
    )
    frame: Style = {"x": (low, high, high, low, low), "y": (low, low, high, high, low)}
    for ax, height, top in ((left, cross, 2), (right, kept, 1)):
        _seen_from_above(live, ax, height, top, pixels)
        live.bind(canvas.line(ax, ORANGE, "--", lw=1.2), **frame)
    places = [{_x: u, _y: v} for u, v in ((0.5, 0.5), (0.5, 0.02), (0.02, 0.02))]
    for name, height in (("sum", cross), ("fifth unit", kept)):
        live.readout(
            f"{name}: middle {{:.3f}}, arm {{:.3f}}, corner {{:.3f}}",
            *(height.subs(place, simultaneous=True) for place in places),
        )
    return live


def _seen_from_above(live: Live, ax: Axes, height: sp.Expr, top: float, pixels: int) -> None:
    """Draw a height over the unit square, the darker the higher."""
    image = canvas.image(ax, pixels, (0, 1, 0, 1), [BLUE], top, start=0, stop=0.95, num=32)
    ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    grid = np.linspace(0.5 / pixels, 1 - 0.5 / pixels, pixels)
    live.bind(image, over={_x: grid, _y: grid}, value=height)


@figure
def trained(
    target: Target,
    *,
    low: Annotated[Low, "where the interval begins"] = -1.0,
    high: Annotated[High, "where it ends"] = 1.0,
    hidden: Annotated[int, whole(1, 12), "how many hidden units"] = 8,
    rows: Annotated[int, whole(5, 200), "how many points of the target are learned"] = 40,
    steps: Annotated[Steps, "how many positions the slider has"] = 200,
    per_step: Annotated[int, whole(1, 100), "how many updates each of them is"] = 5,
    eta_start: Rate = 0.05,
    seed: Seed = 0,
) -> Live:
    """A network of one hidden tanh layer that learns the target in the page, by momentum.

    The slider counts updates, v ← βv + ∇L and w ← w − ηv, on all rows. The data are scaled to
    −1 … 1. The hidden units start as steps of either sign, spread evenly.
    """
    x = _defined(target, low, high, "target")
    if steps * per_step > 5000:
        raise LiveError(f"steps · per_step is {steps * per_step}; expected at most 5000 updates")
    most, rows_of = steps * per_step, ScaledTarget(target, (low, high), rows)
    net = symbolic.network((1, hidden, 1), hidden="tanh", output="linear")
    path = training_path(net, rows_of.data(net), most, spread_start(net, seed), "momentum")
    fig, fit, fall = _fit_and_fall(target, rows_of, most)
    live = Live(
        fig,
        {
            eta: furniture.rate(eta_start, high=0),
            beta: FloatSlider(min=0, max=0.95, value=0.9, step=0.05, description="decay β"),
            _t: furniture.play_row(most, 0, step=per_step, description="update t"),
        },
        alt=f"First: {rows} points of the target {short(target)}, the output of a "
        f"network of {hidden} tanh units (thick line), and what each hidden unit adds to it (thin "
        "lines). Second: the loss along the updates of training, on a logarithmic axis. Played, "
        "the line bends into the points.",
    )
    thin = [weight * h for weight, h in zip(net.weights[1], net.hidden[0], strict=True)]
    for output in (*thin, net.scores[0]):
        artist = canvas.line(fit, GREY, lw=0.8) if output in thin else canvas.line(fit, GREEN)
        y = path.at(_t, rows_of.unscaled(net, output))
        live.bind(artist, over={x: np.linspace(low, high, 121)}, x=x, y=y)
    furniture.along_steps(live, fall, path, recorded_loss, _t, late=1, lw=1.6, hold=True)
    sentence = "after {:,.0f} updates of all {:d} parameters: loss {:.5f}"
    live.readout(sentence, _t, len(net.parameters), path.at(_t + 1, recorded_loss))
    return live


def _fit_and_fall(target: sp.Expr, rows: ScaledTarget, updates: int) -> tuple[Any, Axes, Axes]:
    """Axes with the target's rows, and axes of the loss along the updates."""
    fig, (fit, fall) = canvas.panels(2)
    canvas.curve(fit, target, rows.x, rows.inputs, label="target", ls="", marker="o", ms=4)
    fit.locator_params(axis="x", nbins=5)
    canvas.legend_above(fit, *fit.lines, ("network", GREEN), ("hidden units", GREY))
    canvas.against_steps(fall, updates, 1e-5, 3, xlabel="update", ylabel="loss")
    fall.set(xlim=(-0.02 * updates, 1.02 * updates))
    return fig, fit, fall

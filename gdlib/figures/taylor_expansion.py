"""The figures of chapter 3: what a slope and a curvature at one point promise about a step."""

from itertools import product
from math import ceil, floor, log10
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE
from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import FloatSlider, IntSlider, Iterated, Live, LiveError
from gdlib.symbolic import eta, name_of

_theta, _order, _along = sp.symbols("theta order t", real=True)
_x = sp.Symbol("x", real=True)


@canvas.styled
def polynomials(
    f: Any, *, low: float = -3.0, high: float = 3.0, start: float = 0.5, highest: int = 6
) -> Live:
    r"""The Taylor polynomial of f at w, order on a slider, in a band that f cannot leave.

    The band is Lagrange's remainder :math:`M |x - w|^{k+1} / (k+1)!`, where M is the largest
    :math:`|f^{(k+1)}|` drawn.
    """
    f, w = arguments.loss_of_one(f, "polynomials")
    derivatives = [f.derivative(k) for k in range(highest + 2)]
    grid = np.linspace(low, high, 201)
    bounds = [np.abs(d).max() for d in f.numbers(derivatives[1:], [grid])]
    if not np.isfinite(bounds).all():
        raise LiveError(
            f"polynomials: {f.expression} has a derivative without bound in {low:g} … {high:g}"
        )
    fig, ax = canvas.panels(height=3.6)
    band = ax.fill([0, 1, 1], [0, 0, 1], color=ORANGE, alpha=0.18, lw=0, label="band")[0]
    canvas.curve(ax, f.value, w, grid)
    canvas.legend_above(ax, band, (f"f({name_of(w)})", BLUE), ("polynomial", ORANGE, "--"))
    live = Live(
        fig,
        {
            w: furniture.slider(low, high, start, f"point {name_of(w)}"),
            _order: IntSlider(min=0, max=highest, value=1, description="order"),
        },
        alt=f"The curve {f.expression} and its Taylor polynomial at a point, inside a band that "
        "the true curve never leaves. A higher order hugs the curve farther from the point.",
    )
    terms = [d * (_x - w) ** k / sp.factorial(k) for k, d in enumerate(derivatives[:-1])]
    model = sum(furniture.only(_order >= k, term, otherwise=0) for k, term in enumerate(terms))
    powers = [sp.Abs(_x - w) ** k / sp.factorial(k) for k in range(1, highest + 2)]
    error = furniture.choose(_order, [sp.Float(M) * u for M, u in zip(bounds, powers, strict=True)])
    over = {_x: np.linspace(low, high, 161)}
    live.bind(band, over=over, x=_x, y=model - error, y2=model + error)
    live.bind(canvas.line(ax, ORANGE, "--"), over=over, x=_x, y=model)
    live.bind(canvas.point(ax, ORANGE, ms=9), x=w, y=f.value)
    off, most = (e.subs(_x, w + 1) for e in (model - f.at(_x), error))
    live.readout(
        "order {:d} at a distance of 1: off by {:+.4f}, at most ±{:.4f}", _order, off, most
    )
    return live


@canvas.styled
def directions(loss: Any, *, over: Box, start: Start, reach: float = 1.0) -> Live:
    """Steps of one length η in all directions: where the loss goes, and what its slope promised."""
    L = arguments.loss_of_two(loss, over, "directions")
    x, y = (sp.Float(float(start[s])) for s in L.weights)
    g, norm = L.gradient_at([x, y]), L.steepness.xreplace(dict(zip(L.weights, (x, y), strict=True)))
    fig, (plane, ring) = canvas.beside_landscape(3.5, L.value, over)
    plane.set(aspect="equal", title="purple: u; green: −∇L")
    ends = 1.3 * reach * canvas.values(norm).item()
    canvas.round_angles(ring, ends, xlabel="direction of u in degrees")
    canvas.legend_above(ring, ("got", BLUE), ("promised", ORANGE, "--"))
    live = Live(
        fig,
        {
            _theta: IntSlider(min=0, max=360, value=57, description="direction in degrees"),
            eta: furniture.slider(0.02 * reach, reach, 0.5 * reach, "η"),
        },
        alt="Left: level lines of a loss with a step of length η along a direction u, and the "
        "direction of steepest descent. Right: the change of the loss over all directions, "
        "beside what the slope promised; both are lowest against the gradient when η is small.",
    )
    dx, dy = (eta * turn(_theta * sp.pi / 180) for turn in (sp.cos, sp.sin))
    change, promise = L.at(x + dx, y + dy) - L.at(x, y), g[0] * dx + g[1] * dy

    def all_round(artist: Any, **properties: sp.Expr) -> None:
        turned = {name: e.subs(_theta, _along) for name, e in properties.items()}
        live.bind(artist, over={_along: np.linspace(0, 360, 121)}, **turned)

    all_round(canvas.line(plane, GREY, ":", lw=1.2), x=x + dx, y=y + dy)
    live.bind(canvas.arrow(plane, GREEN), x=x, y=y, **furniture.ahead(g, -eta / norm))
    live.bind(canvas.arrow(plane, PURPLE), x=x, y=y, dx=dx, dy=dy)
    all_round(canvas.line(ring, BLUE), x=_theta, y=change)
    all_round(canvas.line(ring, ORANGE, "--"), x=_theta, y=promise)
    live.bind(canvas.point(ring, PURPLE, ms=8), x=_theta, y=change)
    live.bind(canvas.point(ring, GREEN, "v", ms=8), x=furniture.angle(-g[0], -g[1]), y=-eta * norm)
    live.readout("promised η ∇L · u = {:+.4f}, got {:+.4f}", promise, change)
    live.readout("Cauchy–Schwarz: never below −η ‖∇L‖ = {:+.4f}", -eta * norm)
    return live


def _top(loss: OpaqueLoss, over: Box, start: Start) -> float:
    """How high to draw the loss along a step: above its start, not above all corners."""
    (begin,) = loss.numbers([loss.value], [start[s] for s in loss.weights])
    (corners,) = loss.numbers([loss.value], np.array(list(product(*over.values()))).T)
    return float(max(begin * 1.6, np.median(corners) * 0.6))


def _promises(live: Live, along: Axes, L: OpaqueLoss, eta_max: float) -> None:
    """Draw the loss against η, and what its line and its parabola at η = 0 promise."""
    square, bend, got = L.steepness**2, L.curvature_along_gradient, L.at(*L.moved(eta))
    linear = eta * square
    parabolic = linear - eta**2 * bend / 2
    looks = (((BLUE,), L.value - got), ((ORANGE, "--"), linear), ((PURPLE, "-."), parabolic))
    for look, decrease in looks:
        height = (L.value - decrease).subs(eta, _along)
        grid = {_along: np.linspace(0, eta_max, 81)}
        live.bind(canvas.line(along, *look), over=grid, x=_along, y=height)
    live.bind(canvas.point(along, GREEN, "D", ms=7), x=eta, y=got)
    promised = "decrease promised: line {:.4f}, parabola {:.4f}; got {:.4f}"
    live.readout(promised, linear, parabolic, L.value - got)


def _rates(live: Live, along: Axes, L: OpaqueLoss, eta_max: float) -> None:
    """Mark the best, the break-even and the safe rate by upright lines, where they are in view."""
    best, safe = L.steepness**2 / L.curvature_along_gradient, 2 / L.curvatures[1]
    top = along.get_ylim()[1]
    for word, at, colour, dashes, width, height in (
        ("best", best, GREEN, ":", 1.5, 0.92),
        ("even", 2 * best, GREY, "--", 1, 0.92),
        ("2/λ", safe, "black", "-", 1, 0.8),
    ):
        seen, upright = (at > 0) & (at < eta_max), (-top, (height - 0.02) * top)
        live.bind(canvas.line(along, colour, dashes, lw=width), x=(at, at), y=upright, visible=seen)
        live.bind(along.text(0, 0, word, ha="center"), x=at, y=height * top, visible=seen)
    rates = "for this g: best {:.3f}, even {:.3f}; for every g: 2/λmax = {:.3f}"
    live.readout(rates, best, 2 * best, safe)


@canvas.styled
def step_length(loss: Any, *, over: Box, start: Start, eta_max: float) -> Live:
    """The loss along −g as η grows, its line and its parabola; best, break-even and safe η.

    Best and break-even hold for the gradient at this point, 2/λmax for every gradient there.
    """
    L = arguments.loss_of_two(loss, over, "step_length")
    fig, (plane, along) = canvas.beside_landscape(3.6, L.value, over)
    plane.set_title("diamond: the step; star: Newton's")
    top = _top(L, over, start)
    along.set(xlim=(0, eta_max), ylim=(-0.12 * top, top), xlabel="η")
    canvas.legend_above(along, ("loss", BLUE), ("line", ORANGE, "--"), ("parabola", PURPLE, "-."))
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start, "step_length", "{}"),
            eta: furniture.slider(0, eta_max, 0.1 * eta_max, "η"),
        },
        alt="Left: level lines of a loss with the step −ηg from a point, and Newton's step. "
        "Right: the loss along that step against η, with the straight line and the parabola "
        "that the derivatives at the point promise, and three marked learning rates.",
    )
    _promises(live, along, L, eta_max)
    _rates(live, along, L, eta_max)
    step = zip(L.weights, L.moved(eta), strict=True)
    live.bind(canvas.line(plane, GREEN), **furniture.xy(step))
    live.bind(canvas.point(plane, GREEN, "D", ms=7), **furniture.xy(L.moved(eta)))
    furniture.start_mark(live, plane, L.weights)
    live.bind(canvas.point(plane, PURPLE, "*", ms=13), **furniture.xy(L.newton))
    return live


def _shrinking(
    live: Live, ax: Axes, path: Iterated, axis: tuple[float, sp.Expr], look: tuple[str, str, str]
) -> None:
    """Draw how a distance shrinks along the steps: measured, and by the factor |1 − ηλ|."""
    (curvature, distance), (colour, marker, dashes) = axis, look
    factor = 1 - eta * sp.Float(curvature)
    measured, predicted = (
        canvas.point(ax, colour, marker, ms=3.5),
        canvas.line(ax, colour, dashes, lw=1),
    )
    live.bind(measured, x=path[path.step], y=path[distance])
    steps = {_along: np.arange(path.steps + 1.0)}
    live.bind(predicted, over=steps, x=_along, y=distance * sp.Abs(factor) ** _along)
    sentence = f"λ = {curvature:.3g}: each step multiplies the distance by 1 − ηλ = {{:+.3f}}"
    live.readout(sentence, factor)


def _around_the_edge(edge: float) -> FloatSlider:
    """A slider for η to beyond 2/λmax; every position has its own label, on either side."""
    step = 10.0 ** floor(log10(edge / 100))
    ends = {"min": step, "max": ceil(1.25 * edge / step) * step}
    return FloatSlider(**ends, value=round(0.4 * edge / step) * step, step=step, description="η")


@canvas.styled
def bowl(loss: Any, *, over: Box, start: Start, steps: int = 40) -> Live:
    r"""Descent in a quadratic bowl, its error along each axis measured and predicted.

    The prediction is the factor :math:`|1 - \eta\lambda|` for each step.
    """
    L = arguments.loss_of_two(loss, over, "bowl")
    axes = L.bowl_axes()
    if axes is None:
        raise LiveError(f"bowl: {L.expression} is not quadratic, its curvature changes")
    (least, _), (most, _) = axes
    if least <= 0:
        raise LiveError(f"bowl: {L.expression} has no lowest point: an eigenvalue is {least:g}")
    edge, path = 2 / most, L.path(steps)
    fig, (plane, errors) = canvas.beside_landscape(3.6, L.value, over)
    canvas.against_steps(errors, steps, 1e-6, 1e3, ylabel="distance along each axis")
    named = (f"λ = {least:.3g}", BLUE, "-"), (f"λ = {most:.3g}", ORANGE, "--")
    canvas.legend_above(errors, *named)
    live = Live(
        fig,
        {**furniture.start_sliders(over, start, "bowl", "{}"), eta: _around_the_edge(edge)},
        alt="Left: level lines of an elongated bowl with the path of gradient descent. Right: "
        "the distance to the bottom along each of the bowl's two axes, step by step, on the "
        "straight lines that the factor |1 − ηλ| predicts.",
    )
    furniture.path_over(live, plane, path, L.weights, lw=1.2)
    furniture.start_mark(live, plane, L.weights)
    diverges = ("diverges: η > 2/λmax = {:.3f}", sp.Float(edge)), eta > edge
    upper_left = plane.get_xlim()[0], plane.get_ylim()[1]
    furniture.words(live, plane, [diverges], upper_left, ha="left", color=ORANGE, size=13)
    _shrinking(live, errors, path, axes[0], (BLUE, "s", "-"))
    _shrinking(live, errors, path, axes[1], (ORANGE, "o", "--"))
    return live

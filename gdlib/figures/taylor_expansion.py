"""The figures of chapter 3: what a slope and a curvature at one point promise about a step.

One file, as every chapter has one for its figures.
"""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.departure import Departure
from gdlib.figures import arguments, canvas, furniture, typed
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE
from gdlib.figures.door import figure
from gdlib.figures.kinds import (
    AnyBegin,
    At,
    Examples,
    Formula,
    High,
    Low,
    OfTwo,
    Over,
    Steps,
    number,
    short,
    whole,
)
from gdlib.interval_bounds import largest_size
from gdlib.landscape import Box, OpaqueLoss, Start, box_corners
from gdlib.live import FloatSlider, IntSlider, Iterated, Live, LiveError, either, inlined, pointer
from gdlib.measured import constant, known, quantiles
from gdlib.symbolic import eta, name_of

__all__ = ["polynomials", "directions", "step_length", "bowl"]


def __dir__() -> list[str]:
    return __all__


_theta, _order, _along = sp.symbols("theta order t", real=True)
_x = sp.Symbol("x", real=True)


@figure
def polynomials(
    f: Formula,
    *,
    low: Low = -3.0,
    high: High = 3.0,
    start: AnyBegin = None,
    highest: Annotated[int, whole(1, 8), "the highest order on the slider"] = 6,
    examples: Examples = (),
) -> Live:
    r"""The Taylor polynomial of f at w, order on a slider, in a band that f cannot leave.

    The band is Lagrange's remainder :math:`M |x - w|^{k+1} / (k+1)!` with a proved bound M of
    :math:`|f^{(k+1)}|` between the ends. Without one, as where a derivative jumps, there is no
    band; the order ends where there is one.
    """
    f = arguments.loss_of_one(f, (low, high), order=highest)
    start, (w,) = arguments.begin(f, (low, high), start, 0.5), f.weights
    bounds = _bounds(f, low, high, highest + 1)
    highest = len(bounds) - 1 if bounds else highest
    fig, ax = canvas.panels()
    canvas.curve(ax, f.value, w, np.linspace(low, high, 201))
    looks = (f"f({name_of(w)})", BLUE), ("polynomial", ORANGE, "--")
    live = Live(
        fig,
        {
            w: furniture.slider(low, high, start, f"point {name_of(w)}"),
            _order: IntSlider(min=0, max=highest, value=min(1, highest), description="order"),
        },
        alt=f"The curve {short(f.expression)} and its Taylor polynomial at a point"
        + ", inside a band that the true curve never leaves" * bool(bounds)
        + ". A higher order hugs the curve farther from the point.",
    )
    terms = [f.derivative(k) * (_x - w) ** k / sp.factorial(k) for k in range(highest + 1)]
    model = sum(furniture.only(_order >= k, term, otherwise=0) for k, term in enumerate(terms))
    over = {_x: np.linspace(low, high, 161)}
    band = _band(live, ax, bounds, model, over, w) if bounds else None
    canvas.legend_above(ax, *([band] if band else []), *looks)
    live.bind(drawn := canvas.line(ax, ORANGE, "--"), over=over, x=_x, y=model)
    furniture.held(live, canvas.point(ax, ORANGE, ms=9), x=w, y=f.value)
    _read_error(live, (model - f.at(_x), drawn), (bounds, band), w, (low, high))
    typed.offer(live, {"f": (f, {w: (low, high)})}, examples)
    return live


def _bounds(f: OpaqueLoss, low: float, high: float, orders: int) -> list[float]:
    """Bounds of the first derivatives, up to the first that has none; none if f jumps itself."""
    bounds: list[float] = []
    for k in range(orders + 1):
        derivative = inlined(f.derivative(k))
        short_enough = sum(1 for _ in sp.preorder_traversal(derivative)) < _LONGEST
        bound = largest_size(derivative, f.weights[0], low, high) if short_enough else None
        if bound is None:
            break
        bounds.append(bound)
    return bounds[1:] if len(bounds) > 2 else []


_LONGEST = 4000  # parts of a derivative that is still bounded: longer ones take minutes


def _remainder(bounds: Sequence[float], w: sp.Symbol) -> sp.Expr:
    """Lagrange's remainder at x, for the order on the slider; of a typed loss it is not known."""
    powers = [sp.Abs(_x - w) ** k / sp.factorial(k) for k in range(1, len(bounds) + 1)]
    errors = [either(M, sp.nan) * u for M, u in zip(bounds, powers, strict=True)]
    return furniture.choose(_order, dict(enumerate(errors)))


def _band(
    live: Live, ax: Axes, bounds: Sequence[float], model: sp.Expr, over: Any, w: sp.Symbol
) -> Any:
    """Draw the band around the polynomial."""
    band = ax.fill([0, 1, 1], [0, 0, 1], color=ORANGE, alpha=0.18, lw=0, label="band")[0]
    error = _remainder(bounds, w)
    live.bind(band, over=over, x=_x, y=model - error, y2=model + error)
    return band


def _read_error(
    live: Live,
    error: tuple[sp.Expr, Any],
    bounded: tuple[Sequence[float], Any],
    w: sp.Symbol,
    ends: tuple[float, float],
) -> None:
    """Say how far off the polynomial is beside the point, where that is between the ends.

    With the error and its bounds come what is drawn of them: the polynomial and the band.
    """
    (low, high), (bounds, band) = ends, bounded
    away = min(1.0, (high - low) / 4)
    beside = w + sp.Piecewise((away, w + away <= high), (-away, True))
    digits = furniture.decimals(bounds[0] * away if bounds else 1.0)
    sentence = f"order {{:d}} at a distance of {away:.3g}: off by {{:+{digits}}}"
    off = error[0].subs(_x, beside), error[1]
    if bounds:
        most = _remainder(bounds, w).subs(_x, beside), band
        typed = f"{sentence}; no band, as a typed loss has no proved bound", _order, off
        bounded_by = f"{sentence}, at most ±{{:{digits}}}", _order, off, most
        live.readout(*bounded_by, instead=(either(0, 1) > 0, *typed))
    else:
        live.readout(sentence, _order, off)
        live.readout("no band: a derivative jumps, has no bound, or none is known")


Reach = Annotated[float, number(1e-6, 1e6), "the longest step η on the slider"]


@figure
def directions(
    loss: OfTwo, *, over: Over, start: At, reach: Reach = 1.0, examples: Examples = ()
) -> Live:
    """Steps of one length η in all directions: where the loss goes, and what its slope promised."""
    L = arguments.loss_of_two(loss, over, start)
    x, y = (sp.Float(start[s]) for s in L.weights)
    g, norm = L.gradient_at([x, y]), L.steepness.xreplace(dict(zip(L.weights, (x, y), strict=True)))
    fig, (plane, ring) = canvas.beside_landscape(L.value, over)
    plane.set(aspect="equal")
    canvas.legend_above(plane, ("u", PURPLE), ("−∇L", GREEN))
    canvas.round_angles(ring, _ring(L, (x, y), norm, reach), xlabel="direction of u in degrees")
    canvas.legend_above(ring, ("got", BLUE), ("promised", ORANGE, "--"))
    live = Live(
        fig,
        {
            _theta: IntSlider(min=0, max=360, value=57, description="direction in degrees"),
            eta: furniture.slider(0.02 * reach, reach, 0.5 * reach, "η"),
        },
        alt="First: level lines of a loss with a step of length η along a direction u, and the "
        "direction of steepest descent. Second: the change of the loss over all directions, "
        "beside what the slope promised; both are lowest against the gradient when η is small.",
    )
    dx, dy = (eta * turn(_theta * sp.pi / 180) for turn in (sp.cos, sp.sin))
    change, promise = L.at(x + dx, y + dy) - L.at(x, y), g[0] * dx + g[1] * dy

    def all_round(artist: Any, **properties: sp.Expr) -> Any:
        over = {_along: np.linspace(0, 360, 121)}
        live.bind(artist, over, **{n: e.subs(_theta, _along) for n, e in properties.items()})
        return artist

    all_round(canvas.line(plane, GREY, ":", lw=1.2), x=x + dx, y=y + dy)
    live.bind(canvas.arrow(plane, GREEN), x=x, y=y, **furniture.ahead(g, -eta / norm))
    furniture.held(live, canvas.arrow(plane, PURPLE), _turn_and_reach(x, y), x=x, y=y, dx=dx, dy=dy)
    got = change, all_round(canvas.line(ring, BLUE), x=_theta, y=change)
    told = promise, all_round(canvas.line(ring, ORANGE, "--"), x=_theta, y=promise)
    furniture.held(live, canvas.point(ring, PURPLE, ms=8), x=_theta, y=change)
    live.readout("promised η ∇L · u = {:+.4f}, got {:+.4f}", told, got)
    _lowest_promise(live, ring, g, norm)
    typed.offer(live, {"L": (L, over)}, examples, [_level(norm)])
    return live


def _level(norm: sp.Expr) -> tuple[Any, ...]:
    """When a typed loss is refused: where its gradient has no length at the start."""
    said = "the gradient at the start has the length {:.3g}: no direction is steepest there"
    return furniture.only((norm > 0) & (norm < sp.Float(1e300)), 0, 1), said, norm


def _lowest_promise(live: Live, ring: Axes, g: Sequence[sp.Expr], norm: sp.Expr) -> None:
    """Mark the lowest promise of all directions, and read it out."""
    lowest = canvas.point(ring, GREEN, "v", ms=8)
    live.bind(lowest, x=furniture.angle(-g[0], -g[1]), y=-eta * norm)
    live.readout("Cauchy–Schwarz: never below −η ‖∇L‖ = {:+.4f}", (-eta * norm, lowest))


def _turn_and_reach(x: sp.Expr, y: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """The direction and the length of a step from a place to the reader's finger."""
    across, up = pointer[0] - x, pointer[1] - y
    return {_theta: furniture.turn_to(x, y), eta: sp.sqrt(across**2 + up**2)}


def _ring(loss: OpaqueLoss, place: tuple[sp.Expr, sp.Expr], norm: sp.Expr, reach: float) -> sp.Expr:
    """How far the changes of the loss go in all directions, for the longest step."""
    (size,) = known(norm)
    if not np.isfinite(size) or not size:
        raise LiveError(f"start is where the gradient is {size:g}: no direction is steepest there")
    end = [s + reach * turn(_along) for s, turn in zip(place, (sp.cos, sp.sin), strict=True)]
    change = sp.Abs(loss.at(*end) - loss.at(*place))
    (largest,) = quantiles(change, {_along: np.radians(np.arange(360))}, 1)
    return sp.Max(sp.Float(1.3 * reach) * norm, largest / 2)


def _heights(loss: OpaqueLoss, over: Box, start: Start) -> tuple[sp.Expr, sp.Expr]:
    """From where to where to draw the loss along a step: to above its start, not all corners.

    From zero, unless the loss goes below it, or stays far above.
    """
    begin = loss.value_at(start)
    (corner,) = quantiles(loss.value, {tuple(loss.weights): tuple(box_corners(over))}, 0.5)
    least, most = loss.extremes(loss.value, over)
    low = (least >= 0) & (least <= (most - least) / 2)
    base = constant(sp.Piecewise((0, low), (least, True)))
    top = constant(sp.Max(sp.Float(1.6) * (begin - base), sp.Float(0.6) * (corner - base)))
    most_of_it = top > sp.Float(1e-3) * (most - least)
    length = constant(sp.Piecewise((top, most_of_it), (most - least, True)))
    return base - sp.Float(0.12) * length, base + length


def _promises(live: Live, along: Axes, L: OpaqueLoss, eta_max: float) -> None:
    """Draw the loss against η, and what its line and its parabola at η = 0 promise."""
    square, bend, got = L.steepness**2, L.curvature_along_gradient, L.at(*L.moved(eta))
    linear = eta * square
    parabolic = linear - eta**2 * bend / 2
    looks = (((BLUE,), L.value - got), ((ORANGE, "--"), linear), ((PURPLE, "-."), parabolic))
    grid, drawn = {_along: np.linspace(0, eta_max, 81)}, {}
    for look, decrease in looks:
        drawn[decrease] = canvas.line(along, *look)
        height = (L.value - decrease).subs(eta, _along)
        live.bind(drawn[decrease], over=grid, x=_along, y=height)
    live.bind(canvas.point(along, GREEN, "D", ms=7), x=eta, y=got)
    _model(live, L, drawn[parabolic])
    promised = "decrease promised: line {:.4f}, parabola {:.4f}; got {:.4f}"
    told = linear, parabolic, L.value - got
    live.readout(promised, *((decrease, drawn[decrease]) for decrease in told))


def _model(live: Live, L: OpaqueLoss, parabola: Any) -> None:
    """Typeset the second Taylor model along the step, with its numbers."""
    square, bend = L.steepness**2, L.curvature_along_gradient
    model = r"L(\theta - \eta g) \approx L - \eta\, g^\top g + \frac12 \eta^2 g^\top H g"
    numbers = (
        r"\num{.3f} - \num{.3f} \cdot \num{.3f} "
        r"+ \frac12 \cdot \num{.3f}^2 \cdot (\num{.3f}) = \num{.3f}"
    )
    modelled = L.value - eta * square + eta**2 * bend / 2
    said = L.value, eta, square, eta, bend, (modelled, parabola)
    live.formula(f"{model} = {numbers}", *said)


def _mark_rate(live: Live, along: Axes, rate: sp.Expr, seen: Any, look: Sequence[Any]) -> None:
    """Mark a rate by an upright line, and by its name above the axes."""
    word, colour, dashes, width, row = look
    bottom, top = ends = canvas.ends(along, "y")
    live.bind(canvas.line(along, colour, dashes, lw=width), x=(rate, rate), y=ends, visible=seen)
    # Far away where it is not seen.
    name = along.text(0, along.get_ylim()[0], word, ha="center", va="bottom", in_layout=False)
    live.bind(name, x=rate, y=top + 0.1 * row * (top - bottom), visible=seen)


_TINY = sp.Float(1e-300)


def _rates(live: Live, along: Axes, L: OpaqueLoss, eta_max: float) -> None:
    """Mark the best, the break-even and the safe rate by upright lines, where they are in view."""
    bend, most = L.curvature_along_gradient, L.curvatures[1]
    # Where it bends downwards there is none: too large to be seen, and read out as undefined.
    best, safe = L.steepness**2 / sp.Max(bend, _TINY), 2 / sp.Max(most, _TINY)
    for rate, *look in (
        (best, "best", GREEN, ":", 1.5, 0),
        (2 * best, "even", GREY, "--", 1, 0),
        (safe, "2/λ", "black", "-", 1, 1),
    ):
        _mark_rate(live, along, rate, (rate > 0) & (rate < eta_max), look)
    rates = "for this g: best {:.3f}, even {:.3f}; for every g: 2/λmax = {:.3f}"
    known = (best, bend), (2 * best, bend), (safe, most)
    live.readout(rates, *(furniture.only(curvature > 0, e) for e, curvature in known))


@figure
def step_length(
    loss: OfTwo,
    *,
    over: Over,
    start: At,
    eta_max: Annotated[float, number(1e-6, 1e6), "the largest rate on the slider"],
    examples: Examples = (),
) -> Live:
    """The loss along −g as η grows, its line and its parabola; best, break-even and safe η.

    Best and break-even hold for the gradient at this point, 2/λmax for every gradient there.
    """
    L = arguments.loss_of_two(loss, over, start, order=2, moving=True)
    if not any(inlined(e) != 0 for row in L.hessian for e in row):
        raise LiveError(f"loss: {short(loss)} bends nowhere: no rate is best, none is safe")
    fig, (plane, along) = canvas.beside_landscape(L.value, over)
    plane.set_title("diamond: the step; star: Newton's")
    along.set(xlim=(0, eta_max), xlabel="η")
    canvas.set_ends(along, "y", *_heights(L, over, start))
    canvas.legend_above(along, ("loss", BLUE), ("line", ORANGE, "--"), ("parabola", PURPLE, "-."))
    along.get_legend().borderaxespad = 3.2  # the rates' names stand between
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start, "{}"),
            eta: furniture.slider(0, eta_max, 0.1 * eta_max, "η"),
        },
        alt="First: level lines of a loss with the step −ηg from a point, and Newton's step. "
        "Second: the loss along that step against η, with the straight line and the parabola "
        "that the derivatives at the point promise, and three marked learning rates.",
    )
    _promises(live, along, L, eta_max)
    _rates(live, along, L, eta_max)
    step = zip(L.weights, L.moved(eta), strict=True)
    live.bind(canvas.line(plane, GREEN), **furniture.xy(step))
    end = furniture.xy(L.moved(eta))
    furniture.held(live, canvas.point(plane, GREEN, "D", ms=7), {eta: _along_gradient(L)}, **end)
    furniture.start_mark(live, plane, L.weights)
    live.bind(canvas.point(plane, PURPLE, "*", ms=13), **furniture.xy(L.newton))
    typed.offer(live, {"L": (L, over)}, examples)
    return live


def _along_gradient(loss: OpaqueLoss) -> sp.Expr:
    """The rate of the step against the gradient that ends closest to the reader's finger."""
    away = [s - p for s, p in zip(loss.weights, pointer, strict=True)]
    along = sum(g * d for g, d in zip(loss.gradient, away, strict=True))
    return along / sum(g**2 for g in loss.gradient)


def _axes(loss: OpaqueLoss, start: Start) -> list[tuple[sp.Expr, sp.Expr]]:
    """The axes of a bowl, also of one that is typed. `LiveError` if the loss is none."""
    hessian = loss.constant_hessian()
    if hessian is None:
        raise LiveError(f"loss: {short(loss.expression)} is not quadratic")
    least, most = np.linalg.eigvalsh(hessian)
    if least <= 1e-9 * abs(most):
        said = f"loss: {short(loss.expression)} is no bowl that can be drawn"
        raise LiveError(f"{said}: its curvatures are {least:.3g} and {most:.3g}")
    return loss.bowl_axes(start) or []


def _no_bowl(loss: OpaqueLoss, over: Box, start: Start) -> list[tuple[Any, ...]]:
    """When a typed loss is refused: not quadratic, or not bent upwards in all directions."""
    u = sp.Matrix([s - sp.Float(start[s]) for s in loss.weights])
    g = sp.Matrix([loss.value_at(start, e) for e in loss.gradient])
    H = sp.Matrix(loss.hessian).applyfunc(lambda e: loss.value_at(start, e))
    model = loss.value_at(start) + g.dot(u) + (H * u).dot(u) / 2
    _, off = loss.extremes(sp.Abs(loss.value - model), over)
    least, most = loss.extremes(loss.value, over)
    low, high = (loss.value_at(start, e) for e in loss.curvatures)
    return [
        (furniture.only(off <= sp.Float(1e-9) * (most - least), 0, 1), "it is not quadratic"),
        (
            furniture.only(low > sp.Float(1e-9) * high, 0, 1),
            "it is no bowl: its curvatures are {:.3g} and {:.3g}", low, high,
        ),
    ]  # fmt: skip


def _shrinking(
    live: Live, ax: Axes, path: Iterated, axis: tuple[sp.Expr, sp.Expr], look: tuple[str, str, str]
) -> None:
    """Draw how a distance shrinks along the steps: measured, and by the factor |1 − ηλ|."""
    (curvature, distance), (colour, marker, dashes) = axis, look
    factor = 1 - eta * curvature
    measured, predicted = (
        canvas.point(ax, colour, marker, ms=3.5),
        canvas.line(ax, colour, dashes, lw=1),
    )
    live.bind(measured, x=path[path.step], y=path[distance])
    steps = {_along: np.arange(path.steps + 1.0)}
    live.bind(predicted, over=steps, x=_along, y=distance * sp.Abs(factor) ** _along)
    sentence = "λ = {:.3g}: each step multiplies the distance by 1 − ηλ = {:+.3f}"
    live.readout(sentence, curvature, (factor, predicted))


def _down_the_bowl(live: Live, plane: Axes, found: Departure, edge: sp.Expr) -> None:
    """Draw the path and its start, and say whether it diverges, or when it left."""
    furniture.path_over(live, plane, found, lw=1.2)
    furniture.start_mark(live, plane, [*found.region])
    beyond, outside = "η > 2/λmax = {:.3g}", found.gone
    cases = [
        ((f"left at step {{:d}}: {beyond}", found.step, edge), outside & (eta > edge)),
        (("left at step {:d}", found.step), outside & (eta <= edge)),
        ((f"diverges: {beyond}", edge), ~outside & (eta > edge)),
    ]
    furniture.words(live, plane, cases, color=ORANGE)
    live.shade(eta, above=edge, label="above 2/λmax it diverges")


def _around_the_edge(edge: float) -> FloatSlider:
    """A slider for η to beyond 2/λmax; every position has its own label, on either side."""
    step = 10.0 ** floor(log10(edge / 100))
    ends = {"min": step, "max": ceil(1.25 * edge / step) * step}
    return FloatSlider(**ends, value=round(0.4 * edge / step) * step, step=step, description="η")


@figure
def bowl(loss: OfTwo, *, over: Over, start: At, steps: Steps = 40, examples: Examples = ()) -> Live:
    r"""Descent in a quadratic bowl, its error along each axis measured and predicted.

    The prediction is the factor :math:`|1 - \eta\lambda|` for each step.
    """
    L = arguments.loss_of_two(loss, over, start, order=2, moving=True)
    axes = _axes(L, start)
    edge, path = constant(2 / axes[-1][0]), L.path(steps)
    fig, (plane, errors) = canvas.beside_landscape(L.value, over)
    far = constant(sp.Max(*(L.extremes(distance, over)[1] for _, distance in axes)))
    canvas.decades_against_steps(errors, steps, (far, far), 2, ylabel="distance along each axis")
    canvas.legend_above(errors, ("least λ", BLUE, "-"), ("largest λ", ORANGE, "--"))
    live = Live(
        fig,
        {**furniture.start_sliders(over, start, "{}"), eta: _around_the_edge(*known(edge))},
        alt="First: level lines of an elongated bowl with the path of gradient descent. Second: "
        "the distance to the bottom along each of the bowl's two axes, step by step, on the "
        "straight lines that the factor |1 − ηλ| predicts.",
    )
    _down_the_bowl(live, plane, furniture.leaving(path, plane, L.weights), edge)
    _shrinking(live, errors, path, axes[0], (BLUE, "s", "-"))
    _shrinking(live, errors, path, axes[1], (ORANGE, "o", "--"))
    typed.offer(live, {"L": (L, over)}, examples, _no_bowl(L, over, start))
    return live

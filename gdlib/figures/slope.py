"""The figures of chapter 2: the slope of a loss, and the step it tells us to take.

One file, as every chapter has one for its figures.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.departure import Departure
from gdlib.difference_quotients import difference_quotients
from gdlib.figures import arguments, canvas, furniture, guess, typed
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.door import figure
from gdlib.figures.kinds import (
    AnyBegin,
    At,
    Examples,
    Formula,
    High,
    Low,
    Number,
    OfTwo,
    Over,
    Predict,
    Steps,
    number,
    short,
)
from gdlib.landscape import HAIR, OpaqueLoss
from gdlib.live import FloatLogSlider, FloatSlider, IntSlider, Live, LiveError, either, pointer
from gdlib.measured import known
from gdlib.slope import central_difference, complex_step, secant_slope
from gdlib.symbolic import Rectified, RectifiedSlope, eta, h, name_of

__all__ = ["secant", "difference_error", "descent", "direction"]


def __dir__() -> list[str]:
    return __all__


_theta = sp.Symbol("theta", real=True)
_grid = sp.Symbol("x", real=True)
_end = sp.Dummy("your end", real=True)


@figure
def secant(
    f: Formula,
    *,
    low: Low = -2.0,
    high: High = 2.0,
    start: AnyBegin = None,
    examples: Examples = (),
) -> Live:
    """A secant of f through w and w + h, its rise over its run, and the tangent it turns into."""
    f = arguments.loss_of_one(f, (low, high))
    start, (w,) = arguments.begin(f, (low, high), start, -1.2), f.weights
    sides, at_kink = f.kink(high - low)
    stands = sp.Not(at_kink) & (sp.Abs(f.value) < sp.Float(1e300))
    slope = furniture.only(stands, f.gradient[0])
    rise = f.at(w + h) - f.value
    fig, ax = canvas.panels()
    canvas.curve(ax, f.value, w, np.linspace(low, high, 200))
    ax.set(ylabel="f")
    looks = ((f"f({name_of(w)})", BLUE), ("tangent", ORANGE, "--"), ("secant", PURPLE, "-."))
    canvas.legend_above(ax, *looks)
    live = Live(
        fig,
        {w: furniture.slider(low, high, start), h: _run(high - low)},
        alt=f"The curve of f = {short(f.expression)}, a secant through the points at w "
        "and w + h with its rise and run, and the tangent at w. As h shrinks the secant turns into "
        "the tangent.",
    )
    span = {_grid: np.array([low, high])}
    live.bind(canvas.line(ax, ORANGE, "--"), over=span, x=_grid, y=f.value + slope * (_grid - w))
    live.bind(canvas.line(ax, PURPLE, "-."), over=span, x=_grid, y=f.value + rise / h * (_grid - w))
    _rise_and_run(live, ax, f, rise)
    says = ("no tangent: slopes {:+.2f}, {:+.2f}", *sides)
    furniture.words(live, ax, [(says, at_kink)])
    digits = furniture.decimals(known(f.extremes(sp.Abs(f.gradient[0]), {w: (low, high)})[1])[0])
    live.readout(f"rise / run = {{:+.4g}} / {{:.4g}} = {{:+{digits}}}", rise, h, rise / h)
    sentence = f"slope of the tangent {{:+{digits}}}, difference {{:{digits}}}"
    live.readout(sentence, slope, rise / h - slope)
    typed.offer(live, {"f": (f, {w: (low, high)})}, examples)
    return live


def _rise_and_run(live: Live, ax: Axes, f: OpaqueLoss, rise: sp.Expr) -> None:
    """Draw the two points of a secant, to be dragged, and the steps between them."""
    (w,), corners = f.weights, (f.value, f.value, f.value + rise)
    live.bind(canvas.line(ax, GREY, ":", lw=1.5), x=(w, w + h, w + h), y=corners)
    furniture.held(live, canvas.point(ax, PURPLE), x=w, y=f.value)
    beyond: Style = {"x": w + h, "y": f.value + rise}
    furniture.held(live, canvas.point(ax, PURPLE), {h: pointer[0] - w}, **beyond)


_REAL_ONLY = (
    sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.floor, sp.ceiling, sp.Mod, sp.frac, sp.erf,
    sp.atan2, sp.Piecewise, Rectified, RectifiedSlope,
)  # fmt: skip
"""Functions that drop the imaginary part, or that NumPy has for real numbers only."""


def _run(width: float) -> FloatLogSlider:
    """A slider for the run h, from a thousandth to the width of the axis."""
    widest = np.log10(width)
    lowest = -3.0 if width > 0.1 else np.floor(widest) - 3
    return FloatLogSlider(min=lowest, max=widest, value=min(1.2, 0.3 * width), step=0.02)


@figure
def difference_error(
    f: Formula, *, at: Annotated[float, number(-1e6, 1e6), "where the slope is taken"] = 1.0
) -> Live:
    """The error of difference quotients against h: truncation, rounding, and where they balance.

    The points are measured with `gdlib.slope`; the lines are what the derivation predicts, from
    the rounding of f alone. Near a zero of f, the rounding of w itself and of the terms inside f is
    larger.
    """
    f = arguments.loss_of_one(f, (at - 1, at + 1), order=3)
    (w,) = f.weights
    arguments.defined_at(f, {w: at}, "at")
    if f.has_kink([at], [1.0]):
        raise LiveError(f"at is {w.name} = {at:g}, a kink of f: it has no one slope there")
    exact = f.numbers(f.gradient, [at])[0].item()
    if not np.isfinite(exact) or not exact:
        raise LiveError(
            f"the slope of f at {w.name} = {at:g} is {exact:g}; a relative error needs another"
        )
    fig, ax = canvas.panels()
    _measured(ax, f, exact, at)
    ax.set(xlabel="h", ylabel="relative error of the slope", xlim=(5e-17, 2), ylim=(3e-18, 30))
    live = Live(
        fig,
        {h: FloatLogSlider(min=-16, max=0, value=1e-4, step=0.1, description="h")},
        alt="Relative error of three difference quotients against h, both axes logarithmic. "
        "The forward and central differences form a V: rounding on the left, truncation on the "
        "right. A star marks the bottom of each V. The complex step, where f knows complex "
        "numbers, has no left arm.",
    )
    grid = {_grid: np.logspace(-16, 0, 65)}
    quotients = difference_quotients(f, at)
    for quotient, look in zip(quotients.values(), ((ORANGE, "-"), (BLUE, "--")), strict=True):
        live.bind(canvas.line(ax, *look), over=grid, x=_grid, y=sum(quotient.errors(_grid)))
    best = [(sp.Float(q.best), q) for q in quotients.values() if q.best]
    if best:
        x, y = zip(*((step, sum(q.errors(step))) for step, q in best), strict=True)
        live.bind(canvas.point(ax, "black", "*", ms=12), x=x, y=y)
    furniture.upright(live, ax, h, lw=1)
    for name, quotient in quotients.items():
        says = f"{name}: truncation {{:.1e}} + rounding {{:.1e}}; "
        if quotient.best:
            live.readout(says + "best h = {:.1e}", *quotient.errors(h), sp.Float(quotient.best))
        else:
            live.readout(says + "no h is too large", *quotient.errors(h))
    return live


def _measured(ax: Any, loss: OpaqueLoss, exact: float, at: float) -> None:
    """Draw the errors of `gdlib.slope`'s difference quotients of f against h.

    The complex step only for what is made of functions that know complex numbers.
    """
    steps = np.logspace(-16, 0, 97)
    analytic = not loss.expression.has(*_REAL_ONLY)
    (w,) = loss.weights
    f: Callable[[Any], Any] = sp.lambdify(w, loss.expression, "numpy")
    if not analytic:
        f = lambda v: loss.numbers([loss.value], [v])[0]  # noqa: E731
    looks = (
        ("forward", secant_slope, ORANGE, "o"),
        ("central", central_difference, BLUE, "s"),
        ("complex step", complex_step, GREEN, "^"),
    )
    for name, quotient, colour, marker in looks[: 3 if analytic else 2]:
        found = np.array([quotient(f, at, step) for step in steps])
        error = np.maximum(np.abs(found - exact) / max(abs(exact), 1e-300), 1e-17)
        ax.loglog(steps, error, marker, color=colour, ms=3.5, label=name)
    canvas.legend_above(ax, *ax.lines)


@figure
def descent(
    f: Formula,
    *,
    low: Low = -2.0,
    high: High = 2.5,
    start: AnyBegin = None,
    minimum: Annotated[Number | None, number(), "where f has a minimum, if that is known"] = None,
    steps: Steps = 25,
    predict: Predict = False,
    examples: Examples = (),
) -> Live:
    """Gradient descent on f: the slope at w, the step −η f′(w), and where repeating it leads.

    Given the place of a minimum, the figure says what η f″ there predicts, unless the path from
    this start goes elsewhere.
    """
    f = arguments.loss_of_one(f, (low, high), order=1 if minimum is None else 2)
    start, (w,) = arguments.begin(f, (low, high), start, 2.2), f.weights
    fig, ax = canvas.panels()
    canvas.curve(ax, f.value, w, np.linspace(low, high, 200), room=0.15)
    found = furniture.leaving(f.path(steps), ax, (w, f.value))
    ax.set(ylabel="loss")
    canvas.legend_above(ax, ("slope", ORANGE, "--"), (f"{steps} steps", GREEN, "-", "."))
    live = Live(
        fig,
        {
            w: furniture.slider(low, high, start, f"start {name_of(w)}"),
            eta: FloatSlider(min=0.01, max=1.2, value=0.1, step=0.01, description="rate η"),
            **(guess.controls({_end: (low, high, (low + high) / 2)}) if predict else {}),
        },
        alt=f"The loss {short(f.expression)} with its tangent at the start, and the path "
        f"of {steps} steps of gradient descent from there. A larger rate makes longer steps, which "
        "jump across the valley, and in the end out of it.",
    )
    drawn = furniture.tangent_at_start(live, ax, f, 0.18 * (high - low), ms=9)
    if predict:
        asked = f"Where will {steps} steps from the disc lead? Drag the star there."
        guess.ask(live, ax, asked, [_end], x=_end, y=f.at(_end))
    if minimum is not None:
        _foretell(live, ax, f, found, minimum, (low, high))
    else:
        furniture.left(live, ax, found)
    _read_step(live, f, found, (*drawn, furniture.descent_on_curve(live, ax, f, found)))
    typed.offer(live, {"f": (f, {w: (low, high)})}, examples, note=_UNFORETOLD)
    return live


_UNFORETOLD = "What the curvature at the bottom foretells is said of the book’s own loss only."


def _read_step(live: Live, f: OpaqueLoss, found: Departure, drawn: tuple[Any, Any, Any]) -> None:
    """Read out the first step, and where the last one leads."""
    (w,), (slope,), path, (start, tangent, end) = f.weights, f.gradient, found.path, drawn
    step = r"%s \leftarrow %s - \eta\, L'(%s)".replace("%s", sp.latex(w))
    numbers = r"\num{.3f} - \num{.2f} \cdot (\num{+.3f}) = \num{.3f}"
    live.formula(f"{step} = {numbers}", (w, start), eta, (slope, tangent), *f.moved(eta))
    sentence = f"after {path.steps} steps: {name_of(w)} = {{:.4g}}, loss {{:.4g}}"
    ends = (path.last(w), end), (path.last(f.value), end)
    live.readout(sentence, *ends, instead=(found.gone, "left at step {:d}", found.step))


def _has_minimum(f: OpaqueLoss, place: float, steepest: float) -> None:
    """Raise `LiveError` unless the slope is 0 there, and the curve bends upwards."""
    (w,) = f.weights
    arguments.defined_at(f, {w: place}, "minimum")
    slope, bend = (f.numbers([f.derivative(k)], [place])[0].item() for k in (1, 2))
    if abs(slope) > 1e-6 * steepest or not bend >= 0:
        problem = f"slope {slope:.3g}, second derivative {bend:.3g}"
        raise LiveError(f"minimum is {w.name} = {place:g}, where f has none: {problem}")


def _foretell(
    live: Live, ax: Axes, f: OpaqueLoss, found: Departure, minimum: float, ends: tuple[float, float]
) -> None:
    """Say what the curvature at a minimum predicts, and shade the rates that never settle there.

    Of a loss that is typed no minimum is known.
    """
    steepest = f.extremes(sp.Abs(f.gradient[0]), {f.weights[0]: ends})[1]
    _has_minimum(f, minimum, *known(steepest))
    furniture.words(live, ax, _outlook(f, found, minimum, steepest * HAIR))
    (bend,) = (e.item() for e in f.numbers([f.derivative(2)], [minimum]))
    if bend > 0:
        furniture.shade_beyond(live, 2 / bend, "it never settles")


def _outlook(
    f: OpaqueLoss, found: Departure, minimum: float, none: sp.Expr
) -> list[tuple[Any, Any]]:
    """What is said about a descent to a minimum, and when; the cases exclude each other.

    `none` is the largest slope that counts as none.
    """
    (w,), (slope,) = f.weights, f.gradient
    end, gone = found.path.last(w), found.gone
    bend = eta * either(f.derivative(2).func(sp.Float(minimum)), sp.nan)
    level = sp.Abs(slope) <= none
    # Not the other way round: a path that is no longer finite compares as false.
    nears = furniture.only(sp.Abs(end - minimum) <= sp.Abs(w - minimum), 1, 0) > 0
    nears, strays = ((either(furniture.only(e, 1, 0), 0) > 0) for e in (nears, sp.Not(nears)))
    stays, steep = ~level & ~gone, bend > 2 + HAIR
    there, settles = stays & nears, bend < 2 - HAIR
    return [
        ("level: no step", level),
        (("left at step {:d}", found.step), ~level & gone & ~steep),
        (("η f″ = {:.2f} > 2: left at step {:d}", bend, found.step), ~level & gone & steep),
        ("this start leaves the valley", stays & ~steep & strays),
        (("near the bottom η f″ = {:.2f} < 1: creeps", bend), there & (bend < 1 - HAIR)),
        (("near the bottom η f″ = {:.2f}: zigzags", bend), there & (bend >= 1 - HAIR) & settles),
        ("η f″ = 2: mirrors, may converge", there & ~settles & ~steep),
        (("η f″ = {:.2f} > 2: never settles", bend), stays & steep),
    ]


@figure
def direction(loss: OfTwo, *, over: Over, start: At, examples: Examples = ()) -> Live:
    """The slope of a loss of two weights in a direction that turns, beside all directions."""
    L = arguments.loss_of_two(loss, over, start)
    g = L.gradient
    u = [turn(_theta * sp.pi / 180) for turn in (sp.cos, sp.sin)]
    along = g[0] * u[0] + g[1] * u[1]
    length = 0.22 * min(np.ptp(ends) for ends in over.values())
    around = {s: (low - length, high + length) for s, (low, high) in over.items()}
    fig, (plane, rose) = canvas.beside_landscape(L.value, around)
    plane.set(aspect="equal")
    canvas.legend_above(plane, ("u", PURPLE), ("∇L", ORANGE))
    size = sp.Float(1.3) * L.extremes(L.steepness, over)[1]
    canvas.round_angles(rose, size, xlabel="direction θ in degrees", title="slope along u")
    live = Live(
        fig,
        {
            _theta: IntSlider(min=0, max=360, value=35, description="direction θ in degrees"),
            **furniture.start_sliders(over, start, "{}"),
        },
        alt="First: level lines of the loss over two weights, with the gradient and a direction u "
        "that turns. Second: the slope along u against its angle, a cosine whose top is where u "
        "points along the gradient.",
    )
    turned, steepest = _two_arrows(live, plane, L, u, length)
    all_round: Style = {"over": {_grid: np.linspace(0, 360, 121)}, "x": _grid}
    live.bind(canvas.line(rose, BLUE), **all_round, y=along.subs(_theta, _grid))
    furniture.held(live, canvas.point(rose, PURPLE, ms=9), x=_theta, y=along)
    live.bind(canvas.point(rose, ORANGE, "^", ms=8), x=furniture.angle(*g), y=L.steepness)
    steep = ((e, steepest) for e in (*g, L.steepness))
    _read_slopes(live, ((along, turned), *steep), furniture.decimals(known(size)[0], 3))
    typed.offer(live, {"L": (L, around)}, examples)
    return live


def _two_arrows(
    live: Live, plane: Axes, loss: OpaqueLoss, u: Sequence[sp.Expr], length: float
) -> tuple[Any, Any]:
    """Draw a direction that turns and the gradient's at the weights, both of one length."""
    here, g = furniture.xy(loss.weights), loss.gradient
    turned, steepest = canvas.arrow(plane, PURPLE), canvas.arrow(plane, ORANGE)
    live.bind(steepest, **here, **furniture.ahead(g, length / loss.steepness))
    turn: Style = {"to": {_theta: furniture.turn_to(*loss.weights)}, **furniture.ahead(u, length)}
    furniture.held(live, turned, **here, **turn)
    furniture.held(live, canvas.point(plane, BLUE, ms=8), **here)
    return turned, steepest


def _read_slopes(live: Live, seen: Sequence[tuple[sp.Expr, Any]], digits: str) -> None:
    along, *gradient = seen
    live.readout(f"slope along u = ∇L · u = {{:+{digits}}}", along)
    sentence = f"∇L = ({{:+{digits}}}, {{:+{digits}}}), its length {{:{digits}}}"
    live.readout(sentence + ": no direction is steeper", *gradient)

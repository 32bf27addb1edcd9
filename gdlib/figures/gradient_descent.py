"""The figures of chapter 6: what to do with a gradient, and where that leads.

One file, as every chapter has one for its figures.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib.data import Digits
from gdlib.departure import Departure
from gdlib.figures import arguments, canvas, furniture, guess, typed
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.door import figure
from gdlib.figures.furniture import DESCENT, Look
from gdlib.figures.kinds import (
    DIGITS,
    GENERATOR,
    At,
    Columns,
    Examples,
    OfTwo,
    Over,
    Predict,
    Rate,
    Seed,
    Steps,
    check_range,
    number,
    whole,
    wholes,
)
from gdlib.height import Height
from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import Drawn, Dropdown, FloatSlider, Live, LiveError, mean
from gdlib.measured import constant, known
from gdlib.minibatch_loss import MinibatchLoss
from gdlib.symbolic import OPTIMIZERS, beta, beta_1, beta_2, epsilon, eta, name_of

__all__ = ["optimizers", "batches", "sweep", "surface", "mistakes"]


def __dir__() -> list[str]:
    return __all__


_t, _batch, _schedule = sp.symbols("t batch schedule", real=True)
_CONSTANTS = {beta_1: beta, beta_2: sp.Float(0.999), epsilon: sp.Float(1e-8)}

LOOKS: dict[str, Look] = {
    "descent": (GREEN, "-", "o"),
    "momentum": (PURPLE, "--", "s"),
    "Nesterov": (BLUE, "-.", "^"),
    "Adam": (ORANGE, ":", "D"),
}


@figure
def optimizers(
    loss: OfTwo,
    *,
    over: Over,
    start: At,
    steps: Steps = 60,
    eta_start: Rate = 0.05,
    examples: Examples = (),
) -> Live:
    """Gradient descent, momentum, Nesterov and Adam: one landscape, one rate, four paths."""
    L = arguments.loss_of_two(loss, over, start, order=2, moving=True)
    paths = {name: L.path(steps, name, constants=_CONSTANTS) for name in OPTIMIZERS}
    height = L.height(over, start)
    fig, axes = canvas.beside_landscape(L.value, over)
    canvas.heights_against_steps(axes[1], 1.03 * steps, height, (1e-7, 10))
    canvas.legend_above(axes[0], *((name, *LOOKS[name]) for name in paths))
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start),
            eta: furniture.rate(eta_start),
            beta: FloatSlider(min=0, max=0.99, value=0.9, step=0.01, description="decay β"),
            _t: furniture.play_row(steps, steps),
        },
        alt="First: level lines of a loss of two weights and four paths from the same start: "
        "gradient descent (solid, circle), momentum (dashed, square), Nesterov (dash-dotted, "
        "triangle) and Adam (dotted, diamond). Second: the loss of each along the steps, on a "
        f"{height.axis} axis. With β = 0 the first three are one path.",
    )
    for name, path in paths.items():
        found = furniture.leaving(path, axes[0], L.weights)
        drawn = found, height.expression, _t, LOOKS[name]
        here = furniture.follow(live, axes, *drawn, ms=8, hold=name == "descent")
        gone = found.left_by(_t), f"{name}: left at step {{:d}}", found.step
        now = found.path.at(_t, L.value), here
        live.readout(f"{name}: loss {{:.4g}}", now, instead=gone)
    _mark_start(live, axes[0], L)
    typed.offer(live, {"L": (L, over)}, examples)
    return live


def _mark_start(live: Live, plane: Axes, loss: OpaqueLoss) -> None:
    """Mark where all paths begin, and shade the rates at which they may run away."""
    furniture.start_mark(live, plane, loss.weights, plus=True)
    _shade_unstable(live, loss)


def _shade_unstable(live: Live, loss: OpaqueLoss) -> None:
    """Shade the rates at which plain descent on a quadratic loss diverges."""
    furniture.shade_beyond(live, loss.edge, "plain descent diverges", "2/λmax = ")


_SCHEDULES: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "constant": lambda t: sp.S.One,
    "falls like 1/t": lambda t: 1 / (1 + t / 10),
    "halved every 50 steps": lambda t: 2 ** -sp.floor(t / 50),
}
"""What η is multiplied by at step t."""


def _falling(t: sp.Expr) -> sp.Expr:
    """What η is multiplied by at step t, by the schedule that is chosen."""
    return furniture.choose(_schedule, [f(t) for f in _SCHEDULES.values()])


_BATCH_LOOKS: dict[str, Look] = {"all rows": (PURPLE, "--", "s"), "batch": (GREEN, "-", "o")}


def _sizes(sizes: Sequence[int], chosen: int | None, n: int) -> Dropdown:
    """A choice among sizes of a batch, all n rows the last."""
    if max(sizes) >= n:
        raise LiveError(f"sizes has {max(sizes)}; expected fewer than all {n} rows")
    if chosen not in (None, *sizes, n):
        raise LiveError(f"size is {chosen}; expected one of {[*sizes, n]}")
    options = [(f"{b} row{'s' * (b > 1)}", b) for b in sizes] + [(f"all {n} rows", n)]
    return Dropdown(options=options, value=chosen or sizes[0], description="batch")


Sizes = Annotated[Sequence[int], wholes(1, 10**6), "the sizes of a batch to choose from"]


@figure
def batches(
    loss: Annotated[OfTwo, "the loss of one row: an expression of two weights and of its data"],
    data: Columns,
    *,
    over: Over,
    start: At,
    sizes: Sizes = (1, 8, 32),
    steps: Steps = 200,
    eta_start: Rate = 0.1,
    size: Annotated[int | None, whole(1), "the size chosen first; the first one if None"] = None,
    seed: Seed = 0,
) -> Live:
    """Descent on batches of a chosen size beside descent on all rows: noise against cost.

    `gdlib.gradient_descent.minibatches(n, size, seed)` makes them, in one order for every epoch.
    """
    L = arguments.loss_of_two(mean(loss, data), over, start, order=2, moving=True)
    rows = MinibatchLoss(loss, data, L.weights, _falling)
    paths = {"all rows": rows.full_path(steps), "batch": rows.path(_batch, steps, seed)}
    height, most = L.height(over, start), steps * rows.rows
    fig, axes = canvas.beside_landscape(L.value, over)
    canvas.heights_against_steps(axes[1], most, height, (1e-6, 3))
    axes[1].set(xscale="log", xlim=(0.8, most), xlabel="rows looked at")
    canvas.legend_above(axes[0], *((label, *_BATCH_LOOKS[label]) for label in paths))
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start),
            eta: furniture.rate(eta_start, high=0.0),
            _batch: _sizes(sizes, size, rows.rows),
            _schedule: furniture.dropdown(_SCHEDULES, 0, "schedule"),
            _t: furniture.play_row(steps, steps),
        },
        alt="First: level lines of a loss and two paths from one start, by gradients of all rows "
        "(dashed) and of a batch (solid), which settles only if the rate falls. Second: the loss "
        f"of both on a {height.axis} axis, against the rows looked at: the batch is down earlier.",
    )
    for label, path in paths.items():
        found = furniture.leaving(path, axes[0], L.weights)
        shown = height.expression, _t, _BATCH_LOOKS[label]
        here = furniture.follow(live, axes, found, *shown, over=rows.seen, lw=(1.4, 1.4))
        _read_rows(live, label, found, (L.value, rows.seen), here)
    _mark_start(live, axes[0], L)
    return live


def _read_rows(
    live: Live, label: str, found: Departure, now: tuple[sp.Expr, sp.Symbol], here: Any
) -> None:
    """Read out the loss of a path at step t, and how many rows it has looked at."""
    gone = found.left_by(_t), f"{label}: left at step {{:d}}", found.step
    sentence = f"{label}: loss {{:.4f}}, {{:,.0f}} rows looked at"
    loss, seen = (found.path.at(_t, e) for e in now)
    live.readout(sentence, (loss, here), seen, instead=gone)


@figure
def sweep(
    loss: OfTwo,
    *,
    over: Over,
    start: At,
    steps: Annotated[int, whole(1, 500), "how many steps of descent"] = 50,
    eta_start: Rate = 0.05,
    low: Annotated[float, number(1e-9, 1e9), "the smallest rate η"] = 1e-3,
    high: Annotated[float, number(1e-9, 1e9), "the largest rate η"] = 10.0,
    points: Annotated[int, whole(5, 200), "how many rates are measured"] = 97,
) -> Live:
    """The loss after some steps of `gdlib.gradient_descent.descend`, measured for many η.

    Where the loss is quadratic, a line marks 2/λmax, beyond which every descent diverges.
    """
    L = arguments.loss_of_two(loss, over, start, order=2, moving=True)
    check_range("low and high", low, high)
    height = L.height(over, start)
    fig, (wide, fall) = canvas.panels(2)
    wide.set(xlabel="rate η", title=f"{height.title} after {steps} steps")
    if height.logarithmic and sp.Lt(*known(height.begin, 1e-12 * height.most)):
        raise LiveError("start is where the loss is lowest already, to all digits")
    best = _measure(wide, L, height, start, np.geomspace(low, high, points), steps)
    limits, scale = wide.get_ylim(), height.scale
    canvas.against_steps(fall, 1.03 * steps, *limits, title="for this η", yscale=scale)
    live = Live(
        fig,
        {eta: furniture.rate(eta_start, float(np.log10(low)), float(np.log10(high)))},
        alt=f"First: the loss after {steps} steps of gradient descent against the learning rate on "
        f"a logarithmic axis, the loss on a {height.axis} one: it falls slowly from the left, "
        "reaches a lowest point, and shoots up at the right, where descent diverges. Second: the "
        "loss along the steps for the rate on the slider.",
    )
    path = L.path(steps, start={s: sp.Float(start[s]) for s in L.weights})
    found = Departure(path, {height.expression: (-1e300, limits[1])})
    end: Style = {"x": eta, "y": found.path.last(height.expression)}
    furniture.held(live, mark := canvas.point(wide, GREEN, "D", ms=8), **end)
    furniture.along_steps(live, fall, found.path, height.expression, steps, ms=8)
    gone = found.gone, "η = {:.4g}: above the picture since step {:d}", eta, found.step
    sentence = f"η = {{:.4g}}: loss {{:.4g}} after {steps} steps"
    live.readout(sentence, eta, (found.path.last(L.value), mark), instead=gone)
    # Where the loss falls out of the picture, the lowest in it means nothing.
    _read_best(live, {"lowest measured at η": best if height.logarithmic else None}, L)
    return live


def _read_best(live: Live, known: dict[str, float | None], loss: OpaqueLoss) -> None:
    """Read out what is known of the rates, and shade those that diverge."""
    _shade_unstable(live, loss)
    known["2/λmax"] = loss.edge
    told = {name: sp.Float(value) for name, value in known.items() if value is not None}
    if told:
        live.readout("; ".join(f"{name} = {{:.4g}}" for name in told), *told.values())


def _measure(
    ax: Axes, loss: OpaqueLoss, height: Height, start: Start, rates: np.ndarray, steps: int
) -> float:
    """Draw the height that `descend` reaches with each rate; return the best rate."""
    w0 = [start[s] for s in loss.weights]
    begin, largest = known(height.begin, height.most)
    least, most = height.limits(0, 2)
    if height.logarithmic:
        size = max(begin, 1e-9 * largest)
        least, most = max(size * 1e-9, 1e-12 * largest), size * 1e3
    ends = loss.after_descents(height.expression, w0, rates, steps)
    seen = np.isfinite(ends) & (abs(ends) < max(abs(least), abs(most)) * 1e3)
    ax.set(xscale="log", yscale=height.scale, xlim=(rates[0], rates[-1]), ylim=(least, most))
    ax.plot(rates[seen], np.maximum(ends[seen], least), ".-", color=BLUE, lw=1.2, ms=4)
    ax.axhline(begin, color=GREY, lw=1, ls=":")
    if loss.edge and rates[0] < loss.edge < rates[-1]:
        ax.axvline(loss.edge, color=ORANGE, lw=1.5, ls="--")
        style: Style = {"color": ORANGE, "ha": "right", "va": "top"}
        ax.text(loss.edge, most, "2/λmax ", **style)
    if not seen.any():
        raise LiveError(f"every rate from {rates[0]:g} to {rates[-1]:g} diverges from this start")
    return float(rates[np.nanargmin(np.where(seen, ends, np.nan))])


def _mark_stationary(plane: Any, loss: OpaqueLoss, over: Box) -> None:
    """Mark minima, saddles and maxima in a landscape; a legend says which there are."""
    places = loss.stationary_points(over)
    handles = list[Any]()
    middle = [np.mean(list(over.values()), axis=1)]
    for label, marker, wanted in (("minimum", "v", 2), ("saddle", "X", 1), ("maximum", "^", 0)):
        here = [at for at, curvatures, _ in places if (curvatures > 0).sum() == wanted]
        style = {"color": ORANGE if wanted == 1 else PURPLE, "ls": "", "ms": 9}
        marks = plane.plot(*np.transpose(here or middle), marker=marker, label=label, **style)
        canvas.sketch(plane).drawn.append(Drawn(marks[0], stationary=wanted, hidden=not here))
        handles += marks if here else []
    if handles:
        canvas.legend_above(plane, *handles, canvas.sample("step t", *DESCENT, lw=1.6))


def _whereabouts(
    slope: tuple[sp.Expr, sp.Expr], bends: tuple[sp.Expr, sp.Expr, sp.Expr], left: sp.Expr
) -> list[tuple[str, Any]]:
    """Words for where a descent is that has not left, and when.

    By the gradient's length and the curvatures there, each beside its largest in the landscape.
    """
    (length, steepest), (low, high, most) = slope, bends
    still, flat = sp.Lt(length, steepest * sp.Float(_STILL)), most * sp.Float(_FLAT)
    within, still = length < steepest * sp.Float(1e8), still & ~left
    return [
        ("still moving", sp.Not(still) & within & ~left),
        ("in a minimum", still & (low > 0) & (high >= flat)),
        ("stuck on a saddle", still & (low < 0) & (high >= flat)),
        ("stuck on a maximum", still & (low <= -flat) & (high < flat)),
        ("lost on a plateau", still & (low > -flat) & (high < flat)),
        ("thrown out", sp.Piecewise((0, within | left), (1, True))),
    ]


_STILL, _FLAT = 1e-3, 5e-3
"""Shares of the largest slope, and of the largest curvature, that count as none."""


@figure
def surface(
    loss: OfTwo,
    *,
    over: Over,
    start: At,
    steps: Steps = 100,
    eta_start: Rate = 0.1,
    predict: Predict = False,
    examples: Examples = (),
) -> Live:
    """Descent on a landscape with several places to end: minima, saddles, plateaus.

    Stationary points inside the picture are found by Newton's method, and marked.
    """
    L = arguments.loss_of_two(loss, over, start, order=2, moving=True)
    fig, (plane, slopes) = canvas.beside_landscape(L.value, over)
    sizes = L.extremes(L.steepness, over)[1], L.value_at(start, L.steepness)
    canvas.decades_against_steps(slopes, 1.03 * steps, sizes, ylabel="gradient’s length")
    _mark_stationary(plane, L, over)
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start),
            eta: furniture.rate(eta_start, high=0.5),
            _t: furniture.play_row(steps, steps),
            **(_your_end(over) if predict else {}),
        },
        alt="First: level lines of a loss of two weights, its minima and saddles marked, and the "
        "path of gradient descent from the start. Second: the length of the gradient along the "
        "steps, on a logarithmic axis: near a saddle or on a plateau it is small without a "
        "minimum being near.",
    )
    furniture.start_mark(live, plane, L.weights, plus=True)
    if predict:
        asked = f"Where will {steps} steps from the plus come to? Drag the star there."
        guess.ask(live, plane, asked, guess.YOURS, **furniture.xy(guess.YOURS))
    found = furniture.leaving(L.path(steps), plane, L.weights)
    furniture.path_over(live, plane, found, _t, lw=1.2, ms=5)
    here = canvas.point(plane, GREEN, "D", ms=8)
    live.bind(here, **furniture.place(found.path, _t, L.weights))
    length = furniture.along_steps(live, slopes, found.path, L.steepness, _t, ms=8, hold=True)
    _say_whereabouts(live, slopes, L, found, (sizes[0], over), (here, length))
    typed.offer(live, {"L": (L, over)}, examples)
    return live


def _your_end(over: Box) -> dict[Any, Any]:
    """Return the controls of where the reader thinks that a path ends, in a corner at first."""
    corner = (
        (low, high, float(f"{low + share * (high - low):.2g}"))
        for (low, high), share in zip(over.values(), (0.15, 0.85), strict=True)
    )
    return guess.controls(dict(zip(guess.YOURS, corner, strict=True)))


def _say_whereabouts(
    live: Live,
    ax: Axes,
    loss: OpaqueLoss,
    found: Departure,
    seen: tuple[sp.Expr, Box],
    marks: tuple[Any, Any],
) -> None:
    """Say where a descent is at step t, by the steepest slope and all curvatures in the picture."""
    (steepest, over), left = seen, found.left_by(_t)
    state = (*loss.weights, loss.value, loss.steepness, *loss.curvatures)
    *place, length, low, high = (found.path.at(_t, e) for e in state)
    bend = constant(sp.Max(*(loss.extremes(sp.Abs(e), over)[1] for e in loss.curvatures)))
    where = _whereabouts((length, steepest), (low, high, bend), left)
    furniture.words(live, ax, [(("left at step {:d}", found.step), left), *where])
    places = ", ".join(f"{name_of(s)} = {{:.3f}}" for s in loss.weights)
    gone = furniture.out_of_the_picture(found, _t)
    marked = [(e, marks[0]) for e in place]
    live.readout(f"step {{:d}}: {places}, loss {{:.4f}}", _t, *marked, instead=gone)
    sentence = "gradient’s length {:.2g}; curvatures {:+.2f}, {:+.2f}"
    bends = (furniture.unless_none(length, steepest), marks[1]), low, high
    live.readout(sentence, *bends, instead=(left, "gradient’s length: above the picture"))


@figure
def mistakes(
    digits: Annotated[Digits, DIGITS],
    guesses: Annotated[Sequence[int], wholes(0, 9), "one class a row"],
    *,
    rows: Annotated[Sequence[int] | None, wholes(0, 10**6), "which rows; all if None"] = None,
    number: Annotated[int, whole(1, 60), "how many mistakes are drawn, at most"] = 12,
    columns: Annotated[int, whole(1, 12), "how many stand side by side"] = 5,
    rng: Annotated[Any, GENERATOR, "what draws the mistakes: a whole number, or None"] = None,
) -> Live:
    """Misclassified digits, with their true class and the guess."""
    found, truth = np.asarray(guesses), np.asarray(digits.y)
    chosen = np.arange(len(truth)) if rows is None else np.asarray(rows)
    if len(found) != len(chosen):
        raise LiveError(f"guesses has {len(found)} classes for {len(chosen)} rows")
    if chosen.max() >= len(truth):
        raise LiveError(f"rows has {chosen.max()}; there are rows 0 to {len(truth) - 1}")
    wrong = np.flatnonzero(found != truth[chosen])
    if not wrong.size:
        raise LiveError(f"all {len(chosen)} guesses are right; there is no mistake to show")
    picked = np.random.default_rng(rng).permutation(wrong)[:number]
    lines = -(-len(picked) // columns)
    fig, ax = plt.subplots(figsize=(canvas.WIDTH / 72, 1.3 * lines))
    sheet = np.full((12 * lines, 10 * columns), np.nan)
    titles = []
    for i, at in enumerate(picked):
        top, left = 12 * (i // columns) + 3, 10 * (i % columns) + 1
        sheet[top : top + 8, left : left + 8] = digits.X[chosen[at]].reshape(8, 8)
        titles.append(f"{truth[chosen[at]]}, not {found[at]}")
        ax.text(left + 3.5, top - 1, titles[-1], ha="center", va="bottom")
    ax.imshow(sheet, cmap="Greys", vmin=0, vmax=1, interpolation="none")
    ax.set_axis_off()
    return Live(
        fig,
        {},
        alt=f"{len(picked)} handwritten digits of 8 by 8 pixels, each with what it is and "
        f"what it was taken for: {'; '.join(titles)}.",
    )

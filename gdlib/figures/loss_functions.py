"""The figures of chapter 1: what a loss measures, and where gradient descent goes on it.

One file, as every chapter has one for its figures.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.markers import TICKDOWN, TICKUP

from gdlib import symbolic
from gdlib.departure import Departure
from gdlib.figures import arguments, canvas, furniture, guess, typed
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE
from gdlib.figures.door import figure, refused
from gdlib.figures.kinds import (
    At,
    Begin,
    Column,
    Examples,
    Formula,
    Formulas,
    High,
    Low,
    Names,
    OfTwo,
    Over,
    Predict,
    Steps,
    Symbols,
    number,
)
from gdlib.landscape import HAIR, Box, OpaqueLoss
from gdlib.live import (
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    IntSlider,
    Iterated,
    Live,
    LiveError,
    differentiate,
    evaluate,
    mean,
    pointer,
)
from gdlib.symbolic import eta, name_of, one_hot, optimizer_step, sigmoid, softmax

__all__ = ["line_fit", "probability", "compare", "softmax_bars"]


def __dir__() -> list[str]:
    return __all__


_x, _t, _class = sp.symbols("x t class", real=True)
_row_x, _row_y = sp.symbols("x_i y_i", real=True)
_TICKS = ({"color": PURPLE, "marker": TICKDOWN}, {"color": BLUE, "marker": TICKUP})


def _data_and_loss(
    loss: OpaqueLoss, over: Box, x: np.ndarray, y: tuple[float, float], names: tuple[str, str]
) -> tuple[Any, Any, Any]:
    """Axes for the data, with what tells step 0 from step t, and axes for the loss."""
    fig, (left, plane) = canvas.panels(2)
    left.set(xlim=(x.min(), x.max()), ylim=y, xlabel=names[0], ylabel=names[1])
    canvas.legend_above(left, ("step 0", ORANGE, "--"), ("step t", GREEN))
    canvas.contours(plane, loss.value, over, title="loss over both weights")
    return fig, left, plane


def _walk(live: Live, plane: Any, path: Iterated, loss: OpaqueLoss, name: str, digits: int) -> Any:
    """Draw a descent over the landscape, its start, and where it is at step t; read that out.

    Return whether it has left by then.
    """
    weights, found = loss.weights, furniture.leaving(path, plane, loss.weights)
    path = found.path
    furniture.path_over(live, plane, found, lw=1.2)
    begun = furniture.start_mark(live, plane, weights)
    at_t = canvas.point(plane, GREEN, "D")
    live.bind(at_t, **furniture.place(path, _t, weights), visible=_t > 0)
    furniture.left(live, plane, found)
    here, gone = [path.at(_t, s) for s in weights], found.left_by(_t)
    places = ", ".join(f"{name_of(s)} = {{:.{digits}f}}" for s in weights)
    out = furniture.out_of_the_picture(found, _t)
    live.readout(f"step {{:d}}: {places}", _t, *((e, at_t) for e in here), instead=out)
    sentence, start = f"{name} {{:.4f}}, at step 0 {{:.4f}}", loss.value
    risen = gone, f"{name} at step 0 {{:.4f}}", start
    now = path.at(_t, loss.value), at_t
    live.readout(sentence, now, (start, begun), instead=risen)
    furniture.shade_beyond(live, loss.edge, "it diverges")
    return gone


@figure
def line_fit(
    loss: OfTwo,
    *,
    x: Column,
    y: Column,
    over: Annotated[Over, "the range of the slope w, then that of the intercept b: (low, high)"],
    start: At,
    names: Names = ("x", "y"),
    steps: Steps = 60,
    predict: Predict = False,
) -> Live:
    """A line y = w x + b with its residuals, beside the loss over (w, b) and a descent on it."""
    L = arguments.loss_of_two(loss, over, start)
    arguments.rows(x, y)
    path, (w, b) = L.path(steps), L.weights
    first = [start[w] * end + start[b] for end in (x.min(), x.max())]
    fig, data, plane = _data_and_loss(L, over, x, canvas.around(y, first), names)
    data.plot(x, y, ".", color=BLUE, ms=3.5)
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start),
            eta: FloatSlider(min=0.01, max=0.6, value=0.1, step=0.01, description="rate η"),
            _t: IntSlider(min=0, max=steps, value=min(4, steps), description="step t"),
            **(_your_line(y, over) if predict else {}),
        },
        alt="First: data points with the line at the start, the line after t steps of gradient "
        "descent, and the residuals between points and that line. Second: level lines of the "
        "loss over the line's two weights, and the descent from the start to the lowest point.",
    )
    if predict:
        _ask_for_a_line(live, data, plane, L, x)
    at_t = {s: path.at(_t, s) for s in L.weights}
    fitted = at_t[w] * _x + at_t[b]
    _draw_lines(live, data, (x, y), w * _x + b, fitted)
    gone = _walk(live, plane, path, L, "loss", 3)
    _add_residuals(live, _row_y - fitted.subs(_x, _row_x), {_row_x: x, _row_y: y}, gone)
    return live


def _draw_lines(
    live: Live, data: Any, rows: tuple[np.ndarray, np.ndarray], begun: sp.Expr, fitted: sp.Expr
) -> None:
    """Draw the line at the start, the line at step t, and the residuals of the latter."""
    ends = {_x: np.array([rows[0].min(), rows[0].max()])}
    apart = {"y": (_row_y, fitted.subs(_x, _row_x), sp.nan), "x": (_row_x, _row_x, sp.nan)}
    live.bind(canvas.line(data, GREY, lw=0.5, zorder=1.5), {(_row_x, _row_y): rows}, **apart)
    live.bind(canvas.line(data, ORANGE, "--"), over=ends, x=_x, y=begun)
    live.bind(canvas.line(data, GREEN), over=ends, x=_x, y=fitted)


def _your_line(y: np.ndarray, over: Box) -> dict[Any, Any]:
    """Return the controls of the reader's own line, level at first."""
    middles = (0.0, float(np.round(np.median(y), 1)))
    spans = (
        (low, high, float(np.clip(middle, low, high)))
        for middle, (low, high) in zip(middles, over.values(), strict=True)
    )
    return guess.controls(dict(zip(guess.YOURS, spans, strict=True)))


def _ask_for_a_line(live: Live, data: Any, plane: Any, loss: OpaqueLoss, x: np.ndarray) -> None:
    """Let the reader draw a line by its two ends, before descent does."""
    (w, b), (left, right) = guess.YOURS, np.quantile(x, (0.02, 0.98))
    ends = np.array([x.min(), x.max()])
    live.bind(
        canvas.line(data, PURPLE, ":", lw=3),
        {_x: ends},
        x=_x,
        y=w * _x + b,
        visible=guess.PHASE < 2,
    )
    for at, other in ((left, right), (right, left)):
        turned = (w * other + b - pointer[1]) / (other - at)
        to = {w: turned, b: pointer[1] - turned * at}
        guess.ghost(live, canvas.point(data, PURPLE, ms=9), to, x=sp.Float(at), y=w * at + b)
    place = {"ha": "right", "va": "bottom", "transform": data.transAxes}
    text = data.text(0.98, 0.02, " ", **place)
    live.bind(text, text=("yours: loss {:.4f}", loss.at(w, b)), visible=sp.Eq(guess.PHASE, 1))
    question = (
        "Which line fits best? Drag the ends of the dotted line. Then see where descent leads."
    )
    guess.ask(live, plane, question, guess.YOURS, x=w, y=b)


def _add_residuals(
    live: Live, residual: sp.Expr, rows: Mapping[Any, np.ndarray], gone: Any
) -> None:
    """Read out the sum of all residuals, unless the line has left the picture."""
    total = next(iter(rows.values())).size * mean(residual, rows)
    words = "the residuals are as large as the line is far"
    live.readout("the residuals at step {:d} add up to {:+.1f}", _t, total, instead=(gone, words))


def _called(loss: OpaqueLoss, over: Box, x: np.ndarray, y: np.ndarray) -> str:
    """What a loss of the probability's weights is: the cross-entropy on these data, or another."""
    w, b = loss.weights
    entropy = symbolic.sigmoid_cross_entropy(_row_y, w * _row_x + b)
    same = loss.is_the_same(mean(entropy, {_row_x: x, _row_y: y}), over)
    return "cross-entropy" if same else "loss"


def _draw_ticks(data: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Draw rows of two classes as ticks at 0 and at 1."""
    if not np.isin(y, (0, 1)).all():
        raise refused("y", y, "classes, 0 or 1 in each row")
    for label, look in enumerate(_TICKS):
        data.plot(x[y == label], y[y == label], **look, ls="", ms=9, mew=0.8)


def _say_odds(live: Live, data: Any, line: tuple[sp.Expr, sp.Expr], most: float) -> None:
    """Say where the odds of w x + b are even, unless w is none beside the most it can be."""
    w, b = line
    tilts = sp.Abs(w) >= HAIR * most
    even = (("even odds at x = {:.2f}", -b / w), tilts), ("even odds nowhere", ~tilts)
    furniture.words(live, data, even)


@figure
def probability(
    loss: OfTwo,
    *,
    x: Column,
    y: Annotated[Column, "the class of each row, 0 or 1"],
    over: Annotated[Over, "the range of the weight w, then that of the bias b: (low, high)"],
    start: At,
    names: Names = ("x", "probability"),
    steps: Steps = 100,
) -> Live:
    """The probability σ(w x + b) that y = 1 on data of two classes, beside its loss landscape.

    The sliders are the weights of the curve; steps of descent, none at first, take it from there.
    """
    L = arguments.loss_of_two(loss, over, start)
    arguments.rows(x, y)
    path, (w, b), name = L.path(steps), L.weights, _called(L, over, x, y)
    fig, data, plane = _data_and_loss(L, over, x, (-0.08, 1.22), names)
    _draw_ticks(data, x, y)
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start, "{} at step 0"),
            eta: FloatLogSlider(min=-2, max=2, value=1.0, step=0.05, description="rate η"),
            _t: IntSlider(min=0, max=steps, value=min(4, steps), description="step t"),
        },
        alt="First: two classes as ticks at 0 and 1, and the probability of a 1 as an S-shaped "
        "curve with the sliders' weights, and after t steps from there. Second: level lines of the "
        f"{name} over the curve's two weights, and the descent on it.",
    )
    w_t, b_t = (path.at(_t, s) for s in L.weights)
    grid = {_x: np.linspace(x.min(), x.max(), 80)}
    live.bind(canvas.line(data, ORANGE, "--"), over=grid, x=_x, y=sigmoid(w * _x + b))
    live.bind(canvas.line(data, GREEN), over=grid, x=_x, y=sigmoid(w_t * _x + b_t))
    _walk(live, plane, path, L, name, 2)
    _say_odds(live, data, (w_t, b_t), float(np.abs(over[w]).max()))
    return live


def _two_losses(
    losses: Mapping[str, sp.Expr], ends: tuple[float, float], start: float
) -> tuple[dict[str, OpaqueLoss], sp.Symbol]:
    """Two losses by name, and their weight."""
    if len(losses) != 2:
        raise LiveError(f"losses has {len(losses)} entries; expected two losses, by name")
    opaque = {
        name: arguments.loss_of_one(loss, ends, name=f"losses[{name!r}]")
        for name, loss in losses.items()
    }
    for loss in opaque.values():
        arguments.begin(loss, ends, start)
    (w,), (v,) = (loss.weights for loss in opaque.values())
    if v != w:
        raise LiveError(f"losses have different symbols, {w.name} and {v.name}")
    return opaque, w


@figure
def compare(
    losses: Annotated[Formulas, "two expressions of the same weight, or their texts, by name"],
    *,
    low: Low,
    high: High,
    start: Begin,
    eta_max: Annotated[float, number(1e-6, 1e6), "the largest rate on the slider"] = 2.0,
    steps: Steps = 25,
    examples: Examples = (),
) -> Live:
    """Two losses of one weight side by side: their values, their slopes, their descents."""
    opaque, w = _two_losses(losses, (low, high), start)
    fig, panels = canvas.panels(2)
    for ax, (name, loss) in zip(panels, opaque.items(), strict=True):
        canvas.curve(ax, loss.value, w, np.linspace(low, high, 160))
        ax.set(title=name)
    first, second = opaque
    live = Live(
        fig,
        {
            w: furniture.slider(low, high, start, f"start {name_of(w)}"),
            eta: furniture.slider(eta_max / 100, eta_max, eta_max / 4, "rate η"),
        },
        alt=f"First {first} and second {second}, over the same weight, each with "
        f"its tangent at the start and the path of {steps} steps of gradient descent.",
    )
    for ax, (name, loss) in zip(panels, opaque.items(), strict=True):
        found = furniture.leaving(loss.path(steps), ax, (w, loss.value))
        drawn = furniture.tangent_at_start(live, ax, loss, 0.2 * (high - low), ms=8)
        end = furniture.descent_on_curve(live, ax, loss, found)
        _read_descent(live, name, loss, found, (*drawn, end))
    edges = {name: loss.edge for name, loss in opaque.items() if loss.edge}
    if edges:
        worst = min(edges, key=lambda name: edges[name])
        furniture.shade_beyond(live, edges[worst], f"the {worst} diverges")
    typed.offer(live, {name: (loss, {w: (low, high)}) for name, loss in opaque.items()}, examples)
    return live


def _read_descent(
    live: Live, name: str, loss: OpaqueLoss, found: Departure, drawn: tuple[Any, Any, Any]
) -> None:
    """Read out a loss and its slope at the start, and where its descent ends."""
    (w,), begun = loss.weights, f"{name}: loss {{:.4f}}, slope {{:+.4f}}; "
    start, tangent, end = drawn
    now = (loss.value, start), (loss.gradient[0], tangent)
    ends = ((found.path.last(e), end) for e in (w, loss.value))
    live.readout(
        f"{begun}after {found.path.steps} steps {name_of(w)} = {{:.3f}}, loss {{:.4f}}",
        *(*now, *ends),
        instead=(found.gone, f"{begun}left at step {{:d}}", *now, found.step),
    )


@figure
def softmax_bars(
    loss: Annotated[Formula, "an expression of the scores and of the labels, or its text"],
    *,
    scores: Annotated[Symbols, "the symbols of the scores, one a class"],
    labels: Annotated[Symbols, "the symbols of the labels, a one-hot row"],
) -> Live:
    """Scores, the probabilities that softmax makes of them, and the gradient of their loss.

    For the cross-entropy it is ŷ − y. Classes count from 1.
    """
    value, gradient, most, is_entropy = _of_scores(loss, scores, labels)
    name, rule = ("cross-entropy", "ŷ − y") if is_entropy else ("loss", "gradient")
    classes = [f"class {i}" for i in range(1, len(scores) + 1)]
    fig, (top, bottom) = canvas.panels(2)
    bars = top.bar(classes, [0.5] * len(scores), color=BLUE, width=0.6)
    slopes = bottom.bar(classes, [0.5] * len(scores), color=ORANGE, width=0.6)
    top.set(ylim=(0, 1), title="softmax: ŷ")
    bottom.axhline(0, color=GREY, lw=0.8)
    bottom.set(ylim=(-most, most), title="gradient for the scores" + ": ŷ − y" * is_entropy)
    live = Live(
        fig,
        {
            **_score_sliders(scores),
            _class: Dropdown(
                options=[(c, float(i)) for i, c in enumerate(classes)],
                value=1.0,
                description="true class",
            ),
            eta: furniture.slider(0.05, 8, 1.0, "rate η"),
        },
        alt="First: the probabilities that softmax makes of the scores, the true class marked by "
        f"a star. Second: the gradient of the {name} with respect to the scores"
        + ": negative for the true class, positive for all others."
        * is_entropy,
    )
    live.bind(bars, height=softmax(scores))
    live.bind(slopes, height=gradient)
    live.bind(canvas.point(top, GREEN, "*", ms=13), x=_class, y=0.95)
    live.readout(f"{name} {{:.4f}}; the gradient sums to {{:+.4f}}", value, sum(gradient))
    stepped = optimizer_step("descent", scores, lambda place: gradient)[0]
    sentence = f"after one step of the scores, − η ({rule}): {{:.4f}}"
    live.readout(sentence, value.subs(stepped, simultaneous=True))
    return live


_REACH = 5  # how far the sliders of the scores go


def _score_sliders(scores: Sequence[sp.Symbol]) -> dict[sp.Symbol, FloatSlider]:
    """A slider for each score; they start apart."""
    starts = zip(scores, np.linspace(1.0, -0.5, len(scores)), strict=True)
    return {
        a: furniture.slider(-_REACH, _REACH, s, f"score {i}")
        for i, (a, s) in enumerate(starts, start=1)
    }


def _of_scores(
    loss: sp.Expr, scores: Sequence[sp.Symbol], labels: Sequence[sp.Symbol]
) -> tuple[sp.Expr, list[sp.Expr], float, bool]:
    """The loss of the chosen class, its gradient, how large that gets, and whether it is ŷ − y."""
    if not 2 <= len(scores) == len(labels) <= 8:
        raise LiveError(
            f"scores and labels are {len(scores)} and {len(labels)} symbols; "
            "expected as many of each, for 2 to 8 classes"
        )
    if strangers := loss.free_symbols - {*scores, *labels}:
        found = ", ".join(sorted(s.name for s in strangers))
        raise LiveError(f"loss has the symbol {found}, neither a score nor a label")
    K, truth = len(scores), dict(zip(labels, one_hot(_class, len(labels)), strict=True))
    value = loss.xreplace(truth)
    gradient = [differentiate(loss, a).xreplace(truth) for a in scores]
    arguments.computable("loss", [value, *gradient])
    places = np.random.default_rng(0).uniform(-_REACH, _REACH, (K, 400))
    at = {_class: np.arange(400) % K, **dict(zip(scores, places, strict=True))}
    numbers = np.array([np.broadcast_to(e, 400) for e in evaluate([value, *gradient], at)])
    if not np.isfinite(numbers).all():
        raise LiveError(f"loss is not defined for all scores from {-_REACH} to {_REACH}")
    errors = [p - t for p, t in zip(softmax(scores), truth.values(), strict=True)]
    off = np.abs(numbers[1:] - evaluate(errors, at)).max()
    most = float(np.abs(numbers[1:]).max())
    return value, gradient, 1.0 if 0.5 < most < 1 else max(most, 1e-3), bool(off < 1e-9)

"""The figures of chapter 1: what a loss measures, and where gradient descent goes on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.markers import TICKDOWN, TICKUP

from gdlib.figures import arguments, canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE
from gdlib.landscape import Box, OpaqueLoss, Start
from gdlib.live import (
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    IntSlider,
    Iterated,
    Live,
    LiveError,
    differentiate,
)
from gdlib.symbolic import eta, name_of, one_hot, optimizer_step, sigmoid, softmax

_x, _t, _class = sp.symbols("x t class", real=True)
_row_x, _row_y = sp.symbols("x_i y_i", real=True)
_TICKS = ({"color": PURPLE, "marker": TICKDOWN}, {"color": BLUE, "marker": TICKUP})


def _data_and_loss(
    loss: OpaqueLoss, over: Box, x: np.ndarray, y: tuple[float, float], names: tuple[str, str]
) -> tuple[Any, Any, Any]:
    """Axes for the data, with what tells step 0 from step t, and axes for the loss."""
    fig, (left, plane) = canvas.panels(2, 3.5)
    left.set(xlim=(x.min(), x.max()), ylim=y, xlabel=names[0], ylabel=names[1])
    canvas.legend_above(left, ("step 0", ORANGE, "--"), ("step t", GREEN))
    canvas.contours(plane, loss.value, over, title="loss over both weights")
    return fig, left, plane


def _walk(live: Live, plane: Any, path: Iterated, weights: Sequence[sp.Symbol]) -> None:
    """Draw the path of a descent over the landscape, its start, and where it is at step t."""
    furniture.path_over(live, plane, path, weights, lw=1.2)
    furniture.start_mark(live, plane, weights)
    live.bind(canvas.point(plane, GREEN, "D"), **furniture.place(path, _t, weights))


@canvas.styled
def line_fit(
    loss: Any,
    *,
    x: Any,
    y: Any,
    over: Box,
    start: Start,
    names: tuple[str, str] = ("x", "y"),
    steps: int = 60,
) -> Live:
    """A line y = w x + b with its residuals, beside the loss over (w, b) and a descent on it.

    `over` names the slope w first, then the intercept b.
    """
    L = arguments.loss_of_two(loss, over, "line_fit")
    path, (w, b) = L.path(steps), L.weights
    x, y = np.asarray(x, float), np.asarray(y, float)
    fig, data, plane = _data_and_loss(L, over, x, (0, y.max() * 1.05), names)
    data.plot(x, y, ".", color=BLUE, ms=3.5)
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start, "line_fit"),
            eta: FloatSlider(min=0.01, max=0.6, value=0.1, step=0.01, description="rate η"),
            _t: IntSlider(min=0, max=steps, value=0, description="step t"),
        },
        alt="Left: data points with the line at the start, the line after t steps of gradient "
        "descent, and the residuals between points and that line. Right: level lines of the "
        "loss over the line's two weights, and the descent from the start to the lowest point.",
    )
    at_t = {s: path.at(_t, s) for s in L.weights}
    fitted = at_t[w] * _x + at_t[b]
    rows, ends = {(_row_x, _row_y): (x, y)}, {_x: np.array([x.min(), x.max()])}
    apart = {"y": (_row_y, fitted.subs(_x, _row_x), sp.nan), "x": (_row_x, _row_x, sp.nan)}
    live.bind(canvas.line(data, GREY, lw=0.5, zorder=1.5), rows, **apart)
    live.bind(canvas.line(data, ORANGE, "--"), over=ends, x=_x, y=w * _x + b)
    live.bind(canvas.line(data, GREEN), over=ends, x=_x, y=fitted)
    _walk(live, plane, path, L.weights)
    weights = ", ".join(f"{name_of(s)} = {{:.3f}}" for s in L.weights)
    live.readout(f"step {{:d}}: {weights}", _t, *at_t.values())
    live.readout("loss {:.4f}, at step 0 {:.4f}", path.at(_t, L.value), L.value)
    return live


@canvas.styled
def probability(
    loss: Any,
    *,
    x: Any,
    y: Any,
    over: Box,
    start: Start,
    names: tuple[str, str] = ("x", "probability"),
    steps: int = 100,
) -> Live:
    """The probability σ(w x + b) that y = 1 on data of two classes, beside its loss landscape.

    The sliders are the weights of the curve; steps of descent, none at first, take it from there.
    """
    L = arguments.loss_of_two(loss, over, "probability")
    path, (w, b) = L.path(steps), L.weights
    x, y = np.asarray(x, float), np.asarray(y, float)
    fig, data, plane = _data_and_loss(L, over, x, (-0.08, 1.22), names)
    for label, look in enumerate(_TICKS):
        data.plot(x[y == label], y[y == label], **look, ls="", ms=9, mew=0.8)
    live = Live(
        fig,
        {
            **furniture.start_sliders(over, start, "probability", "{} at step 0"),
            eta: FloatLogSlider(min=-2, max=2, value=1.0, step=0.05, description="rate η"),
            _t: IntSlider(min=0, max=steps, value=0, description="step t"),
        },
        alt="Left: two classes of penguins as ticks at 0 and 1, and the probability of a 1 "
        "as an S-shaped curve with the sliders' weights, and after t steps from there. Right: "
        "level lines of the cross-entropy over the curve's two weights, and the descent on it.",
    )
    w_t, b_t = (path.at(_t, s) for s in L.weights)
    grid = {_x: np.linspace(x.min(), x.max(), 80)}
    live.bind(canvas.line(data, ORANGE, "--"), over=grid, x=_x, y=sigmoid(w * _x + b))
    live.bind(canvas.line(data, GREEN), over=grid, x=_x, y=sigmoid(w_t * _x + b_t))
    _walk(live, plane, path, L.weights)
    tilts = sp.Abs(w_t) >= 1e-9
    even = (("even odds at x = {:.2f}", -b_t / w_t), tilts), ("even odds nowhere", ~tilts)
    furniture.words(live, data, even, (x.min() + 0.02 * np.ptp(x), 1.2), size=10.5)
    live.readout(f"step {{:d}}: {name_of(w)} = {{:.2f}}, {name_of(b)} = {{:.2f}}", _t, w_t, b_t)
    live.readout("cross-entropy {:.4f}, at step 0 {:.4f}", path.at(_t, L.value), L.value)
    return live


@canvas.styled
def compare(
    losses: Mapping[str, Any],
    *,
    low: float,
    high: float,
    start: float,
    eta_max: float = 2.0,
    steps: int = 25,
) -> Live:
    """Two losses of one weight side by side: their values, their slopes, their descents."""
    if len(losses) != 2:
        raise LiveError(f"compare takes two losses, by name; got {len(losses)}")
    opaque = {name: arguments.loss_of_one(loss, "compare")[0] for name, loss in losses.items()}
    (w,), (v,) = (loss.weights for loss in opaque.values())
    if v != w:
        raise LiveError(f"compare: the losses have different symbols, {w} and {v}")
    fig, panels = canvas.panels(2, 3.3)
    for ax, (name, loss) in zip(panels, opaque.items(), strict=True):
        canvas.curve(ax, loss.value, w, np.linspace(low, high, 160))
        ax.set(title=name)
    first, second = opaque
    live = Live(
        fig,
        {
            w: furniture.slider(low, high, start, f"start {name_of(w)}"),
            eta: furniture.slider(0.02, eta_max, eta_max / 4, "rate η"),
        },
        alt=f"{first} on the left and {second} on the right, over the same weight, each with "
        f"its tangent at the start and the path of {steps} steps of gradient descent.",
    )
    for ax, (name, loss) in zip(panels, opaque.items(), strict=True):
        path = loss.path(steps)
        furniture.descent_on_curve(live, ax, loss, path, 0.2 * (high - low), ms=8)
        live.readout(
            f"{name}: loss {{:.4f}}, slope {{:+.4f}}; after {steps} steps "
            f"{name_of(w)} = {{:.3f}}, loss {{:.4f}}",
            *(loss.value, *loss.gradient, path.last(w), path.last(loss.value)),
        )
    return live


@canvas.styled
def softmax_bars(loss: Any, *, scores: Sequence[sp.Symbol], labels: Sequence[sp.Symbol]) -> Live:
    """Scores, the probabilities that softmax makes of them, and the gradient: ŷ − y.

    `loss` is an expression of the scores and of the labels, a one-hot row. Classes count from 1.
    """
    scores, labels, loss = list(scores), list(labels), sp.sympify(loss)
    strangers = loss.free_symbols - set(scores) - set(labels)
    if strangers or len(scores) != len(labels):
        raise LiveError(f"softmax_bars: the loss has symbols beside scores and labels: {strangers}")
    truth = dict(zip(labels, one_hot(_class, len(labels)), strict=True))
    gradient = [differentiate(loss, a).subs(truth) for a in scores]
    names = [f"class {i}" for i in range(1, len(scores) + 1)]
    fig, (top, bottom) = canvas.panels(2, 3.2)
    bars = top.bar(names, [0.5] * len(names), color=BLUE, width=0.6)
    slopes = bottom.bar(names, [0.5] * len(names), color=ORANGE, width=0.6)
    top.set(ylim=(0, 1), title="softmax: ŷ")
    bottom.axhline(0, color=GREY, lw=0.8)
    bottom.set(ylim=(-1, 1), title="gradient for the scores: ŷ − y")
    starts = zip(scores, np.linspace(1.0, -0.5, len(scores)), strict=True)
    options = [(name, float(i)) for i, name in enumerate(names)]
    live = Live(
        fig,
        {
            **{
                a: furniture.slider(-5, 5, s, f"score {i}")
                for i, (a, s) in enumerate(starts, start=1)
            },
            _class: Dropdown(options=options, value=1.0, description="true class"),
            eta: furniture.slider(0.05, 8, 1.0, "rate η"),
        },
        alt="Left: the probabilities that softmax makes of the scores, the true class marked by "
        "a star. Right: the gradient of the cross-entropy with respect to the scores: negative "
        "for the true class, positive for all others.",
    )
    live.bind(bars, height=softmax(scores))
    live.bind(slopes, height=gradient)
    live.bind(canvas.point(top, GREEN, "*", ms=13), x=_class, y=0.95)
    value = loss.subs(truth)
    live.readout("cross-entropy {:.4f}; the gradient sums to {:+.4f}", value, sum(gradient))
    stepped = optimizer_step("descent", scores, lambda place: gradient)[0]
    after = value.subs(stepped, simultaneous=True)
    live.readout("after one step of the scores, − η (ŷ − y): {:.4f}", after)
    return live

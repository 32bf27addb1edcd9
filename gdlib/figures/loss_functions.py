"""The figures of chapter 1: what a loss measures, and where gradient descent goes on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.markers import TICKDOWN, TICKUP
from numpy.typing import ArrayLike

from gdlib.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    canvas,
    contours,
    curve,
    differentiable,
    legend_above,
    line,
    name_of,
    point,
    slider,
    styled,
    symbols_of,
    two_weights,
)
from gdlib.live import Dropdown, FloatLogSlider, FloatSlider, IntSlider, Live, iterate
from gdlib.live.errors import LiveError
from gdlib.symbolic import eta, sigmoid

_x, _t = sp.Symbol("x", real=True), sp.Symbol("t", real=True)
_row_x, _row_y = sp.symbols("x_i y_i", real=True)


def _sliders(
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    label: str = "start {}",
) -> dict[sp.Symbol, Any]:
    return {s: slider(*over[s], start[s], label.format(name_of(s))) for s in over}


def _before_and_after(data: Any) -> tuple[Any, Any]:
    """Add the model at the start and after some steps, and the legend that tells them apart."""
    both = line(data, ORANGE, "--", label="step 0"), line(data, GREEN, label="step t")
    legend_above(data, both)
    return both


def _landscape(plane: Any, loss: sp.Expr, over: Mapping[sp.Symbol, tuple[float, float]]) -> None:
    """Draw the loss over its two weights."""
    contours(plane, loss, over)
    first, second = map(name_of, over)
    plane.set(xlabel=first, ylabel=second, title="loss over both weights")


def _walk(live: Live, plane: Any, path: Any, weights: Sequence[sp.Symbol], step: Any) -> None:
    """Draw the path of a descent over the landscape, its start, and where it is at a step."""
    trail = line(plane, GREEN, ".-", lw=1.2)
    dot, at_step = point(plane, ORANGE, ms=9), point(plane, GREEN, "D")
    first, second = weights
    live.bind(trail, x=path[first], y=path[second])
    live.bind(dot, x=first, y=second)
    live.bind(at_step, x=path.at(step, first), y=path.at(step, second))


@styled
def line_fit(
    loss: Any,
    *,
    x: ArrayLike,
    y: ArrayLike,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    names: tuple[str, str] = ("x", "y"),
    steps: int = 60,
) -> Live:
    """A line y = w x + b with its residuals, beside the loss over (w, b) and a descent on it.

    `over` names the slope w first, then the intercept b.
    """
    loss, (w, b) = two_weights(loss, over, "line_fit")
    path = iterate({s: s - eta * differentiable(loss, s) for s in (w, b)}, steps=steps)
    x, y = np.asarray(x, float), np.asarray(y, float)
    fig, (data, plane) = canvas(2, 3.5)
    residuals = line(data, GREY, lw=0.5)
    data.plot(x, y, ".", color=BLUE, ms=3.5)
    data.set(xlabel=names[0], ylabel=names[1], xlim=(x.min(), x.max()), ylim=(0, y.max() * 1.05))
    before, after = _before_and_after(data)
    _landscape(plane, loss, over)
    rate = FloatSlider(min=0.01, max=0.6, value=0.1, step=0.01, description="rate η")
    step = IntSlider(min=0, max=steps, value=0, description="step t")
    live = Live(
        fig,
        {**_sliders(over, start), eta: rate, _t: step},
        alt="Left: data points with the line at the start, the line after t steps of gradient "
        "descent, and the residuals between points and that line. Right: level lines of the "
        "loss over the line's two weights, and the descent from the start to the lowest point.",
    )
    line_at_t = path.at(_t, w) * _x + path.at(_t, b)
    ends = {_x: np.array([x.min(), x.max()])}
    live.bind(before, over=ends, x=_x, y=w * _x + b)
    live.bind(after, over=ends, x=_x, y=line_at_t)
    live.bind(
        residuals,
        over={(_row_x, _row_y): (x, y)},
        x=(_row_x, _row_x, sp.nan),
        y=(_row_y, line_at_t.subs(_x, _row_x), sp.nan),
    )
    _walk(live, plane, path, (w, b), _t)
    live.readout(
        f"step {{:d}}: {name_of(w)} = {{:.3f}}, {name_of(b)} = {{:.3f}}",
        _t,
        path.at(_t, w),
        path.at(_t, b),
    )
    at_t = path.at(_t, loss)
    live.readout("loss {:.4f}, at step 0 {:.4f}", at_t, loss)
    return live


@styled
def probability(
    loss: Any,
    *,
    x: ArrayLike,
    y: ArrayLike,
    over: Mapping[sp.Symbol, tuple[float, float]],
    start: Mapping[sp.Symbol, float],
    names: tuple[str, str] = ("x", "probability"),
    steps: int = 100,
) -> Live:
    """The probability σ(w x + b) that y = 1 on data of two classes, beside its loss landscape.

    The sliders are the weights of the curve; steps of descent, none at first, take it from there.
    """
    loss, (w, b) = two_weights(loss, over, "probability")
    path = iterate({s: s - eta * differentiable(loss, s) for s in (w, b)}, steps=steps)
    x, y = np.asarray(x, float), np.asarray(y, float)
    fig, (data, plane) = canvas(2, 3.5)
    for label, colour, tick in ((0, PURPLE, TICKDOWN), (1, BLUE, TICKUP)):
        at = y == label
        data.plot(x[at], y[at], ls="", marker=tick, color=colour, ms=9, mew=0.8)
    data.set(xlabel=names[0], ylabel=names[1], xlim=(x.min(), x.max()), ylim=(-0.08, 1.22))
    before, after = _before_and_after(data)
    _landscape(plane, loss, over)
    live = Live(
        fig,
        {
            **_sliders(over, start, "{} at step 0"),
            eta: FloatLogSlider(min=-2, max=2, value=1.0, step=0.05, description="rate η"),
            _t: IntSlider(min=0, max=steps, value=0, description="step t"),
        },
        alt="Left: two classes of penguins as ticks at 0 and 1, and the probability of a 1 "
        "as an S-shaped curve with the sliders' weights, and after t steps from there. Right: "
        "level lines of the cross-entropy over the curve's two weights, and the descent on it.",
    )
    grid = {_x: np.linspace(x.min(), x.max(), 80)}
    live.bind(before, over=grid, x=_x, y=sigmoid(w * _x + b))
    live.bind(after, over=grid, x=_x, y=sigmoid(path.at(_t, w) * _x + path.at(_t, b)))
    _walk(live, plane, path, (w, b), _t)
    w_t, b_t = path.at(_t, w), path.at(_t, b)
    level = sp.Abs(w_t) < 1e-9
    for words, when in (
        (("even odds nowhere",), level),
        (("even odds at x = {:.2f}", -b_t / w_t), sp.Abs(w_t) >= 1e-9),
    ):
        text = data.text(x.min() + 0.02 * np.ptp(x), 1.2, " ", va="top", size=10.5)
        live.bind(text, text=words, visible=when)
    live.readout(f"step {{:d}}: {name_of(w)} = {{:.2f}}, {name_of(b)} = {{:.2f}}", _t, w_t, b_t)
    live.readout("cross-entropy {:.4f}, at step 0 {:.4f}", path.at(_t, loss), loss)
    return live


@styled
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
    (name_a, a), (name_b, b) = losses.items()
    a, (w,) = symbols_of(a, 1, "compare")
    b, (v,) = symbols_of(b, 1, "compare")
    if v != w:
        raise LiveError(f"compare: the losses have different symbols, {w} and {v}")
    fig, panels = canvas(2, 3.3)
    drawn = []
    for ax, loss, title in ((panels[0], a, name_a), (panels[1], b, name_b)):
        curve(ax, loss, w, np.linspace(low, high, 160))
        tangent, trail = line(ax, ORANGE, "--"), line(ax, GREEN, ".-", lw=1.2)
        dot, end = point(ax, ORANGE, ms=8), point(ax, GREEN, "D")
        ax.set(title=title, xlabel=name_of(w))
        drawn.append((loss, title, tangent, trail, dot, end))
    live = Live(
        fig,
        {
            w: slider(low, high, start, f"start {name_of(w)}"),
            eta: slider(0.02, eta_max, eta_max / 4, "rate η"),
        },
        alt=f"{name_a} on the left and {name_b} on the right, over the same weight, each with "
        f"its tangent at the start and the path of {steps} steps of gradient descent.",
    )
    reach = 0.2 * (high - low)
    for loss, title, tangent, trail, dot, end in drawn:
        slope = differentiable(loss, w)
        path = iterate({w: w - eta * slope}, steps=steps)
        live.bind(tangent, x=(w - reach, w + reach), y=(loss - slope * reach, loss + slope * reach))
        live.bind(trail, x=path[w], y=path[loss])
        live.bind(dot, x=w, y=loss)
        live.bind(end, x=path.last(w), y=path.last(loss))
        live.readout(
            f"{title}: loss {{:.4f}}, slope {{:+.4f}}; after {steps} steps "
            f"{name_of(w)} = {{:.3f}}, loss {{:.4f}}",
            loss,
            slope,
            path.last(w),
            path.last(loss),
        )
    return live


@styled
def softmax_bars(loss: Any, *, scores: Sequence[sp.Symbol], labels: Sequence[sp.Symbol]) -> Live:
    """Scores, the probabilities that softmax makes of them, and the gradient: ŷ − y.

    `loss` is an expression of the scores and of the labels, a one-hot row. Classes count from 1.
    """
    scores, labels = list(scores), list(labels)
    loss = sp.sympify(loss)
    strangers = loss.free_symbols - set(scores) - set(labels)
    if strangers or len(scores) != len(labels):
        raise LiveError(f"softmax_bars: the loss has symbols beside scores and labels: {strangers}")
    k = len(scores)
    truth = sp.Symbol("class", real=True)
    one_hot = {y: sp.Piecewise((1, sp.Eq(truth, i)), (0, True)) for i, y in enumerate(labels)}
    gradient = [differentiable(loss, a).subs(one_hot) for a in scores]
    total = sum(sp.exp(a) for a in scores)
    probabilities = [sp.exp(a) / total for a in scores]
    stepped = {a: a - eta * g for a, g in zip(scores, gradient, strict=True)}
    value = loss.subs(one_hot)
    fig, (top, bottom) = canvas(2, 3.2)
    names = [f"class {i}" for i in range(1, k + 1)]
    bars = top.bar(names, [0.5] * k, color=BLUE, width=0.6)
    top.set(ylim=(0, 1), title="softmax: ŷ")
    slopes = bottom.bar(names, [0.5] * k, color=ORANGE, width=0.6)
    bottom.axhline(0, color=GREY, lw=0.8)
    bottom.set(ylim=(-1, 1), title="gradient for the scores: ŷ − y")
    star = point(top, GREEN, "*", ms=13)
    starts = np.linspace(1.0, -0.5, k)
    live = Live(
        fig,
        {
            **{
                a: slider(-5, 5, s, f"score {i}")
                for i, (a, s) in enumerate(zip(scores, starts, strict=True), start=1)
            },
            truth: Dropdown(
                options=[(n, float(i)) for i, n in enumerate(names)],
                value=1.0,
                description="true class",
            ),
            eta: slider(0.05, 8, 1.0, "rate η"),
        },
        alt="Left: the probabilities that softmax makes of the scores, the true class marked by "
        "a star. Right: the gradient of the cross-entropy with respect to the scores: negative "
        "for the true class, positive for all others.",
    )
    live.bind(bars, height=probabilities)
    live.bind(slopes, height=gradient)
    live.bind(star, x=truth, y=0.95)
    live.readout("cross-entropy {:.4f}; the gradient sums to {:+.4f}", value, sum(gradient))
    after = value.subs(stepped, simultaneous=True)
    live.readout("after one step of the scores, − η (ŷ − y): {:.4f}", after)
    return live

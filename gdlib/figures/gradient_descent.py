"""The figures of chapter 6: what to do with a gradient, and where that leads."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from gdlib.data import Digits
from gdlib.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    NARROW,
    ORANGE,
    PURPLE,
    canvas,
    contours,
    differentiable,
    line,
    name_of,
    point,
    slider,
    styled,
    two_weights,
    values,
)
from gdlib.gradient_descent import descend, minibatches
from gdlib.live import (
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntSlider,
    Live,
    Play,
    iterate,
    mean,
)
from gdlib.live.errors import LiveError
from gdlib.live.expressions import Iterated
from gdlib.live.numeric import evaluate
from gdlib.symbolic import eta

Over = Mapping[sp.Symbol, tuple[float, float]]
Start = Mapping[sp.Symbol, float]

_t, _beta, _batch = sp.symbols("t beta batch", real=True)


def _starts(over: Over, start: Start, figure: str) -> dict[sp.Symbol, Any]:
    """The sliders of the weights to start from."""
    for s, (low, high) in over.items():
        if s not in start:
            raise LiveError(f"{figure}: start has no value for {s}")
        if not low <= start[s] <= high:
            raise LiveError(
                f"{figure}: start puts {s} at {start[s]:g}, which is not within over, "
                f"{low:g} to {high:g}"
            )
    return {
        s: slider(low, high, start[s], f"start {name_of(s)}") for s, (low, high) in over.items()
    }


def _rate(value: float, figure: str, low: float = -3.0, high: float = 1.0) -> FloatLogSlider:
    if not 10**low <= value <= 10**high:
        raise LiveError(f"{figure}: η starts at {value:g}, not within {10**low:g} to {10**high:g}")
    return FloatLogSlider(min=low, max=high, value=value, step=0.02, description="rate η")


def _play(steps: int, value: int, interval: int = 60) -> HBox:
    """A slider for the step, and the button that plays it."""
    slider = IntSlider(min=0, max=steps, value=min(value, steps), description="step t")
    return HBox([Play(min=0, max=steps, value=slider.value, interval=interval), slider])


def _landscape(ax: Any, loss: sp.Expr, over: Over) -> None:
    with plt.rc_context({"contour.negative_linestyle": "solid"}):
        contours(ax, loss, over)
    ax.set(**dict(zip(("xlabel", "ylabel"), (name_of(s) for s in over), strict=True)))


def _stationary(loss: sp.Expr, over: Over) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Where the gradient vanishes, as (place, curvatures, loss), lowest first.

    Newton's method from a grid of starts; only points inside the picture where it settled count.
    """
    weights = list(over)
    g = [differentiable(loss, s) for s in weights]
    hess = [[differentiable(e, s) for s in weights] for e in g]
    low, high = np.array(list(over.values()), float).T
    w = np.array(list(product(*np.linspace(low, high, 13).T)))

    wanted = [*g, hess[0][0], hess[0][1], hess[1][1], loss]
    with np.errstate(all="ignore"):
        for _ in range(40):
            at = dict(zip(weights, w.T, strict=True))
            found = [np.broadcast_to(e, len(w)) for e in evaluate(wanted, at)]
            slopes, (a, c, d), losses = np.stack(found[:2], axis=1), found[2:5], found[5]
            H = np.stack([a, c, c, d], axis=1).reshape(-1, 2, 2)
            regular = np.isfinite(H).all(axis=(1, 2)) & (np.abs(a * d - c**2) > 1e-12)
            H[~regular] = np.eye(2)
            move = np.linalg.solve(H, slopes[:, :, None])[:, :, 0]
            move[~regular | ~np.isfinite(move).all(axis=1)] = np.inf
            if not (np.abs(move) > 1e-12 * (high - low)).any(axis=1)[np.isfinite(w[:, 0])].any():
                break
            w = w - move
    curvatures = np.linalg.eigvalsh(H)
    settled = (np.abs(move) < 1e-9 * (high - low)).all(axis=1) & np.isfinite(losses)
    settled &= ((w >= low) & (w <= high)).all(axis=1)
    kept: list[tuple[np.ndarray, np.ndarray, float]] = []
    for i in sorted(np.flatnonzero(settled), key=lambda i: losses[i]):
        if all(np.abs((w[i] - place) / (high - low)).max() > 1e-6 for place, *_ in kept):
            kept.append((w[i], curvatures[i], float(losses[i])))
    return kept


def _lowest(loss: sp.Expr, over: Over) -> float | None:
    """The loss at the lowest minimum inside the picture."""
    return next((value for _, curves, value in _stationary(loss, over) if curves[0] > 0), None)


def _height(loss: sp.Expr, over: Over) -> tuple[sp.Expr, str, float]:
    """The loss, above its minimum if that is known, its name, and its largest value at a corner."""
    lowest = _lowest(loss, over)
    height, name = (loss, "loss") if lowest is None else (loss - lowest, "loss − lowest")
    corners = np.array(list(product(*over.values())), float)
    top = values(height, **{s.name: corners[:, i] for i, s in enumerate(over)})
    return height, name, float(np.nanmax(top[np.isfinite(top)], initial=1e-3))


def rules(loss: Any, weights: Sequence[sp.Symbol], steps: int) -> dict[str, Iterated]:
    """The four update rules of `gdlib.gradient_descent`, each as an iteration.

    Rates and decays are the symbols η and β; Adam's β₁ is β, its β₂ is 0.999.
    """
    g = {s: differentiable(loss, s) for s in weights}
    v, m, u = ({s: sp.Dummy(f"{n}_{s.name}", real=True) for s in weights} for n in "vmu")
    k = sp.Dummy("k", real=True)
    at_rest = dict.fromkeys(v.values(), sp.S.Zero)

    def with_velocity(gradient: Mapping[sp.Symbol, sp.Expr]) -> Iterated:
        fresh = {s: _beta * v[s] + gradient[s] for s in weights}
        update = {v[s]: fresh[s] for s in weights} | {s: s - eta * fresh[s] for s in weights}
        return iterate(update, steps=steps, start=at_rest)

    ahead = {s: s - eta * _beta * v[s] for s in weights}
    first = {s: _beta * m[s] + (1 - _beta) * g[s] for s in weights}
    second = {s: sp.Float(0.999) * u[s] + (1 - sp.Float(0.999)) * g[s] ** 2 for s in weights}
    first_hat = {s: e / (1 - _beta ** (k + 1)) for s, e in first.items()}
    second_hat = {s: e / (1 - sp.Float(0.999) ** (k + 1)) for s, e in second.items()}
    adam = {
        **{s: s - eta * first_hat[s] / (sp.sqrt(second_hat[s]) + 1e-8) for s in weights},
        **{m[s]: first[s] for s in weights},
        **{u[s]: second[s] for s in weights},
        k: k + 1,
    }
    return {
        "descent": iterate({s: s - eta * g[s] for s in weights}, steps=steps),
        "momentum": with_velocity(g),
        "Nesterov": with_velocity({s: e.xreplace(ahead) for s, e in g.items()}),
        "Adam": iterate(
            adam, steps=steps, start=dict.fromkeys([*m.values(), *u.values(), k], sp.S.Zero)
        ),
    }


_LOOKS = {
    "descent": (GREEN, "-", "o"),
    "momentum": (PURPLE, "--", "s"),
    "Nesterov": (BLUE, "-.", "^"),
    "Adam": (ORANGE, ":", "D"),
}


@styled
def optimizers(
    loss: Any, *, over: Over, start: Start, steps: int = 60, eta_start: float = 0.05
) -> Live:
    """Gradient descent, momentum, Nesterov and Adam: one landscape, one rate, four paths."""
    loss, weights = two_weights(loss, over, "optimizers")
    paths = rules(loss, weights, steps)
    height, name, top = _height(loss, over)
    fig, (plane, fall) = canvas(2, 3.9)
    _landscape(plane, loss, over)
    fall.set(
        xlim=(0, 1.03 * steps), ylim=(top * 1e-7, top * 10), yscale="log", xlabel="step", title=name
    )
    live = Live(
        fig,
        {
            **_starts(over, start, "optimizers"),
            eta: _rate(eta_start, "optimizers"),
            _beta: FloatSlider(min=0, max=0.99, value=0.9, step=0.01, description="decay β"),
            _t: _play(steps, steps),
        },
        alt="Left: level lines of a loss of two weights and four paths from the same start: "
        "gradient descent (solid, circle), momentum (dashed, square), Nesterov (dash-dotted, "
        "triangle) and Adam (dotted, diamond). Right: the loss of each along the steps, on a "
        "logarithmic axis. With β = 0 the first three are one path.",
    )
    handles = []
    for label, path in paths.items():
        colour, style, marker = _LOOKS[label]
        trail, curve = line(plane, colour, style), line(fall, colour, style, lw=1.6)
        here, now = point(plane, colour, marker, ms=8), point(fall, colour, marker)
        live.bind(trail, **_trail(path, weights))
        live.bind(curve, x=path[path.step], y=path[height])
        live.bind(here, **dict(zip("xy", (path.at(_t, s) for s in weights), strict=True)))
        live.bind(now, x=_t, y=path.at(_t, height))
        handles.append(_sample(colour, style, marker, label))
    live.bind(point(plane, "black", "+", ms=11, mew=2), x=weights[0], y=weights[1])
    _legend(fig, handles)
    for pair in (("descent", "momentum"), ("Nesterov", "Adam")):
        live.readout(
            f"{pair[0]}: loss {{:.4g}}; {pair[1]}: {{:.4g}}",
            *(paths[label].at(_t, loss) for label in pair),
        )
    return live


@styled
def batches(
    loss: Any,
    data: Mapping[sp.Symbol, ArrayLike],
    *,
    over: Over,
    start: Start,
    sizes: Sequence[int] = (1, 8, 32),
    steps: int = 200,
    eta_start: float = 0.1,
    size: int | None = None,
    seed: int = 0,
) -> Live:
    """Descent on batches of a chosen size beside descent on all rows: noise against cost.

    `loss` is that of one row, an expression of the weights and of the symbols in `data`. The rows
    are shuffled once, as `gdlib.gradient_descent.minibatches(n, size, seed)` shuffles them; every
    epoch takes the batches in this order.
    """
    rows = mean(loss, data)
    rows, weights = two_weights(rows, over, "batches")
    n = len(np.asarray(next(iter(data.values()))))
    if not sizes or not all(isinstance(b, int) and 1 <= b < n for b in sizes):
        raise LiveError(f"batches: sizes must be integers from 1 to {n - 1}, got {list(sizes)}")
    options = [(f"{b} row{'s' * (b > 1)}", b) for b in sizes] + [(f"all {n} rows", n)]
    chosen = sizes[0] if size is None else size
    if chosen not in [b for _, b in options]:
        raise LiveError(f"batches: size must be one of {[*sizes, n]}, got {size}")
    order = minibatches(n, n, seed)[0]
    place = np.empty(n)
    place[order] = np.arange(n)
    # A row takes part in a step when it lies in that step's stretch of the shuffled order. So
    # the gradient of a batch is a mean over all rows, of those that take part.
    k, seen, position = (sp.Dummy(s, real=True) for s in ("k", "rows", "position"))
    # The halves avoid integers, where rounding would decide.
    half = sp.Rational(1, 2)
    per_epoch = sp.ceiling((n - half) / _batch)
    turn = sp.Eq(sp.floor((position + half) / _batch), sp.Mod(k, per_epoch))
    shuffled = {**data, position: place}
    share = mean(sp.Piecewise((1, turn), (0, True)), shuffled)
    g = {
        s: mean(sp.Piecewise((differentiable(sp.sympify(loss), s), turn), (0, True)), shuffled)
        for s in weights
    }
    some = iterate(
        {**{s: s - eta * g[s] / share for s in weights}, k: k + 1, seen: seen + n * share},
        steps=steps,
        start={k: sp.S.Zero, seen: sp.S.Zero},
    )
    whole = iterate(
        {**{s: s - eta * differentiable(rows, s) for s in weights}, seen: seen + n},
        steps=steps,
        start={seen: sp.S.Zero},
    )
    height, name, top = _height(rows, over)
    fig, (plane, fall) = canvas(2, 3.9)
    _landscape(plane, rows, over)
    fall.set(
        xlim=(0.8, steps * n), ylim=(top * 1e-6, top * 3), xscale="log", yscale="log",
        xlabel="rows looked at", title=name,
    )  # fmt: skip
    live = Live(
        fig,
        {
            **_starts(over, start, "batches"),
            eta: _rate(eta_start, "batches", high=0.0),
            _batch: Dropdown(options=options, value=chosen, description="batch"),
            _t: _play(steps, steps),
        },
        alt="Left: level lines of a loss and two paths from the same start: a smooth one whose "
        "gradients use all rows (dashed), and one whose gradients use a batch (solid), which "
        "never settles. Right: the loss of both, against the rows looked at, both axes "
        "logarithmic: the batch is down earlier, and then stays above a floor of noise.",
    )
    handles = []
    for label, path, (colour, style, marker) in (
        ("all rows", whole, (PURPLE, "--", "s")),
        ("batch", some, (GREEN, "-", "o")),
    ):
        trail, curve = line(plane, colour, style, lw=1.4), line(fall, colour, style, lw=1.4)
        here, now = point(plane, colour, marker), point(fall, colour, marker)
        live.bind(trail, **_trail(path, weights))
        live.bind(curve, x=path[seen], y=path[height])
        live.bind(here, **dict(zip("xy", (path.at(_t, s) for s in weights), strict=True)))
        live.bind(now, x=path.at(_t, seen), y=path.at(_t, height))
        handles.append(_sample(colour, style, marker, label))
    _legend(fig, handles)
    live.readout(
        "{:,.0f} rows looked at; with all rows {:,.0f}", some.at(_t, seen), whole.at(_t, seen)
    )
    live.readout("loss {:.4f}; with all rows {:.4f}", some.at(_t, rows), whole.at(_t, rows))
    return live


@styled
def sweep(
    loss: Any,
    *,
    over: Over,
    start: Start,
    steps: int = 50,
    eta_start: float = 0.05,
    low: float = 1e-3,
    high: float = 10.0,
    points: int = 97,
) -> Live:
    """The loss after some steps of `gdlib.gradient_descent.descend`, measured for many η.

    Where the loss is quadratic, a line marks 2/λmax, beyond which every descent diverges.
    """
    loss, weights = two_weights(loss, over, "sweep")
    if not 0 < low < high:
        raise LiveError(f"sweep: the rates must satisfy 0 < low < high, got {low:g} and {high:g}")
    w0 = np.array([_starts(over, start, "sweep")[s].value for s in weights])
    slopes = [differentiable(loss, s) for s in weights]
    numeric = _numeric(slopes, weights)
    height, name, _ = _height(loss, over)
    rates = np.logspace(np.log10(low), np.log10(high), points)
    ends = np.full(points, np.nan)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # it diverges beyond the edge, as meant
        for i, rate in enumerate(rates):
            end = descend(numeric, w0, rate, steps)[-1]
            ends[i] = values(height, **{s.name: end[j] for j, s in enumerate(weights)})
    begin = float(values(height, **{s.name: w0[j] for j, s in enumerate(weights)}))
    fig, (wide, fall) = canvas(2, 3.7, sharey=True)
    limits = (max(begin * 1e-9, 1e-12), begin * 1e3)
    seen = np.isfinite(ends) & (ends < limits[1] * 1e3)
    wide.loglog(rates[seen], np.maximum(ends[seen], limits[0]), ".-", color=BLUE, lw=1.2, ms=4)
    wide.axhline(begin, color=GREY, lw=1, ls=":")
    wide.set(xlim=(low, high), ylim=limits, xlabel="rate η", title=f"{name} after {steps} steps")
    fall.set(xlim=(0, 1.03 * steps), xlabel="step", title="for this η")
    edge = _edge(slopes, weights)
    if edge is not None and low < edge < high:
        wide.axvline(edge, color=ORANGE, lw=1.5, ls="--")
        wide.text(edge, limits[1], "2/λmax ", color=ORANGE, ha="right", va="top", size=10.5)
    path = iterate(
        {s: s - eta * e for s, e in zip(weights, slopes, strict=True)},
        steps=steps,
        start={s: sp.Float(v) for s, v in zip(weights, w0, strict=True)},
    )
    live = Live(
        fig,
        {eta: _rate(eta_start, "sweep", float(np.log10(low)), float(np.log10(high)))},
        alt=f"Left: the loss after {steps} steps of gradient descent against the learning rate, "
        "both axes logarithmic: it falls slowly from the left, reaches a lowest point, and "
        "shoots up at the right, where descent diverges. Right: the loss along the steps for "
        "the rate on the slider.",
    )
    live.bind(point(wide, GREEN, "D", ms=8), x=eta, y=path.last(height))
    live.bind(line(fall, GREEN), x=path[path.step], y=path[height])
    live.bind(point(fall, GREEN, "D", ms=8), x=steps, y=path.last(height))
    live.readout(f"η = {{:.4g}}: loss {{:.4g}} after {steps} steps", eta, path.last(loss))
    best = rates[np.nanargmin(np.where(seen, ends, np.nan))]
    if edge is None:
        live.readout("lowest of all at η = {:.3g}", sp.Float(best))
    else:
        live.readout("lowest of all at η = {:.3g}; 2/λmax = {:.4g}", sp.Float(best), sp.Float(edge))
    return live


@styled
def surface(
    loss: Any,
    *,
    over: Over,
    start: Start,
    steps: int = 100,
    eta_start: float = 0.1,
) -> Live:
    """Descent on a landscape with several places to end: minima, saddles, plateaus.

    Stationary points inside the picture are found by Newton's method, and marked.
    """
    loss, weights = two_weights(loss, over, "surface")
    g = {s: differentiable(loss, s) for s in weights}
    norm = sp.sqrt(sum(e**2 for e in g.values()))
    path = iterate({s: s - eta * g[s] for s in weights}, steps=steps)
    places = _stationary(loss, over)
    fig, (plane, slopes) = canvas(2, 3.9)
    _landscape(plane, loss, over)
    handles = []
    for label, marker, wanted in (("minimum", "v", 2), ("saddle", "X", 1), ("maximum", "^", 0)):
        here = [place for place, curves, _ in places if (curves > 0).sum() == wanted]
        if here:
            style = {"color": ORANGE if wanted == 1 else PURPLE, "ls": "", "ms": 9}
            handles += plane.plot(*np.transpose(here), marker=marker, label=label, **style)
    slopes.set(
        xlim=(0, 1.03 * steps),
        ylim=(1e-8, 1e2),
        yscale="log",
        xlabel="step",
        title="gradient’s length",
    )
    live = Live(
        fig,
        {
            **_starts(over, start, "surface"),
            eta: _rate(eta_start, "surface", high=0.5),
            _t: _play(steps, steps),
        },
        alt="Left: level lines of a loss of two weights, its minima and saddles marked, and the "
        "path of gradient descent from the start. Right: the length of the gradient along the "
        "steps, on a logarithmic axis: near a saddle or on a plateau it is small without a "
        "minimum being near.",
    )
    live.bind(line(plane, GREEN, ".-", lw=1.2, ms=5), **_trail(path, weights))
    live.bind(point(plane, "black", "+", ms=11, mew=2), x=weights[0], y=weights[1])
    live.bind(point(plane, GREEN, "D", ms=8), x=path.at(_t, weights[0]), y=path.at(_t, weights[1]))
    live.bind(line(slopes, GREEN), x=path[path.step], y=path[norm])
    live.bind(point(slopes, GREEN, "D", ms=8), x=_t, y=path.at(_t, norm))
    if handles:
        _legend(fig, [*handles, _sample(GREEN, "-", "D", "step t")])
    first, second = weights
    a, c, d = (differentiable(g[u], v) for u, v in ((first,) * 2, (first, second), (second,) * 2))
    middle, radius = (a + d) / 2, sp.sqrt((a - d) ** 2 / 4 + c**2)
    low, high, still = (
        path.at(_t, e) for e in (middle - radius, middle + radius, sp.Lt(norm, 1e-3))
    )
    flat = (low > -0.01) & (high < 0.01)
    for word, here in (
        ("still moving", sp.Not(still)),
        ("in a minimum", still & (low > 0) & (high >= 0.01)),
        ("stuck on a saddle", still & (low < 0) & (high >= 0.01)),
        ("stuck on a maximum", still & (low <= -0.01) & (high < 0.01)),
        ("lost on a plateau", still & flat),
        ("thrown out", sp.Piecewise((0, path.at(_t, norm) < 1e9), (1, True))),
    ):
        title = plane.text(
            0.5, 1.02, word, ha="center", va="bottom", size=11, transform=plane.transAxes
        )
        live.bind(title, text=word, visible=here)
    live.readout(
        f"step {{:d}}: {name_of(first)} = {{:.3f}}, {name_of(second)} = {{:.3f}}, loss {{:.4f}}",
        _t, path.at(_t, first), path.at(_t, second), path.at(_t, loss),
    )  # fmt: skip
    live.readout(
        "gradient’s length {:.2g}; curvatures {:+.2f}, {:+.2f}",
        path.at(_t, norm), low, high,
    )  # fmt: skip
    return live


@styled
def mistakes(
    digits: Digits,
    guesses: ArrayLike,
    *,
    rows: ArrayLike | None = None,
    number: int = 12,
    columns: int = 6,
    rng: Any = None,
) -> Live:
    """Misclassified digits, with their true class and the guess.

    `guesses` has one class for each of `rows` (all of them by default). Up to `number` mistakes
    are drawn by `rng`.
    """
    found, truth = np.asarray(guesses), np.asarray(digits.y)
    chosen = np.arange(len(truth)) if rows is None else np.asarray(rows)
    if found.shape != chosen.shape or found.ndim != 1:
        raise LiveError(
            f"mistakes: guesses must be one class a row, got shape {found.shape} for "
            f"{len(chosen)} rows"
        )
    if number < 1 or columns < 1:
        raise LiveError(f"mistakes: number and columns must be at least 1, got {number, columns}")
    wrong = np.flatnonzero(found != truth[chosen])
    if not wrong.size:
        raise LiveError(f"mistakes: all {len(chosen)} guesses are right")
    picked = np.random.default_rng(rng).permutation(wrong)[:number]
    lines = -(-len(picked) // columns)
    fig, ax = plt.subplots(figsize=(NARROW, 1.15 * lines))
    sheet = np.full((12 * lines, 10 * columns), np.nan)
    words = []
    for i, at in enumerate(picked):
        row, column = divmod(i, columns)
        top, left = 12 * row + 3, 10 * column + 1
        sheet[top : top + 8, left : left + 8] = digits.X[chosen[at]].reshape(8, 8)
        words.append(f"{truth[chosen[at]]}, not {found[at]}")
        ax.text(left + 3.5, top - 1, words[-1], ha="center", va="bottom", size=11)
    ax.imshow(sheet, cmap="Greys", vmin=0, vmax=1, interpolation="none")
    ax.set_axis_off()
    return Live(
        fig,
        {},
        alt=f"{len(picked)} handwritten digits of 8 by 8 pixels, each with what it is and "
        f"what it was taken for: {'; '.join(words)}.",
    )


def _trail(path: Iterated, weights: Sequence[sp.Symbol]) -> dict[str, Any]:
    """The path of two weights up to step t."""
    return {
        name: path[sp.Piecewise((s, path.step <= _t), (sp.nan, True))]
        for name, s in zip("xy", weights, strict=True)
    }


def _sample(colour: str, style: str, marker: str, label: str) -> Any:
    """A legend's entry: line and marker together."""
    return plt.Line2D([], [], color=colour, ls=style, marker=marker, label=label, lw=1.6)


def _legend(fig: Any, handles: Sequence[Any]) -> None:
    fig.legend(
        handles=list(handles), loc="outside upper center", ncols=len(handles), columnspacing=1.4,
        handletextpad=0.5, borderaxespad=0.1,
    )  # fmt: skip
    fig.draw_without_rendering()


def _numeric(expressions: Sequence[sp.Expr], weights: Sequence[sp.Symbol]) -> Any:
    """The expressions as one function of an array of the weights."""

    def of(w: np.ndarray) -> np.ndarray:
        found = evaluate(list(expressions), dict(zip(weights, w, strict=True)))
        return np.array([e.item() for e in found])

    return of


def _edge(slopes: Sequence[sp.Expr], weights: Sequence[sp.Symbol]) -> float | None:
    """2/λmax of a quadratic loss, None for any other."""
    hess = [[differentiable(e, s) for s in weights] for e in slopes]
    if any(e.free_symbols for row in hess for e in row):
        return None
    largest = np.linalg.eigvalsh([[float(values(e)) for e in row] for row in hess])[-1]
    return 2 / float(largest) if largest > 0 else None

"""What a curious reader puts into the figures: losses, data, networks, and every figure with them.

Each call must give a figure whose first frame is in view, or one sentence.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from gdlib import data, symbolic
from gdlib.figures import (
    activation_functions,
    chain_rule,
    efficient_backprop,
    gradient_descent,
    initialisation,
    loss_functions,
    overfitting,
    quadratic_bowl,
    slope,
    taylor_expansion,
    universal_approximation,
)
from gdlib.live import mean
from tests.live_page import sentences

w, b, x, y = symbolic.w, symbolic.b, symbolic.x, symbolic.y
plain, positive = sp.Symbol("w"), sp.Symbol("w", positive=True)
theta, eta, h, t, beta = sp.symbols("theta eta h t beta")

OF_ONE: list[Any] = [
    "sin(3*w)", "3w² − 1", "|w|", "log(w)", "e^w", "√w", "max(w, 1 - w)", "w^4/4 - w^2 + w/3",
    "sin(w", "w + ", "L(w) = w²", "0,5w²", "erf(w)", "relu(w)", "9^9^9^w", "import os", "",
    plain**2, positive**2, theta**2, eta**2 - eta, h**3, t * sp.exp(-t), beta**2,
    w**2, w**3 - w, 1 / w, sp.tan(w), sp.exp(-(w**2)), 1e6 * w**2, 1e-9 * w**2, w**2 - 1000,
    sp.Abs(w) + sp.Abs(w - 1), sp.Max(0, w), sp.sign(w), sp.Heaviside(w), sp.floor(w),
    sp.Mod(w, 1), sp.Piecewise((w**2, w > 0), (-w, True)), sp.Piecewise((1 / w, w > 1)),
    sp.gamma(w), sp.LambertW(w), sp.erf(w) * w, sp.zeta(w), sp.Integral(sp.exp(-(w**2)), w),
    sp.log(-1 - w**2), sp.sqrt(w - 1), w ** sp.Rational(1, 3), sp.I * w, sp.Integer(3), w > 0,
    sp.Matrix([w]), [w], None, True, sp.sin, np.sin, lambda w: w**2, sp.Function("f")(w), w * b,
    sp.exp(-1e5 * (w - 0.3) ** 2), sp.sin(50 * w), sp.tanh(20 * w), w**9 - 7 * w**4, sp.zoo,
    symbolic.softplus(w), symbolic.leaky_relu(w), sp.sech(w), sp.Symbol("a{b}") ** 2,
]  # fmt: skip

OF_TWO: list[Any] = [
    "w² + 3b²", "w*b", "sin(w) + cos(b)", "|w| + |b|", "(1 - w)² + 100(b - w²)²", "wb", "w + q",
    w**2 + b**2, w**2 - b**2, w + b, w**2 + b**2 - 100, 1e6 * (w**2 + b**2), 1e-9 * (w**2 + b**2),
    sp.exp(w + b), sp.log(w * b), 1 / (w**2 + b**2), sp.sqrt(w**2 + b**2), sp.Max(w, b),
    (w - b) ** 2, w**2, sp.sin(5 * w) * sp.cos(5 * b), sp.Integer(7), sp.gamma(w) + b,
    -sp.exp(-(w**2) - b**2), sp.Heaviside(w) + b**2, sp.floor(w) + b, w**4 + b**4, plain**2 + b**2,
    sp.Abs(w) + sp.Abs(b) - 1, sp.log(1 + sp.exp(-w * b)), w**2 + b**2 + theta**2, w > b, [w, b],
]  # fmt: skip

BOXES: list[Any] = [
    {w: (-2, 2), b: (-2, 2)}, {"w": (0.5, 3), "b": (sp.Rational(-1, 2), 4)},
    {w: (-1e3, 1e3), b: (0, 1)}, {w: (2, -2), b: (-2, 2)}, {w: (-2, 2)},
    {w: (0, np.nan), b: (0, 1)}, {w: (1, 1), b: (0, 1)}, None, {b: (-2, 2), w: (-2, 2)},
    {w: (-2, 2), b: 3}, {w: (-1e-6, 1e-6), b: (-1, 1)},
]  # fmt: skip

rng = np.random.default_rng(0)
line = np.linspace(0, 10, 40)
DATA: list[Any] = [
    (line, 2 * line + 1), (line, -3 * line), (line, rng.normal(size=40)), (line, 1e6 * line),
    (line, 1e-6 * line), ([1, 2, 3], [1, 2]), ([], []), ([1, np.nan], [0, 1]),
    ([1, 1, 1], [0, 1, 0]), (["a", "b"], [0, 1]), ([1, 2], [1j, 2]),
    (np.ma.masked_array([1, 2], [0, 1]), [0, 1]), ([[1, 2]], [0, 1]), ([5], [1]),
    (range(5), [1, 2, 3, 4, 5]), (line, (line > 5).astype(float)), (line, np.full(40, 7.0)),
    (line + 2000, line), (None, None), (line, (line > 20).astype(int)),
]  # fmt: skip

NETWORKS: list[Any] = [
    symbolic.network((2, 3, 3)), symbolic.network((2, 2, 3), hidden="relu"),
    symbolic.network((2, 2, 2, 2), hidden="relu"), symbolic.network((2, 3)),
    symbolic.network((2, 4, 2), hidden=["leaky_relu"]),
    symbolic.network((1, 2, 1), output="linear"), symbolic.network((3, 2, 2)),
    symbolic.network((2, 2, 1), output="sigmoid"), None, w**2,
]  # fmt: skip

Call = tuple[str, Callable[[], Any]]


def said(value: Any) -> str:
    """A value's name, the same in every run."""
    return getattr(value, "__name__", "") or repr(value)


def _start(box: Any, share: float = 0.3) -> Any:
    """A start for each range of a box that has one."""
    if not isinstance(box, dict):
        return {w: 0.5, b: 0.5}
    pairs = {s: ends for s, ends in box.items() if isinstance(ends, tuple)}
    return {s: float(low) + share * (float(high) - float(low)) for s, (low, high) in pairs.items()}


def of_one() -> Iterator[Call]:
    """Every figure of one symbol with every loss of one."""
    figures: dict[str, Callable[[Any], Any]] = {
        "secant": slope.secant,
        "difference_error": slope.difference_error,
        "descent": slope.descent,
        "descent to a minimum": lambda f: slope.descent(f, minimum=0.5),
        "descent elsewhere": lambda f: slope.descent(f, low=1, high=4, start=2),
        "polynomials": taylor_expansion.polynomials,
        "compare": lambda f: loss_functions.compare({"it": f, "w²": w**2}, low=-1, high=3, start=1),
        "vanishing": lambda f: chain_rule.vanishing({"g": f}),
        "activations": lambda f: activation_functions.activations({"g": f}),
        "bump": universal_approximation.bump,
        "tower": lambda f: universal_approximation.tower(f, pixels=12),
        "sum_of_bumps": universal_approximation.sum_of_bumps,
        "trained": lambda f: universal_approximation.trained(f, hidden=2, rows=8, steps=5),
        "graph": lambda f: chain_rule.graph(f, {"w": 0.7}),
    }
    for (name, figure), f in itertools.product(figures.items(), OF_ONE):
        yield f"{name}({said(f)})", partial(figure, f)


def of_two() -> Iterator[Call]:
    """Every figure of two weights with every loss of two, over every box."""
    figures: dict[str, Callable[..., Any]] = {
        "direction": slope.direction,
        "directions": taylor_expansion.directions,
        "step_length": lambda f, **k: taylor_expansion.step_length(f, eta_max=0.5, **k),
        "bowl": taylor_expansion.bowl,
        "optimizers": gradient_descent.optimizers,
        "surface": gradient_descent.surface,
        "sweep": lambda f, **k: gradient_descent.sweep(f, steps=10, points=15, **k),
    }
    cases = [(f, box) for f in OF_TWO for box in BOXES[:2]] + [(w**2 + b**2, box) for box in BOXES]
    cases.append((sp.exp(w) + b**2, BOXES[2]))
    for (name, figure), (f, box) in itertools.product(figures.items(), cases):
        call = partial(figure, f, over=box, start=_start(box))
        yield f"{name}({said(f)}, over={box})", call


def of_data() -> Iterator[Call]:
    """The figures with data, with every data set."""
    squares, entropy = symbolic.mse(y, w * x + b), symbolic.sigmoid_cross_entropy(y, w * x + b)
    figures = {
        "line_fit": (loss_functions.line_fit, squares),
        "probability": (loss_functions.probability, entropy),
    }
    for number, (xs, ys) in enumerate(DATA):
        for box in (BOXES[0], {w: (-10, 10), b: (-50, 50)}):
            k: dict[str, Any] = {"over": box, "start": _start(box)}
            for name, (figure, row) in figures.items():
                loss = mean(row, {x: xs, y: ys}) if _fits(xs, ys) else w**2 + b**2
                call = partial(figure, loss, x=xs, y=ys, **k)
                yield f"{name} of data {number} in {box}", call
            call = partial(
                gradient_descent.batches, squares, {x: xs, y: ys}, sizes=(1, 2), steps=20, **k
            )
            yield f"batches of data {number} in {box}", call


def _fits(xs: Any, ys: Any) -> bool:
    """Whether a mean over these data can be written: the reader would meet its error first."""
    try:
        mean(x * y, {x: xs, y: ys})
    except (ValueError, TypeError):
        return False
    return True


def of_networks() -> Iterator[Call]:
    """The figures of networks, with every network."""
    points = data.load_penguins()
    X, classes = np.stack([points.bill_length_mm, points.flipper_length_mm], 1), points.species
    few: dict[str, Any] = {"steps": 5, "pixels": 12, "seeds": (0,)}
    training, of_weight = efficient_backprop.training, chain_rule.highlighted_weight
    for net in NETWORKS:
        whole = isinstance(net, symbolic.SymbolicNetwork)
        name = "x".join(map(str, net.sizes)) if whole else repr(net)
        weight = net.weights[-1][0, 0] if whole else w
        truth = np.eye(net.sizes[-1] if whole else 2)[0]
        yield f"training of {name}", partial(training, net, X[:30], classes[:30], **few)
        odd = partial(training, net, X[:9], classes[:9] + 0.5, **few)
        yield f"training of {name} with odd labels", odd
        yield f"deltas of {name}", partial(efficient_backprop.deltas, net, x=[0.7, -1.2])
        for labels in (truth, [3, -1]):
            call = partial(of_weight, net, weight, x=[0.7, -1.2], y=labels)
            yield f"highlighted_weight of {name} with {labels}", call


DATA_OF_FIT: Any = np.array([[0.0, 1.0], [0.5, -1.0], [1.0, 0.0]])


def of_options() -> Iterator[Call]:
    """Numbers that do not fit, one at a time."""
    wrong: list[Any] = [np.nan, np.inf, -1, 0, "many", None, 1e9, True, sp.Rational(1, 2), 2.5, [1]]
    surface = partial(gradient_descent.surface, "w² + b²", over=BOXES[0], start={w: 1, b: 1})
    for value in wrong:
        for option in ("low", "high", "start"):
            yield f"secant with {option}={value!r}", partial(slope.secant, "w²", **{option: value})
        for option in ("steps", "eta_start"):
            yield f"surface with {option}={value!r}", partial(surface, **{option: value})
        yield f"difference_error at {value!r}", partial(slope.difference_error, "w² + w", at=value)
        yield (
            f"polynomials to {value!r}",
            partial(taylor_expansion.polynomials, "w²", highest=value),
        )
        yield f"shapes of {value!r}", partial(efficient_backprop.shapes, value)
        yield f"path_counts of {value!r}", partial(chain_rule.path_counts, value, walked=100)
        counts = partial(efficient_backprop.operation_counts, depth=value, symbolic_depth=1)
        yield f"operation_counts of {value!r}", counts
        for option in ("angle", "first", "eta_start", "steps"):
            yield f"axes with {option}={value!r}", partial(quadratic_bowl.axes, **{option: value})
        for option in ("layers", "width", "rows", "gain"):
            small: dict[str, Any] = {"layers": 3, "width": 4, "rows": 5, option: value}
            yield f"depth with {option}={value!r}", partial(initialisation.depth, **small)
        few = {"training": DATA_OF_FIT, "validation": DATA_OF_FIT, "test": DATA_OF_FIT, "steps": 5}
        for option in (*few, "hidden", "eta_start", "seed"):
            yield f"fit with {option}={value!r}", partial(overfitting.fit, **few | {option: value})
        start = partial(slope.direction, "w²+b²", over=BOXES[0], start={w: value, b: 0})
        yield f"start at {value!r}", start
    a1, a2, y1, y2 = sp.symbols("a_1 a_2 y_1 y_2")
    bars = partial(loss_functions.softmax_bars, scores=[a1, a2], labels=[y1, y2])
    losses = [
        "softmax",
        "a_1² + a_2²",
        "a_1*y_1",
        "q + a_1",
        5,
        a1**2 * y1 + a2**2 * y2,
        sp.log(a1),
    ]
    for loss in losses:
        yield f"softmax_bars of {loss!r}", partial(bars, loss)


ODD = {
    "floor of a product": lambda: slope.secant("floor(5w)"),
    "remainder of a product": lambda: slope.secant(sp.Mod(2 * w, 1)),
    "root with a minimum": lambda: slope.descent("√|w|", minimum=0),
    "pole with a minimum": lambda: slope.descent("1/w", minimum=0),
    "no minimum there": lambda: slope.descent("w²", minimum=1),
    "huge number": lambda: slope.secant("exp(9^99)*w"),
    "long integer": lambda: taylor_expansion.polynomials(sp.Integer(10) ** 400 * w),
    "pole at the start": lambda: activation_functions.activations({"g": "1/(w-1.5)"}),
    "jump": lambda: taylor_expansion.polynomials("w² + floor(w)"),
    "kink far out": lambda: slope.secant("|w-1e6|", low=1e6 - 1, high=1e6 + 1, start=1e6),
    "kink at the start": lambda: slope.direction("|w|+|b|", over=BOXES[0], start={w: 0, b: 0}),
    "bends downwards": lambda: taylor_expansion.step_length(
        "-w²-b²", over=BOXES[0], start={w: 1, b: 1}, eta_max=1
    ),
    "narrow bowl": lambda: taylor_expansion.bowl("w² + 1e13 b²", over=BOXES[0], start={w: 1, b: 1}),
    "start at the bottom": lambda: taylor_expansion.bowl(
        "w²+3b²", over=BOXES[0], start={w: 0, b: 0}
    ),
    "almost at the bottom": lambda: gradient_descent.sweep(
        "w²+b²+5", over=BOXES[0], start={w: 1e-9, b: 0}
    ),
    "steep": lambda: gradient_descent.optimizers(
        "exp(100w)+b²", over=BOXES[0], start={w: 0.5, b: 0.5}
    ),
    "wide": lambda: gradient_descent.optimizers(
        "w²+b²", over={w: (-1e12, 1e12), b: (0, 1)}, start={w: 5, b: 0.5}
    ),
    "Greek names": lambda: slope.direction(
        "θ² + 3b²", over={"θ": (-2, 2), "b": (-2, 2)}, start={"theta": 1, "b": 1}
    ),
    "nameless": lambda: slope.secant(sp.Symbol("") ** 2),
    "long name": lambda: slope.secant(sp.Symbol("w" * 300) ** 2),
    "undefined graph": lambda: chain_rule.graph("log(w)", {"w": -1}),
    "no slider": lambda: efficient_backprop.deltas(NETWORKS[0], x=[1, 2], sliders=5),
    "an iterator": lambda: chain_rule.path_counts(3, iter([2, 3])),
    "too many updates": lambda: universal_approximation.trained("w", steps=2000, per_step=100),
    "too many paths": lambda: efficient_backprop.operation_counts(depth=8, width=5),
}


def calls() -> list[Call]:
    """All of them."""
    return [*of_one(), *of_two(), *of_data(), *of_networks(), *of_options(), *ODD.items()]


def problems(live: Any) -> list[str]:
    """What is wrong with a figure's first frame: nothing in view, or limits that are none."""
    found = []
    parts = live.evaluate()
    told = sentences(parts)
    diverges = any("diverges" in p["text"] or (abs(p["values"]) > 1e9).any() for p in told)
    for ax in live.fig.axes:
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        if not np.isfinite([left, right, bottom, top]).all() or left >= right or bottom >= top:
            found.append(f"limits {left, right, bottom, top}")
            continue
        drawn = [np.column_stack(line.get_data()) for line in ax.lines if len(line.get_xdata())]
        drawn += [path.vertices for c in ax.collections for path in c.get_paths() if len(path)]
        own = [b.artist.axes is ax for b in live._bindings]
        for here, values in zip(own, parts, strict=False):
            if here and {"x", "y"} <= set(values) and values.get("visible", True):
                drawn.append(np.column_stack(np.broadcast_arrays(values["x"], values["y"])))
        across, up = (np.vstack(drawn).astype(float) if drawn else np.empty((0, 2))).T
        inside = (across >= left) & (across <= right) & (up >= bottom) & (up <= top)
        others = bool(ax.images or ax.patches or ax.texts)
        if any(own) and not inside.any() and not others and not diverges:
            found.append(f"nothing in view of {left, right, bottom, top}")
    return found

"""Sentences with a fact in them, recomputed, in the order of the pages.

A claim is a few words of a page, and a check that is true if the sentence containing them is. The
last test looks for numbers in the prose that no claim quotes, so a new one needs its proof here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import cache, cached_property
from inspect import signature
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from gdlib import (
    activation_functions,
    chain_rule,
    gradient_descent,
    loss_functions,
    quadratic_bowl,
    slope,
    symbolic,
    verify,
)
from gdlib import taylor_expansion as taylor
from gdlib.data import load_digits, load_penguins, standardise
from gdlib.digit_reader import DigitTask
from gdlib.efficient_backprop import Network
from gdlib.gradient_descent import descend
from gdlib.live import Live
from gdlib.playground import Playground
from gdlib.symbolic_training import wide_start
from marking.chapter import solutions
from myst_source import Line, read
from tests.chapters import EVERYTHING, figures, name, run
from tests.live_page import sentences, written
from tests.node import run_node


@cache
def solved(path: Path, label: str) -> dict[str, Any]:
    """Run an exercise's solution after its chapter, once."""
    namespace = dict(run(path)[0])
    exec(compile(solutions(path.stem)[label], label, "exec"), namespace)
    return namespace


@cache
def played(steps: int, **settings: Any) -> Playground:
    """A playground after so many steps."""
    ours = Playground(**settings)
    ours.step(steps)
    return ours


def deep(name: str) -> str:
    """Four layers of eight units."""
    return "_".join([f"8.{name}"] * 4)


def first_slopes_ratio(layers: str) -> float:
    """How much larger the largest gradient of the last layer is than that of the first."""
    ours = played(0, layers=layers)
    (first, _), *_, (last, _) = ours.net.gradients(*ours._part(held_out=False))
    return float(abs(last).max() / abs(first).max())


PLAYGROUND = Path(__file__).parent.parent / "gdlib/figures/js/playground"
DIAGRAM, PICTURES, TRAINING = (
    (PLAYGROUND / f"{name}.js").read_text("utf-8") for name in ("diagram", "pictures", "training")
)


class Page:
    """A page as a claim sees it: its names, what its figures show, what its cells print."""

    def __init__(self, address: str) -> None:
        self.path = next(path for path in EVERYTHING if name(path).endswith(address))
        self.text = self.path.read_text(encoding="utf-8")

    def __getitem__(self, name_in_page: str) -> Any:
        return run(self.path)[0][name_in_page]

    @cached_property
    def figures(self) -> dict[str, Live]:
        """The page's figures by their names."""
        names = re.findall(r"^    name: (fig-[\w-]+)$", self.text, re.M)
        return dict(zip(names, figures(self.path), strict=True))

    def parts(self, figure: str, at: dict[str, float]) -> list[dict[str, Any]]:
        """What a figure computes with its sliders at these places."""
        live = self.figures[figure]
        symbols = {symbol.name: symbol for symbol in live.symbols}
        return live.evaluate({symbols[s]: value for s, value in at.items()})

    def says(self, figure: str, at: dict[str, float] | None = None, **sliders: float) -> str:
        """The words that a figure shows."""
        parts = self.parts(figure, {**(at or {}), **sliders})
        return "; ".join(v["text"] for v in parts if "text" in v and v.get("visible", True))

    def shows(self, figure: str, at: dict[str, float] | None = None, **sliders: float) -> list:
        """The numbers in its readouts."""
        parts = self.parts(figure, {**(at or {}), **sliders})
        return [v for part in sentences(parts) for v in part["values"]]

    def writes(self, figure: str, at: dict[str, float] | None = None, **sliders: float) -> list:
        """The numbers in its picture."""
        return written(self.parts(figure, {**(at or {}), **sliders}))

    def curves(self, figure: str, **sliders: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """What it draws, as pairs of coordinates."""
        drawn = [v for v in self.parts(figure, sliders) if "x" in v and "y" in v]
        return [(np.atleast_1d(v["x"]), np.atleast_1d(v["y"])) for v in drawn]

    def solved(self, label: str) -> dict[str, Any]:
        """The names in an exercise's solution, after its code has run."""
        return solved(self.path, label)


page = cache(Page)


def captions(path: Path) -> list[Line]:
    """The prose in the captions of a page's figures."""
    source = path.read_text("utf-8")
    found = []
    for cell in read(source).code_cells:
        words = cell.options.get("mystnb", {}).get("figure", {}).get("caption", "")
        lines = source.splitlines()[cell.start : cell.end]
        at = next((n for n, line in enumerate(lines) if line.strip() == "caption: |"), 0)
        found += [Line(cell.start + at + 1 + n, text) for n, text in read(words).prose]
    return found


def near(value: float, printed: float, digits: int = 2) -> bool:
    """Whether the value, rounded to this many decimals, is what is printed."""
    return bool(abs(float(value) - printed) <= 0.5000001 * 10.0**-digits)


def line_hessian(feature: np.ndarray) -> np.ndarray:
    """The Hessian of the mean squared error of a line, or of a plane with its intercept."""
    columns = np.column_stack([feature, np.ones(len(feature))])
    return 2 * columns.T @ columns / len(columns)


def edge(feature: np.ndarray) -> float:
    """The largest stable rate of that loss."""
    return taylor.largest_stable_eta(line_hessian(feature))


PENGUINS = load_penguins()
FLIPPER = (PENGUINS.flipper_length_mm - PENGUINS.flipper_length_mm.mean()) / 10
MASS = PENGUINS.body_mass_g / 1000
W, B, ETA = symbolic.w, symbolic.b, symbolic.eta


def overflows(a: float) -> bool:
    """Whether the exponential of a score is no longer finite."""
    with np.errstate(over="ignore"):
        return bool(np.isinf(np.exp(a)))


def least_rmse(y: np.ndarray) -> float:
    """The RMSE of the best line through the flippers."""
    return loss_functions.rmse(y, np.polyval(np.polyfit(FLIPPER, y, 1), FLIPPER))


def best_difference(f: Callable, at: float, exact: float) -> float:
    """The h whose forward difference has the smallest error."""
    steps = np.logspace(-16, 0, 97)
    return steps[np.argmin([abs(slope.secant_slope(f, at, h) - exact) for h in steps])]


def forward_error(h: float) -> float:
    """The relative error of the forward difference of e^w sin w at 1."""
    exact = np.e * (np.sin(1) + np.cos(1))
    found = slope.secant_slope(lambda v: np.exp(v) * np.sin(v), 1.0, h)
    return abs(found - exact) / exact


def cubic_ends(start: float, eta: float, steps: int = 25) -> np.ndarray:
    """Descent on w³/3 − w, wherever it ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return descend(lambda w: w**2 - 1, start, eta, steps)


def misses(point: float, order: int, end: float) -> float:
    """How far the Taylor polynomial of chapter 3's curve is off at an end of the figure."""
    v = sp.Symbol("v")
    curve = sp.sin(v) + v / 3
    terms = [float(curve.diff(v, k).subs(v, point)) for k in range(order + 1)]
    return abs(float(curve.subs(v, end)) - float(taylor.taylor_polynomial(terms, point)(end)))


def valley_ends(eta: float) -> float:
    """Where the figure of the first page ends, from 2."""
    return page("index").shows("fig-landing", eta=eta)[4]


def training(start: int, eta: float, t: int = 200) -> tuple[float, float]:
    """Loss and accuracy in percent of chapter 5's network: starts 0 to 3 are random."""
    shown = page("05_efficient_backprop").shows("fig-training", seed=start, eta=eta, t=t)
    return shown[1], shown[2]


def units(hidden: str, first: float | None = 0.0, last: float | None = 0.0) -> tuple[float, float]:
    """Accuracy of 500 steps from equal weights (None: random), and how far the units differ."""
    chapter = page("05_efficient_backprop")
    drawn = [matrix for matrix, _ in Network.random([2, 3, 3], rng=0).layers]
    given = [
        matrix if value is None else np.full(matrix.shape, value)
        for matrix, value in zip(drawn, (first, last), strict=True)
    ]
    net = Network.from_weights([(matrix, np.zeros(3)) for matrix in given], hidden=hidden)
    net.train(chapter["Z"], PENGUINS.species, eta=1.0, steps=500)
    return net.accuracy(chapter["Z"], PENGUINS.species), np.ptp(net.layers[0].W, axis=1).max()


def signal(p: Page, **sliders: float) -> np.ndarray:
    """The sizes that the figure on initialisation draws: forward and backward, by layer."""
    return np.array([y for _, y in p.curves("fig-depth", **sliders)])


def fit(p: Page, t: int = 400, decay: float = 0.0) -> list:
    """Step and losses of the figure on overfitting, now and at the lowest validation loss."""
    return p.shows("fig-overfitting", t=t, decay=decay)


def fit_by_momentum(p: Page) -> float:
    """The training loss of that figure after 400 steps, from the library alone."""
    shapes = [(1, 12), (12,), (12, 1), (1,)]

    def made(w: np.ndarray) -> Network:
        parts = np.split(w, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
        W, b, V, c = (v.reshape(shape) for v, shape in zip(parts, shapes, strict=True))
        return Network.from_weights([(W, b), (V, c)], hidden="tanh", output="linear")

    def slopes(w: np.ndarray) -> np.ndarray:
        return np.concatenate([v.ravel() for pair in made(w).gradients(x, y) for v in pair])

    x, y = p["training"][:, :1], p["training"][:, 1:]
    start = wide_start(symbolic.network((1, 12, 1), hidden="tanh", output="linear"), 0)
    w0 = np.array([*start.values()])
    return made(gradient_descent.momentum(slopes, w0, 0.05, 400, 0.9)[-1]).loss(x, y)


def offers(p: Page, figure: str, symbol: str, value: float) -> bool:
    """Whether a slider of a figure stops at this value."""
    (slider,) = (c for s, c in p.figures[figure].controls.items() if s.name == symbol)
    steps = (value - slider.min) / slider.step
    return slider.min <= value <= slider.max and near(steps, round(steps), 9)


@cache
def drawn_terms() -> np.ndarray:
    """The terms h w of a unit's sum, for fixed inputs h and many draws of its weights."""
    return np.array([1, 2, -1, 0.5]) * np.random.default_rng(0).standard_normal((400_000, 4))


def bends(p: Page, t: int) -> float:
    """How much the curve of that figure bends at step t: its second differences."""
    _, y = p.curves("fig-overfitting", t=t)[1]
    return float(np.abs(np.diff(y, 2)).sum())


@cache
def read_digits(hidden: int, rate: float) -> tuple[float, int]:
    """The share of held-out digits that the page's network reads, and how many it answers with."""
    body = """
      const [spec, N, eta] = given, l = new Learner(spec);
      l.begin({ N, eta, size: 32, seed: 0 });
      while (l.step < 20 * l.each) l.learn();
      const { table, right, others } = l.evaluate();
      return [right / others, table[0].filter((_, k) => table.some((row) => row[k])).length];"""
    spec = DigitTask().spec()
    share, answers = run_node(
        "../../figures/js/digit_learner.js", "Learner", body, [spec, hidden, rate]
    )
    return share, answers


@cache
def deep_tanh() -> list[np.ndarray]:
    """The pre-activations of the page's own tanh network of 20 layers."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 32))
    return Network.random([32] * 20 + [3], hidden="tanh", rng=rng).forward(X).a


def reach(rule: int, beta: float) -> float:
    """How far right a rule of fig-optimizers runs: 0 descent, 1 momentum, 2 Nesterov, 3 Adam."""
    drawn = page("06_gradient_descent").curves("fig-optimizers", beta=beta, t=100)
    paths = [x for x, _ in drawn if len(x) == 61 and x[0] == -5]
    return float(np.max(paths[rule]))


@cache
def bugs() -> dict[str, float]:
    """What chapter 5's planted bugs reach, by its own cells."""
    chapter, found = page("05_efficient_backprop"), {}
    for name_of_bug, bug in chapter["bugs"].items():
        p = chapter["start"]
        for _ in range(500):
            wrong = chapter["backprop"](
                chapter["rebuilt"](p), chapter["Z"], PENGUINS.species, **bug
            )
            p = p - 0.5 * chapter["flat"](wrong)
        found[name_of_bug] = chapter["rebuilt"](p).accuracy(chapter["Z"], PENGUINS.species)
    return found


def differ(chapter: Page, number: int) -> bool:
    """Whether a number in fig-deltas depends on the true class being the first or the second.

    In the figure's order: inputs and weights, then every unit's activation and delta.
    """
    first, second = (chapter.writes("fig-deltas", {"class": k})[number] for k in (0, 1))
    return bool(first != second)


def hover(eta: float) -> float:
    """The RMSE of chapter 6's perfect line after very many steps."""
    chapter = page("06_gradient_descent")
    w, b = descend(chapter["rmse_slopes"], [0.0, 0.0], eta, 20000)[-1]
    return loss_functions.rmse(chapter["truth"], w * chapter["at"] + b)


@cache
def sweep() -> dict[float, list[float]]:
    """The losses of chapter 6's sweep, by its solution."""
    return page("06_gradient_descent").solved("ex-descent-in-code")["final"]


def w1_after(published: Page) -> float:
    """The first weight of Mazur's example after one step."""
    return published["W1"][0, 0] - published["eta"] * published["dW1"][0, 0]


FLAT_SADDLE = W**4 / 4 + W**3 / 3 + B**2

Claim = tuple[str, Callable[[Page], Any]]

CLAIMS: dict[str, list[Claim]] = {}
# fmt: off

CLAIMS["index"] = [
    ("the path creeps into the near valley", lambda p: valley_ends(0.05) > 1),
    ("At 0.43 it jumps out", lambda p: valley_ends(0.42) > 0 > valley_ends(0.43)),
    ("there it cannot come to rest",
     lambda p: 2 / (3 * sp.nsolve(W**3 - 2 * W + sp.Rational(1, 3), -1.5) ** 2 - 2) < 0.43),
    ("the BSD 3-Clause licence, prose and figures under CC BY 4.0",
     lambda p: (p.path.parent / "LICENSE").read_text().startswith("BSD 3-Clause") and
         "Attribution 4.0 International" in (p.path.parent / "LICENSE-TEXT").read_text()),
]

CLAIMS["01_loss_functions"] = [
    ("take *step t* to 0, and move only *start b*",
     lambda p: len(set(p.shows("fig-line", t=0)[3:5])) == 1),
    ("Here are 342 penguins", lambda p: len(PENGUINS.species) == 342),
    ("the residuals above and below the line balance",
     lambda p: abs(np.mean(-0.3 * FLIPPER + MASS.mean() - MASS)) < 1e-12),
    ("flipper length and mass of 342 penguins", lambda p: len(MASS) == len(FLIPPER) == 342),
    ("end to end, in eight lines",
     lambda p: [len(c.body.strip().splitlines()) for c in read(p.text).code_cells
         if "evaluation: off by" in c.body] == [8]),
    ("with $b$ held at 4.2", lambda p: near(MASS.mean(), 4.2, 1)),
    ("Far out the MSE takes the longer steps, and near the bottom the RMSE does",
     lambda p: abs(p.shows("fig-mse-rmse", w=-0.3)[1]) > abs(p.shows("fig-mse-rmse", w=-0.3)[5])
         and abs(p.shows("fig-mse-rmse", w=0.52)[1]) < abs(p.shows("fig-mse-rmse", w=0.52)[5])),
    ("the steeper one where twice the RMSE is above 1",
     lambda p: all((abs(m) > abs(r)) == (2 * rmse > 1) for _, m, _, _, rmse, r, _, _ in
         (p.shows("fig-mse-rmse", w=w) for w in np.arange(-0.6, 1.6, 0.1)))),
    ("Which side of 1 that is depends on the unit",
     lambda p: 2 * least_rmse(MASS) < 1 < 2 * least_rmse(1000 * MASS)),
    ("twice the RMSE is 0.79 in kilograms", lambda p: near(2 * least_rmse(MASS), 0.79)),
    ("786 in grams", lambda p: near(2 * least_rmse(1000 * MASS), 786, 0)),
    ("Nothing at $p = 1$, and without bound as $p$ falls to 0",
     lambda p: -sp.log(1) == 0 and sp.limit(-sp.log(W), W, 0, "+") == sp.oo),
    ("Adelies (ticks at 0) and Chinstraps (ticks at 1)",
     lambda p: list(PENGUINS.species_names[:2]) == ["Adelie", "Chinstrap"] and
         set(p["chinstrap"]) == {0.0, 1.0}),
    ("It becomes steeper as $w$ grows", lambda p: sp.diff(symbolic.sigmoid(W), W).subs(W, 0) > 0),
    ("crosses one half at $-b/w$", lambda p: symbolic.sigmoid(W * (-B / W) + B) == sp.S.Half),
    ("At $\\eta = 1$ a hundred steps do not reach its lowest point, at 20 they do",
     lambda p: near(p.shows("fig-probability", eta=20, t=100)[3], 0.1153, 4) and
         near(p.shows("fig-probability", eta=20, t=60)[3], 0.1153, 4) and
         p.shows("fig-probability", eta=1, t=100)[3] > 0.12),
    ("at 100 they leap about it",
     lambda p: p.shows("fig-probability", eta=100, t=99)[3] > 0.12 and p.shows("fig-probability",
         eta=100, t=100)[3] < p.shows("fig-probability", eta=100, t=99)[3]),
    ("at −6: the model is nearly certain, and wrong", lambda p: symbolic.sigmoid(-6.0) < 0.01),
    ("The cross-entropy does; the squared error lies on a **plateau**",
     lambda p: all(p.shows("fig-plateau", w=-6, eta=e)[2] < -5 for e in (0.5, 1, 4)) and
         p.shows("fig-plateau", w=-6, eta=1)[6] > 2),
    ("a slope close to −1 there", lambda p: near(p.shows("fig-plateau", w=-6)[5], -1, 2)),
    ("1 for the true class, 0 for all others",
     lambda p: list(loss_functions.softmax([[0.0, 0.0, 0.0]])[0] -
         loss_functions.softmax_cross_entropy_grad([1], [[0.0, 0.0, 0.0]])[0]) == [0, 1, 0]),
    ("count the classes from 1. In code the labels begin at 0",
     lambda p: "class 1" in [t.get_text() for t in
         p.figures["fig-softmax"].fig.axes[0].get_xticklabels()] and PENGUINS.species.min() == 0),
    ("The labels sum to 1, so the first factor is 1",
     lambda p: symbolic.softmax_cross_entropy(1,
         list(p["scores"])).equals(symbolic.softmax_cross_entropy([0, 1, 0], list(p["scores"])))),
    ("the pulls sum to zero", lambda p: abs(p.shows("fig-softmax", a_1=2.0, a_3=-1.5)[1]) < 1e-12),
    ("Raise all three scores by the same amount and nothing moves",
     lambda p: near(p.shows("fig-softmax", a_1=1, a_2=2, a_3=3)[0], p.shows("fig-softmax", a_1=0,
         a_2=1, a_3=2)[0], 12)),
    ("An exponential overflows at a score of 710",
     lambda p: not overflows(709.0) and overflows(710.0)),
    ("makes the largest exponential 1", lambda p: max(np.exp(p["large"] - p["large"].max())) == 1),
    ("which a computer stores as 0, and the logarithm of 0 is minus infinity",
     lambda p: np.exp(-1000.0) == 0 and sp.limit(sp.log(W), W, 0, "+") == -sp.oo),
    ("The true loss of that class is 1000 and a bit",
     lambda p: 1000 < loss_functions.softmax_cross_entropy([2], p["large"][None]).item() < 1001),
    ("the sum lies between 1 and $K$",
     lambda p: 1 <= np.exp(p["large"] - p["large"].max()).sum() <= len(p["large"])),
    ("the code's loss of class 2",
     lambda p: p["class_2"] == symbolic.softmax_cross_entropy(1, list(p["scores"]))),
    ("pulls with a force of 1",
     lambda p: p.solved("ex-loss-in-code")["huber_grad"](np.zeros(1), np.array([9.0])) == 1),
    ("the 2 of the square should have cancelled",
     lambda p: p.solved("ex-loss-bug")["buggy_rmse_grad"](np.zeros(1), np.array([3.0])) == 2),
]

CLAIMS["02_slope"] = [
    ("On the hilltop and in the valley the tangent is level",
     lambda p: p.shows("fig-secant", w=-1)[3] == p.shows("fig-secant", w=1)[3] == 0),
    ("has slope 1 however small $h$ is, yet to the left of 0 the slope is −1",
     lambda p: [slope.secant_slope(abs, 0.0, h) for h in (1e-9, -1e-9)] == [1, -1] and
         any("no tangent" in v.get("text", "") for v in
         p["figures"].secant(sp.Abs(W)).evaluate({W: 0.0}) if v.get("visible"))),
    ("at 200 random points", lambda p: verify.agree(W**2, lambda w: w**2, [W]).points == 200),
    ("half of the 16 digits are gone",
     lambda p: 15 < -np.log10(np.finfo(float).eps) < 16.5 and 7 < -np.log10(2 *
         np.sqrt(np.finfo(float).eps)) < 8.5),
    ("At $10^{-4}$ it is better, by a factor of three",
     lambda p: 2.5 < forward_error(1e-12) / forward_error(1e-4) < 3.5 and near(1e5 *
         forward_error(1e-4), 4, 0) and near(1e4 * forward_error(1e-12), 1.3, 1)),
    ("some eight powers of ten too far to the left",
     lambda p: 7 < np.log10(best_difference(lambda v: v**2 - 2, np.sqrt(2), 2 * np.sqrt(2)) /
         p.curves("fig-difference-error-zero")[-2][0][0]) < 9),
    ("They turn near $10^{-8}$ as before",
     lambda p: all(abs(np.log10(h) + 8) < 0.6 for h in (best_difference(lambda v: v**2 - 2,
         np.sqrt(2), 2 * np.sqrt(2)), best_difference(lambda v: np.exp(v) * np.sin(v), 1.0, np.e
         * (np.sin(1) + np.cos(1)))))),
    ("What is rounded here is $w^2$, which is 2", lambda p: near(np.sqrt(2) ** 2, 2, 15)),
    ("on a parabola it is exact",
     lambda p: sp.simplify(p["symmetric"].subs(p["h"], 1) - sp.diff(p["f"], W)) != 0 and
         slope.central_difference(lambda v: v**2 - 2, 1.5, 0.5) == 3.0),
    ("Here are 342 penguins, weighed", lambda p: len(MASS) == 342),
    ("on all 342 penguins", lambda p: len(p["mass"]) == len(p["flipper"]) == 342),
    ("an arrow of length 1", lambda p: sp.simplify(p["u"].norm()) == 1),
    ("A cosine is largest, 1, at", lambda p: sp.maximum(sp.cos(W), W) == sp.cos(0) == 1),
    ("It is lowest, −1, in the opposite direction", lambda p: sp.cos(sp.pi) == -1),
    ("at a **right angle** to the level line",
     lambda p: abs(p.shows("fig-direction", theta=np.degrees(np.arctan2(-1.95914, 1.20351)) %
         360)[0]) < 1e-4),
    ("The 2 is the second derivative", lambda p: sp.diff(p["f"], W, 2).subs(W, 1) == 2),
    ("| below 1 | between 0 and 1 |", lambda p: all(0 < 1 - q < 1 for q in (0.01, 0.5, 0.99))),
    ("| 1 | 0 | lands at once", lambda p: near(cubic_ends(1.001, 0.5, 1)[-1], 1, 5)),
    ("| between 1 and 2 | between −1 and 0 | zigzags across, and settles",
     lambda p: (np.diff(np.sign(cubic_ends(1.1, 0.8) - 1)) != 0).all() and near(cubic_ends(1.1,
         0.8, 200)[-1], 1, 6)),
    ("| 2 | −1 | neither", lambda p: near(abs(cubic_ends(1.001, 1.0, 1)[-1] - 1), 0.001, 5)),
    ("| above 2 | below −1 |", lambda p: (np.diff(abs(cubic_ends(1.001, 1.05, 20) - 1)) > 0).all()),
    ("Gradient descent on the cubic: 25 steps",
     lambda p: 26 in [len(x) for x, _ in p.curves("fig-descent")]),
    ("It begins to zigzag at $\\eta = 0.5$",
     lambda p: "creeps" in p.says("fig-descent", w=1.3, eta=0.49) and "zigzags" in
         p.says("fig-descent", w=1.3, eta=0.5)),
    ("Past $\\eta = 1$ it does not come to rest there",
     lambda p: all(not abs(cubic_ends(1.3, e, 500)[-1] - 1) < 0.05 for e in (1.01, 1.05, 1.1,
         1.2))),
    ("from 1.3 the path still comes nearer, ever more slowly",
     lambda p: (np.diff(abs(cubic_ends(1.3, 1.0, 300) - 1)[::2]) < 0).all() and
         abs(cubic_ends(1.3, 1.0, 300)[-1] - 1) > 0.03 and "may converge" in
         p.says("fig-descent", w=1.3, eta=1.0)),
    ("A start farther up has a steeper slope, and leaves earlier",
     lambda p: "left at step" in p.says("fig-descent", w=2.2, eta=0.85) and "left" not in
         p.says("fig-descent", w=1.3, eta=0.85)),
    ("at $\\eta = 0.1$, from $-1.2$ or from $-2$, it has left the picture",
     lambda p: all("left at step" in p.says("fig-descent", w=w, eta=0.1) for w in (-1.2, -2))),
    ("At a small one it has not got far after 25 steps",
     lambda p: near(p.shows("fig-descent", w=-1.05, eta=0.01)[4], -1.083, 3)),
    ("Counted from 19 cm",
     lambda p: [near(2 / line_hessian(PENGUINS.flipper_length_mm / 10 - 19)[0, 0], 0.316, 3),
         near(2 / line_hessian(FLIPPER)[1, 1], 1, 9), near(edge(PENGUINS.flipper_length_mm / 10 -
         19), 0.276, 3)] == [True] * 3),
    ("Gradient descent on 342 penguins", lambda p: len(p["mass"]) == 342),
    ("Just above the edge it sways along $w$ in growing steps",
     lambda p: abs(p.shows("fig-line-fit", eta=0.51, t=6)[1] - 0.497) >
         abs(p.shows("fig-line-fit", eta=0.51, t=2)[1] - 0.497) and near(p.shows("fig-line-fit",
         eta=0.51, t=20)[2], MASS.mean(), 6) and "left" in p.says("fig-line-fit", eta=0.51)),
    ("The second derivative is 18", lambda p: sp.diff((3 * W - 6) ** 2, W, 2) == 18),
    ("The factor 2 is missing from the slope with respect to $b$",
     lambda p: np.allclose(p.solved("ex-slope-bug")["ratio"], [1, 2])),
    ("They meet near", lambda p: near((48 * np.finfo(float).eps) ** 0.25 * 1e4, 3, 0)),
]

CLAIMS["03_taylor_expansion"] = [
    ("Order 2 is a parabola; order 0 is a level line, and order 1 the tangent",
     lambda p: [sp.degree(sp.series(p["f"], W, sp.Rational(1, 2), k + 1).removeO(), W) for k in
         (0, 1, 2)] == [0, 1, 2]),
    ("order 6 misses it by 0.08, and the left end by 1.2",
     lambda p: near(misses(0.5, 6, 3.0), 0.08) and near(misses(0.5, 6, -3.0), 1.2, 1) and
         all(misses(0.5, k, 3.0) > 0.08 for k in range(7))),
    ("with the point at $-0.5$, order 4 misses the right end by more than order 3",
     lambda p: misses(-0.5, 4, 3.0) > misses(-0.5, 3, 3.0)),
    ("that is the bound for order 0", lambda p: taylor.remainder_bound(3.0, 0.5, 0) == 1.5),
    ("at order 1, half the distance means a quarter of the error",
     lambda p: taylor.remainder_bound(3.0, 0.5, 1) == taylor.remainder_bound(3.0, 1.0, 1) / 4),
    ("this valley curves upwards everywhere",
     lambda p: all(np.linalg.eigvalsh(np.array(sp.hessian(p["valley"], (W, B)).subs({W: i, B:
         j}), float)).min() > 0 for i in np.linspace(-2.5, 2.5, 6) for j in np.linspace(-2.5,
         2.5, 6))),
    ("With $b = 0$ *best* goes from 0.348 to 1.124",
     lambda p: near(p.shows("fig-step-length")[9], 0.348, 3) and near(p.shows("fig-step-length",
         b=0)[9], 1.124, 3) and p.shows("fig-step-length", b=0)[10] > 1.6 and
         p.shows("fig-step-length")[11] == p.shows("fig-step-length", b=0)[11]),
    ("from 19 cm, not from its average", lambda p: near(min(p["flipper"]) + 19, 17.2, 1)),
    ("the steeper axis is done in one step",
     lambda p: abs(p.shows("fig-bowl", eta=0.138)[3]) < 0.01),
    ("the figure says *diverges*, while the flat axis is still shrinking",
     lambda p: "diverges" in p.says("fig-bowl", eta=0.277) and "diverges" not in
         p.says("fig-bowl", eta=0.276) and 0 < p.shows("fig-bowl", eta=0.277)[1] < 1),
    ("its edge is exactly 1, and one step",
     lambda p: near(edge(p["z"]), 1, 12) and near(np.linalg.cond(line_hessian(p["z"])), 1, 9)),
    ("one entry on the Hessian's diagonal is 2, so the edge is never above 1",
     lambda p: all(line_hessian(v)[1, 1] == 2 and edge(v) <= 1 for v in (FLIPPER, FLIPPER / 100,
         FLIPPER + 19, PENGUINS.bill_depth_mm))),
    ("Flippers in metres come close to that, with 0.961",
     lambda p: near(edge(PENGUINS.flipper_length_mm / 1000), 0.961, 3)),
    ("In metres the edge is 0.959, standardised it is 0.499",
     lambda p: near(edge(p["three"] / 1000), 0.959, 3) and near(edge(standardise(p["three"])[0]),
         0.499, 3)),
    ("A network with a million weights has $10^{12}$ second derivatives",
     lambda p: (10**6) ** 2 == 10**12),
    ("There the curvature along $w$ nearly vanishes",
     lambda p: sp.diff(p["bowl"], W, 2).subs(W, -3) < sp.diff(p["bowl"], W, 2).subs(W, 0) / 5),
    ("Along $b$ the curvature is 4, so each step multiplies",
     lambda p: sp.diff(p["bowl"], B, 2) == 4),
    ("after 20 steps it has grown by $3^{20}$",
     lambda p: near(abs(p.solved("ex-taylor-slider")["path"][-1, 1]) / 1e-9 / 3**20, 1, 9)),
    ("for the identity in 100 dimensions it is 100 times smaller",
     lambda p: near(taylor.largest_stable_eta(np.eye(100)) / (2 / np.trace(np.eye(100))), 100)),
    ("the error of the straight line, order 1, is at most",
     lambda p: taylor.remainder_bound(3.0, 0.5, 1) == 3.0 * 0.25 / 2),
    ("The curvature of the valley is nowhere above 2.6",
     lambda p: max(np.linalg.eigvalsh(p["valley_hess"](*q))[-1] for q in
         np.random.default_rng(0).uniform(-4, 4, (2000, 2)).tolist() + [[0.0, 0.0]]) < 2.6),
    ("here these are 2 and 0.55",
     lambda p: near(np.linalg.eigvalsh([[1, 1], [1, 1]])[-1], 2) and
         np.linalg.eigvalsh([[0.35, -0.25], [-0.25, 0.25]])[-1] < 0.555),
    ("The step has the length 1, whatever the factor",
     lambda p: sp.simplify(sp.cos(sp.pi / 2 - 1) - sp.sin(1)) == 0),
    ("$L' = 4 \\sin w$, which is 4 at", lambda p: 4 * np.sin(np.pi / 2) == 4),
    ("so the loss falls by $4 \\sin 1 = 3.366$",
     lambda p: near(p.solved("ex-taylor-lemma")["fallen"], 3.366, 3)),
]

CLAIMS["04_chain_rule"] = [
    ("They are the same because $x$ and $y$ enter through their sum only",
     lambda p: p.says("fig-graph").count("= −4") == 2),
    ("If you raise $x$ by 0.1, by how much",
     lambda p: p.says("fig-graph", x=-2.0) != p.says("fig-graph", x=-1.9)),
    ("Raise $x$ by 0.1, and $f$ changes by exactly",
     lambda p: "f = −12.4" in p.says("fig-graph", x=-1.9)),
    ("moves 3 times as fast as $x$", lambda p: 3 * -4 == -12),
    ("One weight of a 2–2–2 network, the two paths",
     lambda p: [len(p["network"].inputs), *map(len, p["network"].biases)] == [2, 2, 2] and
         p.says("fig-highlighted").count("path\xa0") == 2),
    ("Both switch off when the unit is saturated",
     lambda p: all(abs(p.shows("fig-highlighted", {"w^(1)_11": end})[-4]) < 0.01 for end in
         (-2.9, 3.1))),
    ("Here even the longest lowers the loss",
     lambda p: all(after <= before for *_, before, after in (p.shows("fig-highlighted",
         {"w^(1)_11": v, "w^(2)_11": u, "eta": e}) for v in (-2.9, 0.1, 1.0, 3.1) for u in (-1.7,
         1.3, 4.3) for e in (0.5, 5.0)))),
    ("multiplies the number of paths by $N$",
     lambda p: p.shows("fig-path-counts", depth=5, N=3)[0] == 3 * p.shows("fig-path-counts",
         depth=4, N=3)[0]),
    ("with respect to itself is 1",
     lambda p: (lambda v: (v.backward(), v.grad)[1])(chain_rule.Var(2.0)) == 1),
    ("by 0.01 times their derivative, and finds $L$ raised from $-8$",
     lambda p: p["L"].value == -8 and (p["up"][0] * p["up"][1] + p["up"][2]) * p["up"][3] > -8),
    ("numbers below 1 vanishes, a product of many above 1 explodes",
     lambda p: 0.9**400 < 1e-18 and 1.1**400 > 1e16),
    ("No $w$ on the slider saves the sigmoid",
     lambda p: all(p.shows("fig-vanishing", w=w, depth=40)[0] < 1e-4 for w in np.arange(-4, 4.1,
         0.5))),
    ("it loses at least a factor of 4 per layer",
     lambda p: all(p.shows("fig-vanishing", w=1, depth=d)[0] <= 0.25**d for d in (1, 5, 20, 40))),
    ("At $w = -4$, the best place, a layer still loses a quarter",
     lambda p: near(p.shows("fig-vanishing", w=-4, depth=20)[0] ** (1 / 20), 0.75, 2) and
         p.shows("fig-vanishing", w=-4, depth=20)[0] > max(p.shows("fig-vanishing", w=w,
         depth=20)[0] for w in np.arange(-3.9, 4.1, 0.1))),
    ("while it is active, and by 0 when it is not",
     lambda p: (activation_functions.relu_grad(1.5), activation_functions.relu_grad(-1.5)) == (1,
         0)),
    ("over 20 layers, 0.9 leaves an eighth, and 1.1 makes it 6.7 times as large",
     lambda p: near(p.shows("fig-vanishing", w=0.9, depth=20)[4], 0.12) and
         near(p.shows("fig-vanishing", w=1.1, depth=20)[4], 6.7, 1)),
    ("the output of the neuron ends at 0.018",
     lambda p:
         near(p.solved("ex-chain-in-code")["neuron"](p.solved("ex-chain-in-code")["weights"])[0].value,
         0.018, 3)),
    ("settles near 0.98, where the slope is about 0.02",
     lambda p: near(p.solved("ex-chain-slider")["h_now"], 0.98) and
         near(activation_functions.sigmoid_grad(4 * 0.98), 0.02)),
]

CLAIMS["05_efficient_backprop"] = [
    ("bill length and bill depth, three species, 342 birds",
     lambda p: p["Z"].shape == (342, 2) and len(PENGUINS.species_names) == 3),
    ("All 21 of its weights and biases", lambda p: len(p["network"].parameters) == 21),
    ("*all weights 0*, and then *all weights 0.5*",
     lambda p: {"all weights 0", "all weights 0.5"} <= {label for c in
         p.figures["fig-training"].controls.values() for label, _ in getattr(c, "options", ())}),
    ("A 2–3–3 network, trained", lambda p: [2, *map(len, p["network"].biases)] == [2, 3, 3]),
    ("20 steps bring the loss from 0.93 to 0.48 at $\\eta = 0.1$, and to 0.15 at $\\eta = 1$",
     lambda p: near(training(0, 1.0, 0)[0], 0.93) and near(training(0, 0.1, 20)[0], 0.48) and
         near(training(0, 1.0, 20)[0], 0.15)),
    ("the loss leaps up and down on its way, and from some starts far above",
     lambda p: max(training(1, 10.0, t)[0] for t in range(8)) > 2 * training(1, 10.0, 0)[0]),
    ("which is right for 44 %",
     lambda p: near(training(4, 1.0)[1], 44, 0) and near(100 *
         np.bincount(PENGUINS.species).max() / 342, 44, 0) and units("tanh")[1] == 0),
    ("With all weights at **0.5**, the hidden units receive the same derivative",
     lambda p: units("tanh", 0.5, 0.5)[1] == 0),
    ("200 steps put 95 % of the birds", lambda p: near(training(5, 1.0)[1], 95, 0)),
    ("with random output weights, the network gets as far as from the random starts, 96.5 %",
     lambda p: all(near(training(start, 1.0)[1], 96.5, 0) for start in (0, 1, 2, 3, 6)) and
         near(training(6, 1.0)[1], 96.5, 1)),
    ("so even from zero its weights move, and its units learn as one",
     lambda p: units("sigmoid")[0] > 0.9 and units("sigmoid")[1] == 0),
    ("with ReLU a first layer at zero stays at zero",
     lambda p: near(units("relu", 0.0, None)[0], 0.44) and units("relu", 0.0, None)[1] == 0),
    ("SymPy's derivatives of the whole 2–3–3 network, all 21",
     lambda p: len(p["derivatives"]) == 21),
    ("Those of $W$, $b$ and their gradients do not",
     lambda p: {"(3, 4)", "(4, 3)", "(1, 3)"} <= set(p.says("fig-shapes", n=5).split("; ")) &
         set(p.says("fig-shapes", n=6).split("; ")) and "(6, 4)" in p.says("fig-shapes", n=6)),
    ("a forgotten transpose may fit",
     lambda p: (np.ones((5, 3)) @ np.ones((3, 3))).shape == (5, 3)),
    ("The deltas of the two classes concerned change, and with them those of all the hidden units",
     lambda p: all(differ(p, i) for i in (7, 9, 11, 13, 15))),
    ("The third output keeps its delta, and all the activations stay",
     lambda p: not any(differ(p, i) for i in (*range(7), 8, 10, 12, 14, 16, 17))),
    ("The deltas of the outputs sum to zero",
     lambda p: all(near(sum(p.shows("fig-deltas", {"class": k})[-8:-5]), 0, 9) for k in (0, 1,
         2))),
    ("the derivatives of all 15 weights", lambda p: sum(map(len, p["network"].weights)) == 15),
    ("The first three are the deltas of the outputs",
     lambda p: [e for _, e in sp.cse(p["output"] + p["hidden"])[0]][:3] == [a - b for a, b in
         zip(p["yhat"], p["y"], strict=True)]),
    ("Backprop takes one forward pass and about two more of the same size",
     lambda p: 2.5 < p.shows("fig-operation-counts")[5] < 3.5),
    ("evaluate the network twice for each weight",
     lambda p: p.shows("fig-operation-counts")[6] == 2 * p.shows("fig-operation-counts")[0]),
    ("trained for 500 steps to see what it does", lambda p: "range(500)" in p.text),
    ("Only one of the five bugs is plain from the accuracy",
     lambda p: sorted(a > 0.9 for a in bugs().values())[:2] == [False, True]),
    ("one of them ends above the right gradient",
     lambda p: sum(a > bugs()["none"] for a in bugs().values()) == 1),
    ("Only the output biases learn: they learn how common each species is",
     lambda p: np.isclose(p.solved("ex-backprop-slider")["zero"].loss(p["Z"], PENGUINS.species),
         training(4, 1.0)[0])),
    ("differs from the right one in the seventh decimal",
     lambda p: 1e-7 < abs(page("published_numbers")["after"] - 0.291027924) < 1e-6),
    ("$-\\log \\hat y$ grows by 0.109 only",
     lambda p: near(p.solved("ex-backprop-playground")["grows"], 0.109, 3)),
    ("A step of 0.2 is not small",
     lambda p: (lambda names: names["grows"] < 0.8 * 0.2 * names["slope"])(
         p.solved("ex-backprop-playground"))),
]

CLAIMS["06_gradient_descent"] = [
    ("a plain around them that is nearly flat: a **plateau**",
     lambda p: p.shows("fig-surface", w=3, b=2.4)[4] < 0.001),
    ("From the starts on its side of the ridge",
     lambda p: p.shows("fig-surface", w=1.0, b=1.0)[1] > 0.9 and p.shows("fig-surface", w=-1.0,
         b=1.0)[1] < -0.9),
    ("A start in the corner hardly moves",
     lambda p: near(p.shows("fig-surface", w=3, b=2.4)[1], 3, 1)),
    ("With a large $\\eta$ the path can jump the ridge, in either direction",
     lambda p: p.shows("fig-surface", w=-2.5, b=0.6, eta=3)[1] > 0.9 and
         any(p.shows("fig-surface", w=w, b=b, eta=3)[1] < -0.5 for w in (1.0, 1.5, 2.0, 2.5) for
         b in (0.0, 0.3, 0.6, 0.9, 1.2))),
    ("**Repeat** from step 2", lambda p: "1. **Initialise**" in p.text),
    ("1,797 handwritten digits of $8 \\times 8$ pixels",
     lambda p: load_digits().X.shape == (1797, 64)),
    ("Three quarters are training data",
     lambda p: (len(p["train"]), len(p["validation"]), len(p["test"])) == (1348, 225, 224) and
         len({*p["train"], *p["validation"], *p["test"]}) == 1797),
    ("each for 40 rounds through the training data", lambda p: "train_for(40, rate)" in p.text),
    ("The best network is that of $\\eta = 1$ after 27 rounds",
     lambda p: min(p["found"], key=p["found"].get) == 1.0 and p["found"][1.0][1] == 27),
    ("its validation loss rises from 0.087 to 0.116",
     lambda p: (lambda losses: near(losses[26], 0.087, 3) and near(losses[39], 0.116,
         3))(p["train_for"](40, 1.0)[1])),
    ('"8, not 1" is an 8 that it read as a 1',
     lambda p: "8, not 1" in p.figures["fig-mistakes"].alt),
    ("It reaches the neighbourhood of the bottom, and then trembles",
     lambda p: all(p.shows("fig-batches", t=t)[2] > p.shows("fig-batches", t=t)[0] for t in (120,
         200))),
    ("A smaller $\\eta$ trembles less",
     lambda p: p.shows("fig-batches", eta=0.01)[2] < p.shows("fig-batches", eta=0.1)[2]),
    ("Then raise $\\beta$ towards 1. Which of the four",
     lambda p: p.shows("fig-optimizers", beta=0.99) != p.shows("fig-optimizers", beta=0.9)),
    ("Plain descent, momentum and Nesterov become one",
     lambda p: (lambda plain, momentum, nesterov, adam: plain == momentum == nesterov !=
         adam)(*p.shows("fig-optimizers", beta=0.0))),
    ("at 0.99 it runs from $-5$ to beyond 4 on the other side, farther than the three others",
     lambda p: reach(1, 0.99) > 4 and reach(1, 0.99) > max(reach(rule, 0.99) for rule in (0, 2,
         3))),
    ("The loss after 50 steps, measured for many",
     lambda p: "after 50 steps" in p.says("fig-sweep")),
    ("Here $\\kappa = 20$ and the cliff is at 1, so that is 0.952",
     lambda p: sp.hessian(p["narrow"], (W, B)) == sp.diag(sp.Rational(1, 10), 2) and
         p.shows("fig-sweep")[3] == 1 and near(20 / 21, 0.952, 3)),
    ("the lowest loss is still a little before it, at 0.909",
     lambda p: near(p.shows("fig-sweep")[2], 0.909, 3)),
    ("this can be a plateau, or near a saddle",
     lambda p: "plateau" in p.says("fig-surface", w=3, b=2.4, t=100)),
    ("each $\\eta < 2/\\lambda_{\\max}$ leads to it",
     lambda p: all(abs(descend(lambda w: 3 * w, 1.0, e, 4000)[-1]) < 1e-6 for e in (0.01, 0.66))),
    ("the path hovers between two places for ever",
     lambda p: (lambda path: np.allclose(path[-1], path[-3]) and not
         np.allclose(*path[-2:]))(gradient_descent.descend(p["rmse_slopes"], [0.0, 0.0], 0.1,
         20000))),
    ("A smaller $\\eta$ hovers lower, and still hovers",
     lambda p: hover(0.001) < hover(0.01) < hover(0.1) and hover(0.001) > 1e-4),
    ("its slope is zero, its curvatures are 0 and 2, and to the left it falls on",
     lambda p: list(p["slopes"](np.zeros(2))) == [0, 0] and sp.hessian(FLAT_SADDLE, (W,
         B)).subs({W: 0, B: 0}) == sp.diag(0, 2) and FLAT_SADDLE.subs({W: -0.1, B: 0}) < 0),
    ("All starts with $w > 0$ end on that saddle: about half",
     lambda p: 0.4 < np.mean(abs(p["ends"][0]) < 0.01) < 0.6 and
         (abs(p["ends"][0]) < 0.01)[p["starts"][0] > 0].all()),
    ("the loss at the start, which is 2.29",
     lambda p: near(p.solved("ex-descent-in-code")["Network"] .random([64, 16, 10], rng=0)
         .loss(p["digits"].X[p["train"]], p["digits"].y[p["train"]]), 2.29)),
    ("Plain descent trains at 1.6 and no longer at 3.2",
     lambda p: sweep()[0][4] < 2.29 < sweep()[0][5]),
    ("still trains at 3.2, and no longer at 6.4",
     lambda p: sweep()[0.9][5] < 2.29 < sweep()[0.9][6]),
    ("of this sweep is 1.6 in all three rows",
     lambda p: [0.1 * 2 ** int(np.argmin(v)) for v in sweep().values()] == [1.6] * 3),
    ("the rate 0.1 does about what plain descent does at 1",
     lambda p: sweep()[0][4] < sweep()[0.9][0] < sweep()[0][3]),
    ("β = 0.9:    0.135    0.075    0.037    0.015    0.007",
     lambda p: all(" ".join(f"{v:8.3f}" for v in losses[:5]) in p.text
         for losses in sweep().values())),
    ("for 3.2 and 6.4, numbers that differ from machine to machine",
     lambda p: [[loss < 2.29 for loss in sweep()[beta][5:]] for beta in (0, 0.5, 0.9)]
         == [[False, False], [False, False], [True, False]]),
    ("On which side of 2.29 they lie", lambda p: near(Network.random([64, 16, 10], rng=0).loss(
         p["digits"].X[p["train"]], p["digits"].y[p["train"]]), 2.29)),
    ("down to 0.0995 for one flipper, where the edge of all rows together is 0.507",
     lambda p: near((1 / (FLIPPER**2 + 1)).min(), 0.0995, 4) and near(edge(FLIPPER), 0.507, 3)),
    ("is below 1 up to about $\\eta = 0.345$ in the figure's order",
     lambda p: (lambda epoch: epoch(0.345) < 1 <
         epoch(0.346))(p.solved("ex-descent-slider")["epoch"])),
    ("So at 0.25 the leap passes. At 0.35 it does not",
     lambda p: p.shows("fig-batches", eta=0.25)[2] > 20 and (lambda epoch: epoch(0.25) < 1e-9 and
         epoch(0.35) > 1)(p.solved("ex-descent-slider")["epoch"])),
    ("the step is $3.2\\,\\eta$ in place of", lambda p: near(0.1 / np.sqrt(0.001), 3.2, 1)),
    ("a *step decay* that halves $\\eta$ every 50 steps",
     lambda p: "halved every 50 steps" in str(p.figures["fig-batches"].controls.values()) and
         p.shows("fig-batches", schedule=1)[2] < p.shows("fig-batches")[2]),
    ("whose curvature is below 4",
     lambda p: max(abs(np.linalg.eigvalsh(np.array(h, float))).max() for h in
         [sp.hessian(p["two_valleys"], (W, B)).subs({W: u, B: v}) for u in
         np.linspace(-3, 3, 13) for v in np.linspace(-2, 2, 9)]) < 4),
    ("The slider keeps every step, until there are more than 600",
     lambda p: "const KEPT = 600;" in TRAINING),
    ("After 293 steps, and after 46: momentum saves more than four fifths",
     lambda p: p.solved("ex-descent-playground") and 46 < 293 / 5),
]

CLAIMS["07_recap"] = [
    ("Twice that is its break-even",
     lambda p: taylor.break_even_eta([4.0, 8.0], np.diag([2.0, 8.0])) == 2 *
         taylor.best_eta([4.0, 8.0], np.diag([2.0, 8.0]))),
]

CLAIMS["activation_functions"] = [
    ("Choose ReLU and a rate of 0.3. Why does it stop learning after one step?",
     lambda p: p.shows("fig-activations", function=2, eta=0.3)[-1] == 0),
    ("along 100 steps of gradient descent",
     lambda p: "after 100 steps" in p.says("fig-activations")),
    ("throws the ReLU below zero, where its slope is 0",
     lambda p: p.shows("fig-activations", function=2, eta=0.3)[-2] < 0 and 1.5 - 2 * 0.3 * 2 *
         (1.5 - 0.2) < 0),
    ("The sigmoid at $w + b = 8$ has nearly the slope 0",
     lambda p: p.shows("fig-activations", function=0, w=4, b=4)[2] < 0.001 and
         near(p.shows("fig-activations", function=0, w=4, b=4)[-2], 8, 1)),
    ("| 0 to 1 | slope at most ¼",
     lambda p: [float(activation_functions.sigmoid(v)) for v in (-800, 800)] == [0, 1] and
         activation_functions.sigmoid_grad(0.0) == 0.25),
    ("| −1 to 1 | slope at most 1",
     lambda p: [float(activation_functions.tanh(v)) for v in (-800, 800)] == [-1, 1] and
         activation_functions.tanh_grad(0.0) == 1),
    ("| from 0 | dies where", lambda p: activation_functions.relu(-3.0) == 0),
    ("| leaky ReLU |", lambda p: activation_functions.leaky_relu_grad(-1.0) == 0.01),
    ("| above 0 | a smooth ReLU",
     lambda p: activation_functions.ACTIVATIONS["softplus"][0](-30.0) > 0),
    ("The ReLU has no derivative at 0",
     lambda p: [slope.secant_slope(activation_functions.relu, 0.0, h) for h in (1e-6, -1e-6)] ==
         [1, 0]),
    ("We take 0 there", lambda p: activation_functions.relu_grad(0.0) == 0),
    ("The formula of the sigmoid overflows at",
     lambda p: overflows(710.0) and not overflows(709.0)),
]

CLAIMS["eigenvalues"] = [
    ("a **unit vector** is one of length 1",
     lambda p: near(np.linalg.norm(taylor.steepest_descent_direction([3.0, -7.0])), 1, 12)),
    ("It stretches the direction of $w$ by 2 and the direction of $b$ by 8",
     lambda p: sp.hessian(W**2 + 4 * B**2, (W, B)) == sp.diag(2, 8)),
    ("returns the eigenvalues in rising order",
     lambda p: list(np.linalg.eigh(np.diag([8.0, 2.0]))[0]) == [2, 8]),
]

CLAIMS["for_instructors"] = [
    ("Six chapters of one to two lectures each",
     lambda p: sum(name(path).split("/")[-1][:2].isdigit() for path in EVERYTHING) - 1 == 6),
    ("More than thirty live figures",
     lambda p: sum(path.read_text("utf-8").count("    name: fig-") for path in EVERYTHING) > 30),
]

CLAIMS["interview"] = [
    ("that is below −1: it oscillates and grows",
     lambda p: 1 - 2.01 / 3 * 3 < -1 and abs(descend(lambda w: 3 * w, 1.0, 0.67, 50)[-1]) > 1),
    ("*all weights 0* and *all weights 0.5*",
     lambda p: "all weights 0.5" in
         str(page("05_efficient_backprop").figures["fig-training"].controls.values())),
    ("the equations are not linear and have very many solutions",
     lambda p: len(sp.solve(sp.diff(W**4 / 4 - W**2 + W / 3, W), W)) == 3),
    ("for raw units can be in the millions",
     lambda p: np.linalg.cond(line_hessian(PENGUINS.flipper_length_mm)) > 1e6),
    ("as four of the five planted bugs", lambda p: sum(a > 0.9 for a in bugs().values()) == 4 + 1),
]

CLAIMS["published_numbers"] = [
    ("Gradient descent on $x^2$ from 10, ten steps",
     lambda p: near(descend(lambda x: 2 * x, 10.0, 0.2, 10)[-1], 0.060466, 6)),
    ("At $\\eta = 0.2$ it creeps, and at 1.1 it leaves",
     lambda p: "creeps" in p.says("fig-published", w=10, eta=0.2) and "left at step" in
         p.says("fig-published", w=10, eta=1.1)),
    ("The weights that it prints give",
     lambda p: near(w1_after(p), 0.149780716, 9) and near(p["after"], 0.291027774, 9)),
    ("For the loss after this step the article prints 0.291027924",
     lambda p: abs(p["after"] - 0.291027924) > 1e-7),
]

CLAIMS["universal_approximation"] = [
    ("It shrinks: with soft steps",
     lambda p: p.shows("fig-bump", w=5, left=0.45, right=0.5)[2] < 0.1),
    ("It halves, about, as long as the steps are steep",
     lambda p: all(0.4 < b / a < 0.6 for a, b in pairwise(p.shows("fig-sum-of-bumps", N=n,
         w=1000)[2] for n in (5, 10, 20)))),
    ("at a steepness of 10 the largest error is 0.24 with 5 bumps, and 0.32 with 20",
     lambda p: near(p.shows("fig-sum-of-bumps", N=5, w=10)[2], 0.24) and
         near(p.shows("fig-sum-of-bumps", N=20, w=10)[2], 0.32)),
    ("no bound on its slope, as $\\sqrt x$ at 0",
     lambda p: sp.limit(sp.diff(sp.sqrt(W), W), W, 0, "+") == sp.oo),
    ("In the middle the sum is 2, in the arms 1",
     lambda p: [round(v) for v in p.shows("fig-tower", w=100)[:2]] == [2, 1]),
    ("A threshold of 1.5 lies between, a threshold of 0.5 lets the arms through",
     lambda p: p.shows("fig-tower", tau=1.5)[4] < 0.01 and p.shows("fig-tower", tau=0.5)[4] > 0.9),
    ("A 1–8–1 network trained", lambda p: p.shows("fig-trained")[1] == 8 + 8 + 8 + 1),
]

CLAIMS["quadratic_bowl"] = [
    ("The path changes, because the start stays while the axes turn, and the marks stay",
     lambda p: p.shows("fig-axes", angle=0)[1::2][:2] == p.shows("fig-axes", angle=70)[1::2][:2]),
    ("here 1.176 with the factor 0.765",
     lambda p: near(p.shows("fig-axes")[4], 1.176, 3) and near(p.shows("fig-axes")[5], 0.765, 3)),
    ("raise $\\beta$ to 0.3", lambda p: offers(p, "fig-axes", "beta", 0.3)),
    ("the place where the steep one crosses 1?",
     lambda p: quadratic_bowl.momentum_factor(2 / 1.5, 1.5) == 1),
    ("the factor is level, at $\\sqrt{0.3} = 0.548$",
     lambda p: near(p.shows("fig-axes", beta=0.3, eta=0.6)[3], 0.548, 3)),
    ("only a real root can leave, through 1 or through $-1$; and 1 is a root only for",
     lambda p: sp.expand(1 - (1 + p["beta"] - p["eta"] * p["bend"]) + p["beta"]) ==
         p["eta"] * p["bend"]),
    ("Their sum is 2, which gives $\\eta$, and their ratio is",
     lambda p: np.isclose(np.sqrt(quadratic_bowl.best_momentum(0.2, 1.5)[0]) * (np.sqrt(0.2) +
         np.sqrt(1.5)), 2)),
    ("crosses 1 at 1.733 instead of 1.333",
     lambda p: near(quadratic_bowl.largest_momentum_eta(1.5, 0.3), 1.733, 3) and
         near(quadratic_bowl.largest_momentum_eta(1.5), 1.333, 3)),
    ("the best pair is $\\eta = 1.431$ and $\\beta = 0.216$, with the factor 0.465",
     lambda p: np.allclose(p.shows("fig-axes")[6:], [1.431, 0.216, 0.465], atol=5e-4)),
    ("So in practice $\\beta$ is set to 0.9",
     lambda p: all(signature(rule).parameters["beta"].default == 0.9 for rule in
         (gradient_descent.momentum, gradient_descent.nesterov))),
    ("$\\beta = 0.9$ is the best for $\\kappa$ near 1,440",
     lambda p: near(quadratic_bowl.best_momentum(1, 1440)[1], 0.9, 3)),
]

CLAIMS["initialisation"] = [
    ("The weights are drawn independently, with the mean 0",
     lambda p: abs(Network.random([200, 200], rng=0).layers[0].W.mean()) < 0.001),
    ("So $a$ has the mean 0 too", lambda p: abs(drawn_terms().sum(axis=1).mean()) < 0.02),
    ("A mixed term has the mean 0",
     lambda p: abs((drawn_terms()[:, 0] * drawn_terms()[:, 1]).mean()) < 0.02),
    ("near zero $\\tanh$ has the slope 1 and keeps it; a ReLU has the slope 0 for half",
     lambda p: sp.diff(sp.tanh(W), W).subs(W, 0) == 1 and
         near(np.mean(np.random.default_rng(0).normal(size=10_000) > 0), 0.5)),
    ("after 20 layers, if each takes a factor of $\\sqrt{1/2}$",
     lambda p: p.shows("fig-depth")[4] == np.sqrt(0.5)),
    ("A network of 20 layers of 32 units", lambda p: signal(p).shape == (2, 20)),
    ("the gradient is 1 at the last layer", lambda p: near(signal(p)[1, -1], 1)),
    ("$\\sqrt{1/2}^{19} = 0.0014$; the figure shows half of that going forward, and three quarters",
     lambda p: near(np.sqrt(0.5) ** 19, 0.0014, 4) and
         near(signal(p)[0, -1] / signal(p)[0, 0] / np.sqrt(0.5) ** 19, 0.5, 1) and
         near(signal(p)[1, 0] / signal(p)[1, -1] / np.sqrt(0.5) ** 19, 0.75, 1)),
    ("A good part of the units is saturated, with a slope near zero",
     lambda p: 0.1 < np.mean(1 - np.tanh(1.36 * np.random.default_rng(0).normal(size=9999)) ** 2
         < 0.2) < 0.5),
    ("to a sixth over 19 layers",
     lambda p: 5 < np.divide(*[np.sqrt(np.mean(deep_tanh()[k] ** 2)) for k in (0, 18)]) < 7),
    ("With ReLU both lines are level near 2, and at 1 it fades as tanh did at a half",
     lambda p: np.all(np.abs(np.log(signal(p, activation=1, gain=2))) < np.log(3)) and
         0.5 < signal(p, activation=1, gain=1)[0, -1] / signal(p)[0, -1] < 2),
    ("at 4 the last layer has some 300 times the size of the first",
     lambda p: 250 < np.divide(*signal(p, activation=1, gain=4)[0, [-1, 0]]) < 350),
    ("its outputs stay below 1 in size", lambda p: np.tanh(10.0) < 1),
    ("At 4 the gradient is 13 times as large",
     lambda p: near(signal(p, gain=4)[1, 0], 13, 0)),
    ("twice the smallest for tanh at a half, and seven times for ReLU at 2",
     lambda p: all(near(max(ends) / min(ends), times, 0) for activation, gain, times in
         ((0, 0.5, 2), (1, 2, 7)) for ends in [[signal(p, activation=activation, gain=gain,
         seed=s)[0, -1] for s in range(10)]])),
    ("Its signal is a product of 20 random numbers", lambda p: "(10_000, 20)" in p.text),
    ("The mean square of such a product is 1 if that of each number is",
     lambda p: near(np.mean([np.prod(numbers) ** 2 for numbers in
         product((-0.5, np.sqrt(1.75)), repeat=8)]), 1, 12)),
    ("not even 10,000 draws meet enough of them, and a typical product is tiny",
     lambda p: np.sqrt(np.mean(p["chains"] ** 2)) < 0.5 and np.median(p["chains"]) < 1e-5),
    ("Last, the library's own networks, 20 layers deep", lambda p: len(p["net"].layers) == 20),
]

CLAIMS["overfitting"] = [
    ("A network of 12 hidden units has 37 weights and biases, three for each training point",
     lambda p: sum(v.size for layer in Network.random([1, 12, 1]).layers for v in layer) == 37 and
         len(p["training"]) == 12 == len(p["validation"]) and
         len(p["test"]) == 60),
    ("A 1–12–1 network on twelve noisy points, trained with momentum",
     lambda p: near(fit(p)[1], fit_by_momentum(p), 12)),
    ("What will the curve look like at step 50, and what at step 400?",
     lambda p: fit(p)[4] == 50 and fit(p)[0] == 400),
    ("from step 50 to 400 from 0.053 to 0.030",
     lambda p: near(fit(p, 50)[1], 0.053, 3) and near(fit(p)[1], 0.030, 3)),
    ("lowest at step 50, with 0.075, and ends at 0.182",
     lambda p: fit(p)[4] == 50 and near(fit(p)[6], 0.075, 3) and near(fit(p)[2], 0.182, 3)),
    ("0.104 at step 50, and 0.210 at the end",
     lambda p: near(fit(p)[7], 0.104, 3) and near(fit(p)[3], 0.210, 3)),
    ("At step 50 the curve is smooth",
     lambda p: bends(p, 50) < bends(p, 400)),
    ("a decay of 0.003, and then of 0.01", lambda p: fit(p, decay=0.01)[3] < fit(p)[3]),
    ("The training loss ends higher, at 0.032 and 0.046",
     lambda p: near(fit(p, decay=0.003)[1], 0.032, 3) and near(fit(p, decay=0.01)[1], 0.046, 3)),
    ("The test loss ends lower, at 0.164 and 0.132 in the place of 0.210",
     lambda p: near(fit(p, decay=0.003)[3], 0.164, 3) and near(fit(p, decay=0.01)[3], 0.132, 3)),
    ("With 0.03 the training loss ends at 0.115, and the validation loss at 0.112, worse than",
     lambda p: near(fit(p, decay=0.03)[1], 0.115, 3) and near(fit(p, decay=0.03)[2], 0.112, 3) and
         near(fit(p, decay=0.01)[2], 0.085, 3)),
    ("So among these decays, at step 400, the validation data choose 0.01",
     lambda p: min((0, 0.001, 0.003, 0.01, 0.03), key=lambda v: fit(p, decay=v)[2]) == 0.01),
    ("No decay and a stop at step 50 does better still, with 0.075",
     lambda p: near(fit(p, 50)[2], 0.075, 3) and fit(p, 50)[2] < fit(p, decay=0.01)[2]),
    ("The test data would have chosen 0.03, with 0.126",
     lambda p: min((0, 0.001, 0.003, 0.01, 0.03), key=lambda v: fit(p, decay=v)[3]) == 0.03 and
         near(fit(p, decay=0.03)[3], 0.126, 3)),
]

CLAIMS["digit_reader"] = [
    ("64 pixels, $N$ ReLU units, ten classes",
     lambda p: DigitTask().network(7).layers[0].W.shape == (64, 7)),
    ("Train it with $N = 8$", lambda p: read_digits(8, 0.5)[0] > 0.9),
    ("Try $\\eta = 32$", lambda p: f"{10**1.5:.2g}" == "32"),
    ("With $\\eta = 32$ only one in ten is right, because it takes all digits for the same one",
     lambda p: near(read_digits(48, 32)[0], 0.1, 1) and read_digits(48, 32)[1] == 1),
    ("its ink is counted in 8 by 8 cells", lambda p: p["task"].X.shape[1] == 8 * 8),
    ("Its answer to a 4 that is drawn unlike the ones it has learned may well be wrong",
     lambda p: p["right"] < 1),
    ("got 97.8 % with other random numbers",
     lambda p: near(100 * page("06_gradient_descent")["net"].accuracy(
         load_digits().X[page("06_gradient_descent")["test"]],
         load_digits().y[page("06_gradient_descent")["test"]]), 97.8, 1)),
]

CLAIMS["playground"] = [
    ("blue where it puts out more than 0, orange where less, and pale near 0",
     lambda p: ("signs(values, column.length, k, blue, orange)" in DIAGRAM and
         "inked(v < 0 ? under : over, Math.abs(v))" in PICTURES)),
    ("Those below 0 are orange and broken",
     lambda p: 'toggle("playground-below", values[k] < 0)' in DIAGRAM),
    ("All weights of four units begin at 0",
     lambda p: not any(v.any() for layer in played(0, data="blobs", start="zero",
         layers="4.tanh").net.layers for v in layer)),
    ("A tanh or a ReLU of 0 puts out 0",
     lambda p: all(not v.any() for name in ("tanh", "relu") for layer in played(50, data="blobs",
         start="zero", layers=f"4.{name}").net.layers for v in (layer.W, np.round(layer.b, 12)))),
    ("A sigmoid of 0 puts out ½, so the output weights move",
     lambda p: (lambda first, second: not first.net.layers[0].W.any() and
         first.net.layers[1].W.any() and second.net.layers[0].W.any())(*(played(n, data="blobs",
         start="zero", layers="4.sigmoid") for n in (1, 2)))),
    ("After 300 steps the four layers of sigmoids know no more than at the beginning",
     lambda p: near(played(300, layers=deep("sigmoid"), eta=1).loss(), np.log(2), 2) and
         played(300, layers=deep("relu"), start="he", eta=1).accuracy() == 1 and
         first_slopes_ratio(deep("sigmoid")) > 200),
    ("A ReLU's slope is 1 where it is on", lambda p: activation_functions.relu_grad(0.5) == 1),
    ("Four tanh units learn the circle with $\\eta = 3$",
     lambda p: played(200, layers="4.tanh", eta=3).accuracy() == 1 and
         played(2, layers="4.tanh", eta=10).loss() > 2 * played(0, layers="4.tanh").loss() >
         2 * played(300, layers="4.tanh", eta=10).loss() and
         played(300, layers="4.relu", eta=10).accuracy() == 0.5 and
         played(20, layers="2.identity", eta=10).loss() > 1e20),
    ("Train for 1,000 steps. Which loss falls, and which rises?",
     lambda p: (lambda early, late, kept: early.learned == 30 and late.loss() < early.loss() / 5
         and late.loss(True) > 2 * early.loss(True) and
         abs(kept.loss(True) / early.loss(True) - 1) < 0.1)(*(played(n, n=60, noise=0.6,
         held_out=0.5, layers="8.tanh", optimizer="momentum", eta=0.1, decay=decay)
         for n, decay in ((50, "0"), (1000, "0"), (1000, "0.01"))))),
    ("Decay pulls each weight towards 0 at every step",
     lambda p: np.allclose(played(1, decay="0.1", eta=0.3).net.layers[0].W,
         played(1, eta=0.3).net.layers[0].W - 0.3 * 0.1 * played(0).net.layers[0].W)),
    ("need until the loss is below 0.1, and how many",
     lambda p: p["steps_until"](0.1, **p["spirals"]) > 1000),
    ("momentum adds up to $1/(1 - \\beta) = 10$ of them", lambda p: near(1 / (1 - 0.9), 10, 9)),
    ("Plain descent with $\\eta = 1$ needs 156 steps",
     lambda p: p["steps_until"](0.1, **(p["spirals"] | {"eta": 1})) == 156),
    ("More than a thousand, and 160",
     lambda p: p["steps_until"](0.1, optimizer="momentum", **p["spirals"]) == 160),
]

# fmt: on

# Numbers that claim nothing that could be false: the words around them, and why.
NO_CLAIM = {
    '"0.7 Chinstrap"': "an answer that a model might give",
    "*Deep Learning*, lectures 3 and 4": "a title",
    "Raise the order to 2": "a question, answered below its figure",
    "in a direction $u$ of length 1": "a definition",
    "because $u$ has the length 1": "the same definition",
    "From the notes of CS231n": "a title",
    "Time: about": "held by tests/test_chapters.py",
    "Example 7.1 of the book": "a place in a book",
    "That was mended on 15 March 2015": "a date, which no run can find",
    "Ubuntu 24.04 forbids": "a system's name",
}
# Instructions that the tests of marking follow, and a table of symbols.
NO_PROSE = {"for_instructors", "notation", "api"}

LINES = [
    (path, line.number)
    for path in EVERYTHING
    if path.stem not in NO_PROSE
    for line in read(path.read_text("utf-8")).prose + captions(path)
    if re.search(r"\d", re.sub(r"[Cc]hapters? \d", "", line.text))
]


@pytest.mark.parametrize(
    ("address", "words", "holds"),
    [(address, *claim) for address, claims in CLAIMS.items() for claim in claims],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_claim(address: str, words: str, holds: Callable[[Page], Any]) -> None:
    assert words in page(address).text, "no sentence of the page has these words"
    assert bool(holds(page(address))) is True


@pytest.mark.parametrize("path", sorted({path for path, _ in LINES}), ids=name)
def test_every_number_in_the_prose_has_its_claim(path: Path) -> None:
    source = path.read_text("utf-8").splitlines()
    quoted = [words for words, _ in CLAIMS.get(path.stem, [])] + list(NO_CLAIM)
    lines = {n: source[n - 1].strip() for at, n in LINES if at == path}
    assert {n: line for n, line in lines.items() if not any(q in line for q in quoted)} == {}


def test_every_exception_is_needed() -> None:
    everything = "\n".join(path.read_text("utf-8") for path in EVERYTHING)
    assert [words for words in NO_CLAIM if words not in everything] == []

"""The paths in chapter 6's figures, against gdlib's own optimizers and closed forms."""

import warnings
from functools import cache

import numpy as np
import pytest
import sympy as sp

from gdlib import gradient_descent
from gdlib.data import load_digits, load_penguins
from gdlib.figures import gradient_descent as figures
from gdlib.landscape import OpaqueLoss
from gdlib.live import LiveError
from gdlib.symbolic import b, beta, eta, mse, w, x, y
from tests.live_page import sentences, words

QUADRATIC = w**2 / 2 + 5 * b**2 + w * b / 2
BOX = {w: (-3.0, 3.0), b: (-1.5, 1.5)}
START = {w: -2.5, b: 1.0}
TWO_MINIMA = w**4 / 4 - w**2 / 2 + w / 8 + b**2 / 2
SADDLE = w**2 - b**2 + b**4 / 4
WIDE = {w: (-2.0, 2.0), b: (-2.2, 2.2)}


@cache
def optimizers(loss):
    return figures.optimizers(loss, over=BOX, start=START, steps=40)


def numeric(loss):
    value = sp.lambdify((w, b), loss)
    slopes = sp.lambdify((w, b), [sp.diff(loss, s) for s in (w, b)])
    return lambda v: float(value(*v)), lambda v: np.array(slopes(*v), float)


def readouts(live, values=None):
    return sentences(live.evaluate(values))


def lines(live, values=None):
    return [part for part in live.evaluate(values) if len(part.get("x", ())) > 1]


@pytest.mark.parametrize("loss", [QUADRATIC, TWO_MINIMA + w * b / 4], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9])
def test_the_four_paths_are_those_of_gdlib(loss, decay):
    live = optimizers(loss)
    value, grad = numeric(loss)
    w0, rate = np.array([1.7, -0.8]), 0.03
    at = {w: w0[0], b: w0[1], eta: rate, beta: decay, figures._t: 40}
    expected = [
        gradient_descent.descend(grad, w0, rate, 40),
        gradient_descent.momentum(grad, w0, rate, 40, beta=decay),
        gradient_descent.nesterov(grad, w0, rate, 40, beta=decay),
        gradient_descent.adam(grad, w0, rate, 40, beta1=decay),
    ]
    trails = lines(live, at)[::2]
    for trail, path in zip(trails, expected, strict=True):
        assert np.stack([trail["x"], trail["y"]], axis=1) == pytest.approx(path, abs=1e-10)
    shown = np.concatenate([part["values"] for part in readouts(live, at)])
    assert shown == pytest.approx([value(path[-1]) for path in expected], abs=1e-10)


def test_a_trail_ends_at_step_t():
    live = optimizers(QUADRATIC)
    for trail in lines(live, {figures._t: 12})[::2]:
        assert np.isfinite(trail["x"]).sum() == 13


@pytest.fixture(scope="module")
def penguins():
    birds = load_penguins()
    flipper = (birds.flipper_length_mm - birds.flipper_length_mm.mean()) / 10
    return flipper, birds.body_mass_g / 1000


@pytest.fixture(scope="module")
def batches_of_penguins(penguins):
    X, Y = penguins
    return figures.batches(
        mse(y, w * x + b), {x: X, y: Y}, over={w: (-0.6, 1.6), b: (2.6, 5.4)},
        start={w: -0.3, b: 3.0}, steps=60, seed=3,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 8, 32, 342])
def test_batches_are_those_of_gdlib_epoch_after_epoch(penguins, batches_of_penguins, size):
    (X, Y), live = penguins, batches_of_penguins
    at = {eta: 0.05, figures._batch: size, figures._t: 60}
    trail = lines(live, at)[2]
    v = np.array([-0.3, 3.0])
    batches = gradient_descent.minibatches(342, size, 3)
    seen = 0
    for step in range(61):
        assert (trail["x"][step], trail["y"][step]) == pytest.approx(v, abs=1e-10)
        rows = batches[step % len(batches)]
        error = v[0] * X[rows] + v[1] - Y[rows]
        v = v - 0.05 * 2 * np.array([(error * X[rows]).mean(), error.mean()])
        seen += len(rows) * (step < 60)
    assert [part["values"][1] for part in readouts(live, at)] == [60 * 342, seen]


@pytest.mark.parametrize("schedule", [0, 1, 2])
def test_the_rate_falls_by_the_schedule_that_is_chosen(penguins, batches_of_penguins, schedule):
    (X, Y), live = penguins, batches_of_penguins
    trail = lines(live, {eta: 0.05, figures._batch: 342, figures._schedule: schedule})[2]
    v = np.array([-0.3, 3.0])
    for step in range(60):
        assert (trail["x"][step], trail["y"][step]) == pytest.approx(v, abs=1e-10)
        error = v[0] * X + v[1] - Y
        rate = 0.05 * (1.0, 1 / (1 + step / 10), 0.5 ** (step // 50))[schedule]
        v = v - rate * 2 * np.array([(error * X).mean(), error.mean()])


def test_a_sweep_is_measured_with_descend_and_marks_the_edge():
    live = figures.sweep(QUADRATIC, over=BOX, start=START, steps=50)
    value, grad = numeric(QUADRATIC)
    largest = np.linalg.eigvalsh([[1, 0.5], [0.5, 10]])[-1]
    (diverges, _) = readouts(live, {eta: 0.3})
    assert "above the picture since step" in diverges["text"]
    for rate in (0.001, 0.05, 0.15):
        end = gradient_descent.descend(grad, np.array([-2.5, 1.0]), rate, 50)[-1]
        first, second = readouts(live, {eta: rate})
        assert first["values"] == pytest.approx([rate, value(end)], rel=1e-9)
    assert second["values"][1] == pytest.approx(2 / largest)
    assert second["values"][0] == pytest.approx(2 / 11, rel=0.1)  # 2/(λmin + λmax) is best


def test_a_sweep_of_what_is_not_quadratic_has_no_edge():
    live = figures.sweep(TWO_MINIMA, over=WIDE, start={w: 1.5, b: 1.0})
    assert "λmax" not in "".join(part["text"] for part in readouts(live))


def test_a_sweep_goes_through_divergence_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.sweep(SADDLE, over=WIDE, start={w: 1.5, b: 1.0}, high=100.0)


def stationary(loss):
    return OpaqueLoss(loss, [w, b]).stationary_points(WIDE)


def test_stationary_points_are_found_with_their_kind():
    places = stationary(TWO_MINIMA)
    roots = sorted(sp.Poly(sp.diff(TWO_MINIMA, w), w).nroots())
    assert sorted(place[0] for place, *_ in places) == pytest.approx([float(r) for r in roots])
    assert [int((curves > 0).sum()) for _, curves, _ in places] == [2, 2, 1]
    assert stationary(SADDLE)[0][2] == pytest.approx(-1)
    assert stationary(1 - sp.exp(-(w**2) - b**2))[0][2] == pytest.approx(0)


def test_the_start_decides_between_two_minima():
    live = figures.surface(TWO_MINIMA, over=WIDE, start={w: 1.0, b: 1.0}, steps=200)
    ends = {}
    for at in (-1.5, 0.1, 0.15, 1.5):
        values = {w: at, b: 1.0, figures._t: 200}
        ends[at] = readouts(live, values)[0]["values"][1]
        assert words(live.evaluate(values)) == ["in a minimum"]
    low, between, high = sorted(float(r) for r in sp.Poly(sp.diff(TWO_MINIMA, w), w).nroots())
    assert 0.1 < between < 0.15
    assert [ends[-1.5], ends[0.1]] == pytest.approx([low, low], abs=1e-3)
    assert [ends[0.15], ends[1.5]] == pytest.approx([high, high], abs=1e-3)


def test_a_saddle_holds_who_comes_exactly_and_lets_a_hair_escape():
    live = figures.surface(SADDLE, over=WIDE, start={w: 1.5, b: 0.0}, steps=150)
    assert words(live.evaluate({w: 1.5, b: 0.0, figures._t: 150})) == ["stuck on a saddle"]
    assert words(live.evaluate({w: 1.5, b: 1e-3, figures._t: 150})) == ["in a minimum"]
    assert words(live.evaluate({w: 1.5, b: 1e-3, figures._t: 20})) == ["still moving"]


def test_too_large_a_rate_leaves():
    live = figures.surface(TWO_MINIMA, over=WIDE, start={w: 1.5, b: 1.0})
    assert words(live.evaluate({eta: 3.0})) == ["left at step 1"]


def test_a_plateau_is_named():
    live = figures.surface(1 - sp.exp(-(w**2) - b**2), over={w: (-3, 3), b: (-3, 3)},
                           start={w: 2.9, b: 2.9})  # fmt: skip
    assert words(live.evaluate({})) == ["lost on a plateau"]


def test_mistakes_are_what_was_guessed_wrong():
    digits = load_digits()
    rows = np.arange(100, 200)
    guesses = digits.y[rows].copy()
    guesses[[3, 50, 77]] = (guesses[[3, 50, 77]] + 1) % 10
    live = figures.mistakes(digits, guesses, rows=rows, rng=0)
    for at in (3, 50, 77):
        assert f"{digits.y[rows[at]]}, not {guesses[at]}" in live.alt
    assert "3 handwritten digits" in live.alt
    assert len(live.to_html()) < 4000


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: figures.optimizers(w**2, over=BOX, start=START), "expected 2 symbols"),
        (lambda: figures.optimizers(QUADRATIC, over={w: (-1, 1)}, start=START), "no range for b"),
        (lambda: figures.optimizers(QUADRATIC, over=BOX, start={w: 1.0}), "no value for b"),
        (lambda: figures.surface(QUADRATIC, over=BOX, start={w: 9.0, b: 0}), "outside -3 to 3"),
        (lambda: figures.surface(QUADRATIC, over=BOX, start=START, eta_start=0), "eta_start = 0"),
        (lambda: figures.sweep(QUADRATIC, over=BOX, start=START, low=2, high=1), "must be below"),
        (
            lambda: figures.batches(
                mse(y, w * x + b), {x: [1.0, 2.0], y: [1.0, 2.0]}, over=BOX, start=START
            ),
            "fewer than all 2 rows",
        ),
        (
            lambda: figures.batches(
                mse(y, w * x + b), {x: [1.0, 2.0, 3], y: [1.0, 2.0, 4]}, over=BOX, start=START,
                sizes=(1,), size=2,
            ),
            "expected one of",
        ),
        (lambda: figures.mistakes(load_digits(), load_digits().y), "are right"),
        (lambda: figures.mistakes(load_digits(), [1, 2]), "2 classes for 1797 rows"),
    ],
)  # fmt: skip
def test_wrong_input_is_answered_with_a_sentence(call, words):
    with pytest.raises(LiveError, match=words):
        call()

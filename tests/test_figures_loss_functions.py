"""The figures of chapter 1 against gdlib's own functions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gdlib import loss_functions, symbolic
from gdlib.figures import loss_functions as figures
from gdlib.gradient_descent import descend
from gdlib.live import LiveError, mean
from gdlib.symbolic import b, eta, mse, sigmoid_cross_entropy, w, x, y
from tests.live_page import sentences

X = np.array([-1.0, 0.0, 0.5, 2.0])
Y = np.array([1.0, 2.0, 2.5, 5.0])
BOX = {w: (-1.0, 3.0), b: (0.0, 4.0)}


def gradient(v: np.ndarray) -> np.ndarray:
    delta = loss_functions.mse_grad(Y, v[0] * X + v[1])
    return np.array([delta @ X, delta.sum()])


def test_the_line_descends_as_descend_does_and_its_loss_is_the_mse() -> None:
    loss = mean(mse(y, w * x + b), {x: X, y: Y})
    live = figures.line_fit(loss, x=X, y=Y, over=BOX, start={w: 0.0, b: 1.0})
    values = live.evaluate({eta: 0.2, live.symbols[-1]: 7})
    path = descend(gradient, [0.0, 1.0], 0.2, 60)
    trail = next(v for v in values if len(v.get("x", ())) == 61)
    np.testing.assert_allclose(np.column_stack([trail["x"], trail["y"]]), path, atol=1e-12)
    at_7, at_0 = sentences(values)[-2]["values"]
    assert at_7 == pytest.approx(loss_functions.mse(Y, path[7, 0] * X + path[7, 1]))
    assert at_0 == pytest.approx(loss_functions.mse(Y, np.ones(4)))


def test_the_residuals_reach_from_the_points_to_the_line() -> None:
    loss = mean(mse(y, w * x + b), {x: X, y: Y})
    live = figures.line_fit(loss, x=X, y=Y, over=BOX, start={w: 0.5, b: 1.0})
    residuals = live.evaluate({live.symbols[-1]: 0})[0]["y"].reshape(-1, 3)
    np.testing.assert_allclose(residuals[:, 0], Y)
    np.testing.assert_allclose(residuals[:, 1], 0.5 * X + 1.0)
    assert np.isnan(residuals[:, 2]).all()


def test_the_probability_is_the_sigmoid_of_the_score() -> None:
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    loss = mean(sigmoid_cross_entropy(y, w * x + b), {x: X, y: labels})
    live = figures.probability(loss, x=X, y=labels, over=BOX, start={w: 2.0, b: 0.5})
    curve = live.evaluate()[0]
    np.testing.assert_allclose(curve["y"], 1 / (1 + np.exp(-(2 * curve["x"] + 0.5))))
    expected = loss_functions.sigmoid_cross_entropy(labels, 2.0 * X + 0.5)
    assert live.evaluate()[-1]["values"][1] == pytest.approx(expected)


def test_the_squared_error_is_stuck_where_the_cross_entropy_walks_out() -> None:
    live = figures.compare(
        {"squared": mse(1, symbolic.sigmoid(w)), "entropy": sigmoid_cross_entropy(1, w)},
        low=-8, high=4, start=-6.0, eta_max=4.0,
    )  # fmt: skip
    squared, entropy = (v["values"] for v in live.evaluate()[-2:])
    assert squared[3] > 0.99
    assert entropy[3] < 0.1


def test_the_bars_are_softmax_and_the_gradient_is_that_of_gdlib() -> None:
    scores, labels = sp.symbols("a_1:4", real=True), sp.symbols("y_1:4", real=True)
    loss = symbolic.softmax_cross_entropy(list(labels), list(scores))
    live = figures.softmax_bars(loss, scores=scores, labels=labels)
    A = np.array([0.5, -1.0, 2.0])
    bars, slopes, *_ = live.evaluate(dict(zip(scores, A, strict=True)))
    np.testing.assert_allclose(bars["height"], loss_functions.softmax(A))
    expected = loss_functions.softmax_cross_entropy_grad([1], A[None])[0]
    np.testing.assert_allclose(slopes["height"], expected)


def test_wrong_arguments_get_a_sentence() -> None:
    with pytest.raises(LiveError, match="two losses"):
        figures.compare({"one": w**2}, low=0, high=1, start=0)
    with pytest.raises(LiveError, match="different symbols"):
        figures.compare({"one": w**2, "two": b**2}, low=0, high=1, start=0.5)
    with pytest.raises(LiveError, match="softmax_bars"):
        figures.softmax_bars(w**2, scores=[x], labels=[y])
    with pytest.raises(LiveError, match="line_fit: loss has the symbols w"):
        figures.line_fit(w**2, x=X, y=Y, over=BOX, start={w: 0, b: 1})

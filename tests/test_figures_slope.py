"""The figures of chapter 2 against gdlib's own functions."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import sympy as sp

from gdlib import slope
from gdlib.figures import slope as figures
from gdlib.gradient_descent import descend
from gdlib.live import Live, LiveError
from gdlib.symbolic import b, eta, h, w
from tests.live_page import sentences, words

cubic = w**3 / 3 - w
numeric = sp.lambdify(w, cubic)


def test_the_secant_has_the_slope_of_secant_slope() -> None:
    live = figures.secant(cubic)
    *_, first, second = live.evaluate({w: -1.2, h: 0.5})
    rise, run, quotient = first["values"]
    assert quotient == pytest.approx(slope.secant_slope(numeric, -1.2, 0.5), rel=1e-12)
    assert rise == pytest.approx(quotient * run)
    assert second["values"][0] == pytest.approx(1.2**2 - 1)


def test_where_there_is_no_curve_the_readout_says_so_and_the_rest_stays() -> None:
    live = figures.secant(sp.log(w))
    assert "undefined here" in live.evaluate({w: -1.0})[-1]["text"]
    assert "undefined" not in live.evaluate({w: 1.0, h: 0.1})[-1]["text"]


def test_the_stars_stand_at_the_lowest_predicted_error() -> None:
    live = figures.difference_error(sp.exp(w) * sp.sin(w), at=1.0)
    forward, central, stars = live.evaluate()[:3]
    for predicted, x, y in zip((forward, central), stars["x"], stars["y"], strict=True):
        lowest = predicted["y"].min()
        assert y <= lowest
        assert abs(np.log10(x) - np.log10(predicted["x"][predicted["y"].argmin()])) < 0.5


@cache
def descent() -> Live:
    return figures.descent(cubic, minimum=1)


def test_the_descent_is_the_path_of_descend() -> None:
    live = descent()
    trail = next(v for v in live.evaluate({w: 2.0, eta: 0.3}) if len(v.get("x", ())) == 26)
    expected = descend(lambda v: v**2 - 1, 2.0, 0.3, 25)
    np.testing.assert_allclose(trail["x"], expected, rtol=1e-12)
    np.testing.assert_allclose(trail["y"], numeric(expected), rtol=1e-12)


@pytest.mark.parametrize(
    ("start", "rate", "word"),
    [
        (2.0, 0.3, "creeps"),
        (2.0, 0.7, "zigzags"),
        (1.3, 1.0, "may converge"),
        (2.0, 1.1, "> 2: left at step"),
        (-1.2, 0.1, "left at step"),  # left of the hilltop
        (-2.0, 0.1, "left at step"),
        (-2.0, 1.2, "left at step"),
        (1.2, 1.05, "never settles"),
        (-1.05, 0.01, "leaves the valley"),
        (1.0, 0.1, "no step"),
        (-1.0, 1.2, "no step"),  # on the hilltop
    ],
)
def test_the_words_above_the_picture_follow_the_curvature_and_the_path(
    start: float, rate: float, word: str
) -> None:
    live = descent()
    shown = words(live.evaluate({w: start, eta: rate}))
    assert len(shown) == 1
    assert word in shown[0]


def test_at_every_position_one_thing_is_said_and_the_readout_agrees() -> None:
    live = descent()
    for start in np.arange(-2, 2.3, 0.3):
        for rate in np.arange(0.02, 1.2, 0.06):
            at = {w: round(start, 2), eta: round(rate, 2)}
            (said,) = words(live.evaluate(at))
            assert ("left at step" in sentences(live.evaluate(at))[-1]["text"]) == ("left" in said)


def test_at_a_kink_there_is_no_tangent() -> None:
    live = figures.secant(sp.Abs(w))
    at_kink, beside = (live.evaluate({w: at, h: 0.5}) for at in (0.0, 0.3))
    assert [v["text"] for v in at_kink if v.get("visible")] == ["no tangent: slopes −1.00, +1.00"]
    assert not np.isfinite(at_kink[0]["y"]).any() and "undefined" in at_kink[-1]["text"]
    assert not [v for v in beside if v.get("visible")]
    assert "+1.0000" in beside[-1]["text"]


def test_without_a_higher_derivative_no_h_is_best() -> None:
    parabola = figures.difference_error(w**2 + w)
    forward, central = [v["text"] for v in sentences(parabola.evaluate())]
    assert "best h" in forward and "no h is too large" in central
    line = figures.difference_error(3 * w)
    assert "best" not in " ".join(v.get("text", "") for v in line.evaluate())


def test_a_descent_into_the_abyss_has_left() -> None:
    live = descent()
    assert sentences(live.evaluate({w: -1.9, eta: 1.0}))[-1]["text"] == "left at step 1"


def test_no_direction_is_steeper_than_the_gradient() -> None:
    loss = w**2 + 3 * b**2 + w * b
    live = figures.direction(loss, over={w: (-2, 2), b: (-2, 2)}, start={w: 1.0, b: -0.5})
    values = live.evaluate()
    wave = next(v for v in values if len(v.get("x", ())) == 121)
    gradient = np.array([2 * 1.0 - 0.5, 6 * -0.5 + 1.0])
    here, top = [v for v in values if len(v.get("x", ())) == 1 and "dx" not in v][1:]
    assert here["y"][0] < top["y"][0]
    assert top["y"][0] == pytest.approx(np.linalg.norm(gradient))
    assert wave["y"].max() <= top["y"][0] + 1e-12
    along = slope.directional_slope(
        lambda v: v[0] ** 2 + 3 * v[1] ** 2 + v[0] * v[1], [1.0, -0.5],
        [np.cos(wave["x"][30] * np.pi / 180), np.sin(wave["x"][30] * np.pi / 180)],
    )  # fmt: skip
    assert wave["y"][30] == pytest.approx(along, rel=1e-6)


@pytest.mark.parametrize("figure", [figures.secant, figures.difference_error, figures.descent])
@pytest.mark.parametrize("wrong", [w * b, sp.Integer(3), "nonsense(", [w], w > 0])
def test_a_wrong_expression_gets_a_sentence_with_the_figures_name(figure, wrong) -> None:
    with pytest.raises(LiveError, match=figure.__name__):
        figure(wrong)


def test_the_sentence_is_all_a_notebook_shows() -> None:
    with pytest.raises(LiveError) as caught:
        figures.secant(w * b)
    assert caught.value._render_traceback_() == [f"LiveError: {caught.value}"]
    assert "b, w" in str(caught.value)


def test_over_must_name_the_symbols_of_the_loss() -> None:
    with pytest.raises(LiveError, match="no range for b"):
        figures.direction(w**2 + b**2, over={w: (0, 1), h: (0, 1)}, start={w: 0, h: 0})

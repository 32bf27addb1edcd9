"""Whatever a reader puts into a figure: a figure with something in view, or one sentence.

A sample of `tests.odd_input` at each run; `make fuzz` tries all.
"""

from __future__ import annotations

import os
import random
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from gdlib import symbolic
from gdlib.figures import gradient_descent, loss_functions, slope, taylor_expansion
from gdlib.live import Live, LiveError
from tests.live_page import words
from tests.odd_input import ODD, calls, problems

ALL = calls()
SAMPLE = ALL if os.environ.get("FUZZ") else [*random.Random(17).sample(ALL, 80), *ODD.items()]
"""FUZZ is set by `make fuzz`."""
outcomes: Counter[type] = Counter()


@pytest.mark.parametrize("name, call", SAMPLE, ids=[n[:60] for n, _ in SAMPLE])
def test_a_figure_or_a_sentence(name: str, call) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            live = call()
        except LiveError as error:
            assert "\n" not in str(error) and len(str(error)) < 240, error
            assert error._render_traceback_() == [f"{type(error).__name__}: {error}"]
            outcomes[LiveError] += 1
        else:
            assert isinstance(live, Live) and problems(live) == []
            live.build()  # the first frame is drawn with no warning
            outcomes[Live] += 1
    assert plt.get_fignums() == []


def test_there_are_many_of_either() -> None:
    assert len(ALL) > 1500
    if sum(outcomes.values()) >= 100:  # another worker may have had the others
        assert min(outcomes[Live], outcomes[LiveError]) > 25


@cache
def evaluated(figure: Callable[..., Live], s: sp.Symbol) -> list[dict]:
    return figure(s**3 - s, start=0.5).evaluate()


@pytest.mark.parametrize(
    "name", ["w", "x", "h", "t", "theta", "eta", "beta", "f", "k", "order", "p0"]
)
def test_a_weight_may_be_called_as_the_figures_own_symbols(name: str) -> None:
    own, usual = sp.Symbol(name), symbolic.w
    for figure in (slope.secant, slope.descent):
        theirs, ours = (evaluated(figure, s) for s in (own, usual))
        for found, expected in zip(theirs, ours, strict=True):
            assert found.keys() == expected.keys()
            for key in found.keys() - {"text", "html"}:
                np.testing.assert_array_equal(found[key], expected[key])
    over = {own: (-1, 1), symbolic.b: (-1, 1)}
    live = slope.direction(own**2 + symbolic.b, over=over, start={own: 0.5, "b": 0})
    text = "∇L = (+1.000, +1.000), its length 1.414: no direction is steeper"
    assert live.evaluate()[-1]["text"] == text


def test_a_text_is_the_same_as_its_expression() -> None:
    w = symbolic.w
    typed, written = slope.descent("w⁴/4 − w² + w/3"), slope.descent(w**4 / 4 - w**2 + w / 3)
    for found, expected in zip(typed.evaluate({"w": 1.5}), written.evaluate({w: 1.5}), strict=True):
        assert all(np.array_equal(found[k], expected[k]) for k in found)


def sentence(call) -> str:
    with pytest.raises(LiveError) as caught:
        call()
    return str(caught.value)


def test_a_function_is_refused_with_the_expression_to_write() -> None:
    assert sentence(lambda: slope.secant(lambda v: v**2 + 1)).endswith(
        "write an expression, v**2 + 1"
    )
    assert sentence(lambda: slope.secant(np.sin)).endswith('such as "sin(w)"')


def test_the_sentence_names_figure_argument_and_culprit() -> None:
    w, b = symbolic.w, symbolic.b
    wrapped = sp.Piecewise((sp.gamma(w), w > 0), (0, True))
    told = sentence(lambda: slope.secant(wrapped))
    assert told.startswith("secant: f: gamma cannot be computed in the browser, in Piecewise(")
    data = {"x": [0, 1], "y": [1, 2], "start": {w: 0, b: 0}}
    given = lambda: loss_functions.line_fit(w**2 + b**2, over={w: (-1, 1)}, **data)  # noqa: E731
    assert sentence(given) == "line_fit: over has no range for b"
    assert sentence(lambda: slope.secant(w, low=3, high=1)) == (
        "secant: low and high goes from 3 to 1: the first must be below the second"
    )


def test_what_is_refused_leaves_no_picture_behind() -> None:
    sentence(
        lambda: slope.direction(
            "w² + b²", over={"w": (-1, 1), "b": (-1, 1)}, start={"w": 9, "b": 0}
        )
    )
    assert plt.get_fignums() == []


@pytest.mark.parametrize("f", ["floor(w)", "w² + ceil(w)", "|w|", "max(w, 0)", "relu(w)"])
def test_where_f_or_a_derivative_jumps_there_is_no_band(f: str) -> None:
    texts = [part.get("text", "") for part in taylor_expansion.polynomials(f).evaluate()]
    assert "no band" in texts[-1] and "at most" not in " ".join(texts)


def test_what_is_said_is_true() -> None:
    w, b = symbolic.w, symbolic.b
    over = {w: (-2, 2), b: (-2, 2)}
    down = taylor_expansion.step_length("-w² - b²", over=over, start={w: 1, b: 1}, eta_max=1)
    assert "best undefined here, even undefined here" in down.evaluate()[-1]["text"]
    step = gradient_descent.sweep("floor(w) + b²", over=over, start={w: 0.5, b: 0.5})
    assert "2/λmax" not in "".join(part.get("text", "") for part in step.evaluate())
    out = gradient_descent.surface("w² − b⁴", over=over, start={w: 0.5, b: 0.5})
    said = words(out.evaluate())
    assert len(said) == 1 and "left at step" in said[0]
    for f, low, high, at in (("|w-1e6|", 1e6 - 1, 1e6 + 1, 1e6), ("w²+|w-1|", -1e6, 1e6, 1.0)):
        kink = slope.secant(f, low=low, high=high, start=at)
        shown = words(kink.evaluate())
        assert shown and shown[0].startswith("no tangent")

"""A path that leaves a region: when, where, and that one which comes back has not left."""

import numpy as np
import pytest
import sympy as sp

from gdlib.departure import Departure
from gdlib.live import evaluate, iterate
from gdlib.symbolic import eta, w


def departures(rates, reach=2.0, steps=12):
    """What Departure says of descents on a parabola, and what a loop finds."""
    for rate in rates:
        found = Departure(iterate({w: w - eta * w}, steps), {w: (-reach, reach)})
        at = {w: 1.5, eta: float(rate)}
        path = 1.5 * (1 - rate) ** np.arange(steps + 1.0)
        inside = np.flatnonzero(abs(path) <= reach)
        yield found, at, path, inside


def test_a_departure_is_the_step_after_the_last_one_inside():
    left = 0
    for found, at, path, inside in departures(np.linspace(-0.4, 3.2, 60)):
        gone, step = evaluate([sp.Piecewise((1, found.gone), (0, True)), found.step], at)
        assert bool(gone) == (abs(path[-1]) > 2)
        if gone:
            left += 1
            assert step == inside[-1] + 1
            (start,), (way,) = ([e.item() for e in evaluate(es, at)] for es in found.exit)
            assert start == pytest.approx(path[inside[-1]])
            assert abs(start + way) == pytest.approx(2)
            assert np.sign(way) == np.sign(path[inside[-1] + 1] - start)
        else:
            assert step > len(path) - 1
    assert 10 < left < 50


def test_a_path_that_comes_back_has_not_left():
    angle = sp.Symbol("angle", real=True)
    found = Departure(iterate({angle: angle + sp.pi / 4}, 8), {sp.cos(angle): (-0.9, 2)})
    gone, at_3 = evaluate(
        [sp.Piecewise((1, c), (0, True)) for c in (found.gone, found.left_by(5))], {angle: 0.0}
    )
    assert gone == at_3 == 0


def test_a_path_that_never_was_inside_does_not_leave():
    found = Departure(iterate({w: 2 * w}, 5), {w: (-1, 1)})
    gone, _ = evaluate([sp.Piecewise((1, found.gone), (0, True)), found.step], {w: 3.0})
    assert gone == 0


def test_a_step_into_no_number_leaves():
    found = Departure(iterate({w: sp.log(w)}, 5), {w: (-9, 9)})
    gone, step = evaluate([sp.Piecewise((1, found.gone), (0, True)), found.step], {w: 0.5})
    assert (gone, step) == (1, 2)

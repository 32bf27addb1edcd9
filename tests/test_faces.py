"""Python and the page compute the same, at the edges too: random expressions at special numbers."""

from __future__ import annotations

import os

import numpy as np
import pytest
import sympy as sp

from gdlib.live import LiveError, evaluate, supported
from tests.faces import SPECIAL, Expressions, a, b, in_javascript

SEEDS = range(40 if os.environ.get("FUZZ") else 1)
"""FUZZ is set by `make fuzz`."""


def apart(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Where two results differ by more than 1e-9; NaN and infinity equal themselves."""
    with np.errstate(all="ignore"):
        near = np.abs(found - expected) <= 1e-9 * np.maximum(1, np.abs(expected))
    return ~(near | (found == expected) | (np.isnan(found) & np.isnan(expected)))


def at_places(e: sp.Expr, places: np.ndarray) -> np.ndarray:
    """An expression in Python at pairs of a and b."""
    (found,) = evaluate([e], dict(zip((a, b), places.T, strict=True)))
    return np.broadcast_to(found, len(places))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of `limited`
@pytest.mark.parametrize("seed", SEEDS)
def test_random_expressions_are_the_same_in_both_faces(seed: int) -> None:
    drawn = Expressions(seed)
    expressions = drawn.draw(400)
    places = [drawn.places(8) for _ in expressions]
    different = []
    for e, at, page in zip(expressions, places, in_javascript(expressions, places), strict=True):
        here, beside = (at_places(e, np.array(at) * (1 + shift)) for shift in (0, 1e-13))
        # Where a hair of a difference in a and b changes the value, two right answers differ.
        off = apart(page, here) & ~apart(beside, here)
        if off.any():
            i = int(np.argmax(off))
            different.append(f"{e} at {at[i]}: {here[i]}, {page[i]}")
    assert different == []


@pytest.mark.parametrize(
    "e",
    [
        sp.Heaviside(a), sp.Heaviside(a, 0), sp.sign(a), 1 / sp.sign(a), sp.Mod(a, 360),
        sp.Mod(a, -3), sp.Mod(5, a), sp.cbrt(a), a ** sp.Rational(2, 3),
        (-3) ** sp.Rational(2, 3) * a, 1 / sp.sqrt(a), sp.sech(a), sp.csch(a), sp.coth(a),
        sp.asec(a), sp.acsc(a), sp.acot(a), sp.asech(a), sp.acsch(a), sp.acoth(a), sp.frac(a),
        sp.sinc(a), sp.erf(a), a**b, 1**a * b, sp.floor(a), sp.ceiling(a), sp.Max(a, b),
        sp.atan2(a, b), sp.Piecewise((1, a > b), (b, True)),
    ],
    ids=str,
)  # fmt: skip
def test_each_is_the_same_at_every_special_number(e) -> None:
    at = [(u, v) for u in SPECIAL for v in SPECIAL]
    (page,) = in_javascript([e], [at])
    off = apart(page, at_places(e, np.array(at)))
    assert [at[i] for i in np.flatnonzero(off)] == []


def test_erf_is_that_of_the_c_library() -> None:
    x = np.concatenate([np.linspace(-7, 7, 2001), 10.0 ** np.arange(-20, 1)])
    (here,) = evaluate([sp.erf(a)], {a: x})
    (page,) = in_javascript([sp.erf(a)], [[(v, 0.0) for v in x]])
    np.testing.assert_allclose(page, here, rtol=2e-15, atol=0)


@pytest.mark.parametrize(
    "e", [sp.gamma(a), sp.LambertW(a), sp.zeta(a), sp.Function("f")(a)], ids=str
)
def test_what_the_page_lacks_is_named(e) -> None:
    with pytest.raises(LiveError, match=f"{e.func.__name__} cannot be computed in the browser"):
        supported(sp.Piecewise((e, a > 0), (0, True)))

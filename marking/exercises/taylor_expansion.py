"""Chapter 3."""

from __future__ import annotations

import numpy as np
from sympy import Matrix, Rational, hessian, sin, symbols

from gdlib import taylor_expansion
from marking.exercise import HALF, Answer, Function, Variant, exercise, factor, normal

w, b = symbols("w b", real=True)

EVEN = "There the loss is as high as before the step; where is it lowest?"
BEST = "There the loss is lowest; where is it as high as before the step?"
FLAT = "That is the edge of the flat axis alone; which axis diverges first?"
DONE = "At that rate the steep axis is done in one step, and nothing diverges."


@exercise("ex-taylor-by-hand", p=range(2, 30), q=range(30, 60), w0=range(2, 10), b0=range(1, 10))
def by_hand(rng, p=1, q=4, w0=2, b0=1):
    """Gradient, Hessian and the three learning rates of a bowl."""
    loss, here = p * w**2 + q * b**2, {w: w0, b: b0}
    g = Matrix([loss.diff(w), loss.diff(b)]).subs(here)
    H = hessian(loss, (w, b))
    best = (g.T * g)[0] / (g.T * H * g)[0]
    return Variant(
        says=(f"$L(w, b) = {factor(p)}w^2 + {factor(q)}b^2$", f"At $({w0}, {b0})$"),
        answers=(
            Answer("g_w", "g_w", g[0], ((g[0] / 2, HALF),)),
            Answer("g_b", "g_b", g[1], ((g[1] / 2, HALF),)),
            Answer("H_ww", "H_{ww}", H[0, 0], ((H[0, 0] / 2, HALF), (g[0], "That is a slope."))),
            Answer("H_bb", "H_{bb}", H[1, 1], ((H[1, 1] / 2, HALF), (g[1], "That is a slope."))),
            Answer("best_eta", r"\eta_{\text{best}}", best, ((2 * best, EVEN),)),
            Answer("break_even_eta", r"\eta_{\text{break-even}}", 2 * best, ((best, BEST),)),
            Answer(
                "edge",
                r"\eta_{\text{edge}}",
                2 / max(H.eigenvals()),
                ((2 / min(H.eigenvals()), FLAT), (1 / max(H.eigenvals()), DONE)),
            ),
        ),
    )


@exercise("ex-taylor-lemma", p=range(2, 60))
def lemma(rng, p=4):
    """What the descent lemma promises, what comes, and where it ends."""
    return Variant(
        says=(rf"$L(w) = {p}(1 - \cos w)$", f"$M = {p}$"),
        answers=(
            Answer("promised", r"\text{promised fall}", Rational(p, 2)),
            Answer("fallen", r"\text{fall}", p * sin(1)),
            Answer("end", r"\text{last rate}", Rational(2, p)),
        ),
    )


def _bowl(rng, n):
    """A random symmetric matrix with positive eigenvalues."""
    A = normal(rng, n, n)
    return A @ A.T + np.eye(n)


@exercise("ex-taylor-in-code")
def in_code(rng):
    """Descent with the best learning rate at every step."""

    def exact_line_search(H, w0, steps):
        w = np.array(w0, float)
        for _ in range(steps):
            g = H @ w
            w = w - taylor_expansion.best_eta(g, H) * g
        return w

    calls = [(_bowl(rng, n), normal(rng, n), steps) for n, steps in ((2, 3), (2, 1), (3, 5))]
    return Variant(functions=(Function(exact_line_search, calls),))


@exercise("ex-taylor-slider")
def slider(rng):
    """A step that gains past the edge."""
    return Variant(review=None)


@exercise("ex-taylor-bug")
def bug(rng):
    """The trace in place of the largest eigenvalue."""

    def fixed_edge(H):
        return taylor_expansion.largest_stable_eta(H)

    calls = [(_bowl(rng, n),) for n in (2, 3, 5)] + [(np.diag([3.0, -2.0]),)]
    return Variant(
        functions=(Function(fixed_edge, calls),),
        hand_in="Hand in the right edge as `fixed_edge(H)`, and your two Hessians in words.",
        review=1,
    )

"""Chapter 6."""

from __future__ import annotations

from functools import cache

from sympy import Integer, Rational, diff, symbols

from gdlib import gradient_descent
from gdlib.playground import Playground
from marking.exercise import Answer, Function, Variant, exercise, factor, formula

w = symbols("w", real=True)


UPHILL = "That step goes uphill."
NO_VELOCITY = "That is the second step without momentum."
VELOCITY = "That is the second step with momentum."


@exercise(
    "ex-descent-by-hand",
    c=range(2, 6),
    w0=range(2, 30),
    eta_tenths=range(1, 4),
    beta_tenths=range(2, 10),
)
def by_hand(rng, c=1, w0=1, eta_tenths=1, beta_tenths=5):
    """Two steps of momentum, and two of plain descent."""
    eta, beta = Rational(eta_tenths, 10), Rational(beta_tenths, 10)
    slope, path, plain, v = diff(c * w**2, w), [Rational(w0)], [Rational(w0)], Rational(0)
    for _ in range(2):
        v = beta * v + slope.subs(w, path[-1])
        path.append(path[-1] - eta * v)
        plain.append(plain[-1] - eta * slope.subs(w, plain[-1]))
    return Variant(
        says=(
            f"$L = {factor(c)}w^2$ from $w = {w0}$",
            rf"$\eta = {float(eta)}$ and $\beta = {float(beta)}$",
        ),
        answers=(
            Answer("w_1", r"w_1 \text{ with momentum}", path[1], ((2 * w0 - path[1], UPHILL),)),
            Answer("w_2", r"w_2 \text{ with momentum}", path[2], ((plain[2], NO_VELOCITY),)),
            Answer("plain_2", r"w_2 \text{ without}", plain[2], ((path[2], VELOCITY),)),
        ),
    )


@exercise("ex-descent-pair", low=range(1, 6), high=range(6, 12))
def pair(rng, low=1, high=3):
    """The best rate without momentum, and the best pair with it; curvatures are squares."""
    plain = Rational(2, low**2 + high**2)
    share = Rational(high - low, high + low)
    return Variant(
        says=(f"the curvatures {low**2} and {high**2}",),
        answers=(
            Answer("eta_plain", r"\eta \text{ without}", plain),
            Answer("factor_plain", r"\text{factor without}", 1 - plain * low**2),
            Answer("eta_pair", r"\eta \text{ with}", Rational(2, low + high) ** 2),
            Answer("beta_pair", r"\beta", share**2),
            Answer("factor_pair", r"\text{factor with}", share),
        ),
    )


@exercise("ex-descent-decay", at=range(2, 40), mu=range(1, 5), eta_tenths=range(1, 3))
def decay(rng, at=6, mu=2, eta_tenths=1):
    """Where weight decay moves a minimum, and what it takes of a weight."""
    return Variant(
        says=(
            rf"$L = \frac12 (w - {at})^2$",
            rf"$\mu = {mu}$",
            rf"$\eta = {eta_tenths / 10}$",
        ),
        answers=(
            Answer("minimum", r"w \text{ at the minimum}", Rational(at, 1 + mu)),
            Answer("kept", r"\text{factor of a step}", 1 - Rational(eta_tenths * mu, 10)),
        ),
    )


@exercise("ex-descent-in-code")
def in_code(rng):
    """A sweep of the learning rate, which is an experiment and its report."""
    return Variant(hand_in="Hand in your code, and the answer in two sentences.", review=None)


@exercise("ex-descent-slider")
def slider(rng):
    """The trembling of single rows."""
    return Variant(review=None)


@cache
def _steps_until(loss, optimizer, seed):
    """How many steps the playground's spirals need until their loss is below this."""
    spirals = {"data": "spirals", "classes": 2, "noise": 0.05, "layers": "8.tanh_8.tanh"}
    ours = Playground(**spirals, eta=0.1, optimizer=optimizer, seed=seed)
    while ours.loss() >= loss:
        ours.step()
    return Integer(ours.steps)


@exercise("ex-descent-playground", seed=(0, 1, 2, 4, 5, 6, 7, 8, 9))
def what_momentum_saves(rng, seed=0):
    """Steps that the playground needs, with momentum and without."""
    plain, faster = (_steps_until(0.1, name, seed) for name in ("descent", "momentum"))
    return Variant(
        says=(f"from seed {seed}", f"seed={seed})"),
        answers=(
            Answer("plain", r"t \text{ of plain descent}", plain),
            Answer("faster", r"t \text{ with momentum}", faster),
        ),
    )


@exercise("ex-descent-bug")
def bug(rng):
    """Adam without its two corrections."""

    def fixed_adam(grad, w, eta, steps):
        return gradient_descent.adam(grad, w, eta, steps)[-1]

    k = round(float(rng.uniform(0.5, 1.5)), 2)
    calls = [
        (formula("w: 2 * w"), 1.0, 0.01, 1),
        (formula(f"w: 2 * {k} * w"), 1.0, 0.01, 7),
        (formula(f"w: w**3 - {k} * w"), 2.0, 0.1, 20),
        (formula(f"w: np.sin(w) + {k}"), 0.3, 0.05, 3),
    ]
    return Variant(
        functions=(Function(fixed_adam, calls),),
        hand_in="Hand in the right Adam as `fixed_adam(grad, w, eta, steps)`, and your sentence "
        "about the first step.",
        review=1,
    )

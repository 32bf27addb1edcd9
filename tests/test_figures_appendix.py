"""The numbers in the appendices' figures, against gdlib's NumPy functions and closed forms."""

from functools import cache

import numpy as np
import pytest
import sympy as sp

from gdlib import activation_functions, gradient_descent, symbolic
from gdlib.efficient_backprop import Network
from gdlib.figures import activation_functions as units
from gdlib.figures import universal_approximation as figures
from gdlib.live import LiveError
from gdlib.symbolic import a, b, eta, w, x
from gdlib.symbolic_training import spread_start
from tests.live_page import sentences

SIGMOID = symbolic.sigmoid(a)
FUNCTIONS = {name: g(a) for name, g in symbolic.ACTIVATIONS.items()}
WAVE = sp.Rational(1, 2) + sp.sin(6 * x) / 3 + x / 5
wave = sp.lambdify(x, WAVE)


@cache
def activations(steps=100):
    return units.activations(FUNCTIONS, steps=steps)


@cache
def tower():
    return figures.tower(SIGMOID)


def readouts(live, values=None):
    return sentences(live.evaluate(values))


def images(live, values=None):
    return [part["value"] for part in live.evaluate(values) if "value" in part]


@pytest.mark.parametrize("number, name", list(enumerate(FUNCTIONS)))
def test_activations_show_functions_and_derivatives_of_gdlib(number, name):
    live = activations()
    g, derivative = activation_functions.ACTIVATIONS[name]
    grid = np.linspace(-10, 10, 161)  # as far as w + b goes
    at = {units._chosen: number, w: 1.25, b: -0.75}
    first, second, *_ = live.evaluate(at)
    assert first["y"] == pytest.approx(g(grid), abs=1e-12)
    assert second["y"] == pytest.approx(derivative(grid), abs=1e-12)
    expected = [0.5, g(np.float64(0.5)), derivative(np.float64(0.5))]
    assert readouts(live, at)[0]["values"] == pytest.approx(expected)


@pytest.mark.parametrize("number, name", list(enumerate(FUNCTIONS)))
def test_a_unit_descends_as_gdlib_does(number, name):
    live = activations(steps=30)
    g, derivative = activation_functions.ACTIVATIONS[name]

    def grad(v):
        score = v.sum()
        return np.full(2, 2 * (g(score) - 0.3) * derivative(score))

    path = gradient_descent.descend(grad, np.array([1.5, 0.25]), 0.1, 30)
    losses = [float((g(p.sum()) - 0.3) ** 2) for p in path]
    at = {units._chosen: number, w: 1.5, b: 0.25, units._target: 0.3, eta: 0.1}
    assert readouts(live, at)[1]["values"] == pytest.approx([losses[0], losses[-1]], rel=1e-9)


def test_a_relu_dies_of_one_step_too_long_and_a_leaky_one_does_not():
    live = activations()
    names = list(FUNCTIONS)
    at = {w: 1.0, b: 0.5, units._target: 0.2, eta: 0.3}
    dead = readouts(live, at | {units._chosen: names.index("relu")})[1]["values"]
    alive = readouts(live, at | {units._chosen: names.index("leaky_relu")})[1]["values"]
    assert dead[1] == pytest.approx(0.2**2)
    assert alive[1] < 1e-2 * dead[1]


def test_a_bump_is_the_difference_of_two_units():
    live = figures.bump(SIGMOID)
    sigmoid = activation_functions.sigmoid
    at = {w: 50.0, figures._left: 0.2, figures._right: 0.7, figures._height: -0.8}
    grid = np.linspace(0, 1, 241)
    first, second, both, *_ = live.evaluate(at)
    assert first["y"] == pytest.approx(sigmoid(50 * (grid - 0.2)))
    assert second["y"] == pytest.approx(sigmoid(50 * (grid - 0.7)))
    assert both["y"] == pytest.approx(-0.8 * (first["y"] - second["y"]))
    biases, middle = readouts(live, at)
    assert biases["values"] == pytest.approx([-10, -35])
    assert middle["values"] == pytest.approx([-0.8 * np.tanh(50 * 0.5 / 4), -0.8])


@pytest.mark.parametrize("n", [1, 2, 7, 20])
@pytest.mark.parametrize("steepness", [20.0, 1000.0])
def test_a_sum_of_bumps_is_built_of_sigmoids(n, steepness):
    live = figures.sum_of_bumps(WAVE)
    grid = np.linspace(0, 1, 241)
    edges = np.linspace(0, 1, n + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    edges[0], edges[-1] = -1 / n, 1 + 1 / n
    steps = activation_functions.sigmoid(steepness * (grid[:, None] - edges))
    expected = (steps[:, :-1] - steps[:, 1:]) @ wave(middles)
    at = {figures._n: n, w: steepness}
    network, dots, *_ = live.evaluate(at)
    assert network["y"] == pytest.approx(expected, abs=1e-12)
    assert dots["x"][:n] == pytest.approx(middles)
    assert np.isnan(dots["x"][n:]).all()
    largest = np.abs(expected - wave(grid)).max()
    assert readouts(live, at)[0]["values"] == pytest.approx([n, 2 * n, largest])


def test_twice_the_stairs_have_half_the_error():
    live = figures.sum_of_bumps(WAVE)
    slope = np.abs(np.gradient(wave(np.linspace(0, 1, 1001)), 1e-3)).max()
    errors = [readouts(live, {figures._n: n})[1]["values"][0] for n in (5, 10, 20)]
    for n, error in zip((5, 10, 20), errors, strict=True):
        assert 0.7 * slope / (2 * n) < error < 1.01 * slope / (2 * n)
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.1)


def test_a_tower_stands_where_both_bumps_do():
    live = tower()
    at = {w: 200.0, figures._width: 0.4, figures._tau: 1.5, figures._sharp: 50.0}
    cross, kept = images(live, at)
    grid = (np.arange(60) + 0.5) / 60
    within = np.abs(grid - 0.5) < 0.2
    clear = np.abs(np.abs(grid - 0.5) - 0.2) > 0.03
    area = np.ix_(clear, clear)
    expected = within[:, None].astype(float) + within
    assert cross[area] == pytest.approx(expected[area], abs=0.01)
    assert kept[area] == pytest.approx((expected[area] == 2).astype(float), abs=1e-6)


@pytest.mark.parametrize("tau, arm, corner", [(0.5, 1, 0), (1.5, 0, 0)])
def test_the_threshold_decides_what_is_kept(tau, arm, corner):
    live = tower()
    at = {w: 200.0, figures._tau: tau, figures._sharp: 50.0}
    assert readouts(live, at)[1]["values"] == pytest.approx([1, arm, corner], abs=1e-9)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_the_trained_network_walks_as_momentum_on_gdlibs_network_does(decay):
    hidden, steps = 3, 6
    live = figures.trained(sp.sin(3 * x), hidden=hidden, rows=15, steps=steps, per_step=4)
    X = np.round(np.linspace(-1, 1, 15), 6)[:, None]
    truth = np.sin(3 * np.linspace(-1, 1, 15))
    y = np.round(truth / np.abs(truth).max(), 6)

    def network(v):
        W1, b1, W2, b2 = np.split(v, np.cumsum([hidden, hidden, hidden]))
        pairs = [(W1[None, :], b1), (W2[:, None], b2)]
        return Network.from_weights(pairs, hidden="tanh", output="linear")

    def grad(v):
        return np.concatenate([g.ravel() for pair in network(v).gradients(X, y) for g in pair])

    net = symbolic.network((1, hidden, 1), output="linear")
    start = np.array(list(spread_start(net, 0).values()))
    path = gradient_descent.momentum(grad, start, 0.04, 4 * steps, beta=decay)
    for t in (0, 2, steps):
        at = {eta: 0.04, symbolic.beta: decay, figures._t: 4 * t}
        updates, parameters, loss = readouts(live, at)[0]["values"]
        assert (updates, parameters) == (4 * t, 10)
        assert loss == pytest.approx(network(path[4 * t]).loss(X, y), rel=1e-9)
    grid = np.linspace(-1, 1, 121)
    output = live.evaluate(at)[hidden]["y"]
    expected = np.abs(truth).max() * network(path[-1]).scores(grid[:, None])[:, 0]
    assert output == pytest.approx(expected, abs=1e-9)


def test_the_trained_network_learns_the_wave():
    live = figures.trained(sp.sin(3 * x), steps=100, per_step=5)
    before = readouts(live, {figures._t: 0})[0]["values"][-1]
    after = readouts(live, {figures._t: 500})[0]["values"][-1]
    assert before > 0.1
    assert after < 1e-4


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: units.activations([]), "dict of names and expressions"),
        (lambda: units.activations({"odd": a * b}), "'odd'\\] has the symbols a, b"),
        (lambda: units.activations(FUNCTIONS, start="swish"), "start is 'swish'"),
        (lambda: units.activations(FUNCTIONS, reach=-1), "reach = -1: expected"),
        (lambda: figures.bump(a * b), "g has the symbols a, b"),
        (lambda: figures.bump(SIGMOID, low=1, high=0), "must be below the second"),
        (lambda: figures.sum_of_bumps(1 / x), "not defined everywhere"),
        (lambda: figures.sum_of_bumps(x, bumps=21), "at most 20"),
        (lambda: figures.sum_of_bumps("x +"), "a bracket is missing"),
        (lambda: figures.tower(sp.Integer(1)), "a constant"),
        (lambda: figures.trained(sp.log(x)), "not defined everywhere"),
        (
            lambda: figures.trained(x, hidden=40),
            "hidden = 40: expected a whole number from 1 to 12",
        ),
    ],
)
def test_wrong_input_is_answered_with_a_sentence(call, words):
    with pytest.raises(LiveError, match=words):
        call()

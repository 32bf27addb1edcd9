"""Networks that train in a page: by matrices, in both faces, as the library trains them."""

from itertools import product

import numpy as np
import pytest
import sympy as sp

from gdlib import activation_functions, gradient_descent, symbolic
from gdlib.deep_signal import DeepSignal
from gdlib.efficient_backprop import Network
from gdlib.live import Batches, LiveError, Mesh, evaluate, generator, in_numpy
from gdlib.slope import check_gradient
from gdlib.symbolic import ACTIVATIONS, MATRIX_OUTPUTS, OPTIMIZERS, eta
from gdlib.symbolic_training import (
    HeldOut,
    finite_losses,
    forward,
    recorded_loss,
    there_and_back,
    training_path,
    wide_start,
)
from tests.node import in_page, page_values

HIDDEN = {0: (), 1: (4,), 2: (3, 4), 3: (2, 3, 2), 4: (3, 2, 3, 2)}
CONSTANTS = {
    symbolic.beta: sp.Float(0.9),
    symbolic.beta_1: sp.Float(0.9),
    symbolic.beta_2: sp.Float(0.999),
    symbolic.epsilon: sp.Float(1e-8),
}


def task(network, n, rng):
    """Inputs and one-hot labels, and as columns."""
    K = len(network.labels)
    inputs, labels = rng.normal(size=(n, network.sizes[0])), np.eye(K)[rng.integers(0, K, n)]
    columns = dict(zip([*network.inputs, *network.labels], [*inputs.T, *labels.T], strict=True))
    return inputs, labels, columns


def library(network, values):
    """The library's network with these values of all parameters."""
    at = dict(zip(network.parameters, values, strict=True))
    pairs = [
        (np.array(W.applyfunc(at.get), float), np.array([float(at[s]) for s in b]))
        for W, b in zip(network.weights, network.biases, strict=True)
    ]
    hidden = network.activations or ["tanh"]
    return Network.from_weights(pairs, hidden=hidden, output=network.output)


def flat(pairs):
    return np.concatenate([np.ravel(v) for pair in pairs for v in pair])


def in_python(expressions, at):
    return np.array(
        [v.item() for v in evaluate(expressions, {s: np.array(v) for s, v in at.items()})]
    )


def apart(found, expected):
    """How far two results are apart, in shares of their size or absolutely; NaN equals itself."""
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(all="ignore"):
        return np.where(same, 0, np.abs(found - expected) / np.maximum(1, np.abs(expected))).max()


@pytest.mark.parametrize("output", MATRIX_OUTPUTS)
@pytest.mark.parametrize("depth", HIDDEN)
def test_two_steps_from_fifty_states_are_the_same_in_both_faces(depth, output):
    """Every activation and K; the rules by turns, so that each meets every other choice."""
    tasks, ours = [], []
    for (number, hidden), K in product(enumerate(ACTIVATIONS), range(2, 6)):
        network = symbolic.network((2, *HIDDEN[depth], K), hidden=hidden, output=output)
        rng = np.random.default_rng([depth, K])
        _, _, columns = task(network, 6, rng)
        rule = [*OPTIMIZERS][(number + K + depth + [*MATRIX_OUTPUTS].index(output)) % 4]
        start = {s: s for s in network.parameters}
        path = training_path(network, columns, 1, start, rule, CONSTANTS, decay=sp.Float(0.01))
        wanted = [path.at(2, s) for s in (*network.parameters, recorded_loss)]
        symbols = [*network.parameters, eta]
        places = np.column_stack(
            [rng.normal(size=(50, len(network.parameters))), rng.uniform(0.01, 0.5, 50)]
        )
        tasks.append((wanted, symbols, places))
        ours.append([in_python(wanted, dict(zip(symbols, p, strict=True))) for p in places])
    for (_, symbols, _), theirs, expected in zip(tasks, in_page(tasks), ours, strict=True):
        assert apart(theirs, np.array(expected)) < 1e-9, symbols


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("output", MATRIX_OUTPUTS)
@pytest.mark.parametrize("depth", [0, 1, 2, 4])
def test_training_is_that_of_the_library_in_both_faces(depth, output, hidden):
    network = symbolic.network((3, *HIDDEN[depth], 3), hidden=hidden, output=output)
    rng = np.random.default_rng(depth)
    inputs, labels, columns = task(network, 9, rng)
    first = rng.normal(size=len(network.parameters))
    start = dict(zip(network.parameters, map(sp.Float, first), strict=True))
    path = training_path(network, columns, 3, start)
    wanted = [path.at(3, p) for p in network.parameters]
    wanted += [path.at(k + 1, recorded_loss) for k in range(3)]
    trained = library(network, first)
    history = trained.train(inputs, labels, 0.1, 3)
    expected = np.concatenate([flat(trained.layers), history.loss])
    np.testing.assert_allclose(in_python(wanted, {eta: 0.1}), expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(page_values(wanted, {eta: 0.1}), expected, rtol=1e-9, atol=1e-12)


def reference(network, inputs, labels, first, rule, steps, decay):
    """A rule of `gradient_descent` with decay: in the gradient, but past the rule for Adam."""
    weights = flat([(np.ones(W.shape), np.zeros(len(b))) for W, b in
                    zip(network.weights, network.biases, strict=True)])  # fmt: skip

    def gradient(row, rate=0.0 if rule == "Adam" else decay):
        return flat(library(network, row).gradients(inputs, labels)) + rate * weights * row

    function = {"descent": "descend", "Nesterov": "nesterov", "Adam": "adam"}.get(rule, rule)
    if rule != "Adam" or not decay:
        return getattr(gradient_descent, function)(gradient, first, 0.05, steps)[-1]
    # AdamW: what Adam does, and η · decay of the weight, from the same place.
    w, m, v = first, 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        w = w - 0.05 * step - 0.05 * decay * weights * w
    return w


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_every_rule_is_that_of_gradient_descent_with_decay_too(rule, decay):
    network = symbolic.network((2, 3, 2))
    rng = np.random.default_rng(1)
    inputs, labels, columns = task(network, 9, rng)
    first = rng.normal(size=len(network.parameters))
    start = dict(zip(network.parameters, map(sp.Float, first), strict=True))
    path = training_path(network, columns, 100, start, rule, CONSTANTS, decay=decay)
    wanted = [path.at(100, p) for p in network.parameters]
    expected = reference(network, inputs, labels, first, rule, 100, decay)
    np.testing.assert_allclose(in_python(wanted, {eta: 0.05}), expected, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(page_values(wanted, {eta: 0.05}), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [4, 3, 20])
def test_batches_are_those_of_the_generator(size):
    """Of nine rows, the last batch shorter or not."""
    network = symbolic.network((2, 4, 3))
    rng = np.random.default_rng(2)
    inputs, labels, columns = task(network, 9, rng)
    pairs = [(generator.normals(5, k, W.shape), np.zeros(len(b))) for k, (W, b) in
             enumerate(zip(network.weights, network.biases, strict=True))]  # fmt: skip
    trained = Network.from_weights(pairs)
    start = dict(zip(network.parameters, map(sp.Float, flat(trained.layers)), strict=True))
    batches = Batches(sp.Symbol("rows", integer=True, positive=True), size, seed=7)
    path = training_path(network, columns, 10, start, batches=batches)
    wanted = [path.at(10, p) for p in network.parameters]
    wanted += [path.at(k + 1, recorded_loss) for k in range(10)]
    losses = []
    for k in range(10):
        rows = generator.batch(k, 9, size, 7)
        losses += [*trained.train(inputs[rows], labels[rows], 0.2, 1).loss]
    expected = np.concatenate([flat(trained.layers), losses])
    np.testing.assert_allclose(in_python(wanted, {eta: 0.2}), expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(page_values(wanted, {eta: 0.2}), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("output", MATRIX_OUTPUTS)
def test_gradients_pass_the_check(output):
    """A step of η = 1 takes the gradient away."""
    network = symbolic.network((2, 3, 2), hidden="softplus", output=output)
    rng = np.random.default_rng(4)
    inputs, labels, columns = task(network, 5, rng)
    path = training_path(network, columns, 1, {s: s for s in network.parameters})
    wanted = [s - path.at(1, s) for s in network.parameters]

    def gradient(row):
        return in_python(wanted, dict(zip((*network.parameters, eta), (*row, 1.0), strict=True)))

    first = rng.normal(size=len(network.parameters))
    assert (
        check_gradient(lambda row: library(network, row).loss(inputs, labels), gradient, first)
        < 1e-7
    )


def test_a_divergence_is_dated_as_the_library_dates_it():
    network = symbolic.network((2, 3, 2), hidden="relu", output="linear")
    rng = np.random.default_rng(3)
    inputs, labels, columns = task(network, 9, rng)
    first = rng.normal(size=len(network.parameters))
    start = dict(zip(network.parameters, map(sp.Float, first), strict=True))
    path = training_path(network, columns, 200, start)
    for rate in (0.01, 2.0, 5.0):
        trained = library(network, first)
        if rate > 1:
            with pytest.warns(RuntimeWarning, match="diverged"):
                history = trained.train(inputs, labels, rate, 201)
        else:
            history = trained.train(inputs, labels, rate, 201)
        expected = 201 if history.diverged_at is None else history.diverged_at
        assert in_python([path.last(finite_losses)], {eta: rate}) == [expected]
        assert page_values([path.last(finite_losses)], {eta: rate}) == [expected]


@pytest.mark.parametrize("output", MATRIX_OUTPUTS)
def test_scores_too_large_for_a_power_have_the_loss_of_the_library(output):
    network = symbolic.network((1, 2), output=output)
    inputs, labels = np.array([[1000.0], [-1000.0], [3.0]]), np.eye(2)[[0, 0, 1]]
    columns = dict(zip([*network.inputs, *network.labels], [*inputs.T, *labels.T], strict=True))
    values = [1.5, -1.0, 0.0, 0.0]
    start = dict(zip(network.parameters, values, strict=True))
    path = training_path(network, columns, 1, {s: sp.Float(v) for s, v in start.items()})
    expected = library(network, values).loss(inputs, labels)
    for found in (in_python, page_values):
        np.testing.assert_allclose(found([path.at(1, recorded_loss)], {eta: 0.1}), expected)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_activations_and_their_slopes_hold_at_the_ends_of_the_floats(hidden):
    """The step from a hidden unit that receives ±800: no power of it is a float."""
    network = symbolic.network((1, 1, 2), hidden=hidden)
    inputs, labels = np.array([[800.0], [-800.0]]), np.eye(2)[[0, 1]]
    columns = dict(zip([*network.inputs, *network.labels], [*inputs.T, *labels.T], strict=True))
    values = [1.0, 0.0, 0.5, -0.5, 0.0, 0.0]
    start = dict(zip(network.parameters, map(sp.Float, values), strict=True))
    path = training_path(network, columns, 1, start)
    trained = library(network, values)
    trained.train(inputs, labels, 0.1, 1)
    for found in (in_python, page_values):
        moved = found([path.at(1, s) for s in network.parameters], {eta: 0.1})
        np.testing.assert_allclose(moved, flat(trained.layers), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("sizes", [(2, 3), (2, 4, 3), (2, 3, 4, 2), (1, 1, 2), (2, 1, 1, 3)])
def test_a_pass_has_the_values_and_deltas_of_the_library(sizes):
    network = symbolic.network(sizes)
    rng = np.random.default_rng(6)
    values = {s: float(rng.normal()) for s in (*network.parameters, *network.inputs)}
    values |= dict(zip(network.labels, np.eye(sizes[-1])[1], strict=True))
    made, after = there_and_back(network, {s: sp.Float(v) for s, v in values.items()})
    one, truth = [[values[s] for s in network.inputs]], [1]
    net = library(network, [values[s] for s in network.parameters])
    activations = net.forward(one)
    (*_, last) = net.gradients(one, truth)
    expected = [*np.ravel(activations.h[-1]), *net.predict(one).ravel(), net.loss(one, truth)]
    expected += [*last[1]]
    inputs = made.here.inputs[-1]
    h = made.rows.row(inputs) if len(sizes) > 2 else [values[s] for s in network.inputs]
    wanted = [*h, *made.rows.row(made.here.prediction), made.rows.entry(made.here.loss, 0)]
    wanted += made.rows.row(made.here.deltas[-1])
    wanted.append(made.rows.entry(after.loss, 0))
    net.train(one, truth, 0.3, 1)
    expected.append(net.loss(one, truth))
    for found in (in_python, page_values):
        np.testing.assert_allclose(
            found(list(map(sp.sympify, wanted)), {eta: 0.3}), expected, rtol=1e-12
        )


def test_the_way_forward_over_pixels_is_that_of_the_library():
    network = symbolic.network((2, 3, 2))
    values = np.random.default_rng(8).normal(size=len(network.parameters))
    places = Mesh(np.linspace(-1, 1, 3), np.linspace(0, 2, 4))
    weights = dict(zip(network.parameters, map(sp.Float, values), strict=True))
    made = forward(network, weights, places)
    wanted = [made.rows.entry(made.here.prediction, j, i) for i, j in product(range(12), range(2))]
    expected = library(network, values).predict(places.values({})).ravel()
    for found in (in_python, page_values):
        np.testing.assert_allclose(found(wanted, {eta: 0.1}), expected, rtol=1e-12)


def test_held_out_data_are_evaluated_at_every_step_and_the_lowest_is_kept():
    network = symbolic.network((1, 4, 1), output="linear")
    rng = np.random.default_rng(2)
    rows = [(rng.uniform(-1, 1, n), rng.normal(size=n)) for n in (5, 7)]
    columns = [dict(zip((*network.inputs, *network.labels), pair, strict=True)) for pair in rows]
    other = HeldOut("other", columns[1])
    start = wide_start(network, 3)
    path = training_path(network, columns[0], 40, start, held_out=[other])
    trained, losses = library(network, [start[s] for s in network.parameters]), []
    for _ in range(41):
        losses.append(trained.loss(rows[1][0][:, None], rows[1][1]))
        trained.train(rows[0][0][:, None], rows[0][1], 0.2, 1)
    wanted = [path.at(t + 1, other.loss) for t in range(41)]
    wanted += [path.last(other.lowest), path.last(other.best)]
    expected = [*losses, min(losses), np.argmin(losses)]
    for found in (in_python, page_values):
        np.testing.assert_allclose(found(wanted, {eta: 0.2}), expected, rtol=1e-9)


def test_a_page_can_draw_the_start_that_it_is_sent():
    """The same numbers as `live.Normals` in a page."""
    network = symbolic.network((1, 5, 1), output="linear")
    values = [float(v) for v in wide_start(network, 4).values()]
    np.testing.assert_array_equal(values[:5], 3 * generator.normals(4, 0, (5,)))
    np.testing.assert_array_equal(values[5:10], 2 * generator.normals(4, 1, (5,)))


@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_the_signal_of_a_deep_network_is_that_of_numpy(name):
    gain, seed = sp.symbols("gain seed", real=True)
    made = DeepSignal(ACTIVATIONS[name], 4, 5, 6, gain, seed)
    g, slope = activation_functions.ACTIVATIONS[name]
    at = {gain: 1.7, seed: 3}
    W = [np.sqrt(1.7 / 5) * generator.normals(3, k, (5, 5)) for k in range(1, 5)]
    a, h = [], generator.normals(3, 0, (6, 5))
    for matrix in W:
        a.append(h @ matrix)
        h = g(a[-1])
    back, backward = generator.normals(3, 5, (6, 5)), []
    for k in (3, 2, 1, 0):
        backward.insert(0, np.mean(back**2))
        back = (back * slope(a[k])) @ W[k].T
    expected = [*(np.mean(v**2) for v in a), *backward]
    for found in (in_python, page_values):
        np.testing.assert_allclose(found([*made.forward, *made.backward], at), expected, rtol=1e-11)


def test_labels_that_are_no_classes_and_columns_of_other_lengths_are_refused():
    network = symbolic.network((1, 2, 2))
    start = dict.fromkeys(network.parameters, sp.S.Zero)
    names = [*network.inputs, *network.labels]
    with pytest.raises(LiveError, match="the labels of a row do not add up to 1"):
        training_path(network, dict(zip(names, [[1, 2], [1, 0], [1, 1]], strict=True)), 3, start)
    with pytest.raises(LiveError, match=r"the columns have the shapes \[\(2,\), \(3,\)\]"):
        columns = [[1, 2, 3], [1, 0], [0, 1]]
        training_path(network, dict(zip(names, columns, strict=True)), 3, start)


@pytest.mark.parametrize("g", [lambda a: a / (1 + sp.exp(-a)), lambda a: sp.exp(-(a**2))])
def test_the_slope_of_any_activation_is_found(g):
    a = sp.Symbol("a", real=True)
    A, H = sp.MatrixSymbol("A", 1, 1), sp.MatrixSymbol("H", 1, 1)
    at = {A: np.array([[0.7]]), H: np.array([[float(g(0.7))]])}
    found = in_numpy(symbolic.slopes(g, A, H), at)
    assert found.item() == pytest.approx(float(sp.diff(g(a), a).subs(a, 0.7)))

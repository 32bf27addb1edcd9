"""The network: gradients by SymPy and PyTorch, published steps, symmetries, training, bad input."""

import tracemalloc

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gdlib import loss_functions, symbolic
from gdlib.activation_functions import ACTIVATIONS
from gdlib.data import load_digits, split
from gdlib.efficient_backprop import (
    OUTPUTS,
    History,
    Layer,
    Network,
    hidden_delta,
    output_delta,
    weight_gradient,
)
from gdlib.slope import numerical_gradient

NAMES = sorted(OUTPUTS)


def sample(output, n, d, K, rng):
    X = rng.normal(size=(n, d))
    y = np.eye(K)[rng.integers(0, K, n)] if output == "softmax" else rng.uniform(size=(n, K))
    return X, y


def with_biases(net, rng):
    """The same network with non-zero biases, so that leaving them out shows."""
    pairs = [(W, rng.normal(size=b.shape)) for W, b in net.layers]
    return Network.from_weights(pairs, net.hidden, net.output)


def flat(pairs):
    return np.concatenate([np.ravel(v) for pair in pairs for v in pair])


def unflat(row, like):
    sizes = np.cumsum([v.size for pair in like for v in pair])[:-1]
    parts = iter(np.split(row, sizes))
    return [(next(parts).reshape(W.shape), next(parts).reshape(b.shape)) for W, b in like]


# --- gradients -------------------------------------------------------------------------------


@pytest.mark.parametrize("output", NAMES)
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_gradients_are_what_sympy_derives_from_the_loss(hidden, output):
    """A 2-3-2 network with a symbol for every weight, the mean over three samples."""
    rng = np.random.default_rng(3)
    net = with_biases(Network.random((2, 3, 2), hidden, output, rng=rng), rng)
    X, y = sample(output, 3, 2, 2, rng)
    theirs = symbolic.network((2, 3, 2), hidden, output)
    derivatives = [sp.diff(theirs.loss, v) for v in theirs.parameters]
    arguments = [*theirs.inputs, *theirs.labels, *theirs.parameters]
    evaluate = sp.lambdify(arguments, [theirs.loss, *derivatives, *theirs.prediction], cse=True)
    rows = np.array([evaluate(*x, *t, *flat(net.layers)) for x, t in zip(X, y, strict=True)])
    assert net.loss(X, y) == pytest.approx(rows[:, 0].mean(), rel=1e-12)
    np.testing.assert_allclose(flat(net.gradients(X, y)), rows[:, 1:-2].mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(net.predict(X), rows[:, -2:], rtol=1e-12)


@pytest.mark.parametrize("output", NAMES)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    n=st.integers(1, 4),
    hidden=st.lists(st.sampled_from(["tanh", "sigmoid", "softplus", "identity"]), min_size=3),
    seed=st.integers(0, 99),
)
def test_gradients_are_the_difference_quotients_at_any_depth(output, sizes, n, hidden, seed):
    rng = np.random.default_rng(seed)
    names = hidden[: len(sizes) - 2]
    net = with_biases(Network.random(sizes, names, output, rng=rng), rng)
    X, y = sample(output, n, sizes[0], sizes[-1], rng)

    def loss(row):
        return Network.from_weights(unflat(row, net.layers), names, output).loss(X, y)

    expected = numerical_gradient(loss, flat(net.layers))
    np.testing.assert_allclose(flat(net.gradients(X, y)), expected, atol=1e-8)


@pytest.mark.parametrize("output", NAMES)
@pytest.mark.parametrize("hidden", ["tanh", "relu", "leaky_relu", "sigmoid", "softplus"])
def test_loss_and_gradients_are_pytorchs(hidden, output, torch):
    rng = np.random.default_rng(1)
    net = with_biases(Network.random((4, 5, 6, 3), hidden, output, rng=rng), rng)
    X, y = sample(output, 7, 4, 3, rng)
    F = torch.nn.functional
    loss_of = {
        "softmax": lambda A, t: F.cross_entropy(A, t),
        "sigmoid": lambda A, t: F.binary_cross_entropy_with_logits(A, t, reduction="sum") / 7,
        "linear": lambda A, t: ((A - t) ** 2).sum() / 7,
        "sigmoid_squared": lambda A, t: ((torch.sigmoid(A) - t) ** 2).sum() / 14,
    }[output]
    weights = [torch.tensor(v, requires_grad=True) for pair in net.layers for v in pair]
    h = torch.tensor(X)
    for i in range(0, len(weights), 2):
        a = h @ weights[i] + weights[i + 1]
        h = (torch.tanh if hidden == "tanh" else getattr(F, hidden))(a)
    loss = loss_of(a, torch.tensor(y))
    loss.backward()
    assert net.loss(X, y) == pytest.approx(loss.item(), rel=1e-12)
    expected = np.concatenate([w.grad.numpy().ravel() for w in weights])
    np.testing.assert_allclose(flat(net.gradients(X, y)), expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("output", NAMES)
def test_the_three_formulas_make_the_gradients(output):
    """From the last layer to the first, composed by hand; each also as it is written."""
    rng = np.random.default_rng(2)
    net = with_biases(Network.random((3, 4, 2), "tanh", output, rng=rng), rng)
    X, y = sample(output, 5, 3, 2, rng)
    (W1, b1), (W2, b2) = net.layers
    a = X @ W1 + b1
    h = np.tanh(a)
    A = h @ W2 + b2
    delta = output_delta(y, A, output)
    losses = {"sigmoid": "sigmoid_cross_entropy", "softmax": "softmax_cross_entropy"}
    if output in losses:
        np.testing.assert_allclose(delta, (net.predict(X) - y) / 5, rtol=1e-12)
        np.testing.assert_array_equal(
            delta, getattr(loss_functions, losses[output] + "_grad")(y, A)
        )
    elif output == "linear":
        np.testing.assert_allclose(delta, 2 * (A - y) / 5, rtol=1e-12)
    else:
        o = net.predict(X)
        np.testing.assert_allclose(delta, (o - y) * o * (1 - o) / 5, rtol=1e-12)
    first = hidden_delta(delta, W2, a, "tanh")
    np.testing.assert_allclose(first, (delta @ W2.T) * (1 - h**2), rtol=1e-12)
    np.testing.assert_allclose(weight_gradient(h, delta)[0], np.einsum("ni,nj->ij", h, delta))
    np.testing.assert_allclose(weight_gradient(h, delta)[1], delta.sum(axis=0))
    composed = [weight_gradient(X, first), weight_gradient(h, delta)]
    np.testing.assert_array_equal(flat(net.gradients(X, y)), flat(composed))


@given(seed=st.integers(0, 99), output=st.sampled_from(NAMES))
def test_the_order_of_the_samples_changes_nothing_beyond_rounding(seed, output):
    rng = np.random.default_rng(seed)
    net = Network.random((3, 4, 2), "tanh", output, rng=rng)
    X, y = sample(output, 6, 3, 2, rng)
    order = rng.permutation(6)
    assert net.loss(X[order], y[order]) == pytest.approx(net.loss(X, y), rel=1e-13)
    np.testing.assert_allclose(
        flat(net.gradients(X[order], y[order])), flat(net.gradients(X, y)), rtol=0, atol=1e-14
    )


@given(seed=st.integers(0, 99), output=st.sampled_from(NAMES))
def test_permuted_hidden_units_have_permuted_gradients(seed, output):
    rng = np.random.default_rng(seed)
    net = with_biases(Network.random((3, 5, 2), "tanh", output, rng=rng), rng)
    X, y = sample(output, 4, 3, 2, rng)
    order = rng.permutation(5)
    (W1, b1), (W2, b2) = net.layers
    shuffled = [(W1[:, order], b1[order]), (W2[order], b2)]
    (dW1, db1), (dW2, db2) = net.gradients(X, y)
    expected = [(dW1[:, order], db1[order]), (dW2[order], db2)]
    found = Network.from_weights(shuffled, "tanh", output).gradients(X, y)
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-12, atol=1e-15)


# --- published: Mazur, "A Step by Step Backpropagation Example" -------------------------------

MAZUR_X, MAZUR_T = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


def mazur():
    W1, W2 = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])
    pairs = [(W1.T, np.full(2, 0.35)), (W2.T, np.full(2, 0.60))]  # his rows are the receiving units
    return Network.from_weights(pairs, "sigmoid", "sigmoid_squared")


def mazur_step(net):
    """His step leaves the biases as they are."""
    for (W, _), (dW, _) in zip(net.layers, net.gradients(MAZUR_X, MAZUR_T), strict=True):
        W -= 0.5 * dW


def test_mazurs_forward_pass_and_gradients():
    net = mazur()
    assert net.loss(MAZUR_X, MAZUR_T) == pytest.approx(0.2983711087600027, rel=1e-14)
    np.testing.assert_allclose(net.predict(MAZUR_X), [[0.751365069552, 0.772928465321]], atol=5e-13)
    (dW1, _), (dW2, _) = net.gradients(MAZUR_X, MAZUR_T)
    assert dW2[0, 0] == pytest.approx(0.082167040564, abs=5e-13)
    assert dW1[0, 0] == pytest.approx(0.000438567734, abs=5e-13)


def test_mazurs_first_step_and_its_erratum():
    """His E1 came from hidden deltas computed with weights that were updated already."""
    net = mazur()
    mazur_step(net)
    (W1, _), (W2, _) = net.layers
    W2_after = [[0.358916479718, 0.408666186076], [0.511301270239, 0.561370121108]]
    W1_after = [[0.149780716133, 0.199561432266], [0.249751143632, 0.299502287265]]
    np.testing.assert_allclose(W2.T, W2_after, atol=5e-13)
    np.testing.assert_allclose(W1.T, W1_after, atol=5e-13)
    error = net.loss(MAZUR_X, MAZUR_T)
    assert error == pytest.approx(0.29102777369359933, rel=1e-14)
    assert abs(error - 0.291027924) > 1e-7


def test_mazurs_ten_thousand_steps():
    net = mazur()
    for _ in range(10_000):
        mazur_step(net)
    assert net.loss(MAZUR_X, MAZUR_T) == pytest.approx(3.510187782978859e-05, rel=1e-10)
    o = net.predict(MAZUR_X)
    np.testing.assert_allclose(o, [[0.01591362044, 0.98406427351]], atol=5e-12)
    assert np.abs(o - [[0.015912196, 0.984065734]]).max() > 1e-7


def test_training_differs_from_updating_before_backpropagation():
    """The bug behind the erratum, in `train`: all gradients are of the weights before the step."""
    net, before = mazur(), mazur()
    gradients = before.gradients(MAZUR_X, MAZUR_T)
    net.train(MAZUR_X, MAZUR_T, 0.5, 1)
    for layer, old, gradient in zip(net.layers, before.layers, gradients, strict=True):
        for now, then, g in zip(layer, old, gradient, strict=True):
            np.testing.assert_allclose(now, then - 0.5 * g, rtol=1e-14)


# --- making a network -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hidden", "variance"), [("tanh", 1), ("relu", 2), ("leaky_relu", 2), ("softplus", 1)]
)
def test_random_weights_have_the_spread_that_their_activation_needs(hidden, variance):
    net = Network.random((400, 300, 200), hidden, rng=0)
    (W1, b1), (W2, b2) = net.layers
    assert W1.std() * np.sqrt(400 / variance) == pytest.approx(1, abs=0.02)
    assert W2.std() * np.sqrt(300) == pytest.approx(1, abs=0.02)
    assert abs(W1.mean()) < 1e-3 and not b1.any() and not b2.any()
    assert W1.shape == (400, 300) and b2.shape == (200,)


def test_random_weights_come_from_the_generator_alone():
    first, again = Network.random((3, 4, 2), rng=1), Network.random((3, 4, 2), rng=1)
    np.testing.assert_array_equal(flat(first.layers), flat(again.layers))
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(
        flat(Network.random((3, 4, 2), rng=rng).layers), flat(first.layers)
    )
    assert (flat(Network.random((3, 4, 2), rng=rng).layers) != flat(first.layers)).any()


def test_from_weights_copies_and_keeps_the_dtype():
    W, b = np.ones((2, 3), np.float32), np.zeros(3, np.float32)
    net = Network.from_weights([(W, b)])
    assert net.layers[0].W.dtype == net.layers[0].b.dtype == np.float32
    assert isinstance(net.layers[0], Layer) and net.output == "softmax" and net.hidden == []
    net.train([[1.0, 2.0]], [1], 0.1, 1)
    assert (W == 1).all() and (b == 0).all() and (net.layers[0].W != 1).any()
    assert Network.from_weights([([[1, 2]], [0, 0])]).layers[0].W.dtype == float


def test_one_activation_for_all_hidden_layers_or_one_for_each():
    assert Network.random((2, 3, 4, 2)).hidden == ["tanh", "tanh"]
    assert Network.random((2, 3, 4, 2), ["relu", "tanh"]).hidden == ["relu", "tanh"]
    assert Network.random((2, 2), "relu").hidden == []
    assert Network.random((2, 2), ["relu"]).hidden == []
    X = np.random.default_rng(0).normal(size=(5, 2))
    mixed, plain = (Network.random((2, 3, 3, 2), h, rng=0) for h in (["tanh", "identity"], "tanh"))
    assert (mixed.predict(X) != plain.predict(X)).all()


# --- using it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("output", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_and_dtypes(output, dtype):
    rng = np.random.default_rng(0)
    net = Network.random((3, 4, 2), output=output, rng=0, dtype=dtype)
    X, y = sample(output, 5, 3, 2, rng)
    X_before, y_before = X.copy(), y.copy()
    for array, shape in ((net.scores(X), (5, 2)), (net.predict(X), (5, 2))):
        assert array.shape == shape and array.dtype == dtype
    assert net.classify(X).shape == (5,) and net.classify(X).dtype.kind == "i"
    assert type(net.loss(X, y)) is float and type(net.accuracy(X, [0, 1, 0, 1, 0])) is float
    for (W, b), (dW, db) in zip(net.layers, net.gradients(X, y), strict=True):
        assert (dW.shape, db.shape) == (W.shape, b.shape) and dW.dtype == db.dtype == dtype
    net.train(X, y, 0.1, 2)
    assert net.layers[0].W.dtype == dtype
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)
    np.testing.assert_allclose(net.scores(np.asfortranarray(X)), net.scores(X), rtol=1e-6)


def test_predictions_are_the_output_function_of_the_scores():
    X = np.random.default_rng(0).normal(size=(5, 3))
    scores = Network.random((3, 4, 2), rng=0).scores(X)
    expected = {
        "softmax": np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True),
        "sigmoid": 1 / (1 + np.exp(-scores)),
        "linear": scores,
        "sigmoid_squared": 1 / (1 + np.exp(-scores)),
    }
    for output in NAMES:
        net = Network.random((3, 4, 2), output=output, rng=0)
        np.testing.assert_allclose(net.predict(X), expected[output], rtol=1e-12)
        np.testing.assert_array_equal(net.classify(X), scores.argmax(axis=1))


def test_classes_of_a_single_output_are_over_one_half():
    net = Network.from_weights([([[1.0]], [0.0])], output="sigmoid")
    X = [[-1.0], [0.0], [1.0]]
    np.testing.assert_array_equal(net.classify(X), [0, 0, 1])
    assert net.accuracy(X, [0, 1, 1]) == pytest.approx(2 / 3)
    assert net.accuracy(X, [[0], [0], [1]]) == 1


def test_accuracy_takes_labels_and_one_hot_rows():
    net = Network.from_weights([(np.eye(3), np.zeros(3))])
    assert net.accuracy(np.eye(3), [0, 1, 0]) == pytest.approx(2 / 3)
    assert net.accuracy(np.eye(3), np.eye(3)[[0, 0, 0]]) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="class labels"):
        net.accuracy(np.eye(3), [0, 1, 3])
    layers = [(np.eye(2, 3), np.zeros(3)), (np.eye(3, 2), np.zeros(2))]
    two = Network.from_weights(layers, "identity", output="sigmoid")
    assert two.accuracy(np.eye(2), [0, 0]) == two.accuracy(np.eye(2), [[1, 0], [1, 0]]) == 0.5
    assert two.accuracy(np.eye(2), [0, 1]) == two.accuracy(np.eye(2), np.eye(2)) == 1
    with pytest.raises(ValueError, match="sum to 1"):
        two.accuracy(np.eye(2), [[1, 1], [1, 0]])


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "sigmoid_squared"])
def test_labels_and_one_hot_rows_mean_the_same(output):
    net = Network.random((2, 3), output=output, rng=0)
    X, labels = np.random.default_rng(0).normal(size=(4, 2)), [2, 0, 1, 2]
    Y = np.eye(3)[labels]
    assert net.loss(X, labels) == net.loss(X, Y)
    np.testing.assert_array_equal(flat(net.gradients(X, labels)), flat(net.gradients(X, Y)))
    np.testing.assert_array_equal(
        output_delta(labels, net.scores(X), output), output_delta(Y, net.scores(X), output)
    )


@pytest.mark.parametrize("output", ["sigmoid", "linear", "sigmoid_squared"])
def test_a_column_of_truths_means_the_same_as_a_list(output):
    rng = np.random.default_rng(0)
    net, (X, y) = Network.random((2, 3, 1), output=output, rng=0), sample(output, 4, 2, 1, rng)
    assert net.loss(X, y) == net.loss(X, y[:, 0])
    np.testing.assert_array_equal(flat(net.gradients(X, y)), flat(net.gradients(X, y[:, 0])))


def test_results_are_fresh_arrays():
    X = np.array([[1.0, -1.0]])
    net = Network.from_weights([(np.eye(2), np.zeros(2))], output="linear")
    assert not np.shares_memory(net.predict(X), X)
    first = net.gradients(X, [[0.0, 0.0]])[0][0]
    kept = first.copy()
    net.gradients(X, [[5.0, 5.0]])
    np.testing.assert_array_equal(first, kept)


# --- training ---------------------------------------------------------------------------------


@pytest.mark.parametrize("output", NAMES)
def test_training_is_gradient_descent_and_records_the_loss_before_each_update(output):
    rng = np.random.default_rng(0)
    net = Network.random((3, 4, 2), output=output, rng=0)
    X, y = sample(output, 6, 3, 2, rng)
    by_hand = Network.from_weights(net.layers, "tanh", output)
    losses = []
    for _ in range(3):
        losses.append(by_hand.loss(X, y))
        row = flat(by_hand.layers) - 0.1 * flat(by_hand.gradients(X, y))
        by_hand = Network.from_weights(unflat(row, by_hand.layers), "tanh", output)
    W_before = net.layers[0].W
    history = net.train(X, y, 0.1, 3)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(flat(net.layers), flat(by_hand.layers), rtol=1e-12)
    assert history.loss.shape == (3,) and history.diverged_at is None
    assert isinstance(history, History) and net.layers[0].W is W_before  # in place


def test_no_steps_change_nothing():
    net = Network.random((2, 3, 2), rng=0)
    before = flat(net.layers)
    history = net.train([[1.0, 2.0]], [0], 0.1, 0)
    assert history.loss.shape == (0,) and history.diverged_at is None
    np.testing.assert_array_equal(flat(net.layers), before)


def test_minibatches_come_from_the_generator_and_cover_every_epoch():
    X, y = np.arange(10.0)[:, None] / 10, np.arange(10.0)
    nets = [Network.random((1, 1), output="linear", rng=0) for _ in range(3)]
    histories = [net.train(X, y, 1e-9, 8, 3, rng) for net, rng in zip(nets, (1, 1, 2), strict=True)]
    np.testing.assert_array_equal(histories[0].loss, histories[1].loss)
    assert (histories[0].loss != histories[2].loss).any()
    # With a tiny η the weights hardly move: an epoch's losses, by batch size, sum to the full loss.
    for epoch in (slice(0, 4), slice(4, 8)):
        total = histories[0].loss[epoch] @ [3, 3, 3, 1]
        assert total == pytest.approx(10 * nets[0].loss(X, y), rel=1e-6)
    assert not np.allclose(histories[0].loss[:4], histories[0].loss[4:], rtol=1e-6)


def test_a_batch_of_all_samples_is_the_full_batch():
    rng = np.random.default_rng(0)
    X, y = sample("softmax", 8, 3, 2, rng)
    one, other = Network.random((3, 2), rng=0), Network.random((3, 2), rng=0)
    one.train(X, y, 0.1, 5, batch_size=8, rng=0)
    other.train(X, y, 0.1, 5)
    np.testing.assert_allclose(flat(one.layers), flat(other.layers), rtol=1e-12)


def test_a_linear_network_learns_the_least_squares_solution():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    y = X @ [2.0, -1.0] + 0.5
    net = Network.random((2, 1), output="linear", rng=0)
    net.train(X, y, 0.1, 500)
    np.testing.assert_allclose(flat(net.layers), [2, -1, 0.5], atol=1e-8)


def test_progress_prints_ten_lines_and_only_if_asked(capsys):
    net = Network.random((2, 2), rng=0)
    net.train([[1.0, 2.0]], [0], 0.1, 50)
    assert capsys.readouterr().out == ""
    history = net.train([[1.0, 2.0]], [0], 0.1, 100, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0] == f"step 10 of 100: loss {history.loss[9]:.4g}"
    net.train([[1.0, 2.0]], [0], 0.1, 3, progress=True)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_divergence_stops_warns_once_and_ends_the_history():
    net = Network.random((1, 1), output="linear", rng=0)
    with pytest.warns(RuntimeWarning, match="diverged") as caught:
        history = net.train([[1e3], [2e3]], [1.0, 2.0], 1.0, 400)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert history.diverged_at == len(history.loss) and 10 < history.diverged_at < 100
    assert f"step {history.diverged_at} " in str(caught[0].message)
    assert np.isfinite(history.loss).all() and history.loss.base is None


def test_divergence_in_the_last_update_is_not_missed():
    """The loss before that update was finite; the weights after it are not."""
    net = Network.from_weights([([[1e150]], [0.0])], output="linear")
    with pytest.warns(RuntimeWarning, match="step 1 "):
        history = net.train([[1.0]], [0.0], 1e200, 1)
    assert history.diverged_at == 1 and history.loss.shape == (1,)


def test_it_learns_the_digits():
    X, y = load_digits()
    train, test = split(len(y), rng=0)
    net = Network.random((64, 64, 10), rng=0)
    history = net.train(X[train], y[train], eta=0.5, steps=2500, batch_size=64, rng=0)
    assert net.accuracy(X[test], y[test]) >= 0.96
    assert history.loss[-100:].mean() < 0.05 < history.loss[:100].mean()


def test_a_float32_network_computes_in_float32_whatever_comes():
    net = Network.random((2, 3, 2), rng=0, dtype=np.float32)
    X = np.array([[1.0, 2.0]])
    assert {v.dtype for pair in net.gradients(X, [1]) for v in pair} == {np.dtype(np.float32)}
    assert net.predict(X).dtype == net.scores(X).dtype == np.float32


def test_a_softmax_over_one_class_is_always_right():
    net = Network.random((2, 1), rng=0)
    assert net.classify(np.ones((5, 2))).tolist() == [0] * 5
    assert net.accuracy(np.ones((5, 2)), np.zeros(5)) == 1


@pytest.mark.parametrize("pairs", (None, 5, [1, 2], [([[1.0]],)], [([[1.0]], [0.0], 3)]))
def test_what_is_no_pairs_is_refused(pairs):
    with pytest.raises(ValueError, match="^pairs = "):
        Network.from_weights(pairs)


@pytest.mark.parametrize("dtype", (np.float16, np.float32, np.float64))
def test_weights_begin_at_a_cache_line(dtype):
    net = Network.random((5, 7, 3), rng=0, dtype=dtype)
    same = Network.from_weights(net.layers)
    for a, b in zip(net.layers, same.layers, strict=True):
        for ours, copied in zip(a, b, strict=True):
            assert ours.ctypes.data % 64 == copied.ctypes.data % 64 == 0
            assert copied.dtype == dtype and not np.shares_memory(ours, copied)
            np.testing.assert_array_equal(copied, ours)


def test_memory_of_training_is_bounded_and_does_not_grow():
    sizes, n = (64, 128, 10), 256
    net = Network.random(sizes, rng=0)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, 64)), rng.integers(0, 10, n)
    weights = sum(v.nbytes for layer in net.layers for v in layer)
    activations = 8 * n * sum(sizes)
    net.train(X, y, 0.1, 2)
    peaks = []
    for steps in (5, 50):
        tracemalloc.start()
        net.train(X, y, 0.1, steps)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) <= 3 * (weights + activations)
    assert peaks[1] < peaks[0] + 20_000


# --- bad input --------------------------------------------------------------------------------

NET = Network.random((2, 3, 2), rng=0)
ONE = Network.random((2, 3, 1), output="linear", rng=0)
X2 = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    "X", [[1.0, 2.0], [[1.0]], np.zeros((0, 2)), [[[1.0, 2.0]]], [[1.0, np.nan]], [[np.inf, 0.0]]]
)
def test_bad_inputs_are_refused(X):
    for method in (NET.forward, NET.scores, NET.predict, NET.classify):
        with pytest.raises(ValueError, match=r"^X "):
            method(X)
    for method in (NET.loss, NET.gradients, NET.accuracy):
        with pytest.raises(ValueError, match=r"^X "):
            method(X, [0])
    with pytest.raises(ValueError, match=r"^X "):
        NET.train(X, [0], 0.1, 1)


@pytest.mark.parametrize(
    ("net", "y"),
    [
        (NET, [0]),
        (NET, [0, 2]),
        (NET, [0, -1]),
        (NET, [0, 0.5]),
        (NET, [0, np.nan]),
        (NET, [[0], [1]]),
        (NET, [[0.5, 0.6], [0, 1]]),
        (NET, [[0, 1, 0], [0, 1, 0]]),
        (ONE, [0.0]),
        (ONE, [[0.0, 1.0]]),
        (ONE, [0.0, np.inf]),
        (Network.random((2, 2), output="linear"), [0, 1]),
        (Network.random((2, 1), output="sigmoid"), [0, 2]),
        (Network.random((2, 2), output="sigmoid"), [0, 2]),
    ],
)
def test_bad_truths_are_refused(net, y):
    for method in (net.loss, net.gradients, lambda X, y: net.train(X, y, 0.1, 1)):
        with pytest.raises(ValueError, match=r"^y "):
            method(X2, y)


@pytest.mark.parametrize(
    ("name", "value"),
    [("eta", 0), ("eta", -1), ("eta", np.nan), ("steps", -1), ("steps", 1.5)]
    + [("batch_size", 0), ("rng", "x")],
)
def test_bad_settings_of_training_are_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = "):
        NET.train(X2, [0, 1], **{"eta": 0.1, "steps": 1, name: value})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((2, 2), "tanhh"), r"^hidden = 'tanhh': expected one of 'sigmoid'"),
        (((2, 3, 2), ["tanh", "relu"]), "^hidden = .*one name, or 1"),
        (((2, 3, 2), ["tan"]), "^hidden = 'tan'"),
        (((2, 3, 2), []), "^hidden = "),
        (((2, 2), "tanh", "sofmax"), "^output = 'sofmax'"),
        (((2, 2), "tanh", None), "^output = None"),
        (((2,),), "^sizes = "),
        (((2, 0),), "^sizes = 0"),
        ((5,), "^sizes = 5"),
        (((2, 2), None), "^hidden = None"),
        (((2, 2.5),), "^sizes = 2.5"),
        (((2, 2), "tanh", "softmax", -1), "^rng = -1"),
        (((2, 2), "tanh", "softmax", 0, int), "^dtype = .*floating-point"),
    ],
)
def test_bad_networks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network.random(*arguments)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "^pairs = "),
        ([([1.0], [1.0])], "^W has shape"),
        ([([[1.0]], 1.0)], r"^b has shape \(\): expected \(1,\)"),
        ([([[1.0]], [1.0, 2.0])], r"^b has shape \(2,\)"),
        ([([[1.0]], [np.nan])], "^b = "),
        ([([[np.nan]], [1.0])], "^W = "),
        ([([[1.0]], [1.0]), ([[1.0], [1.0]], [1.0])], "^W = .*expected 1 rows"),
        ([(np.eye(3, 2), [1, 1]), (np.eye(1), [1.0])], "^W = .*expected 2 rows"),
        ([(np.eye(3, 2), [1, 1]), (np.eye(2, 4), [1] * 4), (np.eye(1), [1])], "expected 4 rows"),
    ],
)
def test_bad_weights_are_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        Network.from_weights(pairs)


def test_the_three_formulas_refuse_what_does_not_fit():
    two, three = np.ones((2, 2)), np.ones((2, 3))
    with pytest.raises(ValueError, match="^output = 'soft'"):
        output_delta([0, 1], two, "soft")
    with pytest.raises(ValueError, match=r"^A has shape \(2,\)"):
        output_delta([0, 1], [1.0, 2.0], "softmax")
    with pytest.raises(ValueError, match="^activation = 'tan'"):
        hidden_delta(two, two, two, "tan")
    with pytest.raises(ValueError, match=r"^W_next has shape \(2, 3\): expected \(n, 2\)"):
        hidden_delta(two, three, two, "tanh")
    with pytest.raises(ValueError, match=r"^a has shape \(2, 3\): expected \(n, 2\)"):
        hidden_delta(two, two, three, "tanh")
    with pytest.raises(ValueError, match=r"^a has shape \(3, 2\): expected \(2, 2\)"):
        hidden_delta(two, two, three.T, "tanh")
    with pytest.raises(ValueError, match=r"^delta has shape \(3, 2\): expected \(2, 2\)"):
        weight_gradient(two, three.T)
    with pytest.raises(ValueError, match=r"^h = .*NaN"):
        weight_gradient(np.nan * two, two)


def test_decay_is_the_gradient_of_half_the_squared_weights():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(6, 2)), rng.integers(0, 3, 6)
    net = Network.random([2, 4, 3], rng=0)
    pairs = [(W.copy(), b.copy()) for W, b in net.layers]
    eta, decay = 0.3, 0.07
    net.train(X, y, eta, 1, decay=decay)
    plain = Network.from_weights(pairs)
    gradients = plain.gradients(X, y)
    for (W, b), (old_W, old_b), (dW, db) in zip(net.layers, pairs, gradients, strict=True):
        np.testing.assert_allclose(W, old_W - eta * (dW + decay * old_W), rtol=1e-13)
        np.testing.assert_allclose(b, old_b - eta * db, rtol=1e-13)

    def penalised(W):
        other = Network.from_weights([(W, pairs[0][1]), pairs[1]])
        return other.loss(X, y) + decay / 2 * (W**2).sum()

    slope = numerical_gradient(penalised, pairs[0][0])
    np.testing.assert_allclose(slope, gradients[0][0] + decay * pairs[0][0], atol=1e-8)


def test_decay_pulls_the_weights_of_a_solved_problem_in():
    X, y = np.array([[1.0], [-1.0]]), np.array([0, 1])
    lengths = []
    for decay in (0.0, 0.01, 0.1):
        net = Network.random([1, 2], rng=0)
        net.train(X, y, 1.0, 500, decay=decay)
        lengths.append(np.abs(net.layers[0].W).max())
    assert lengths[0] > 1.5 * lengths[1] > 2 * lengths[2]


@pytest.mark.parametrize("decay", [-0.1, np.nan, np.inf, "much", 1j])
def test_a_wrong_decay_is_refused_by_name(decay):
    with pytest.raises(ValueError, match="^decay = "):
        Network.random([1, 2], rng=0).train([[1.0]], [0], 0.1, 1, decay=decay)

"""The numbers in chapter 5's figures, against gdlib's network and counters that walk."""

import warnings

import numpy as np
import pytest
import sympy as sp

from gdlib import chain_rule, symbolic
from gdlib.data import load_penguins, standardise
from gdlib.efficient_backprop import Network
from gdlib.figures import efficient_backprop as figures
from gdlib.live import LiveError
from gdlib.operation_counts import GradientCosts, count_operations
from gdlib.symbolic import eta
from tests.live_page import sentences, written

NET = symbolic.network((2, 3, 3))
PENGUINS = load_penguins()
X = np.column_stack([PENGUINS.bill_length_mm, PENGUINS.bill_depth_mm])
Z = np.round(standardise(X)[0], 3)
Y = PENGUINS.species


def readouts(live, values=None):
    return sentences(live.evaluate(values))


def numeric(net, numbers, **options):
    """The NumPy network with these numbers for its symbols."""
    pairs = [
        (np.array(W.xreplace(numbers), float), np.array(b.xreplace(numbers), float)[0])
        for W, b in zip(net.weights, net.biases, strict=True)
    ]
    return Network.from_weights(pairs, **options)


@pytest.mark.parametrize("true_class", [0, 1, 2])
def test_deltas_are_the_gradient_by_the_biases(true_class):
    rng = np.random.default_rng(5)
    start = {s: float(rng.normal()) for s in NET.parameters}
    live = figures.deltas(NET, x=[0.3, -1.1], start=start)
    net, sample = numeric(NET, start), (np.array([[0.3, -1.1]]), np.array([true_class]))
    found = live.evaluate({figures._class: true_class, eta: 0.7})
    # The weights that are read and two inputs; then, in every unit, its value and its δ.
    shown = written(found)[-11::2]
    gradients = net.gradients(*sample)
    assert shown == pytest.approx(np.concatenate([db for _, db in gradients]))
    *_, errors, first, losses = sentences(found)
    assert first["values"][-1] == pytest.approx(gradients[0][0][0, 0])
    assert errors["values"] == pytest.approx(
        net.predict(sample[0])[0] - np.eye(3)[true_class], abs=1e-12
    )
    before = net.loss(*sample)
    net.train(*sample, eta=0.7, steps=1)
    assert losses["values"] == pytest.approx([before, net.loss(*sample)])


@pytest.fixture(scope="module")
def live():
    return figures.training(NET, X, Y, steps=60, seeds=(0, 1), pixels=12)


@pytest.mark.parametrize("rate, step, scale, seed", [(0.5, 60, 1.0, 0), (2.0, 17, 0.6, 1)])
def test_the_page_trains_as_network_train_does(live, rate, step, scale, seed):
    values = {eta: rate, figures._t: step, figures._scale: scale, figures._seed: seed}
    net = Network.random((2, 3, 3), rng=seed)
    for layer in net.layers:
        layer.W[:] = scale * layer.W.round(3)
    first = net.loss(Z, Y)
    history = net.train(Z, Y, eta=rate, steps=step).loss
    image, trail, dot, gone, now, overall = live.evaluate(values)
    assert not gone["visible"]
    assert trail["y"][1 : step + 1] == pytest.approx(history, rel=1e-9)
    assert trail["x"][1:4] == pytest.approx([0, 1, 2])
    assert dot["y"] == pytest.approx(net.loss(Z, Y), rel=1e-9)
    assert now["values"] == pytest.approx([step, net.loss(Z, Y), 100 * net.accuracy(Z, Y)])
    assert overall["values"][1] == pytest.approx(first)
    across, up = (np.linspace(v.min() - 0.25, v.max() + 0.25, 12) for v in Z.T)
    pixels = np.column_stack([np.tile(across, 12), np.repeat(up, 12)])
    assert np.floor(image["value"]).ravel() == pytest.approx(net.classify(pixels))
    sure = (net.predict(pixels).max(axis=1) - 1 / 3) * 1.5
    assert (image["value"] % 1).ravel() == pytest.approx(0.999 * sure, abs=1e-9)


@pytest.mark.parametrize(
    ("hidden", "rate"), [("identity", 10.0), ("leaky_relu", 10.0), ("tanh", 1.0)]
)
def test_the_figure_says_at_which_step_it_diverged(hidden, rate):
    live = figures.training(symbolic.network((2, 8, 8, 3), hidden=hidden), Z, Y, steps=40, pixels=8)
    net = Network.random((2, 8, 8, 3), hidden="tanh", rng=0)
    pairs = [(W.round(3), b) for W, b in net.layers]
    net = Network.from_weights(pairs, hidden=hidden)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        diverged_at = net.train(Z, Y, eta=rate, steps=41).diverged_at
    gone = live.evaluate({eta: rate})[3]
    assert gone["visible"] is (diverged_at is not None)
    if diverged_at is not None:
        assert gone["text"] == f"diverged at step {diverged_at}"


def test_zeros_learn_how_frequent_the_classes_are_and_no_more(live):
    # Nothing breaks the symmetry: only the outputs' biases ever move.
    values = {eta: 2.0, figures._t: 60, figures._scale: 0.0}
    share = np.bincount(Y) / len(Y)
    (*_, now, _) = live.evaluate(values)
    assert now["values"][1:] == pytest.approx(
        [-(share * np.log(share)).sum(), 100 * share.max()], abs=1e-9
    )


def test_the_largest_rate_and_scale_end_in_numbers_or_in_a_word(live):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scale in (0.0, 3.0):
            for text in readouts(live, {eta: 10.0, figures._t: 60, figures._scale: scale}):
                assert "nan" not in text["text"]


@pytest.mark.parametrize("depth, width", [(1, 2), (1, 3), (2, 2)])
def test_counts_are_those_of_walking_every_path(depth, width):
    counts = GradientCosts(depth, width)
    walks = [chain_rule.sum_over_paths(counts.output, v) for v in counts.weights]
    assert counts.naive == sum(multiplications for _, multiplications in walks)
    ways = [len(chain_rule.paths(counts.output, v)) for v in counts.weights]
    assert counts.paths == sum(ways)
    for v, (derivative, _) in zip(counts.weights, walks, strict=True):
        assert v.grad == pytest.approx(derivative)
    assert len(counts.weights) == len(symbolic.network((2, *[width] * depth, 3)).parameters)


def test_all_derivatives_cost_at_most_two_more_forward_passes():
    for depth in range(1, 7):
        counts = GradientCosts(depth, 3)
        assert counts.forward < counts.backprop <= 3 * counts.forward
        assert counts.differences > 2 * counts.forward * depth


def test_what_sympy_shares_in_the_derivatives_are_the_deltas():
    factored = [sp.factor_terms(sp.diff(NET.loss, p)) for p in NET.parameters]
    shared, _ = sp.cse(factored, order="none", list=True)
    full: dict = {}
    for symbol, e in shared:
        full[symbol] = e.xreplace(full)
    numbers = {s: 0.1 + 0.07 * k for k, s in enumerate(sorted(NET.loss.free_symbols, key=str))}
    values = [float(e.xreplace(numbers)) for e in full.values()]
    for b in [*NET.biases[0], *NET.biases[1]]:
        delta = float(sp.diff(NET.loss, b).xreplace(numbers))
        assert any(v == pytest.approx(delta, rel=1e-12) for v in values)


def test_operations_are_counted_as_written():
    x, y = sp.symbols("x y", real=True)
    assert count_operations([x * y + x, x]) == 2
    assert count_operations([sp.sin(x * y) ** 2 + sp.sin(x * y)]) == 6
    assert count_operations([]) == 0


def test_operation_counts_reads_out_the_counters():
    live = figures.operation_counts(depth=4, symbolic_depth=1)
    counts = GradientCosts(4, 3)
    sizes, operations, *_ = readouts(live, {figures._layers: 4})
    assert sizes["values"] == pytest.approx([len(counts.weights), counts.paths])
    assert operations["values"] == pytest.approx(
        [counts.naive, counts.differences, counts.backprop]
    )


def test_shapes_are_those_of_the_formulas():
    live = figures.shapes()
    n, n_in, n_out = 5, 2, 6
    values = {figures._n: n, figures._n_in: n_in, figures._n_out: n_out}
    boxes = [part for part in live.evaluate(values) if "width" in part]
    drawn = [(b["height"][0] / figures._CELL, b["width"][0] / figures._CELL) for b in boxes]
    delta, W, H = np.ones((n, n_out)), np.ones((n_in, n_out)), np.ones((n, n_in))
    assert drawn == [
        (delta @ W.T).shape, delta.shape, W.T.shape, H.shape,
        (H.T @ delta).shape, H.T.shape, delta.shape,
        (1, n_out), delta.shape,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: figures.training(sp.Symbol("x"), X, Y), "gdlib.symbolic.network"),
        (lambda: figures.training(NET, X[:, :1], Y), r"X has shape \(342, 1\)"),
        (lambda: figures.training(NET, X, Y + 1), "342 classes from 0 to 2"),
        (lambda: figures.training(NET, X, Y[:5]), "342 classes"),
        (lambda: figures.deltas(NET.loss, x=[1, 2]), "gdlib.symbolic.network"),
        (lambda: figures.deltas(NET, x=[1]), "x has 1 numbers; expected 2"),
        (lambda: figures.deltas(NET, x=[1, 2], true_class=3), "0 to 2"),
        (lambda: figures.deltas(NET, x=[1, 2], sliders=[eta]), "sliders names eta"),
        (lambda: figures.deltas(NET, x=[1, 2], start={eta: 1}), "start names eta"),
        (lambda: figures.shapes(0), "n = 0: expected a whole number from 1"),
    ],
)
def test_wrong_input_is_answered_with_a_sentence(call, words):
    with pytest.raises(LiveError, match=words):
        call()

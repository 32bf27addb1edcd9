"""The network that reads digits: step by step the same in a page and in the library."""

import numpy as np
import pytest

from gdlib.digit_reader import LEVELS, DigitTask
from gdlib.figures.digit_reader import digit_reader
from gdlib.live import LiveError, generator
from gdlib.slope import numerical_gradient
from tests.chapters import ROOT
from tests.node import run_node

MODULE = "../../figures/js/digit_learner.js"


@pytest.fixture(scope="module")
def task():
    return DigitTask()


@pytest.fixture(scope="module")
def spec(task):
    return task.spec()


def test_the_data_are_sent_whole(task, spec):
    rows = np.concatenate([task.train_rows, task.held_out])
    sent = np.array([LEVELS.index(c) for c in spec["pixels"]]).reshape(-1, 64) / 16
    np.testing.assert_array_equal(sent, task.X[rows])
    np.testing.assert_array_equal([int(c) for c in spec["labels"]], task.y[rows])


@pytest.mark.parametrize(("hidden", "size", "rate", "seed"), [(48, 32, 0.5, 0), (8, 128, 1.0, 3)])
def test_every_step_is_that_of_the_library(task, spec, hidden, size, rate, seed):
    """Weights and the batch's loss after each of fifty steps; then probabilities and slopes."""
    body = """
      const [spec, N, eta, size, seed] = given, l = new Learner(spec), steps = [];
      const sizes = [64 * N, N, 10 * N, 10];
      const W = () => l.net.weights.map((w, k) => [...w.slice(0, sizes[k])]);
      l.begin({ N, eta, size, seed });
      for (let t = 0; t < 50; t++) {
        l.learn();
        const sums = W().map((w) => w.reduce((s, v, i) => s + v * Math.cos(i), 0));
        steps.push([l.net.L[0], ...sums]);
      }
      const x = l.pixels.slice(l.learned * 64, (l.learned + 1) * 64), label = l.labels[l.learned];
      const P = [...l.read(x)], G = [...l.slopes(x, label)];
      return { steps, W: W(), P, G, found: l.evaluate() };"""
    theirs = run_node(MODULE, "Learner", body, [spec, hidden, rate, size, seed])
    net = task.network(hidden, seed)
    X, y = task.X[task.train_rows], task.y[task.train_rows]
    for t in range(50):
        rows = generator.batch(t, len(y), size, seed)
        loss = net.train(X[rows], y[rows], rate, 1).loss[0]
        sums = [v.ravel() @ np.cos(np.arange(v.size)) for layer in net.layers for v in layer]
        np.testing.assert_allclose(theirs["steps"][t], [loss, *sums], rtol=1e-9, atol=1e-9)
    for found, v in zip(theirs["W"], (v for layer in net.layers for v in layer), strict=True):
        np.testing.assert_allclose(found, v.ravel(), rtol=1e-9, atol=1e-10)
    x, label = task.X[task.held_out[0]], task.y[task.held_out[0]]
    np.testing.assert_allclose(theirs["P"], net.predict(x[None])[0], rtol=1e-9)
    slopes = numerical_gradient(lambda v: net.loss(v[None], [label]), x)
    np.testing.assert_allclose(theirs["G"], slopes, atol=1e-8)
    held_out = task.X[task.held_out], task.y[task.held_out]
    assert theirs["found"]["right"] == round(net.accuracy(*held_out) * len(task.held_out))
    assert theirs["found"]["loss"] == pytest.approx(net.loss(X, y), rel=1e-9)
    table = np.array(theirs["found"]["table"])
    np.testing.assert_array_equal(table.sum(axis=1), np.bincount(held_out[1], minlength=10))
    assert table.trace() == theirs["found"]["right"]


def test_twenty_rounds_read_nineteen_of_twenty_held_out_digits(task, spec):
    body = """
      const l = new Learner(given); while (l.step < 20 * l.each) l.learn();
      const { right, others } = l.evaluate(); return right / others;"""
    assert run_node(MODULE, "Learner", body, spec) >= 0.95


def test_a_divergence_ends_the_training(spec):
    body = """
      const l = new Learner(given); l.begin({ N: 64, eta: 1e200, size: 8, seed: 0 });
      while (l.step < 100 && l.state !== "diverged") l.learn();
      return [l.state, l.step];"""
    state, step = run_node(MODULE, "Learner", body, spec)
    assert state == "diverged" and step < 10


def test_a_drawing_is_scaled_as_the_data_were(task):
    """A stroke of any size gives the same cells, in the middle, as high as the scan."""
    body = "return given.map((strokes) => [...counted(strokes)]);"
    line = [[10, 4], [10, 28]]
    small = [[[x / 5 + 3, y / 5 + 9] for x, y in line]]
    one, other, none, dot = run_node(MODULE, "counted", body, [[line], small, [], [[[5, 5]]]])
    np.testing.assert_allclose(one, other, atol=2 / 16)
    cells = np.reshape(one, (8, 8))
    assert (cells.sum(axis=1) > 0.5).all() and cells[:, [0, 1, 6, 7]].sum() == 0
    assert sum(none) == 0 and 0 < sum(dot) < 3
    assert max(one) <= 1


def test_what_is_asked_wrongly_is_named(task):
    with pytest.raises(LiveError, match="hidden is 65; expected a whole number from 1 to 64"):
        task.network(65)


def test_the_page_carries_its_script_and_a_notebook_its_view():
    widget = digit_reader()
    html = widget.to_html()
    assert f'data-model="{widget.model_id}"' in html and "liveWidgets" in html
    assert "https://" not in html.replace("http://www.w3.org", "")
    assert repr(widget) == "<DigitReader, 1348 digits to learn from>"
    assert (ROOT / "gdlib/figures/static/digit_reader.js").read_text("utf-8") == str(widget._esm)

"""The playground: step by step the same in a page and in the library; and its steps are right."""

from __future__ import annotations

import html
import itertools
import re
from urllib.parse import parse_qsl

import numpy as np
import pytest

from gdlib import gradient_descent
from gdlib.efficient_backprop import Network
from gdlib.figures.playground import playground, spec_of
from gdlib.live import LiveError
from gdlib.playground import (
    SETTINGS,
    Playground,
    checked,
    layers_of,
)
from gdlib.symbolic import OPTIMIZERS
from tests.chapters import EVERYTHING, name
from tests.node import run_node

FOLDER = "../../figures/js/playground/"
TRAIN = """
  const [spec, all] = given, program = new Function(spec.program)();
  return all.map(([settings, hidden, steps]) => {
    const some = samples(settings, program, spec);
    const training = new Training(program, some, settings, hidden), losses = [];
    const score = ({ loss, share }) => [String(loss), String(share)];
    for (let t = 0; t < steps; t++) { training.step(); losses.push(score(training.now.learned)); }
    const weights = training.net.parameters.map(({ value }) => [...value]);
    return { X: [...some.X], y: [...some.y], K: some.classes, learned: training.learned,
      losses, held: score(training.now.held), weights };
  });"""

OWN = "120.-34.0_-80.22.1_10.10.2_-250.250.0_33.-120.1"
CASES: list[dict] = [
    {},
    {"data": "blobs", "layers": "", "batch": "16", "eta": 0.3},
    {"data": "xor", "layers": "8.relu_8.relu_3.sigmoid_2.tanh", "optimizer": "Adam", "eta": 0.02},
    {"data": "spirals", "classes": 5, "layers": "8.tanh_8.tanh", "optimizer": "momentum",
     "batch": "64", "decay": "0.001", "seed": 3, "n": 400},
    {"data": "penguins", "n": 400, "layers": "3.identity", "optimizer": "Nesterov",
     "decay": "0.01", "batch": "4", "start": "he", "eta": 0.05},
    {"data": "above", "f": "sin(2x) + x/3", "layers": "1.sigmoid", "start": "scale",
     "scale": 2.5, "optimizer": "Adam", "decay": "0.1", "beta": 0.5},
    {"data": "above", "f": "log(x)", "held_out": 0},
    {"data": "own", "points": OWN, "classes": 3, "held_out": 0, "batch": "1", "start": "zero"},
]  # fmt: skip


@pytest.fixture(scope="module")
def found():
    given = [
        [checked(case), layers_of(case.get("layers", SETTINGS["layers"].value)), 60]
        for case in CASES
    ]
    more = {f"{FOLDER}samples.js": "samples"}
    return run_node(f"{FOLDER}training.js", "Training", TRAIN, [spec_of(), given], more)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_step_is_that_of_the_library(found, number):
    theirs, ours = found[number], Playground(**CASES[number])
    assert (theirs["learned"], theirs["K"]) == (ours.learned, ours.classes)
    np.testing.assert_allclose(np.reshape(theirs["X"], (-1, 2)), ours.X, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(theirs["y"], ours.y)
    for loss, share in theirs["losses"]:
        ours.step()
        np.testing.assert_allclose(float(loss), ours.loss(), rtol=1e-9)
        assert float(share) == ours.accuracy()
    if ours.learned < len(ours.y):
        loss, share = map(float, theirs["held"])
        np.testing.assert_allclose(loss, ours.loss(held_out=True), rtol=1e-9)
        assert share == ours.accuracy(held_out=True)
    weights = [M for layer in ours.net.layers for M in layer]
    for found_M, M in zip(theirs["weights"], weights, strict=True):
        np.testing.assert_allclose(found_M, M.ravel(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_every_link_of_the_book_is_understood(path):
    """Its settings are some that there are; what else a link may say is in `link.js`."""
    for query in re.findall(r'#playground\?([^"]*)"', path.read_text("utf-8")):
        state = dict(parse_qsl(html.unescape(query), strict_parsing=True))
        assert state.keys() - SETTINGS.keys() <= {"show", "unit", "sample", "t", "moved"}
        checked({name: value for name, value in state.items() if name in SETTINGS})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"dat": "xor"}, "dat is no setting; expected some of data, f, classes"),
        ({"data": "moon"}, "data is 'moon'; expected one of blobs, circle"),
        ({"eta": 1000}, "eta is 1000; expected a number from 0.001 to 100"),
        ({"eta": "fast"}, "eta is 'fast'; expected a number"),
        ({"n": 20.5}, "n is 20.5; expected a whole number from 10 to 400"),
        ({"eta": float("nan")}, "eta is nan"),
        ({"layers": "9.tanh"}, "layers has '9.tanh'; expected 1 to 8 units and one of identity"),
        ({"layers": "_".join(["1.tanh"] * 5)}, "layers are 5; expected at most 4"),
        ({"layers": 3}, "layers is 3; expected hidden layers as a text"),
        ({"points": "1.2"}, "points has '1.2'; expected three whole numbers"),
        ({"points": "1.2.7"}, "outside, or of no class"),
        ({"points": [(5, 0, 0)]}, "outside, or of no class"),
        ({"points": "0.0.0_" * 401}, "points are 401; expected at most 400"),
        ({"f": "sin(x"}, "f: "),
        ({"f": "y"}, "f: "),
        *(({"f": f}, "is not defined anywhere here") for f in ("log(-1)", "1/0", "0/0", "log(0)")),
        ({"data": "above", "f": "sqrt(-1 - x^2)"}, "is not defined anywhere here"),
    ],
)
def test_what_is_asked_wrongly_is_named(settings, says):
    with pytest.raises(LiveError) as error:
        playground(**settings).first_frame()
    assert says in str(error.value)


def test_nothing_held_out_is_said():
    with pytest.raises(LiveError, match="no samples are held out"):
        Playground(held_out=0).loss(held_out=True)
    with pytest.raises(LiveError, match="no samples are there to learn from"):
        Playground(data="own").loss()


def test_a_playground_without_samples_has_a_first_frame():
    assert "untrained network. To train it" in playground(data="own").first_frame()


def test_layers_and_points_may_be_rows():
    rows = Playground(layers=[(3, "tanh")], data="own", points=[(1.2, -0.34, 0)])
    text = Playground(layers="3.tanh", data="own", points="120.-34.0")
    assert rows.settings == text.settings


def test_the_page_carries_its_script_and_a_notebook_its_view():
    widget = playground(layers="")
    html = widget.to_html()
    assert f'id="playground" data-live-widget="playground" data-model="{widget.model_id}"' in html
    assert "https://" not in html.replace("http://www.w3.org", "")
    assert repr(widget) == "<PlaygroundView, circle, hidden layers none>"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_steps_are_those_of_gradient_descent(optimizer):
    """On all samples, without decay, each optimizer makes the path of `gdlib.gradient_descent`."""
    ours = Playground(optimizer=optimizer, eta=0.03, held_out=0)
    shapes = [M.shape for layer in ours.net.layers for M in layer]
    ends = list(itertools.accumulate(int(np.prod(shape)) for shape in shapes))

    def gradient(row):
        net = Network.from_weights(pairs(row), ours.net.hidden)
        return np.concatenate([M.ravel() for pair in net.gradients(ours.X, ours.y) for M in pair])

    def pairs(row):
        matrices = [
            part.reshape(s) for part, s in zip(np.split(row, ends[:-1]), shapes, strict=True)
        ]
        return list(zip(matrices[::2], matrices[1::2], strict=True))

    start = np.concatenate([M.ravel() for layer in ours.net.layers for M in layer])
    rules = {
        "descent": gradient_descent.descend,
        "momentum": gradient_descent.momentum,
        "Nesterov": gradient_descent.nesterov,
        "Adam": gradient_descent.adam,
    }
    path = rules[optimizer](gradient, start, 0.03, 30)
    ours.step(30)
    reached = np.concatenate([M.ravel() for layer in ours.net.layers for M in layer])
    np.testing.assert_allclose(reached, path[-1], rtol=1e-9, atol=1e-12)

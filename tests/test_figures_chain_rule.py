"""The numbers in chapter 4's figures, against published ones, gdlib and SymPy."""

import numpy as np
import pytest
import sympy as sp

from gdlib import chain_rule, symbolic
from gdlib.activation_functions import ACTIVATIONS
from gdlib.chain_rule import Var
from gdlib.efficient_backprop import Network
from gdlib.expression_graph import ExpressionGraph
from gdlib.figures import chain_rule as figures
from gdlib.graph_layout import Layout
from gdlib.live import LiveError
from gdlib.operation_counts import along_all_paths, backward, counted
from gdlib.slope import numerical_gradient
from tests.live_page import sentences, words, written

a, b, c, f = sp.symbols("a b c f", real=True)
w0, w1, w2, x0, x1, x2 = sp.symbols("w0 w1 w2 x0 x1 x2", real=True)
w, x, y, z = sp.symbols("w x y z", real=True)


def readouts(live, values=None):
    return sentences(live.evaluate(values))


PUBLISHED = [
    # CS231n's notes
    ((x + y) * z, {x: -2, y: 5, z: -4}, -12, {x: -4, y: -4, z: 3}),
    (
        symbolic.sigmoid(w0 * x0 + w1 * x1 + w2),
        {w0: 2, w1: -3, w2: -3, x0: -1, x1: -2},
        0.7310585786,
        {w0: -0.1966119332, w1: -0.3932238665, w2: 0.1966119332,
         x0: 0.3932238665, x1: -0.5898357997},
    ),
    (2 * (x * y + sp.Max(z, w)), {x: 3, y: -4, z: 2, w: -1}, -20, {w: 0, x: -8, y: 6, z: 2}),
    # micrograd's lectures
    ((a * b + c) * f, {a: 2, b: -3, c: 10, f: -2}, -8, {a: 6, b: -4, c: -2, f: 4}),
    (
        sp.tanh(x1 * w1 + x2 * w2 + b),
        {x1: 2, x2: 0, w1: -3, w2: 1, b: 6.8813735870195432},
        0.7071067812,
        {b: 0.5, w1: 1, w2: 0, x1: -1.5, x2: 0.5},
    ),
]  # fmt: skip


@pytest.mark.parametrize("expression, start, value, gradient", PUBLISHED)
def test_the_graph_shows_published_values_to_the_digit(expression, start, value, gradient):
    live = figures.graph(expression, start)
    shown_value, shown_gradient = readouts(live)[-2:]
    parts = live.evaluate()
    assert shown_value["values"][0] == pytest.approx(value, abs=5e-11)
    expected = [gradient[s] for s in sorted(gradient, key=lambda s: s.name)]
    assert shown_gradient["values"] == pytest.approx(expected, abs=5e-11)
    texts = [part["text"] for part in parts if "html" not in part and "text" in part]
    for number in (value, *gradient.values()):
        assert any(t.lstrip("+") == f"{number:.2f}".replace("-", "−") for t in texts)


def test_cs231n_prints_what_stands_in_the_boxes():
    expression, start, *_ = PUBLISHED[1]
    texts = words(figures.graph(expression, start).evaluate())
    for printed in ("0.73", "−0.20", "−0.39", "+0.20", "+0.39", "−0.59", "0.37", "−0.53"):
        assert printed in texts


@pytest.mark.parametrize(
    "expression, operations",
    [
        (PUBLISHED[0][0], ["+", "×"]),
        (PUBLISHED[1][0], ["×", "×", "+", "× −1", "exp", "+ 1", "1/u"]),
        (PUBLISHED[2][0], ["max", "×", "+", "× 2"]),
        (PUBLISHED[4][0], ["×", "×", "+", "tanh"]),
        (x - y, ["−"]),
        (sp.sqrt(x**2 + 3), ["u²", "+ 3", "√"]),
        (symbolic.relu(x * y), ["×", "relu"]),
    ],
)
def test_an_expression_is_taken_apart_into_its_operations(expression, operations):
    made = ExpressionGraph(expression)
    found = [n for n, p in zip(made.labels, made.parents, strict=True) if p]
    assert sorted(found) == sorted(operations)


EXPRESSIONS = [
    *(e for e, *_ in PUBLISHED),
    sp.sin(x) * x + sp.exp(x * y) / y,
    (x - y) ** 2 / 2 - x / 3 - y - 1,
    sp.log(x**2 + 1) - 2 / (x + y**2 + 3),
    symbolic.relu(x * y - 1) + sp.Abs(x),
    sp.Max(x, y, x * y) * sp.Min(x, 2),
    (x**2 + 1) ** y,
    3 * sp.pi * x * y,
    symbolic.softmax_cross_entropy(1, [x, y, x * y]),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_backward_through_any_graph_is_the_derivative(expression):
    made = ExpressionGraph(expression)
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    value = sp.lambdify(symbols, expression)
    grads = sp.lambdify(symbols, [made.grads[made.values.index(s)] for s in symbols])
    for at in np.random.default_rng(0).uniform(-1.5, 1.5, (20, len(symbols))):
        expected = numerical_gradient(lambda v: value(*v), at)
        assert np.array(grads(*at), float) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_an_equal_subexpression_is_one_node():
    made = ExpressionGraph(sp.sin(x * y) + sp.cos(x * y))
    assert len(made.values) == 6


def test_at_a_tie_the_first_has_the_derivative_as_in_gdlib():
    made = ExpressionGraph(sp.Max(x, y))
    u, v = Var(1.0), Var(1.0)
    chain_rule.maximum(u, v).backward()
    grads = [made.grads[made.values.index(s)].subs({x: 1, y: 1}) for s in (x, y)]
    assert [float(g) for g in grads] == [u.grad, v.grad] == [1, 0]


def test_a_layout_puts_every_node_after_its_parents_and_no_two_in_one_place():
    rng = np.random.default_rng(1)
    for _ in range(30):
        n = int(rng.integers(2, 14))
        parents = [sorted(set(map(int, rng.integers(0, i, min(i, 2))))) for i in range(n)]
        layout = Layout(parents)
        taken = [*layout.place, *(p for way in layout.bends.values() for p in way)]
        for child, own in enumerate(parents):
            assert all(layout.layer[p] < layout.layer[child] for p in own)
        for i, (layer, position) in enumerate(taken):
            for other_layer, other in taken[:i]:
                assert layer != other_layer or abs(position - other) > 0.999


def test_a_graph_of_vars_shows_what_backward_left():
    u, v = Var(2.0), Var(-3.0)
    output = (u * v + u) * u
    output.backward()
    live = figures.var_graph(output, names={"u": u, "v": v})
    nodes = chain_rule.graph(output)
    expected = [(n.value, n.grad, *(local for _, local in n.parents)) for n in nodes]
    assert written(live.evaluate()) == pytest.approx(np.concatenate(expected))
    assert not live.symbols


def test_the_sum_over_paths_is_the_gradient_of_the_network():
    net = symbolic.network((1, 2, 2, 1), hidden="sigmoid", output="linear")
    weight, other = net.weights[0][0, 1], net.weights[2][1, 0]
    rng = np.random.default_rng(3)
    start = {s: float(rng.normal()) for s in net.parameters}
    live = figures.highlighted_weight(net, weight, x=[0.7], y=[0.4], also=[other], start=start)
    *ways, total, _, step = readouts(live)[-5:]
    numeric = Network.from_weights(
        [
            (np.array(W.xreplace(start), float), np.array(v.xreplace(start), float)[0])
            for W, v in zip(net.weights, net.biases, strict=True)
        ],
        hidden="sigmoid",
        output="linear",
    )
    X, Y = np.array([[0.7]]), np.array([[0.4]])
    expected = numeric.gradients(X, Y)[0][0][0, 1]
    assert sum(way["values"][-1] for way in ways) == pytest.approx(expected)
    assert total["values"] == pytest.approx([expected, expected])
    for way in ways:
        assert np.prod(way["values"][:-1]) == pytest.approx(way["values"][-1])
    numeric.layers[0].W[0, 1] -= 0.5 * expected
    assert step["values"][-1] == pytest.approx(numeric.loss(X, Y))


@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_lines_of_path_counts_go_through_what_was_counted(width, depth):
    assert counted(width, depth) == (along_all_paths(width, depth), backward(width, depth))


def test_path_counts_reads_out_the_counts():
    live = figures.path_counts(depth=6)
    values = {figures._depth: 5, figures._width: 3}
    paths, counts = readouts(live, values)
    assert paths["values"] == [3**5]
    assert counts["values"] == pytest.approx(counted(3, 5))


def test_vanishing_shows_the_product_of_the_derivatives():
    g = {n: symbolic.ACTIVATIONS[n](symbolic.a) for n in ("sigmoid", "tanh", "relu")}
    live = figures.vanishing(g, depth=30)
    for at_w, at_x in ((1.3, 0.4), (-2.0, 1.0), (4.0, -3.0)):
        values = {symbolic.w: at_w, symbolic.x: at_x, figures._depth: 12}
        for (name, _), shown in zip(g.items(), readouts(live, values), strict=True):
            activation, derivative = ACTIVATIONS[name]
            state, expected = at_x, 1.0
            for _ in range(12):
                expected *= at_w * float(derivative(np.float64(at_w * state)))
                state = float(activation(np.float64(at_w * state)))
            assert shown["values"] == pytest.approx([expected, state], rel=1e-9)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: figures.graph(sp.Integer(3), {}), "start = {}"),
        (lambda: figures.graph(x, {x: 1}), "no operation"),
        (lambda: figures.graph(x * y, {x: 1}), "no value for y"),
        (lambda: figures.graph(x + 1, {x: 1, z: 2}), "a stranger, z"),
        (lambda: figures.graph("x +", {}), "graph"),
        (lambda: figures.var_graph(3), "expected a Var"),
        (lambda: figures.highlighted_weight(x * y, x, x=[1], y=[1]), "gdlib.symbolic.network"),
        (
            lambda: figures.highlighted_weight(symbolic.network((1, 1)), w, x=[1], y=[1]),
            "weight is w, which is not",
        ),
        (
            lambda: figures.highlighted_weight(
                n := symbolic.network((2, 2)), n.weights[0][0, 0], x=[1], y=[1, 0]
            ),
            "x has 1 numbers; expected 2",
        ),
        (lambda: figures.vanishing([]), "a dict of names"),
        (lambda: figures.vanishing({"odd": a * b}), "'odd'\\] has the symbols a, b"),
    ],
)
def test_wrong_input_is_answered_with_a_sentence(call, words):
    with pytest.raises(LiveError, match=words):
        call()

"""The symbolic side: its losses are their textbook definitions, its network a matrix product."""

import inspect
import re

import numpy as np
import pytest
import sympy as sp

from gdlib import (
    activation_functions,
    efficient_backprop,
    gradient_descent,
    loss_functions,
    symbolic,
)
from gdlib.symbolic import network
from myst_source import read
from tests.chapters import ROOT

y1, y2, q1, q2, q3 = sp.symbols("y1 y2 q1 q2 q3", real=True)


def same(one, other):
    return sp.simplify(one - other) == 0


def test_the_books_symbols_are_real_and_named_as_in_the_code():
    for name in ("w", "b", "eta", "X", "y", "L", "H", "A", "W", "delta", *"xhupa"):
        symbol = getattr(symbolic, name)
        assert symbol.name == name and symbol.is_real
    for name in "ndK":
        assert getattr(symbolic, name).is_integer and getattr(symbolic, name).is_positive
    assert sp.latex(symbolic.y_hat) == r"\hat{y}" and sp.latex(symbolic.eta) == r"\eta"


def test_every_loss_and_activation_of_the_library_is_here():
    for module in (loss_functions, activation_functions):
        own = [f for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__]
        names = [f.__name__ for f in own if not f.__name__.startswith("_")]
        assert len(names) > 10
        for name in names:
            assert name.endswith("_grad") or callable(getattr(symbolic, name))
    assert set(symbolic.ACTIVATIONS) == set(activation_functions.ACTIVATIONS)
    assert set(symbolic.OUTPUTS) == set(efficient_backprop.OUTPUTS)


def test_a_symbol_is_one_sample_and_a_list_is_n():
    assert symbolic.mse(y1, q1) == (q1 - y1) ** 2
    assert same(symbolic.mse([y1, y2], [q1, q2]), ((q1 - y1) ** 2 + (q2 - y2) ** 2) / 2)
    assert same(symbolic.mse([[y1, y2]], [[q1, q2]]), (q1 - y1) ** 2 + (q2 - y2) ** 2)
    assert symbolic.mse(sp.Matrix([[y1, y2]]), sp.Matrix([[q1, q2]])) == symbolic.mse(
        [[y1, y2]], [(q1, q2)]
    )
    assert symbolic.mse([1, 2], [2, 4]) == sp.Rational(5, 2)
    assert symbolic.rmse([0, 0], [1, 7]) == 5


def test_binary_losses_are_minus_the_log_of_what_the_truth_was_given():
    assert symbolic.binary_cross_entropy(1, q1) == -sp.log(q1)
    assert symbolic.binary_cross_entropy(0, q1) == -sp.log(1 - q1)
    both = symbolic.binary_cross_entropy([1, 0], [q1, q2])
    assert same(both, -(sp.log(q1) + sp.log(1 - q2)) / 2)
    for truth in (0, 1, y1):
        direct = symbolic.sigmoid_cross_entropy(truth, q1)
        composed = symbolic.binary_cross_entropy(truth, symbolic.sigmoid(q1))
        assert same(sp.diff(direct, q1), sp.diff(composed, q1))
        assert same(direct.subs(q1, 0), composed.subs(q1, 0))


def test_class_losses_take_labels_and_one_hot_rows():
    scores = [q1, q2, q3]
    P = symbolic.softmax(scores)
    assert same(sum(P), 1) and same(P[0] / P[1], sp.exp(q1 - q2))
    assert symbolic.cross_entropy(1, P) == symbolic.cross_entropy([0, 1, 0], P) == -sp.log(P[1])
    direct = symbolic.softmax_cross_entropy(2, scores)
    assert direct == sp.log(sp.exp(q1) + sp.exp(q2) + sp.exp(q3)) - q3
    assert direct == symbolic.softmax_cross_entropy([0, 0, 1], scores)
    two = symbolic.softmax_cross_entropy([2, 0], [scores, scores])
    assert same(two, (direct + symbolic.softmax_cross_entropy(0, scores)) / 2)
    assert symbolic.cross_entropy([0, 1], [[q1, q2], [q2, q3]]) == -(sp.log(q1) + sp.log(q3)) / 2


def test_activations_are_their_definitions():
    a = symbolic.a
    assert same(symbolic.sigmoid(a), sp.exp(a) / (1 + sp.exp(a)))
    assert symbolic.tanh(a) == sp.tanh(a) and symbolic.identity(3) == sp.Integer(3)
    assert [symbolic.relu(v) for v in (-2, 0, 3)] == [0, 0, 3]
    assert [symbolic.leaky_relu(v) for v in (-2, 3)] == [-sp.Rational(1, 50), 3]
    assert symbolic.leaky_relu(-2, slope=a) == -2 * a
    assert symbolic.softplus(0) == sp.log(2)


@pytest.mark.parametrize("output", sorted(efficient_backprop.OUTPUTS))
def test_a_network_is_layers_of_matrix_products(output):
    net = network([2, 3, 2], output=output)
    (W1, W2), (b1, b2) = net.weights, net.biases
    assert net.pre_activations[0] == net.inputs * W1 + b1
    assert net.hidden == [net.pre_activations[0].applyfunc(sp.tanh)]
    assert net.scores == net.hidden[0] * W2 + b2
    A, y = list(net.scores), list(net.labels)
    squares = sum((symbolic.sigmoid(a) - t) ** 2 for a, t in zip(A, y, strict=True)) / 2
    binary = [symbolic.sigmoid_cross_entropy(t, a) for t, a in zip(y, A, strict=True)]
    expected = {
        "softmax": (symbolic.softmax(A), symbolic.softmax_cross_entropy(y, A)),
        "sigmoid": ([symbolic.sigmoid(a) for a in A], sum(binary)),
        "linear": (A, (A[0] - y[0]) ** 2 + (A[1] - y[1]) ** 2),
        "sigmoid_squared": ([symbolic.sigmoid(a) for a in A], squares),
    }[output]
    assert list(net.prediction) == expected[0]
    point = {s: 0.1 * i for i, s in enumerate(sorted(net.loss.free_symbols, key=str))}
    assert net.loss.subs(point).evalf() == pytest.approx(expected[1].subs(point).evalf(), rel=1e-12)


def test_the_names_of_a_network_say_from_where_to_where():
    net = network([2, 3, 1], output="linear")
    assert net.weights[0][0, 1].name == "w^(1)_12" and net.weights[1][2, 0].name == "w^(2)_31"
    assert [b.name for b in net.biases[0]] == ["b^(1)_1", "b^(1)_2", "b^(1)_3"]
    assert [v.name for v in net.inputs] == ["x_1", "x_2"] and net.labels[0].name == "y_1"
    assert all(v.is_real for v in [*net.parameters, *net.inputs, *net.labels])
    names = [v.name for v in net.parameters]
    assert names[:7] == [
        "w^(1)_11",
        "w^(1)_12",
        "w^(1)_13",
        "w^(1)_21",
        "w^(1)_22",
        "w^(1)_23",
        "b^(1)_1",
    ]
    assert len(names) == len(set(names)) == 13
    wide = [v.name for v in network([12, 12], output="linear").parameters]
    assert len(set(wide)) == 12 * 13 and "w^(1)_1,12" in wide


def test_a_network_may_mix_activations_or_have_none():
    net = network([1, 1, 1, 1], ["relu", "identity"], "linear")
    assert net.hidden[0][0] == symbolic.relu(net.pre_activations[0][0])
    assert net.hidden[1] == net.pre_activations[1]
    assert network([2, 2]).hidden == []


def test_sharing_makes_the_derivatives_of_a_network_cheap():
    """Chapter 5's number: all derivatives written out against common parts computed once."""
    net = network([2, 3, 3])
    derivatives = [sp.diff(net.loss, v) for v in net.parameters]
    shared, reduced = sp.cse(derivatives)
    naive = sum(sp.count_ops(d) for d in derivatives)
    cheap = sum(sp.count_ops(e) for _, e in shared) + sum(sp.count_ops(e) for e in reduced)
    assert len(derivatives) == 21 and naive > 10 * cheap


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: symbolic.mse([y1], [q1, q2]), "y"),
        (lambda: symbolic.mse(y1, [q1, q2]), "y"),
        (lambda: symbolic.mse([[y1], [y2]], [q1, [q1, q2]]), "y"),
        (lambda: symbolic.cross_entropy(2, [q1, q2]), "y"),
        (lambda: symbolic.cross_entropy(-1, [q1, q2]), "y"),
        (lambda: symbolic.cross_entropy([0, 0, 1], [q1, q2]), "y"),
        (lambda: symbolic.cross_entropy([0], [[q1, q2], [q1, q2]]), "y"),
        (lambda: network([2]), "sizes"),
        (lambda: network([2, 0]), "sizes"),
        (lambda: network([2, 2], "than"), "hidden"),
        (lambda: network([2, 3, 2], ["tanh", "relu"]), "hidden"),
        (lambda: network([2, 3, 2], ["than"]), "hidden"),
        (lambda: network([2, 2], output="max"), "output"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^{name} = "):
        call()


def test_the_network_is_the_numeric_one():
    net = efficient_backprop.Network.random((2, 2, 2), rng=0)
    theirs = network((2, 2, 2))
    values = np.concatenate([v.ravel() for layer in net.layers for v in layer])
    at = dict(zip([*theirs.parameters, *theirs.inputs], [*values, 0.3, -0.7], strict=True))
    expected = [float(p.subs(at)) for p in theirs.prediction]
    np.testing.assert_allclose(net.predict([[0.3, -0.7]])[0], expected, rtol=1e-12)


def plain(formula):
    """A formula without what only sets its spaces, sizes and needless braces."""
    formula = re.sub(r"\\\\(\[[^]]*\])?|\\,|\\left|\\right|&|\s", "", formula)
    return re.sub(r"\{(\w|\\[a-z]+)\}", r"\1", formula)


def test_the_update_rules_on_the_page_are_printed_from_the_rules():
    page = read((ROOT / "chapters/06_gradient_descent.md").read_text("utf-8"))
    formulas = [plain(formula) for formula in page.formulas]
    for name in ("momentum", "Nesterov", "Adam"):
        for line in symbolic.written(name):
            if line != r"t \leftarrow t + 1":  # the page says it in words
                assert any(plain(line) in formula for formula in formulas), line
    assert plain(r"\beta_{1} m + \left(1 - \beta_{1}\right)") == r"\beta_1m+(1-\beta_1)"
    assert plain(r"\hat{m} \, 2") == plain(r"\hat m2") != plain(r"\hat v2")


def test_the_three_gradients_on_the_page_are_printed_from_what_the_page_computes():
    page = read((ROOT / "chapters/05_efficient_backprop.md").read_text("utf-8"))
    formulas = [plain(formula) for formula in page.formulas]
    lines = symbolic.three_gradients()
    assert len(lines) == 5
    for name, line in lines.items():
        assert any("=" + plain(line) in formula for formula in formulas), (name, line)


QUADRATIC = sp.Matrix([[3, 1], [1, 2]])


@pytest.mark.parametrize("name, constants", [
    ("descent", {}),
    ("momentum", {symbolic.beta: 0.7}),
    ("Nesterov", {symbolic.beta: 0.7}),
    ("Adam", {symbolic.beta_1: 0.8, symbolic.beta_2: 0.95, symbolic.epsilon: 1e-6}),
])  # fmt: skip
def test_a_step_of_every_optimizer_is_gdlibs_for_weights_that_depend_on_each_other(name, constants):
    weights = [symbolic.b, symbolic.w]  # in another order than the rules' own symbol

    def gradient(place):
        return list(QUADRATIC * sp.Matrix(place))

    update, rest = symbolic.optimizer_step(name, weights, gradient, constants)
    state = {symbolic.b: sp.Float(1), symbolic.w: sp.Float(-2), **rest}
    path = []
    for _ in range(5):
        numbers = {**state, symbolic.eta: 0.1}
        state = {s: update[s].xreplace(numbers) for s in state}
        path.append([float(state[s]) for s in weights])
    function = {"descent": "descend"}.get(name, name.lower())
    A = np.array(QUADRATIC, float)
    rates = {
        "momentum": {"beta": 0.7}, "Nesterov": {"beta": 0.7},
        "Adam": {"beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
    }  # fmt: skip
    expected = getattr(gradient_descent, function)(
        lambda v: A @ v, [1.0, -2.0], 0.1, 5, **rates.get(name, {})
    )
    assert np.array(path) == pytest.approx(expected[1:], rel=1e-12)


def test_every_optimizer_of_the_library_has_its_rule():
    names = {n.lower() for n in symbolic.OPTIMIZERS} - {"descent"} | {"descend"}
    optimizers = {
        name for name, f in vars(gradient_descent).items()
        if inspect.isfunction(f) and "w0" in inspect.signature(f).parameters and name[0] != "_"
    }  # fmt: skip
    assert names == optimizers
    with pytest.raises(ValueError, match="name = 'adagrad': expected one of 'descent'"):
        symbolic.optimizer_step("adagrad", [symbolic.w], list)


def test_a_relu_of_relus_is_taken_apart_by_nobody():
    a, b = symbolic.a, symbolic.b
    deep = symbolic.relu(a)
    for _ in range(9):
        deep = symbolic.relu(deep + symbolic.leaky_relu(b - deep) - 1)
    slope = sp.diff(deep, a)
    for values in ((1.5, -2.0), (-1.0, 0.3), (0.0, 0.0)):
        at = dict(zip((a, b), values, strict=True))
        u = max(0.0, values[0])
        for _ in range(9):
            v = values[1] - u
            u = max(0.0, u + (v if v > 0 else 0.01 * v) - 1)
        for face in (
            float(deep.subs(at)),
            float(sp.lambdify((a, b), deep, "numpy")(*values)),
            float(sp.lambdify((a, b), deep, "mpmath")(*values)),
        ):
            assert face == pytest.approx(u, abs=1e-12)
        assert np.isfinite(float(slope.subs(at)))


def test_a_relu_has_no_slope_at_zero_and_reads_as_cases():
    a = symbolic.a
    for f, slope in ((symbolic.relu, 0), (symbolic.leaky_relu, sp.Rational(1, 100))):
        derivative = sp.diff(f(a), a)
        assert [derivative.subs(a, v) for v in (0, 2, -2)] == [slope, 1, slope]
        assert sp.diff(derivative, a) == 0
        assert r"\begin{cases}" in sp.latex(f(a)) and f(a).rewrite(sp.Piecewise).is_Piecewise
        assert f(sp.Float(0.5)) == 0.5 and f(sp.Integer(-3)) == -3 * slope
    assert str(symbolic.relu(a)) == "relu(a)"


@pytest.mark.parametrize("output", symbolic.OUTPUTS)
@pytest.mark.parametrize("hidden", ["tanh", "relu", "softplus"])
def test_the_gradients_from_the_back_are_those_of_the_loss(hidden, output):
    net = symbolic.network((2, 3, 2, 2), hidden=hidden, output=output)
    rng = np.random.default_rng(0)
    symbols = [*net.inputs, *net.labels, *net.parameters]
    values = [*rng.normal(size=2), 1.0, 0.0, *rng.normal(size=len(net.parameters))]
    direct = [sp.diff(net.loss, p) for p in net.parameters]
    both = (sp.lambdify(symbols, e, "numpy", cse=True) for e in (net.gradients, direct))
    mine, theirs = (f(*values) for f in both)
    np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-14)

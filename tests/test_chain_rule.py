"""The graph of Vars: published numbers, SymPy's derivatives, and what either way costs."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gdlib import chain_rule as cr
from gdlib.chain_rule import Var, graph, paths, sum_over_paths

NUMBERS = st.floats(0.2, 2)
EXPRESSIONS = [
    lambda m, u, v: u + v * u - 3 * v,
    lambda m, u, v: 2 - u / v + 1 / u,
    lambda m, u, v: u**3 * v**-2 + u**v,
    lambda m, u, v: 2**u - v**0.5,
    lambda m, u, v: -u + (-v) * u + 1 + v / 4,
    lambda m, u, v: m.exp(u * v) - m.log(u + v),
    lambda m, u, v: m.sin(u) * m.cos(v) + m.sin(u) ** 2,
    lambda m, u, v: m.tanh(u - v) * m.tanh(u + 2),
    lambda m, u, v: 5 - (u - v) * (u - 1 - v),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(a=NUMBERS, b=NUMBERS)
def test_both_ways_give_sympys_derivatives(expression, a, b):
    u, v = sp.symbols("u v", positive=True)
    symbolic = expression(sp, u, v)
    x, y = Var(a), Var(b)
    z = expression(cr, x, y)
    z.backward()
    at = {u: a, v: b}
    assert z.value == pytest.approx(float(symbolic.subs(at)), rel=1e-9, abs=1e-12)
    for var, symbol in ((x, u), (y, v)):
        expected = float(sp.diff(symbolic, symbol).subs(at))
        assert var.grad == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert sum_over_paths(z, var)[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(a=st.floats(-3, 3))
def test_sigmoid_is_its_definition(a):
    x, y = Var(a), Var(a)
    cr.sigmoid(x).backward()
    (1 / (1 + cr.exp(-y))).backward()
    assert x.grad == pytest.approx(y.grad, rel=1e-12)


def test_relu_and_maximum_choose_a_side():
    for a, expected in ((-1.0, 0), (0.0, 0), (2.0, 1)):
        x = Var(a)
        y = cr.relu(x)
        y.backward()
        assert (y.value, x.grad) == (max(a, 0), expected)
    for a, b, da, db in ((1, 2, 0, 1), (3, 2, 1, 0), (2, 2, 1, 0)):
        x, y = Var(a), Var(b)
        z = cr.maximum(x, y)
        z.backward()
        assert (z.value, x.grad, y.grad) == (max(a, b), da, db)


def test_course_notes_product_of_a_sum():
    x, y, z = Var(-2), Var(5), Var(-4)
    f = (x + y) * z
    f.backward()
    assert (f.value, x.grad, y.grad, z.grad) == (-12, -4, -4, 3)


def test_course_notes_neuron():
    w, x = [Var(2), Var(-3), Var(-3)], [Var(-1), Var(-2)]
    f = cr.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2])
    f.backward()
    assert f.value == pytest.approx(0.7310585786, abs=5e-11)
    np.testing.assert_allclose(
        [v.grad for v in w], [-0.1966119332, -0.3932238665, 0.1966119332], atol=5e-11
    )
    np.testing.assert_allclose([v.grad for v in x], [0.3932238665, -0.5898357997], atol=5e-11)
    assert [f"{v.grad:.2f}" for v in w + x] == ["-0.20", "-0.39", "0.20", "0.39", "-0.59"]


def test_course_notes_maximum():
    x, y, z, w = Var(3), Var(-4), Var(2), Var(-1)
    f = 2 * (x * y + cr.maximum(z, w))
    f.backward()
    assert (f.value, x.grad, y.grad, z.grad, w.grad) == (-20, -8, 6, 2, 0)


def test_micrograd_lecture_expression_and_its_first_step():
    values = [2.0, -3.0, 10.0, -2.0]

    def loss(a, b, c, f):
        return (a * b + c) * f

    a, b, c, f = inputs = [Var(v) for v in values]
    L = loss(*inputs)
    L.backward()
    assert L.value == -8
    assert (a.grad, b.grad, c.grad, f.grad) == (6, -4, -2, 4)
    after = loss(*[v.value + 0.01 * v.grad for v in inputs])
    assert after == pytest.approx(-7.286496, abs=1e-12)


def test_micrograd_lecture_neuron():
    x1, x2, w1, w2 = Var(2), Var(0), Var(-3), Var(1)
    o = cr.tanh(x1 * w1 + x2 * w2 + Var(6.8813735870195432))
    o.backward()
    assert o.value == pytest.approx(0.7071067811865476, rel=1e-14)
    np.testing.assert_allclose(
        [x1.grad, w1.grad, x2.grad, w2.grad], [-1.5, 1, 0.5, 0], rtol=1e-12, atol=1e-15
    )


def test_a_var_used_twice_accumulates_and_calling_twice_changes_nothing():
    x = Var(3)
    y = x * x + x
    first = y.backward()
    assert (x.grad, first) == (7, 4)
    assert y.backward() == first and x.grad == 7
    z = 2 * x
    z.backward()
    assert x.grad == 2 and z.grad == 1 and y.grad == 1


def test_parents_are_pairs_of_a_var_and_the_local_derivative():
    x, y = Var(3), Var(4)
    z = x * y
    assert z.parents == ((x, 4.0), (y, 3.0)) and z.op == "×"
    assert x.parents == () and (x * 5).parents == ((x, 5.0),)
    assert repr(x) == "Var(3, grad=0)"


def test_the_graph_has_every_var_once_and_parents_first():
    x = Var(2)
    y = x * x
    z = y + y * x
    nodes = graph(z)
    assert len(nodes) == 4 and nodes[0] is x and nodes[-1] is z
    assert all(nodes.index(p) < nodes.index(v) for v in nodes for p, _ in v.parents)


def test_paths_lead_from_the_output_to_the_input():
    x, y = Var(2), Var(5)
    s = cr.sin(x)
    z = s * x
    assert paths(z, x) == [[z, s, x], [z, x]]
    assert paths(z, z) == [[z]] and sum_over_paths(z, z) == (1, 0)
    assert paths(z, y) == [] and sum_over_paths(z, y) == (0, 0)
    w = x * x
    assert paths(w, x) == [[w, x], [w, x]]
    assert sum_over_paths(w, x) == (4, 2)


@given(depth=st.integers(1, 9))
def test_paths_grow_exponentially_and_reverse_accumulation_linearly(depth):
    """A chain of u ← u · u: two edges a level, so 2^depth paths of `depth` edges each."""
    x = u = Var(1.01)
    for _ in range(depth):
        u = u * u
    derivative, multiplications = sum_over_paths(u, x)
    assert multiplications == depth * 2**depth
    assert len(paths(u, x)) == 2**depth
    assert u.backward() == 2 * depth
    assert x.grad == pytest.approx(derivative, rel=1e-12)
    assert x.grad == pytest.approx(2**depth * 1.01 ** (2**depth - 1), rel=1e-10)


def test_a_single_chain_costs_the_same_both_ways():
    x = Var(0.5)
    z = cr.exp(cr.sin(cr.tanh(x)))
    assert sum_over_paths(z, x)[1] == z.backward() == 3


def test_a_graph_may_be_deeper_than_pythons_stack():
    x = u = Var(1.0)
    for _ in range(20_000):
        u = u + 0
    assert u.backward() == 20_000 and x.grad == 1


def test_numbers_stay_numbers_and_numpys_numbers_are_numbers():
    assert cr.exp(0.0) == 1.0 and isinstance(cr.exp(0.0), float)
    assert cr.maximum(1, 2) == 2.0 and cr.relu(-1) == 0.0
    x = Var(3)
    for z in (np.float64(2) * x, x * np.float64(2), np.float64(2) / x, np.float64(2) ** x):
        assert isinstance(z, Var) and z.parents[0][0] is x
    assert (Var(0) ** 0).parents[0][1] == 0


@pytest.mark.parametrize(
    "operation",
    [
        lambda: Var(np.nan),
        lambda: Var("one"),
        lambda: Var([1.0, 2.0]),
        lambda: Var(1) / 0,
        lambda: 1 / Var(0),
        lambda: cr.log(Var(0)),
        lambda: cr.log(Var(-1)),
        lambda: cr.exp(Var(1e4)),
        lambda: Var(-8) ** (1 / 3),
        lambda: Var(0) ** 0.5,
        lambda: (-2) ** Var(1.5),
        lambda: Var(1) + np.nan,
        lambda: Var(1) * "two",
        lambda: cr.log(0),
    ],
)
def test_what_has_no_finite_value_or_derivative_is_refused(operation):
    with pytest.raises(ValueError, match="expected"):
        operation()


def test_an_array_is_no_operand():
    with pytest.raises(ValueError):
        np.array([1.0, 2.0]) * Var(3.0)


def test_paths_are_between_vars():
    x = Var(1.0)
    for output, input, name in ((3.0, x, "output"), (x, 3.0, "input")):
        for function in (paths, sum_over_paths):
            with pytest.raises(ValueError, match=f"^{name} = 3.0: expected a Var"):
                function(output, input)

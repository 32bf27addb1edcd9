"""Losses: every gradient re-derived by SymPy from its loss; other oracles, corners, bad input."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gdlib import loss_functions as lf
from gdlib import symbolic
from gdlib.efficient_backprop import Network
from gdlib.slope import complex_step, numerical_gradient
from gdlib.verify import agree

UNITS = ["mse", "rmse", "binary_cross_entropy", "sigmoid_cross_entropy"]  # a truth for each output
CLASSES = ["cross_entropy", "softmax_cross_entropy"]  # one class among K
LOSSES = UNITS + CLASSES
PROBABILITIES = {"binary_cross_entropy", "cross_entropy"}
ROWS = [(1, 2), (2, 3), (3, 2)]
SHAPES = [(1,), (3,), (1, 1), *ROWS]


def pair(name):
    return getattr(lf, name), getattr(lf, name + "_grad")


def sample(name, n, K, rng, dtype=float):
    """A truth and a prediction that this loss takes, the prediction inside its domain."""
    shape = (n, K) if K else (n,)
    prediction = rng.normal(size=shape)
    if name in PROBABILITIES:
        prediction = rng.uniform(0.05, 0.95, size=shape)
    y = rng.normal(size=shape) if "mse" in name else rng.integers(0, 2, size=shape)
    if name in CLASSES:
        y = np.eye(K)[rng.integers(0, K, size=n)]
    return y.astype(dtype), prediction.astype(dtype)


@pytest.mark.parametrize(
    ("name", "shape"),
    [(name, s) for name in UNITS for s in SHAPES] + [(name, s) for name in CLASSES for s in ROWS],
)
def test_gradient_is_what_sympy_derives_from_the_loss(name, shape):
    """With a symbol for every entry of truth and prediction."""
    y = np.array(sp.symbols(f"y:{np.prod(shape)}", real=True)).reshape(shape)
    q = np.array(sp.symbols(f"q:{np.prod(shape)}", real=True)).reshape(shape)
    loss = getattr(symbolic, name)(y.tolist(), q.tolist())
    gradient = [sp.diff(loss, v) for v in q.flat]
    numeric, numeric_grad = pair(name)
    domain = dict.fromkeys(y.flat, (0, 1))
    if name in PROBABILITIES:
        domain |= dict.fromkeys(q.flat, (0.01, 0.99))
    if name in CLASSES:  # rows of the truth sum to 1: the last entry is the rest

        def closed(f):
            return lambda y, q: f(np.c_[y[:, :-1], 1 - y[:, :-1].sum(axis=1)], q)

        last = {row[-1]: 1 - sum(row[:-1]) for row in y}
        domain = {k: (0, 1 / shape[1]) if k in y else v for k, v in domain.items()}
        agree(loss.subs(last), closed(numeric), [y, q], domain=domain, points=30, rtol=1e-12)
        gradient = [g.subs(last) for g in gradient]
        numeric, numeric_grad = closed(numeric), closed(numeric_grad)
    else:
        agree(loss, numeric, [y, q], domain=domain, points=30, rtol=1e-12)
    agree(gradient, numeric_grad, [y, q], of=numeric, domain=domain, points=30, rtol=1e-11)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("n", "K"), [(1, 2), (4, 3), (5, 1)])
def test_gradient_is_the_complex_step(name, n, K):
    loss, grad = pair(name)
    y, q = sample(name, n, K, np.random.default_rng(n))
    slopes = np.empty_like(q)
    for i in np.ndindex(q.shape):
        along = np.zeros_like(q)
        along[i] = 1
        slopes[i] = complex_step(lambda t, u=along: loss(y, q + t * u), 0.0)
    np.testing.assert_allclose(grad(y, q), slopes, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_the_central_difference(name):
    loss, grad = pair(name)
    y, q = sample(name, 6, 4, np.random.default_rng(6))
    np.testing.assert_allclose(grad(y, q), numerical_gradient(lambda q: loss(y, q), q), atol=1e-8)


@pytest.mark.parametrize("name", LOSSES)
def test_loss_and_gradient_are_pytorchs(name, torch):
    F = torch.nn.functional
    theirs = {
        "mse": lambda q, y: F.mse_loss(q, y, reduction="sum") / len(y),
        "rmse": lambda q, y: (F.mse_loss(q, y, reduction="sum") / len(y)).sqrt(),
        "binary_cross_entropy": lambda q, y: F.binary_cross_entropy(q, y, reduction="sum") / len(y),
        "sigmoid_cross_entropy": lambda q, y: (
            F.binary_cross_entropy_with_logits(q, y, reduction="sum") / len(y)
        ),
        "cross_entropy": lambda q, y: F.nll_loss(q.log(), y.argmax(dim=1)),
        "softmax_cross_entropy": lambda q, y: F.cross_entropy(q, y.argmax(dim=1)),
    }[name]
    loss, grad = pair(name)
    y, q = sample(name, 7, 4, np.random.default_rng(7))
    t = torch.tensor(q, requires_grad=True)
    value = theirs(t, torch.tensor(y))
    value.backward()
    np.testing.assert_allclose(loss(y, q), value.item(), rtol=1e-12)
    np.testing.assert_allclose(grad(y, q), t.grad.numpy(), rtol=1e-12, atol=1e-16)


def test_softmax_is_scipys_definition_by_hand():
    np.testing.assert_allclose(lf.softmax(np.log([[1.0, 3.0, 6.0]])), [[0.1, 0.3, 0.6]])
    np.testing.assert_allclose(lf.softmax([0.0, 0.0]), [0.5, 0.5])
    stack = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_allclose(lf.softmax(stack).sum(axis=-1), np.ones((2, 3)))


def test_softmax_gradient_of_the_course_notes():
    """CS231n: p = (.2, .3, .5) and true class 1 give (.2, −.7, .5)."""
    scores = np.log([[0.2, 0.3, 0.5]])
    np.testing.assert_allclose(
        lf.softmax_cross_entropy_grad([1], scores), [[0.2, -0.7, 0.5]], rtol=1e-14
    )


def test_from_scores_and_from_probabilities_is_the_same_loss():
    rng = np.random.default_rng(0)
    A, y = rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    assert lf.softmax_cross_entropy(y, A) == pytest.approx(lf.cross_entropy(y, lf.softmax(A)))
    a, t = rng.normal(size=5), rng.integers(0, 2, 5)
    p = 1 / (1 + np.exp(-a))
    assert lf.sigmoid_cross_entropy(t, a) == pytest.approx(lf.binary_cross_entropy(t, p))


@given(
    name=st.sampled_from(LOSSES),
    n=st.integers(1, 5),
    K=st.integers(1, 4),
    dtype=st.sampled_from([np.float32, np.float64]),
    order=st.sampled_from("CF"),
    seed=st.integers(0, 99),
)
def test_any_shape_keeps_its_dtype_and_its_arguments(name, n, K, dtype, order, seed):
    y, q = (np.asarray(v, order=order) for v in sample(name, n, K, np.random.default_rng(seed)))
    y, q = y.astype(dtype), q.astype(dtype)
    copies = y.copy(), q.copy()
    loss, grad = pair(name)
    assert np.shape(loss(y, q)) == () and loss(y, q).dtype == dtype and loss(y, q) >= 0
    assert grad(y, q).shape == q.shape and grad(y, q).dtype == dtype
    assert not np.shares_memory(grad(y, q), q)
    np.testing.assert_array_equal((y, q), copies)


@given(n=st.integers(1, 6), seed=st.integers(0, 99), name=st.sampled_from(LOSSES))
def test_the_order_of_the_samples_does_not_matter(n, seed, name):
    rng = np.random.default_rng(seed)
    y, q = sample(name, n, 3, rng)
    order = rng.permutation(n)
    loss, grad = pair(name)
    assert loss(y[order], q[order]) == pytest.approx(loss(y, q), rel=1e-13)
    np.testing.assert_allclose(grad(y[order], q[order]), grad(y, q)[order], rtol=1e-13)


@pytest.mark.parametrize("name", UNITS)
def test_a_column_means_the_same_as_a_list_and_never_broadcasts(name):
    loss, grad = pair(name)
    y, q = sample(name, 4, 0, np.random.default_rng(4))
    values = {float(loss(t, p)) for t in (y, y[:, None]) for p in (q, q[:, None])}
    assert len(values) == 1
    assert grad(y[:, None], q).shape == (4,)
    assert grad(y, q[:, None]).shape == (4, 1)
    np.testing.assert_array_equal(grad(y, q[:, None])[:, 0], grad(y, q))


@pytest.mark.parametrize("name", UNITS)
def test_a_number_is_one_sample(name):
    loss, grad = pair(name)
    y, q = sample(name, 1, 0, np.random.default_rng(1))
    assert loss(y[0], q[0]) == loss(y, q)
    assert grad(y[0], q[0]) == grad(y, q)[0]


@pytest.mark.parametrize("name", CLASSES)
def test_labels_and_one_hot_rows_mean_the_same(name):
    loss, grad = pair(name)
    y, q = sample(name, 5, 3, np.random.default_rng(5))
    for labels in (y.argmax(axis=1), y.argmax(axis=1).astype(float), y.argmax(axis=1).tolist()):
        assert loss(labels, q) == loss(y, q)
        np.testing.assert_array_equal(grad(labels, q), grad(y, q))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [int, bool, np.float64])
def test_the_truth_does_not_change_the_predictions_dtype(name, dtype):
    loss, grad = pair(name)
    y, q = sample(name, 3, 2, np.random.default_rng(3), np.float32)
    assert loss(np.rint(y).astype(dtype), q).dtype == np.float32
    assert grad(np.rint(y).astype(dtype), q).dtype == np.float32


def test_rmse_has_a_kink_at_zero_and_zeros_there():
    np.testing.assert_array_equal(lf.rmse_grad([1.0, 2.0], [1.0, 2.0]), [0, 0])
    assert lf.rmse([1.0, 2.0], [1.0, 2.0]) == 0


def test_certain_and_right_costs_nothing():
    assert lf.binary_cross_entropy([0, 1], [0.0, 1.0]) == 0
    np.testing.assert_array_equal(lf.binary_cross_entropy_grad([0, 1], [0.0, 1.0]), [0.5, -0.5])
    assert lf.cross_entropy([1], [[0.0, 1.0]]) == 0
    np.testing.assert_array_equal(lf.cross_entropy_grad([1], [[0.0, 1.0]]), [[0, -1]])


def test_certain_and_wrong_costs_inf():
    assert lf.binary_cross_entropy([0, 1], [0.5, 0.0]) == np.inf
    np.testing.assert_array_equal(
        lf.binary_cross_entropy_grad([0, 1], [1.0, 0.0]), [np.inf, -np.inf]
    )
    assert lf.cross_entropy([0], [[0.0, 1.0]]) == np.inf
    np.testing.assert_array_equal(lf.cross_entropy_grad([0], [[0.0, 1.0]]), [[-np.inf, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_far_out_cost_what_they_differ_by(dtype):
    far = np.array([[1e4, -1e4]], dtype)
    assert lf.softmax_cross_entropy([0], far) == 0
    assert lf.softmax_cross_entropy([1], far) == 2e4
    np.testing.assert_array_equal(lf.softmax_cross_entropy_grad([1], far), [[1, -1]])
    np.testing.assert_array_equal(lf.softmax(far), [[1, 0]])
    assert lf.sigmoid_cross_entropy([1, 0], far[0]) == 0
    assert lf.sigmoid_cross_entropy([0, 1], far[0]) == 1e4
    np.testing.assert_array_equal(lf.sigmoid_cross_entropy_grad([0, 1], far[0]), [0.5, -0.5])


def test_small_costs_keep_their_digits():
    assert lf.sigmoid_cross_entropy(1, 40.0) == pytest.approx(np.exp(-40), rel=1e-12)
    assert lf.binary_cross_entropy(0, 1e-20) == pytest.approx(1e-20, rel=1e-12)


def test_overflow_is_inf_without_a_warning():
    assert lf.mse([0.0], [1e200]) == np.inf
    assert lf.rmse([0.0], [1e200]) == np.inf


@pytest.mark.parametrize("name", LOSSES)
def test_an_infinite_prediction_is_refused_but_by_the_mse(name):
    for function in (getattr(lf, name), getattr(lf, f"{name}_grad")):
        if name == "mse":
            assert np.max(function([[0, 1]], [[0.5, np.inf]])) == np.inf
        else:
            with pytest.raises(ValueError, match="expected finite"):
                function([[0, 1]], [[0.5, np.inf]])


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("y", "q", "message"),
    [
        (np.zeros((0, 2)), np.zeros((0, 2)), "not empty"),
        ([0, 1], [[[0.5, 0.5]]], "expected"),
        ([[0, 1]], [[0.5, np.nan]], "expected numbers, not NaN"),
        ([[0, np.nan]], [[0.5, 0.5]], r"^y = "),
        ([[0, 1, 0]], [[0.5, 0.5]], r"^y has shape \(1, 3\)"),
        ([0, 1, 1], [[0.5, 0.5]], r"^y has shape \(3,\)"),
        ([[0], [1]], [[0.5, 0.5], [0.5, 0.5]], r"^y has shape \(2, 1\)"),
        (0, [[0.5, 0.5]], r"^y has shape \(\)"),
    ],
)
def test_bad_shapes_and_numbers_are_refused_by_name(name, y, q, message):
    for function in pair(name):
        with pytest.raises(ValueError, match=message):
            function(y, q)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    "y", [[2], [-1], [0.5], [[0.5, 0.6]], [[0.2, 0.2]], [[1.5, -0.5]], [[-0.5, 1.5]]]
)
def test_labels_that_are_no_classes_are_refused(name, y):
    for function in pair(name):
        with pytest.raises(ValueError, match=r"^y = "):
            function(y, [[0.5, 0.5]])


@pytest.mark.parametrize("name", ["binary_cross_entropy", "sigmoid_cross_entropy"])
@pytest.mark.parametrize("y", [2, -1, 1.01])
def test_truths_outside_zero_and_one_are_refused(name, y):
    for function in pair(name):
        with pytest.raises(ValueError, match=r"^y = "):
            function([y], [0.5])


@pytest.mark.parametrize("q", [-0.01, 1.01])
def test_probabilities_outside_zero_and_one_are_refused(q):
    for function in pair("binary_cross_entropy"):
        with pytest.raises(ValueError, match=r"^p = .*from 0 to 1"):
            function([1], [q])
    for function in pair("cross_entropy"):
        with pytest.raises(ValueError, match=r"^P = .*from 0 to 1"):
            function([1], [[q, 0.5]])


@pytest.mark.parametrize("A", [0.5, [], [np.nan, 1.0], [np.inf, 1.0]])
def test_softmax_refuses_what_has_no_last_axis_or_no_numbers(A):
    with pytest.raises(ValueError, match=r"^A "):
        lf.softmax(A)


def test_a_loss_and_its_gradient_share_the_sums_of_softmax(monkeypatch):
    seen, exp = [], np.exp
    monkeypatch.setattr(np, "exp", lambda a: seen.append(a) or exp(a))
    Network.random((2, 3), rng=0).train([[1.0, 2.0]], [1], 0.1, 1)
    assert len(seen) == 2  # for the sums, and for the probabilities


def test_at_the_ends_of_the_floats_right_costs_nothing():
    assert lf.softmax_cross_entropy([0], [[1e308, -1e308]]) == 0
    assert lf.softmax_cross_entropy([0, 1], [[1e308, 0], [-1e308, 1e308]]) == 0
    assert lf.softmax_cross_entropy([1], [[1e308, 0.0]]) == 1e308


def test_a_perfect_prediction_costs_zero_and_not_minus_zero():
    for loss in (
        lf.cross_entropy([0], [[1.0, 0.0]]),
        lf.binary_cross_entropy([1.0], [1.0]),
        lf.binary_cross_entropy([0.0], [0.0]),
        lf.softmax_cross_entropy([0], [[800.0, 0.0]]),
        lf.sigmoid_cross_entropy([1.0], [800.0]),
    ):
        assert loss == 0 and not np.signbit(loss)
    assert not np.signbit(lf.cross_entropy_grad([0], [[1.0, 0.0]])[0, 1])

"""The checks and the door: an error says why, and nothing is checked again inside the door."""

import numpy as np
import pytest

from gdlib import _argument_checks as check
from gdlib import (
    _checked,
    _preparations,
    data,
    gradient_descent,
    loss_functions,
    slope,
    taylor_expansion,
)
from gdlib.efficient_backprop import History, Network


def test_the_error_names_the_argument_what_came_and_what_was_expected():
    assert str(check.bad("eta", -1, "a number")) == "eta = -1: expected a number"
    text = str(check.bad("X", np.zeros((9, 99)), "few"))
    assert "\n" not in text and len(text) < 130 and "…: expected few" in text
    for length in (97, 98):  # with its quotes 99 and 100
        text = str(check.bad("X", "x" * length, "few"))
        assert text == f"X = {repr('x' * length)[:99]}{'…' * (length > 97)}: expected few"


def test_numbers_keep_what_is_floating_point_and_convert_the_rest():
    for dtype in (np.float16, np.float32, np.float64, np.complex64, np.complex128):
        assert check.numbers("x", np.ones(2, dtype)).dtype == dtype
    for integer in (1, True, np.ones(2, np.int8), [1, 2]):
        assert check.numbers("x", integer).dtype == float
    assert np.isinf(check.numbers("x", np.inf))
    for bad in (None, "x", [[1], [1, 2]], np.nan, [1, np.nan], np.nan * 1j):
        with pytest.raises(ValueError, match="^x = .*numbers"):
            check.numbers("x", bad)
    for bad in (np.inf, [-np.inf, 1]):
        with pytest.raises(ValueError, match="^x = .*finite"):
            check.finite("x", bad)


def test_a_scalar_is_one_real_number_inside_its_limits():
    assert check.scalar("x", np.float32(0.5), 0, 1) == 0.5
    assert type(check.scalar("x", 1)) is float
    for bad in (0, 1, -1, 2, [0.5], 0.5j, np.nan):
        with pytest.raises(ValueError, match="^x = "):
            check.scalar("x", bad, 0, 1)


def test_a_count_is_a_whole_number():
    assert check.count("n", np.int64(3)) == 3 and type(check.count("n", np.int64(3))) is int
    assert check.count("n", 0) == 0 and check.count("n", 2, least=2) == 2
    for bad in (-1, 1.0, True, "1", None):
        with pytest.raises(ValueError, match="^n = .*at least 0"):
            check.count("n", bad)


def test_a_member_is_one_of_the_names():
    assert check.member("x", "b", ["a", "b"]) == "b"
    for bad in ("c", None, 1, ["a"]):
        with pytest.raises(ValueError, match="^x = .*expected one of 'a', 'b'"):
            check.member("x", bad, ["a", "b"])


def test_a_generator_comes_or_is_made_of_a_whole_number():
    mine = np.random.default_rng(3)
    assert check.generator("rng", mine) is mine
    first = [check.generator("rng", seed).random() for seed in (3, np.int64(3), None)]
    assert first[0] == first[1] == mine.random() != first[2]
    for bad in ("x", -1, 1.5):
        with pytest.raises(ValueError, match="^rng = .*expected a numpy.random.Generator"):
            check.generator("rng", bad)


def test_a_dtype_is_one_of_real_floating_point_numbers():
    for dtype in (None, np.float32, "float16", float):
        assert check.floating("dtype", dtype) == np.dtype(dtype)
    for bad in (int, complex, bool, str, "nonsense", 3):
        with pytest.raises(ValueError, match="^dtype = .*expected a dtype"):
            check.floating("dtype", bad)


def test_a_matrix_has_rows_and_columns():
    assert check.matrix("X", [[1, 2]]).shape == (1, 2)
    assert check.matrix("X", [[1, 2]], 2).shape == (1, 2)
    for bad in ([1], [[]], [[[1]]]):
        with pytest.raises(ValueError, match=r"^X has shape .*expected \(n, k\), not empty"):
            check.matrix("X", bad)
    with pytest.raises(ValueError, match=r"^X has shape \(1, 2\): expected \(n, 3\)"):
        check.matrix("X", [[1, 2]], 3)


def test_limits_are_included_and_an_imaginary_step_is_ignored():
    assert check.between("p", np.array([0.0, 1.0]), 0, 1).tolist() == [0, 1]
    check.between("p", np.array([0.5 + 9j]), 0, 1)
    for bad in (-1e-9, 1 + 1e-9):
        with pytest.raises(ValueError, match="^p = .*from 0 to 1"):
            check.between("p", np.array([0.5, bad]), 0, 1)


def test_rows_may_miss_one_by_rounding_only():
    third = np.full((1, 3), 1 / 3, np.float32)
    assert check.one_hot(third, (1, 3), float).dtype == float
    with pytest.raises(ValueError, match="sum to 1"):
        check.one_hot([[0.5, 0.5 + 1e-7]], (1, 2), float)
    for little in (1e-9, np.finfo(float).eps ** 0.5):
        check.one_hot([[0.5, 0.5 + little]], (1, 2), float)


def test_classes_are_labels_or_rows_of_probabilities():
    for y in ([2, 0], np.eye(3)[[2, 0]]):
        assert check.one_hot(y, (2, 3), np.float32).tolist() == [[0, 0, 1], [1, 0, 0]]
        assert check.one_hot(y, (2, 3), np.float32).dtype == np.float32
    for bad in ([0, 3], [-1, 0], [0.5, 0]):
        with pytest.raises(ValueError, match="^y = .*whole numbers from 0 to 2$"):
            check.one_hot(bad, (2, 3), float)
    for bad in ([-0.5, 0.75, 0.75], [1.5, 0.5, 0.0]):
        with pytest.raises(ValueError, match="^y = .*numbers from 0 to 1$"):
            check.one_hot([bad], (1, 3), float)


def test_targets_are_what_the_output_function_needs():
    assert check.targets([1, 0], (2, 2), float, "sigmoid").tolist() == [[0, 1], [1, 0]]
    assert check.targets([-3, 7], (2, 1), float, "linear").tolist() == [[-3], [7]]
    with pytest.raises(ValueError, match="^y = .*numbers from 0 to 1$"):
        check.targets([-0.5, 1], (2, 1), float, "sigmoid")
    for output in ("linear", "sigmoid_squared"):
        assert check.targets([-3], (1, 1), float, output).tolist() == [[-3]]
    with pytest.raises(ValueError, match="as the prediction$"):
        check.targets(0.5, (3, 2), float, "sigmoid")


def test_only_rows_and_columns_of_one_output_stand_for_each_other():
    assert check.truth([1, 2], (2, 1), float).shape == (2, 1)
    assert check.truth([[1], [2]], (2,), float).shape == (2,)
    assert check.truth([[1], [2]], (2, 1), np.float32).dtype == np.float32
    for y, shape in (([1, 2], (1, 2)), ([[1, 2]], (2,)), ([[1, 2]], (2, 1)), (1, (1,)), ([1], ())):
        with pytest.raises(ValueError, match="^y has shape"):
            check.truth(y, shape, float)


@_checked.checked(_preparations.elementwise)
def half(a):
    if isinstance(a, list):
        raise TypeError("a list got in")
    return a / 2


@_checked.checked(_preparations.elementwise)
def quarter(a, check_again=False):
    if check_again:
        half([1.0])
    return half(half(a))


@_checked.checked(_preparations.elementwise)
def divided(a, by=1):
    return a / by


@_checked.checked(_preparations.elementwise)
def third(a):
    return divided(a, by=3)


def test_an_inner_call_keeps_its_keywords():
    assert third([6]).tolist() == [2]


def test_a_kept_value_is_computed_once_for_an_array_and_forgotten_with_it():
    seen = []

    @_checked.checked(_preparations.elementwise)
    @_checked.kept
    def double(a):
        seen.append(np.array(a))
        return 2 * a

    @_checked.checked(_preparations.elementwise)
    def total(a):
        other = a + 1  # may take the memory of an array that is gone
        return double(a) + double(a) + double(other) + double(3.0) + double(3.0)

    for first in (1.0, 10.0):
        assert total([first]).tolist() == [6 * first + 14]
    assert [float(np.sum(a)) for a in seen] == [1, 2, 3, 3, 10, 11, 3, 3]
    for i in range(9):  # the same place in memory, another array
        assert double(np.full(3, float(i))).tolist() == [2 * i] * 3


def test_the_outermost_call_prepares_and_the_inner_ones_run_bare():
    assert quarter([4, 8]).tolist() == [1, 2]
    with pytest.raises(TypeError, match="a list got in"):
        quarter([4, 8], check_again=True)


def test_after_an_error_the_door_is_shut_again():
    with pytest.raises(TypeError):
        quarter([4], check_again=True)
    assert half([2.0]).tolist() == [1]
    with pytest.raises(ValueError, match="^a = "):
        half(["x"])
    assert half([2.0]).tolist() == [1]


def test_no_warning_leaves_and_no_setting_stays():
    @_checked.checked(_preparations.elementwise)
    def reciprocal(a):
        return 1 / a

    assert reciprocal(0) == np.inf
    with pytest.warns(RuntimeWarning):
        np.float64(1) / np.float64(0)


def test_a_checked_function_keeps_its_name_and_returns_numbers_for_numbers():
    assert half.__name__ == "half" and half.__wrapped__ is not half
    assert isinstance(half(3), float) and not isinstance(half(3), np.ndarray)
    assert isinstance(half([3]), np.ndarray)
    assert quarter(a=8) == 2
    with pytest.raises(TypeError, match="missing"):
        half()


def test_a_single_number_is_a_sample_but_no_row_of_classes():
    arguments = {"y": 1, "y_hat": 2}
    _preparations.numbers_and_truth(arguments)
    assert arguments["y"].shape == arguments["y_hat"].shape == ()
    with pytest.raises(ValueError, match=r"^A has shape \(\)"):
        _preparations.scores_and_classes({"y": 1, "A": 2})
    for shape in ((2, 2, 2), (0, 2)):
        with pytest.raises(ValueError, match=r"^y_hat has shape .*expected \(n,\) or \(n, K\)"):
            _preparations.numbers_and_truth({"y": 1, "y_hat": np.ones(shape)})


def test_a_hessian_is_square_and_symmetric_up_to_rounding():
    for shape in ((0, 0), (2, 3), (3, 2), (2, 2, 2), (3,)):
        with pytest.raises(ValueError, match=r"^hess has shape .*a number or \(d, d\)"):
            _preparations.curved({"hess": np.ones(shape)})
    _preparations.curved({"hess": [[1, 1e-9], [0, 1]]})
    with pytest.raises(ValueError, match="symmetric"):
        _preparations.curved({"hess": [[1, 1e-5], [0, 1]]})


def test_a_batch_has_at_least_one_sample():
    net = Network.random([2, 1], output="linear")
    assert len(net.train([[1.0, 2.0]], [3.0], 0.1, 2, batch_size=1).loss) == 2
    for bad in (0, 2.5):
        with pytest.raises(ValueError, match="^batch_size = .*at least 1"):
            net.train([[1.0, 2.0]], [3.0], 0.1, 0, batch_size=bad)  # even if no batch is needed


MASKED = np.ma.masked_array([1.0, 2.0], [False, True])
COMPLEX = np.array([1 + 1j, 2])
REFUSING = {
    "y": lambda v: loss_functions.mse(v, [0.5, 0.5]),
    "X": lambda v: data.standardise(v),
    "w0": lambda v: gradient_descent.descend(lambda w: w, v, 0.1, 2),
    r"grad\(w\)": lambda v: gradient_descent.adam(lambda w: v, [1.0, 2.0], 0.1, 2),
    "w": lambda v: slope.check_gradient(lambda w: (w**2).sum(), lambda w: 2 * w, v),
    "u": lambda v: slope.directional_slope(lambda w: (w**2).sum(), [1.0, 2.0], v),
    "g": lambda v: taylor_expansion.best_eta(v, np.eye(2)),
    "b": lambda v: Network.from_weights([(np.ones((2, 2)), v)]),
    "derivatives": lambda v: taylor_expansion.taylor_polynomial(v, 0.0),
}


@pytest.mark.parametrize("name, call", REFUSING.items(), ids=REFUSING)
@pytest.mark.parametrize("value", [MASKED, COMPLEX, [10**400, 1]], ids=["mask", "complex", "huge"])
def test_what_would_be_dropped_is_refused_by_name(name, call, value):
    with pytest.raises(ValueError, match=f"^{name} = "):
        call(value)


def test_complex_inputs_of_a_network_are_refused_by_name():
    net = Network.random([2, 3, 2], rng=0)
    of_y = (lambda X: net.loss(X, [0, 1])), (lambda X: net.train(X, [0, 1], 0.1, 1))
    for call in (net.predict, net.classify, *of_y):
        with pytest.raises(ValueError, match="^X = .*real numbers"):
            call(np.ones((2, 2)) + 1j)


def test_numbers_whose_squares_overflow_are_refused_by_name():
    with pytest.raises(ValueError, match="^X = .*squares are finite"):
        data.standardise([[1e308], [-1e308]])


def test_what_is_shown_says_what_it_is():
    net = Network.random([2, 3, 2], rng=0)
    assert repr(net) == "<Network 2–3–2, hidden tanh, output softmax>"
    history = net.train([[0.0, 1.0], [1.0, 0.0]], [0, 1], 0.1, 3)
    assert repr(history).startswith("<History of 3 steps, from 0.")
    assert "diverged" not in repr(history)
    assert repr(History(np.array([]), 0)) == "<History of 0 steps, diverged at step 0>"

"""The checks and the door: a refusal says why, and inside the door nothing is checked twice."""

import numpy as np
import pytest

from gdlib import _check, _door


def test_the_error_names_the_argument_what_came_and_what_was_expected():
    assert str(_check.bad("eta", -1, "a number")) == "eta = -1: expected a number"
    text = str(_check.bad("X", np.zeros((9, 99)), "few"))
    assert "\n" not in text and len(text) < 130 and "…: expected few" in text
    assert "…" not in str(_check.bad("X", "x" * 97, "few"))


def test_numbers_keep_what_is_floating_point_and_convert_the_rest():
    for dtype in (np.float16, np.float32, np.float64, np.complex64, np.complex128):
        assert _check.numbers("x", np.ones(2, dtype)).dtype == dtype
    for integer in (1, True, np.ones(2, np.int8), [1, 2]):
        assert _check.numbers("x", integer).dtype == float
    assert np.isinf(_check.numbers("x", np.inf))
    for bad in (None, "x", [[1], [1, 2]], np.nan, [1, np.nan], np.nan * 1j):
        with pytest.raises(ValueError, match="^x = .*numbers"):
            _check.numbers("x", bad)
    for bad in (np.inf, [-np.inf, 1]):
        with pytest.raises(ValueError, match="^x = .*finite"):
            _check.finite("x", bad)


def test_a_scalar_is_one_real_number_inside_its_limits():
    assert _check.scalar("x", np.float32(0.5), 0, 1) == 0.5
    assert type(_check.scalar("x", 1)) is float
    for bad in (0, 1, -1, 2, [0.5], 0.5j, np.nan):
        with pytest.raises(ValueError, match="^x = "):
            _check.scalar("x", bad, 0, 1)


def test_a_count_is_a_whole_number():
    assert _check.count("n", np.int64(3)) == 3 and type(_check.count("n", np.int64(3))) is int
    assert _check.count("n", 0) == 0 and _check.count("n", 2, least=2) == 2
    for bad in (-1, 1.0, True, "1", None):
        with pytest.raises(ValueError, match="^n = .*at least 0"):
            _check.count("n", bad)


def test_a_member_is_one_of_the_names():
    assert _check.member("x", "b", ["a", "b"]) == "b"
    for bad in ("c", None, 1, ["a"]):
        with pytest.raises(ValueError, match="^x = .*expected one of 'a', 'b'"):
            _check.member("x", bad, ["a", "b"])


def test_a_matrix_has_rows_and_columns():
    assert _check.matrix("X", [[1, 2]]).shape == (1, 2)
    assert _check.matrix("X", [[1, 2]], 2).shape == (1, 2)
    for bad in ([1], [[]], [[[1]]]):
        with pytest.raises(ValueError, match=r"^X has shape .*expected \(n, k\), not empty"):
            _check.matrix("X", bad)
    with pytest.raises(ValueError, match=r"^X has shape \(1, 2\): expected \(n, 3\)"):
        _check.matrix("X", [[1, 2]], 3)


def test_limits_are_included_and_an_imaginary_step_is_ignored():
    assert _check.between("p", np.array([0.0, 1.0]), 0, 1).tolist() == [0, 1]
    _check.between("p", np.array([0.5 + 9j]), 0, 1)
    for bad in (-1e-9, 1 + 1e-9):
        with pytest.raises(ValueError, match="^p = .*from 0 to 1"):
            _check.between("p", np.array([0.5, bad]), 0, 1)


def test_rows_may_miss_one_by_rounding_only():
    third = np.full((1, 3), 1 / 3, np.float32)
    assert _check.one_hot(third, (1, 3), float).dtype == float
    with pytest.raises(ValueError, match="sum to 1"):
        _check.one_hot([[0.5, 0.5 + 1e-7]], (1, 2), float)
    _check.one_hot([[0.5, 0.5 + 1e-9]], (1, 2), float)


def test_only_rows_and_columns_of_one_output_stand_for_each_other():
    assert _check.truth([1, 2], (2, 1), float).shape == (2, 1)
    assert _check.truth([[1], [2]], (2,), float).shape == (2,)
    assert _check.truth([[1], [2]], (2, 1), np.float32).dtype == np.float32
    for y, shape in (([1, 2], (1, 2)), ([[1, 2]], (2,)), ([[1, 2]], (2, 1)), (1, (1,)), ([1], ())):
        with pytest.raises(ValueError, match="^y has shape"):
            _check.truth(y, shape, float)


@_door.checked(_door.elementwise)
def half(a):
    if isinstance(a, list):
        raise TypeError("a list got in")
    return a / 2


@_door.checked(_door.elementwise)
def quarter(a, check_again=False):
    if check_again:
        half([1.0])
    return half(half(a))


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
    @_door.checked(_door.elementwise)
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
    _door.numbers_and_truth(arguments)
    assert arguments["y"].shape == arguments["y_hat"].shape == ()
    with pytest.raises(ValueError, match=r"^A has shape \(\)"):
        _door.scores_and_classes({"y": 1, "A": 2})

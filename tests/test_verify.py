"""The verifier passes what is right, names the worst point of what is wrong, never passes idly."""

import numpy as np
import pytest
import sympy as sp

from gdlib import loss_functions, symbolic
from gdlib.efficient_backprop import Network
from gdlib.verify import Agreement, Disagreement, agree

w, b, y, y_hat = symbolic.w, symbolic.b, symbolic.y, symbolic.y_hat
LOSS = (w - 3) ** 4 / 2


def loss(w):
    return (w - 3) ** 4 / 2


def slope(w):
    return 2 * (w - 3) ** 3


def test_three_faces_of_one_derivative_agree():
    agreement = agree(sp.diff(LOSS, w), slope, [w], of=loss)
    assert isinstance(agreement, Agreement)
    assert agreement.formula == sp.diff(LOSS, w)
    assert agreement.faces == ("SymPy", "NumPy", "difference quotient")
    assert agreement.points == 200 and 0 <= agreement.worst_relative_error < 1e-14


def test_two_faces_without_a_function_to_differentiate():
    agreement = agree(LOSS, loss, w, points=7)
    assert agreement.faces == ("SymPy", "NumPy") and agreement.points == 7


def test_the_badge_says_it_in_a_line():
    agreement = Agreement(w < b, ("SymPy", "NumPy"), 3.4e-16, 200)
    line = "✓ SymPy = NumPy · 200 points · worst relative error 3e-16"
    assert str(agreement) == line and repr(agreement) == f"{line}\n  w < b"
    html = f'<p class="agreement" title="w &lt; b">{line}</p>'
    assert agreement._repr_html_() == html
    assert "error 0<" in Agreement(w, ("SymPy", "NumPy"), 0.0, 200)._repr_html_()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w: -2 * (w - 3) ** 3,
        lambda w: (w - 3) ** 3,
        lambda w: 2 * (w - 3) ** 3 + 1e-6,
        lambda w: 2 * (w - 3) ** 3 * (1 + 1e-8),
        lambda w: np.where(w > 1.9, 0, 2 * (w - 3) ** 3),
        lambda w: np.nan,
        lambda w: np.inf,
    ],
)
def test_a_wrong_derivative_is_found_out(wrong):
    for of in (None, loss):
        with pytest.raises(Disagreement):
            agree(sp.diff(LOSS, w), wrong, [w], of=of)


def test_a_wrong_formula_is_found_out_by_the_difference_quotient():
    with pytest.raises(Disagreement, match="difference quotient"):
        agree((w - 3) ** 3, lambda w: (w - 3) ** 3, w, of=loss)
    with pytest.raises(Disagreement, match="difference quotient"):
        agree(w * (1 + sp.Rational(1, 10**5)), lambda w: w * (1 + 1e-5), w, of=lambda w: w**2 / 2)
    with pytest.raises(Disagreement):
        agree(w, lambda w: w, w, of=lambda w: np.nan)


def test_the_message_has_the_worst_point_and_all_values():
    with pytest.raises(Disagreement) as caught:
        agree(w + b, lambda w, b: w + b + (w > 1.5), [w, b], points=50, seed=3)
    text = str(caught.value)
    point = dict(part.split(" = ") for part in text.split("at ")[1].split(":")[0].split(", "))
    at = {"w": float(point["w"]), "b": float(point["b"])}
    assert at["w"] > 1.5
    assert f"SymPy {at['w'] + at['b']!r}" in text and "NumPy " in text
    assert "allowed 1e-09" in text and isinstance(caught.value, AssertionError)
    with pytest.raises(Disagreement, match=r"entry 1\n"):
        agree([w, b], lambda w, b: [w, 2 * b], [w, b])


def test_small_values_are_held_to_the_same_digits():
    with pytest.raises(Disagreement):
        agree(w * 1e-12, lambda w: w * 1.1e-12, w)
    with pytest.raises(Disagreement):
        agree(0 * w, lambda w: 1e-8, w)
    assert agree(0 * w, lambda w: 0.0, w).worst_relative_error == 0
    with pytest.raises(Disagreement):  # an entry of its own size, beside a larger one
        agree([w, w * 1e-12], lambda w: [w, w * 1.1e-12], w)


def test_rounding_beside_a_zero_is_no_disagreement():
    agree(w**2 - 1, lambda w: (w - 1) * (w + 1), w, domain=(0.999, 1.001), rtol=1e-9)
    agree(2 * w, lambda w: 2 * w, w, of=lambda w: w**2 + 1000)


def test_near_a_pole_the_difference_quotient_is_good_enough():
    p = symbolic.p
    agree(sp.diff(sp.log(p), p), lambda p: 1 / p, p, of=np.log, domain=(1e-3, 1))


def test_a_matrix_is_compared_entry_by_entry():
    gradient = sp.Matrix([2 * w, 3 * b**2])
    for numeric in (lambda w, b: [2 * w, 3 * b**2], lambda w, b: np.array([[2 * w], [3 * b**2]])):
        agree(gradient, numeric, [w, b], of=lambda w, b: w**2 + b**3)
    with pytest.raises(Disagreement):
        agree(gradient, lambda w, b: [3 * b**2, 2 * w], [w, b])
    agree(sp.hessian(w**2 * b, (w, b)), lambda w, b: [[2 * b, 2 * w], [2 * w, 0]], [w, b])


def test_of_several_arguments_it_finds_the_one_that_was_differentiated():
    formula = sp.diff(symbolic.mse(y, y_hat), y_hat)
    agree(formula, loss_functions.mse_grad, [y, y_hat], of=loss_functions.mse)
    with pytest.raises(Disagreement):
        agree(2 * formula, lambda y, p: 2 * loss_functions.mse_grad(y, p), [y, y_hat],
              of=loss_functions.mse)  # fmt: skip


def test_a_list_of_symbols_is_an_array():
    t, q = sp.symbols("t:4", real=True), sp.symbols("q:4", real=True)
    gradient = [sp.diff(symbolic.mse(t, q), v) for v in q]
    agree(gradient, loss_functions.mse_grad, [t, q], of=loss_functions.mse)
    agree(gradient, loss_functions.mse_grad, [sp.Matrix(t), sp.Matrix(q)], of=loss_functions.mse)


def test_a_whole_network_is_one_call():
    net = symbolic.network([2, 2, 2])
    symbols = [net.inputs, net.weights[0], net.biases[0], net.weights[1], net.biases[1]]

    def loss(X, W1, b1, W2, b2):
        return Network.from_weights([(W1, b1[0]), (W2, b2[0])]).loss(X, [1])

    formula = net.loss.subs(dict(zip(net.labels, (0, 1), strict=True)))
    agree(formula, loss, symbols, points=20)
    derivative = [sp.diff(formula, v) for v in net.weights[0]]

    def gradient(X, W1, b1, W2, b2):
        return Network.from_weights([(W1, b1[0]), (W2, b2[0])]).gradients(X, [1])[0][0]

    agree(derivative, gradient, symbols, of=loss, points=20)


def test_a_function_of_whole_arrays_only_gets_all_points_at_once():
    agree(w**2 + b, lambda w, b: np.stack([w**2, b], axis=1).sum(axis=1), [w, b])
    agree([w, b], lambda w, b: np.array([w[:], b[:]]), [w, b])


def test_the_domain_is_one_for_all_or_by_symbol():
    seen = {"w": [], "b": []}

    def numeric(w, b):
        seen["w"].append(w)
        seen["b"].append(b)
        return w + b

    agree(w + b, numeric, [w, b], domain={w: (5, 6)})
    assert 5 < min(seen["w"]) < 5.1 and 5.9 < max(seen["w"]) < 6
    assert -2 < min(seen["b"]) < -1.9 and 1.9 < max(seen["b"]) < 2
    agree(sp.log(w), np.log, w, domain=(0.1, 1))


def test_points_come_from_the_seed():
    seen = []
    for seed in (1, 1, 2):
        agree(w, lambda w: seen.append(w) or w, w, points=1, seed=seed)
    assert seen[0] == seen[1] != seen[2]


def test_sympys_side_is_exact_where_a_naive_formula_overflows():
    naive = sp.log(1 + sp.exp(w))
    agree(naive, lambda w: np.logaddexp(0, w), w, domain=(500, 1000))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((w, lambda w: w, []), "^symbols = "),
        ((w, lambda w: w, ["w"]), "^symbols = "),
        ((w, lambda w, v: w, [w, w]), "^symbols = "),
        ((w + b, lambda w: w, [w]), "^symbolic = .*without {b}"),
        ((sp.zoo * w, lambda w: w, [w]), "^symbolic = .*finite"),
        ((w / (w - w), lambda w: w, [w]), "^symbolic = .*finite"),
        (([], lambda w: w, [w]), "^symbolic = "),
        ((w, lambda w: [w, w], [w]), "^numeric = .*1 real numbers"),
        ((w, lambda w: w + 0j, [w]), "^numeric = .*real"),
        (([w, w, w], lambda w: [w, w, w], [w], np.sin), "^of = "),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, message):
    *arguments, of = arguments if len(arguments) == 4 else (*arguments, None)
    with pytest.raises(ValueError, match=message):
        agree(*arguments, of=of)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"points": 0}, "^points = 0"),
        ({"points": -1}, "^points = "),
        ({"domain": (1, 1)}, "^domain = "),
        ({"domain": (2, -2)}, "^domain = "),
        ({"domain": (0, np.nan)}, "^domain = "),
        ({"domain": (0, 1, 2)}, "^domain = "),
        ({"domain": {b: (0, 1)}}, "^domain = .*without {b}"),
        ({"domain": {w: (1, 0)}}, "^domain = "),
        ({"rtol": 0}, "^rtol = "),
        ({"rtol": 1}, "^rtol = "),
        ({"rtol": np.nan}, "^rtol = "),
    ],
)
def test_settings_that_would_compare_nothing_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        agree(w, lambda w: w, w, **settings)


@pytest.mark.parametrize(
    ("formula", "numeric"),
    [
        (sp.log(w), np.log),
        (sp.sqrt(w - 5), lambda w: np.sqrt(w - 5)),
        (1 / sp.floor(w / 9), lambda w: np.where(w > 0, np.nan, -1)),
    ],
)
def test_nan_on_both_sides_is_no_agreement(formula, numeric):
    with pytest.raises(Disagreement, match="SymPy nan, NumPy nan"):
        agree(formula, numeric, w)


def test_an_error_of_the_numeric_function_is_not_hidden():
    def broken(w):
        raise KeyError("no such weight")

    def too_short(v):
        raise ValueError("too short")

    with pytest.raises(KeyError, match="no such weight"):
        agree(w, broken, w)
    with pytest.raises(ValueError, match="too short"):
        agree([w, b], too_short, [[w, b]])


def test_of_two_arguments_the_quotient_is_that_of_the_prediction():
    y, y_hat = sp.symbols("y yhat", real=True)
    with pytest.raises(Disagreement):
        agree(2 * (y - y_hat), lambda y, y_hat: 2 * (y - y_hat), [y, y_hat], of=loss_functions.mse)
    agree(2 * (y_hat - y), lambda y, y_hat: 2 * (y_hat - y), [y, y_hat], of=loss_functions.mse)


x, y = symbolic.x, symbolic.y


def test_points_of_the_readers_own_are_compared_too():
    def step_off(a):
        return abs(a) if a else 1.0  # wrong at the kink, which no random point meets

    agree(sp.Abs(x), step_off, x)
    with pytest.raises(Disagreement, match="x = 0.0"):
        agree(sp.Abs(x), step_off, x, also=[0.0])
    assert agree(sp.Abs(x), abs, x, also=[0.0, -2, 2], points=7).points == 10
    pairs = agree(x * y, lambda a, b: a * b, [x, y], also=[(0, 1), (1e9, 0)], points=5)
    assert pairs.points == 7
    with pytest.raises(ValueError, match="also = .*2 values each"):
        agree(x * y, lambda a, b: a * b, [x, y], also=[(0, 1, 2)])


def test_the_badge_says_by_which_argument_it_differentiated():
    found = agree(2 * (y - x), lambda a, b: 2 * (b - a), [x, y], of=lambda a, b: (b - a) ** 2)
    assert found.faces[-1] == "difference quotient by y"
    alone = agree(2 * x, lambda a: 2 * a, x, of=lambda a: a**2)
    assert alone.faces[-1] == "difference quotient"


def test_the_shape_is_compared_where_there_are_rows_and_columns():
    matrix = sp.Matrix([[x, y, 1], [y, x, 2]])
    agree(matrix, lambda a, b: np.array([[a, b, 1], [b, a, 2]]), [x, y])
    with pytest.raises(Disagreement, match=r"\(6,\).*\(2, 3\)"):
        agree(matrix, lambda a, b: np.array([a, b, 1, b, a, 2]), [x, y])

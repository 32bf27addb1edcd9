"""Loss functions and their derivatives: the mean over samples of the sum over outputs.

The truth y comes first. A prediction is (n,) or (n, K), and y the same; (n,) and (n, 1) mean the
same. Where classes are meant, the prediction is (n, K), and y (n,) of labels 0 … K − 1 or (n, K) of
rows that sum to 1. A derivative is with respect to the prediction and has its shape. ValueError for
other shapes and labels, for numbers that are not finite, and for probabilities outside 0 … 1. (Only
the mse takes infinite predictions, so that a diverging descent is reported, not stopped.)
"""

from typing import Any

import numpy as np

from gdlib._argument_checks import Array
from gdlib._checked import checked, kept
from gdlib._preparations import (
    anything_and_truth,
    numbers_and_truth,
    probabilities_and_classes,
    probabilities_and_truth,
    scores_alone,
    scores_and_classes,
    scores_and_truth,
)
from gdlib.activation_functions import sigmoid, softplus


def _samples(prediction: Array) -> int:
    """n: the number of rows, and 1 for a single number."""
    return prediction.shape[0] if prediction.ndim else 1


@checked(anything_and_truth)
def mse(y: Any, y_hat: Any) -> Any:
    r"""The mean squared error, in the square of y's unit.

    :math:`\frac1n \sum (\hat y - y)^2`
    """
    return ((y_hat - y) ** 2).sum() / _samples(y_hat)


@checked(anything_and_truth)
def mse_grad(y: Any, y_hat: Any) -> Any:
    r""":math:`\frac{\partial\,\text{mse}}{\partial \hat y} = \frac2n (\hat y - y)`."""
    return 2 * (y_hat - y) / _samples(y_hat)


@checked(numbers_and_truth)
def rmse(y: Any, y_hat: Any) -> Any:
    r"""The root of the mean squared error, in y's own unit: :math:`\sqrt{\text{mse}}`."""
    return np.sqrt(mse(y, y_hat))


@checked(numbers_and_truth)
def rmse_grad(y: Any, y_hat: Any) -> Any:
    r"""The derivative of the rmse, and zeros where the rmse is 0, its kink.

    :math:`\frac{\partial\,\text{rmse}}{\partial \hat y} = \frac{\hat y - y}{n\,\text{rmse}}`
    """
    error = rmse(y, y_hat)
    return (y_hat - y) / (_samples(y_hat) * error) if error else np.zeros_like(y_hat)


def _where(factor: Any, term: Any) -> Array:
    """factor · term, and 0 where the factor is 0, even if the term is infinite there."""
    return np.where(factor == 0, 0, factor * term)


@checked(probabilities_and_truth)
def binary_cross_entropy(y: Any, p: Any) -> Any:
    r"""The surprise, in nats, at truths y of 0 or 1 that were given the probabilities p of a 1.

    :math:`-\frac1n \sum \left( y \log p + (1 - y) \log(1 - p) \right)`; a mistake made with
    certainty costs inf.
    """
    return (_where(y, -np.log(p)) + _where(1 - y, -np.log1p(-p))).sum() / _samples(p) + 0.0


@checked(probabilities_and_truth)
def binary_cross_entropy_grad(y: Any, p: Any) -> Any:
    r""":math:`\frac1n \left( \frac{1 - y}{1 - p} - \frac{y}{p} \right)`; ∓inf if wrong and sure."""
    return (_where(1 - y, 1 / (1 - p)) - _where(y, 1 / p)) / _samples(p)


@checked(scores_and_truth)
def sigmoid_cross_entropy(y: Any, a: Any) -> Any:
    r"""The binary cross-entropy of p = σ(a), from the scores: finite whatever they are.

    :math:`\frac1n \sum \left( y \log(1 + e^{-a}) + (1 - y) \log(1 + e^a) \right)`
    """
    return (y * softplus(-a) + (1 - y) * softplus(a)).sum() / _samples(a)


@checked(scores_and_truth)
def sigmoid_cross_entropy_grad(y: Any, a: Any) -> Any:
    r""":math:`\frac1n (\sigma(a) - y)`: prediction minus truth."""
    return (sigmoid(a) - y) / _samples(a)


@kept
def _highest_and_total(A: Any) -> tuple[Any, Any]:
    """The largest score along the last axis, and the sum of the exponentials of all scores over it.

    Shifted to a largest of 0, no exponential overflows, and the sum is at least 1.
    """
    highest = A.max(axis=-1, keepdims=True)
    return highest, np.exp(A - highest).sum(axis=-1, keepdims=True)


@checked(scores_alone)
def softmax(A: Any) -> Any:
    r"""Scores as probabilities that sum to 1 along the last axis.

    :math:`p_k = \frac{e^{a_k}}{\sum_j e^{a_j}}`, from scores shifted to a largest of 0: that
    changes no p, and no exponential overflows.
    """
    highest, total = _highest_and_total(A)
    return np.exp(A - highest) / total


@checked(probabilities_and_classes)
def cross_entropy(y: Any, P: Any) -> Any:
    r"""The surprise, in nats, at classes y that were given the probabilities P.

    :math:`-\frac1n \sum_{i,k} y_{ik} \log p_{ik}`; a mistake made with certainty costs inf.
    """
    return _where(y, -np.log(P)).sum() / _samples(P) + 0.0


@checked(probabilities_and_classes)
def cross_entropy_grad(y: Any, P: Any) -> Any:
    r""":math:`-\frac1n \frac{y_{ik}}{p_{ik}}`, each p on its own; −inf if wrong and sure."""
    return _where(y, -1 / P) / _samples(P)


@checked(scores_and_classes)
def softmax_cross_entropy(y: Any, A: Any) -> Any:
    r"""The cross-entropy of P = softmax(A), from the scores: finite if their differences are.

    :math:`\frac1n \sum_{i,k} y_{ik} \left( \log \sum_j e^{a_{ij}} - a_{ik} \right)`
    """
    highest, total = _highest_and_total(A)
    return _where(y, np.log(total) - (A - highest)).sum() / _samples(A)


@checked(scores_and_classes)
def softmax_cross_entropy_grad(y: Any, A: Any) -> Any:
    r""":math:`\frac1n (\text{softmax}(A) - Y)`: prediction minus truth, once more."""
    return (softmax(A) - y) / _samples(A)

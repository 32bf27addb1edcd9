"""Gradient descent and its relatives as plain functions with one signature, returning the path."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gdlib._argument_checks import Array, count, generator, numbers, real, scalar, share, slopes

Gradient = Callable[[Any], Any]


def step(w: Any, g: Any, eta: float) -> Any:
    r"""One step downhill: against the gradient g, by the learning rate η times its length.

    :math:`w \leftarrow w - \eta g`, with w and g of the same shape. ValueError for η ≤ 0.
    """
    w = slopes("w", numbers("w", w), np.shape(w))
    return w - scalar("eta", eta, 0) * slopes("g", numbers("g", g), w.shape)


def descend(grad: Gradient, w0: Any, eta: float, steps: int) -> Array:
    r"""Gradient descent from w0: the path, shape (steps + 1, \*w0.shape).

    :math:`w_{t+1} = w_t - \eta \nabla L(w_t)`; grad(w) is the gradient at w, in its shape, and η
    has no default: the right one depends on the loss. ValueError for η ≤ 0 or steps < 0; a
    RuntimeWarning names the step at which the path is no longer finite, and NaN fills the rest of
    it.
    """
    eta = scalar("eta", eta, 0)
    return _path(lambda w, g: w - eta * g(w), grad, w0, steps)


def momentum(grad: Gradient, w0: Any, eta: float, steps: int, beta: float = 0.9) -> Array:
    r"""Descent with a velocity v that remembers past gradients; the rest as in `descend`.

    :math:`v \leftarrow \beta v + \nabla L(w)`, then :math:`w \leftarrow w - \eta v`, from v = 0 and
    with 0 ≤ β < 1, a share (by default 0.9). Source: Polyak (1964),
    doi:10.1016/0041-5553(64)90137-5.
    """
    eta, beta = scalar("eta", eta, 0), share("beta", beta)
    v = 0.0

    def update(w: Any, g: Gradient) -> Any:
        nonlocal v
        v = beta * v + g(w)
        return w - eta * v

    return _path(update, grad, w0, steps)


def nesterov(grad: Gradient, w0: Any, eta: float, steps: int, beta: float = 0.9) -> Array:
    r"""Momentum that takes the gradient where the velocity is about to carry it.

    :math:`v \leftarrow \beta v + \nabla L(w - \eta \beta v)`, then :math:`w \leftarrow w - \eta v`.
    β as in `momentum`, the rest as in `descend`. Source: Sutskever et al. (2013), ICML, after
    Nesterov (1983).
    """
    eta, beta = scalar("eta", eta, 0), share("beta", beta)
    v = 0.0

    def update(w: Any, g: Gradient) -> Any:
        nonlocal v
        v = beta * v + g(w - eta * beta * v)
        return w - eta * v

    return _path(update, grad, w0, steps)


def adam(
    grad: Gradient,
    w0: Any,
    eta: float,
    steps: int,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Array:
    r"""Momentum with a separate step length for every weight; the rest as in `descend`.

    :math:`m \leftarrow \beta_1 m + (1 - \beta_1) g`, :math:`v \leftarrow \beta_2 v + (1 - \beta_2)
    g^2`, then :math:`w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)`, where
    :math:`\hat m = m / (1 - \beta_1^t)` and :math:`\hat v = v / (1 - \beta_2^t)` undo the start
    from zero. `beta1` and `beta2` (0.9 and 0.999) are shares of the past that is kept, `eps` (1e-8)
    has the unit of a gradient. Source: Kingma and Ba (2015), arXiv:1412.6980.
    """
    eta, eps = scalar("eta", eta, 0), scalar("eps", eps, 0)
    beta1, beta2 = share("beta1", beta1), share("beta2", beta2)
    m, v, t = 0.0, 0.0, 0

    def update(w: Any, g: Gradient) -> Any:
        nonlocal m, v, t
        gradient, t = g(w), t + 1
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return w - eta * m_hat / (np.sqrt(v_hat) + eps)

    return _path(update, grad, w0, steps)


def minibatches(n: int, batch_size: int, rng: Any = None) -> list[Array]:
    """One epoch: the row numbers 0 … n − 1 shuffled and cut into batches, the last one shorter.

    `rng` is a generator or a whole number that seeds one; by default every call differs. Every row
    occurs exactly once. ValueError for n or batch_size below 1.
    """
    n, batch_size = count("n", n, least=1), count("batch_size", batch_size, least=1)
    order = generator("rng", rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def _path(update: Callable[..., Any], grad: Gradient, w0: Any, steps: int) -> Array:
    """All points that `update` reaches from w0; it stops at the first that is not finite."""
    w0 = real("w0", w0)
    path = np.full((count("steps", steps) + 1, *w0.shape), np.nan, w0.dtype)
    path[0] = w0

    def checked_grad(w: Any) -> Array:
        # A copy: grad cannot change the path.
        return slopes("grad(w)", grad(w.copy()), w0.shape)

    for t in range(1, steps + 1):
        with np.errstate(all="ignore"):
            path[t] = update(path[t - 1], checked_grad)
        if not np.isfinite(path[t]).all():
            warnings.warn(f"diverged: not finite from step {t} on", RuntimeWarning, stacklevel=3)
            break
    return path

"""A network of layers, its gradients by backpropagation, and the learning algorithm.

Rows are samples: a layer computes a = h W + b and h = g(a), the first one from h = X. `delta` is
the gradient of the loss with respect to a layer's pre-activations a, and has their shape. One file,
so that the way forward and the way back are read side by side.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np

from gdlib import _argument_checks as check
from gdlib import _preparations as given
from gdlib._argument_checks import Array
from gdlib._checked import checked
from gdlib.activation_functions import ACTIVATIONS, identity, sigmoid, sigmoid_grad
from gdlib.gradient_descent import minibatches
from gdlib.loss_functions import (
    mse,
    mse_grad,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_grad,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)


def _half_squares(y: Any, A: Any) -> Any:
    r""":math:`\frac{1}{2n} \sum (o - y)^2`, with o = σ(a)."""
    return mse(y, sigmoid(A)) / 2


def _half_squares_grad(y: Any, A: Any) -> Any:
    r""":math:`\frac1n (o - y)\,\sigma'(a)`: the chain rule, from the loss through o to a."""
    return mse_grad(y, sigmoid(A)) / 2 * sigmoid_grad(A)


class Output(NamedTuple):
    """An output function, the loss that belongs to it, and that loss's derivative by the scores."""

    predict: Callable[[Any], Any]
    loss: Callable[[Any, Any], Any]
    loss_grad: Callable[[Any, Any], Any]


OUTPUTS = {
    "softmax": Output(softmax, softmax_cross_entropy, softmax_cross_entropy_grad),
    "sigmoid": Output(sigmoid, sigmoid_cross_entropy, sigmoid_cross_entropy_grad),
    "linear": Output(identity, mse, mse_grad),
    "sigmoid_squared": Output(sigmoid, _half_squares, _half_squares_grad),
}


@checked(given.scores_and_targets)
def output_delta(y: Any, A: Any, output: str) -> Array:
    r"""The gradient of the loss with respect to the output units' scores A (n, K).

    :math:`\delta = \partial L / \partial A`: (prediction − truth)/n for softmax and sigmoid, twice
    that for linear outputs. ValueError for an unknown output or a y that does not fit.
    """
    return OUTPUTS[check.member("output", output, OUTPUTS)].loss_grad(y, A)


@checked(given.delta_between_layers)
def hidden_delta(delta_next: Any, W_next: Any, a: Any, activation: str) -> Array:
    r"""The gradient with respect to a hidden layer's pre-activations a, from the next layer's.

    :math:`\delta = (\delta_{\text{next}}\, W_{\text{next}}^\top) \odot g'(a)` for a (n, n_in),
    delta_next (n, n_out) and W_next (n_in, n_out). ValueError for other shapes or activations.
    """
    _, g_prime = ACTIVATIONS[check.member("activation", activation, ACTIVATIONS)]
    return (delta_next @ W_next.T) * g_prime(a)


@checked(given.inputs_and_delta)
def weight_gradient(h: Any, delta: Any) -> tuple[Array, Array]:
    r"""The gradient with respect to a layer's W and b, from its inputs h and its delta.

    :math:`\partial L / \partial W = h^\top \delta` and :math:`\partial L / \partial b = \sum_i
    \delta_i`, the sum of the rows, for h (n, n_in) and delta (n, n_out). ValueError for others.
    """
    return h.T @ delta, delta.sum(axis=0)


class Layer(NamedTuple):
    """W (n_in, n_out), from the row's unit to the column's, and b (n_out,)."""

    W: Array
    b: Array


def _aligned(values: Any, dtype: Any) -> Array:
    """A copy whose memory begins at a cache line.

    Otherwise two threads of a matrix product share lines, and a step takes up to a third longer.
    """
    line, size = 64, values.size * np.dtype(dtype).itemsize
    memory = np.empty(size + line, np.uint8)
    begins = -memory.ctypes.data % line
    copy = memory[begins : begins + size].view(dtype).reshape(values.shape)
    copy[...] = values
    return copy


class Forward(NamedTuple):
    """What a forward pass leaves behind, by layer: the pre-activations a and the inputs h."""

    a: list[Array]
    h: list[Array]


class History(NamedTuple):
    """Each step's batch loss before its update; the step that was no longer finite, or None."""

    loss: Array
    diverged_at: int | None

    def __repr__(self) -> str:
        ends = f", from {self.loss[0]:.4g} to {self.loss[-1]:.4g}" if len(self.loss) else ""
        diverged = "" if self.diverged_at is None else f", diverged at step {self.diverged_at}"
        return f"<History of {len(self.loss)} steps{ends}{diverged}>"


class Network:
    """Layers of units: hidden ones with an activation function each, then an output function.

    X is (n, d). y is (n, K), or (n,) for one output or for labels of K classes. Every method raises
    ValueError for other shapes, labels out of range, NaN and infinities.
    """

    def __init__(self, layers: list[Layer], hidden: str | Sequence[str], output: str) -> None:
        """Copies the layers, in W's dtype; `random` and `from_weights` check them first."""
        between_layers = len(layers) - 1
        if isinstance(hidden, str):
            hidden = [hidden] * max(between_layers, 1)
        names: list[str] = check.several("hidden", hidden)
        for name in names:
            check.member("hidden", name, ACTIVATIONS)
        if between_layers not in (0, len(names)):
            raise check.bad("hidden", hidden, f"one name, or {between_layers}")
        dtype = np.result_type(*[W for W, _ in layers])
        self.layers = [Layer(_aligned(W, dtype), _aligned(b, dtype)) for W, b in layers]
        self.hidden = names[:between_layers]
        self.output = check.member("output", output, OUTPUTS)

    def __repr__(self) -> str:
        sizes = [len(self.layers[0].W), *(len(b) for _, b in self.layers)]
        hidden = f", hidden {', '.join(dict.fromkeys(self.hidden))}" if self.hidden else ""
        return f"<Network {'–'.join(map(str, sizes))}{hidden}, output {self.output}>"

    @classmethod
    def random(
        cls,
        sizes: Sequence[int],
        hidden: str | Sequence[str] = "tanh",
        output: str = "softmax",
        rng: Any = None,
        dtype: Any = float,
    ) -> "Network":
        r"""An untrained network with these numbers of units, from the inputs to the outputs.

        :math:`W \sim N(0, 1/n_{\text{in}})` keeps the spread of a from layer to layer; it is
        :math:`2/n_{\text{in}}` before a ReLU, which zeroes half of it. b = 0. Sources: LeCun et al.
        (1998), doi:10.1007/3-540-49430-8_2; He et al. (2015), arXiv:1502.01852.
        """
        sizes = [check.count("sizes", size, least=1) for size in check.several("sizes", sizes)]
        dtype = check.floating("dtype", dtype)
        if len(sizes) < 2:
            raise check.bad("sizes", sizes, "at least the inputs and the outputs")
        layers = [Layer(np.zeros(s, dtype), np.zeros(s[1], dtype)) for s in pairwise(sizes)]
        net, rng = cls(layers, hidden, output), check.generator("rng", rng)
        for (W, _), activation in zip(net.layers, [*net.hidden, output], strict=True):
            variance = (2 if activation.endswith("relu") else 1) / len(W)
            W[:] = np.sqrt(variance) * rng.standard_normal(W.shape)
        return net

    @classmethod
    def from_weights(
        cls, pairs: Any, hidden: str | Sequence[str] = "tanh", output: str = "softmax"
    ) -> "Network":
        """A network with copies of these (W, b), in layer order and in W's dtype."""
        layers: list[Layer] = []
        for pair in check.several("pairs", pairs):
            if len(check.several("pairs", pair)) != 2:
                raise check.bad("pairs", pair, "a pair (W, b)")
            W, b = pair
            W = check.matrix("W", check.real("W", W))
            if layers and len(W) != len(layers[-1].b):
                raise check.bad("W", W, f"{len(layers[-1].b)} rows, as the layer before has units")
            layers.append(Layer(W, check.shaped("b", check.real("b", b), W.shape[1:])))
        if not layers:
            raise check.bad("pairs", pairs, "at least one (W, b)")
        return cls(layers, hidden, output)

    @checked(given.network_data)
    def forward(self, X: Any) -> Forward:
        """Layer by layer: pre-activations a = h W + b of the inputs h and h = g(a) for the next."""
        a, h = [], [X]
        for (W, b), activation in zip(self.layers, [*self.hidden, None], strict=True):
            a.append(h[-1] @ W + b)
            if activation:
                g, _ = ACTIVATIONS[activation]
                h.append(g(a[-1]))
        return Forward(a, h)

    def scores(self, X: Any) -> Array:
        """The output units' pre-activations, (n, K)."""
        return self.forward(X).a[-1]

    @checked(given.network_data)
    def predict(self, X: Any) -> Array:
        """The output function of the scores, (n, K)."""
        return OUTPUTS[self.output].predict(self.scores(X))

    def classify(self, X: Any) -> Array:
        """The class with the largest prediction, (n,); of a single output, whether it exceeds ½.

        (A softmax over a single class always gives class 0.)
        """
        P = self.predict(X)
        return P.argmax(axis=1) if self._has_classes() else (P[:, 0] > 0.5).astype(int)

    def accuracy(self, X: Any, y: Any) -> float:
        """The share of samples that `classify` gets right; y as labels or one-hot."""
        classes, K, several = self.classify(X), len(self.layers[-1].b), self._has_classes()
        Y = check.targets(y, (len(classes), K), float, "softmax" if several else "sigmoid")
        return float((classes == (Y.argmax(axis=1) if several else Y[:, 0])).mean())

    def _has_classes(self) -> bool:
        """Whether there is one output per class, rather than a single yes-or-no output."""
        return self.output == "softmax" or len(self.layers[-1].b) > 1

    @checked(given.network_data)
    def loss(self, X: Any, y: Any) -> float:
        """The loss that belongs to the output function: the mean over the samples."""
        return float(OUTPUTS[self.output].loss(y, self.scores(X)))

    @checked(given.network_data)
    def gradients(self, X: Any, y: Any) -> list[tuple[Array, Array]]:
        """The gradients of the loss with respect to each layer's W and b, in layer order.

        Backpropagation: from the last layer to the first, every delta is used twice, for its own
        layer's weights and for the delta of the layer before.
        """
        a, h = X if isinstance(X, Forward) else self.forward(X)
        delta = output_delta(y, a[-1], self.output)
        gradients = [weight_gradient(h[-1], delta)]
        for i in reversed(range(len(self.hidden))):
            delta = hidden_delta(delta, self.layers[i + 1].W, a[i], self.hidden[i])
            gradients.insert(0, weight_gradient(h[i], delta))
        return gradients

    @checked(given.training)
    def train(
        self,
        X: Any,
        y: Any,
        eta: float,
        steps: int,
        batch_size: int | None = None,
        rng: Any = None,
        progress: bool = False,
        decay: float = 0.0,
    ) -> History:
        r"""Gradient descent in place, on all samples at each step or on shuffled minibatches.

        η is the learning rate; `batch_size` rows make a batch, all of them by default, shuffled by
        `rng`; `progress` prints ten losses on the way. `decay` adds decay · W to the gradient of
        each W, and nothing to that of b: the gradient of :math:`\frac{\text{decay}}{2} \|W\|^2`,
        which is not counted in the history's loss. ValueError for η ≤ 0, steps < 0, batch_size < 1
        or decay < 0. It stops, with one RuntimeWarning, when the loss or a weight is no longer
        finite.
        """
        loss = np.empty(steps)
        # 1. Initialise: the weights are there already, from `random` or `from_weights`.
        for t, rows in enumerate(islice(_batches(len(X), batch_size, rng), steps)):
            # 2. Forward: pre-activations and activations, layer by layer.
            X_batch, y_batch = X[rows], y[rows]
            forward = self.forward(X_batch)
            # 3. Loss: of the output function, on this batch.
            loss[t] = OUTPUTS[self.output].loss(y_batch, forward.a[-1])
            if not math.isfinite(loss[t]):
                return self._diverged(loss[:t])
            # 4. Derivatives: of the loss with respect to every weight.
            gradients = self.gradients(forward, y_batch)
            for (W, b), (dW, db) in zip(self.layers, gradients, strict=True):
                if decay:
                    dW += decay * W
                # 5. Times eta: the gradient becomes a step.
                dW *= eta
                db *= eta
                # 6. Update: downhill.
                W -= dW
                b -= db
            if progress and (t + 1) % max(steps // 10, 1) == 0:
                print(f"step {t + 1} of {steps}: loss {loss[t]:.4g}")
            # 7. Repeat.
        if not all(np.isfinite(v).all() for layer in self.layers for v in layer):
            return self._diverged(loss)
        return History(loss, None)

    def _diverged(self, loss: Array) -> History:
        """The history up to the step that went wrong, and the one warning about it."""
        text = (
            f"diverged: loss or weights are not finite from step {len(loss)} on; try a smaller eta"
        )
        warnings.warn(text, RuntimeWarning, stacklevel=4)
        return History(loss.copy(), len(loss))


def _batches(n: int, batch_size: int | None, rng: np.random.Generator) -> Iterator[Any]:
    """The rows for each step, without end: all of them, or epochs of minibatches."""
    while True:
        yield from [slice(None)] if batch_size is None else minibatches(n, batch_size, rng)

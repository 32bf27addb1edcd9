"""What the arguments of a family of functions must be, together: for `gdlib._checked.checked`."""

from collections.abc import Callable
from typing import Any

from gdlib import _argument_checks as check

Arguments = dict[str, Any]


def elementwise(arguments: Arguments) -> None:
    """The first argument as numbers."""
    name = next(iter(arguments))
    arguments[name] = check.numbers(name, arguments[name])


def scores_alone(arguments: Arguments) -> None:
    """A: finite numbers along a last axis."""
    A = arguments["A"] = check.finite("A", arguments["A"])
    if A.ndim == 0 or A.size == 0:
        raise ValueError(f"A has shape {A.shape}: expected (K,) or (n, K), not empty")


def curved(arguments: Arguments) -> None:
    """A symmetric Hessian (d, d) and a gradient (d,) with it; in one dimension both are numbers."""
    H = arguments["hess"] = check.real("hess", arguments["hess"])
    if H.ndim and (H.ndim != 2 or H.size == 0 or H.shape[0] != H.shape[1]):
        raise ValueError(f"hess has shape {H.shape}: expected a number or (d, d)")
    if abs(H - H.T).max() > 1e-6 * abs(H).max():
        raise check.bad("hess", H, "a symmetric matrix")
    if "g" in arguments:
        arguments["g"] = check.shaped("g", check.real("g", arguments["g"]), H.shape[:1])


def _prediction(
    arguments: Arguments, kind: Callable[[str, Any], check.Array] = check.finite
) -> tuple[str, check.Array]:
    """The second argument: one sample, or n ≥ 1 of them with one or K outputs."""
    name = list(arguments)[1]
    array = arguments[name] = kind(name, arguments[name])
    if array.ndim > 2 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}: expected (n,) or (n, K), not empty")
    return name, array


def anything_and_truth(arguments: Arguments) -> None:
    """y and a prediction that may be infinite, as on a diverging path: its loss is inf."""
    _, array = _prediction(arguments, check.numbers)
    arguments["y"] = check.truth(arguments["y"], array.shape, array.real.dtype)


def numbers_and_truth(arguments: Arguments) -> None:
    """y and a prediction, any finite numbers."""
    _prediction(arguments)
    anything_and_truth(arguments)


def scores_and_truth(arguments: Arguments) -> None:
    """y from 0 to 1 and scores, any finite numbers."""
    numbers_and_truth(arguments)
    check.between("y", arguments["y"], 0, 1)


def probabilities_and_truth(arguments: Arguments) -> None:
    """y from 0 to 1 and probabilities."""
    scores_and_truth(arguments)
    check.between(*_prediction(arguments), 0, 1)


def scores_and_classes(arguments: Arguments) -> None:
    """y as labels or one-hot, and scores (n, K)."""
    name, _ = _prediction(arguments)
    A = check.matrix(name, arguments[name])
    arguments["y"] = check.one_hot(arguments["y"], A.shape, A.real.dtype)


def probabilities_and_classes(arguments: Arguments) -> None:
    """y as labels or one-hot, and probabilities (n, K)."""
    scores_and_classes(arguments)
    check.between(*_prediction(arguments), 0, 1)


def scores_and_targets(arguments: Arguments) -> None:
    """y, the scores A (n, K) and the output they go to."""
    A = arguments["A"] = check.matrix("A", arguments["A"])
    arguments["y"] = check.targets(arguments["y"], A.shape, A.dtype, arguments["output"])


def delta_between_layers(arguments: Arguments) -> None:
    """delta_next (n, n_out), W_next (n_in, n_out) and a (n, n_in)."""
    delta = arguments["delta_next"] = check.matrix("delta_next", arguments["delta_next"])
    W = arguments["W_next"] = check.matrix("W_next", arguments["W_next"], delta.shape[1])
    a = arguments["a"] = check.matrix("a", arguments["a"], len(W))
    check.shaped("a", a, (len(delta), len(W)))


def inputs_and_delta(arguments: Arguments) -> None:
    """h (n, n_in) and delta (n, n_out)."""
    h = arguments["h"] = check.matrix("h", arguments["h"])
    delta = arguments["delta"] = check.matrix("delta", arguments["delta"])
    check.shaped("delta", delta, (len(h), delta.shape[1]))


def network_data(arguments: Arguments) -> None:
    """A network's X (n, d) in its dtype, and y, if there is one, as its output needs it."""
    net = arguments["self"]
    (d, _), K = net.layers[0].W.shape, len(net.layers[-1].b)
    dtype = net.layers[0].W.dtype
    X = check.real("X", arguments["X"])
    X = arguments["X"] = check.matrix("X", X, d).astype(dtype, copy=False)
    if "y" in arguments:
        arguments["y"] = check.targets(arguments["y"], (len(X), K), dtype, net.output)


def training(arguments: Arguments) -> None:
    """What `train` is given: data, η, steps, the size of a batch, the generator, the decay."""
    network_data(arguments)
    arguments["eta"] = check.scalar("eta", arguments["eta"], low=0)
    arguments["steps"] = check.count("steps", arguments["steps"])
    if arguments.get("batch_size") is not None:
        arguments["batch_size"] = check.count("batch_size", arguments["batch_size"], least=1)
    arguments["rng"] = check.generator("rng", arguments.get("rng"))
    if check.scalar("decay", arguments.get("decay", 0.0)) < 0:
        raise check.bad("decay", arguments["decay"], "a number, at least 0")

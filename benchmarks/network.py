"""One training step of `gdlib` beside PyTorch and JAX, and what backpropagation costs.

A step is: forward, the loss recorded, backward, update; float32, softmax cross-entropy, plain
gradient descent on the full batch, with the library's default activation, tanh, and with ReLU.
`python -m benchmarks.network` prints ratios and fails where one misses its budget.
"""

import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable
from statistics import geometric_mean, median

import numpy as np

from gdlib.data import load_digits, split
from gdlib.efficient_backprop import Network

CASES = [  # layer sizes, batch
    ((2, 3, 2), 40),
    ((2, 16, 16, 3), 200),
    ((64, 128, 10), 64),
    ((784, 128, 10), 64),
    ((784, 256, 256, 10), 256),
    ((784, 1024, 1024, 10), 512),
]
ETA, ROUNDS, SECONDS = 0.01, 7, 0.5  # a round takes about that long for each contender
REST = 0.2  # seconds; the threads of one library keep spinning, and would slow the next one down
MEAN_AT_MOST, ONE_AT_MOST = 0.45, 1.1  # of PyTorch's time
PRODUCTS_AT_LEAST = 0.8  # of the largest step
GRADIENTS_AT_MOST = 3.0  # times the loss
DIGITS_AT_LEAST, DIGITS_SECONDS = 0.96, 20.0

Steps = Callable[[int], object]


def alternated(contenders: dict[str, Steps]) -> dict[str, float]:
    """Seconds for one step of each: medians over rounds in which all of them take turns."""
    counts = {}
    for name, steps in contenders.items():
        steps(3)
        began = time.perf_counter()
        steps(3)
        counts[name] = max(3, int(SECONDS / ((time.perf_counter() - began) / 3)))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, steps in contenders.items():
            time.sleep(REST)
            steps(3)  # wakes its threads again
            began = time.perf_counter()
            steps(counts[name])
            times[name].append((time.perf_counter() - began) / counts[name])
    return {name: median(values) for name, values in times.items()}


def with_gdlib(net: Network, X: np.ndarray, y: np.ndarray) -> Steps:
    return lambda steps: net.train(X, y, ETA, steps).loss


def with_pytorch(net: Network, X: np.ndarray, y: np.ndarray) -> Steps:
    import torch

    g = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[net.hidden[0]]
    layers: list[torch.nn.Module] = []
    for W, b in net.layers:
        linear = torch.nn.Linear(*W.shape)
        linear.weight.data = torch.tensor(W.T.copy())
        linear.bias.data = torch.tensor(b.copy())
        layers += [linear, g()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=ETA)
    inputs, labels = torch.tensor(X), torch.tensor(y)
    loss_of = torch.nn.CrossEntropyLoss()

    def run(steps: int) -> object:
        losses = []
        for _ in range(steps):
            optimiser.zero_grad()
            loss = loss_of(model(inputs), labels)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return losses

    return run


def with_jax(net: Network, X: np.ndarray, y: np.ndarray) -> Steps:
    import jax
    import jax.numpy as jnp

    g = {"tanh": jnp.tanh, "relu": jax.nn.relu}[net.hidden[0]]

    def loss_of(layers, inputs, labels):
        h = inputs
        for W, b in layers[:-1]:
            h = g(h @ W + b)
        W, b = layers[-1]
        log_p = jax.nn.log_softmax(h @ W + b)
        return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    @jax.jit
    def step(layers, inputs, labels):
        loss, gradients = jax.value_and_grad(loss_of)(layers, inputs, labels)
        return loss, jax.tree.map(lambda v, g: v - ETA * g, layers, gradients)

    state = [jax.tree.map(jnp.asarray, [tuple(layer) for layer in net.layers])]
    inputs, labels = jnp.asarray(X), jnp.asarray(y)

    def run(steps: int) -> object:
        losses = []
        for _ in range(steps):
            loss, state[0] = step(state[0], inputs, labels)
            losses.append(loss)
        return jax.block_until_ready((losses, state[0]))

    return run


def the_products_alone(net: Network, X: np.ndarray, y: np.ndarray) -> Steps:
    """The matrix products of a step and nothing else, into arrays that already exist."""
    a, h = net.forward(X)
    deltas = [np.ones_like(v) for v in a]
    W = [layer.W for layer in net.layers]
    dW = [np.empty_like(v) for v in W]

    def run(steps: int) -> object:
        for _ in range(steps):
            for i, weights in enumerate(W):
                np.matmul(h[i], weights, out=a[i])
            for i in reversed(range(len(W))):
                np.matmul(h[i].T, deltas[i], out=dW[i])
                if i:
                    np.matmul(deltas[i], W[i].T, out=a[i - 1])
        return dW

    return run


def training_steps(activation: str) -> list[str]:
    """Prints a row for each case; returns what missed its budget."""
    print(f"hidden units: {activation}")
    rivals = {"torch": with_pytorch, "jax": with_jax}
    there = {name: f for name, f in rivals.items() if importlib.util.find_spec(name)}
    for name in rivals.keys() - there.keys():
        print(f"NOT COMPARED: {name} is not installed")
    print(
        f"{'layers':>22} {'batch':>5} {'gdlib':>9}",
        *(f"/ {name:<6}" for name in there),
        "products",
        *(f"/ {name:<6}" for name in there),
    )
    ratios: dict[str, list[float]] = {name: [] for name in there}
    share = 0.0
    for sizes, n in CASES:
        rng = np.random.default_rng(0)
        X = rng.standard_normal((n, sizes[0])).astype(np.float32)
        y = rng.integers(0, sizes[-1], n)
        net = Network.random(sizes, activation, rng=0, dtype=np.float32)
        contenders = {"gdlib": with_gdlib(net, X, y), "products": the_products_alone(net, X, y)}
        contenders |= {name: make(net, X, y) for name, make in there.items()}
        times = alternated(contenders)
        for name in there:
            ratios[name].append(times["gdlib"] / times[name])
        share = times["products"] / times["gdlib"]
        row = " ".join(f"{ratios[name][-1]:8.2f}" for name in there)
        floor = " ".join(f"{times['products'] / times[name]:8.2f}" for name in there)
        layers, own = "-".join(map(str, sizes)), f"{times['gdlib'] * 1e6:6.0f} µs"
        print(f"{layers:>22} {n:5} {own} {row} {share:8.0%} {floor}", flush=True)
    for name in there:
        print(f"geometric mean of gdlib / {name}: {geometric_mean(ratios[name]):.2f}")
    too_small = share < PRODUCTS_AT_LEAST
    missed = [f"{activation}: products are {share:.0%} of the largest step"] * too_small
    if "torch" in there:
        mean, worst = geometric_mean(ratios["torch"]), max(ratios["torch"])
        missed += [f"{activation}: {mean:.2f} of PyTorch's time in the mean"] * (
            mean > MEAN_AT_MOST
        )
        missed += [f"{activation}: {worst:.2f} of PyTorch's time at worst"] * (worst > ONE_AT_MOST)
    return missed


def cost_of_gradients() -> list[str]:
    """Prints times relative to the loss's as the weights grow; returns what missed its budget."""
    print(f"{'weights':>9} {'loss':>9} {'gradients':>9} {'central differences':>20}  (times loss)")
    missed = []
    for units in (7, 22, 71, 224, 707):
        rng = np.random.default_rng(0)
        net = Network.random((units, units, units), rng=0)
        X, y = rng.standard_normal((64, units)), rng.integers(0, units, 64)
        weights = sum(v.size for layer in net.layers for v in layer)
        entry = net.layers[0].W[:1, :1]
        h = np.finfo(float).eps ** (1 / 3)

        def difference(steps, net=net, X=X, y=y, entry=entry, h=h):
            """One entry of the gradient by a central difference: there is one per weight."""
            for _ in range(steps):
                entry += h
                above = net.loss(X, y)
                entry -= 2 * h
                below = net.loss(X, y)
                entry += h
            return (above - below) / (2 * h)

        times = alternated(
            {
                "loss": lambda steps, net=net, X=X, y=y: [net.loss(X, y) for _ in range(steps)],
                "gradients": lambda steps, net=net, X=X, y=y: [
                    len(net.gradients(X, y)) for _ in range(steps)
                ],
                "difference": difference,
            }
        )
        ratio = times["gradients"] / times["loss"]
        naive = weights * times["difference"] / times["loss"]
        print(f"{weights:9,} {times['loss'] * 1e6:6.0f} µs {ratio:9.2f} {naive:20,.0f}", flush=True)
        missed += [f"gradients take {ratio:.2f} × loss at {weights} weights"] * (
            ratio > GRADIENTS_AT_MOST
        )
    return missed


def digits() -> list[str]:
    """Prints accuracy and time of plain gradient descent on the digits."""
    X, y = load_digits()
    train, test = split(len(y), rng=0)
    net = Network.random((64, 64, 10), rng=0)
    began = time.perf_counter()
    net.train(X[train], y[train], eta=1.0, steps=1500)
    seconds, share = time.perf_counter() - began, net.accuracy(X[test], y[test])
    print(f"digits, full batch, one hidden layer: {share:.1%} held out in {seconds:.1f} s")
    return ["digits"] * (share < DIGITS_AT_LEAST or seconds > DIGITS_SECONDS)


def blas() -> str:
    """The library behind NumPy's matrix products."""
    found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{found['name']} {found['version']}"


def versions() -> str:
    """What is compared, with how many threads."""
    text = f"Python {platform.python_version()}, NumPy {np.__version__} on {blas()}"
    if importlib.util.find_spec("torch"):
        import torch

        text += f"; PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    if importlib.util.find_spec("jax"):
        import jax

        text += f"; JAX {jax.__version__}"
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many threads as cores")
    return f"{text}; {os.cpu_count()} cores, BLAS: {threads}"


if __name__ == "__main__":
    print(versions())
    load = os.getloadavg()[0]
    print(f"load before: {load:.1f} of {os.cpu_count()} cores" + " (NOT QUIET)" * (load > 0.5))
    problems = training_steps("tanh") + training_steps("relu") + cost_of_gradients() + digits()
    for problem in problems:
        print(f"MISSED: {problem}")
    sys.exit(bool(problems))

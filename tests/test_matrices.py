"""Matrix expressions in NumPy and, printed and run by Node, in JavaScript."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct, OneMatrix

from gdlib import gradient_descent, symbolic
from gdlib.efficient_backprop import Network
from gdlib.live import LiveError, MatrixProgram, Program, evaluate, in_numpy
from gdlib.symbolic_training import recorded_loss, training_path

n, d, K = 7, 3, 2
X, W, b = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W", d, K), sp.MatrixSymbol("b", 1, K)
A, D, Y = (sp.MatrixSymbol(name, n, K) for name in "ADY")
u, eta = sp.symbols("u eta", real=True)
exp, tanh = sp.Lambda(u, sp.exp(u)), sp.Lambda(u, sp.tanh(u))
E = A.applyfunc(exp)

EXPRESSIONS = {
    "forward": X * W + OneMatrix(n, 1) * b,
    "activation": A.applyfunc(tanh),
    "softmax": HadamardProduct(E, HadamardPower(E * OneMatrix(K, 1) * OneMatrix(1, K), -1)),
    "delta": (A - Y) / n,
    "hidden delta": HadamardProduct(D * W.T, X.applyfunc(sp.Lambda(u, 1 - sp.tanh(u) ** 2))),
    "weight gradient": X.T * D,
    "bias gradient": OneMatrix(1, n) * D,
    "update": W - eta * X.T * D,
    "three factors": X.T * X * W,
    "a number": OneMatrix(1, n) * HadamardProduct(A, Y) * OneMatrix(K, 1) / n,
    "transpose": W.T,
    "row sums": X * OneMatrix(d, 1),
}


def size(e) -> tuple[int, int]:
    rows, columns = e.shape
    return int(rows), int(columns)


def values(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    matrices = {M: rng.normal(size=size(M)) for M in (X, W, b, A, D, Y)}
    return matrices | {eta: 0.3}


def by_numpy(name: str, v: dict) -> np.ndarray:
    """The same by hand."""
    x, w, bias, a, delta, y = (v[M] for M in (X, W, b, A, D, Y))
    e = np.exp(a)
    return {
        "forward": x @ w + bias,
        "activation": np.tanh(a),
        "softmax": e / e.sum(axis=1, keepdims=True),
        "delta": (a - y) / n,
        "hidden delta": (delta @ w.T) * (1 - np.tanh(x) ** 2),
        "weight gradient": x.T @ delta,
        "bias gradient": delta.sum(axis=0, keepdims=True),
        "update": w - 0.3 * x.T @ delta,
        "three factors": x.T @ x @ w,
        "a number": np.array([[(a * y).sum() / n]]),
        "transpose": w.T,
        "row sums": x.sum(axis=1, keepdims=True),
    }[name]


def in_node(expressions: list, v: dict) -> list[np.ndarray]:
    """What the printed program makes of them, run twice: nothing may be left of the first run."""
    program = MatrixProgram({eta: "eta"})
    targets = [sp.MatrixSymbol(f"out{i}", *size(e)) for i, e in enumerate(expressions)]
    for target, e in zip(targets, expressions, strict=True):
        program.add(target, e)
    given = {program.names[M]: a.ravel().tolist() for M, a in v.items() if M in program.names}
    body = "".join(program.lines)
    source = (
        "const eta=0.3;"
        + "".join(program.buffers)
        + "".join(f"{name}.set({json.dumps(numbers)});" for name, numbers in given.items())
        + f"for(let run=0;run<2;run++){{{body}}}"
        + f"console.log(JSON.stringify([{','.join(f'[...{program.names[t]}]' for t in targets)}]))"
    )
    node = Path(sys.executable).with_name("node")
    done = subprocess.run([str(node), "-e", source], capture_output=True, text=True, check=True)
    return [
        np.reshape(out, size(e))
        for out, e in zip(json.loads(done.stdout), expressions, strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_both_faces_are_what_numpy_makes_of_it(seed):
    v = values(seed)
    for (name, e), theirs in zip(
        EXPRESSIONS.items(), in_node([*EXPRESSIONS.values()], v), strict=True
    ):
        expected = by_numpy(name, v)
        np.testing.assert_allclose(in_numpy(e, v), expected, rtol=1e-13, err_msg=name)
        np.testing.assert_allclose(theirs, expected, rtol=1e-12, atol=1e-15, err_msg=name)


def test_shapes_that_do_not_fit_are_a_sentence():
    with pytest.raises(LiveError, match=r"is \(3, 2\), what it becomes is \(7, 2\)"):
        MatrixProgram().add(W, A)
    rows = sp.Symbol("n", integer=True)
    with pytest.raises(LiveError, match="not known as numbers"):
        MatrixProgram().add(sp.MatrixSymbol("A", rows, 2), sp.MatrixSymbol("B", rows, 2))
    with pytest.raises(LiveError, match="Inverse is no matrix that can be computed"):
        MatrixProgram().add(sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("B", 2, 2).I)


SIZES = {0: (2, 3), 1: (2, 4, 3), 2: (2, 3, 4, 2), 4: (3, 2, 3, 2, 3, 2)}


def page_values(path, expressions, at: dict) -> np.ndarray:
    """What the page's program makes of expressions of a path."""
    program = Program([*at])
    codes = program.scalars(expressions)
    spec = {
        "program": program.source(f"[{','.join(codes)}]"),
        "columns": [c.values.tolist() for c in program.columns],
        "grids": [g.tolist() for g in program.grids],
    }
    engine = (Path(__file__).parent.parent / "gdlib/live/js/program.js").as_uri()
    source = (
        f"import {{ compile }} from {json.dumps(engine)};"
        f"console.log(JSON.stringify(compile({json.dumps(spec)})({json.dumps([*at.values()])})))"
    )
    run = [
        str(Path(sys.executable).with_name("node")),
        "--no-warnings",
        "--input-type=module",
        "-e",
        source,
    ]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    return np.array(json.loads(done.stdout), float)


@pytest.mark.parametrize(
    "hidden", ["tanh", "sigmoid", "relu", "leaky_relu", "softplus", "identity"]
)
@pytest.mark.parametrize("output", symbolic.OUTPUTS)
@pytest.mark.parametrize("depth", SIZES)
def test_training_is_that_of_the_library_in_both_faces(depth, output, hidden):
    sizes = SIZES[depth]
    net = symbolic.network(sizes, hidden=hidden, output=output)
    rng = np.random.default_rng(depth)
    inputs = rng.normal(size=(9, sizes[0]))
    labels = np.eye(sizes[-1])[rng.integers(0, sizes[-1], 9)]
    start = {
        p: float(v)
        for p, v in zip(net.parameters, rng.normal(size=len(net.parameters)), strict=True)
    }
    data = dict(zip([*net.inputs, *net.labels], [*inputs.T, *labels.T], strict=True))
    path = training_path(net, data, 3, {p: sp.Float(v) for p, v in start.items()})
    pairs = [
        (np.array([[start[s] for s in row] for row in W.tolist()]), np.array([start[s] for s in b]))
        for W, b in zip(net.weights, net.biases, strict=True)
    ]
    library = Network.from_weights(pairs, hidden=hidden, output=output)
    history = library.train(inputs, labels, 0.1, 3)
    wanted = [path.at(3, p) for p in net.parameters] + [
        path.at(k + 1, recorded_loss) for k in range(3)
    ]
    expected = np.concatenate(
        [np.ravel(v) for layer in library.layers for v in layer] + [history.loss]
    )
    rate = symbolic.eta
    here = np.array([v.item() for v in evaluate(wanted, {rate: np.array(0.1)})])
    np.testing.assert_allclose(here, expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(
        page_values(path, wanted, {rate: 0.1}), expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("name", symbolic.OPTIMIZERS)
def test_every_rule_is_that_of_gradient_descent(name):
    net = symbolic.network((2, 3, 2))
    rng = np.random.default_rng(1)
    inputs, labels = rng.normal(size=(9, 2)), np.eye(2)[rng.integers(0, 2, 9)]
    first = rng.normal(size=len(net.parameters))
    start = dict(zip(net.parameters, map(sp.Float, first), strict=True))
    data = dict(zip([*net.inputs, *net.labels], [*inputs.T, *labels.T], strict=True))
    constants = {
        symbolic.beta: 0.9,
        symbolic.beta_1: 0.9,
        symbolic.beta_2: 0.999,
        symbolic.epsilon: 1e-8,
    }
    path = training_path(net, data, 10, start, name, constants)

    def gradient(row):
        parts = np.split(row, np.cumsum([6, 3, 6]))
        library = Network.from_weights(
            [(parts[0].reshape(2, 3), parts[1]), (parts[2].reshape(3, 2), parts[3])]
        )
        return np.concatenate(
            [np.ravel(v) for pair in library.gradients(inputs, labels) for v in pair]
        )

    function = {"descent": "descend", "Nesterov": "nesterov", "Adam": "adam"}.get(name, name)
    expected = getattr(gradient_descent, function)(gradient, first, 0.05, 10)[-1]
    wanted = [path.at(10, p) for p in net.parameters]
    here = np.array([v.item() for v in evaluate(wanted, {symbolic.eta: np.array(0.05)})])
    np.testing.assert_allclose(here, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        page_values(path, wanted, {symbolic.eta: 0.05}), expected, rtol=1e-9, atol=1e-12
    )

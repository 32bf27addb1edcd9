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

from gdlib.live import LiveError
from gdlib.live.matrices import MatrixProgram, size
from gdlib.live.numeric import in_numpy

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

"""Matrix expressions in NumPy and, printed and run by Node, in JavaScript."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct, OneMatrix

from gdlib import symbolic
from gdlib.live import (
    Entrywise,
    LiveError,
    MatrixIterated,
    MatrixProgram,
    MatrixRows,
    Mesh,
    Normals,
    evaluate,
    in_numpy,
    normals,
)
from tests.node import page_values, run_node

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
    sets = (f"{program.names[M]}.set(given[{i}]);" for i, M in enumerate(v) if M in program.names)
    body = (
        f"const eta=0.3;{''.join(program.buffers)}{''.join(sets)}"
        f"for(let run=0;run<2;run++){{{''.join(program.lines)}}}"
        f"return [{','.join(f'[...{program.names[t]}]' for t in targets)}];"
    )
    found = run_node("program.js", "compile", body, [np.ravel(a).tolist() for a in v.values()])
    return [np.reshape(out, size(e)) for out, e in zip(found, expressions, strict=True)]


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
    with pytest.raises(LiveError, match="not known as a number"):
        MatrixProgram().add(sp.MatrixSymbol("A", rows, 2), sp.MatrixSymbol("B", rows, 2))
    with pytest.raises(LiveError, match="Inverse is no matrix that can be computed"):
        MatrixProgram().add(sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("B", 2, 2).I)

    with pytest.raises(LiveError, match=r"X has shape \(2, 3\); expected \(7, 3\)"):
        MatrixRows([Y], [(Y, X * W)], {X: np.ones((2, 3)), W: np.ones((3, 2))}, {})
    with pytest.raises(LiveError, match="W contains NaN or infinity"):
        MatrixRows([Y], [(Y, X * W)], {X: np.ones((7, 3)), W: np.full((3, 2), np.nan)}, {})
    with pytest.raises(LiveError, match=r"the results have \[3, 7\] rows"):
        MatrixRows([X, W], [], {}, {})


def test_an_identity_is_no_matrix_that_can_be_computed_but_that_of_one_number():
    square = sp.MatrixSymbol("S", 3, 3)
    with pytest.raises(LiveError, match="Identity is no matrix that can be computed"):
        MatrixProgram().add(sp.MatrixSymbol("out", 3, 3), square + sp.Identity(3))


def test_rows_of_what_is_made_in_the_page():
    """Pixels, random numbers by a seed on a slider, and expressions as entries."""
    pixels, seed = Mesh(np.linspace(0, 1, 4), np.linspace(-1, 1, 3)), sp.Symbol("seed", real=True)
    P, V, B = (sp.MatrixSymbol(*s) for s in (("P", 12, 2), ("V", 2, 3), ("B", 1, 3)))
    out = sp.MatrixSymbol("out", 12, 3)
    statements = [(out, P * V + OneMatrix(12, 1) * B)]
    rows = MatrixRows([out], statements, {P: pixels, V: Normals(seed, 1, (2, 3))}, {B: [u, 0, -u]})
    wanted = [rows.entry(out, j, i) for i in range(12) for j in range(3)]
    x, y = np.meshgrid(pixels.x, pixels.y)
    for at in ({u: 0.5, seed: 3}, {u: -2.0, seed: 4}):
        places = np.stack([x.ravel(), y.ravel()], axis=1)
        expected = places @ normals(at[seed], 1, (2, 3)) + [at[u], 0, -at[u]]
        here = [v.item() for v in evaluate(wanted, {s: np.array(v) for s, v in at.items()})]
        np.testing.assert_allclose(here, expected.ravel(), rtol=1e-12)
        np.testing.assert_allclose(page_values(wanted, at), expected.ravel(), rtol=1e-12)


def test_the_largest_of_each_row_in_both_faces():
    e, v = symbolic.RowMax(A), values(0)
    np.testing.assert_array_equal(in_numpy(e, v)[:, 0], v[A].max(axis=1))
    np.testing.assert_array_equal(in_node([e], v)[0][:, 0], v[A].max(axis=1))


def test_states_that_change_places_are_renewed_together():
    B, C, g, h = (sp.MatrixSymbol(name, 1, 1) for name in ("B", "C", "g", "h"))
    first, second = sp.symbols("first second", real=True)
    state = {B: sp.Matrix([[first]]), C: sp.Matrix([[second]])}
    path = MatrixIterated(state, [], {B: C, C: B}, {B: g, C: h}, {}, {g: [1], h: [2]}, 3)
    wanted = [path.at(k, s) for k in range(4) for s in (first, second)]
    expected = [1, 2, 2, 1, 1, 2, 2, 1]
    assert [v.item() for v in evaluate(wanted, {})] == expected
    assert page_values(wanted, {u: 0.0}).tolist() == expected


def test_matrices_of_one_entry_and_sliders_of_any_name():
    one, two = sp.MatrixSymbol("M", 1, 1), sp.MatrixSymbol("N", 1, 1)
    v = {**values(0), one: np.array([[3.0]]), two: np.array([[2.0]]), u: 10.0}
    assert in_numpy(A.applyfunc(sp.Lambda(eta, eta * u)), v) == pytest.approx(10 * v[A])
    a, b = sp.symbols("a b", real=True)
    for entry, number in ((one * two, 6.0), (one.T, 3.0), (one, 3.0)):
        scaled = Entrywise(a * b, {a: A, b: entry})
        np.testing.assert_allclose(in_numpy(scaled, v), number * v[A])
        np.testing.assert_allclose(in_node([scaled], v)[0], number * v[A])
    assert Entrywise(a, {a: u * A}).free_symbols == {u}
    ones = OneMatrix(1, 1) * one
    assert in_numpy(ones, v).item() == in_node([ones], v)[0].item() == 3

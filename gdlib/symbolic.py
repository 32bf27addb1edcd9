"""The book's symbols, losses, update rules and a small network as SymPy, written only here.

One file, as all of it is written in the same symbols, and a reader looks for none of it elsewhere.

Functions are named as in `gdlib.loss_functions` and `gdlib.activation_functions` and take the
truth first. A number or symbol is one sample and a list is n samples, over which a loss is the
mean. Where classes are meant, one sample is a list of K (or the class as an integer), and n samples
are a list of those.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.matrices.expressions import HadamardPower, HadamardProduct
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import OneMatrix
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from gdlib._argument_checks import bad, count, member

Expr = Any  # a SymPy expression; SymPy's own stubs have no type for it

# SymPy prints "yhat" as ŷ; "y_hat" would be a y with a subscript.
w, b, eta, y, y_hat, x, h, u, p, a = sp.symbols("w b eta y yhat x h u p a", real=True)
X, H, A, W, L, delta = sp.symbols("X H A W L delta", real=True)
n, d, K = sp.symbols("n d K", integer=True, positive=True)


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def name_of(symbol: Expr) -> str:
    """Return the symbol as it is written in text: η for eta, w₁₂⁽¹⁾ for a network's weight."""
    of_network = re.fullmatch(r"([wb])\^\((\d+)\)_([\d,]+)", symbol.name)
    if not of_network:
        return str(sp.pretty(symbol))
    letter, layer, units = of_network.groups()
    return f"{letter}{units.translate(_SUBSCRIPTS)}⁽{layer.translate(_SUPERSCRIPTS)}⁾"


def sigmoid(a: Expr) -> Expr:
    r""":math:`\sigma(a) = 1 / (1 + e^{-a})`."""
    return 1 / (1 + sp.exp(-a))


def tanh(a: Expr) -> Expr:
    r""":math:`\tanh a`."""
    return sp.tanh(a)


class _Rectifier(sp.Function):
    """What `Rectified` and its slope share: a case each for a > 0 and for the rest.

    A Piecewise in the condition of another is multiplied out by SymPy, to all combinations of their
    cases: networks of three units would be out of reach. This is taken apart by printers only.
    """

    nargs = 2
    name: str

    @classmethod
    def cases(cls, a: Expr, slope: Expr) -> tuple[Expr, Expr]:
        """Its values where a > 0, and elsewhere."""
        raise NotImplementedError

    @classmethod
    def eval(cls, a: Expr, slope: Expr) -> Expr | None:
        if a.is_number and a.is_extended_real:
            return cls.cases(a, slope)[0 if a > 0 else 1]
        return None

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_rewrite_as_Piecewise(self, a: Expr, slope: Expr, **options: Any) -> Expr:
        above, below = self.cases(a, slope)
        return sp.Piecewise((above, a > 0), (below, True), evaluate=False)

    def _latex(self, printer: Any) -> str:
        return printer.doprint(self._eval_rewrite_as_Piecewise(*self.args))

    def _sympystr(self, printer: Any) -> str:
        a, slope = map(printer.doprint, self.args)
        return self.name.format("relu", a) if slope == "0" else self.name.format("leaky_relu", a)

    # The argument is printed once, for it may be long, and contain another of these.
    def _printed(self, printer: Any) -> list[str]:
        """Its cases with a `u` in place of the argument, and the argument."""
        u = sp.Symbol("u", real=True)
        return [*map(printer.doprint, self.cases(u, self.args[1])), printer.doprint(self.args[0])]

    def _numpycode(self, printer: Any) -> str:
        above, below, a = self._printed(printer)
        where = printer._module_format(f"{printer._module}.where")
        return f"(lambda u: {where}(u > 0, {above}, {below}))({a})"

    def _pythoncode(self, printer: Any) -> str:
        above, below, a = self._printed(printer)
        return f"(lambda u: {above} if u > 0 else {below})({a})"

    _mpmathcode = _lambdacode = _pythoncode

    def _javascript(self, printer: Any) -> str:
        above, below, a = self._printed(printer)
        return f"((u)=>u>0?{above}:{below})({a})"


class Rectified(_Rectifier):
    r""":math:`a` where it is positive, slope · a elsewhere; its derivative at 0 is the slope."""

    name = "{}({})"

    @classmethod
    def cases(cls, a: Expr, slope: Expr) -> tuple[Expr, Expr]:
        return a, slope * a

    def fdiff(self, argindex: int = 1) -> Expr:
        a, slope = self.args
        return RectifiedSlope(a, slope) if argindex == 1 else a - Rectified(a, 0)


class RectifiedSlope(_Rectifier):
    """1 where a is positive, the slope elsewhere."""

    name = "{}_grad({})"

    @classmethod
    def cases(cls, a: Expr, slope: Expr) -> tuple[Expr, Expr]:
        return sp.S.One, slope

    def fdiff(self, argindex: int = 1) -> Expr:
        a, _ = self.args
        return sp.S.Zero if argindex == 1 else 1 - RectifiedSlope(a, 0)


def relu(a: Expr) -> Expr:
    r""":math:`\max(0, a)`, with a derivative of 0 at 0."""
    return Rectified(a, 0)


def leaky_relu(a: Expr, slope: Expr = 0.01) -> Expr:
    r""":math:`a` where it is positive, and slope · a elsewhere."""
    return Rectified(a, sp.nsimplify(slope))


def softplus(a: Expr) -> Expr:
    r""":math:`\log(1 + e^a)`."""
    return sp.log(1 + sp.exp(a))


def identity(a: Expr) -> Expr:
    r""":math:`a`."""
    return sp.sympify(a)


ACTIVATIONS: dict[str, Callable[[Expr], Expr]] = {
    f.__name__: f for f in (sigmoid, tanh, relu, leaky_relu, softplus, identity)
}


def mse(y: Expr, y_hat: Expr) -> Expr:
    r""":math:`\frac1n \sum (\hat y - y)^2`."""
    return _mean_of_sums(lambda y, y_hat: (y_hat - y) ** 2, y, y_hat)


def rmse(y: Expr, y_hat: Expr) -> Expr:
    r""":math:`\sqrt{\text{mse}}`."""
    return sp.sqrt(mse(y, y_hat))


def binary_cross_entropy(y: Expr, p: Expr) -> Expr:
    r""":math:`-\frac1n \sum \left( y \log p + (1 - y) \log(1 - p) \right)`."""
    return _mean_of_sums(lambda y, p: -(y * sp.log(p) + (1 - y) * sp.log(1 - p)), y, p)


def sigmoid_cross_entropy(y: Expr, a: Expr) -> Expr:
    r""":math:`\frac1n \sum \left( \log(1 + e^a) - y a \right)`: p = σ(a) put into the above."""
    return _mean_of_sums(lambda y, a: softplus(a) - y * a, y, a)


def softmax(A: Expr) -> list[Expr]:
    r""":math:`p_k = e^{a_k} / \sum_j e^{a_j}`, for one sample's list of K scores."""
    total = sum(sp.exp(a) for a in A)
    return [sp.exp(a) / total for a in A]


def cross_entropy(y: Expr, P: Expr) -> Expr:
    r""":math:`-\frac1n \sum_k y_k \log p_k`."""
    return _class_loss(
        lambda y, P: -sum(t * sp.log(p) for t, p in zip(y, P, strict=True) if t != 0), y, P
    )


def softmax_cross_entropy(y: Expr, A: Expr) -> Expr:
    r""":math:`\frac1n (\sum_k y_k \log \sum_j e^{a_j} - \sum_k y_k a_k)`: P = softmax(A) above."""

    def one_sample(y: list[Expr], A: list[Expr]) -> Expr:
        log_total = sp.log(sum(sp.exp(a) for a in A))
        return sum(y) * log_total - sum(t * a for t, a in zip(y, A, strict=True))

    return _class_loss(one_sample, y, A)


def one_hot(label: Expr, classes: int) -> list[Expr]:
    """A row of zeros with a one at the label, which is a symbol of a class from 0 on."""
    return [sp.Piecewise((1, sp.Eq(label, k)), (0, True)) for k in range(classes)]


def _nested(value: Expr) -> Expr:
    """Matrices and tuples as nested lists, so that one sample and many look alike to the losses."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_nested(v) for v in value] if isinstance(value, list | tuple) else sp.sympify(value)


def _mean_of_sums(one: Callable[[Expr, Expr], Expr], y: Expr, prediction: Expr) -> Expr:
    """The mean over samples of the sum over outputs of a loss of one output."""
    y, prediction = _nested(y), _nested(prediction)
    if not isinstance(prediction, list):
        return one(y, prediction)
    _same_length(y, prediction)

    def outputs(value: Expr) -> list[Expr]:
        return value if isinstance(value, list) else [value]

    for truth, predicted in zip(y, prediction, strict=True):
        _same_length(outputs(truth), outputs(predicted))
    pairs = [
        pair
        for rows in zip(y, prediction, strict=True)
        for pair in zip(*map(outputs, rows), strict=True)
    ]
    return sum(one(*pair) for pair in pairs) / sp.Integer(len(prediction))


def _class_loss(one: Callable[[Any, Any], Expr], y: Expr, prediction: Expr) -> Expr:
    """The mean over samples of a loss of one sample, which is K numbers."""
    y, prediction = _nested(y), _nested(prediction)
    if not isinstance(prediction[0], list):
        y, prediction = [y], [prediction]
    _same_length(y, prediction)

    def as_row(label: Expr, row: list[Expr]) -> list[Expr]:
        if isinstance(label, list):
            _same_length(label, row)
            return label
        if label not in range(len(row)):
            raise bad("y", label, f"a class from 0 to {len(row) - 1}, or a list of {len(row)}")
        return [sp.Integer(k == label) for k in range(len(row))]

    return sum(one(as_row(t, r), r) for t, r in zip(y, prediction, strict=True)) / sp.Integer(
        len(prediction)
    )


def _same_length(y: Expr, prediction: list[Expr]) -> None:
    if not isinstance(y, list) or len(y) != len(prediction):
        raise bad("y", y, f"a list of {len(prediction)}, as long as the prediction")


@dataclass(frozen=True)
class SymbolicNetwork:
    """A network as expressions; rows are samples: layer ℓ is h W + b, and W[i, j] is from i to j.

    `weights`, `biases`, `pre_activations` and `hidden` have one entry per layer (`hidden` without
    the output layer); biases and everything computed from a sample are 1 × units matrices.
    """

    inputs: Any
    labels: Any
    weights: list[Any]
    biases: list[Any]
    pre_activations: list[Any]
    hidden: list[Any]
    prediction: Any
    loss: Expr
    activations: Sequence[str]
    """A name in `ACTIVATIONS` for each hidden layer."""
    output: str
    """A name in `OUTPUTS`: what the scores go to."""

    @property
    def sizes(self) -> list[int]:
        """The units of each layer, from the inputs to the outputs."""
        return [len(self.inputs), *(len(b) for b in self.biases)]

    @property
    def states(self) -> list[Any]:
        """What the units of each layer put out, from the inputs to the prediction."""
        return [self.inputs, *self.hidden, self.prediction]

    @property
    def scores(self) -> Any:
        """The output units' pre-activations."""
        return self.pre_activations[-1]

    @cached_property
    def deltas(self) -> list[Any]:
        r"""δ = ∂L/∂a of every layer's units, from the back: each from the next, as in chapter 5.

        :math:`\delta^{(\ell)} = (\delta^{(\ell+1)} W^{(\ell+1)\top}) \odot g'(a^{(\ell)})`
        """
        stand_ins = [sp.Dummy(real=True) for _ in self.scores]
        _, loss = OUTPUTS[self.output]
        at_scores = dict(zip(stand_ins, self.scores, strict=True))
        value = loss(list(self.labels), stand_ins)
        deltas = [sp.Matrix([[sp.diff(value, a).xreplace(at_scores) for a in stand_ins]])]
        for layer in reversed(range(1, len(self.weights))):
            arriving = deltas[0] * self.weights[layer].T
            slopes = [self.activation_slope(layer, unit) for unit in range(len(arriving))]
            deltas.insert(0, sp.Matrix([[d * g for d, g in zip(arriving, slopes, strict=True)]]))
        return deltas

    def delta(self, layer: int, unit: int) -> Expr:
        """A unit's δ, ∂L/∂a; layers count from 1."""
        return self.deltas[layer - 1][unit]

    def activation_slope(self, layer: int, unit: int) -> Expr:
        """g′(a) of a hidden unit."""
        a = sp.Dummy(real=True)
        slope = sp.diff(ACTIVATIONS[self.activations[layer - 1]](a), a)
        return slope.xreplace({a: self.pre_activations[layer - 1][unit]})

    @property
    def gradients(self) -> list[Expr]:
        r"""The loss's derivative by each of the `parameters`, in their order.

        :math:`\partial L / \partial W^{(\ell)} = h^{(\ell-1)\top} \delta^{(\ell)}`, and δ for b.
        """
        return [
            e
            for h, delta in zip(self.states, self.deltas, strict=False)
            for matrix in (h.T * delta, delta)
            for e in matrix
        ]

    @property
    def parameters(self) -> list[Expr]:
        """All weights and biases, layer by layer: W row by row, then b."""
        return [
            v
            for pair in zip(self.weights, self.biases, strict=True)
            for matrix in pair
            for v in matrix
        ]


def network(
    sizes: Sequence[int], hidden: str | Sequence[str] = "tanh", output: str = "softmax"
) -> SymbolicNetwork:
    """A small network of symbols: x_1, w_12 and b_2 with the layer number (1) above them, y_1.

    `sizes` are the units from the inputs to the outputs; `hidden` is the name of an activation, or
    one for each hidden layer; `output` is as for `efficient_backprop.Network`. The loss is that of
    one sample.
    """
    if len(sizes) < 2:
        raise bad("sizes", sizes, "at least the inputs and the outputs")
    units = [count("sizes", size, least=1) for size in sizes]
    between = len(units) - 2
    names = [hidden] * max(between, 1) if isinstance(hidden, str) else list(hidden)
    functions = [ACTIVATIONS[member("hidden", name, ACTIVATIONS)] for name in names]
    if between not in (0, len(names)):
        raise bad("hidden", hidden, f"one name, or {between}")
    predict, loss = OUTPUTS[member("output", output, OUTPUTS)]

    inputs, labels = _row("x_{}", units[0]), _row("y_{}", units[-1])
    weights, biases, pre_activations, states = [], [], [], [inputs]
    for layer, (n_in, n_out) in enumerate(pairwise(units), start=1):
        comma = "," if max(n_in, n_out) > 9 else ""  # w1_1,12 and w1_11,2 must differ
        weights.append(
            sp.Matrix(n_in, n_out, lambda i, j: _real(f"w^({layer})_{i + 1}{comma}{j + 1}"))  # noqa: B023
        )
        biases.append(_row(f"b^({layer})_{{}}", n_out))
        pre_activations.append(states[-1] * weights[-1] + biases[-1])
        if layer <= between:
            states.append(pre_activations[-1].applyfunc(functions[layer - 1]))
    scores = list(pre_activations[-1])
    return SymbolicNetwork(
        inputs, labels, weights, biases, pre_activations, states[1:],
        sp.Matrix([predict(scores)]), loss(list(labels), scores), names[:between], output,
    )  # fmt: skip


def _real(name: str) -> Expr:
    return sp.Symbol(name, real=True)


def _row(template: str, length: int) -> Any:
    return sp.Matrix([[_real(template.format(i + 1)) for i in range(length)]])


def _half_squares(y: list[Expr], scores: list[Expr]) -> Expr:
    return mse([y], [[sigmoid(a) for a in scores]]) / 2


OUTPUTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Expr]]] = {
    "softmax": (softmax, softmax_cross_entropy),
    "sigmoid": (lambda A: [sigmoid(a) for a in A], lambda y, A: sigmoid_cross_entropy([y], [A])),
    "linear": (lambda A: A, lambda y, A: mse([y], [A])),
    "sigmoid_squared": (lambda A: [sigmoid(a) for a in A], _half_squares),
}


def pre_activation(H: Expr, W: Expr, b: Expr) -> Expr:
    r""":math:`A = H W + b`, the bias added to every row."""
    return H * W + OneMatrix(H.shape[0], 1) * b


def hidden_delta(delta_next: Expr, W_next: Expr, slopes: Expr) -> Expr:
    r""":math:`\delta = (\delta^{\text{next}} W_{\text{next}}^\top) \odot g'(A)`."""
    return HadamardProduct(delta_next * W_next.T, slopes)


def weight_gradient(H: Expr, delta: Expr) -> tuple[Expr, Expr]:
    r""":math:`H^\top \delta` for W, and the sum of δ's rows for b."""
    return H.T * delta, OneMatrix(1, delta.shape[0]) * delta


def applied(f: Callable[[Expr], Expr], A: Expr) -> Expr:
    """A function of each entry of a matrix."""
    u = sp.Dummy("u", real=True)
    # Of a matrix with one entry, SymPy would take the function of the matrix itself.
    return sp.MatrixExpr.__new__(ElementwiseApplyFunction, sp.Lambda(u, f(u)), A)


@lru_cache
def _slope_by_state(g: Callable[[Expr], Expr]) -> tuple[Expr, Expr]:
    """g′ as an expression of h = g(a), and h; or of a, and a, where h does not say enough."""
    a, h = sp.symbols("a h", real=True)
    slope = sp.diff(g(a), a)
    if g in (sigmoid, softplus):
        slope = sp.simplify(slope.subs(a, sp.solve(g(a) - h, a)[0]))
    by_state = slope if g(a) == a else slope.subs(g(a), h)
    return (slope, a) if by_state.has(a) else (by_state, h)


def slopes(g: Callable[[Expr], Expr], A: Expr, H: Expr) -> Expr:
    r""":math:`g'(A)`, from :math:`H = g(A)` where that says enough: 1 − H² for tanh."""
    slope, of = _slope_by_state(g)
    return applied(lambda u: slope.subs(of, u), A if of.name == "a" else H)


def _softplus(a: Expr) -> Expr:
    """The same as `softplus`, but no power is too large for a float."""
    return relu(a) + sp.log(1 + sp.exp(-relu(a) - relu(-a)))


class RowMax(sp.MatrixExpr):
    """The largest entry of each row, as a column: `fold` says what becomes of two entries."""

    fold = staticmethod(sp.Max)

    def __new__(cls, A: Expr) -> "RowMax":
        return super().__new__(cls, A)

    @property
    def arg(self) -> Expr:
        return self.args[0]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.arg.shape[0], sp.S.One

    def _entry(self, i: Expr, j: Expr, **kwargs: Any) -> Expr:
        return sp.Max(*(self.arg[i, k] for k in range(int(self.arg.shape[1]))))

    def _latex(self, printer: Any, *args: Any) -> str:
        return rf"\max_k {printer.parenthesize(self.arg, 100)}"


Named = Callable[[str, Expr], Expr]
"""Gives a matrix a name, under which it is computed once."""


def _softmax(A: Expr, Y: Expr, named: Named) -> tuple[Expr, Expr, Expr]:
    n, K = A.shape
    column, row = OneMatrix(K, 1), OneMatrix(1, K)
    # The largest score becomes 0, which changes no probability, and no power is too large.
    shifted = named("S", A - named("m", RowMax(A)) * row)
    powers = named("E", applied(sp.exp, shifted))
    totals = named("T", powers * column)
    P = named("P", HadamardProduct(powers, HadamardPower(totals * row, -1)))
    of_truth = HadamardProduct(Y, shifted) * column
    return P, HadamardProduct(Y * column, applied(sp.log, totals)) - of_truth, P - Y


def _sigmoid(A: Expr, Y: Expr, named: Named) -> tuple[Expr, Expr, Expr]:
    P = named("P", applied(sigmoid, A))
    return P, applied(_softplus, A) - HadamardProduct(Y, A), P - Y


def _linear(A: Expr, Y: Expr, named: Named) -> tuple[Expr, Expr, Expr]:
    P = named("P", A)
    error = named("e", P - Y)
    return P, HadamardProduct(error, error), 2 * error


def _sigmoid_squared(A: Expr, Y: Expr, named: Named) -> tuple[Expr, Expr, Expr]:
    P = named("P", applied(sigmoid, A))
    error = named("e", P - Y)
    slope = HadamardProduct(P, OneMatrix(*A.shape) - P)
    return P, HadamardProduct(error, error) / 2, HadamardProduct(error, slope)


MATRIX_OUTPUTS: dict[str, Callable[[Expr, Expr, Named], tuple[Expr, Expr, Expr]]] = {
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "linear": _linear,
    "sigmoid_squared": _sigmoid_squared,
}
"""For the scores A and the truth Y of n samples: the prediction, their losses, and n δ."""


@dataclass(frozen=True)
class MatrixPass:
    """A network's way forward and back over n samples, as statements over matrices.

    By layer: the inputs H, the scores A and the deltas; `gradients` are those of W and b. `loss` is
    the 1 × 1 matrix of the mean loss.
    """

    statements: list[tuple[Expr, Expr]]
    inputs: list[Expr]
    scores: list[Expr]
    prediction: Expr
    loss: Expr
    deltas: list[Expr]
    gradients: list[tuple[Expr, Expr]]

    def until(self, M: Expr) -> list[tuple[Expr, Expr]]:
        """The statements down to the one that makes this matrix."""
        targets = [target for target, _ in self.statements]
        return self.statements[: targets.index(M) + 1]


def matrix_pass(
    network: SymbolicNetwork, X: Expr, Y: Expr, layers: Sequence[tuple[Expr, Expr]], mark: str = ""
) -> MatrixPass:
    """The passes of a network of this kind, with these matrices (W, b), over X and Y.

    A mark tells the matrices of several passes apart.
    """
    n, statements, inputs, scores = X.shape[0], list[tuple[Expr, Expr]](), [X], list[Expr]()

    def named(name: str, e: Expr) -> Expr:
        matrix = sp.MatrixSymbol(name + mark, *e.shape)
        statements.append((matrix, e))
        return matrix

    activations = [ACTIVATIONS[name] for name in network.activations]
    for layer, (W, b) in enumerate(layers, start=1):
        scores.append(named(f"A_{layer}", pre_activation(inputs[-1], W, b)))
        if layer < len(layers):
            g = activations[layer - 1]
            inputs.append(
                named(f"H_{layer}", applied(_softplus if g is softplus else g, scores[-1]))
            )
    prediction, losses, errors = MATRIX_OUTPUTS[network.output](scores[-1], Y, named)
    ones = OneMatrix(1, n), OneMatrix(losses.shape[1], 1)
    loss = named("L", ones[0] * named("l", losses) * ones[1] / n)
    deltas, gradients = [named(f"delta_{len(layers)}", errors / n)], list[tuple[Expr, Expr]]()
    for layer in range(len(layers), 0, -1):
        of_weights, of_bias = weight_gradient(inputs[layer - 1], deltas[0])
        gradients.insert(0, (named(f"dW_{layer}", of_weights), named(f"db_{layer}", of_bias)))
        if layer > 1:
            slope = slopes(activations[layer - 2], scores[layer - 2], inputs[layer - 1])
            delta = hidden_delta(deltas[0], layers[layer - 1][0], slope)
            deltas.insert(0, named(f"delta_{layer - 1}", delta))
    return MatrixPass(statements, inputs, scores, prediction, loss, deltas, gradients)


class Nabla(sp.Function):
    r""":math:`\nabla L` at a place, in a rule that holds for every loss."""

    is_real = True

    def _latex(self, printer: Any, exp: str = "") -> str:
        return rf"\nabla L({printer.doprint(self.args[0])})" + (f"^{{{exp}}}" if exp else "")


v, m, t, m_hat, v_hat = sp.symbols("v m t mhat vhat", real=True)
beta, beta_1, beta_2, epsilon = sp.symbols("beta beta_1 beta_2 epsilon", positive=True)

OPTIMIZERS: dict[str, Sequence[tuple[Expr, Expr]]] = {
    "descent": [
        (w, w - eta * Nabla(w)),
    ],
    "momentum": [
        (v, beta * v + Nabla(w)),
        (w, w - eta * v),
    ],
    "Nesterov": [
        (v, beta * v + Nabla(w - eta * beta * v)),
        (w, w - eta * v),
    ],
    "Adam": [
        (t, t + 1),
        (m, beta_1 * m + (1 - beta_1) * Nabla(w)),
        (v, beta_2 * v + (1 - beta_2) * Nabla(w) ** 2),
        (m_hat, m / (1 - beta_1**t)),
        (v_hat, v / (1 - beta_2**t)),
        (w, w - eta * m_hat / (sp.sqrt(v_hat) + epsilon)),
    ],
}
"""One step of each optimizer of `gdlib.gradient_descent`, line by line, for a weight w.

What a weight remembers starts at zero.
"""


def optimizer_step(
    name: str,
    weights: Sequence[Expr],
    gradient: Callable[[Sequence[Expr]], Sequence[Expr]],
    constants: Mapping[Expr, Expr] | None = None,
) -> tuple[dict[Expr, Expr], dict[Expr, Expr]]:
    """One step for several weights: what every symbol becomes, and what the memory starts from.

    `gradient` takes a place, one expression a weight, and returns as many slopes. `constants` are
    put in for β, β₁, β₂ or ε. The lines of the rule are put into each other, so that all symbols
    change at once, from their old values. ValueError for a name that is not in `OPTIMIZERS`.
    """
    rule = OPTIMIZERS[member("name", name, OPTIMIZERS)]
    steps = sp.Dummy(t.name, real=True)  # counted once for all weights
    own = [
        {s: sp.Dummy(f"{s.name}_{weight.name}", real=True) for s, _ in rule}
        | {w: weight, t: steps, **(constants or {})}
        for weight in weights
    ]
    now: dict[Expr, Expr] = {}
    for symbol, line in rule:
        stand_ins = {node: sp.Dummy() for node in line.atoms(Nabla)}
        lines = [line.xreplace(stand_ins).xreplace(names).xreplace(now) for names in own]
        for node, stand_in in stand_ins.items():
            place = [node.args[0].xreplace(names).xreplace(now) for names in own]
            slopes = gradient(place)
            lines = [e.xreplace({stand_in: g}) for e, g in zip(lines, slopes, strict=True)]
        now |= {names[symbol]: e for names, e in zip(own, lines, strict=True)}
    remembered = {
        names[s]: sp.S.Zero for s, line in rule for names in own if line.has(s) and s != w
    }
    return {s: now[s] for s in (*weights, *remembered)}, remembered


def after_steps(name: str, steps: int, loss: Expr, weight: Expr) -> Expr:
    """The weight after some steps of an optimizer on a loss of one weight, as one expression."""
    slope = sp.diff(loss, weight)
    update, state = optimizer_step(name, [weight], lambda place: [slope.subs(weight, place[0])])
    state = {weight: weight, **state}
    for _ in range(count("steps", steps)):
        state = {s: update[s].xreplace(state) for s in state}
    return state[weight]


def written(name: str) -> list[str]:
    r"""The lines of an optimizer's step as LaTeX: :math:`v \leftarrow \beta v + \nabla L(w)`."""

    latex = _InOrder().doprint
    return [rf"{latex(symbol)} \leftarrow {latex(line)}" for symbol, line in OPTIMIZERS[name]]


class _InOrder(LatexPrinter):
    """SymPy's LaTeX, with sums as they are written here: minus last, and before it constants."""

    def _as_ordered_terms(self, expr: Expr, order: str | None = None) -> list[Expr]:
        terms = super()._as_ordered_terms(expr, order)
        return sorted(terms, key=lambda e: (e.could_extract_minus_sign(), e.is_number, e.is_Symbol))

    def _print_HadamardProduct(self, expr: Expr) -> str:
        return r" \odot ".join(self.parenthesize(e, PRECEDENCE["Mul"]) for e in expr.args)

    def _print_Transpose(self, expr: Expr) -> str:
        text = self.parenthesize(expr.arg, PRECEDENCE["Pow"])
        return text[:-1] + r"\top}" if text.endswith(")}") else text + r"^\top"

    def _print_OneMatrix(self, expr: Expr) -> str:
        return r"\mathbf{1}"


def three_gradients() -> dict[str, str]:
    r"""The lines of a pass through layer ℓ as LaTeX, by what they are the gradient of.

    Made by the functions that also print the network of a page; the layer's activation is g.
    """
    rows, before, N, after = sp.symbols("n N_{l-1} N_l N_{l+1}", integer=True, positive=True)

    def of_layer(name: str, layer: str, height: Expr, width: Expr) -> Expr:
        return sp.MatrixSymbol(rf"{name}^{{({layer})}}", height, width)

    here, ahead, back = r"\ell", r"\ell+1", r"\ell-1"
    A, H = of_layer("A", here, rows, N), of_layer("H", back, rows, before)
    W, b = of_layer("W", here, before, N), of_layer("b", here, 1, N)
    W_next, delta_next = of_layer("W", ahead, N, after), of_layer(r"\delta", ahead, rows, after)
    delta, slope = of_layer(r"\delta", here, rows, N), sp.MatrixSymbol(f"g'({A.name})", rows, N)
    scores, Y = (sp.MatrixSymbol(name, rows, K) for name in ("A^{(L)}", "Y"))
    _, _, errors = MATRIX_OUTPUTS["softmax"](
        scores, Y, lambda name, e: sp.MatrixSymbol(r"\hat{Y}" if name == "P" else name, *e.shape)
    )
    of_weights, of_bias = weight_gradient(H, delta)
    latex = _InOrder().doprint
    return {
        A.name: latex(pre_activation(H, W, b)),
        r"\delta^{(L)}": latex(errors / rows),
        delta.name: latex(hidden_delta(delta_next, W_next, slope)),
        rf"\partial L / \partial {W.name}": latex(of_weights),
        rf"\partial L / \partial {b.name}": latex(of_bias),
    }

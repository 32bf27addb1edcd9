r"""A loss as a landscape over its weights: opaque, with places of rest and paths that descend.

Figures are built on an `OpaqueLoss`, of which they know the weights, the values and the
derivatives. What the loss is, is put in last, so that another can be put there.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from gdlib.gradient_descent import descend
from gdlib.height import Height
from gdlib.live import Iterated, either, evaluate, inlined, iterate, opaque, typed_minimum
from gdlib.measured import constant, known, quantiles
from gdlib.symbolic import Rectified, RectifiedSlope, eta, optimizer_step

Box = Mapping[sp.Symbol, tuple[float, float]]
"""The range of each weight, the horizontal one first."""

Start = Mapping[sp.Symbol, float]

_JUMPING = (sp.sign, sp.Piecewise, sp.Heaviside, sp.floor, sp.ceiling, RectifiedSlope)

_KINKED = (sp.Abs, sp.Max, sp.Min, sp.Mod, sp.frac, Rectified)

HAIR = sp.Float(1e-9)
"""What counts as no distance, for a slope's kink or a rate at its edge."""


def box_corners(box: Box) -> np.ndarray:
    """The corners of a box, with the weights first."""
    return np.array(list(product(*box.values()))).T


class OpaqueLoss:
    """A loss L(w) of some weights; its value and derivatives are expressions of them."""

    def __init__(self, expression: sp.Expr, weights: Sequence[sp.Symbol], name: str = "L") -> None:
        self.expression, self.weights = expression, list(weights)
        self.value: sp.Expr = opaque(name, self.weights, expression)(*self.weights)

    @cached_property
    def gradient(self) -> list[sp.Expr]:
        return [self.value.diff(s) for s in self.weights]

    @cached_property
    def hessian(self) -> list[list[sp.Expr]]:
        return [[g.diff(s) for s in self.weights] for g in self.gradient]

    @property
    def steepness(self) -> sp.Expr:
        r"""The gradient's length :math:`\lVert \nabla L \rVert`."""
        return sp.sqrt(sum(g**2 for g in self.gradient))

    @property
    def curvatures(self) -> tuple[sp.Expr, sp.Expr]:
        """The eigenvalues of the Hessian of two weights, the smaller one first."""
        (a, c), (_, d) = self.hessian
        middle, radius = (a + d) / 2, sp.sqrt((a - d) ** 2 / 4 + c**2)
        return middle - radius, middle + radius

    @property
    def curvature_along_gradient(self) -> sp.Expr:
        r""":math:`g^\top H g`: how the loss bends along a step against its gradient g."""
        rows = zip(self.gradient, self.hessian, strict=True)
        return sum(u * h * v for u, row in rows for h, v in zip(row, self.gradient, strict=True))

    @property
    def newton(self) -> tuple[sp.Expr, sp.Expr]:
        """The place after Newton's step, for two weights: the bottom of the parabola there."""
        (p, q), ((a, c), (_, d)) = self.gradient, self.hessian
        determinant, (u, v) = a * d - c**2, self.weights
        return u - (d * p - c * q) / determinant, v - (a * q - c * p) / determinant

    def derivative(self, order: int) -> sp.Expr:
        """The derivative of this order by the only weight."""
        return self.value.diff(self.weights[0], order)

    def at(self, *place: Any) -> sp.Expr:
        """The loss at a place: one number or expression a weight."""
        return self.value.func(*place)

    def gradient_at(self, place: Sequence[Any]) -> list[sp.Expr]:
        """The gradient at a place."""
        return [g.func(*place) for g in self.gradient]

    def moved(self, rate: Any) -> list[sp.Expr]:
        """The place after one step of this rate against the gradient."""
        step, _ = optimizer_step("descent", self.weights, self.gradient_at, {eta: rate})
        return list(step.values())

    def path(
        self,
        steps: int,
        optimizer: str = "descent",
        start: Mapping[sp.Symbol, Any] | None = None,
        constants: Mapping[sp.Symbol, Any] | None = None,
    ) -> Iterated:
        """The path of an optimizer of `symbolic.OPTIMIZERS`; it starts where the sliders are."""
        step, at_rest = optimizer_step(optimizer, self.weights, self.gradient_at, constants)
        return iterate(step, steps=steps, start=at_rest | dict(start or {}))

    def numbers(self, expressions: Sequence[sp.Expr], place: Any) -> list[np.ndarray]:
        """Expressions of the weights, evaluated at places: an array with the weights first."""
        return evaluate(expressions, dict(zip(self.weights, np.asarray(place, float), strict=True)))

    def on_grid(self, expression: sp.Expr, box: Box, points: int = 41) -> np.ndarray:
        """An expression of the weights on a grid over the box, its ends and corners included."""
        ends = (np.linspace(*box[s], points if len(box) > 1 else points**2) for s in self.weights)
        grid = np.meshgrid(*ends)
        (found,) = self.numbers([expression], [axis.ravel() for axis in grid])
        return np.broadcast_to(found, grid[0].size)

    def extremes(self, expression: sp.Expr, box: Box) -> list[sp.Expr]:
        """The least and the largest finite value of an expression on a grid over the box.

        Also of a loss that is typed.
        """
        points = 41 if len(box) > 1 else 41**2
        grids = {s: np.linspace(*box[s], points) for s in self.weights}
        return quantiles(expression, grids, 0, 1)

    def is_the_same(self, other: sp.Expr, box: Box) -> bool:
        """Whether another expression of the weights has the same values all over the box."""
        here, there = (self.on_grid(e, box) for e in (self.value, other))
        return bool(np.allclose(here, there, rtol=1e-9, atol=1e-12, equal_nan=True))

    def value_at(self, start: Start, expression: sp.Expr | None = None) -> sp.Expr:
        """The loss, or an expression of the weights, at a place, also of a loss that is typed."""
        wanted = self.value if expression is None else expression
        return constant(wanted.xreplace({s: sp.Float(start[s]) for s in self.weights}))

    def constant_hessian(self) -> np.ndarray | None:
        """The Hessian of a quadratic loss, None for any other."""
        flat = [inlined(e) for row in self.hessian for e in row]
        kinked = inlined(self.value).has(*_JUMPING, *_KINKED)
        if kinked or any(e.free_symbols for e in flat):
            return None
        size = len(self.weights)
        return np.array(evaluate(flat, {})).reshape(size, size)

    @cached_property
    def edge(self) -> float | None:
        """2/λmax of a quadratic loss that nowhere bends downwards, None for any other."""
        hessian = self.constant_hessian()
        if hessian is None:
            return None
        curvatures = np.linalg.eigvalsh(hessian)
        least, largest = float(curvatures[0]), float(curvatures[-1])
        return 2 / largest if largest > 0 and least >= -1e-9 * largest else None

    def stationary_points(self, box: Box) -> list[tuple[np.ndarray, np.ndarray, float]]:
        """Where the gradient of two weights vanishes: place, curvatures, loss; the lowest first.

        Newton's method from a grid of starts; only points in the box where it settled count.
        """
        low, high = np.array([box[s] for s in self.weights], float).T
        places = np.array(list(product(*np.linspace(low, high, 13).T)))
        with np.errstate(all="ignore"):
            for _ in range(40):
                move, hessian, losses = self._newton(places)
                moving = (np.abs(move) > 1e-12 * (high - low)).any(axis=1)
                if not moving[np.isfinite(places[:, 0])].any():
                    break
                places = places - move
        curvatures = np.linalg.eigvalsh(hessian)
        settled = (np.abs(move) < 1e-9 * (high - low)).all(axis=1) & np.isfinite(losses)
        settled &= ((places >= low) & (places <= high)).all(axis=1)
        found: list[tuple[np.ndarray, np.ndarray, float]] = []
        for i in sorted(np.flatnonzero(settled), key=lambda i: losses[i]):
            apart = (np.abs((places[i] - other) / (high - low)).max() for other, *_ in found)
            if all(distance > 1e-6 for distance in apart):
                found.append((places[i], curvatures[i], float(losses[i])))
        return found

    def _newton(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Newton's step from every place, infinite where there is none; the Hessian; the loss."""
        (a, c), (_, d) = self.hessian
        wanted = self.numbers([*self.gradient, a, c, d, self.value], places.T)
        g, h, p, q, r, losses = (np.broadcast_to(e, len(places)) for e in wanted)
        hessian = np.stack([p, q, q, r], axis=1).reshape(-1, 2, 2)
        size = np.abs(hessian).max(axis=(1, 2))
        regular = np.isfinite(size) & (np.abs(p * r - q**2) > 1e-12 * size**2)
        hessian[~regular] = np.eye(2)
        move = np.linalg.solve(hessian, np.stack([g, h], axis=1)[:, :, None])[:, :, 0]
        move[~regular | ~np.isfinite(move).all(axis=1)] = np.inf
        return move, hessian, losses

    def height(self, box: Box, start: Start) -> Height:
        """What to draw of the loss along a descent in a box, so that all of it can be seen.

        Where the lowest place of the box is a minimum in it, the loss above that, on a logarithmic
        axis. Where there is none, the loss itself, and on a linear axis if it goes below zero.
        """
        places = self.stationary_points(box)
        least, most = self.extremes(self.value, box)
        minima = [value for _, curvatures, value in places if curvatures[0] > 0]
        found = minima and minima[0] <= sum(known(least + sp.Float(1e-9) * (most - least)))
        lowest = either(minima[0] if found else 0, typed_minimum("lowest"))
        above = either(int(bool(found)), typed_minimum("found"))
        ends = sp.Max(most - lowest, sp.Float(1e-300)), most
        most = constant(sp.Piecewise((ends[0], above > 0), (ends[1], True)))
        begin = self.value_at(start) - lowest
        least = constant(sp.Piecewise((0, above > 0), (least, True)))
        return Height(self.value - lowest, least, most, constant(begin), above)

    def after_descents(
        self, quantity: sp.Expr, start: Sequence[float], rates: Iterable[float], steps: int
    ) -> np.ndarray:
        """A quantity where `descend` ends from a start, for each rate, finite or not."""

        def gradient(w: np.ndarray) -> np.ndarray:
            return np.array([e.item() for e in self.numbers(self.gradient, w)])

        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # it diverges, as meant
            ends = [descend(gradient, np.array(start), rate, steps)[-1] for rate in rates]
        (found,) = self.numbers([quantity], np.transpose(ends))
        return np.broadcast_to(found, len(ends))

    def bowl_axes(self, start: Start) -> list[tuple[sp.Expr, sp.Expr]] | None:
        """The curvature along each axis of a bowl of two weights, with the distance to its bottom.

        By its Hessian at a place, so that it follows a loss that is typed. None if the author's is
        not quadratic.
        """
        if self.constant_hessian() is None:
            return None
        (a, c), (_, d) = ([self.value_at(start, e) for e in row] for row in self.hessian)
        turn = constant(sp.atan2(2 * c, a - d) / 2)
        bottom = [self.value_at(start, e) for e in self.newton]
        u, v = (s - at for s, at in zip(self.weights, bottom, strict=True))
        low, high = (self.value_at(start, e) for e in self.curvatures)
        return [
            (low, sp.Abs(sp.cos(turn) * v - sp.sin(turn) * u)),
            (high, sp.Abs(sp.cos(turn) * u + sp.sin(turn) * v)),
        ]

    def kink(self, width: float) -> tuple[list[sp.Expr], Any]:
        """The slopes on either side of the only weight, and the condition that they differ.

        A side is a hair away, a share of the width that is looked at.
        """
        (w,), (slope,) = self.weights, self.gradient
        hair = HAIR * width + sp.Float(1e-14) * sp.Abs(w)
        left, right = slope.func(w - hair), slope.func(w + hair)
        usual = sp.Max(self.extremes(sp.Abs(slope), {w: (-width, width)})[1], sp.Float(1e-300))
        room = sp.Float(1e-7) * usual + sp.Float(1e-4) * sp.Abs(left)
        # No case distinction: SymPy would solve the condition wherever it is one of another.
        excess = sp.Abs(right - left) - room
        jumps = slope.func.expression.has(*_JUMPING)
        return [left, right], (excess if jumps else either(-1, excess)) > 0

    def has_kink(self, place: Sequence[float], widths: Sequence[float]) -> bool:
        """Whether a slope jumps at a place, a hair of these widths to either side."""
        if not any(inlined(e).has(*_JUMPING) for e in self.gradient):
            return False
        for i, width in enumerate(widths):
            hair = np.zeros(len(place))
            hair[i] = 1e-9 * width + 1e-14 * abs(place[i])
            sides = [np.array(place) - hair, np.array(place) + hair]
            before, after = (self.numbers([self.gradient[i]], at)[0].item() for at in sides)
            if abs(after - before) > 1e-4 * max(abs(before), abs(after)):
                return True
        return False

"""The paths from a weight to the loss, whose products add up to its derivative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from gdlib.symbolic import Expr, SymbolicNetwork


@dataclass(frozen=True)
class WeightPaths:
    """The paths from a weight to the loss: each through its unit, and one of each further layer.

    The weight leads from unit i of a layer to unit j of the next; a way is the units from there on.
    """

    network: SymbolicNetwork
    layer: int
    i: int
    j: int

    @classmethod
    def from_weight(cls, network: SymbolicNetwork, weight: Expr) -> WeightPaths | None:
        """The paths of a weight, None if the network has no such weight."""
        for layer, matrix in enumerate(network.weights):
            for i, j in product(*map(range, matrix.shape)):
                if matrix[i, j] == weight:
                    return cls(network, layer, i, j)
        return None

    @property
    def ways(self) -> list[tuple[int, ...]]:
        later = (range(W.shape[1]) for W in self.network.weights[self.layer + 1 :])
        return [(self.j, *further) for further in product(*later)]

    @property
    def units(self) -> set[tuple[int, int]]:
        """The units on some path, as (layer, unit)."""
        return {(self.layer + 1 + k, unit) for way in self.ways for k, unit in enumerate(way)}

    def factors(self, way: Sequence[int]) -> Iterator[Expr]:
        """What is multiplied along a path: h, then g′ and w for each layer, then ∂L/∂a."""
        net = self.network
        yield net.states[self.layer][self.i]
        for layer, (unit, after) in enumerate(pairwise(way), start=self.layer + 1):
            yield net.activation_slope(layer, unit)
            yield net.weights[layer][unit, after]
        yield net.delta(len(net.weights), way[-1])

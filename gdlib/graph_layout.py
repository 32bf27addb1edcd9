"""Where the nodes of a graph stand, so that its edges cross as little as they can."""

from collections.abc import Sequence
from itertools import count, pairwise

import numpy as np

Place = tuple[float, float]


class Layout:
    """Where the nodes of a graph stand: in layers, each node after its parents.

    `parents[i]` are the nodes that node i was made from, all of them before it. A node is as
    close to its first user as it can be. `place[i]` is (layer, position); an edge that skips
    layers passes through a place of its own in each, `bends[parent, child]`.
    """

    def __init__(self, parents: Sequence[Sequence[int]]) -> None:
        self.parents = parents
        self.layer = self._layers()
        self.layers = max(self.layer) + 1
        # Edges between neighbouring layers only, with a stand-in where one crosses a layer.
        rows: list[list[int]] = [[] for _ in range(self.layers)]
        for node in self._depth_first():
            rows[self.layer[node]].append(node)
        stand_ins = count(len(parents))
        ways: dict[tuple[int, int], list[int]] = {}
        for child, own in enumerate(parents):
            for parent in dict.fromkeys(own):
                crossed = range(self.layer[parent] + 1, self.layer[child])
                ways[parent, child] = [parent, *(next(stand_ins) for _ in crossed), child]
                for layer, stand_in in zip(crossed, ways[parent, child][1:-1], strict=True):
                    rows[layer].append(stand_in)
        position = self._positions(rows, [link for way in ways.values() for link in pairwise(way)])
        self.breadth = max(position) + 1
        self.place = [(layer, position[node]) for node, layer in enumerate(self.layer)]
        self.bends = {
            (parent, child): [
                (self.layer[parent] + k, position[stand_in])
                for k, stand_in in enumerate(way[1:-1], start=1)
            ]
            for (parent, child), way in ways.items()
        }

    def _layers(self) -> list[int]:
        """As early as its parents allow; an input as late as its first user allows."""
        earliest: list[int] = []
        for own in self.parents:
            earliest.append(max((earliest[p] + 1 for p in own), default=0))
        layers = earliest[:]
        for node, own in enumerate(self.parents):
            users = [earliest[i] for i, used in enumerate(self.parents) if node in used]
            if not own and users:
                layers[node] = min(users) - 1
        return layers

    def _depth_first(self) -> list[int]:
        order: dict[int, None] = {}

        def visit(node: int) -> None:
            for parent in self.parents[node]:
                if parent not in order:
                    visit(parent)
            order[node] = None

        for node in reversed(range(len(self.parents))):
            if node not in order:
                visit(node)
        return list(order)

    @staticmethod
    def _positions(rows: list[list[int]], links: Sequence[tuple[int, int]]) -> list[float]:
        """Order each layer by its neighbours' mean, then move it as close to them as it can."""
        near: list[list[int]] = [[] for row in rows for _ in row]
        for a, b in links:
            near[a].append(b)
            near[b].append(a)
        at = np.zeros(len(near))
        for row in rows:
            at[row] = np.arange(len(row)) - (len(row) - 1) / 2
        sweeps = [*range(1, len(rows)), *reversed(range(len(rows) - 1))]
        for sweep in range(8):
            for number in sweeps:
                row = rows[number]
                aim = {
                    i: float(np.mean([at[j] for j in near[i]])) if near[i] else at[i] for i in row
                }
                if sweep < 4:
                    row.sort(key=lambda i: aim[i])
                at[row] = _apart(np.array([aim[i] for i in row]))
        at -= at.min()
        return [float(v) for v in at]


def _apart(wanted: np.ndarray) -> np.ndarray:
    """Return the places nearest to the wanted ones, in this order and at least 1 apart."""
    offset = np.arange(wanted.size)
    blocks: list[list[float]] = []
    for value in wanted - offset:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, size = blocks.pop()
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + value * size) / (blocks[-1][1] + size),
                blocks[-1][1] + size,
            ]
    return np.concatenate([np.full(int(size), value) for value, size in blocks]) + offset

"""Graphs and networks, laid out and drawn: boxes of operations, circles of units.

Everything is measured in points, so that what fits on paper fits on a phone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from numpy.typing import ArrayLike

from gdlib.figures.canvas import GREY
from gdlib.live.errors import LiveError
from gdlib.symbolic import SymbolicNetwork

Point = tuple[float, float]

BOX = (50.0, 34.0)
"""Width and height of a node's box."""

LABEL = (34.0, 13.0)
"""What a number on an edge needs."""


def sheet(width: float, height: float) -> tuple[Any, Axes]:
    """Return a figure of this size in points, and bare axes whose unit is a point."""
    fig = plt.figure(figsize=(width / 72, height / 72), layout="none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax


class Layout:
    """Where the nodes of a graph stand: in layers, each node after its parents.

    `parents[i]` are the nodes that node i was made from, all of them before it. A node is as
    close to its first user as it can be. `place[i]` is (layer, position); an edge that skips
    layers passes through a place of its own in each, `bends[parent, child]`.
    """

    def __init__(self, parents: Sequence[Sequence[int]]) -> None:
        self.parents = parents
        n = len(parents)
        earliest = [0] * n
        for i, own in enumerate(parents):
            earliest[i] = max((earliest[p] + 1 for p in own), default=0)
        self.layer = earliest[:]
        users: list[list[int]] = [[i for i in range(n) if p in parents[i]] for p in range(n)]
        for p in range(n):
            if not parents[p] and users[p]:
                self.layer[p] = min(earliest[i] for i in users[p]) - 1
        self.layers = max(self.layer) + 1
        # Edges between neighbouring layers only, with a stand-in where one crosses a layer.
        rows: list[list[int]] = [[] for _ in range(self.layers)]
        for i in self._depth_first():
            rows[self.layer[i]].append(i)
        links: list[Point] = []
        chains: dict[tuple[int, int], list[int]] = {}
        count = n
        for child, own in enumerate(parents):
            for parent in dict.fromkeys(own):
                chain = list(range(count, count + self.layer[child] - self.layer[parent] - 1))
                count += len(chain)
                for layer, stand_in in enumerate(chain, self.layer[parent] + 1):
                    rows[layer].append(stand_in)
                chains[parent, child] = chain
                way = [parent, *chain, child]
                links += zip(way[:-1], way[1:], strict=True)
        position = self._positions(rows, links, count)
        self.breadth = max(position) + 1
        self.place = [(self.layer[i], position[i]) for i in range(n)]
        self.bends = {
            edge: [(self.layer[edge[0]] + 1 + k, position[s]) for k, s in enumerate(chain)]
            for edge, chain in chains.items()
        }

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
    def _positions(rows: list[list[int]], links: Sequence[Any], count: int) -> list[float]:
        """Order each layer by its neighbours' mean, then move it as close to them as it can."""
        near: list[list[int]] = [[] for _ in range(count)]
        for a, b in links:
            near[a].append(b)
            near[b].append(a)
        at = np.zeros(count)
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


class GraphDrawing:
    """A graph's boxes and edges; `value[i]`, `grad[i]` and `local[i][j]` are texts to fill.

    Up to four layers run from left to right, more run from top to bottom: both fit a phone.
    """

    def __init__(self, labels: Sequence[str], parents: Sequence[Sequence[int]], note: str) -> None:
        layout = Layout(parents)
        self.across = layout.layers <= 4
        steps, breadth = layout.layers - 1, layout.breadth - 1
        head = 16 * (note.count("\n") + 1) + 6
        if self.across:
            pitch, spread = min(124.0, 296 / max(steps, 1)), 62.0
            width, height = max(pitch * steps + 66, 330.0), spread * breadth + 64 + head
            left, top = (width - pitch * steps) / 2, height - head - 22
        else:
            pitch, spread = 62.0, 92.0
            width, height = max(spread * breadth + 96, 330.0), pitch * steps + 48 + head
            left, top = (width - spread * breadth - 40) / 2, height - head - 20
        self.fig, self.ax = sheet(width, height)
        self.ax.text(width / 2, height - 3, note, ha="center", va="top", size=10, color="black")

        def put(place: Point) -> Point:
            layer, position = place
            if self.across:
                return left + pitch * layer, top - spread * position
            return left + spread * position, top - pitch * layer

        self.value: list[Any] = []
        self.grad: list[Any] = []
        self._numbers: list[Point] = []
        self.local: list[list[Any]] = []
        places = [put(p) for p in layout.place]
        for (x, y), label in zip(places, labels, strict=True):
            self._box(x, y, label)
        for child, own in enumerate(parents):
            twice = Counter(own)
            seen: Counter[int] = Counter()
            self.local.append([])
            for parent in own:
                way = [put(p) for p in layout.bends[parent, child]]
                if twice[parent] > 1:
                    side = 24 * (seen[parent] - (twice[parent] - 1) / 2)
                    seen[parent] += 1
                    (x0, y0), (x1, y1) = places[parent], places[child]
                    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
                    shift = (0, side) if self.across else (2 * side, 0)
                    way = [(middle[0] + shift[0], middle[1] + shift[1])]
                self.local[-1].append(self._edge(places[parent], way, places[child]))

    def _box(self, x: float, y: float, label: str) -> None:
        w, h = BOX
        self.ax.add_patch(
            FancyBboxPatch(
                (x - w / 2 + 4, y - h / 2 + 4), w - 8, h - 8,
                boxstyle="round,pad=4", fill=False, edgecolor=GREY, lw=1,
            )
        )  # fmt: skip
        self.ax.text(x, y + 8, label, ha="center", va="center", size=11, weight="bold")
        self.value.append(self.ax.text(x, y - 8, " ", ha="center", va="center", size=10.5))
        where = (x, y - h / 2 - 9) if self.across else (x + w / 2 + 3, y)
        align = "center" if self.across else "left"
        self.grad.append(self.ax.text(*where, " ", ha=align, va="center", size=10.5))

    def _edge(self, start: Point, way: Sequence[Point], end: Point) -> Any:
        """Draw an edge with a gap for its number, and return the text in the gap."""
        out, into = (BOX[0] / 2, 0.0) if self.across else (0.0, BOX[1] / 2), 1.5
        start = (start[0] + out[0], start[1] - out[1])
        end = (end[0] - out[0] - into * self.across, end[1] + out[1] + into * (not self.across))
        corners = [start, *way, end]
        legs = list(zip(corners[:-1], corners[1:], strict=True))
        # In the middle of the first leg, unless another edge's number is there.
        spots = [
            (k, *gap(*leg, share))
            for share in (0.5, 0.36, 0.64, 0.25, 0.75)
            for k, leg in enumerate(legs)
        ]
        spot = next((s for s in spots if self._free(s[1])), spots[0])
        numbered, middle, before, after = spot
        self._numbers.append(middle)
        legs[numbered : numbered + 1] = [(legs[numbered][0], before), (after, legs[numbered][1])]
        for leg in legs[:-1]:
            self.ax.plot(*zip(*leg, strict=True), color=GREY, lw=1, solid_capstyle="round")
        self.ax.add_patch(
            FancyArrowPatch(
                *legs[-1], arrowstyle="-|>", mutation_scale=8, color=GREY, lw=1,
                shrinkA=0, shrinkB=0,
            )
        )  # fmt: skip
        return self.ax.text(*middle, " ", ha="center", va="center", size=10)

    def _free(self, spot: Point) -> bool:
        return all(
            abs(spot[0] - x) > LABEL[0] or abs(spot[1] - y) > LABEL[1] for x, y in self._numbers
        )


def gap(start: Point, end: Point, share: float = 0.5) -> tuple[Point, Point, Point]:
    """Return the point at this share of a line, and the two ends of a gap for a number there."""
    (x0, y0), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    sides = [size / 2 / abs(d) for size, d in zip(LABEL, (dx, dy), strict=True) if d]
    reach = min(*sides, share * 0.84, (1 - share) * 0.84)
    middle, before, after = (
        (x0 + t * dx, y0 + t * dy) for t in (share, share - reach, share + reach)
    )
    return middle, before, after


class NetworkDrawing:
    """A network's units as circles in columns; `places[layer][unit]` is where one stands."""

    def __init__(
        self,
        ax: Axes,
        sizes: Sequence[int],
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        radius: float = 19.0,
    ) -> None:
        self.ax, self.radius = ax, radius
        most = max(sizes)
        pitch = (y[1] - y[0]) / max(most - 1, 1)
        self.places = [
            [
                (float(column), (y[0] + y[1]) / 2 + pitch * ((size - 1) / 2 - unit))
                for unit in range(size)
            ]
            for column, size in zip(np.linspace(*x, len(sizes)), sizes, strict=True)
        ]
        for place in [p for column in self.places for p in column]:
            ax.add_patch(Circle(place, radius, fill=False, edgecolor=GREY, lw=1.2, zorder=3))

    def ends(self, layer: int, i: int, j: int) -> tuple[Point, Point]:
        """Return where the connection from unit i of a layer to unit j of the next is drawn."""
        (x0, y0), (x1, y1) = self.places[layer][i], self.places[layer + 1][j]
        length = float(np.hypot(x1 - x0, y1 - y0))
        ux, uy = (x1 - x0) / length * self.radius, (y1 - y0) / length * self.radius
        return (x0 + ux, y0 + uy), (x1 - ux, y1 - uy)

    def connect(self, layer: int, i: int, j: int, **style: Any) -> None:
        """Draw the connection from unit i of a layer to unit j of the next."""
        start, end = self.ends(layer, i, j)
        self.ax.plot(*zip(start, end, strict=True), **{"color": GREY, "lw": 0.8, **style})

    def weight(self, layer: int, i: int, j: int, share: float = 0.5, **style: Any) -> Any:
        """Draw a connection with a gap for its weight, and return the text in the gap."""
        start, end = self.ends(layer, i, j)
        middle, before, after = gap(start, end, share)
        for piece in ((start, before), (after, end)):
            self.ax.plot(*zip(*piece, strict=True), **{"color": GREY, "lw": 0.8, **style})
        return self.ax.text(*middle, " ", ha="center", va="center", size=10)


def is_network(figure: str, network: Any) -> None:
    """Raise `LiveError` unless it is a network of symbols."""
    if not isinstance(network, SymbolicNetwork):
        raise LiveError(
            f"{figure}: the first argument is a network from gdlib.symbolic.network, "
            f"got {type(network).__name__}"
        )


def one_sample(
    network: SymbolicNetwork,
    figure: str,
    x: ArrayLike,
    y: ArrayLike,
    start: Mapping[sp.Symbol, float] | None = None,
    seed: int = 0,
) -> dict[sp.Symbol, float]:
    """Return a number for every symbol of a network: a sample, and parameters.

    Those that `start` does not name are drawn at random, in tenths.
    """
    result: dict[sp.Symbol, float] = {}
    for name, symbols, given in (("x", network.inputs, x), ("y", network.labels, y)):
        numbers = np.asarray(given, float).reshape(-1)
        if numbers.size != len(symbols):
            raise LiveError(f"{figure}: {name} needs {len(symbols)} numbers, got {numbers.size}")
        result |= dict(zip(symbols, map(float, numbers), strict=True))
    rng = np.random.default_rng(seed)
    result |= {s: round(float(rng.normal()), 1) for s in network.parameters}
    strangers = ", ".join(str(s) for s in start or {} if s not in result)
    if strangers:
        raise LiveError(f"{figure}: start names {strangers}, which is not in the network")
    return result | {s: float(v) for s, v in (start or {}).items()}

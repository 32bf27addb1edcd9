"""Diagrams of graphs and networks: boxes of operations, circles of units.

Everything is measured in points, so that what fits on paper fits on a phone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from sympy import Abs, Min, sympify

from gdlib.figures.canvas import BLUE, GREY, ORANGE, PURPLE, WIDTH, centred
from gdlib.graph_layout import Layout
from gdlib.live import Live
from gdlib.symbolic import Expr, SymbolicNetwork

Point = tuple[float, float]

BOX = (52.0, 46.0)
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


def thickness(weight: Expr) -> Expr:
    """How thick a connection is drawn, in points: the more so, the larger its weight."""
    return 0.6 + 1.2 * Min(Abs(weight), 2)


class GraphDiagram:
    """A graph's boxes and edges; `value[i]` and `grad[i]` are texts to fill.

    `edges[i][j]` are the artists of an edge, its number first; `places[i]` is where a box is.

    Up to three layers run from left to right, more run from top to bottom: both fit a phone.
    """

    def __init__(self, labels: Sequence[str], parents: Sequence[Sequence[int]], name: str) -> None:
        layout = Layout(parents)
        self.across = layout.layers <= 3
        self._measure(layout.layers - 1, layout.breadth - 1)
        note = f"in the box: its value, then ∂{name}/∂(this node)\non the edge: local derivative"
        centred(self.ax, self.width / 2, self.height - 3, text=note, va="top")
        self.value: list[Any] = []
        self.grad: list[Any] = []
        self.edges: list[list[list[Any]]] = []
        self._numbers: list[Point] = []
        self.places = places = [self._put(place) for place in layout.place]
        for place, label in zip(places, labels, strict=True):
            self._box(*place, label)
        for child, own in enumerate(parents):
            self.edges.append([])
            for number, parent in enumerate(own):
                way = [self._put(place) for place in layout.bends[parent, child]]
                if own.count(parent) > 1:
                    side = own[:number].count(parent) - (own.count(parent) - 1) / 2
                    way = [self._beside(places[parent], places[child], side)]
                self.edges[-1].append(self._edge(places[parent], way, places[child]))

    def _measure(self, steps: int, breadth: float) -> None:
        """Choose the sheet's size, and where the graph begins on it."""
        head = 38
        if self.across:
            self.pitch, self.spread = 122.0, 62.0
            width, height = self.pitch * steps + 56, self.spread * breadth + 54
            indent = self.pitch * steps
        else:
            self.pitch, self.spread = 68.0, 80.0
            width, height = self.spread * breadth + 56, self.pitch * steps + 54
            indent = self.spread * breadth
        self.width, self.height = max(width, float(WIDTH)), height + head
        self.left, self.top = (self.width - indent) / 2, self.height - head - 27
        self.fig, self.ax = sheet(self.width, self.height)

    def _put(self, place: Point) -> Point:
        """Where a layer and a position in it are on the sheet."""
        layer, position = place
        if self.across:
            return self.left + self.pitch * layer, self.top - self.spread * position
        return self.left + self.spread * position, self.top - self.pitch * layer

    def _beside(self, start: Point, end: Point, side: float) -> Point:
        """Return a place beside the middle of an edge, for one of several between two nodes."""
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        return (x, y + 24 * side) if self.across else (x + 48 * side, y)

    def _box(self, x: float, y: float, label: str) -> None:
        w, h = BOX
        self.ax.add_patch(
            FancyBboxPatch(
                (x - w / 2 + 4, y - h / 2 + 4), w - 8, h - 8,
                boxstyle="round,pad=4", fill=False, edgecolor=GREY, lw=1,
            )
        )  # fmt: skip
        centred(self.ax, x, y + 14, text=label, weight="bold")
        self.value.append(centred(self.ax, x, y, BLUE))
        self.grad.append(centred(self.ax, x, y - 14, ORANGE, weight="bold"))

    def _edge(self, start: Point, way: Sequence[Point], end: Point) -> list[Any]:
        """Draw an edge with a gap for its number; return the text in the gap, then the pieces."""
        out, into = (BOX[0] / 2, 0.0) if self.across else (0.0, BOX[1] / 2), 1.5
        start = (start[0] + out[0], start[1] - out[1])
        end = (end[0] - out[0] - into * self.across, end[1] + out[1] + into * (not self.across))
        corners = [start, *way, end]
        legs = list(pairwise(corners))
        # In the middle of the first leg, unless another edge's number is there.
        spots = [
            (number, *gap(*leg, share))
            for share in (0.5, 0.36, 0.64, 0.25, 0.75)
            for number, leg in enumerate(legs)
        ]
        number, middle, before, after = next((s for s in spots if self._free(s[1])), spots[0])
        self._numbers.append(middle)
        legs[number : number + 1] = [(legs[number][0], before), (after, legs[number][1])]
        pieces: list[Any] = []
        for leg in legs[:-1]:
            pieces += self.ax.plot(*zip(*leg, strict=True), color=GREY, solid_capstyle="round")
        head = FancyArrowPatch(
            *legs[-1], arrowstyle="-|>", mutation_scale=8, color=GREY, shrinkA=0, shrinkB=0
        )
        pieces.append(self.ax.add_patch(head))
        return [centred(self.ax, *middle, PURPLE, style="italic"), *pieces]

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


class NetworkDiagram:
    """A network's units as circles in columns, each under its name, with numbers of a figure.

    A unit takes `pitch` points of the height; `x` are the places of the first and last column, `y`
    is the room under the lowest and over the highest unit. `places[layer][unit]` is where one is,
    `numbers[layer, unit]` are the texts in it; `edges[layer, i, j]` are a connection's artists, its
    number first.
    """

    def __init__(
        self,
        network: SymbolicNetwork,
        names: Sequence[str],
        *,
        pitch: float,
        extra: float,
        x: tuple[float, float],
        y: tuple[float, float],
        radius: float,
        **heading: Any,
    ) -> None:
        self.network, self.sizes, self.radius = network, network.sizes, radius
        self.edges: dict[tuple[int, int, int], list[Any]] = {}
        self.numbers: dict[tuple[int, int], list[Any]] = {}
        height = pitch * max(self.sizes) + extra
        self.fig, self.ax = sheet(WIDTH, height)
        step = (height - y[0] - y[1]) / max(max(self.sizes) - 1, 1)
        middle = (height + y[0] - y[1]) / 2
        self.places = [
            [(float(across), middle + step * ((size - 1) / 2 - unit)) for unit in range(size)]
            for across, size in zip(np.linspace(*x, len(self.sizes)), self.sizes, strict=True)
        ]
        titles = [names[0], *[names[1]] * len(network.hidden), names[2]]
        for column, title in zip(self.places, titles, strict=True):
            for place in column:
                circle = Circle(place, radius, fill=False, edgecolor=GREY, lw=1.2, zorder=3)
                self.ax.add_patch(circle)
            centred(self.ax, column[0][0], height - 4, text=title, va="top", **heading)

    def follow(self, live: Live, fixed: Mapping[Expr, Any]) -> None:
        """Let the numbers follow a figure's sliders; `fixed` are all other symbols."""
        self.live, self.fixed = live, dict(fixed)

    def now(self, expression: Any) -> Expr:
        """The expression with numbers for all symbols without a slider."""
        return sympify(expression).xreplace(self.fixed)

    def connections(self) -> Iterator[tuple[int, int, int]]:
        """Every connection: its layer, and the units it leads from and to."""
        for layer, matrix in enumerate(self.network.weights):
            for i, j in product(*map(range, matrix.shape)):
                yield layer, i, j

    def connect(self, layer: int, i: int, j: int, **style: Any) -> None:
        """Draw a connection from unit i of a layer to unit j of the next."""
        self._stroke((layer, i, j), self._ends(layer, i, j), **style)

    def weight(
        self, layer: int, i: int, j: int, share: float, colour: str, ls: Any = "-", **text: Any
    ) -> None:
        """Draw a connection with its weight, at this share of it."""
        start, end = self._ends(layer, i, j)
        middle, before, after = gap(start, end, share)
        for piece in ((start, before), (after, end)):
            self._stroke((layer, i, j), piece, color=colour, ls=ls)
        label = centred(self.ax, *middle, colour, **text)
        self.live.bind(label, text=("{:.2f}", self.now(self.network.weights[layer][i, j])))
        self.edges[layer, i, j].insert(0, label)

    def units(self) -> Iterator[tuple[int, int]]:
        """Every unit: its layer, from the inputs, and its number."""
        for layer, size in enumerate(self.sizes):
            for unit in range(size):
                yield layer, unit

    def write_in_unit(
        self,
        layer: int,
        unit: int,
        template: str,
        value: Any,
        up: float = 0.0,
        visible: Any = None,
        **style: Any,
    ) -> None:
        """Write a number into a unit, so far above its middle (below, if negative)."""
        x, y = self.places[layer][unit]
        text = centred(self.ax, x, y + up, **style)
        self.live.bind(text, text=(template, self.now(value)), visible=visible)
        self.numbers.setdefault((layer, unit), []).append(text)

    def _ends(self, layer: int, i: int, j: int) -> tuple[Point, Point]:
        """Where a connection is drawn: from circle to circle."""
        (x0, y0), (x1, y1) = self.places[layer][i], self.places[layer + 1][j]
        length = float(np.hypot(x1 - x0, y1 - y0))
        ux, uy = (x1 - x0) / length * self.radius, (y1 - y0) / length * self.radius
        return (x0 + ux, y0 + uy), (x1 - ux, y1 - uy)

    def _stroke(
        self, connection: tuple[int, int, int], ends: tuple[Point, Point], **style: Any
    ) -> None:
        (drawn,) = self.ax.plot(*zip(*ends, strict=True), **{"color": GREY, **style})
        layer, i, j = connection
        self.live.bind(drawn, lw=thickness(self.now(self.network.weights[layer][i, j])))
        self.edges.setdefault(connection, []).append(drawn)

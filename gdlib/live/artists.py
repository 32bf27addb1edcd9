"""The Matplotlib artists a live figure can move, one class per kind.

Each knows the properties that can be bound, how to put values on the artist for the first frame,
and what the browser must know to do the same. `js/painters.js` has a painter of the same name for
each. One file, so that a new kind of artist is one entry in one place.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import matplotlib.colors as mcolors
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle
from matplotlib.text import Text

from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.svg import SVG, put_image

Values = Mapping[str, np.ndarray]


class BoundArtist:
    """An artist that follows expressions: what can be bound of it, and how it is drawn at first."""

    name: ClassVar[str]
    artist_type: ClassVar[type]
    required: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()
    together: ClassVar[tuple[str, ...]] = ()
    """Optional properties of which all are needed to move it, or none."""
    loops: ClassVar[int] = 1
    """How many symbols its properties may run over."""
    must_loop: ClassVar[bool] = False

    def __init__(self, artist: Any) -> None:
        self.artist = artist

    @property
    def members(self) -> list[Any]:
        """The Matplotlib artists behind this one."""
        return [self.artist]

    @property
    def axes(self) -> Axes:
        return self.members[0].axes

    @property
    def count(self) -> int | None:
        """How many values a property has, None for any number."""
        return 1

    @property
    def in_data(self) -> bool:
        """Whether it is placed in data coordinates, unlike `axvline`, for example."""
        return all(Artist.get_transform(m) == self.axes.transData for m in self.members)

    @classmethod
    def properties(cls) -> list[str]:
        """The names of all properties that can be bound."""
        return sorted(cls.required | cls.optional)

    def check(self, given: Iterable[str]) -> None:
        """Raise `LiveError` if these properties cannot be bound together."""
        unknown = set(given) - self.required - self.optional
        missing = self.required - set(given)
        if unknown or missing or not given:
            names, came = ", ".join(self.properties()), ", ".join(sorted(given)) or "nothing"
            raise LiveError(f"bind: {self.name} takes {names}, got {came}")
        self.moves = bool(set(given) & set(self.together))
        if self.moves and not set(self.together) <= set(given):
            *most, last = self.together
            one = f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"
            needs, came = f"{', '.join(most)} and {last}", ", ".join(sorted(given))
            raise LiveError(f"bind: {one} that moves needs {needs}, got {came}")
        if set(given) - {"text"} and not self.in_data:
            raise LiveError(f"bind: the {self.name} to move must be placed in data coordinates")

    def check_loops(self, number: int) -> None:
        """Raise `LiveError` unless the properties can run over so many loops."""
        if number != self.loops and (number or self.must_loop):
            raise LiveError(
                "bind: an image runs over two symbols, everything else over one; "
                "arrays side by side are over={(x, y): (xs, ys)}"
            )

    def draw(self, values: Values) -> None:
        """Put finite values on the artist."""
        raise NotImplementedError

    def placeholder(self) -> None:
        """Put the artist in the middle of its axes, so that the SVG has something to rewrite."""
        raise NotImplementedError

    def drawn(self, element: ET.Element) -> bool:
        """Tell whether the SVG has the pieces that the browser will rewrite."""
        return True

    def finish(self, element: ET.Element) -> None:
        """Change or remember what Matplotlib has drawn of it."""

    def details(self) -> dict[str, Any]:
        """Return what the browser needs besides ids and axes."""
        return {}

    def _centre(self) -> tuple[np.ndarray, np.ndarray]:
        """Two points inside the axes."""
        to_data = self.axes.transData.inverted()
        inside = self.axes.transAxes.transform([(0.45, 0.45), (0.55, 0.55)])
        points = to_data.transform(inside)
        return points[:, 0], points[:, 1]


class Line(BoundArtist):
    """A line, its markers, or both; `lw` is its width in points."""

    name, artist_type = "line", Line2D
    together = ("x", "y")
    optional = frozenset({*together, "lw"})
    count = None

    def __init__(self, artist: Line2D) -> None:
        super().__init__(artist)
        if artist.get_drawstyle() != "default":
            raise LiveError("bind: a live line goes straight from point to point, without steps")

    def draw(self, values: Values) -> None:
        if self.moves:
            self.artist.set_data(*np.broadcast_arrays(values["x"], values["y"]))
        if "lw" in values:
            self.artist.set_linewidth(float(values["lw"][0]))

    def placeholder(self) -> None:
        if self.moves:
            self.artist.set_data(*self._centre())

    def drawn(self, element: ET.Element) -> bool:
        wants_path = self.artist.get_linestyle() not in ("None", "none", " ", "")
        wants_marker = self.artist.get_marker() not in ("None", "none", " ", "", None)
        has_path = element.find(f"{{{SVG}}}path") is not None
        has_marker = element.find(f".//{{{SVG}}}use") is not None
        return has_path >= wants_path and has_marker >= wants_marker


class Label(BoundArtist):
    """A text, moved or rewritten."""

    name, artist_type = "text", Text
    optional = frozenset({"x", "y", "text"})
    offset: tuple[float, float] = (0.0, 0.0)
    """From the point the text is anchored at to where the SVG writes it."""

    def __init__(self, artist: Text) -> None:
        super().__init__(artist)
        if artist.get_bbox_patch() or getattr(artist, "arrow_patch", None):
            raise LiveError("bind: live text has no box and no arrow")
        if artist.get_rotation() and artist.get_rotation_mode() != "anchor":
            raise LiveError("bind: live text that is turned needs rotation_mode='anchor'")

    def draw(self, values: Values) -> None:
        if "x" in values:
            self.artist.set_x(values["x"][0])
        if "y" in values:
            self.artist.set_y(values["y"][0])
        if "text" in values:
            # Dollar signs are literal: live text is not mathtext.
            self.artist.set_text(str(values["text"]).replace("$", r"\$") or " ")

    def placeholder(self) -> None:
        """The text stays where Matplotlib put it."""
        if not self.artist.get_text() or {"$", "\n"} & set(self.artist.get_text()):
            self.artist.set_text("0")

    def check(self, given: Iterable[str]) -> None:
        super().check(given)
        if "text" not in given and {"$", "\n"} & set(self.artist.get_text()):
            raise LiveError("bind: text that moves must be one line without mathematics")

    def finish(self, element: ET.Element) -> None:
        """Remember where the text stands relative to the point it is anchored at."""
        text, figure = element.find(f".//{{{SVG}}}text"), self.axes.get_figure(root=True)
        assert text is not None and figure is not None
        x, y = self.artist.get_transform().transform(self.artist.get_unitless_position())
        scale, height = 72 / figure.dpi, figure.get_figheight() * 72
        self.offset = (
            float(text.get("x", 0)) - x * scale,
            float(text.get("y", 0)) - (height - y * scale),
        )

    def details(self) -> dict[str, Any]:
        offset = [round(float(v), 2) for v in self.offset]
        return {"offset": offset, "at": [float(v) for v in self.artist.get_unitless_position()]}


class Arrow(BoundArtist):
    """An arrow from (x, y) to (x + dx, y + dy); `lw` is its width in points."""

    name, artist_type = "arrow", FancyArrowPatch
    together = ("x", "y", "dx", "dy")
    optional = frozenset({*together, "lw"})

    def __init__(self, artist: FancyArrowPatch) -> None:
        super().__init__(artist)
        if type(artist.get_arrowstyle()).__name__ != "CurveFilledB":
            raise LiveError("bind: a live arrow must have arrowstyle='-|>'")
        artist.shrinkA = artist.shrinkB = 0
        self.outline = artist.get_linewidth()

    def draw(self, values: Values) -> None:
        if self.moves:
            x, y, dx, dy = (float(values[k][0]) for k in self.together)
            self.artist.set_positions((x, y), (x + dx, y + dy))
        if "lw" in values:
            self.artist.set_linewidth(float(values["lw"][0]))

    def placeholder(self) -> None:
        if self.moves:
            x, y = self._centre()
            self.artist.set_positions((x[0], y[0]), (x[1], y[1]))

    def drawn(self, element: ET.Element) -> bool:
        return len(element.findall(f"{{{SVG}}}path")) == 2

    def finish(self, element: ET.Element) -> None:
        """The width is the shaft's; the head's outline stays as it was, or it would be a blot."""
        _, head = element.findall(f"{{{SVG}}}path")
        style = re.sub(r"stroke-width:[^;]*;?", "", head.get("style", ""))
        head.set("style", f"{style};stroke-width:{self.outline:g}")

    def details(self) -> dict[str, Any]:
        style, scale = self.artist.get_arrowstyle(), self.artist.get_mutation_scale()
        return {"head": [style.head_length * scale, style.head_width * scale]}


class Bars(BoundArtist):
    """One rectangle or a whole bar chart; a property has one value per bar."""

    name, artist_type = "bars", Rectangle
    optional = frozenset({"x", "y", "width", "height"})

    @property
    def count(self) -> int:
        return len(self.members)

    @property
    def members(self) -> list[Rectangle]:
        return list(self.artist) if isinstance(self.artist, BarContainer) else [self.artist]

    def draw(self, values: Values) -> None:
        for i, bar in enumerate(self.members):
            for name in self.optional & set(values):
                getattr(bar, f"set_{name}")(values[name][min(i, len(values[name]) - 1)])

    def placeholder(self) -> None:
        """The bars stay where Matplotlib put them, and keep their unbound properties."""

    def details(self) -> dict[str, Any]:
        return {
            name: [float(getattr(bar, f"get_{name}")()) for bar in self.members]
            for name in sorted(self.optional)
        }


class Area(BoundArtist):
    """A filled polygon; with `y2`, the band between two curves."""

    name, artist_type = "area", Polygon
    required = frozenset({"x", "y"})
    optional = frozenset({"y2"})
    count = None

    def draw(self, values: Values) -> None:
        arrays = np.broadcast_arrays(*(values[k] for k in ("x", "y", "y2") if k in values))
        x, y = arrays[:2]
        if len(arrays) == 3:
            x, y = np.concatenate([x, x[::-1]]), np.concatenate([y, arrays[2][::-1]])
        self.artist.set_xy(np.column_stack([x, y]))

    def placeholder(self) -> None:
        x, y = self._centre()
        self.artist.set_xy([(x[0], y[0]), (x[1], y[0]), (x[1], y[1])])


class Image(BoundArtist):
    """An `imshow` whose pixels are an expression over two symbols, coloured by its colour map."""

    name, artist_type = "image", AxesImage
    required = frozenset({"value"})
    loops, must_loop = 2, True

    def __init__(self, artist: AxesImage) -> None:
        super().__init__(artist)
        low, high = artist.get_clim()
        if low is None or high is None or not low < high:
            raise LiveError("bind: give the image vmin and vmax, the ends of its colour scale")
        if artist.axes.xaxis_inverted() or artist.axes.yaxis_inverted():
            raise LiveError("bind: give the image origin='lower', so that its axes run upwards")
        self.range = float(low), float(high)
        left, right, bottom, top = artist.get_extent()
        # The SVG gets our own <image> in place of this patch: Matplotlib would resample
        # the pixels, and give them no id.
        self.stand_in = Rectangle(
            (left, bottom), right - left, top - bottom, zorder=artist.get_zorder()
        )
        artist.axes.add_patch(self.stand_in)
        artist.set_visible(False)
        self.pixels = np.zeros((1, 1, 4), dtype=np.uint8)

    @property
    def members(self) -> list[Any]:
        return [self.stand_in]

    @property
    def axes(self) -> Axes:
        return self.artist.axes

    def draw(self, values: Values) -> None:
        rgba = self._colours()[self._index(values["value"])]
        rgba[np.isnan(values["value"])] = 0
        self.pixels = rgba[::-1]

    def placeholder(self) -> None:
        self.pixels = np.zeros((1, 1, 4), dtype=np.uint8)

    def finish(self, element: ET.Element) -> None:
        put_image(element, self.pixels, self.axes)

    def _index(self, value: np.ndarray) -> np.ndarray:
        n, (low, high) = self.artist.cmap.N, self.range
        scaled = (np.clip(np.nan_to_num(value), low, high) - low) / (high - low)
        return np.minimum(np.floor(scaled * n), n - 1).astype(int)

    def _colours(self) -> np.ndarray:
        colours = np.array(self.artist.cmap(np.arange(self.artist.cmap.N)))
        colours[:, 3] *= 1.0 if self.artist.get_alpha() is None else self.artist.get_alpha()
        return np.rint(colours * 255).astype(np.uint8)

    def details(self) -> dict[str, Any]:
        colours = "".join(mcolors.to_hex(c / 255, keep_alpha=True)[1:] for c in self._colours())
        return {"colours": colours, "range": list(self.range)}


ARTISTS: tuple[type[BoundArtist], ...] = (Line, Label, Arrow, Bars, Area, Image)


def bound_artist(artist: Any) -> BoundArtist:
    """Wrap an artist. `TypeError` says what can be bound instead."""
    for kind in ARTISTS:
        if isinstance(artist, kind.artist_type):
            return kind(artist)
    if isinstance(artist, BarContainer) and len(artist):
        return Bars(artist)
    names = ", ".join(kind.artist_type.__name__ for kind in ARTISTS)
    raise LiveTypeError(
        f"bind: cannot move a {type(artist).__name__}; what can be bound: {names}, BarContainer"
    )

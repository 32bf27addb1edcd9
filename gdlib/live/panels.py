"""The panels of a figure: columns that a wide page shows side by side, a narrow one stacked.

Each is an SVG that looks at its own part of one drawing. All share its coordinates, so that the
browser moves an artist in the same way wherever its panel stands.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

PAD = 3.0
"""The room around a panel, in points."""


@dataclass(frozen=True)
class Panel:
    """The axes of one column, and the part of the drawing that shows them, in points."""

    axes: list[Axes]
    left: float
    top: float
    width: float
    height: float


def panels_of(fig: Figure) -> list[Panel]:
    """Return a figure's panels from left to right; one, if its columns cannot stand alone.

    They cannot where something belongs to the whole figure, or where axes are in no one column.
    """
    width, height = (float(72 * inches) for inches in fig.get_size_inches())
    whole = [Panel(fig.axes, 0.0, 0.0, width, height)]
    columns: dict[int, list[Axes]] = {}
    for ax in fig.axes:
        spec = ax.get_subplotspec()
        if spec is None or len(spec.get_topmost_subplotspec().colspan) > 1:
            return whole
        columns.setdefault(spec.get_topmost_subplotspec().colspan.start, []).append(ax)
    shared = [*fig.texts, *fig.legends, *fig.lines, *fig.patches, *fig.images, *fig.artists]
    if len(columns) < 2 or shared:
        return whole
    return [_around(columns[number], width / len(columns), height) for number in sorted(columns)]


def _around(axes: list[Axes], width: float, height: float) -> Panel:
    """The panel with these axes in its middle; what one spills over, the others leave free."""
    points = 72 / axes[0].figure.dpi
    boxes = [ax.get_tightbbox() or ax.bbox for ax in axes]
    left, right = (points * end for end in (min(b.x0 for b in boxes), max(b.x1 for b in boxes)))
    top = max(0.0, height - points * max(b.y1 for b in boxes) - PAD)
    return Panel(axes, (left + right - width) / 2, top, width, height - top)


def split(root: ET.Element, panels: list[Panel]) -> list[ET.Element]:
    """Return one SVG for each panel; what belongs to no axes is in the first one.

    Side by side, each takes its share of the width, so that all have one scale.
    """
    if len(panels) == 1:
        return [root]
    parents = {child: parent for parent in root.iter() for child in parent}
    found = {element.get("id"): element for element in root.iter()}
    roots = [root]
    for panel in panels[1:]:
        roots.append(ET.Element(root.tag, dict(root.attrib)))
        for group in (found[ax.get_gid()] for ax in panel.axes):
            parents[group].remove(group)
            roots[-1].append(group)
    for panel, each in zip(panels, roots, strict=True):
        numbers = (panel.left, panel.top, panel.width, panel.height)
        each.set("viewBox", " ".join(f"{n:.2f}".rstrip("0").rstrip(".") for n in numbers))
        each.set("style", f"flex-grow:{panel.width:.0f}")
    return roots

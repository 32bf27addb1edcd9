"""The colours of live figures, read from `live.css`: one palette for light and for dark pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib.colors as mcolors

STYLESHEET = Path(__file__).with_name("live.css")

# The first block of the stylesheet is the light palette, which Matplotlib draws with; the second is
# the dark one.
PALETTE, DARK = (
    dict(re.findall(r"--live-(\w+):\s*(#[0-9a-f]{6})", block))
    for block in STYLESHEET.read_text(encoding="utf-8").split("}")[:2]
)
CYCLE = [PALETTE[name] for name in ("blue", "orange", "green", "purple", "grey")]

# Fonts are the page's own. A panel of 300 points is at least 296 pixels wide, so that no text is
# smaller than 11 pixels.
STYLE: dict[Any, Any] = {
    "font.size": 11.5,
    "axes.titlesize": 12,
    "axes.labelsize": 11.5,
    "legend.fontsize": 11.5,
    "xtick.labelsize": 11.2,
    "ytick.labelsize": 11.2,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.edgecolor": PALETTE["grey"],
    "axes.labelcolor": "black",
    "xtick.color": PALETTE["grey"],
    "ytick.color": PALETTE["grey"],
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "lines.linewidth": 2,
    "lines.markersize": 7,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def colour_name(artist: Any) -> str | None:
    """What the palette calls an artist's colour, None for one that is not in it."""
    colour = artist.get_color() if hasattr(artist, "get_color") else artist.get_edgecolor()
    names = {value: name for name, value in PALETTE.items()}
    return names.get(mcolors.to_hex(colour))


def with_variables(svg: str) -> str:
    """Leave the colours to the page's theme: each becomes a CSS variable, and black the ink."""
    for name, colour in PALETTE.items():
        svg = svg.replace(colour, f"var(--live-{name})")
    return svg.replace("#000000", "currentColor")


def with_colours(text: str) -> str:
    """Give each variable its light colour, for where the style sheet may be missing."""
    for name, colour in PALETTE.items():
        text = text.replace(f"var(--live-{name})", f"var(--live-{name},{colour})")
    return text

"""The first frame of a figure, as SVGs whose parts the browser can find and move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gdlib.live import svg
from gdlib.live.binding import Binding
from gdlib.live.panels import panels_of, split


def first_frame(
    fig: Figure, bindings: Sequence[Binding], frame: Iterable[Mapping[str, Any]], prefix: str
) -> str:
    """Draw the bindings' values. Undefined artists are drawn anywhere, and hidden."""
    keep = {gid for binding in bindings for gid in binding.gids}
    for number, ax in enumerate(fig.axes):
        ax.set_gid(f"{prefix}-a{number}")
        keep.add(f"{prefix}-a{number}")
    hidden = set()
    for binding, values in zip(bindings, frame, strict=False):
        finite = all(np.isfinite(values[n]).any() for n in binding.properties)
        if finite:
            binding.artist.draw(values)
        else:
            binding.artist.placeholder()
        if not finite or values.get("visible") is False:
            hidden |= set(binding.gids)
    root = svg.save(fig)
    blank = [b for b in bindings if not b.artist.drawn(svg.group(root, b.gids[0]))]
    if blank:
        for binding in blank:
            binding.artist.placeholder()
            hidden |= set(binding.gids)
        root = svg.save(fig)
    for binding in bindings:
        for gid in binding.gids:
            element = svg.group(root, gid)
            binding.artist.finish(element)
            if gid in hidden:
                element.set("visibility", "hidden")
    svg.trim(root, prefix, keep)
    return "".join(svg.text_of(panel) for panel in split(root, panels_of(fig)))

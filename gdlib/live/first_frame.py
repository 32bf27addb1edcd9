"""The first frame of a figure, as SVGs whose parts the browser can find and move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gdlib.live import svg
from gdlib.live.binding import Binding
from gdlib.live.panels import panels_of, split


def still(fig: Figure, prefix: str) -> str:
    """Draw a figure in which nothing moves."""
    return first_frame(fig, (), (), prefix, {})


def first_frame(
    fig: Figure,
    bindings: Sequence[Binding],
    frame: Iterable[Mapping[str, Any]],
    prefix: str,
    more: Mapping[str, bool],
) -> str:
    """Draw the bindings' values. Undefined artists are drawn anywhere, and hidden.

    `more` are the names of other artists that the browser looks for, and whether they are seen.
    """
    keep = {gid for binding in bindings for gid in binding.gids} | set(more)
    for number, ax in enumerate(fig.axes):
        ax.set_gid(f"{prefix}-a{number}")
        ax.yaxis.set_gid(f"{prefix}-y{number}")
        keep |= {f"{prefix}-a{number}"} | ({f"{prefix}-y{number}"} if more else set())
    hidden = {gid for gid, seen in more.items() if not seen}
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
            binding.artist.finish(svg.group(root, gid))
    for gid in hidden:
        svg.group(root, gid).set("visibility", "hidden")
    svg.trim(root, prefix, keep)
    return "".join(svg.text_of(panel) for panel in split(root, panels_of(fig)))

"""A guess that the reader marks in the picture before the figure answers; it stays as a ghost."""

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from matplotlib.axes import Axes

from gdlib.figures import furniture
from gdlib.figures.canvas import PURPLE, point
from gdlib.live import Live

PHASE = sp.Dummy("guess", real=True)
"""Whether the reader is marking a guess (0), sees it beside the answer (1), or has none (2)."""


YOURS = sp.Dummy("your w", real=True), sp.Dummy("your b", real=True)
"""Where the reader's own point of two weights is."""


def controls(over: Mapping[sp.Symbol, tuple[float, float, float]]) -> dict[Any, Any]:
    """Return the controls of a guess: its phase, and a slider from, to and at for each symbol."""
    names = ("is being marked", "is shown", "none")
    sliders = {s: furniture.slider(low, high, at, s.name) for s, (low, high, at) in over.items()}
    return {PHASE: furniture.dropdown(names, 2, "guess"), **sliders}


def ghost(live: Live, artist: Any, to: Mapping[sp.Symbol, Any] | None = None, **own: Any) -> None:
    """Bind what marks a guess, to be dragged while it is marked; without one it is not there."""
    furniture.held(live, artist, to, **own, visible=PHASE < 2)


def ask(live: Live, ax: Axes, question: str, symbols: Sequence[sp.Symbol], **place: Any) -> None:
    """Mark the guess by a star at a place, and ask: what is bound and said later is the answer."""
    ghost(live, point(ax, PURPLE, "*", ms=14), **place)
    live.predict(question, PHASE, symbols)

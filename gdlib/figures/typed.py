"""Another loss in place of the author's: what a figure offers to a reader of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gdlib.figures import canvas
from gdlib.landscape import Box, OpaqueLoss
from gdlib.live import Live, Redrawn, TypedLoss
from gdlib.spelling import SpellingError, read
from gdlib.symbolic import name_of


def offer(
    live: Live,
    losses: Mapping[str, tuple[OpaqueLoss, Box]],
    examples: Sequence[str] = (),
    refused: Sequence[tuple[Any, ...]] = (),
    note: str = "",
) -> None:
    """Let a reader of the page type another loss in the place of each of these, by its name.

    With a loss comes where it is looked at. `refused` and `note` are as in `Redrawn`. Of several,
    all must be such as could be typed: the page reads those that stay, too.
    """
    texts = [_as_typed(loss) for loss, _ in losses.values()]
    if len(texts) > 1 and not all(texts):
        return
    asked = [
        TypedLoss(
            loss.value.func,
            f"{name}({', '.join(map(name_of, loss.weights))})",
            text,
            box,
            examples,
        )
        for (name, (loss, box)), text in zip(losses.items(), texts, strict=True)
    ]
    sketches = {ax: canvas.sketch(ax) for ax in live.fig.axes}
    drawn = [one for known in sketches.values() for one in known.drawn]
    ends = {(ax, way): pair for ax, known in sketches.items() for way, pair in known.ends.items()}
    live.typed(Redrawn(asked, drawn, ends, refused, note))


def _as_typed(loss: OpaqueLoss) -> str:
    """The author's loss as a reader would type it; nothing if it cannot be typed."""
    text = str(loss.expression).replace("**", "^")
    try:
        read(text, [s.name for s in loss.weights])
    except SpellingError:
        return ""
    return text

"""A loss that a reader of the page types in place of the author's: what the page needs for it.

The figure's expressions are printed a second time, with the loss left open. The page reads what is
typed, differentiates it, and calls it wherever the author's stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gdlib.live.handles import Handle, pointer, settings
from gdlib.live.javascript import Loop, Program, as_loops
from gdlib.live.readout import parse
from gdlib.live.spec import pieces, program_of

Ends = tuple[Any, ...]


@dataclass
class TypedLoss:
    """A loss that can be typed: the function that stands for it, and how it is asked for."""

    function: Any
    """Made by `opaque`; its variables are the weights."""
    label: str
    """What stands before the equals sign: `L(w)`."""
    text: str
    """The author's, as it would be typed."""
    box: Mapping[sp.Symbol, tuple[float, float]]
    """Where it is looked at."""
    examples: Sequence[str] = ()


@dataclass
class Drawn:
    """What is drawn once of a loss: an artist that is drawn again when another is typed.

    A line has x and y; level lines have value, over two arrays, and their levels; words are
    one of several, by a number. Or it marks where a loss of two weights is stationary, and bends
    upwards in so many directions.
    """

    artist: Any
    properties: Mapping[str, Any] = field(default_factory=dict)
    over: Mapping[Any, Any] = field(default_factory=dict)
    levels: Sequence[Any] = ()
    stationary: int | None = None
    words: Sequence[str] = ()
    which: Any = 0
    hidden: bool = False
    """Whether there is nothing of it to be seen at first."""


@dataclass
class Redrawn:
    """All that another loss changes besides what is bound."""

    losses: Sequence[TypedLoss]
    drawn: Sequence[Drawn]
    ends: Mapping[tuple[Axes, str], Ends]
    """The ends of an axis, "x" or "y"; and what is 1 if it is logarithmic, where that depends."""
    refused: Sequence[tuple[Any, ...]] = ()
    """What is 1 when a loss is refused, a sentence with numbers, and these; the first is said."""
    note: str = ""
    """What is left out for a loss that is typed."""
    gids: list[str] = field(default_factory=list)

    @property
    def seen(self) -> dict[str, bool]:
        """Whether each artist is to be seen at first, by its name."""
        return {gid: not one.hidden for gid, one in zip(self.gids, self.drawn, strict=True)}

    def name(self, prefix: str) -> None:
        """Give each artist the name by which the page finds it."""
        self.gids = [f"{prefix}-t{number}" for number in range(len(self.drawn))]
        for drawn, gid in zip(self.drawn, self.gids, strict=True):
            drawn.artist.set_gid(gid)


def typed_of(
    redrawn: Redrawn,
    fig: Figure,
    symbols: Sequence[sp.Symbol],
    parts: tuple[Any, Any, Any],
    handles: Sequence[Handle],
) -> dict[str, Any]:
    """Return as JSON what the page needs: the losses, and programs in which they are called.

    `parts` are the figure's bindings, readouts and shades.
    """
    functions = [loss.function for loss in redrawn.losses]
    program = Program(symbols, functions)
    items = program_of(program, *parts)
    drawn = [_drawn(program, one) for one in redrawn.drawn]
    limits = ",".join(_row(program, list(ends)) for ends in redrawn.ends.values())
    conditions = _row(program, [when for when, *_ in redrawn.refused])
    said = [_row(program, list(numbers)) for _, _, *numbers in redrawn.refused]
    result = (
        f"{{items:[{','.join(items)}],drawn:[{','.join(drawn)}],limits:[{limits}],"
        f"refused:{conditions},numbers:[{','.join(said)}]}}"
    )
    spec = {
        "losses": [_loss(loss) for loss in redrawn.losses],
        "drawn": [_item(fig, *one) for one in zip(redrawn.drawn, redrawn.gids, strict=True)],
        "ends": [[fig.axes.index(ax), way] for ax, way in redrawn.ends],
        "refused": [pieces(parse(words, numbers)) for _, words, *numbers in redrawn.refused],
        "note": redrawn.note,
        **_packed(program, result, functions),
    }
    held = Program([*symbols, *pointer], functions)
    spec["handles"] = _packed(held, settings(held, handles), functions)
    return {"typed": spec}


def _packed(program: Program, result: str, functions: Sequence[Any]) -> dict[str, Any]:
    """A program as JSON, with the functions that it calls: of which loss, and which derivative."""
    called = [[functions.index(call.of), *call.orders] for call in program.called]
    return {"called": called, **program.packed(result)}


def _row(program: Program, expressions: Sequence[Any]) -> str:
    return "[" + ",".join(program.scalars(expressions)) + "]"


def _loss(loss: TypedLoss) -> dict[str, Any]:
    names = [s.name for s in loss.function.variables]
    box = [list(map(float, loss.box[s])) for s in loss.function.variables]
    return {
        "label": loss.label,
        "text": loss.text,
        "names": names,
        "box": box,
        "examples": list(loss.examples),
    }


def _drawn(program: Program, one: Drawn) -> str:
    """The code of what an artist is drawn from, computed once for each loss."""
    if one.words:
        return f"{{which:{_row(program, [one.which])}[0]}}"
    names = list(one.properties)
    loops: Sequence[Loop] = as_loops(one.over)
    arrays = program.once([one.properties[name] for name in names], loops)
    parts = [f"{name}:{array}" for name, array in zip(names, arrays, strict=True)]
    if one.levels:
        parts.append(f"levels:{_row(program, one.levels)}")
    return "{" + ",".join(parts) + "}"


def _item(fig: Figure, one: Drawn, gid: str) -> dict[str, Any]:
    item: dict[str, Any] = {"kind": "contours" if one.levels else "line", "ids": [gid]}
    if one.stationary is not None:
        item["stationary"] = one.stationary
    if one.words:
        item |= {"kind": "words", "words": list(one.words)}
    if one.levels:
        item["size"] = [len(values) for values in one.over.values()]
        item["box"] = [[float(v[0]), float(v[-1])] for v in one.over.values()]
    return item | {"axes": fig.axes.index(one.artist.axes)}

"""Handles: a drawn artist that the reader takes hold of, and what that sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
import sympy as sp

from gdlib.live.binding import Binding, Checks, State
from gdlib.live.controls import range_of, snapped
from gdlib.live.errors import LiveError
from gdlib.live.javascript import Program
from gdlib.live.numeric import evaluate

pointer = sp.symbols("pointer_x pointer_y", real=True)
"""Where the reader's finger is, in the coordinates of the artist's axes."""


@dataclass
class Handle:
    """An artist that can be dragged, and the value of each slider where the finger is."""

    binding: Binding
    values: dict[sp.Symbol, sp.Expr]

    def at(self, found: Mapping[str, Any]) -> tuple[list[float], list[float]]:
        """The points whose middle the handle is, of the artist's evaluated properties."""
        x, y = (np.ravel(found[name]) for name in "xy")
        if "dx" in found:
            x, y = x + np.ravel(found["dx"]), y + np.ravel(found["dy"])
        x, y = np.broadcast_arrays(x, y)
        seen = np.isfinite(x) & np.isfinite(y)  # JSON knows no other numbers
        return x[seen].tolist(), y[seen].tolist()

    def dragged(
        self,
        state: State,
        leaders: Mapping[sp.Symbol, widgets.Widget],
        place: tuple[float, float],
    ) -> dict[sp.Symbol, float]:
        """What each slider is set to when the finger is there."""
        known = {**state, **dict(zip(pointer, place, strict=True))}
        found = evaluate(list(self.values.values()), known)
        limits = [range_of(leaders[s]) for s in self.values]
        return {
            s: snapped(ends, v.item())
            for s, ends, v in zip(self.values, limits, found, strict=True)
            if ends
        }


def handle_of(
    binding: Binding,
    values: Mapping[sp.Symbol, Any],
    checks: Checks,
    leaders: Mapping[sp.Symbol, widgets.Widget],
) -> Handle:
    """Return the handle of a binding; `LiveError` for a control that it cannot set."""
    if not values:
        raise LiveError("drag: name the slider that it moves: x=, y=, or to=")
    for symbol in values:
        if range_of(leaders[symbol]) is None:
            raise LiveError(f"drag: the control of {symbol} is no slider")
    return Handle(binding, {s: checks.single("drag", e, pointer) for s, e in values.items()})


def check_handle(binding: Binding | None, name: str) -> Binding:
    """Return the binding of an artist that can be dragged; `LiveError` says why another cannot."""
    if binding is None:
        raise LiveError(f"drag: this {name} is not bound; bind it first")
    if binding.artist.name not in ("line", "arrow"):
        raise LiveError(f"drag: a {binding.artist.name} is no point or arrow to take hold of")
    if binding.iterated or binding.loops:
        raise LiveError(f"drag: this {name} is many points; drag one of its own")
    return binding


def handles_of(
    handles: Sequence[Handle],
    bindings: Sequence[Binding],
    frame: Sequence[Mapping[str, Any]],
    symbols: Sequence[sp.Symbol],
) -> dict[str, Any]:
    """Return the handles as JSON, if there are any: where each is at first, and one program."""
    if not handles:
        return {}
    items = []
    for handle in handles:
        number = bindings.index(handle.binding)
        x, y = handle.at(frame[number])
        sets = [symbols.index(s) for s in handle.values]
        items.append({"item": number, "sets": sets, "x": x, "y": y})
    program = Program([*symbols, *pointer])
    return {"handles": {"items": items, **program.packed(settings(program, handles))}}


def settings(program: Program, handles: Sequence[Handle]) -> str:
    """Write what each handle sets, of the controls' values and then the pointer's place."""
    codes = iter(program.scalars([e for handle in handles for e in handle.values.values()]))
    groups = [f"[{','.join(next(codes) for _ in h.values)}]" for h in handles]
    return "[" + ",".join(groups) + "]"

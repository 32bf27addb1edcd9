"""What the browser is told of a figure: its bindings, its axes, and one program for all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.figure import Figure

from gdlib.live.binding import Binding, Readout, Sentence, Shade
from gdlib.live.errors import LiveError
from gdlib.live.javascript import Program
from gdlib.live.readout import Slot, Template
from gdlib.live.theme import colour_name


def spec_of(
    fig: Figure,
    symbols: Sequence[sp.Symbol],
    choices: Sequence[Any],
    bindings: Sequence[Binding],
    readouts: Sequence[Readout],
    shades: Sequence[Shade],
    frame: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return a figure as JSON; `frame` is what all of it is at first, in this order."""
    rest = frame[len(bindings) :]
    first, starts = rest[: len(readouts)], rest[len(readouts) :]
    program = Program(symbols)
    results = program_of(program, bindings, readouts, shades)
    items = [_item(fig, b) for b in bindings]
    items += [
        _line(r, bindings, list(symbols), said) for r, said in zip(readouts, first, strict=True)
    ]
    items += [
        {"kind": "shade", "control": s.control, "label": s.label, "first": _finite(at["above"])[0]}
        for s, at in zip(shades, starts, strict=True)
    ]
    return {
        "items": items,
        "axes": [_axes(fig, ax) for ax in fig.axes],
        "first": [said["html"] for said in first],
        "choices": list(choices),
        **program.packed("[" + ",".join(results) + "]"),
    }


def program_of(
    program: Program,
    bindings: Sequence[Binding],
    readouts: Sequence[Readout],
    shades: Sequence[Shade],
) -> list[str]:
    """Write what computes all of it; return the code of each part's values, in this order."""
    parts = [_scalars(b) for b in bindings] + [_said(r) for r in readouts]
    parts += [((s.above,),) for s in shades]
    # All single values are computed together, so that they share subexpressions.
    codes = iter(program.scalars([e for part in parts for group in part for e in group]))
    singles = [[f"[{','.join(next(codes) for _ in group)}]" for group in part] for part in parts]
    results = [_compiled(program, b, iter(s)) for b, s in zip(bindings, singles, strict=False)]
    rest = singles[len(bindings) :]
    results += map(_told, rest[: len(readouts)])
    return results + [f"{{above:{above}}}" for (above,) in rest[len(readouts) :]]


def _item(fig: Figure, binding: Binding) -> dict[str, Any]:
    """Return what the browser's painter of this binding needs to know."""
    artist = binding.artist
    item = {"kind": artist.name, "ids": binding.gids, "axes": fig.axes.index(artist.axes)}
    # Properties that are not bound come from the details.
    item |= {k: v for k, v in artist.details().items() if k not in binding.properties}
    if binding.text:
        item["template"] = pieces(binding.text.template)
    if artist.must_loop:
        item["size"] = [loop.size for loop in binding.loops]
    return item


def _finite(values: np.ndarray) -> list[float | None]:
    """Numbers as JSON has them: it knows neither infinity nor NaN."""
    return [v if isfinite(v) else None for v in values.tolist()]


def _said(readout: Readout) -> tuple[tuple[sp.Expr, ...], ...]:
    """Return the expressions of a readout's sentences, then which is said if there are several."""
    groups = tuple(sentence.expressions for sentence in readout.sentences)
    return (*groups, (readout.which,)) if len(groups) > 1 else groups


def _told(codes: Sequence[str]) -> str:
    """Return the JavaScript object with what a readout says."""
    if len(codes) == 1:
        return f"{{values:{codes[0]}}}"
    *values, which = codes
    return f"{{which:{which},values:[{','.join(values)}][{which}]}}"


def _line(
    readout: Readout,
    bindings: Sequence[Binding],
    symbols: list[sp.Symbol],
    first: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what the browser needs to know of a readout, with first numbers if it marks any."""
    sentences = [
        {
            "template": pieces(s.markup or s.template),
            "typeset": int(bool(s.markup)),
            "marks": _marks(s, bindings, symbols),
        }
        for s in readout.sentences
    ]
    item: dict[str, Any] = {"kind": "readout", "sentences": sentences}
    item["which"] = int(first.get("which", [0])[0])
    if sentences[item["which"]]["marks"]:
        item["first"] = _finite(first["values"])
    return item


def _marks(
    sentence: Sentence, bindings: Sequence[Binding], symbols: list[sp.Symbol]
) -> list[dict[str, Any] | None]:
    """What each number measures in the picture, and which control sets it; empty if none does."""
    artists = [binding.artist.artist for binding in bindings]
    marks: list[dict[str, Any] | None] = []
    for expression, own in zip(sentence.expressions, sentence.of, strict=True):
        mark: dict[str, Any] = {}
        for artist in own:
            if artist not in artists:
                raise LiveError(f"readout: this {type(artist).__name__} is not bound")
            mark.setdefault("colour", colour_name(artist))
            mark.setdefault("items", []).append(artists.index(artist))
        if expression in symbols:
            mark["control"] = symbols.index(expression)
        marks.append(mark or None)
    return marks if any(marks) else []


def _scalars(binding: Binding) -> tuple[tuple[sp.Expr, ...], ...]:
    """Return the groups of expressions that are computed once, outside all loops."""
    looped = bool(binding.loops or binding.iterated)
    groups = [] if looped else list(binding.properties.values())
    if binding.text:
        groups.append(binding.text.expressions)
    if binding.visible is not None:
        groups.append((binding.visible,))
    return tuple(groups)


def _compiled(program: Program, binding: Binding, singles: Iterator[str]) -> str:
    """Return the JavaScript object with the binding's values."""
    expressions = list(binding.properties.values())
    if binding.iterated:
        arrays = program.path(expressions, binding.iterated)
    elif binding.loops:
        arrays = program.sequence(expressions, binding.loops)
    else:
        arrays = [next(singles) for _ in expressions]
    parts = [f"{name}:{array}" for name, array in zip(binding.properties, arrays, strict=True)]
    if binding.text:
        parts.append(f"values:{next(singles)}")
    if binding.visible is not None:
        parts.append(f"visible:{next(singles)}[0]")
    return "{" + ",".join(parts) + "}"


def _axes(fig: Figure, ax: Any) -> dict[str, Any]:
    """Return the axes' box in the SVG's points, and their limits and scales."""
    width, height = fig.get_size_inches() * 72
    box = ax.get_position()
    return {
        "x": [round(box.x0 * width, 4), round(box.x1 * width, 4)],
        "y": [round((1 - box.y0) * height, 4), round((1 - box.y1) * height, 4)],
        "xlim": [float(v) for v in ax.get_xlim()],
        "ylim": [float(v) for v in ax.get_ylim()],
        "log": [int(ax.get_xscale() == "log"), int(ax.get_yscale() == "log")],
    }


def pieces(template: Template) -> list[Any]:
    """Return a template as JSON: text unchanged, a slot as its five settings."""
    return [
        [p.type, p.digits, int(p.plus), int(p.comma), p.word] if isinstance(p, Slot) else p
        for p in template
    ]

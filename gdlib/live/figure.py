"""Live: a Matplotlib figure whose artists follow sliders, with or without a kernel.

One file, as a binding is checked, evaluated, drawn and printed by the same class.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
import traitlets
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from gdlib.live import svg
from gdlib.live.artists import Image, Kind, Label, kind_of
from gdlib.live.controls import choices, readers, synced_trait
from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.expressions import Along, Iterated, StateAt
from gdlib.live.javascript import Loop, Program, pack, supported
from gdlib.live.numeric import evaluate
from gdlib.live.readout import Slot, Template, fill, parse
from gdlib.live.theme import STYLESHEET

_numbers = itertools.count(1)


class LiveFigure(anywidget.AnyWidget):
    """The widget that carries a figure to the browser; `live.js` is its view."""

    _esm = Path(__file__).with_name("live.js")
    _css = STYLESHEET
    svg = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)


@dataclass
class Binding:
    """An artist, the expressions of its properties, and what they run over."""

    kind: Kind
    properties: dict[str, tuple[sp.Expr, ...]]
    loops: tuple[Loop, ...] = ()
    iterated: Iterated | None = None
    template: Template = ()
    text: tuple[sp.Expr, ...] = ()
    visible: sp.Expr | None = None
    gids: list[str] = field(default_factory=list)


@dataclass
class Readout:
    """A sentence below the figure, with live numbers in it."""

    template: Template
    expressions: tuple[sp.Expr, ...]


class Live:
    """A live figure: `Live(fig, {symbol: control}, alt="what to see")`.

    Bind artists of the figure to SymPy expressions of the controls' symbols (`bind`),
    add sentences with live numbers (`readout`), and let it be the last line of a cell.
    The same expressions run in Python (`evaluate`) and, printed as JavaScript, in the browser.
    A control may be a box, `HBox([Play(…), IntSlider(…)])`: its controls are linked.
    """

    def __init__(
        self, fig: Figure, controls: Mapping[sp.Symbol, widgets.Widget], *, alt: str
    ) -> None:
        if not isinstance(fig, Figure):
            raise LiveTypeError(f"Live: fig must be a Matplotlib Figure, got {type(fig).__name__}")
        if not isinstance(alt, str) or not alt.strip():
            raise LiveError("Live: alt is empty; say in a sentence what the figure shows")
        self.fig, self.alt, self.controls = fig, " ".join(alt.split()), dict(controls)
        self.symbols = list(self.controls)
        for symbol in self.symbols:
            if not isinstance(symbol, sp.Symbol):
                raise LiveTypeError(f"Live: controls belong to symbols, {symbol!r} is none")
        self._readers = {s: readers(s, c) for s, c in self.controls.items()}
        self._choices = [choices(s, self._readers[s][-1]) for s in self.symbols]
        self._bindings: list[Binding] = []
        self._readouts: list[Readout] = []
        self._built: widgets.VBox | None = None
        self._prefix = f"live{next(_numbers)}"
        # Closed, or the notebook would show it a second time. And the limits of the axes
        # stay as they are now, wherever the artists go.
        plt.close(fig)
        fig.draw_without_rendering()
        for ax in fig.axes:
            for scale in (ax.get_xscale(), ax.get_yscale()):
                if scale not in ("linear", "log"):
                    raise LiveError(f"Live: axes must be linear or log, not {scale}")
            ax.set_xlim(ax.get_xlim())
            ax.set_ylim(ax.get_ylim())
        for symbol, found in self._readers.items():
            for control in found:
                control.description = control.description or sp.pretty(symbol)
                control.style.description_width = "initial"
                # They are linked, so all start at the leader's value.
                trait, leader = synced_trait(control), found[-1]
                start = getattr(leader, synced_trait(leader))
                setattr(control, trait, start)
                if getattr(control, trait) != start:
                    name = type(control).__name__
                    raise LiveError(f"Live: the {name} of {symbol} cannot start at {start}")

    # -- the author's side ---------------------------------------------------------------
    def bind(
        self, artist: Any, over: Mapping[Any, ArrayLike] | None = None, **properties: Any
    ) -> Live:
        """Let the artist's properties follow expressions of the sliders' symbols.

        A property is an expression, or a tuple of expressions (several points), or an expression
        along an iteration. `over={x: xs}` draws the expression over an array, `over={(x, y):
        (xs, ys)}` over arrays side by side; an image runs over two symbols, horizontal first.
        `text=("slope {:+.2f}", slope)` is live text. `visible=condition` hides and shows.

        Properties: lines `x, y`; text `x, y, text`; arrows `x, y, dx, dy`;
        bars `x, y, width, height`; polygons `x, y, y2`; images `value`.

        Raises `ValueError` or `TypeError` naming the symbol without a slider, the artist of
        another figure, or the unknown property or function.
        """
        kind = self._own(artist)
        visible = properties.pop("visible", None)
        unknown = set(properties) - kind.required - kind.optional
        missing = kind.required - set(properties)
        if unknown or missing or not properties:
            names = ", ".join(sorted(kind.required | kind.optional))
            given = ", ".join(sorted(properties)) or "nothing"
            raise LiveError(f"bind: {kind.name} takes {names}, got {given}")
        template: Template = ()
        text: tuple[sp.Expr, ...] = ()
        if "text" in properties:
            first, *rest = self._as_tuple(properties.pop("text"))
            text = tuple(self._expression("text", e) for e in rest)
            template = parse(first, text)
        elif isinstance(kind, Label) and {"$", "\n"} & set(artist.get_text()):
            raise LiveError("bind: text that moves must be one line without mathematics")
        if properties and not kind.in_data:
            raise LiveError(f"bind: the {kind.name} to move must be placed in data coordinates")
        loops = self._loops(over, kind)
        iterated = None
        exact: dict[str, tuple[sp.Expr, ...]] = {}
        for name, value in properties.items():
            values = []
            for item in self._as_tuple(value):
                if isinstance(item, Along):
                    if iterated not in (None, item.iterated) or loops:
                        raise LiveError(f"bind: {name} follows a second loop or iteration")
                    iterated, item = item.iterated, item.expression
                values.append(self._expression(name, item))
            exact[name] = tuple(values)
        self._count(kind, exact, loops, iterated)
        if visible is not None:
            visible = sp.sympify(visible)
            if not isinstance(visible, sp.Expr):  # a Symbol is both Boolean and Expr
                visible = sp.Piecewise((1, visible), (0, True))
            visible = self._expression("visible", visible)
        binding = Binding(kind, exact, loops, iterated, template, text, visible)
        local = {s for loop in loops for s in loop.symbols}
        for expression in itertools.chain(*exact.values()):
            self._check(expression, local | ({iterated.step} if iterated else set()))
        for expression in (*text, *([] if visible is None else [visible])):
            self._check(expression, set())
        self._bindings.append(binding)
        self._built = None
        return self

    def readout(self, template: str, *expressions: Any) -> Live:
        """Add a sentence with live numbers below the figure: `("L = {:.3f}", loss)`."""
        exact = tuple(self._expression("readout", e) for e in expressions)
        for expression in exact:
            self._check(expression, set())
        self._readouts.append(Readout(parse(template, exact), exact))
        self._built = None
        return self

    def evaluate(self, values: Mapping[sp.Symbol, float] | None = None) -> list[dict[str, Any]]:
        """Compute, in Python, what every binding and then every readout would be.

        `values` overrides the controls' present values. One dict per binding, in order: its
        properties as arrays, `visible`, and for text and readouts `values` and `text`.
        """
        strangers = [str(s) for s in values or {} if s not in self.symbols]
        if strangers:
            raise LiveError(f"evaluate: {', '.join(strangers)} has no slider")
        state = self._present() | {s: float(v) for s, v in (values or {}).items()}
        memo: dict[Iterated, Any] = {}
        return [self._binding_values(b, state, memo) for b in self._bindings] + [
            self._text_values(r.template, r.expressions, state, memo) for r in self._readouts
        ]

    # -- checks --------------------------------------------------------------------------
    @staticmethod
    def _as_tuple(value: Any) -> tuple[Any, ...]:
        return tuple(value) if isinstance(value, (tuple, list)) else (value,)

    def _own(self, artist: Any) -> Kind:
        # A BarContainer is a tuple too, the only one that can be bound.
        if isinstance(artist, (tuple, list)) and not isinstance(artist, BarContainer):
            raise LiveTypeError(
                "bind: got a list of artists; ax.plot returns one: `line, = ax.plot(…)`"
            )
        kind = kind_of(artist)
        if any(m.get_figure() is not self.fig for m in kind.members):
            raise LiveError(f"bind: this {type(artist).__name__} belongs to another figure")
        if kind.axes is None:
            raise LiveError(f"bind: this {type(artist).__name__} stands in no axes")
        if not all(m.get_visible() for m in kind.members):
            raise LiveError(f"bind: this {type(artist).__name__} is invisible, use visible=")
        bound = [a for b in self._bindings for a in (b.kind.artist, *b.kind.members)]
        if any(a is m for a in bound for m in (artist, *kind.members)):
            raise LiveError(f"bind: this {type(artist).__name__} is bound already")
        return kind

    @staticmethod
    def _count(
        kind: Kind,
        exact: Mapping[str, tuple[sp.Expr, ...]],
        loops: Sequence[Loop],
        iterated: Iterated | None,
    ) -> None:
        """Check that the properties have as many values as the artist, and as each other."""
        size = iterated.steps + 1 if iterated else 1
        if not isinstance(kind, Image):
            size *= math.prod(loop.size for loop in loops)
        counts = {name: size * len(values) for name, values in exact.items()}
        most = kind.count or max(counts.values())
        if not set(counts.values()) <= ({most} if iterated or loops else {1, most}):
            found = ", ".join(f"{n} for {name}" for name, n in counts.items())
            wanted = most if kind.count else "as many for each"
            raise LiveError(f"bind: {kind.name} got values: {found}; expected {wanted}")

    @staticmethod
    def _expression(name: str, value: Any) -> sp.Expr:
        if isinstance(value, Along):
            raise LiveError(f"bind: {name} is one value, not a path: take .last(…) or .at(…)")
        try:
            expression = sp.sympify(value, strict=True)
        except (sp.SympifyError, TypeError) as error:
            raise LiveError(f"bind: {name} is not an expression: {value!r}") from error
        if not isinstance(expression, sp.Expr):
            raise LiveError(f"bind: {name} is not a scalar expression: {value!r}")
        return expression

    def _check(self, expression: sp.Expr, local: set[Any]) -> None:
        strangers = expression.free_symbols - set(self.symbols) - local
        if strangers:
            names = ", ".join(sorted(s.name for s in strangers))
            known = {s.name for s in self.symbols}
            sliders = ", ".join(s.name for s in self.symbols) or "none"
            if known & {s.name for s in strangers}:
                sliders += "; a symbol declared with other assumptions is another one"
            raise LiveError(
                f"bind: no slider for {names} in the expression {expression} (sliders: {sliders})"
            )
        for state in expression.atoms(StateAt):
            if names := ", ".join(str(s) for s in local & state.component.iterated.free_symbols):
                raise LiveError(f"bind: an iteration cannot depend on {names}, which it runs over")
        supported(expression)

    def _loops(self, over: Mapping[Any, Any] | None, kind: Kind) -> tuple[Loop, ...]:
        loops = []
        for key, given in (over or {}).items():
            symbols = self._as_tuple(key)
            arrays = [np.array(v, dtype=float) for v in (given if len(symbols) > 1 else [given])]
            shapes = {a.shape for a in arrays}
            if len(arrays) != len(symbols) or len(shapes) > 1 or arrays[0].ndim != 1:
                raise LiveError(f"bind: over needs one one-dimensional array a symbol of {key}")
            if not arrays[0].size or not all(np.isfinite(a).all() for a in arrays):
                raise LiveError(f"bind: over needs finite numbers for {key}")
            if len(set(symbols)) < len(symbols):
                raise LiveError(f"bind: over has a symbol twice in {key}")
            for symbol in symbols:
                if symbol in self.symbols:
                    raise LiveError(f"bind: {symbol} is a slider, it cannot run over an array too")
            loops.append(Loop(symbols, tuple(arrays)))
        if len(loops) != (2 if isinstance(kind, Image) else 1) and (loops or kind.name == "image"):
            raise LiveError(
                "bind: an image runs over two symbols, everything else over one; "
                "arrays side by side are over={(x, y): (xs, ys)}"
            )
        return tuple(loops)

    # -- Python's face -------------------------------------------------------------------
    def _present(self) -> dict[sp.Symbol, float]:
        return {s: float(self._readers[s][-1].value) for s in self.symbols}

    def _binding_values(
        self, binding: Binding, state: Mapping[Any, Any], memo: dict[Iterated, Any]
    ) -> dict[str, Any]:
        local: dict[Any, np.ndarray] = {}
        shape: tuple[int, ...] = ()
        if binding.iterated:
            local[binding.iterated.step] = np.arange(binding.iterated.steps + 1)
            shape = (binding.iterated.steps + 1,)
        for position, loop in enumerate(binding.loops):
            # The first of two loops is the image's horizontal axis, its last index.
            column = (slice(None), None) if position == 0 and len(binding.loops) == 2 else ()
            for symbol, values in zip(loop.symbols, loop.values, strict=True):
                local[symbol] = values[None, :] if column else values
                if position == 1:
                    local[symbol] = values[:, None]
            shape = (loop.size, *shape)
        flat = [e for expressions in binding.properties.values() for e in expressions]
        computed = iter(evaluate(flat, {**state, **local}, memo))
        result: dict[str, Any] = {}
        for name, expressions in binding.properties.items():
            parts = [np.broadcast_to(next(computed), shape) for _ in expressions]
            array = np.stack(parts, axis=-1)
            result[name] = array[..., 0] if len(shape) == 2 else array.reshape(-1)
        if binding.template:
            result |= self._text_values(binding.template, binding.text, state, memo)
        if binding.visible is not None:
            (shown,) = evaluate([binding.visible], state, memo)
            result["visible"] = bool(shown != 0 and not np.isnan(shown))
        return result

    @staticmethod
    def _text_values(
        template: Template,
        expressions: Sequence[sp.Expr],
        state: Mapping[Any, Any],
        memo: dict[Iterated, Any],
    ) -> dict[str, Any]:
        values = [v.item() for v in evaluate(expressions, state, memo)] if expressions else []
        return {"values": np.array(values), "text": fill(template, values)}

    # -- the page's side -----------------------------------------------------------------
    def build(self) -> widgets.VBox:
        """Return the widget: the figure, its readouts and its controls. Built once."""
        if self._built is None:
            for number, binding in enumerate(self._bindings):
                binding.gids = []
                for position, member in enumerate(binding.kind.members):
                    binding.gids.append(f"{self._prefix}-b{number}-{position}")
                    member.set_gid(binding.gids[-1])
            frame = self.evaluate()
            figure = LiveFigure(svg=self._draw(frame), alt=self.alt, spec=self._spec(frame))
            self._built = widgets.VBox([figure, *self._wire(figure)])
            self._built.add_class("live-box")
        return self._built

    def _wire(self, figure: LiveFigure) -> list[widgets.Widget]:
        """Link every control to the figure, in the browser; add a button that resets them."""
        for i, symbol in enumerate(self.symbols):
            *others, leader = self._readers[symbol]
            trait = synced_trait(leader)
            start = getattr(leader, trait)
            figure.add_traits(**{f"p{i}": traitlets.Any(start).tag(sync=True)})
            setattr(figure, f"p{i}", start)
            widgets.jslink((leader, trait), (figure, f"p{i}"))
            for other in others:
                widgets.jslink((other, synced_trait(other)), (leader, trait))
        if not self.symbols:
            return []
        starts = [
            (control, synced_trait(control), getattr(control, synced_trait(control)))
            for found in self._readers.values()
            for control in found
        ]

        def reset(_: widgets.Button) -> None:
            for control, trait, value in starts:
                setattr(control, trait, value)

        button = widgets.Button(description="Reset")
        button.on_click(reset)
        return [*self.controls.values(), button]

    def _draw(self, frame: Sequence[Mapping[str, Any]]) -> str:
        """Draw the first frame. Undefined artists are drawn anywhere, and hidden."""
        hidden = set()
        for binding, values in zip(self._bindings, frame, strict=False):
            finite = all(np.isfinite(values[n]).any() for n in binding.properties)
            if finite:
                binding.kind.draw(values)
            if not finite or values.get("visible") is False:
                hidden |= set(binding.gids)
            if not finite:
                binding.kind.placeholder()
        root = svg.save(self.fig)
        blank = [b for b in self._bindings if not self._drawn(root, b)]
        if blank:
            for binding in blank:
                binding.kind.placeholder()
                hidden |= set(binding.gids)
            root = svg.save(self.fig)
        for binding in self._bindings:
            for gid in binding.gids:
                element = svg.group(root, gid)
                if isinstance(binding.kind, Image):
                    svg.put_image(element, binding.kind.pixels, binding.kind.axes)
                if gid in hidden:
                    element.set("visibility", "hidden")
            if isinstance(binding.kind, Label):
                self._note_offset(root, binding.kind, binding.gids[0])
        return svg.trim(root, self._prefix, {g for b in self._bindings for g in b.gids})

    @staticmethod
    def _drawn(root: Any, binding: Binding) -> bool:
        """Tell whether the SVG has the pieces that the browser will rewrite."""
        element, line = svg.group(root, binding.gids[0]), binding.kind.artist
        if binding.kind.name == "arrow":
            return len(element.findall(f"{{{svg.SVG}}}path")) == 2
        if binding.kind.name != "line":
            return True
        wants_path = line.get_linestyle() not in ("None", "none", " ", "")
        wants_marker = line.get_marker() not in ("None", "none", " ", "", None)
        has_path = element.find(f"{{{svg.SVG}}}path") is not None
        has_marker = element.find(f".//{{{svg.SVG}}}use") is not None
        return has_path >= wants_path and has_marker >= wants_marker

    def _note_offset(self, root: Any, label: Label, gid: str) -> None:
        """Remember where the text stands relative to the point it is anchored at."""
        element = svg.group(root, gid).find(f".//{{{svg.SVG}}}text")
        assert element is not None
        x, y = label.artist.get_transform().transform(label.artist.get_unitless_position())
        scale, height = 72 / self.fig.dpi, self.fig.get_figheight() * 72
        label.offset = (
            float(element.get("x", 0)) - x * scale,
            float(element.get("y", 0)) - (height - y * scale),
        )

    def _spec(self, frame: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        program = Program(self.symbols)
        parts: list[tuple[tuple[sp.Expr, ...], ...]] = [self._scalars(b) for b in self._bindings]
        parts += [(r.expressions,) for r in self._readouts]
        # All single values are computed together, so that they share subexpressions.
        codes = iter(program.scalars([e for part in parts for group in part for e in group]))
        singles = [
            [f"[{','.join(next(codes) for _ in group)}]" for group in part] for part in parts
        ]
        results = [
            self._compile(program, b, iter(s))
            for b, s in zip(self._bindings, singles, strict=False)
        ]
        results += [f"{{values:{s[0]}}}" for s in singles[len(self._bindings) :]]
        items = [self._item(b) for b in self._bindings]
        items += [{"kind": "readout", "template": _pieces(r.template)} for r in self._readouts]
        return {
            "items": items,
            "axes": [self._axes(ax) for ax in self.fig.axes],
            "first": [values["text"] for values in frame[len(self._bindings) :]],
            "choices": self._choices,
            "columns": [pack(c.values) for c in program.columns],
            "grids": [pack(g) for g in program.grids],
            "program": program.source("[" + ",".join(results) + "]"),
        }

    def _item(self, binding: Binding) -> dict[str, Any]:
        """Return what the browser's painter of this binding needs to know."""
        item = {
            "kind": binding.kind.name,
            "ids": binding.gids,
            "axes": self.fig.axes.index(binding.kind.axes),
        }
        # Properties that are not bound come from the details.
        details = binding.kind.details().items()
        item |= {k: v for k, v in details if k not in binding.properties}
        if binding.template:
            item["template"] = _pieces(binding.template)
        if isinstance(binding.kind, Image):
            item["size"] = [loop.size for loop in binding.loops]
        return item

    @staticmethod
    def _scalars(binding: Binding) -> tuple[tuple[sp.Expr, ...], ...]:
        """Return the groups of expressions that are computed once, outside all loops."""
        looped = bool(binding.loops or binding.iterated)
        groups = [] if looped else list(binding.properties.values())
        if binding.template:
            groups.append(binding.text)
        if binding.visible is not None:
            groups.append((binding.visible,))
        return tuple(groups)

    @staticmethod
    def _compile(program: Program, binding: Binding, singles: Iterator[str]) -> str:
        """Return the JavaScript object with the binding's values."""
        expressions = list(binding.properties.values())
        if binding.iterated:
            arrays = program.path(expressions, binding.iterated)
        elif binding.loops:
            arrays = program.sequence(expressions, binding.loops)
        else:
            arrays = [next(singles) for _ in expressions]
        parts = [f"{name}:{array}" for name, array in zip(binding.properties, arrays, strict=True)]
        if binding.template:
            parts.append(f"values:{next(singles)}")
        if binding.visible is not None:
            parts.append(f"visible:{next(singles)}[0]")
        return "{" + ",".join(parts) + "}"

    def _axes(self, ax: Any) -> dict[str, Any]:
        """Return the axes' box in the SVG's points, and their limits and scales."""
        width, height = self.fig.get_size_inches() * 72
        box = ax.get_position()
        return {
            "x": [round(box.x0 * width, 4), round(box.x1 * width, 4)],
            "y": [round((1 - box.y0) * height, 4), round((1 - box.y1) * height, 4)],
            "xlim": [float(v) for v in ax.get_xlim()],
            "ylim": [float(v) for v in ax.get_ylim()],
            "log": [int(ax.get_xscale() == "log"), int(ax.get_yscale() == "log")],
        }

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Show the widget where there is a kernel, and the first frame where there is none."""
        box = self.build()
        bundle = dict(box._repr_mimebundle_())
        bundle["text/html"] = self.to_html(box.model_id)
        bundle["text/plain"] = f"Live figure: {self.alt}"
        return bundle

    def to_html(self, model_id: str = "") -> str:
        """Return the first frame as HTML: what the static page starts from, and what is
        left of it without JavaScript and in print."""
        figure, *controls = self.build().children
        readouts = "".join(f"<p>{html.escape(t)}</p>" for t in figure.spec["first"])
        mark = f' data-live="{model_id}"' if model_id else ""
        # So that the page can reserve their space until they load.
        rows = sum(not isinstance(control, widgets.Button) for control in controls)
        mark += f' style="--live-rows:{rows}"' if controls else ""
        picture = f'<div class="live-picture" role="img" aria-label="{html.escape(self.alt)}">'
        return (
            f'<div class="live"{mark}>{picture}{figure.svg}</div>'
            f'<div class="live-readout" aria-live="polite">{readouts}</div></div>'
        )


def _pieces(template: Template) -> list[Any]:
    """Return a template as JSON: text unchanged, a slot as its five settings."""
    return [
        [p.type, p.digits, int(p.plus), int(p.comma), p.word] if isinstance(p, Slot) else p
        for p in template
    ]

"""The widget that a live figure becomes: a first frame, what the browser is told, controls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import anywidget
import ipywidgets as widgets
import sympy as sp
import traitlets
from matplotlib.figure import Figure

from gdlib.live.binding import Binding, Memo, Readout, Shade
from gdlib.live.controls import controls_of, samples_of, synced_trait
from gdlib.live.first_frame import first_frame
from gdlib.live.handles import Handle, handles_of
from gdlib.live.page import STYLE, WIDGET
from gdlib.live.shown import Shown
from gdlib.live.spec import spec_of
from gdlib.live.typed import Redrawn, typed_of


class LiveFigure(anywidget.AnyWidget):
    """The widget that carries a figure to the browser; `js/widget.js` is its view."""

    _esm = WIDGET
    _css = STYLE
    svg = traitlets.Unicode().tag(sync=True)
    frame = traitlets.Unicode().tag(sync=True)
    """The mark of the first frame in a notebook, which the view hides when it draws."""
    alt = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)


class Built(Shown):
    """What `Live` builds of its figure, its controls, and all that is bound and said."""

    fig: Figure
    symbols: list[sp.Symbol]
    controls: dict[sp.Symbol, widgets.Widget]
    _readers: dict[sp.Symbol, list[widgets.Widget]]
    _choices: list[list[float] | None]
    _bindings: list[Binding]
    _readouts: list[Readout]
    _shades: list[Shade]
    _handles: list[Handle]
    _guess: dict[str, Any]
    _redrawn: Redrawn | None
    _prefix: str
    _built: widgets.VBox | None

    @abstractmethod
    def evaluate(self) -> list[dict[str, Any]]:
        """Compute what everything bound, said and shaded is."""

    @property
    def _leaders(self) -> dict[sp.Symbol, widgets.Widget]:
        """The control that carries each symbol's value."""
        return {s: found[-1] for s, found in self._readers.items()}

    @property
    def _state(self) -> dict[sp.Symbol, float]:
        """The controls' present values."""
        return {s: float(leader.value) for s, leader in self._leaders.items()}

    def build(self) -> widgets.VBox:
        """Return the widget: the figure, its readouts and its controls. Built once."""
        if self._built is None:
            for number, binding in enumerate(self._bindings):
                members = binding.artist.members
                binding.gids = [f"{self._prefix}-b{number}-{i}" for i in range(len(members))]
                for member, gid in zip(members, binding.gids, strict=True):
                    member.set_gid(gid)
            frame = self.evaluate()
            if self._redrawn:
                self._redrawn.name(self._prefix)
            more = self._redrawn.seen if self._redrawn else {}
            picture = first_frame(self.fig, self._bindings, frame, self._prefix, more)
            parts = (self._bindings, self._readouts, self._shades)
            spec = spec_of(self.fig, self.symbols, self._choices, *parts, frame)
            spec |= controls_of(self._leaders)
            spec |= handles_of(self._handles, self._bindings, frame, self.symbols)
            spec |= {"guess": self._guess} if self._guess else {}
            figure = LiveFigure(svg=picture, alt=self.alt, spec=spec)
            figure.frame = figure.model_id
            self._built = widgets.VBox([figure, *self._wire(figure)])
            self._built.add_class("live-box")
        return self._built

    def open_losses(self) -> None:
        """Tell a page or a notebook how another loss can be typed, once the figure is shown."""
        figure = self.build().children[0]
        if self._redrawn and "typed" not in figure.spec:
            parts = (self._bindings, self._readouts, self._shades)
            typed = typed_of(self._redrawn, self.fig, self.symbols, parts, self._handles)
            figure.spec = {**figure.spec, **typed}

    def make_room(self) -> None:
        """Tell a page the longest HTML of each readout with controls moved, so that it has room.

        A notebook does without: where a network is trained, this takes seconds.
        """
        figure = self.build().children[0]
        if "longest" not in figure.spec:
            figure.spec = {**figure.spec, "longest": self._longest(figure.spec["first"])}

    def _longest(self, first: Sequence[str]) -> list[str]:
        controls = zip(self._leaders.items(), self._choices, strict=True)
        samples = {symbol: samples_of(leader, known) for (symbol, leader), known in controls}
        moved = [{symbol: value} for symbol, values in samples.items() for value in values]
        for end in (0, -1):
            moved.append({symbol: values[end] for symbol, values in samples.items() if values})
        longest = list(first)
        for values in moved:
            memo: Memo = {}
            state = self._state | values
            said = [readout.evaluate(state, memo)["html"] for readout in self._readouts]
            longest = [max(pair, key=len) for pair in zip(longest, said, strict=True)]
        return longest

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

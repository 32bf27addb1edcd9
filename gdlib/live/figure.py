"""Live: a Matplotlib figure whose artists follow sliders, with or without a kernel."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import sympy as sp
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from gdlib.live.artists import BoundArtist, bound_artist
from gdlib.live.binding import Binding, Checks, Memo, Readout, Shade
from gdlib.live.built import Built
from gdlib.live.controls import choices, readers, synced_trait
from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.handles import Handle, check_handle, handle_of, pointer
from gdlib.live.typed import Redrawn

_numbers = itertools.count(1)


class Live(Built):
    """A live figure: `Live(fig, {symbol: control}, alt="what to see")`.

    Bind artists of the figure to SymPy expressions of the controls' symbols (`bind`),
    add sentences with live numbers (`readout`), and let it be the last line of a cell.
    The same expressions run in Python (`evaluate`) and, printed as JavaScript, in the browser.
    A control may be a box, `HBox([Play(…), IntSlider(…)])`: its controls are linked.
    """

    def __repr__(self) -> str:
        sliders = ", ".join(s.name for s in self.symbols) or "none"
        return f"<Live figure, sliders {sliders}: {self.alt}>"

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
        self._choices = [choices(s, leader) for s, leader in self._leaders.items()]
        self._checks = Checks(self.symbols)
        self._bindings: list[Binding] = []
        self._readouts: list[Readout] = []
        self._shades: list[Shade] = []
        self._handles: list[Handle] = []
        self._guess: dict[str, Any] = {}
        self._redrawn: Redrawn | None = None
        self._built: widgets.VBox | None = None
        self._prefix = f"live{next(_numbers)}"
        self._settle()
        self._start_together()

    def _settle(self) -> None:
        """Fix the limits of the axes where they are now, wherever the artists go."""
        plt.close(self.fig)  # or the notebook would show it a second time
        self.fig.draw_without_rendering()
        for ax in self.fig.axes:
            for scale in (ax.get_xscale(), ax.get_yscale()):
                if scale not in ("linear", "log"):
                    raise LiveError(f"Live: axes must be linear or log, not {scale}")
            ax.set_xlim(ax.get_xlim())
            ax.set_ylim(ax.get_ylim())

    def _start_together(self) -> None:
        """Name the controls; those of one symbol are linked, so all start at the leader's value."""
        for symbol, found in self._readers.items():
            leader = found[-1]
            start = getattr(leader, synced_trait(leader))
            for control in found:
                control.description = control.description or sp.pretty(symbol)
                control.style.description_width = "initial"
                setattr(control, synced_trait(control), start)
                if getattr(control, synced_trait(control)) != start:
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

        Properties: lines `x, y, lw`; text `x, y, text`; arrows `x, y, dx, dy, lw`;
        bars `x, y, width, height`; polygons `x, y, y2`; images `value`.

        Raises `ValueError` or `TypeError` naming the symbol without a slider, the artist of
        another figure, or the unknown property or function.
        """
        self._bindings.append(self._checks.binding(self._own(artist), over, properties))
        self._built = None
        return self

    def readout(self, template: str, *expressions: Any, instead: Any = None) -> Live:
        """Add a sentence with live numbers below the figure: `("L = {:.3f}", loss)`.

        `(expression, artist)` in place of an expression gives the number the bound artist's colour;
        pointing at one of both marks the other; more artists may follow, which are marked too. A
        number that is a slider's can be drawn sideways.
        `instead=(condition, template, *expressions)` is said in its place when that holds.
        """
        return self._say(self._checks.readout("readout", template, expressions, instead))

    def formula(self, tex: str, *expressions: Any, instead: Any = None) -> Live:
        r"""Add a typeset formula with live numbers: `(r"w - \eta L'(w) = \num{.2f}", after)`.

        It is TeX, in which `\num{…}` is a number and its format. The rest is as in `readout`.
        """
        return self._say(self._checks.readout("formula", tex, expressions, instead))

    def stages(self, stage: sp.Symbol, formulas: Sequence[tuple[Any, ...]]) -> Live:
        """Add a line that is another formula at each value of a slider, from 0.

        Each is a tuple of what `formula` takes.
        """
        return self._say(self._checks.stages(self._symbol(stage, "stages"), formulas))

    def _say(self, line: Readout) -> Live:
        self._readouts.append(line)
        self._built = None
        return self

    def shade(self, symbol: sp.Symbol, *, above: Any, label: str) -> Live:
        """Shade a slider's track above a value, which may depend on the other sliders.

        `label` says what is shaded. Only the page's own sliders are, not a notebook's.
        """
        control = self.symbols.index(self._symbol(symbol, "shade"))
        self._shades.append(Shade(control, self._checks.single("shade", above), label))
        self._built = None
        return self

    def drag(
        self, artist: Any, *, x: Any = None, y: Any = None, to: Mapping[Any, Any] | None = None
    ) -> Live:
        """Let the reader take hold of a bound point, upright or level line, or arrow's head.

        `x=w` sets the slider of w to where the finger is, across; `y=b` up. `to={symbol:
        expression}` sets others: the expression is of `gdlib.live.pointer` and of all sliders.
        Values snap and are clamped as the slider's own. The sliders stay the accessible way.
        """
        own = next((b for b in self._bindings if b.artist.artist is artist), None)
        binding = check_handle(own, type(artist).__name__)
        wanted = {s: at for s, at in zip((x, y), pointer, strict=True) if s is not None}
        set_by = {self._symbol(s, "drag"): e for s, e in (wanted | dict(to or {})).items()}
        self._handles.append(handle_of(binding, set_by, self._checks, self._leaders))
        self._built = None
        return self

    def predict(self, question: str, phase: sp.Symbol, guess: Sequence[sp.Symbol]) -> Live:
        """Ask before answering: what is bound and said from here on is the answer.

        In a page, it and the other controls are there once the reader has marked the guess, with
        the controls of these symbols, or has skipped it. The control of `phase` is a choice of
        three: 0 while the guess is marked, 1 when all is shown, 2 without a guess; it starts at 2.
        """
        control = self._symbol(phase, "predict")
        if self._choices[self.symbols.index(control)] != [0.0, 1.0, 2.0] or self._state[phase] != 2:
            raise LiveError(f"predict: {phase} must be a choice of 0, 1 and 2 that starts at 2")
        own = [self.symbols.index(self._symbol(s, "predict")) for s in guess]
        self._guess = {"control": self.symbols.index(control), "guess": own}
        self._guess |= {"question": question, "from": len(self._bindings)}
        self._built = None
        return self

    def typed(self, redrawn: Redrawn) -> Live:
        """Let a reader of the page type another loss in the place of the author's.

        What is bound and said follows by itself, where the loss is an `opaque` function; `redrawn`
        says which losses, and what else they change.
        """
        for drawn in redrawn.drawn:
            if drawn.artist.get_figure() is not self.fig:
                raise LiveError("typed: what is redrawn belongs to another figure")
        self._redrawn = redrawn
        self._built = None
        return self

    def dragged(self, artist: Any, x: float, y: float) -> dict[sp.Symbol, float]:
        """Compute, in Python, what dragging an artist to a place sets the sliders to."""
        handle = next((h for h in self._handles if h.binding.artist.artist is artist), None)
        if handle is None:
            raise LiveError(f"dragged: this {type(artist).__name__} cannot be dragged")
        return handle.dragged(self._state, self._leaders, (x, y))

    def evaluate(self, values: Mapping[sp.Symbol, float] | None = None) -> list[dict[str, Any]]:
        """Compute, in Python, what every binding, then every readout, then every shade would be.

        `values` overrides the controls' present values, by symbol, or by a name that only one of
        them has. One dict per binding, in order: its properties as arrays, `visible`, and for text
        and readouts `values` and `text`.
        """
        state = self._state
        if not isinstance(values or {}, Mapping):
            raise LiveTypeError(f"evaluate: expected a dict of numbers by symbol, got {values!r}")
        for given, value in (values or {}).items():
            if not isinstance(value, Real) and not getattr(value, "is_real", False):
                raise LiveTypeError(f"evaluate: {given} = {value!r} is not a number")
            state[self._symbol(given)] = float(value)
        memo: Memo = {}
        parts: list[Binding | Readout | Shade]
        parts = [*self._bindings, *self._readouts, *self._shades]
        return [part.evaluate(state, memo) for part in parts]

    def _symbol(self, given: Any, caller: str = "evaluate") -> sp.Symbol:
        """The symbol of a control: this one, or the only one with its name."""
        if given in self.symbols:
            return given
        name = getattr(given, "name", given)
        named = [s for s in self.symbols if s.name == name]
        if len(named) != 1:
            problem = "has no slider" if not named else "is the name of several sliders"
            raise LiveError(f"{caller}: {name} {problem}")
        return named[0]

    def _own(self, artist: Any) -> BoundArtist:
        """The artist, if it can be bound: of this figure, visible, and not bound already."""
        # A BarContainer is a tuple too, the only one that can be bound.
        if isinstance(artist, (tuple, list)) and not isinstance(artist, BarContainer):
            raise LiveTypeError(
                "bind: got a list of artists; ax.plot returns one: `line, = ax.plot(…)`"
            )
        own, name = bound_artist(artist), type(artist).__name__
        if any(m.get_figure() is not self.fig for m in own.members):
            raise LiveError(f"bind: this {name} belongs to another figure")
        if own.axes is None:
            raise LiveError(f"bind: this {name} stands in no axes")
        if not all(m.get_visible() for m in own.members):
            raise LiveError(f"bind: this {name} is invisible, use visible=")
        bound = [a for b in self._bindings for a in (b.artist.artist, *b.artist.members)]
        if any(a is m for a in bound for m in (artist, *own.members)):
            raise LiveError(f"bind: this {name} is bound already")
        return own

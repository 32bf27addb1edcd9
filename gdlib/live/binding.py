"""What is bound to a figure: checked when it comes, evaluated as often as a slider moves."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from gdlib.live.artists import BoundArtist
from gdlib.live.errors import LiveError
from gdlib.live.expressions import Along, Iterated, StateAt, outermost, symbols_in
from gdlib.live.formula import typeset
from gdlib.live.javascript import Loop
from gdlib.live.numeric import evaluate
from gdlib.live.printing import supported
from gdlib.live.readout import Template, fill, parse

State = Mapping[Any, Any]
Memo = dict[Iterated, Any]


@dataclass
class Sentence:
    """A text with live numbers in it."""

    template: Template
    expressions: tuple[sp.Expr, ...]
    of: tuple[Any, ...] = ()
    """The drawn artists that its numbers measure, a tuple for each number."""
    markup: Template = ()
    """A formula as HTML, to be filled like the template; nothing for plain words."""

    def evaluate(self, state: State, memo: Memo) -> dict[str, Any]:
        """Return its numbers, and what it says, as text and as HTML."""
        found = evaluate(self.expressions, state, memo) if self.expressions else []
        values = [v.item() for v in found]
        text = fill(self.template, values)
        markup = fill(self.markup, values) if self.markup else html.escape(text, quote=False)
        return {"values": np.array(values), "text": text, "html": markup}


@dataclass
class Readout:
    """A line below the figure: one sentence, or one of several."""

    sentences: tuple[Sentence, ...]
    which: sp.Expr = sp.S.Zero
    """The number of the sentence that is said."""

    def evaluate(self, state: State, memo: Memo) -> dict[str, Any]:
        """Return the sentence that is said, its numbers, and which of several it is."""
        if len(self.sentences) == 1:
            return self.sentences[0].evaluate(state, memo)
        (which,) = evaluate([self.which], state, memo)
        return self.sentences[int(which.item())].evaluate(state, memo) | {"which": np.ravel(which)}


@dataclass
class Shade:
    """A part of a slider's track that is shaded: all above a value."""

    control: int
    above: sp.Expr
    label: str

    def evaluate(self, state: State, memo: Memo) -> dict[str, Any]:
        """Return the value that it begins at."""
        return {"above": np.ravel(evaluate([self.above], state, memo)[0])}


@dataclass
class Binding:
    """An artist, the expressions of its properties, and what they run over."""

    artist: BoundArtist
    properties: dict[str, tuple[sp.Expr, ...]]
    loops: tuple[Loop, ...] = ()
    iterated: Iterated | None = None
    text: Sentence | None = None
    visible: sp.Expr | None = None
    gids: list[str] = field(default_factory=list)

    def evaluate(self, state: State, memo: Memo) -> dict[str, Any]:
        """Return its properties as arrays, whether it is visible, and its text."""
        local, shape = self._places()
        flat = [e for expressions in self.properties.values() for e in expressions]
        computed = iter(evaluate(flat, {**state, **local}, memo))
        result: dict[str, Any] = {}
        for name, expressions in self.properties.items():
            parts = [np.broadcast_to(next(computed), shape) for _ in expressions]
            array = np.stack(parts, axis=-1)
            result[name] = array[..., 0] if len(shape) == 2 else array.reshape(-1)
        if self.text:
            said = self.text.evaluate(state, memo)
            result |= {name: said[name] for name in ("values", "text")}
        if self.visible is not None:
            result["visible"] = _holds(evaluate([self.visible], state, memo)[0])
        return result

    def _places(self) -> tuple[dict[Any, np.ndarray], tuple[int, ...]]:
        """What the loops' symbols and the step run over, and the shape that comes of it."""
        if self.iterated:
            steps = self.iterated.steps + 1
            return {self.iterated.step: np.arange(steps)}, (steps,)
        local: dict[Any, np.ndarray] = {}
        for position, loop in enumerate(self.loops):
            # The first of two loops is the image's horizontal axis, its last index.
            for symbol, values in zip(loop.symbols, loop.values, strict=True):
                both = len(self.loops) == 2
                local[symbol] = np.expand_dims(values, position) if both else values
        return local, tuple(loop.size for loop in reversed(self.loops))


class Checks:
    """What the expressions of one figure may contain: the symbols of its controls."""

    def __init__(self, symbols: Sequence[sp.Symbol]) -> None:
        self.symbols = symbols

    def binding(self, artist: BoundArtist, over: Any, given: Mapping[str, Any]) -> Binding:
        """Return the binding of an artist's properties. `LiveError` says what is wrong."""
        properties = dict(given)
        visible = properties.pop("visible", None)
        artist.check(properties)
        text = None
        if "text" in properties:
            template, *expressions = as_tuple(properties.pop("text"))
            text = self.sentence("text", template, expressions)
        loops = self._loops(over)
        artist.check_loops(len(loops))
        exact, iterated = self._along(properties, loops)
        _count(artist, exact, loops, iterated)
        local = {s for loop in loops for s in loop.symbols} | (
            {iterated.step} if iterated else set()
        )
        for expression in itertools.chain(*exact.values()):
            self._check(expression, local)
        if visible is not None:
            visible = self._condition("visible", visible)
        return Binding(artist, exact, loops, iterated, text, visible)

    def sentence(self, name: str, template: Any, expressions: Sequence[Any]) -> Sentence:
        """Return a text, or a formula, with numbers of the sliders only."""
        pairs = [e if isinstance(e, tuple) else (e,) for e in expressions]
        exact, of = tuple(self.single(name, e) for e, *_ in pairs), tuple(a for _, *a in pairs)
        if name == "formula":
            text, markup = typeset(template, exact)
            return Sentence(text, exact, of, markup)
        return Sentence(parse(template, exact), exact, of)

    def readout(
        self, name: str, template: Any, expressions: Sequence[Any], instead: Any = None
    ) -> Readout:
        """Return a sentence, or another when that one holds."""
        usual = self.sentence(name, template, expressions)
        if instead is None:
            return Readout((usual,))
        if not isinstance(instead, tuple) or len(instead) < 2:
            raise LiveError(
                f"{name}: instead is a condition, a template and its expressions, got {instead!r}"
            )
        when, other, *others = instead
        return Readout(
            (usual, self.sentence("instead", other, others)), self._condition("instead", when)
        )

    def stages(self, stage: sp.Symbol, formulas: Sequence[Any]) -> Readout:
        """Return one formula for each value of a slider, from 0."""
        said = tuple(self.sentence("formula", tex, exact) for tex, *exact in formulas)
        numbered = ((number, sp.Eq(stage, number)) for number in range(1, len(said)))
        return Readout(said, self.single("stages", sp.Piecewise(*numbered, (0, True))))

    def single(self, name: str, value: Any, more: Iterable[sp.Symbol] = ()) -> sp.Expr:
        """The expression, if it is one value of the sliders, and of more symbols."""
        expression = _expression(name, value)
        self._check(expression, set(more))
        return expression

    def _condition(self, name: str, value: Any) -> sp.Expr:
        """A condition as an expression that is 1 where it holds."""
        value = sp.sympify(value)
        if not isinstance(value, sp.Expr):  # a Symbol is both Boolean and Expr
            value = sp.Piecewise((1, value), (0, True))
        return self.single(name, value)

    def _along(
        self, properties: Mapping[str, Any], loops: Sequence[Loop]
    ) -> tuple[dict[str, tuple[sp.Expr, ...]], Iterated | None]:
        """The properties as expressions, and the iteration that they follow, if any."""
        iterated = None
        exact: dict[str, tuple[sp.Expr, ...]] = {}
        for name, value in properties.items():
            values = []
            for item in as_tuple(value):
                if isinstance(item, Along):
                    if iterated not in (None, item.iterated) or loops:
                        raise LiveError(f"bind: {name} follows a second loop or iteration")
                    iterated, item = item.iterated, item.expression
                values.append(_expression(name, item))
            exact[name] = tuple(values)
        return exact, iterated

    def _check(self, expression: sp.Expr, local: set[Any]) -> None:
        strangers = symbols_in(expression) - set(self.symbols) - local
        if strangers:
            names = ", ".join(sorted(s.name for s in strangers))
            known = {s.name for s in self.symbols}
            sliders = ", ".join(s.name for s in self.symbols) or "none"
            if known & {s.name for s in strangers}:
                sliders += "; a symbol declared with other assumptions is another one"
            raise LiveError(
                f"bind: no slider for {names} in the expression {expression} (sliders: {sliders})"
            )
        for state in outermost([expression], StateAt):
            if names := ", ".join(str(s) for s in local & state.component.iterated.free_symbols):
                raise LiveError(f"bind: an iteration cannot depend on {names}, which it runs over")
        supported(expression)

    def _loops(self, over: Mapping[Any, Any] | None) -> tuple[Loop, ...]:
        loops = []
        for key, given in (over or {}).items():
            symbols = as_tuple(key)
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
        return tuple(loops)


def _holds(value: Any) -> bool:
    return bool(value != 0 and not np.isnan(value))


def as_tuple(value: Any) -> tuple[Any, ...]:
    """One value or several, as a tuple."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _expression(name: str, value: Any) -> sp.Expr:
    if isinstance(value, Along):
        raise LiveError(f"bind: {name} is one value, not a path: take .last(…) or .at(…)")
    try:
        expression = sp.sympify(value, strict=True)
    except (sp.SympifyError, TypeError) as error:
        raise LiveError(f"bind: {name} is not an expression: {value!r}") from error
    if not isinstance(expression, sp.Expr) or expression.is_Matrix:
        raise LiveError(f"bind: {name} is not a scalar expression: {value!r}")
    return expression


def _count(
    artist: BoundArtist,
    exact: Mapping[str, tuple[sp.Expr, ...]],
    loops: Sequence[Loop],
    iterated: Iterated | None,
) -> None:
    """Check that the properties have as many values as the artist, and as each other."""
    size = iterated.steps + 1 if iterated else 1
    if artist.loops == 1:  # what fills a plane has one value for each of its points
        size *= math.prod(loop.size for loop in loops)
    counts = {name: size * len(values) for name, values in exact.items()}
    most = artist.count or max(counts.values(), default=1)
    if not set(counts.values()) <= ({most} if iterated or loops else {1, most}):
        found = ", ".join(f"{n} for {name}" for name, n in counts.items())
        wanted = most if artist.count else "as many for each"
        raise LiveError(f"bind: {artist.name} got values: {found}; expected {wanted}")

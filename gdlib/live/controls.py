"""The ipywidgets controls of a live figure, strict about their start value.

ipywidgets silently moves a start value outside the range to the nearest end.
These raise an error instead. Everything else is as in ipywidgets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor, inf, isfinite, log, log10
from numbers import Real
from typing import Any

import ipywidgets as widgets
import sympy as sp
from ipywidgets import Button, Checkbox, Dropdown, HBox, IntProgress, Play, VBox

from gdlib.live.errors import LiveError, LiveTypeError

__all__ = [
    "Button",
    "Checkbox",
    "Dropdown",
    "FloatLogSlider",
    "FloatSlider",
    "HBox",
    "IntProgress",
    "IntSlider",
    "Play",
    "VBox",
]


def _check_start(kind: str, value: float, low: float, high: float, description: str) -> None:
    if low >= high:
        raise LiveError(f"{kind} {description!r}: min {low:g} is not below max {high:g}")
    if not low <= value <= high:
        raise LiveError(
            f"{kind} {description!r}: the start value {value:g} lies outside {low:g} … {high:g}"
        )


def _decimals(low: float, step: float) -> int:
    """Return the decimals low, low + step, … need; at most two after the step's first digit."""
    begins = max(0, -floor(log10(step)))
    exact = (d for d in range(begins, begins + 2) if all(round(v, d) == v for v in (low, step)))
    return next(exact, begins + 2)


class FloatSlider(widgets.FloatSlider):
    """A slider over min … max, by default in 200 steps.

    By default it shows enough decimals to tell its positions apart.
    """

    def __init__(
        self, *, min: float, max: float, value: float, step: float | None = None, **rest: Any
    ) -> None:
        _check_start("FloatSlider", value, min, max, rest.get("description", ""))
        step = (max - min) / 200 if step is None else step
        if step <= 0:
            raise LiveError(f"FloatSlider: step must be above 0, got {step:g}")
        rest.setdefault("readout_format", f".{_decimals(min, step)}f")
        super().__init__(min=min, max=max, value=value, step=step, **rest)


class IntSlider(widgets.IntSlider):
    """A slider over the integers min … max."""

    def __init__(self, *, min: int, max: int, value: int, **rest: Any) -> None:
        _check_start("IntSlider", value, min, max, rest.get("description", ""))
        super().__init__(min=min, max=max, value=value, **rest)


class FloatLogSlider(widgets.FloatLogSlider):
    """A slider over base^min … base^max, evenly spaced in the exponent."""

    def __init__(
        self, *, min: float, max: float, value: float, base: float = 10.0, **rest: Any
    ) -> None:
        low, high = base**min, base**max
        # A bound written as a power may differ from the value in its last digit.
        if not low * (1 - 1e-12) <= value <= high * (1 + 1e-12):
            _check_start("FloatLogSlider", value, low, high, rest.get("description", ""))
        super().__init__(min=min, max=max, value=value, base=base, **rest)


VALUE_CONTROLS = (
    widgets.FloatSlider,
    widgets.FloatLogSlider,
    widgets.IntSlider,
    widgets.Checkbox,
    widgets.Play,
)
CHOICES = (widgets.Dropdown,)


def leaves(control: widgets.Widget) -> Iterator[widgets.Widget]:
    """Walk through the controls in a box."""
    if isinstance(control, widgets.Box):
        for child in control.children:
            yield from leaves(child)
    else:
        yield control


def readers(symbol: sp.Symbol, control: widgets.Widget) -> list[widgets.Widget]:
    """Return the controls in `control` that carry the symbol's value; the last is the leader."""
    found = [c for c in leaves(control) if isinstance(c, VALUE_CONTROLS + CHOICES)]
    if not found:
        names = ", ".join(c.__name__ for c in VALUE_CONTROLS + CHOICES)
        raise LiveTypeError(
            f"Live: the control of {symbol} is a {type(control).__name__}; "
            f"what has a value: {names}, or an HBox or VBox with one of them"
        )
    return found


def synced_trait(control: widgets.Widget) -> str:
    """Name the trait that reaches the browser: a choice sends its position, not its value."""
    return "index" if isinstance(control, CHOICES) else "value"


def choices(symbol: sp.Symbol, control: widgets.Widget) -> list[float] | None:
    """Return the numbers that the entries of a Dropdown stand for, None for other controls."""
    if not isinstance(control, CHOICES):
        return None
    if control.index is None:
        raise LiveError(f"Live: the Dropdown of {symbol} starts with no choice")
    options = control.options.values() if isinstance(control.options, dict) else control.options
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    for value in values:
        if not isinstance(value, Real) or not isfinite(value):
            raise LiveError(f"Live: an option of {symbol} is {value!r}; options must be numbers")
    return [float(v) for v in values]


def range_of(control: widgets.Widget) -> list[float] | None:
    """Return a slider's ends, its step, and the base of a logarithmic one; None for no slider."""
    if isinstance(control, CHOICES) or not hasattr(control, "min"):
        return None
    step = getattr(control, "step", None) or 1
    return [control.min, control.max, step, getattr(control, "base", 0)]


def snapped(limits: Sequence[float], value: float) -> float:
    """Return the value of the slider's position that is closest, as `js/range.js` does."""
    low, high, step, base = limits
    place = value if not base else log(value, base) if value > 0 else -inf
    steps = max(1, round((high - low) / step))
    count = floor(min(steps, max(0, (place - low) / step)) + 0.5)
    raw = high if count == steps else low + count * step
    return float(base**raw if base else float(f"{raw:.12g}"))


def samples_of(control: widgets.Widget, values: Sequence[float] | None) -> list[float]:
    """Return values that a control can take: all of a list, seven from end to end of a slider."""
    if values or (limits := range_of(control)) is None:
        return list(values or ())
    low, high, _, base = limits
    places = [low + (high - low) * share / 6 for share in range(7)]
    return [snapped(limits, base**place if base else place) for place in places]


def controls_of(leaders: Mapping[sp.Symbol, widgets.Widget]) -> dict[str, Any]:
    """Return, as JSON, what a link calls the controls, and where those go that are sliders."""
    return {
        "names": [symbol.name for symbol in leaders],
        "ranges": [range_of(control) for control in leaders.values()],
    }

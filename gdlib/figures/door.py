"""The door of the figures: every argument is read here, by the kind that the signature names.

A figure sees floats, whole numbers, arrays and expressions of symbols of its own. What it cannot
take is refused in one sentence, with the figure's name and the argument's.
"""

import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import matplotlib as mpl
import matplotlib.pyplot as plt
import sympy as sp

from gdlib._argument_checks import bad
from gdlib.live import STYLE, LiveError, LiveTypeError
from gdlib.spelling import canonical, spelled_out

Function = TypeVar("Function", bound=Callable[..., Any])


NAME = re.compile(r"[^{}$\\\x00-\x1f]{1,40}")
"""A text that readouts and Matplotlib write as it is, and that has room in a figure."""


class Weight(sp.Dummy):
    """A symbol of one figure. It has the name of the reader's, and is equal to no other symbol."""

    def _sympystr(self, printer: Any) -> str:
        return self.name


class Door:
    """Reads the arguments of one call: the same name is the same symbol in all of them."""

    def __init__(self) -> None:
        self.weights: dict[str, Weight] = {}

    def symbol(self, given: Any) -> Weight | None:
        """The figure's own symbol for one of the reader's, or for its name; None for anything else.

        It is real, whatever the reader's is.
        """
        if not isinstance(given, (str, sp.Symbol)):
            return None
        name = given if isinstance(given, str) else given.name
        if not NAME.fullmatch(name):
            said = f"{name[:20]!r}{'…' * (len(name) > 20)}"
            raise LiveError(f"{said} is no name for a weight: take a short one, without markup")
        key = canonical(name)
        return self.weights.setdefault(key, Weight(spelled_out(name), real=True))

    def own(self, expression: sp.Expr) -> sp.Expr:
        """The expression with the figure's own symbols."""
        return expression.xreplace({s: self.symbol(s) for s in expression.free_symbols})


@dataclass(frozen=True)
class Kind:
    """What an argument is: how it is read, and what the documentation says of it."""

    read: Callable[[Door, str, Any], Any]
    means: str
    early: bool = False
    """Whether it is read before formulas, as it says which names they may contain."""


def refused(name: str, value: Any, expected: str) -> LiveError:
    """The error of all figures: which argument, what came, what was expected."""
    return LiveError(str(bad(name, value, expected)))


def figure(function: Function) -> Function:
    """A figure: its arguments are read, and it is drawn in the house style.

    If it is refused, nothing half drawn remains, and the sentence begins with its name.
    """
    signature, kinds = inspect.signature(function), _kinds(function)
    name = function.__name__
    in_order = sorted(kinds, key=lambda argument: not kinds[argument].early)
    optional = {name for name, p in signature.parameters.items() if p.default is None}

    @functools.wraps(function)
    def drawn(*args: Any, **options: Any) -> Any:
        open_before = plt.get_fignums()
        try:
            given = signature.bind(*args, **options)
        except TypeError as error:
            raise LiveTypeError(f"{name}: {error}") from None
        door = Door()
        try:
            for argument in in_order:
                value = given.arguments.get(argument)
                if argument in given.arguments and not (value is None and argument in optional):
                    given.arguments[argument] = kinds[argument].read(door, argument, value)
            with mpl.rc_context(STYLE):
                return function(*given.args, **given.kwargs)
        except LiveError as error:
            raise type(error)(f"{name}: {error}") from None
        finally:
            for number in set(plt.get_fignums()) - set(open_before):
                plt.close(number)

    _describe(drawn, function, kinds)
    return typing.cast(Function, drawn)


def _kinds(function: Callable[..., Any]) -> dict[str, Kind]:
    """The kind of every argument: what its annotation carries, with its own words if it has any."""
    kinds = {}
    for name, hint in typing.get_type_hints(function, include_extras=True).items():
        carried = list(_carried(hint))
        if found := [kind for kind in carried if isinstance(kind, Kind)]:
            words = [text for text in carried if isinstance(text, str)]
            kinds[name] = replace(found[-1], means=words[-1]) if words else found[-1]
    return kinds


def _carried(hint: Any) -> Iterator[Any]:
    """What an annotation carries, that of its parts first."""
    for part in typing.get_args(hint) if typing.get_origin(hint) is not None else ():
        yield from _carried(part)
    yield from getattr(hint, "__metadata__", ())


def _describe(drawn: Any, function: Callable[..., Any], kinds: dict[str, Kind]) -> None:
    """Give it plain types, and a docstring with a line for every argument and its default."""
    signature, plain = inspect.signature(function), typing.get_type_hints(function)
    lines = [inspect.getdoc(function) or "", ""]
    for name, parameter in signature.parameters.items():
        default = parameter.default
        told = "" if default in (parameter.empty, None) else f" (default {default!r})"
        lines.append(f":param {name}: {kinds[name].means}{told}")
    drawn.__doc__ = "\n".join(lines)
    drawn.__annotations__ = plain
    parameters = [p.replace(annotation=plain[p.name]) for p in signature.parameters.values()]
    drawn.__signature__ = signature.replace(
        parameters=parameters, return_annotation=plain["return"]
    )

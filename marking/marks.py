"""Turns what a notebook's code gave into points: every comparison with the key happens here."""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np
import sympy

from gdlib.spelling import SPELLINGS
from marking.exercise import Answer, Function
from marking.formula import evaluate
from marking.in_sandbox import TimeUp, decode, encode
from marking.notebook import Task, plain, shown
from marking.sandbox import Limits, run
from marking.submission import Cell
from marking.told import Told, short

POINTS = np.array([0.3, 0.7, 1.1, 1.6, 2.3, 2.9])
# Of a number, three significant digits are enough. The page's answer boxes allow the same.
ROUNDED, EXACT, SMALL = (SPELLINGS["tolerances"][of] for of in ("number", "formula", "small"))
LARGEST = 1e300


class Judged(NamedTuple):
    """How right an answer is, from 0 to 1, and what to tell of it."""

    share: float
    says: str
    unread: bool = False


class Mark(NamedTuple):
    """An exercise's points, so far; those that a person will give; and what to tell the student."""

    points: float
    out_of: int
    by_hand: int
    remarks: list[str]
    unread: bool = False
    """Whether an answer could not be read, so that a person has to."""


def mark(
    cells: list[Cell], tasks: list[Task], limits: Limits, sandboxed: bool = True
) -> list[Mark]:
    """Run a student's cells in the sandbox and mark what they give, right after their own cell."""
    told = Told(cells, tasks)
    told.listen(run(told.task(), limits, sandboxed))
    marks = []
    for task in tasks:
        judged = [
            _answer(a, told.gave.get(a.name), told.why_undefined(a.name))
            for a in task.variant.answers
        ]
        judged += [_function(f, told) for f in task.variant.functions]
        shares, remarks = [j.share for j in judged], [j.says for j in judged]
        automatic = task.text.points - task.by_hand
        points = round(automatic * float(np.mean(shares)), 2) if shares else 0.0
        unread = any(j.unread for j in judged)
        marks.append(Mark(points, task.text.points, task.by_hand, remarks, unread))
    return marks


def values(answer: Answer) -> tuple[dict[str, np.ndarray], Any, float]:
    """The points where a formula is compared, by letter; the key's values there; the tolerance."""
    letters = sorted(map(str, answer.value.free_symbols))
    at = {letter: POINTS + 0.1 * i for i, letter in enumerate(letters)}
    return at, _at(answer.value, at), EXACT if letters else ROUNDED


def _at(value: Any, at: dict[str, np.ndarray]) -> Any:
    """A value where letters are at these points."""
    return sympy.lambdify(list(at), value, "numpy")(*at.values())


def _answer(answer: Answer, line: dict[str, Any] | None, why: str = "not found.") -> Judged:
    """1 or 0 for a number or a formula, compared by value; `why` there is none, if so."""
    given = (line or {}).get("value")
    if given is None:
        return Judged(0.0, f"`{answer.name}`: {why}")
    at, key, room = values(answer)
    try:
        value = evaluate(given, at) if isinstance(given, str) else np.asarray(given, float)
    except (TypeError, ValueError, OverflowError) as error:
        says = f"could not be read, so a person looks at it: {str(error)[:150]}."
        return Judged(0.0, f"`{answer.name}`: {says}", unread=True)
    came = f"`{answer.name}` is {short(given)}"
    if np.shape(value) not in {(), np.shape(key)} or not np.all(np.isfinite(value)):
        return Judged(0.0, f"{came}: not a finite number or formula.")
    if np.allclose(value, key, rtol=room, atol=SMALL):
        return Judged(1.0, f"`{answer.name}`: right.")
    for wrong, says in answer.mistakes:
        if np.allclose(value, _at(wrong, at), rtol=room, atol=SMALL):
            return Judged(0.0, f"{came}: not right. {says}")
    return Judged(0.0, f"{came}: not right.")


def _function(function: Function, told: Told) -> Judged:
    """The share of the hidden calls whose results match the reference's; the first one is shown.

    What is said of a hidden call is no more than its place: an error's own words may hold what it
    was called with.
    """
    right, why = 0, ""
    if told.undefined(function.name):
        why = told.why_undefined(function.name)
    for i, call in enumerate(function.calls):
        line = told.gave.get(str((function.name, i)), {})
        expected = encode(function.reference(*decode(plain(call))))
        fits = "value" in line and _same(line["value"], expected)
        right += fits and i > 0
        if not fits and not why:
            which = (
                f"The call that is shown, {_as_written(function, call)},"
                if i == 0
                else "A hidden call"
            )
            why = f"{which} {_came(line, expected, told, open_to_all=i == 0)}"
    hidden = len(function.calls) - 1
    remark = f"`{function.name}`: {right} of {hidden} calls right."
    if right == hidden:
        return Judged(1.0, remark)
    without = " gdlib is not there when it is called." if function.alone else ""
    return Judged(right / hidden, f"{remark} {why}{without}")


def _as_written(function: Function, call: tuple[Any, ...]) -> str:
    """The call that the notebook shows."""
    return short(f"{function.name}({', '.join(map(shown, call))})", 120)


def _came(line: dict[str, Any], expected: Any, told: Told, open_to_all: bool) -> str:
    """What came out of a call: an error and where, another shape, another number."""
    if "value" not in line:
        error = str(line.get("error", "no result"))
        error = error if open_to_all else _kind(error)
        return f"raised {short(error, 160)} in {told.source(line)}."
    value = line["value"]
    try:
        came, wanted = np.shape(value), np.shape(expected)
    except ValueError:
        return "gave rows of different lengths."
    if not open_to_all:
        return f"gave {'another number' if came == wanted else 'something of another shape'}."
    if came != wanted:
        return f"gave {_shape(came)}; expected {_shape(wanted)}."
    return f"gave {short(value)}; expected {short(expected)}."


def _kind(error: str) -> str:
    """Python's own name of an error: another, too, may hold what a function was called with."""
    name = error.partition(":")[0]
    if name == TimeUp.__name__:
        return f"{name}, as it took too long,"
    known = getattr(builtins, name, None)
    own = isinstance(known, type) and issubclass(known, BaseException)
    return name if own else "an error of its own"


def _shape(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}" if shape else "a single number"


def _same(value: Any, expected: Any) -> bool:
    """Whether two results in lists have the same shape and the same numbers."""
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(map(_same, value, expected))
        )
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        number
        and abs(value) < LARGEST
        and bool(np.isclose(float(value), expected, rtol=EXACT, atol=SMALL))
    )

"""Turns what a notebook's code gave into points: every comparison with the key happens here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import sympy

from gdlib.spelling import SPELLINGS
from marking.exercise import Answer, Function
from marking.formula import evaluate
from marking.in_sandbox import decode, encode
from marking.notebook import Task, plain
from marking.sandbox import Limits, run
from marking.submission import Cell

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
    functions = [f for task in tasks for f in task.variant.functions]
    answers = [a for task in tasks for a in task.variant.answers]
    told = run(
        {
            "cells": list(_plan(cells, tasks)),
            "answers": [a.name for a in answers],
            "calls": {f.name: [plain(call) for call in f.calls] for f in functions},
        },
        limits,
        sandboxed,
    )
    gave = _first_of_each(told)
    ended = _ended_in(told)
    marks = []
    for task in tasks:
        judged = [_answer(a, gave.get(a.name)) for a in task.variant.answers]
        judged += [_function(f, gave, ended) for f in task.variant.functions]
        shares, remarks = [j.share for j in judged], [j.says for j in judged]
        automatic = task.text.points - task.by_hand
        points = round(automatic * float(np.mean(shares)), 2) if shares else 0.0
        unread = any(j.unread for j in judged)
        marks.append(Mark(points, task.text.points, task.by_hand, remarks, unread))
    return marks


def _plan(cells: list[Cell], tasks: list[Task]) -> Iterator[dict[str, Any]]:
    """Each cell with the exercise that it is a part of, and the names that are taken after it.

    A name is taken after the cells of its own exercise that set it, until one gives something; if
    there is none, after the last cell that sets it.
    """
    by_title = {task.text.title: task.label for task in tasks}
    known = {task.label for task in tasks}
    parts = [c.label if c.label in known else by_title.get(c.heading, "") for c in cells]
    sets = [_set_in(cell.code) for cell in cells]
    takes: list[list[str]] = [[] for _ in cells]
    for task in tasks:
        asked = [*(a.name for a in task.variant.answers), *(f.name for f in task.variant.functions)]
        for name in asked:
            where = [i for i, names in enumerate(sets) if name in names]
            own = [i for i in where if parts[i] == task.label]
            for i in own or where[-1:]:
                takes[i].append(name)
    for cell, part, names in zip(cells, parts, takes, strict=True):
        yield {"code": cell.code, "part": part, "takes": names}


def _set_in(code: str) -> set[str]:
    """The names that a cell may set; none for what is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return found | {
        a.asname or a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names
    }


def _first_of_each(told: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The lines of each answer and call that count: of the first place that gave something."""
    places: dict[str, list[Any]] = {}
    for line in told:
        if (name := line.get("answer", line.get("call"))) is not None:
            gives = line.get("value") is not None or (line.get("call") and "value" in line)
            if gives and not line.get("i"):
                places.setdefault(str(name), []).append(line.get("at"))
    found = {}
    for line in told:
        if (name := line.get("answer", line.get("call"))) is not None:
            key = str(line.get("answer", (line.get("call"), line.get("i"))))
            if places.get(str(name), [line.get("at")])[0] == line.get("at"):
                found[key] = line
    return found


def values(answer: Answer) -> tuple[dict[str, np.ndarray], Any, float]:
    """The points where a formula is compared, by letter; the key's values there; the tolerance."""
    letters = sorted(map(str, answer.value.free_symbols))
    at = {letter: POINTS + 0.1 * i for i, letter in enumerate(letters)}
    return at, _at(answer.value, at), EXACT if letters else ROUNDED


def _at(value: Any, at: dict[str, np.ndarray]) -> Any:
    """A value where letters are at these points."""
    return sympy.lambdify(list(at), value, "numpy")(*at.values())


def _ended_in(told: list[dict[str, Any]]) -> str:
    """Where the code stopped, if it did not finish."""
    begun = [line["begins"] for line in told if "begins" in line]
    done = [line["cell"] for line in told if "cell" in line]
    if stopped := [i for i in begun if i not in done]:
        return f"code cell {stopped[0]} ended Python, or was stopped"
    return ""


def _answer(answer: Answer, line: dict[str, Any] | None) -> Judged:
    """1 or 0 for a number or a formula, compared by value."""
    if line is None or "error" in line or line.get("value") is None:
        return Judged(0.0, f"`{answer.name}`: not found.")
    given = line["value"]
    at, key, room = values(answer)
    try:
        value = evaluate(given, at) if isinstance(given, str) else np.asarray(given, float)
    except (TypeError, ValueError, OverflowError) as error:
        says = f"could not be read, so a person looks at it: {str(error)[:150]}."
        return Judged(0.0, f"`{answer.name}`: {says}", unread=True)
    if np.shape(value) not in {(), np.shape(key)} or not np.all(np.isfinite(value)):
        return Judged(0.0, f"`{answer.name}`: not a finite number or formula.")
    if np.allclose(value, key, rtol=room, atol=SMALL):
        return Judged(1.0, f"`{answer.name}`: right.")
    for wrong, says in answer.mistakes:
        if np.allclose(value, _at(wrong, at), rtol=room, atol=SMALL):
            return Judged(0.0, f"`{answer.name}`: not right. {says}")
    return Judged(0.0, f"`{answer.name}`: not right.")


def _function(function: Function, gave: dict[str, dict[str, Any]], ended: str) -> Judged:
    """The share of the hidden calls whose results match the reference's; the first one is shown."""
    right, problem = 0, ended
    for i, call in list(enumerate(function.calls))[1:]:
        line = gave.get(str((function.name, i)), {})
        problem = str(line.get("error", problem))
        expected = encode(function.reference(*decode(plain(call))))
        right += "value" in line and _same(line["value"], expected)
    hidden = len(function.calls) - 1
    remark = f"`{function.name}`: {right} of {hidden} calls right."
    return Judged(right / hidden, f"{remark} {problem[:200]}".rstrip())


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

"""What is asked of the sandbox about a notebook, and what it told: nothing of it is trusted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from marking.notebook import Task, plain
from marking.submission import LONGEST_CELL, Cell

PRELUDE = """
class get_ipython:
    def __getattr__(self, name):
        return lambda *_, **__: []
def display(*_, **__):
    pass
"""
"""What is left of IPython where students' code runs: everything is passed over."""


class Told:
    """A student's cells, what is taken after each, and what came of it.

    `gave` has the line of each answer, by its name, and of each call, by name and number.
    """

    def __init__(self, cells: list[Cell], tasks: list[Task]) -> None:
        self.cells, self.plan = cells, list(_plan(cells, tasks))
        self.answers = [a.name for task in tasks for a in task.variant.answers]
        functions = [f for task in tasks for f in task.variant.functions]
        self.calls = {f.name: [plain(call) for call in f.calls] for f in functions}
        self.alone = [f.name for f in functions if f.alone]
        self.part: dict[str, str] = {}
        for task in tasks:
            self.part |= {a.name: task.label for a in task.variant.answers}
            self.part |= {f.name: task.label for f in task.variant.functions}
        self.gave: dict[str, dict[str, Any]] = {}
        self.errors: dict[int, dict[str, Any]] = {}
        self.stopped: list[int] = []

    def task(self) -> dict[str, Any]:
        """What the sandbox is asked."""
        return {
            "prelude": PRELUDE,
            "cells": self.plan,
            "answers": self.answers,
            "calls": self.calls,
            "alone": self.alone,
        }

    def listen(self, lines: list[dict[str, Any]]) -> None:
        """Take what it told."""
        self.gave = _first_of_each(lines)
        whole = [line for line in lines if isinstance(line.get("cell"), int)]
        self.errors = {line["cell"]: line for line in whole if "error" in line}
        begun = {line["begins"] for line in lines if isinstance(line.get("begins"), int)}
        self.stopped = sorted(begun - {line["cell"] for line in whole})

    def undefined(self, name: str) -> bool:
        """Whether there was nothing to call."""
        line = self.gave.get(str((name, 0)), {})
        return not line or str(line.get("error", "")).startswith(f"KeyError: {name!r}")

    def why_undefined(self, name: str) -> str:
        """Why there is nothing of this name: the first error in the cells that should set it."""
        sets = [i for i, cell in enumerate(self.plan, start=1) if name in cell["takes"]]
        # What is no Python may have been meant to set it.
        unread = [
            i
            for i, cell in enumerate(self.plan, start=1)
            if cell["part"] == self.part[name] and (i in self.stopped or self._no_python(i))
        ]
        for i in [*sets, *unread]:
            if i in self.stopped:
                return "not defined: a cell of this exercise ended Python, or was stopped."
            if i in self.errors:
                line = self.errors[i]
                return f"not defined: {self.source(line)} raised {short(line['error'], 160)}."
        return "not found: it is None." if sets else "not found: no cell sets it."

    def _no_python(self, cell: int) -> bool:
        error = str(self.errors.get(cell, {}).get("error", ""))
        return error.startswith(("SyntaxError", "IndentationError", "TabError"))

    def source(self, line: dict[str, Any]) -> str:
        """The student's own line in which an error was raised."""
        with suppress(ValueError, IndexError, KeyError, TypeError, AttributeError):
            name, number = line["place"]
            cell = self.cells[int(name.removeprefix("cell ")) - 1]
            if own := cell.code.split("\n")[number - 1].strip():
                return f"`{short(own, 120)}`"
        return "a cell of this exercise"


def short(value: Any, most: int = 80) -> str:
    """A value, or a text, as it fits into a sentence."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _plan(cells: list[Cell], tasks: list[Task]) -> Iterator[dict[str, Any]]:
    """Each cell with the exercise that it is a part of, and the names that are taken after it.

    A name is taken after the cells of its own exercise that set it, until one gives something; if
    there is none, after the last cell that sets it.
    """
    by_title = {task.text.title: task.label for task in tasks}
    known = {task.label for task in tasks}
    parts = [c.label if c.label in known else by_title.get(c.heading, "") for c in cells]
    sets = [set_in(cell.code) for cell in cells]
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


def parsed(code: str) -> ast.Module | None:
    """A cell as Python reads it; None for what is no Python, or far longer than anybody writes.

    That would take much memory here, outside the sandbox.
    """
    if len(code) > LONGEST_CELL:
        return None
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def set_in(code: str) -> set[str]:
    """The names that a cell may set; none for what is no Python."""
    tree = parsed(code)
    nodes = list(ast.walk(tree)) if tree else []
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

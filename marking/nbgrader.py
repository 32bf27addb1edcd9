"""The same exercises as nbgrader's source notebooks, for a course that has nbgrader already.

nbgrader hands out one notebook for all, so the numbers are those of the book, or with a salt those
of one class. It runs the students' code beside the hidden tests, without a sandbox.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell

from marking import marks
from marking.exercise import Answer, Function
from marking.in_sandbox import decode, encode
from marking.notebook import SETUP, Task, needs, numbered, plain, shown, tasks, title

SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"

FORMULA = """\
import sympy
given = sympy.sympify(str({name}).replace("^", "**"), {{s: sympy.Symbol(s) for s in {letters}}})
for at, expected in {expected}:
    off = abs(float(given.subs(at)) - expected)
    assert off <= {room} * abs(expected) + {small}, "{name} is not right"
"""
SAME = """\
def same(value, expected):
    if isinstance(expected, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    return abs(float(value) - expected) <= {room} * abs(expected) + {small}

assert same({call}, {expected})
"""


def write(chapter: str, out: Path, salt: bytes | None = None) -> Path:
    """Write `<out>/<chapter>/<chapter>.ipynb`, which nbgrader's `generate_assignment` takes."""
    path = out / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    asked = tasks(chapter, "the whole class", salt) if salt else tasks(chapter)
    nbformat.write(source(chapter, asked), path)
    return path


def source(chapter: str, asked: list[Task]) -> nbformat.NotebookNode:
    """The notebook with solutions and hidden tests between nbgrader's marks."""
    cells = [new_markdown_cell(title(chapter)), new_code_cell(SETUP)]
    for task in asked:
        cells += [_cell(new_markdown_cell(words), locked=True) for words in task.statement()]
        answers, functions = task.variant.answers, task.variant.functions
        if answers:
            cells.append(_cell(new_code_cell(_answers(answers)), solution=True))
        cells += [_cell(new_code_cell(_body(f)), solution=True) for f in functions]
        tests = [_formula(a) for a in answers] + [_calls(f) for f in functions]
        worth = (task.text.points - task.by_hand) / max(len(tests), 1)
        cells += [_cell(new_code_cell(test), points=worth, locked=True) for test in tests]
        if task.by_hand:
            words = new_markdown_cell(f"The worked solution stands in the chapter, {task.label}.")
            cells.append(_cell(words, points=task.by_hand, solution=True))
    for i, cell in enumerate(cells):
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = f"cell-{i}"
    return numbered(cells)


def _cell(
    cell: nbformat.NotebookNode,
    points: float | None = None,
    solution: bool = False,
    locked: bool = False,
) -> nbformat.NotebookNode:
    """A cell with nbgrader's metadata."""
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "cell_type": cell.cell_type,
        "grade": points is not None,
        "solution": solution,
        "locked": locked,
        "task": False,
    } | ({} if points is None else {"points": points})
    return cell


def _answers(answers: tuple[Answer, ...]) -> str:
    """Numbers and formulas, for the student to fill in."""
    asked = "\n".join(f"# {a.name}: ${a.formula}$" for a in answers)
    solved = "\n".join(f"{a.name} = {str(a.value)!r}" for a in answers)
    return f"# Numbers, or formulas as text.\n{asked}\n{SOLUTION.format(solved)}"


def _body(function: Function) -> str:
    """A function whose body is the solution, with all that it needs."""
    own = textwrap.dedent(inspect.getsource(function.reference))
    first = ast.parse(own).body[0].body[0].lineno - 1  # type: ignore[attr-defined]
    body = textwrap.dedent("\n".join(own.splitlines()[first:]))
    whole = SOLUTION.format("\n".join([*needs(function.reference), body]))
    return f"{function.signature}\n{textwrap.indent(whole, '    ')}"


def _formula(answer: Answer) -> str:
    """A hidden test of an answer, by value."""
    at, key, room = marks.values(answer)
    rows = zip(*(points.tolist() for points in at.values()), strict=True)
    places = [dict(zip(at, row, strict=True)) for row in rows] or [{}]
    expected = list(zip(places, np.atleast_1d(key).tolist(), strict=True))
    test = FORMULA.format(
        name=answer.name, letters=list(at), expected=expected, room=room, small=marks.SMALL
    )
    visible = f'assert {answer.name} is not None, "{answer.name} is missing"'
    return f"{visible}\n{HIDDEN.format(test.rstrip())}"


def _calls(function: Function) -> str:
    """One visible test of a call, the others hidden."""
    first, *hidden = (_call(function, call) for call in function.calls)
    call, expected = first
    test = SAME.format(call=call, expected=expected, room=marks.EXACT, small=marks.SMALL)
    more = "\n".join(f"assert same({call}, {expected})" for call, expected in hidden)
    return f"{test}{HIDDEN.format(more)}"


def _call(function: Function, call: tuple[Any, ...]) -> tuple[str, Any]:
    arguments = ", ".join(map(shown, call))
    return f"{function.name}({arguments})", encode(function.reference(*decode(plain(call))))

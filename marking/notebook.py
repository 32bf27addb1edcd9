"""A chapter's exercises as a notebook: the student's, and the reference solution's."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from marking.chapter import Text, numbers, texts
from marking.exercise import Answer, Exercise, Function, Variant
from marking.exercises import exercises
from marking.in_sandbox import decode, encode
from myst_source import Role, read

SETUP = "import numpy as np\nimport gdlib  # if this fails: pip install the course's library"


class Task(NamedTuple):
    """An exercise as one student has it."""

    exercise: Exercise
    text: Text
    variant: Variant

    @property
    def label(self) -> str:
        """Its label in the chapter."""
        return self.exercise.label

    @property
    def by_hand(self) -> int:
        """The points that a person gives."""
        review = self.variant.review
        return self.text.points if review is None else review

    def words(self) -> str:
        """The chapter's text with the student's numbers."""
        words = self.text.text
        for ours, theirs in zip(self.exercise.in_the_book().says, self.variant.says, strict=True):
            if words.count(ours) != 1:
                raise ValueError(f"{self.label}: {ours!r} is not in the chapter's text, or twice.")
            words = words.replace(ours, theirs)
        return without_roles(words)

    def statement(self) -> Iterator[str]:
        """What precedes the cells to fill in: the text, and the hint, folded."""
        about = self.text
        words = f"## {about.title}\n\n*{about.points} points, {about.difficulty}*\n\n{self.words()}"
        yield f"{words}\n\n{self.variant.hand_in}".rstrip()
        if about.hint:
            hint = without_roles(about.hint)
            yield f"<details><summary>Hint</summary>\n\n{hint}\n\n</details>"


def title(chapter: str) -> str:
    """A notebook's first line."""
    name = re.sub(r"^\d+_", "", chapter).replace("_", " ")
    return f"# Exercises: {name}"


def tasks(chapter: str, student: str | None = None, salt: bytes = b"") -> list[Task]:
    """The chapter's exercises: a student's, or without one those of the book."""
    written = texts(chapter)
    return [
        Task(e, written[e.label], e.for_student(student, salt) if student else e.in_the_book())
        for e in exercises(chapter)
    ]


_TO_THE_BOOK = re.compile(
    r'\[([^\]]*)\]\((?!https?:)[^)\s]*\.md[^)]*\)|<a href="[^"]*">([^<]*)</a>'
)
"""A link to another page of the book, which a stand-alone notebook is not beside."""
_GONE = "\0"  # a citation, until the space before it goes too


def without_roles(text: str) -> str:
    """MyST's references as words: a stand-alone notebook has nothing to refer to."""

    def words(role: Role) -> str:
        if role.name == "cite":
            return _GONE
        if role.name in ("eq", "numref"):
            elsewhere = f"“{role.text.partition('-')[2]}” in the book"
            return numbers().get(role.text, elsewhere)
        return role.text

    text = re.sub(rf"\s*{_GONE}", "", read(text).with_roles(words))
    return _TO_THE_BOOK.sub(lambda found: found[1] or found[2], text)


def _blank(answers: tuple[Answer, ...]) -> str:
    """A cell to put numbers and formulas into."""
    variables = sorted({str(s) for a in answers for s in a.value.free_symbols})
    says = "# Numbers, or formulas as text"
    says += f', such as "2*{variables[0]} + 1".' if variables else "."
    return "\n".join([says, *(f"{a.name} = None  # ${a.formula}$" for a in answers)])


def _looks(answers: tuple[Answer, ...]) -> str:
    """A check that gives no answer away: is everything there?"""
    names = ", ".join(f"{a.name}={a.name}" for a in answers)
    return f'for name, value in dict({names}).items():\n    print(name, "is", value)'


def _stub(function: Function) -> str:
    """A definition without a body."""
    return f'{function.signature}\n    raise NotImplementedError("your code")'


def _tries(function: Function) -> str:
    """A visible check: the first call, and what it should give."""
    arguments = ", ".join(shown(a) for a in function.calls[0])
    expected = encode(function.reference(*decode(plain(function.calls[0]))))
    return textwrap.dedent(
        f"""\
        try:
            result = {function.name}({arguments})
            print("{function.name} gives", result)
            print("expected:", {np.round(expected, 6).tolist() if _flat(expected) else expected})
        except NotImplementedError:
            print("{function.name} is not written yet")"""
    )


def _flat(value: Any) -> bool:
    return not isinstance(value, list) or not any(isinstance(v, list) for v in value)


def shown(argument: Any) -> str:
    """An argument as a student would write it."""
    if isinstance(argument, dict):
        return f"lambda {argument['lambda']}"
    if isinstance(argument, np.ndarray):
        return f"np.array({argument.tolist()})"
    if isinstance(argument, list | tuple):
        return "[" + ", ".join(map(shown, argument)) + "]"
    return repr(argument)


def plain(value: Any) -> Any:
    """Arguments in JSON form; `inside.decode` reverses it."""
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": value.dtype.name}
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


def handout(chapter: str, asked: list[Task], student: str) -> nbformat.NotebookNode:
    """What a student gets: no solution, no hidden check, and every check in it runs."""
    head = f"{title(chapter)}\n\nFor **{student}**. The numbers are yours alone."
    cells = [new_markdown_cell(head), new_code_cell(SETUP)]
    for task in asked:
        variant, first = task.variant, len(cells)
        cells += map(new_markdown_cell, task.statement())
        if variant.answers:
            cells += [
                new_code_cell(_blank(variant.answers)),
                new_code_cell(_looks(variant.answers)),
            ]
        for function in variant.functions:
            cells += [new_code_cell(_stub(function)), new_code_cell(_tries(function))]
        if task.by_hand:
            text = new_markdown_cell("*Your words here.*")
            text.metadata["marking"] = task.label
            cells.append(text)
        for cell in cells[first:]:
            cell.metadata["exercise"] = task.label
    return numbered(cells)


def reference(asked: list[Task]) -> nbformat.NotebookNode:
    """The solution, from the key; made only to test the marking, and never written to a file."""
    cells = [new_code_cell(SETUP)]
    for task in asked:
        own = {"metadata": {"exercise": task.label}}
        cells += [
            new_code_cell(f"{a.name} = {str(a.value)!r}", **own) for a in task.variant.answers
        ]
        cells += [new_code_cell(code(f.reference), **own) for f in task.variant.functions]
    return numbered(cells)


def numbered(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """A notebook with numbered cells: the same for the same student, byte for byte."""
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def code(function: Callable[..., Any]) -> str:
    """A function's source with all that it needs, so that it runs on its own."""
    return "\n".join([*needs(function), textwrap.dedent(inspect.getsource(function))])


def needs(function: Callable[..., Any]) -> Iterator[str]:
    """The names that a function takes from outside, as lines that define them."""
    outside = inspect.getclosurevars(function)
    for name, value in outside.nonlocals.items():
        yield f"{name} = {value!r}"
    for name, value in outside.globals.items():
        if isinstance(value, ModuleType):
            yield f"import {value.__name__} as {name}"
        elif value.__module__.startswith("gdlib"):
            yield f"from {value.__module__} import {value.__name__} as {name}"
        else:
            yield code(value)

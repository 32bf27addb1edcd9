"""Which of the files that were handed in is whose, and which of them counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from marking.notebook import Task, title
from marking.roster import Student, owners, same
from marking.submission import Cell, Submission, Unreadable, read
from marking.told import parsed, set_in

LONGEST_TEXT = 5000


class Unclaimed(NamedTuple):
    """A file that is marked for nobody, and why."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"{str(self.path)!r}: {self.why}"


def files(folder: Path) -> tuple[list[Path], list[Unclaimed]]:
    """All that could be a submission, links included, not followed; and what cannot be opened."""
    found: list[Path] = []
    closed: list[Unclaimed] = []
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            inside = list(here.iterdir())
        except OSError as error:
            closed.append(Unclaimed(here, f"could not be opened: {error.strerror}"))
            continue
        for path in inside:
            if path.name.startswith(".") or path.name == "__MACOSX":
                continue  # from git, the Finder or Jupyter: not handed in
            (waiting if path.is_dir() and not path.is_symlink() else found).append(path)
    return sorted(found), closed


def assign(
    folder: Path, students: list[Student], chapter: str = ""
) -> tuple[dict[str, list[Path]], list[Unclaimed]]:
    """Each student's files, the one that counts last; and files that are nobody's.

    The chapter's own notebook is preferred to any other, a notebook to any other file; among equals
    the newest counts, by its time, then by the number that browsers and platforms add to its name.
    A notebook that says it is for somebody else than its name or folder says is nobody's.
    """
    submitted: dict[str, list[tuple[tuple[int, int, int], Path]]] = {}
    found, nobodys = files(folder)
    for path in found:
        of = owners(path.relative_to(folder), students)
        if len(of) != 1:
            several = ", ".join(student.id for student in of)
            why = f"it names several students: {several}" if of else "it names nobody of the roster"
            nobodys.append(Unclaimed(path, why))
            continue
        (student,) = of
        says = _says(path)
        if says.student and same(says.student) != same(student.id):
            why = f"by its name it is from {student.id}, but the notebook is for {says.student}"
            nobodys.append(Unclaimed(path, why))
            continue
        own = bool(chapter) and says.title == title(chapter)
        rank = (2 if own else int(path.suffix == ".ipynb"), path.lstat().st_mtime_ns, _number(path))
        submitted.setdefault(student.id, []).append((rank, path))
    chosen = {}
    for student_id, ranked in submitted.items():
        best = max(rank[0] for rank, _ in ranked)
        chosen[student_id] = [path for rank, path in sorted(ranked) if rank[0] == best]
    return chosen, nobodys


def _says(path: Path) -> Submission:
    """What a notebook says of itself; nothing for what is none."""
    try:
        return read(path)
    except Unreadable:
        return Submission([], {})


def _number(path: Path) -> int:
    """The number of a copy: 2 for "a (2).ipynb", "a-2.ipynb" and "a copy 2.ipynb"."""
    found = re.search(r"(?:\((\d{1,3})\)|[- ](\d{1,3}))$", path.stem)
    return int(found[1] or found[2]) if found else int(path.stem.endswith("copy"))


def oddities(chapter: str, submission: Submission, asked: list[Task]) -> Iterator[str]:
    """What a person should know of a notebook that is marked."""
    if submission.title and submission.title != title(chapter):
        yield f"This is another chapter's notebook: {submission.title.removeprefix('# ')!r}."
        return
    for task in asked:
        if len(submission.texts.get(task.label, "")) > LONGEST_TEXT:
            yield f"The words for “{task.text.title}” are cut after {LONGEST_TEXT} characters."
        own = [c for c in submission.cells if task.label == c.label or task.text.title == c.heading]
        if _answers_apart(task, own) or any(map(_torn, pairwise(own))):
            yield f"A cell of “{task.text.title}” was split in two."
    if not submission.statements:
        return
    ours = {task.label: _words(next(task.statement())) for task in asked}
    theirs = {
        task.label: submission.statements.get(task.label)
        or submission.statements.get(task.text.title, "")
        for task in asked
    }
    differ = [task for task in asked if _words(theirs[task.label]) != ours[task.label]]
    if len(differ) == len(asked):
        yield "None of its exercises has the text that is marked: another salt, or another release?"
        return
    for task in differ:
        what = "is not the one that is marked" if theirs[task.label] else "is missing"
        yield f"The text of “{task.text.title}” {what}."


def _answers_apart(task: Task, cells: list[Cell]) -> bool:
    """Whether answers that were asked for in one cell are in several, and in none together."""
    asked = {answer.name for answer in task.variant.answers}
    found = [asked & set_in(cell.code) for cell in cells]
    return bool(asked) and set().union(*found) == asked and asked not in found


def _torn(cells: tuple[Cell, Cell]) -> bool:
    """Whether two cells are Python together, and not each for itself."""
    one, two = (cell.code for cell in cells)
    return not (parsed(one) and parsed(two)) and parsed(f"{one}\n{two}") is not None


def _words(text: str) -> str:
    return " ".join(text.split())

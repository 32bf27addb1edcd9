"""Points that a person gives: `marks.csv`, which the instructor writes and `grade` only reads."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from marking.chapter import texts
from marking.exercises import MODULES
from marking.grade import Result, stored
from marking.notebook import Task
from marking.roster import Student, number, table

POINTS_AND_COMMENT = re.compile(r"(\d+[.,]\d+|[^\s,;]*)[\s,;]*(.*)", re.S)
COLUMNS = ("student", "exercise", "points", "comment")


class HandMark(NamedTuple):
    """What a person gave for an exercise, and said of it."""

    points: float
    comment: str = ""


HandMarks = dict[tuple[str, str], HandMark]
"""By a student's id and an exercise's label."""


def read(path: Path, asked: Sequence[Task], students: Sequence[Student]) -> HandMarks:
    """The hand marks of a chapter's exercises; those of other chapters are left alone.

    ValueError names the line that gives points to nobody, for nothing, twice, or out of range.
    """
    by_hand = {task.label: _most(task) for task in asked}
    known = {student.id for student in students}
    elsewhere = {label for chapter in MODULES for label in texts(chapter)} - set(by_hand)
    found: HandMarks = {}
    for here, row in table(path, *COLUMNS[:3]):
        student, label, points, comment = (row.get(column, "") for column in COLUMNS)
        if student not in known:
            raise ValueError(f"{here}: {student!r} is not on the roster.")
        if label in elsewhere:
            continue
        if label not in by_hand:
            raise ValueError(f"{here}: there is no exercise {label!r}, but {', '.join(by_hand)}.")
        if (student, label) in found:
            raise ValueError(f"{here}: {student} has points for {label} already.")
        given = _points(points, by_hand[label])
        if given is None:
            raise ValueError(f"{here}: {points!r} is no number from 0 to {by_hand[label]}.")
        found[student, label] = HandMark(given, comment)
    return found


def _most(task: Task) -> int:
    """What a person may give: the points by hand, or all where there are none of those."""
    return task.by_hand or task.text.points


def _points(text: str, most: int) -> float | None:
    """Points from 0 to the most, with a point or a comma; None for anything else."""
    points = number(text)
    return points if points is not None and 0 <= points <= most else None


def merge(result: Result, asked: Sequence[Task], given: HandMarks) -> Result:
    """A result with what a person gave: nothing of it waits any longer.

    Where there are no points by hand, as for an answer that could not be read, it takes the place
    of what was marked.
    """
    marks, readable = [], result.readable
    for task, mark in zip(asked, result.marks, strict=True):
        if hand := given.get((result.student, task.label)):
            said = f"Given by a person: {hand.points:g} of {_most(task)}. {hand.comment}".strip()
            points = hand.points + (mark.points if task.by_hand else 0)
            remarks = [*mark.remarks, said]
            mark = mark._replace(points=points, by_hand=0, remarks=remarks, unread=False)
            readable = True  # by a person
        marks.append(mark)
    return result._replace(marks=marks, readable=readable)


def waiting(out: Path, chapter: str, asked: Sequence[Task]) -> dict[str, dict[str, str]]:
    """What a person has to look at after the last marking, by exercise and student.

    These are the free texts, and what was said of answers that could not be read.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted((out / "results" / chapter).glob("*.json")):
        _, result = stored(path)
        for task, mark in zip(asked, result.marks, strict=True):
            if mark.unread:
                found.setdefault(task.label, {})[result.student] = "\n".join(mark.remarks)
        for label, text in result.texts.items():
            found.setdefault(label, {})[result.student] = text
    return found


def review(
    path: Path,
    asked: Sequence[Task],
    students: Sequence[Student],
    written: dict[str, dict[str, str]],
    ask: Callable[[str], str],
) -> Iterator[str]:
    """Go through what waits, exercise by exercise; yield what to read, and store each answer.

    An answer is points, then a comment. Nothing leaves the text for later, "q" ends.
    """
    given = read(path, asked, students) if path.exists() else {}
    for task in asked:
        for student, text in sorted(written.get(task.label, {}).items()):
            if (student, task.label) in given:
                continue
            yield f"\n{task.text.title}: {student}\n\n{text.strip() or '(nothing)'}\n"
            while True:
                answer = ask(f"0 to {_most(task)} points, then a comment: ").strip()
                points, comment = POINTS_AND_COMMENT.fullmatch(answer).groups()  # type: ignore[union-attr]
                if answer == "q":
                    return
                value = _points(points, _most(task)) if answer else 0.0
                if value is not None:
                    break
                yield f"{points!r} is no number from 0 to {_most(task)}."
            if answer:
                _append(path, (student, task.label, points.replace(",", "."), comment.strip()))


def _append(path: Path, row: Sequence[str]) -> None:
    """Add a row at once, so that nothing is lost whenever the review is ended."""
    new = not path.exists() or not path.stat().st_size
    with path.open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        if new:
            rows.writerow(COLUMNS)
        rows.writerow(row)

"""Points that a person gives: `marks.csv`, which the instructor writes and `grade` only reads."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from marking.chapter import texts
from marking.exercises import MODULES
from marking.grade import Result
from marking.notebook import Task
from marking.roster import Student, table

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
    by_hand = {task.label: task.by_hand for task in asked}
    known = {student.id for student in students}
    elsewhere = {label for chapter in MODULES for label in texts(chapter)} - set(by_hand)
    found: HandMarks = {}
    for here, row in table(path, *COLUMNS[:3]):
        student, label, points, comment = (row.get(column, "") for column in COLUMNS)
        if student not in known:
            raise ValueError(f"{here}: {student!r} is not on the roster.")
        if label in elsewhere:
            continue
        if not by_hand.get(label):
            there = ", ".join(name for name, most in by_hand.items() if most)
            raise ValueError(f"{here}: {label!r} has no points by hand. These do: {there}.")
        if (student, label) in found:
            raise ValueError(f"{here}: {student} has points for {label} already.")
        given = _points(points, by_hand[label])
        if given is None:
            raise ValueError(f"{here}: {points!r} is no number from 0 to {by_hand[label]}.")
        found[student, label] = HandMark(given, comment)
    return found


def _points(text: str, most: int) -> float | None:
    """Points from 0 to the most, with a point or a comma; None for anything else."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None
    return points if math.isfinite(points) and 0 <= points <= most else None


def merge(result: Result, asked: Sequence[Task], given: HandMarks) -> Result:
    """A result with what a person gave: nothing of it waits any longer."""
    marks = []
    for task, mark in zip(asked, result.marks, strict=True):
        if hand := given.get((result.student, task.label)):
            said = f"Given by a person: {hand.points:g} of {mark.by_hand}. {hand.comment}".strip()
            remarks = [*mark.remarks, said]
            mark = mark._replace(points=mark.points + hand.points, by_hand=0, remarks=remarks)
        marks.append(mark)
    return result._replace(marks=marks)


def free_texts(out: Path, chapter: str) -> dict[str, dict[str, str]]:
    """The free texts of the last marking, by exercise and student."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((out / "results" / chapter).glob("*.json")):
        result = json.loads(path.read_text("utf-8"))
        for label, text in result["texts"].items():
            found.setdefault(label, {})[result["student"]] = text
    return found


def review(
    path: Path,
    asked: Sequence[Task],
    students: Sequence[Student],
    written: dict[str, dict[str, str]],
    ask: Callable[[str], str],
) -> Iterator[str]:
    """Go through the free texts, exercise by exercise; yield what to read, and store each answer.

    An answer is points, then a comment. Nothing leaves the text for later, "q" ends.
    """
    given = read(path, asked, students) if path.exists() else {}
    for task in (task for task in asked if task.by_hand):
        for student, text in sorted(written.get(task.label, {}).items()):
            if (student, task.label) in given:
                continue
            yield f"\n{task.text.title}: {student}\n\n{text.strip() or '(nothing)'}\n"
            while True:
                answer = ask(f"0 to {task.by_hand} points, then a comment: ").strip()
                points, _, comment = answer.partition(" ")
                if answer == "q":
                    return
                value = _points(points, task.by_hand) if answer else 0.0
                if value is not None:
                    break
                yield f"{points!r} is no number from 0 to {task.by_hand}."
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

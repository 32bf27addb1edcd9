"""What Canvas imports: the points of an assignment, and a file of feedback for each student.

Canvas gives an uploaded file to the student whose number stands in its name, with the number of
what was handed in: `lovelaceada_7_1234_slope.ipynb`, as it names submissions that are downloaded.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from marking.deadlines import PUNCTUAL, Standing
from marking.grade import Result
from marking.notebook import Task
from marking.report import counts, safe
from marking.roster import Student

KINDS = (".ipynb", ".py", ".md", ".zip")


def grades(
    chapter: str,
    asked: list[Task],
    students: Sequence[Student],
    results: Sequence[Result],
    path: Path,
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> None:
    """The gradebook as Canvas imports it: its own columns, one assignment, points possible.

    Who is excused, or has handed in nothing, has an empty cell: a zero is what a person gives.
    """
    by_id = {result.student: result for result in results}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", chapter])
        possible = sum(task.text.points for task in asked)
        rows.writerow(["    Points Possible", "", "", "", "", possible])
        for s in students:
            points = counts(by_id[s.id], standings.get(s.id, PUNCTUAL))
            rows.writerow([safe(s.name or s.id), s.canvas_id, s.id, s.id, safe(s.section), points])


def feedback(
    students: Sequence[Student], submitted: Mapping[str, list[Path]], pages: Path, path: Path
) -> list[str]:
    """Zip the pages under the names of what was handed in; return who is not in it.

    That is whose file has no name of Canvas', or is of a kind that words cannot be written into.
    """
    others = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for student in students:
            for file in submitted.get(student.id, [])[-1:]:
                if file.suffix in KINDS and _named_by_canvas(file.name, student):
                    text = (pages / f"{student.id}.md").read_text("utf-8")
                    packed.writestr(file.name, as_handed_in(file.suffix, text))
                else:
                    others.append(student.id)
    return others


def _named_by_canvas(name: str, student: Student) -> bool:
    """Whether Canvas finds the student and what was handed in: the first two numbers in a name.

    Where marking is anonymous, "anon" and letters are in the place of the first.
    """
    words = name.split("_")
    numbers = [word for word in words if word.isdecimal()]
    if words[0] == "anon":
        return bool(numbers)
    return len(numbers) > 1 and student.canvas_id in ("", numbers[0])


def as_handed_in(suffix: str, text: str) -> bytes:
    """Feedback in a file of the same kind: Canvas shows it under the name of what was handed in."""
    if suffix == ".ipynb":
        cell = new_markdown_cell(text, id="feedback")
        return nbformat.writes(new_notebook(cells=[cell])).encode()
    if suffix == ".zip":
        inside = io.BytesIO()
        with zipfile.ZipFile(inside, "w") as packed:
            packed.writestr("feedback.md", text)
        return inside.getvalue()
    if suffix == ".py":
        text = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    return text.encode()

"""What Moodle imports: an assignment's grading worksheet, filled in, and files of feedback.

Both go by the number of a participant, which stands in the worksheet and in the name of the folder
that a submission comes in: `Ada Lovelace_1234_assignsubmission_file_`.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from marking.deadlines import EXCUSED, MISSING, PUNCTUAL, Standing
from marking.grade import Result
from marking.report import as_html, counts
from marking.roster import OF_MOODLE, Student, number, same, table

ID, NAME, GRADE, COMMENTS = "Identifier", "Full name", "Grade", "Feedback comments"
MOST, MARKED = "Maximum Grade", "Last modified (grade)"
ROSTER_IDS = ("ID number", "Username", "Email address")
"""Columns that may hold what the roster has as an id."""

Row = dict[str, str]


def worksheet(path: Path, points: int) -> list[Row]:
    """The rows of a grading worksheet, as Moodle gives it.

    ValueError if it is none, or its grades are not from 0 to the chapter's points: Moodle passes
    over what is larger, and says nothing.
    """
    rows = [row for _, row in table(path)]
    if not rows:
        raise ValueError(f"{path}: there is no row in this worksheet.")
    most = next((name for name in rows[0] if same(name) == same(MOST)), MOST)
    if lacks := [name for name in (ID, GRADE, most, MARKED) if name not in rows[0]]:
        raise ValueError(
            f"{path}: there is no column {lacks[0]!r} in {list(rows[0])}. "
            "Download the grading worksheet with Moodle in English."
        )
    if wrong := {row[most] for row in rows if number(row[most]) != points}:
        raise ValueError(
            f"{path}: the maximum grade is {wrong.pop()!r}, the chapter has {points} points. "
            "Change it in the assignment, and download the worksheet again."
        )
    return rows


def write(
    chapter: str,
    students: Sequence[Student],
    submitted: Mapping[str, list[Path]],
    results: Sequence[Result],
    standings: Mapping[str, Standing],
    rows: list[Row],
    out: Path,
) -> list[str]:
    """Write the worksheet and a zip of the feedback into `out`; return who has no row in it.

    Who is excused, or has handed in nothing, gets neither; what is no notebook gets no grade.
    What a person has written into a row's comments stays there.
    """
    by_id = {result.student: result for result in results}
    own = {student.id: _row(student, submitted.get(student.id, []), rows) for student in students}
    found = [row[ID] for row in own.values() if row]
    lost = []
    with zipfile.ZipFile(out / f"moodle_{chapter}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for student in students:
            row = own[student.id]
            if not row or found.count(row[ID]) > 1:
                lost.append(student.id)
                continue
            stand = standings.get(student.id, PUNCTUAL)
            if stand in (EXCUSED, MISSING):
                continue
            points = counts(by_id[student.id], stand)
            page = out / "feedback" / chapter / student.id
            row[GRADE] = row[GRADE] if points is None else f"{points:g}"
            comment = row.get(COMMENTS)
            if comment == "" or (comment or "").startswith(f"<h1>{chapter}: "):
                row[COMMENTS] = as_html(page.with_name(f"{student.id}.md").read_text("utf-8"))
            packed.write(page.with_name(f"{student.id}.html"), f"{_folder(row)}/{chapter}.html")
    with (out / f"moodle_{chapter}.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(rows)
    return lost


def _row(student: Student, paths: Sequence[Path], rows: list[Row]) -> Row | None:
    """A student's row: by the folder that the file came in, by the id, or by the name."""
    folders = {n for path in paths for _, n in OF_MOODLE.findall("/".join(path.parts))}
    ways = (
        [row for row in rows if _participant(row) in folders],
        [row for row in rows if same(student.id) in {same(row.get(c, "")) for c in ROSTER_IDS}],
        [row for row in rows if student.name and same(row.get(NAME, "")) == same(student.name)],
    )
    found = next(filter(None, ways), [])
    return found[0] if len(found) == 1 else None


def _participant(row: Row) -> str:
    return row[ID].removeprefix("Participant").strip()


def _folder(row: Row) -> str:
    """The name of the folder that Moodle takes to be this participant's."""
    name = re.sub(r'[_/\\:*?"<>|]', " ", row.get(NAME) or "Participant")
    return f"{name}_{_participant(row)}_assignsubmission_file_"

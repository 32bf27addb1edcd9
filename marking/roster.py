"""Who is in the course, and whose submission a file is."""

from __future__ import annotations

import csv
import io
import math
import re
import secrets
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from marking.chapter import FOLDERS, ROOT

OF_MOODLE = re.compile(r"(?:^|(?<=/))([^/_]*)_(\d+)_assignsubmission_[a-z]+_?")
"""What Moodle calls a folder: a full name, and a participant's number."""
ID = re.compile(r"[^\W_][\w.@+-]{0,63}")


class Student(NamedTuple):
    """A row of the roster: the id names files, the others only appear in lists."""

    id: str
    name: str = ""
    canvas_id: str = ""
    section: str = ""
    excused: str = ""
    extension: str = ""
    handed_in: str = ""


def table(path: Path, *needed: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each after the words that name its line.

    ValueError if it is not UTF-8, lacks a column that is needed, or has a cell too many: a comma
    without quotes would cut a comment or halve a mark.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is not UTF-8. Save it as CSV UTF-8.") from None
    if set(";\t") & set(first := text.partition("\n")[0]) and "," not in first:
        raise ValueError(f"{path}: this is not separated by commas: {first[:60]!r}.")
    with io.StringIO(unicodedata.normalize("NFC", text), newline="") as file:
        rows = csv.DictReader(file)
        for name in needed:
            if name not in (rows.fieldnames or []):
                raise ValueError(f"{path}: there is no column {name!r} in {rows.fieldnames}.")
        for row in rows:
            here = f"{path}, line {rows.line_num}"
            if any(row.get(None) or ()):
                raise ValueError(f"{here}: more cells than columns. Quote what has a comma in it.")
            yield here, {name: (row[name] or "").strip() for name in row if name}


def number(text: str) -> float | None:
    """A cell as a number, with a point or a comma; None for anything else."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def read(path: Path) -> list[Student]:
    """The roster from a CSV with the columns id and, if you like, those of `Student`.

    ValueError names the line whose id is missing, duplicated, or not usable as a file name.
    """
    students: list[Student] = []
    seen: set[str] = set()
    numbers: set[str] = set()
    for here, row in table(path, "id"):
        student = Student(**{field: row.get(field, "") for field in Student._fields})
        if not ID.fullmatch(student.id):
            raise ValueError(
                f"{here}: {student.id!r} is no id: letters, digits and "
                ". _ @ + - only, a letter or digit first, at most 64."
            )
        if same(student.id) in seen:
            raise ValueError(f"{here}: {student.id!r} is there twice.")
        if student.canvas_id and student.canvas_id in numbers:
            raise ValueError(f"{here}: the canvas_id {student.canvas_id} is there twice.")
        seen.add(same(student.id))
        numbers.add(student.canvas_id)
        students.append(student)
    if not students:
        raise ValueError(f"{path}: nobody is on this roster.")
    return students


def outside(path: Path, what: str) -> Path:
    """The path, if it is not in the repository, where it would be published sooner or later."""
    if path.resolve().is_relative_to(ROOT):
        raise ValueError(f"{path}: keep {what} outside the repository, or it gets published.")
    return path


def salt(path: Path, create: bool = False) -> bytes:
    """The secret that the students' numbers are drawn from; it is kept outside the repository."""
    outside(path, "the salt")
    if create and not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n")
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file; release makes it.")
    text = path.read_bytes().strip()
    if len(text) < 16:
        raise ValueError(f"{path}: a salt has at least 16 characters, this one {len(text)}.")
    return text


def owners(file: Path, students: list[Student]) -> list[Student]:
    """The students whose ids are in a file's path as separate words: one, if it is clear.

    Canvas puts its own number for a student into the names of files: that is an id, too. Moodle
    puts a name and its own number before a folder's: the name is one of the roster's, or nobody's.
    """
    path = same("/".join(file.with_suffix("").parts))
    named = {name for name, _ in OF_MOODLE.findall(path) if name}
    by_name = [s for s in students if {same(s.name), same(s.id)} & named]
    words = _chapters(*FOLDERS).sub("/", OF_MOODLE.sub("/", path))
    found = [
        (m.span(), s)
        for s in students
        for one in filter(None, (s.id, s.canvas_id))
        for m in _on_its_own(same(one)).finditer(words)
    ]
    # `ada.b` does not mean `ada`; where both occur separately, it is unclear who is meant.
    found_by_id = {
        student.id: student
        for (start, end), student in found
        if not any(a <= start and end <= b and b - a > end - start for (a, b), _ in found)
    }
    if len(by_name) > 1 and found_by_id:  # of one name, and told apart by the id
        by_name = [s for s in by_name if s.id in found_by_id] or by_name
    return list((found_by_id | {s.id: s for s in by_name}).values())


@cache
def _chapters(book: Path, *own: Path) -> re.Pattern[str]:
    """The names of chapters, which stand in a file's name too."""
    pages = [*book.glob("0*.md"), *(page for folder in own for page in folder.glob("*.md"))]
    return re.compile("|".join(re.escape(same(page.stem)) for page in pages))


@cache
def _on_its_own(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])")


def same(text: str) -> str:
    """A name in the form to compare: Unicode has several spellings of one letter."""
    return unicodedata.normalize("NFC", text).casefold()

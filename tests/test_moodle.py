"""What Moodle is given: its own worksheet, filled in, and files whose folders it knows."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from marking import moodle
from marking.deadlines import EXCUSED, UNREADABLE
from marking.grade import Result
from marking.marks import Mark
from marking.roster import Student

CHAPTER = "02_slope"
CLASS = [Student("ada", "Ada Lovelace"), Student("bob"), Student("carl", "Carl  Gauß")]
HEAD = [
    "Identifier", "Full name", "ID number", "Status", "Grade", "Maximum Grade",
    "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
    "Feedback comments",
]  # fmt: skip
MARKED = "Thursday, 26 November 2026, 10:15 AM"
SHEET = [
    ["Participant 11", "Ada Lovelace", "", "Submitted", "", "10.00", "Yes", MARKED, "-", ""],
    ["Participant 12", "B_b/Babbage", "bob", "Submitted", "2.00", "10.00", "Yes", "", MARKED, ""],
    ["Participant 13", "Carl  Gauß", "", "", "", "10.00", "Yes", "-", "-", ""],
]


def put(path: Path, rows: list[list[str]], head: list[str] = HEAD) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def done(
    folder: Path,
    rows: list[list[str]] = SHEET,
    students: list[Student] = CLASS,
    standings: Any = MappingProxyType({}),
) -> tuple[list[str], list[dict[str, str]], dict[str, str]]:
    """Who is lost, the worksheet, and the files: a name for each content."""
    given = put(folder / "worksheet.csv", rows)
    before = given.read_bytes()
    pages = folder / "feedback" / CHAPTER
    pages.mkdir(parents=True, exist_ok=True)
    for student in students:
        (pages / f"{student.id}.md").write_text(
            f"# {CHAPTER}: {student.id}\n\n**7.5, <b>**", "utf-8"
        )
        (pages / f"{student.id}.html").write_text(f"page of {student.id}", "utf-8")
    results = [Result(s.id, "file", [Mark(7.5, 10, 0, [])], [], {}) for s in students]
    submitted = {"ada": [folder / "Ada Lovelace_11_assignsubmission_file_" / "a.ipynb"]}
    sheet = moodle.worksheet(given, 10)
    lost = moodle.write(CHAPTER, students, submitted, results, standings, sheet, folder)
    assert given.read_bytes() == before
    with (folder / f"moodle_{CHAPTER}.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    with zipfile.ZipFile(folder / f"moodle_{CHAPTER}.zip") as packed:
        files = {packed.read(name).decode(): name for name in packed.namelist()}
    return lost, written, files


def moodle_takes(name: str) -> tuple[int, str, str, str] | None:
    """Whose a file is to Moodle, of which plug-in, and what is left of its name.

    Of a folder it reads name, number, and two words, and wants a fifth part, which may be empty.
    """
    folder, _, rest = name.partition("/")
    parts = folder.split("_", 4)
    if len(parts) < 5 or not parts[1].isdecimal():
        return None
    return int(parts[1]), parts[2], parts[3], rest


def test_points_and_feedback_come_to_whom_they_belong(tmp_path: Path) -> None:
    lost, written, files = done(tmp_path)
    assert lost == []
    assert [row["Grade"] for row in written] == ["7.5", "7.5", "7.5"]
    assert {who: moodle_takes(name) for who, name in files.items()} == {
        f"page of {student}": (number, "assignsubmission", "file", f"{CHAPTER}.html")
        for student, number in (("ada", 11), ("bob", 12), ("carl", 13))
    }


def test_nothing_else_of_the_worksheet_changes(tmp_path: Path) -> None:
    _, written, _ = done(tmp_path)
    kept = [name for name in HEAD if name not in ("Grade", "Feedback comments")]
    rows = [dict(zip(HEAD, row, strict=True)) for row in SHEET]
    assert [[row[name] for name in kept] for row in written] == [
        [row[name] for name in kept] for row in rows
    ]
    assert list(written[0]) == HEAD


def test_a_comment_is_html_and_a_persons_own_stays(tmp_path: Path) -> None:
    own = [*SHEET[1][:-1], "Come and see me."]
    _, written, _ = done(tmp_path, [SHEET[0], own, SHEET[2]])
    assert [row["Feedback comments"].splitlines()[0] for row in written] == [
        f"<h1>{CHAPTER}: ada</h1>", "Come and see me.", f"<h1>{CHAPTER}: carl</h1>",
    ]  # fmt: skip
    assert "&lt;b&gt;" in written[0]["Feedback comments"]
    again = [list(row.values()) for row in written]
    again[0][-1] = f"<h1>{CHAPTER}: ada</h1>\nof an earlier run"
    _, rewritten, _ = done(tmp_path, again)
    assert rewritten == written


def test_a_worksheet_without_comments_gets_points(tmp_path: Path) -> None:
    given = put(tmp_path / "sheet.csv", [row[:-1] for row in SHEET], HEAD[:-1])
    assert "Feedback comments" not in moodle.worksheet(given, 10)[0]


def test_who_is_excused_or_missing_keeps_the_cell_and_gets_no_file(tmp_path: Path) -> None:
    _, written, files = done(tmp_path, standings={"bob": EXCUSED})
    assert [row["Grade"] for row in written] == ["7.5", "2.00", "7.5"]
    assert "page of bob" not in files


def test_what_is_no_notebook_gets_feedback_and_no_grade(tmp_path: Path) -> None:
    _, written, files = done(tmp_path, standings={"ada": UNREADABLE})
    assert written[0]["Grade"] == ""
    assert "page of ada" in files


def test_who_is_not_clearly_in_it_is_named(tmp_path: Path) -> None:
    twins = [Student("x1", "Ann Lee"), Student("x2", "Ann Lee"), Student("eve", "Eve"), CLASS[0]]
    sheet = [SHEET[0], ["Participant 14", "Ann Lee", *SHEET[2][2:]]]
    lost, written, files = done(tmp_path, sheet, twins)
    assert lost == ["x1", "x2", "eve"]
    assert [row["Grade"] for row in written] == ["7.5", ""]
    assert list(files) == ["page of ada"]


@pytest.mark.parametrize(
    ("rows", "head", "why"),
    [
        ([], HEAD, "no row in this worksheet"),
        (SHEET, ["Kennung", *HEAD[1:]], "no column 'Identifier' .* with Moodle in English"),
        (SHEET, [*HEAD[:5], "Scale", *HEAD[6:]], "no column 'Maximum Grade'"),
        ([[*SHEET[0][:5], "100.00", *SHEET[0][6:]]], HEAD, "is '100.00', the chapter has 10"),
        ([[*SHEET[0][:5], "", *SHEET[0][6:]]], HEAD, "is '', the chapter has 10"),
    ],
)
def test_what_is_no_worksheet_of_this_chapter_is_refused(
    rows: list[list[str]], head: list[str], why: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        moodle.worksheet(put(tmp_path / "sheet.csv", rows, head), 10)


def test_newer_moodles_write_a_small_letter(tmp_path: Path) -> None:
    head = [name.replace("Maximum Grade", "Maximum grade") for name in HEAD]
    assert len(moodle.worksheet(put(tmp_path / "sheet.csv", SHEET, head), 10)) == 3

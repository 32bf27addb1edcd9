"""Deadlines: in time, late, excused, missing; and what that does to points."""

from __future__ import annotations

import csv
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from marking import canvas, notebook, report
from marking.deadlines import Deadline, Standing, deadline, standing
from marking.grade import Result
from marking.marks import Mark
from marking.roster import Student, read

DUE = datetime(2026, 11, 20, 18).astimezone()
ADA = Student("ada")


def handed_in(folder: Path, after: timedelta) -> list[Path]:
    path = folder / "ada.ipynb"
    path.touch()
    os.utime(path, (0, (DUE + after).timestamp()))
    return [path]


@pytest.mark.parametrize(
    ("after", "status", "share"),
    [
        (timedelta(0), "in time", 1.0),
        (timedelta(days=-3), "in time", 1.0),
        (timedelta(seconds=1), "late by 1 day", 0.8),
        (timedelta(days=1), "late by 1 day", 0.8),
        (timedelta(days=1, seconds=1), "late by 2 days", 0.6),
        (timedelta(days=90), "late by 90 days", 0.0),
    ],
)
def test_each_day_that_has_begun_costs_its_share(
    after: timedelta, status: str, share: float, tmp_path: Path
) -> None:
    found = standing(ADA, handed_in(tmp_path, after), Deadline(DUE, 0.2))
    assert found.status == status and found.share == pytest.approx(share)


def test_the_roster_knows_extensions_excuses_and_times(tmp_path: Path) -> None:
    late = handed_in(tmp_path, timedelta(days=2))
    chapter = Deadline(DUE, 0.1)
    assert standing(Student("ada", extension="2026-11-23"), late, chapter).status == "in time"
    assert standing(Student("ada", extension="2026-11-21"), late, chapter).status == "late by 1 day"
    assert (
        standing(Student("ada", extension="2026-11-01"), late, chapter).status == "late by 2 days"
    )
    given = Student("ada", handed_in="2026-11-20T17:59")
    assert standing(given, late, chapter).status == "in time"
    assert standing(Student("ada", excused="yes"), [], chapter) == Standing("excused")
    assert standing(Student("ada", excused="no"), [], chapter) == Standing("missing")
    assert standing(ADA, late, None).status == "in time"


@pytest.mark.parametrize(
    ("due", "penalty", "says"),
    [
        ("soon", 0, "--due: 'soon' is no date such as 2026-11-30"),
        ("2026-11-20", 101, "--penalty is 101"),
        ("2026-11-20", float("nan"), "--penalty is nan"),
        (None, 10, "--penalty needs --due"),
    ],
)
def test_what_is_no_deadline_is_named(due: str | None, penalty: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        deadline(due, penalty)
    with pytest.raises(ValueError, match="the roster, ada: 'x' is no date"):
        standing(Student("ada", extension="x"), [Path(__file__)], Deadline(DUE))


def test_a_date_alone_is_its_end() -> None:
    found = deadline("2026-11-20", 0)
    assert found and found.due == datetime(2026, 11, 21).astimezone()


def test_gradebook_feedback_and_canvas_say_how_somebody_stands(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name,excused\nada,Ada,\nbob,Bob,\ncarl,Carl,yes\n")
    students, asked = read(roster), notebook.tasks("02_slope")
    marks = [Mark(1.0, task.text.points, task.by_hand, []) for task in asked]
    results = [Result(s.id, "", marks, [], {}) for s in students]
    stand = {"ada": Standing("late by 2 days", 0.5), "bob": Standing("missing"),
             "carl": Standing("excused")}  # fmt: skip
    report.write("02_slope", asked, students, results, [], tmp_path, stand)
    with (tmp_path / "grades_02_slope.csv").open(newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    half = f"{len(asked) / 2}"
    assert [(r["status"], r["counts"]) for r in rows.values()] == [
        ("late by 2 days", half), ("missing", ""), ("excused", ""),
    ]  # fmt: skip
    told = (tmp_path / "feedback/02_slope/ada.md").read_text()
    assert f"Late by 2 days; {len(asked) / 2:g} points count." in told
    canvas.grades("02_slope", asked, students, results, tmp_path / "canvas.csv", stand)
    with (tmp_path / "canvas.csv").open(newline="") as file:
        points = [row[-1] for row in csv.reader(file)][2:]
    assert points == [half, "", ""]

"""The source notebooks in the real nbgrader: `make test-nbgrader`, in an environment of its own.

Not part of `make test`, which must not need nbgrader; pytest runs this file when it is named.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest

from marking.chapter import texts
from marking.exercises import MODULES
from marking.nbgrader import write
from marking.notebook import tasks

NBGRADER = Path(__file__).parents[1] / ".venv-nbgrader" / "bin" / "nbgrader"
CONFIG = """
c.CourseDirectory.course_id = "downhill"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
c.ExecutePreprocessor.timeout = 60
"""


def nbgrader(course: Path, *words: str) -> str:
    """Run an nbgrader command in the course's folder; return what it printed."""
    path = f"{NBGRADER.parent}{os.pathsep}{os.environ['PATH']}"
    homes = {"HOME": str(course), "IPYTHONDIR": str(course / ".ipython"), "PATH": path}
    done = subprocess.run(
        [NBGRADER, *words],
        cwd=course,
        env=os.environ | homes,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All chapters, handed out, and handed in by students who solved all, half and nothing."""
    course = tmp_path_factory.mktemp("course")
    (course / "nbgrader_config.py").write_text(CONFIG)
    for chapter in MODULES:
        solved = write(chapter, course / "source")
        nbgrader(course, "generate_assignment", chapter)
        released = course / "release" / chapter / solved.name
        for student, file in {"all": solved, "half": released, "none": released}.items():
            handed_in = course / "submitted" / student / chapter / solved.name
            handed_in.parent.mkdir(parents=True)
            shutil.copy(file, handed_in)
            if student == "half":
                fill_in(handed_in, chapter)
        nbgrader(course, "autograde", chapter)
        nbgrader(course, "generate_feedback", chapter)
    nbgrader(course, "export")
    return course


def fill_in(path: Path, chapter: str) -> None:
    """The numbers and formulas, but no function."""
    nb = nbformat.read(path, 4)
    asked = (cell for cell in nb.cells if cell.source.startswith("# Numbers"))
    for cell, task in zip(asked, [t for t in tasks(chapter) if t.variant.answers], strict=True):
        cell.source = "\n".join(f"{a.name} = {str(a.value)!r}" for a in task.variant.answers)
    nbformat.write(nb, path)


def automatic(chapter: str) -> dict[str, float]:
    """What each of the three students has earned before a person looks at it."""
    asked = tasks(chapter)
    by_kind = {
        kind: sum(t.text.points - t.by_hand for t in asked if getattr(t.variant, kind))
        for kind in ("answers", "functions")
    }
    return {"all": sum(by_kind.values()), "half": by_kind["answers"], "none": 0}


@pytest.fixture(scope="module")
def scores(course: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The exported gradebook by student and chapter."""
    with (course / "grades.csv").open(newline="") as file:
        return {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}


@pytest.mark.parametrize("student", ("all", "half", "none"))
@pytest.mark.parametrize("chapter", MODULES)
def test_nbgrader_gives_what_was_earned(
    scores: dict[tuple[str, str], dict[str, Any]], chapter: str, student: str
) -> None:
    row = scores[student, chapter]
    assert float(row["raw_score"]) == pytest.approx(automatic(chapter)[student])
    assert float(row["max_score"]) == pytest.approx(sum(t.points for t in texts(chapter).values()))


@pytest.mark.parametrize("chapter", MODULES)
def test_what_nbgrader_hands_out_tells_nothing_and_comes_back_with_feedback(
    course: Path, chapter: str
) -> None:
    released = (course / "release" / chapter / f"{chapter}.ipynb").read_text()
    assert "BEGIN" not in released
    for task in tasks(chapter):
        assert not any(repr(str(answer.value)) in released for answer in task.variant.answers)
    for student in ("all", "half", "none"):
        page = course / "feedback" / student / chapter / f"{chapter}.html"
        assert "Score" in page.read_text()

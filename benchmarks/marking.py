"""How fast marking is, and what the same hostile submissions do to it and to nbgrader.

`python -m benchmarks.marking` marks 200 submissions of one chapter, and prints what one costs. It
then gives the hostile ones of the tests to `python -m marking`, and to nbgrader's autograde where
`make test-nbgrader` has installed it, one by one: who survived, who got points for nothing, what
was left behind. nbgrader runs in a container of its own (bubblewrap), so that what it lets through
does no harm here. It fails where marking misses its budget.
"""

from __future__ import annotations

import contextlib
import csv
import ctypes
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np

from marking import nbgrader
from marking.grade import grade
from marking.handed_in import assign
from marking.notebook import reference, tasks
from marking.roster import Student
from marking.sandbox import Limits
from tests.hostile import SUBMISSIONS, Hostile

CHAPTER, SALT = "02_slope", b"a salt that is long enough"
SECONDS, CPU = 45, 0.3  # wall time for all submissions; processor time for one
STUDENTS, JOBS = 200, 2
LIMITS = Limits(seconds=1, wall=6)
PATIENCE = 120  # with nbgrader, whose own limit is per cell
ENVIRONMENT = Path(__file__).parents[1] / ".venv-nbgrader" / "bin"


class Outcome(NamedTuple):
    """What became of a submission; no points if it was not marked."""

    points: float | None
    seconds: float
    left: int = 0  # processes still running


def solved(student: str, hostile: Hostile) -> str:
    """What a diligent student hands in, with something before and after the answers."""
    own = [cell.source for cell in reference(tasks(CHAPTER, student, SALT)).cells]
    sources = [hostile.before, *own, hostile.after]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


def processor() -> float:
    """Processor seconds so far, here and in the processes that have ended.

    bwrap does not wait for what it started; this process, having adopted it, does.
    """
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def mark(folder: Path, students: list[str], jobs: int = 1) -> dict[str, float]:
    """The points of some students."""
    roster = [Student(s) for s in students]
    submitted, _ = assign(folder / "in", roster, CHAPTER)
    given = (CHAPTER, submitted, roster, SALT, folder / "out", LIMITS)
    return {r.student: sum(m.points for m in r.marks) for r in grade(*given, jobs=jobs)}


def speed(folder: Path) -> bool:
    """Whether a whole course is marked within the budget."""
    students = [f"s{i:03d}" for i in range(STUDENTS)]
    (folder / "in").mkdir(parents=True)
    for student in students:
        (folder / "in" / f"{student}.ipynb").write_text(solved(student, Hostile()))
    adopt, costs = 36, []  # PR_SET_CHILD_SUBREAPER
    if ctypes.CDLL(None, use_errno=True).prctl(adopt, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    for student in students[: STUDENTS // 5]:
        start = processor()
        mark(folder, [student])
        costs.append(processor() - start)
    for kept in (folder / "out" / "results" / CHAPTER).iterdir():
        kept.unlink()
    start = time.perf_counter()
    points = mark(folder, students, JOBS)
    wall = time.perf_counter() - start
    if set(points.values()) != {best()}:
        raise AssertionError(f"Not everybody got {best()} points: {set(points.values())}.")
    cpu = float(np.median(costs))
    print(f"{STUDENTS} submissions, -j {JOBS}: {wall:.1f} s (at most {SECONDS})")
    print(f"one submission: {cpu:.2f} s of the processor, the median (at most {CPU})")
    return wall <= SECONDS and cpu <= CPU


def best() -> float:
    """The points that can be given without a person."""
    return sum(task.text.points - task.by_hand for task in tasks(CHAPTER))


def with_marking(folder: Path, port: int) -> dict[str, Outcome]:
    """The hostile submissions, marked here."""
    (folder / "in").mkdir(parents=True)
    outcomes = {}
    for i, (name, hostile) in enumerate(SUBMISSIONS.items()):
        there = hostile.at(str(folder / "secret"), port)
        (folder / "in" / f"s{i:02d}.ipynb").write_text(solved(f"s{i:02d}", there))
        start = time.perf_counter()
        points = mark(folder, [f"s{i:02d}"])
        seconds, left = time.perf_counter() - start, survivors("/course/in_sandbox.py")
        outcomes[name] = Outcome(points[f"s{i:02d}"], seconds, left)
    return outcomes


def survivors(words: str) -> int:
    """How many processes still run with these words in their command."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return sum(words in line and "ps -eo" not in line for line in found.stdout.splitlines())


def with_nbgrader(course: Path, port: int) -> dict[str, Outcome]:
    """The same ones, marked by nbgrader; each run is in a container that ends with it."""
    source = nbgrader.write(CHAPTER, course / "source")
    contained(course, "generate_assignment", CHAPTER)
    outcomes = {}
    for i, (name, hostile) in enumerate(SUBMISSIONS.items()):
        there, student = hostile.at(str(course / "secret"), port), f"s{i:02d}"
        nb = nbformat.read(source, 4)
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and about.get("solution"):
                cell.source += "\n" + there.after
        nb.cells.insert(2, nbformat.v4.new_code_cell(there.before))
        handed_in = course / "submitted" / student / CHAPTER / source.name
        handed_in.parent.mkdir(parents=True)
        nbformat.write(nb, handed_in)
        start = time.perf_counter()
        ended, left = contained(course, "autograde", CHAPTER, "--student", student)
        marked = ended and (course / "autograded" / student / CHAPTER / source.name).exists()
        outcomes[name] = Outcome(0.0 if marked else None, time.perf_counter() - start, left)
    contained(course, "export")
    with (course / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    return {
        name: outcome._replace(points=scores[f"s{i:02d}"])
        if outcome.points is not None
        else outcome
        for i, (name, outcome) in enumerate(outcomes.items())
    }


# Counts the processes before and after, and prints the difference.
COUNTED = """
count() { ls -d /proc/[0-9]* | wc -l; }
before=$(count); nbgrader "$@"; ended=$?
echo left $(($(count) - before)); exit $ended
"""


def contained(course: Path, *words: str) -> tuple[bool, int]:
    """Run nbgrader where it can read this machine, but write only to the course."""
    command = [
        *("bwrap", "--die-with-parent", "--unshare-pid", "--ro-bind", "/", "/", "--tmpfs", "/tmp"),
        *("--bind", str(course), str(course), "--proc", "/proc", "--dev", "/dev"),
        *("--chdir", str(course), "sh", "-c", COUNTED, "sh", *words),
        f"--ExecutePreprocessor.timeout={LIMITS.wall:.0f}",
    ]
    own = {"HOME": str(course), "PATH": f"{ENVIRONMENT}{os.pathsep}{os.environ['PATH']}"}
    try:
        done = subprocess.run(
            command,
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False, 0
    said = done.stdout.split()
    return done.returncode == 0, int(said[-1]) if said[-2:-1] == [b"left"] else 0


def told(name: str, outcomes: dict[str, Outcome], changed: bool) -> int:
    """Print the outcomes; return how many were not marked as they deserve."""
    wrong = {
        kind: [n for n, o in outcomes.items() if test(o, SUBMISSIONS[n].deserves * best())]
        for kind, test in {
            "not marked": lambda o, _: o.points is None,
            "points for nothing": lambda o, due: o.points is not None and o.points > due + 0.1,
            "points withheld": lambda o, due: o.points is not None and o.points < due - 0.1,
            "processes left": lambda o, _: o.left > 0,
        }.items()
    }
    survived = len(outcomes) - len(wrong["not marked"])
    seconds = [o.seconds for o in outcomes.values()]
    print(f"{name}: {survived} of {len(outcomes)} marked, {sum(seconds):.0f} s in all", end=", ")
    print(f"{np.median(seconds):.1f} s the median", "the file outside CHANGED" * changed, sep="; ")
    for kind, names in wrong.items():
        print(f"  {kind}: {len(names)}{': ' if names else ''}{', '.join(names)}")
    return sum(map(len, wrong.values())) + changed


def main() -> int:
    """Whether marking missed its budget, or a hostile submission won."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
        folder, port = Path(name), server.getsockname()[1]
        missed = not speed(folder / "course")
        graders = {"python -m marking": with_marking}
        if ENVIRONMENT.is_dir():
            graders["nbgrader autograde"] = with_nbgrader
        else:
            print("nbgrader is not installed (make test-nbgrader): NOT compared")
        for grader, run in graders.items():
            place = folder / run.__name__
            place.mkdir()
            (place / "secret").write_text("the key")
            outcomes = run(place, port)
            won = told(grader, outcomes, (place / "secret").read_text() != "the key")
            missed |= run is with_marking and won > 0
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

"""The commands: release, grade, review, moodle, nbgrader."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from tqdm import tqdm

from marking import (
    by_hand,
    canvas,
    memory,
    moodle,
    nbgrader,
    question_bank,
    refused,
    report,
    sandbox,
)
from marking.deadlines import UNREADABLE, deadline, standings
from marking.exercises import MODULES, take
from marking.grade import MarkingError, grade, prove
from marking.handed_in import assign
from marking.notebook import tasks
from marking.release import release
from marking.roster import outside, read, salt

OWN = "a folder with chapters of your own: for each a page, name.md, and its key, name.py"
MARKS = "marks.csv beside the roster if it is not named"


def arguments() -> argparse.ArgumentParser:
    """What the commands take."""
    parser = argparse.ArgumentParser(prog="python -m marking", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("chapter", choices=MODULES, help="whose exercises")
    common.add_argument("--exercises", type=Path, help=OWN)
    secret = argparse.ArgumentParser(add_help=False)
    secret.add_argument("--roster", type=Path, required=True, help="a CSV with the column id")
    secret.add_argument("--salt", type=Path, required=True, help="a file outside the repository")

    one = commands.add_parser("release", parents=[common, secret], help="a notebook a student")
    one.add_argument("--out", type=Path, default=Path("released"))

    two = commands.add_parser("grade", parents=[common, secret], help="mark what came back")
    two.add_argument("submissions", type=Path, help="a folder; file names contain the ids")
    two.add_argument("--out", type=Path, default=Path("marked"))
    two.add_argument("-j", "--jobs", type=int, default=2, help="how many at once")
    two.add_argument("--marks", type=Path, help=f"points that a person gave; {MARKS}")
    two.add_argument("--due", help="the deadline: 2026-11-30, or with a time, 2026-11-30T18:00")
    two.add_argument("--penalty", type=float, default=0, help="per cent for each day begun late")
    two.add_argument(
        "--canvas", type=Path, help="also write the points, to this file, and feedback for Canvas"
    )
    two.add_argument("--moodle", type=Path, help="a grading worksheet to fill in, also feedback")
    two.add_argument("--no-sandbox", action="store_true", help="run the students' code unprotected")

    four = commands.add_parser("review", parents=[common], help="give points to the free texts")
    four.add_argument("--roster", type=Path, required=True, help="a CSV with the column id")
    four.add_argument("--out", type=Path, default=Path("marked"), help="where `grade` wrote")
    four.add_argument("--marks", type=Path, help=f"where the points go; {MARKS}")

    five = commands.add_parser("moodle", parents=[common], help="a question bank for Moodle")
    five.add_argument("--salt", type=Path, required=True, help="a file outside the repository")
    five.add_argument("--variants", type=int, default=20, help="how many of each exercise")
    five.add_argument(
        "--out", type=Path, help="the file, CHAPTER.xml if it is not named; it has the key"
    )

    three = commands.add_parser("nbgrader", parents=[common], help="source notebook for nbgrader")
    three.add_argument("--salt", type=Path, help="draw numbers for this class; else the book's")
    three.add_argument("--out", type=Path, default=Path("source"))
    return parser


def take_own(words: list[str] | None) -> None:
    """Add the chapters of `--exercises`, whose names may then be given."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--exercises", type=Path)
    if folder := first.parse_known_args(words)[0].exercises:
        take(folder)


def _marks(given: argparse.Namespace) -> Path:
    """The file of the points that a person gives."""
    return given.marks or given.roster.with_name("marks.csv")


def _refuse(given: argparse.Namespace) -> None:
    """ValueError for what cannot be graded, or would be seen by the students' code."""
    if not given.submissions.is_dir():
        raise ValueError(f"{given.submissions}: there is no such folder.")
    if given.out.resolve().is_relative_to(given.submissions.resolve()):
        raise ValueError(f"--out {given.out} lies among the submissions: it would be marked, too.")
    if given.jobs < 1:
        raise ValueError(f"--jobs is {given.jobs}; at least 1.")
    if given.canvas and not given.canvas.parent.is_dir():
        raise ValueError(f"{given.canvas.parent}: there is no such folder.")
    if given.marks and not given.marks.exists():
        raise ValueError(f"{given.marks}: there is no such file.")
    files = list(filter(None, (given.roster, given.salt, _marks(given), given.moodle)))
    for path in filter(None, (*files, given.submissions, given.out, given.exercises)):
        if sandbox.visible(path):
            raise ValueError(f"{path}: students' code sees this folder. Keep the course elsewhere.")
    ours = {path.resolve() for path in files}
    for path in filter(None, (given.canvas, given.out / f"moodle_{given.chapter}.csv")):
        if path.resolve() in ours or path.is_dir():
            raise ValueError(f"{path}: this is there already, and would be overwritten.")


def _grade(given: argparse.Namespace) -> None:
    students, secret = read(given.roster), salt(given.salt)
    _refuse(given)
    due = deadline(given.due, given.penalty)
    asked = tasks(given.chapter)
    possible = sum(task.text.points for task in asked)
    marks = _marks(given)
    # Read before anything runs: a wrong line is named at once.
    hand = by_hand.read(marks, asked, students) if marks.exists() else {}
    rows = moodle.worksheet(given.moodle, possible) if given.moodle else []
    limits, sandboxed = sandbox.Limits(), not given.no_sandbox
    if sandboxed:
        sandbox.check(limits)
        for says in filter(None, (refused.missing(), memory.missing())):
            print(says, file=sys.stderr)
    else:
        warning = "WITHOUT A SANDBOX: the students' code can do all that you can."
        print(warning, file=sys.stderr)
    prove(given.chapter, secret, limits, sandboxed)
    submitted, nobodys = assign(given.submissions, students, given.chapter)
    stand = standings(students, submitted, due)
    run = grade(
        given.chapter, submitted, students, secret, given.out, limits, given.jobs, sandboxed
    )
    bar = tqdm(run, total=len(students), desc=given.chapter, unit=" students")
    results = [by_hand.merge(result, asked, hand) for result in bar]
    unreadable = [r.student for r in results if not r.readable and stand[r.student].counted]
    stand |= dict.fromkeys(unreadable, UNREADABLE)
    changed = report.changes(given.chapter, asked, results, given.out)
    report.write(given.chapter, asked, students, results, nobodys, given.out, stand)
    if given.canvas:
        canvas.grades(given.chapter, asked, students, results, given.canvas, stand)
        pages, packed = given.out / "feedback" / given.chapter, f"canvas_{given.chapter}.zip"
        _left_out(
            "No feedback for Canvas, as the file's name is not one that Canvas gives, or it is no "
            f"{', '.join(canvas.KINDS)}",
            canvas.feedback(students, submitted, pages, given.out / packed),
        )
    if given.moodle:
        _left_out(
            "Not in Moodle's worksheet, or not clearly",
            moodle.write(given.chapter, students, submitted, results, stand, rows, given.out),
        )
    print(report.histograms(asked, results))
    print(report.tally(stand))
    print(changed, end="")
    for file in nobodys:
        print(f"{file}; not marked.", file=sys.stderr)
    print(given.out / f"grades_{given.chapter}.csv")


def _left_out(why: str, students: list[str]) -> None:
    if students:
        print(f"{why}: {', '.join(students)}.", file=sys.stderr)


def _review(given: argparse.Namespace) -> None:
    marks, students = _marks(given), read(given.roster)
    asked = tasks(given.chapter)
    written = by_hand.waiting(given.out, given.chapter, asked)
    if not written:
        raise ValueError(f"{given.out}: nothing of {given.chapter} waits; run `grade` first.")
    for words in by_hand.review(marks, asked, students, written, input):
        print(words)
    print(f"{marks}: run `grade` again, and it is in the gradebook.")


def main(words: list[str] | None = None) -> None:
    """Run a command; an error is reported in one line."""
    try:
        take_own(words)
        given = arguments().parse_args(words)
        if given.command == "release":
            students, secret = read(given.roster), salt(given.salt, create=True)
            bar = tqdm(students, desc=given.chapter, unit=" notebooks")
            release(given.chapter, bar, secret, given.out)
        elif given.command == "grade":
            _grade(given)
        elif given.command == "review":
            _review(given)
        elif given.command == "moodle":
            path = outside(given.out or Path(f"{given.chapter}.xml"), "the key")
            secret = salt(given.salt, create=True)
            titles = question_bank.write(given.chapter, given.variants, secret, path)
            print(question_bank.left_out(titles))
            print(path)
        else:
            out = outside(given.out, "the key")
            of_class = salt(given.salt, create=True) if given.salt else None
            print(nbgrader.write(given.chapter, out, of_class))
    except (KeyboardInterrupt, EOFError):
        sys.exit("marking: stopped. The same command goes on from here.")
    except (ValueError, OSError, csv.Error, MarkingError, sandbox.SandboxError) as error:
        sys.exit(f"marking: {error}")


if __name__ == "__main__":
    main()

"""Submissions are hostile until proven otherwise: each gets its mark, and nothing survives."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from marking import grade as grading
from marking import handed_in, notebook, report, sandbox
from marking.roster import Student
from tests.hostile import SUBMISSIONS

CHAPTER, SALT = "02_slope", b"a salt that is long enough"
LIMITS = sandbox.Limits(seconds=1, wall=6)
AUTOMATIC = 7.0
FILES = (
    "empty",
    "corrupt",
    "binary",
    "100 MB",
    "link",
    "twice",
    "cells deleted",
    "no list",
    "fifo",
)
NAMES = {name: f"s{i:02d}" for i, name in enumerate([*SUBMISSIONS, *FILES, "missing"])}

pytestmark = pytest.mark.skipif(
    not sandbox.shutil.which("bwrap"), reason="bubblewrap is not installed: NOTHING was marked"
)


def hand_in(student: str, before: str = "", after: str = "") -> str:
    """What a diligent student hands in, with something before and after their answers."""
    of = notebook.tasks(CHAPTER, student, SALT)
    sources = [before, *(c.source for c in notebook.reference(of).cells), after]
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of submissions, beside what they must not reach: a file, and a server."""
    course = tmp_path_factory.mktemp("course")
    (course / "in").mkdir()
    (course / "secret").write_text("the key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name, hostile in SUBMISSIONS.items():
            there = hostile.at(str(course / "secret"), server.getsockname()[1])
            file = course / "in" / f"{NAMES[name]} {name} ..é.ipynb"
            file.write_text(hand_in(NAMES[name], there.before, there.after))
        put_odd_files(course)
        yield course


def put_odd_files(course: Path) -> None:
    """Files that are not a notebook, or not a student's only one."""
    files = {name: course / "in" / f"{CHAPTER}_{NAMES[name]}.ipynb" for name in FILES}
    files["empty"].touch()
    files["corrupt"].write_text(hand_in(NAMES["corrupt"])[:-100])
    files["binary"].write_bytes(os.urandom(5000))
    with files["100 MB"].open("wb") as large:
        large.truncate(100 * 2**20)
    (course / "elsewhere.ipynb").write_text(hand_in(NAMES["link"]))
    files["link"].symlink_to(course / "elsewhere.ipynb")
    os.mkfifo(files["fifo"])
    files["no list"].write_text(json.dumps({"cells": 5}))
    whole = json.loads(hand_in(NAMES["cells deleted"]))
    whole["cells"] = whole["cells"][:4]
    files["cells deleted"].write_text(json.dumps(whole))
    old = course / "in" / f"old {NAMES['twice']}.ipynb"
    old.write_text(hand_in(NAMES["twice"], after="eta = derivative = 0"))
    os.utime(old, (0, 0))
    files["twice"].write_text(hand_in(NAMES["twice"]))
    (course / "in" / "stranger.ipynb").write_text(hand_in("stranger"))


def processes() -> set[str]:
    """The command lines in our own or orphaned sandboxes; tests run alongside have their own."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    table = [line.split(None, 2) for line in listed.stdout.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, _ in table}

    def of_a_sibling(pid: int) -> bool:
        while pid in parents and pid != os.getpid():
            if pid == os.getppid() != 1:
                return True
            pid = parents[pid]
        return False

    inside = [(int(pid), args) for pid, _, args in table if "/course/in_sandbox.py" in args]
    return {f"{pid} {args}" for pid, args in inside if not of_a_sibling(pid)}


def left_over() -> set[str]:
    """What is still there a moment later: a sibling's sandbox that is just ending has no parent."""
    found = processes()
    if found:
        time.sleep(2)
        found &= processes()
    return found


@pytest.fixture(scope="module")
def results(course: Path) -> Iterator[dict[str, Any]]:
    os.environ["SECRET"] = "the key"
    students = [Student(i) for i in NAMES.values()]
    before = {
        path: path.lstat().st_mtime_ns for path in course.rglob("*") if path != course / "out"
    }
    submitted, nobodys = handed_in.assign(course / "in", students, CHAPTER)
    given = (CHAPTER, submitted, students, SALT, course / "out", LIMITS)
    found = {result.student: result for result in grading.grade(*given, jobs=2)}
    report.write(
        CHAPTER, notebook.tasks(CHAPTER), students, list(found.values()), nobodys, course / "out"
    )
    del os.environ["SECRET"]
    assert {path: path.lstat().st_mtime_ns for path in before} == before
    yield found
    assert left_over() == set()


def share(result: Any) -> float:
    return sum(mark.points for mark in result.marks) / AUTOMATIC


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_each_gets_what_it_deserves(results: dict[str, Any], name: str) -> None:
    result = results[NAMES[name]]
    assert share(result) == pytest.approx(SUBMISSIONS[name].deserves, abs=0.01), result


@pytest.mark.parametrize(
    ("name", "says", "deserves"),
    [
        ("empty", "not a notebook", 0),
        ("corrupt", "not a notebook", 0),
        ("binary", "not a notebook", 0),
        ("no list", "not a notebook", 0),
        ("100 MB", "100 MiB", 0),
        ("link", "could not be opened", 0),
        ("fifo", "not a file", 0),
        ("missing", "Nothing was handed in", 0),
        ("twice", "2 files", 1),
    ],
)
def test_files_that_are_odd_get_a_line(
    results: dict[str, Any], name: str, says: str, deserves: float
) -> None:
    result = results[NAMES[name]]
    assert says in " ".join(result.notes)
    assert share(result) == deserves


def test_what_is_left_of_a_notebook_is_marked(results: dict[str, Any]) -> None:
    assert 0 < share(results[NAMES["cells deleted"]]) < 1


def test_everybody_has_a_row_and_a_page(course: Path, results: dict[str, Any]) -> None:
    rows = (course / "out" / f"grades_{CHAPTER}.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == list(NAMES.values())
    for student in NAMES.values():
        text = (course / "out" / "feedback" / CHAPTER / f"{student}.md").read_text()
        assert len(text.splitlines()) > 5
    assert "stranger" in (course / "out" / f"nobody_{CHAPTER}.txt").read_text()


def test_nothing_outside_was_touched(course: Path, results: dict[str, Any]) -> None:
    assert (course / "secret").read_text() == "the key"
    assert sorted(p.name for p in course.iterdir()) == ["elsewhere.ipynb", "in", "out", "secret"]


def test_no_process_survives(results: dict[str, Any]) -> None:
    assert left_over() == set()


FORKS = """
import os
n = 0
try:
    while n < 400 and os.fork():
        n += 1
except OSError:
    pass
"""


def test_forks_are_counted_for_root_too() -> None:
    cells = [{"code": FORKS, "part": "", "takes": []}]
    told = sandbox.run(
        {"prelude": "", "cells": cells, "answers": ["n"], "calls": {}, "alone": []}, LIMITS
    )
    found = [line for line in told if line.get("answer") == "n" and "value" in line]
    forked = max(line["value"] for line in found)
    assert 0 < forked < LIMITS.processes


def test_process_1_is_killed_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where its death signal is off, as code could have it that may trace processes."""
    honest = sandbox.command

    def command(*given: Any) -> list[str]:
        return [word for word in honest(*given) if word != "--die-with-parent"]

    monkeypatch.setattr(sandbox, "command", command)
    cells = [{"code": "import time; time.sleep(600)", "part": "", "takes": []}]
    task = {"prelude": "", "cells": cells, "answers": [], "calls": {}, "alone": []}
    sandbox.run(task, sandbox.Limits(seconds=60, wall=1))
    assert processes() == set()

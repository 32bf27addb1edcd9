"""Marks a folder of submissions: who handed in what, each run in the sandbox and stored at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import gdlib
from marking.chapter import source
from marking.exercises import own_key
from marking.handed_in import LONGEST_TEXT, oddities
from marking.marks import Mark, mark
from marking.notebook import Task, handout, reference, tasks
from marking.roster import Student
from marking.sandbox import Limits, SandboxError
from marking.submission import Cell, Submission, Unreadable, read, submission_of


class MarkingError(RuntimeError):
    """The marking itself is wrong; nothing is marked."""


class Result(NamedTuple):
    """What one student gets: marks in the exercises' order, notes, and free texts by exercise."""

    student: str
    file: str
    marks: list[Mark]
    notes: list[str]
    texts: dict[str, str]
    readable: bool = True
    """Whether what was handed in is a notebook, if anything was, or a person has looked at it."""


def prove(chapter: str, salt: bytes, limits: Limits, sandboxed: bool) -> None:
    """MarkingError unless the solution gets all points and the empty notebook none."""
    for asked in (tasks(chapter), tasks(chapter, "nobody", salt)):
        solved = mark(_cells(reference(asked)), asked, limits, sandboxed)
        empty = mark(_cells(handout(chapter, asked, "nobody")), asked, limits, sandboxed)
        for task, full, none in zip(asked, solved, empty, strict=True):
            if full.points != task.text.points - task.by_hand:
                raise MarkingError(f"{task.label}: the solution gets {full.points}. {full.remarks}")
            if none.points:
                raise MarkingError(f"{task.label}: an empty notebook gets {none.points}.")


def _cells(notebook: Any) -> list[Cell]:
    return submission_of(notebook.cells).cells


def grade(
    chapter: str,
    submitted: Mapping[str, list[Path]],
    students: list[Student],
    salt: bytes,
    out: Path,
    limits: Limits,
    jobs: int = 2,
    sandboxed: bool = True,
) -> Iterator[Result]:
    """Yield every student's result; those stored already are not marked again.

    `submitted` has each student's files, as `handed_in.assign` chooses them.
    """
    results = out / "results" / chapter
    results.mkdir(parents=True, exist_ok=True)

    def one(student: Student) -> Result:
        paths = submitted.get(student.id, [])
        kept, digest = results / f"{student.id}.json", _digest(chapter, salt, paths)
        if old := _still_valid(kept, digest):
            return old
        given = tasks(chapter, student.id, salt)
        try:
            result = _one(chapter, student.id, paths, given, limits, sandboxed)
        except (SandboxError, OSError):
            raise
        except Exception as error:  # no submission stops the rest
            note = f"The marking failed, and a person has to look at it: {error!r}"[:300]
            return Result(student.id, paths[-1].name, nothing(given, note), [note], {})
        new = kept.with_suffix(f".{os.getpid()}.new")
        new.write_text(json.dumps(result._asdict() | {"digest": digest}), "utf-8")
        new.replace(kept)  # all or nothing, whenever the run is killed
        return result

    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(one, student) for student in students]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def stored(path: Path) -> tuple[str, Result]:
    """A result of an earlier run, after the digest of what it depends on."""
    old = json.loads(path.read_text("utf-8"))
    digest = old.pop("digest")
    return digest, Result(**old | {"marks": [Mark(*m) for m in old["marks"]]})


def _still_valid(path: Path, digest: str) -> Result | None:
    """A result of an earlier run; None if there is none, or it is damaged or out of date."""
    try:
        old, result = stored(path)
        if old == digest:
            return result
    except (OSError, ValueError, KeyError, TypeError):
        pass  # it is marked again
    return None


def nothing(asked: list[Task], remark: str) -> list[Mark]:
    """No points, and why."""
    return [Mark(0.0, task.text.points, task.by_hand, [remark]) for task in asked]


@cache
def _programs() -> str:
    """The keys and the code that uses them: after a corrected key, everybody is marked again."""
    folders = Path(__file__).parent, Path(gdlib.__file__).parent
    found = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()


def printable(text: str) -> str:
    """A student's text without anything that cannot be written to a file."""
    return text.encode("utf-8", "replace").decode()


def _digest(chapter: str, salt: bytes, paths: list[Path]) -> str:
    """What a result depends on: chapter, numbers, files; not their content, which may be huge."""
    parts = [source(chapter), own_key(chapter), salt.hex(), _programs()]
    for path in paths:
        status = path.lstat()
        parts += [str(path), str(status.st_size), str(status.st_mtime_ns)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _one(
    chapter: str,
    student: str,
    paths: list[Path],
    asked: list[Task],
    limits: Limits,
    sandboxed: bool,
) -> Result:
    """Mark the newest of a student's files; for none, or none that can be read, say so."""
    notes, submission, readable = [], Submission([], {}), True
    if not paths:
        notes.append("Nothing was handed in.")
    elif len(paths) > 1:
        notes.append(f"{len(paths)} files were handed in; the newest counts: {paths[-1].name!r}.")
    if paths:
        try:
            submission = read(paths[-1])
            notes += oddities(chapter, submission, asked)
        except Unreadable as error:
            notes.append(str(error))
            readable = False
    if submission.cells:
        marks = mark(submission.cells, asked, limits, sandboxed)
        marks = [m._replace(remarks=[printable(text) for text in m.remarks]) for m in marks]
    else:
        marks = nothing(asked, "There was no code to run.")
    texts = {label: printable(text[:LONGEST_TEXT]) for label, text in submission.texts.items()}
    by_hand = [task.label for task in asked if task.by_hand and submission.cells]
    given = {label: texts.get(label, "") for label in by_hand}
    name = paths[-1].name if paths else ""
    return Result(student, name, marks, notes, given, readable)

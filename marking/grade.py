"""Marks a folder of submissions: who handed in what, each in the sandbox, each written at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from marking.chapter import source
from marking.marks import Mark, mark
from marking.notebook import Task, handout, reference, tasks
from marking.roster import Student, owner
from marking.sandbox import Limits
from marking.submission import Submission, Unreadable, read


class MarkingError(RuntimeError):
    """The marking itself is wrong; nothing is marked."""


class Result(NamedTuple):
    """What one student gets: marks in the exercises' order, notes, and free texts by exercise."""

    student: str
    file: str
    marks: list[Mark]
    notes: list[str]
    texts: dict[str, str]


def prove(chapter: str, salt: bytes, limits: Limits, sandboxed: bool) -> None:
    """MarkingError unless the solution gets all points and the empty notebook none."""
    for of in (tasks(chapter), tasks(chapter, "nobody", salt)):
        solved = mark(_cells(reference(of)), of, limits, sandboxed)
        empty = mark(_cells(handout(chapter, of, "nobody")), of, limits, sandboxed)
        for task, full, none in zip(of, solved, empty, strict=True):
            if full.points != task.text.points - task.by_hand:
                raise MarkingError(f"{task.label}: the solution gets {full.points}. {full.remarks}")
            if none.points:
                raise MarkingError(f"{task.label}: an empty notebook gets {none.points}.")


def _cells(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def files(folder: Path) -> list[Path]:
    """Everything in the folder that could be a submission, links included, not followed."""
    found = [Path(where) / name for where, _, names in os.walk(folder) for name in names]
    linked = [
        Path(where) / name
        for where, folders, _ in os.walk(folder)
        for name in folders
        if (Path(where) / name).is_symlink()
    ]
    return sorted(path for path in found + linked if not path.name.startswith(".~"))


def assign(folder: Path, students: list[Student]) -> tuple[dict[str, list[Path]], list[Path]]:
    """Each student's files, the one that counts (the newest) last; and the files of nobody."""
    of: dict[str, list[Path]] = {}
    nobodys = []
    for path in files(folder):
        student = owner(path.relative_to(folder), students)
        if student:
            of.setdefault(student.id, []).append(path)
        else:
            nobodys.append(path)
    for paths in of.values():
        paths.sort(key=lambda path: path.lstat().st_mtime_ns)
    return of, nobodys


def grade(
    chapter: str,
    folder: Path,
    students: list[Student],
    salt: bytes,
    out: Path,
    limits: Limits,
    jobs: int = 2,
    sandboxed: bool = True,
) -> Iterator[Result]:
    """Yield every student's result; those that stand already are not marked again."""
    stored = out / "results" / chapter
    stored.mkdir(parents=True, exist_ok=True)
    of, _ = assign(folder, students)

    def one(student: Student) -> Result:
        paths = of.get(student.id, [])
        kept, digest = stored / f"{student.id}.json", _digest(chapter, salt, paths)
        if kept.exists() and (old := json.loads(kept.read_text("utf-8")))["digest"] == digest:
            marks = [Mark(*m) for m in old["marks"]]
            return Result(student.id, old["file"], marks, old["notes"], old["texts"])
        result = _one(student.id, paths, tasks(chapter, student.id, salt), limits, sandboxed)
        new = kept.with_suffix(".new")
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


def _digest(chapter: str, salt: bytes, paths: list[Path]) -> str:
    """What a result depends on: chapter, numbers, files; not their content, which may be huge."""
    parts = [source(chapter), salt.hex()]
    for path in paths:
        status = path.lstat()
        parts += [str(path), str(status.st_size), str(status.st_mtime_ns)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _one(
    student: str, paths: list[Path], of: list[Task], limits: Limits, sandboxed: bool
) -> Result:
    """Mark the newest of a student's files; for none, or none that can be read, say so."""
    notes, submission = [], Submission([], {})
    if not paths:
        notes.append("Nothing was handed in.")
    elif len(paths) > 1:
        notes.append(f"{len(paths)} files were handed in; the newest counts: {paths[-1].name!r}.")
    if paths:
        try:
            submission = read(paths[-1])
        except Unreadable as error:
            notes.append(str(error))
    if submission.cells:
        marks = mark(submission.cells, of, limits, sandboxed)
    else:
        nothing = ["There was no code to run."]
        marks = [Mark(0.0, task.text.points, task.by_hand, nothing) for task in of]
    given = {task.label: submission.texts.get(task.label, "") for task in of if task.by_hand}
    name = paths[-1].name if paths else ""
    return Result(student, name, marks, notes, given)

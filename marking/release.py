"""Hands out a chapter: a notebook for every student on the roster."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat

from marking.notebook import handout, tasks
from marking.roster import Student


def release(chapter: str, students: Iterable[Student], salt: bytes, out: Path) -> None:
    """Write `<out>/<chapter>_<id>.ipynb` for each student, the same files every time."""
    out.mkdir(parents=True, exist_ok=True)
    for student in students:
        notebook = handout(chapter, tasks(chapter, student.id, salt), student.id)
        nbformat.write(notebook, out / f"{chapter}_{student.id}.ipynb")

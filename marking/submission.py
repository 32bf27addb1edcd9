"""Reads what was handed in. Nothing in a file is trusted, or run, here."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

MIB = 2**20
LARGEST = 40 * MIB
TITLE = re.compile(r"^# Exercises: .+?(?=\s*$)", re.M)
FOR = re.compile(r"^For \*\*(.+?)\*\*\.", re.M)
LONGEST_CELL = 50_000
RUN = ("%%time", "%%timeit", "%%capture", "%%prun")
"""Magics of a whole cell whose code counts; of the others, nothing is run."""


class Unreadable(ValueError):
    """A submission that is not a notebook; the message is for the student."""


class Cell(NamedTuple):
    """A code cell as Python, and where it stands: an exercise's label, or the heading above it."""

    code: str
    label: str = ""
    heading: str = ""


class Submission(NamedTuple):
    """The code cells of a notebook, its free texts by exercise, and what it says of itself.

    `title` is its first heading, `student` whom it is for, `statements` have the exercises' texts
    by label, or by heading where there is no label.
    """

    cells: list[Cell]
    texts: dict[str, str]
    title: str = ""
    student: str = ""
    statements: dict[str, str] = {}


def read(path: Path) -> Submission:
    """A notebook's cells; Unreadable for anything else."""
    content = _content(path)
    if path.suffix == ".zip":
        content = _unpacked(content)
    try:
        text = content.decode("utf-8-sig")
        notebook = (
            _jupytext(text, path.suffix) if path.suffix in (".py", ".md") else json.loads(text)
        )
        return submission_of(list(_cells(notebook)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("This is not a notebook (.ipynb), or it is damaged.") from None


def _content(path: Path) -> bytes:
    """What a file contains; Unreadable for what is no file, or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"The file could not be opened: {error.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("This is not a file.")
        if status.st_size > LARGEST:
            size = f"{status.st_size / MIB:.0f} MiB"
            raise Unreadable(f"The file has {size}; at most {LARGEST // MIB} are read.")
        return file.read()


def _unpacked(content: bytes) -> bytes:
    """The only notebook of a zip file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            found = [
                one for one in packed.infolist()
                if one.filename.endswith(".ipynb") and "__MACOSX" not in one.filename
            ]  # fmt: skip
            if len(found) != 1:
                raise Unreadable(f"The zip file has {len(found)} notebooks; hand in one.")
            if found[0].file_size > LARGEST:
                raise Unreadable(
                    f"The notebook in the zip file is larger than {LARGEST // MIB} MiB."
                )
            with packed.open(found[0]) as file:
                return file.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise Unreadable("The zip file is damaged, or has a password.") from None


def _jupytext(text: str, suffix: str) -> Any:
    """A notebook that was saved as a script, or as Markdown."""
    import jupytext  # few hand in such a file, and it takes a while

    return jupytext.reads(text, fmt={"extension": suffix})


def _cells(notebook: Any) -> Iterator[Any]:
    """The cells of a notebook of today's format, or of that of 2013, which had worksheets."""
    for sheet in notebook.get("worksheets", [notebook]):
        for cell in sheet["cells"]:
            cell = dict(cell)
            cell.setdefault("source", cell.get("input", ""))
            if cell["cell_type"] == "heading":
                cell |= {"cell_type": "markdown", "source": f"## {_source(cell)}"}
            yield cell


def submission_of(cells: Sequence[Any]) -> Submission:
    """Each cell with the exercise that its own mark, or a heading above it, says that it is of."""
    found, texts, label, heading = [], {}, "", ""
    statements: dict[str, str] = {}
    title = student = ""
    for cell in cells:
        own, source = cell.get("metadata", {}), _source(cell)
        if cell["cell_type"] == "markdown":
            if not title and (first := TITLE.search(source)):
                title, whose = first[0], FOR.search(source)
                student = whose[1] if whose else ""
            if above := re.search(r"^## +(.+?)\s*$", source, re.M):
                label, heading = "", above[1]
                statements.setdefault(str(own.get("exercise", heading)), source)
            if "marking" in own:
                texts[str(own["marking"])] = source
        label = str(own.get("exercise", label))
        if cell["cell_type"] == "code":
            found.append(Cell(_python(source), label, heading))
    return Submission(found, texts, title, student, statements)


def _source(cell: Any) -> str:
    """A cell's text: one string, or one per line."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


@cache
def _ipython() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager  # a cell with a magic needs it

    return TransformerManager()


def _python(source: str) -> str:
    """A cell as IPython would run it: shell commands and magics become calls.

    Only text is looked at. What is far longer than anybody writes is left as it is: IPython reads a
    cell once for each of its magics.
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        source = rest if first.split()[0] in RUN else ""
    source = re.sub(r"^(\s*)%(?:time|prun)\s(?! *-)", r"\1", source, flags=re.M)
    magics = len(re.findall(r"^[^#\n]*[%!?]", source, re.M))
    if not magics or magics > 100 or len(source) > LONGEST_CELL:
        return source
    try:
        return _ipython().transform_cell(source)
    except SyntaxError:  # Python will say the same, and where
        return source

"""Reads what was handed in. Nothing in a file is trusted, or run, here."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, NamedTuple

LARGEST = 8 * 2**20
LONGEST_TEXT = 5000


class Unreadable(ValueError):
    """A submission that is not a notebook; the message is for the student."""


class Submission(NamedTuple):
    """The code cells of a notebook, and its free texts by exercise."""

    cells: list[str]
    texts: dict[str, str]


def read(path: Path) -> Submission:
    """A notebook's cells; Unreadable for anything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"The file could not be opened: {error.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("This is not a file.")
        if status.st_size > LARGEST:
            size = f"{status.st_size / 2**20:.0f} MiB"
            raise Unreadable(f"The file has {size}; at most {LARGEST // 2**20} are read.")
        content = file.read()
    try:
        cells = json.loads(content)["cells"]
        return Submission(
            [_code(_source(c)) for c in cells if c["cell_type"] == "code"],
            {
                str(c["metadata"]["marking"]): _source(c)[:LONGEST_TEXT]
                for c in cells
                if c["cell_type"] == "markdown" and "marking" in c.get("metadata", {})
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("This is not a notebook (.ipynb), or it is damaged.") from None


def _source(cell: dict[str, Any]) -> str:
    """A cell's text: one string, or one per line."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _code(source: str) -> str:
    """A cell without what is IPython rather than Python."""
    return "\n".join(
        "pass" if line.startswith(("%", "!")) else line for line in source.splitlines()
    )

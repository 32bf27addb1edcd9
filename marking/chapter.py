"""The chapters as marking reads them: their exercises, word for word as on the page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
EXERCISE = re.compile(
    r"^```\{exercise\} (?P<title>[^\n]+) \((?P<points>\d+) points?, (?P<difficulty>\w+)\)\n"
    r":label: (?P<label>[\w-]+)\n(?P<text>.*?)^```$"
    r"(?:\s+```\{admonition\} Hint\n:class: dropdown\n(?P<hint>.*?)^```$)?",
    re.M | re.S,
)
SOLUTION = re.compile(r"^(`{4,})\{solution\} ([\w-]+)\n(.*?)^\1$", re.M | re.S)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


class Text(NamedTuple):
    """An exercise as the page has it."""

    title: str
    points: int
    difficulty: str
    text: str
    hint: str


def source(chapter: str) -> str:
    """The chapter's MyST source."""
    return (ROOT / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")


@cache
def texts(chapter: str) -> dict[str, Text]:
    """Its exercises by label, in their order."""
    found = (match.groupdict() for match in EXERCISE.finditer(source(chapter)))
    return {
        e["label"]: Text(
            e["title"],
            int(e["points"]),
            e["difficulty"],
            e["text"].strip(),
            (e["hint"] or "").strip(),
        )
        for e in found
    }


def solutions(chapter: str) -> dict[str, str]:
    """The code of its solutions by label."""
    found = SOLUTION.findall(source(chapter))
    return {label: "\n".join(PYTHON.findall(body)) for _, label, body in found}

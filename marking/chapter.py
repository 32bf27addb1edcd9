"""The chapters as marking reads them: their exercises, word for word as on the page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from myst_source import read

ROOT = Path(__file__).parent.parent
TITLE = re.compile(r"(?P<title>.+) \((?P<points>\d+) points?, (?P<difficulty>\w+)\)")


class Text(NamedTuple):
    """An exercise as the page has it."""

    title: str
    points: int
    difficulty: str
    text: str
    hint: str


FOLDERS = [ROOT / "chapters"]
"""Where chapters are: the book's, and an instructor's own."""


def source(chapter: str) -> str:
    """The chapter's MyST source."""
    path = next(p for folder in FOLDERS if (p := folder / f"{chapter}.md").is_file())
    return path.read_text(encoding="utf-8")


@cache
def numbers() -> dict[str, str]:
    """What stands in the book for the label of a chapter's equation or figure: (2.1), Fig. 2.1."""
    found: dict[str, str] = {}
    for path in sorted(FOLDERS[0].glob("[0-9]*.md")):
        page, chapter = read(path.read_text(encoding="utf-8")), int(path.stem.partition("_")[0])
        labels = [one.options["label"] for one in page.named("math") if "label" in one.options]
        figures = [
            one.options.get("mystnb", {}).get("figure", {}).get("name", "")
            for one in page.code_cells
            if one.options.get("mystnb", {}).get("figure")
        ]
        found |= {label: f"({chapter}.{k})" for k, label in enumerate(labels, start=1)}
        found |= {name: f"Fig. {chapter}.{k}" for k, name in enumerate(figures, start=1)}
    return found


@cache
def texts(chapter: str) -> dict[str, Text]:
    """Its exercises by label, in their order; a hint directly follows its exercise."""
    found = {}
    directives = read(source(chapter)).directives
    for exercise, after in zip(directives, [*directives[1:], None], strict=True):
        if exercise.name != "exercise":
            continue
        title = TITLE.fullmatch(exercise.argument)
        if not title or "label" not in exercise.options:
            raise ValueError(
                f"{chapter}, line {exercise.start}: an exercise has a label and a title such as "
                f"'By hand (2 points, easy)', not {exercise.argument!r}."
            )
        hint = after.body if after and after.argument == "Hint" else ""
        found[exercise.options["label"]] = Text(
            title["title"],
            int(title["points"]),
            title["difficulty"],
            exercise.body.strip(),
            hint.strip(),
        )
    return found


def solutions(chapter: str) -> dict[str, str]:
    """The code of its solutions by label."""
    return {
        solution.argument: "\n".join(
            code.body for code in solution.inside.code if code.language == "python"
        )
        for solution in read(source(chapter)).named("solution")
    }

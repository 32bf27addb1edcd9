"""The chapters as the tests read them: their code cells, their solutions, what their cells show."""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from gdlib.live import Live
from myst_source import read

ROOT = Path(__file__).parent.parent
EVERYTHING = sorted([ROOT / "index.md", *(ROOT / "chapters").rglob("*.md")])
PAGES = [path for path in EVERYTHING if read(path.read_text("utf-8")).code_cells]
NOTEBOOKS = [
    path for path in EVERYTHING if "jupytext" in read(path.read_text("utf-8")).front_matter
]
CHAPTERS = [path for path in PAGES if re.match(r"\d\d_", path.name)]


def name(path: Path) -> str:
    """Return the page's address in the book, without its ending."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def code_cells(path: Path) -> list[str]:
    """Return the source of every code cell, without its options."""
    return [cell.body for cell in read(path.read_text(encoding="utf-8")).code_cells]


def run_cell(source: str, namespace: dict[str, Any], where: str) -> Any:
    """Run a cell as a notebook does: the value of a last expression is what it shows."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, where, "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), where, "eval"), namespace)


@cache
def run(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """Run all cells of a page; return its namespace and what the cells showed."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        shown = [
            run_cell(cell, namespace, f"{path.name}, cell {i}")
            for i, cell in enumerate(code_cells(path), start=1)
        ]
    finally:
        os.chdir(here)
    return namespace, [value for value in shown if value is not None]


def figures(path: Path) -> list[Live]:
    """The live figures that a page shows, in its order."""
    return [value for value in run(path)[1] if isinstance(value, Live)]

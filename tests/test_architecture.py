"""The house is as ARCHITECTURE.md says: who imports whom, how long a figure is, how long a file."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chapters import ROOT

ROW = re.compile(r"^\| (\w+) \| `([^`]+)` \|([^|]*)\| [^|]+ \|$", re.M)
TABLE = ROW.findall((ROOT / "ARCHITECTURE.md").read_text("utf-8"))
MAY = {room: set(re.findall(r"\w+", allowed)) for room, _, allowed in TABLE}
LINES, NAMES, LONG = 40, 15, 300


def expanded(pattern: str) -> Iterator[str]:
    """A pattern's alternatives in braces, one by one."""
    before, *rest = re.split(r"\{([^}]*)\}", pattern, maxsplit=1)
    if not rest:
        yield before
        return
    for name in rest[0].split(","):
        yield from expanded(before + name + rest[1])


ROOMS = {
    file: room
    for room, pattern, _ in TABLE
    for one in expanded(pattern)
    for file in ROOT.glob(one)
    if (file.parent.name, file.name) != ("gdlib", "__init__.py")
}


def module(file: Path) -> str:
    """The name by which a file is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part not in ("_ext", "__init__"))


BY_NAME = {module(file): room for file, room in ROOMS.items()}


def imported(file: Path) -> set[str]:
    """The rooms that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
            known = next((prefix for prefix in prefixes if prefix in BY_NAME), None)
            if known:
                found.add(BY_NAME[known])
    return found


def test_every_file_of_the_house_is_in_one_room() -> None:
    files = itertools.chain(
        *(ROOT.glob(p) for p in ("gdlib/**/*.py", "marking/*.py", "_ext/**/*.py"))
    )
    homeless = {file for file in files if file not in ROOMS} - {ROOT / "gdlib" / "__init__.py"}
    assert not homeless
    places = [f for _, pattern, _ in TABLE for one in expanded(pattern) for f in ROOT.glob(one)]
    assert len(ROOMS) > 60 and sorted(set(places) - {ROOT / "gdlib" / "__init__.py"}) == sorted(
        ROOMS
    )


@pytest.mark.parametrize("room", MAY)
def test_a_room_imports_those_it_may_and_no_other(room: str) -> None:
    used = {file: imported(file) - {room} for file, own in ROOMS.items() if own == room}
    assert used
    assert {file.name: rooms for file, rooms in used.items() if rooms - MAY[room]} == {}
    assert set().union(*used.values()) == MAY[room]  # what is allowed is needed


def functions(folder: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{file.stem}.{node.name}", node


def length(function: ast.FunctionDef) -> int:
    """Its lines without the docstring and the decorators."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        text = function.body[0]
        lines -= (text.end_lineno or 0) - text.lineno + 1
    return lines


def names(function: ast.FunctionDef) -> set[str]:
    """What its body names; parameters and a comprehension's own variables do not count."""
    stored = {
        n for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    own = {
        name
        for node in ast.walk(function)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    arguments = function.args
    parameters = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    return {node.id for node in stored - own} - parameters


def test_a_function_of_the_figures_is_short_enough_to_be_read_at_once() -> None:
    found = dict(functions(ROOT / "gdlib" / "figures"))
    assert len(found) > 100
    assert {name: length(f) for name, f in found.items() if length(f) > LINES} == {}
    assert {name: names(f) for name, f in found.items() if len(names(f)) > NAMES} == {}


def test_the_ruler_counts_lines_and_names() -> None:
    source = """
def f(a):
    '''Says
    much.'''
    a = 1
    b = [c for c in a]
    for d in b:
        e, b = d
"""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert length(function) == 5 and names(function) == {"b", "d", "e"}


def test_a_long_file_says_why_it_is_one() -> None:
    for file in itertools.chain((ROOT / "gdlib").rglob("*.*"), (ROOT / "_ext").rglob("*.*")):
        if file.suffix in (".py", ".js", ".css", ".cjs"):
            text = file.read_text("utf-8")
            if text.count("\n") > LONG:
                assert "One file" in (ast.get_docstring(ast.parse(text)) or ""), file.name


def test_the_engine_is_used_through_its_front_door() -> None:
    inside = re.compile(r"^ *(?:from|import) gdlib\.live\.\w+", re.M)
    others = [
        file
        for pattern in ("gdlib/**/*.py", "tests/**/*.py", "_ext/**/*.py", "marking/*.py",
                        "benchmarks/*.py", "chapters/**/*.md", "index.md")
        for file in ROOT.glob(pattern)
        if ROOT / "gdlib" / "live" not in file.parents
    ]  # fmt: skip
    assert len(others) > 100
    assert [file.name for file in others if inside.search(file.read_text("utf-8"))] == []

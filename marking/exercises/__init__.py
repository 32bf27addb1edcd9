"""What marking needs besides the exercises' text, one module per chapter, named as in gdlib."""

from __future__ import annotations

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from marking.chapter import FOLDERS, texts
from marking.exercise import Exercise, Variant

MODULES = {
    "01_loss_functions": "loss_functions",
    "02_slope": "slope",
    "03_taylor_expansion": "taylor_expansion",
    "04_chain_rule": "chain_rule",
    "05_efficient_backprop": "efficient_backprop",
    "06_gradient_descent": "gradient_descent",
}


_OWN: dict[str, ModuleType] = {}
"""An instructor's own modules, by the name of their chapter."""


def exercises(chapter: str) -> list[Exercise]:
    """The exercises of a chapter, in its order."""
    module = _OWN.get(chapter) or import_module(f"marking.exercises.{MODULES[chapter]}")
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


def own_key(chapter: str) -> str:
    """What an instructor's own module says, so that a corrected key marks again; else nothing."""
    module = _OWN.get(chapter)
    return Path(str(module.__file__)).read_text("utf-8") if module else ""


def take(folder: Path) -> None:
    """Add the chapters of a folder outside the book: `name.md`, and what marking needs, `name.py`.

    ValueError names the file that has no other, the name or label that the book has, or the
    exercise that stands in one of the two only.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such folder.")
    pages, keys = ({path.stem: path for path in folder.glob(f"*.{e}")} for e in ("md", "py"))
    if not pages.keys() & keys.keys():
        raise ValueError(f"{folder}: there is no pair of files such as week_1.md and week_1.py.")
    taken = set(in_the_book())
    for name in sorted(pages.keys() & keys.keys()):
        if name in _OWN:
            continue  # another command of the same process
        if name in MODULES:
            raise ValueError(f"{pages[name]}: the book has a chapter of this name.")
        spec = spec_from_file_location(f"own_exercises_{name}", keys[name])
        assert spec and spec.loader
        _OWN[name] = module_from_spec(spec)
        spec.loader.exec_module(_OWN[name])
        FOLDERS.extend({folder} - set(FOLDERS))
        written, known = list(texts(name)), [e.label for e in exercises(name)]
        if written != known:
            raise ValueError(f"{folder}: {name}.md has {written}, {name}.py has {known}.")
        if twice := sorted(taken & set(known)):
            raise ValueError(f"{keys[name]}: the label {twice[0]!r} is there already.")
        taken |= set(known)
        MODULES[name] = name


def in_the_book() -> dict[str, Variant]:
    """All exercises by label, with the numbers of the book."""
    return {e.label: e.in_the_book() for chapter in MODULES for e in exercises(chapter)}

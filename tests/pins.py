"""The pins of a requirements file, and what a package needs."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def lines(path: Path) -> list[str]:
    """The lines that pin a package."""
    text = path.read_text("utf-8").splitlines()
    return [line for line in text if line and not line.startswith(("#", "-e "))]


def here(pins: Iterable[Requirement]) -> dict[str, Requirement]:
    """Those that apply to this Python on this system, by name."""
    return {
        canonicalize_name(pin.name): pin for pin in pins if not pin.marker or pin.marker.evaluate()
    }


def needed(asked: Iterable[Requirement]) -> set[str]:
    """The names of all packages that come with those asked for, as far as they are installed."""
    seen, left = set(), [(canonicalize_name(one.name), tuple(one.extras)) for one in asked]
    while left:
        name, extras = left.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            wanted = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, wanted):
            marker = requirement.marker
            if not marker or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                left.append((canonicalize_name(requirement.name), tuple(requirement.extras)))
    return {name for name, _ in seen}

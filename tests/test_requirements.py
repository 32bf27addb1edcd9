"""The pins are what pyproject.toml asks for, and nothing else."""

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sphinxcontrib import katex

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LINES = [
    line
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "-e "))
]
PINS = [Requirement(line) for line in LINES]
HERE = {canonicalize_name(pin.name): pin for pin in PINS if not pin.marker or pin.marker.evaluate()}
ASKED = [
    Requirement(text)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in group
    if not text.startswith("gdlib[")
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_for_is_pinned_to_a_version_that_fits(asked):
    pins = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(asked.name)]
    assert pins
    for pin in pins:
        (version,) = pin.specifier
        assert version.operator == "=="
        assert asked.specifier.contains(version.version, prereleases=True)


def test_nothing_is_pinned_that_nobody_needs():
    needed, left = set(), [(asked.name, tuple(asked.extras)) for asked in ASKED]
    while left:
        name, extras = left.pop()
        if (name, extras) in needed:
            continue
        needed.add((name, extras))
        try:
            wanted = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, wanted):
            marker = requirement.marker
            if not marker or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                left.append((canonicalize_name(requirement.name), tuple(requirement.extras)))
    assert set(HERE) <= {canonicalize_name(name) for name, _ in needed}


def test_what_is_pinned_is_what_is_installed():
    wrong = {
        name: distribution(name).version
        for name, pin in HERE.items()
        if not pin.specifier.contains(distribution(name).version, prereleases=True)
    }
    assert not wrong


def test_the_library_itself_is_installed_from_here():
    assert (ROOT / "requirements.txt").read_text("utf-8").endswith("\n-e .\n")


def test_the_library_needs_five_packages_only():
    names = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert names == {"anywidget", "ipywidgets", "matplotlib", "numpy", "sympy"}


@pytest.mark.parametrize("name", ["requirements.txt", "package-lock.json", ".npmrc"])
def test_no_lock_file_names_a_registry(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r'"resolved"|index-url|find-links|file:|registry\.', text)


def test_katex_has_the_version_that_renders_the_formulas():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]["katex"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert wanted == katex.katex_version
    assert locked["packages"]["node_modules/katex"]["version"] == wanted

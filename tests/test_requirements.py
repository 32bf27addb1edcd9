"""The pins are what pyproject.toml asks for, and nothing else."""

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sphinxcontrib import katex

from tests import pins

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = [Requirement(line) for line in pins.lines(ROOT / "requirements.txt")]
HERE = pins.here(PINS)
ASKED = [
    Requirement(text)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in group
    if not text.startswith("gdlib[")
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_for_is_pinned_to_a_version_that_fits(asked):
    found = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(asked.name)]
    assert found
    for pin in found:
        (version,) = pin.specifier
        assert version.operator == "=="
        assert asked.specifier.contains(version.version, prereleases=True)


def test_nothing_is_pinned_that_nobody_needs():
    assert set(HERE) <= pins.needed(ASKED)


def test_what_is_pinned_is_what_is_installed():
    wrong = {
        name: distribution(name).version
        for name, pin in HERE.items()
        if not pin.specifier.contains(distribution(name).version, prereleases=True)
    }
    assert not wrong


def test_the_library_itself_is_installed_from_here():
    assert (ROOT / "requirements.txt").read_text("utf-8").endswith("\n-e .\n")


def test_the_library_needs_six_packages_and_three_of_theirs():
    names = {Requirement(text).name for text in PROJECT["dependencies"]}
    theirs = {"ipython", "mpmath", "traitlets"}  # ipywidgets', SymPy's, ipywidgets'
    assert (
        names
        == {"anywidget", "ipywidgets", "latex2mathml", "matplotlib", "numpy", "sympy"} | theirs
    )


def imported(folder):
    """The packages that a folder's modules import from outside the repository."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    own = {"_ext", "downhill", "gdlib", "marking", "myst_source", "tests"}
    return found - own - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("gdlib", ["pages"]),
        ("marking", ["marking"]),
        ("_ext", ["book"]),
        ("tests", ["run", "book", "marking", "test", "maintain"]),
    ],
)
def test_what_is_imported_is_declared(folder, extras):
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][e] for e in extras)]
    declared = {canonicalize_name(Requirement(text).name) for group in groups for text in group}
    provided = packages_distributions()
    allowed = {"_pytest", "sphinxcontrib"}  # pytest's own; a namespace shared by many
    undeclared = {
        name
        for name in imported(folder) - allowed
        if not {canonicalize_name(d) for d in provided.get(name, [name])} & declared
    }
    assert undeclared == set()


def test_the_version_stands_in_one_place():
    version = PROJECT["version"]
    elsewhere = ["CITATION.cff", "_config.yml", "package.json", *map(str, ROOT.glob("gdlib/*.py"))]
    assert [name for name in elsewhere if version in (ROOT / name).read_text("utf-8")] == []


@pytest.mark.parametrize("name", ["requirements.txt", "package-lock.json", ".npmrc"])
def test_no_lock_file_names_a_registry(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r'"resolved"|index-url|find-links|file:|registry\.', text)


def test_katex_has_the_version_that_renders_the_formulas():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]["katex"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert wanted == katex.katex_version
    assert locked["packages"]["node_modules/katex"]["version"] == wanted

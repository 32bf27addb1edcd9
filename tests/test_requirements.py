"""The pins are what pyproject.toml asks for, and nothing else."""

import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
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


def test_the_library_needs_five_packages_only():
    names = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert names == {"anywidget", "ipywidgets", "matplotlib", "numpy", "sympy"}


def test_the_citation_has_the_project_s_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert str(citation["version"]) == PROJECT["version"]


@pytest.mark.parametrize("name", ["requirements.txt", "package-lock.json", ".npmrc"])
def test_no_lock_file_names_a_registry(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r'"resolved"|index-url|find-links|file:|registry\.', text)


def test_katex_has_the_version_that_renders_the_formulas():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]["katex"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert wanted == katex.katex_version
    assert locked["packages"]["node_modules/katex"]["version"] == wanted

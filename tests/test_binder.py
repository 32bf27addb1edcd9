"""What `.binder` says: the pins of the book, and the Dockerfile that repo2docker makes of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests import pins
from tests.jupyter import checkout
from tests.test_requirements import PINS, PROJECT, ROOT

BINDER = ROOT / ".binder"
RUN = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["run"]
MORE_THAN_JUPYTERLAB = 40  # packages at most


def versions(folder):
    """Every pin without its marker: fewer packages ask for less."""
    return {line.split(" ;")[0] for line in pins.lines(folder / "requirements.txt")}


def test_each_pin_is_one_of_the_book_s():
    assert versions(BINDER)
    assert versions(BINDER) <= versions(ROOT)


def test_no_pin_is_missing_or_too_many():
    pinned = pins.here(map(Requirement, pins.lines(BINDER / "requirements.txt")))
    assert set(pinned) == pins.needed(map(Requirement, RUN)) & set(pins.here(PINS))


def test_it_is_little_more_than_jupyterlab():
    pinned = pins.here(map(Requirement, pins.lines(BINDER / "requirements.txt")))
    more = set(pinned) - pins.needed([Requirement("jupyterlab")])
    assert "numpy" in more and "jupyter-server" not in more
    assert len(more) <= MORE_THAN_JUPYTERLAB


def test_python_is_one_that_the_library_takes():
    name, version = (BINDER / "runtime.txt").read_text("utf-8").strip().split("-")
    assert name == "python"
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    work = checkout(tmp_path_factory.mktemp("repository"))
    pytest.importorskip("repo2docker", reason="needs the extra `maintain`")
    command = [Path(sys.executable).with_name("jupyter-repo2docker"), "--no-build", "--debug", work]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_repo2docker_takes_the_python_that_we_ask_for(dockerfile):
    version = (BINDER / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert f"environment-2epy-2d{version.replace('.', '-2e')}-2dlinux" in dockerfile


def test_repo2docker_installs_the_pins_and_then_runs_our_script(dockerfile):
    steps = [
        "COPY --chown=0:0 src/.binder/requirements.txt ${REPO_DIR}/.binder/requirements.txt",
        'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r ".binder/requirements.txt"',
        "COPY --chown=0:0 src/ ${REPO_DIR}/",
        "RUN ./.binder/postBuild",
    ]
    lines = dockerfile.splitlines()
    places = [lines.index(step) for step in steps]
    assert places == sorted(places)
    assert not any("make" in line.split() for line in lines if line.startswith("RUN"))


def test_our_script_can_be_run():
    assert (BINDER / "postBuild").stat().st_mode & 0o111

"""The library as a package, and a downloaded chapter that runs with nothing but that package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests import jupyter, pins
from tests.chapters import NOTEBOOKS, ROOT, name

pytestmark = pytest.mark.heavy

DOWNLOADS = ROOT / "_build" / "html" / "_sources"
CHAPTER = "02_slope.ipynb"
FIGURE = """
import json, sys
from ipywidgets import Widget
from gdlib.figures.slope import secant
from gdlib.symbolic import w
box = secant(w**3 / 3 - w).build()
(figure,) = [model["state"] for model in Widget.get_manager_state()["state"].values()
             if "_esm" in model["state"]]
print(json.dumps({"where": sys.modules["gdlib"].__file__, "script": len(figure["_esm"]),
                  "style": len(figure["_css"]), "drawn": "<svg" in figure["svg"],
                  "program": len(json.dumps(figure["spec"]))}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = jupyter.checkout(tmp_path_factory.mktemp("source"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", work]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (work / "dist").glob("*.whl")
    return built


def test_all_of_the_library_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    packed = {file for file in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in file}
    assert packed == {file for file in jupyter.files() if file.startswith("gdlib/")}
    kinds = {Path(file).suffix for file in packed}
    assert {".py", ".js", ".css", ".csv", ".gz"} <= kinds
    assert "gdlib/py.typed" in packed


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> jupyter.Environment:
    folder = tmp_path_factory.mktemp("alone")
    environment = jupyter.Environment(folder)
    pinned = folder / "pins.txt"
    pinned.write_text("\n".join(pins.lines(ROOT / "requirements.txt")), "utf-8")
    environment.install(wheel, "-c", pinned)
    return environment


def test_alone_it_makes_a_live_figure(environment: jupyter.Environment) -> None:
    assert "jupyterlab" not in environment.packages()
    made = json.loads(environment.python(FIGURE))
    assert Path(made["where"]).is_relative_to(environment.folder)
    assert made["drawn"]
    assert min(made["script"], made["style"], made["program"]) > 500


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_each_notebook_can_be_downloaded(path: Path) -> None:
    text = (DOWNLOADS / f"{name(path)}.ipynb").read_text("utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert "gdlib" in notebook.cells[0].source and "pip install" in notebook.cells[0].source
    assert str(ROOT) not in text
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.search(r"`{3,}\{|\{\w+\}`|\b(eq|fig)-\w", prose)


def test_a_downloaded_chapter_runs_in_the_notebook_interface(
    environment: jupyter.Environment, browser: Browser, tmp_path: Path
) -> None:
    environment.install("notebook==7.*")
    shutil.copyfile(DOWNLOADS / "chapters" / CHAPTER, tmp_path / CHAPTER)
    with environment.server("notebook", tmp_path) as url:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(jupyter.WAIT)
        page.goto(url.format(f"notebooks/{CHAPTER}"))
        jupyter.wait_for_notebook(page, CHAPTER)
        jupyter.run_all(page)
        handle, figure = jupyter.first_slider(page)
        jupyter.press(page, handle, figure)  # whose key the interface would take for itself
        jupyter.drag(page, handle, figure)
        jupyter.close(page)
        page.close()

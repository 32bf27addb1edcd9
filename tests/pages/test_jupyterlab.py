"""Every chapter in JupyterLab, as Binder has it: opened, run, read, and its slider moved."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from playwright.sync_api import Browser, Page

from myst_source import read
from tests import jupyter, pins
from tests.chapters import CHAPTERS, EVERYTHING, NOTEBOOKS, ROOT, name
from tests.jupyter import Environment

MEGABYTES = 600  # at most

# A page of links back to the others.
WITHOUT_FIGURE = {ROOT / "chapters" / "07_recap.md"}

# What the page shows, rendered: text outside code, and how often each element occurs.
READABLE = """() => current().content.widgets
  .filter((cell) => cell.model.type === "markdown")
  .every((cell) => cell.node.querySelector(".myst")?.textContent)"""
RENDERED = """() => {
  const cells = current().content.widgets.filter((cell) => cell.model.type === "markdown");
  const pages = cells.map((cell) => cell.node.querySelector(".myst").cloneNode(true));
  const count = (what) => pages.reduce((sum, page) => sum + page.querySelectorAll(what).length, 0);
  const links = pages.flatMap((page) => [...page.querySelectorAll("a.hover-link")]);
  const found = {
    admonitions: count(".myst-admonition"),
    exercises: count(".myst-exercise:not(details)"),
    solutions: count("details.myst-exercise:not([open])"),
    equations: count("div[id^=eq-] a[title='Link to this Equation']"),
    references: links.filter((link) => /^\\(\\d+\\)$/.test(link.textContent)).length,
  };
  pages.forEach((page) => page.querySelectorAll("code, .katex").forEach((code) => code.remove()));
  return [found, pages.map((page) => page.textContent).join("\\n")];
}"""


@pytest.fixture(scope="module")
def binder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path]:
    return jupyter.binder(tmp_path_factory.mktemp("binder"))


@pytest.fixture(scope="module")
def url(binder: tuple[Environment, Path]) -> Iterator[str]:
    environment, work = binder
    with environment.server("lab", work) as url:
        yield url


@pytest.fixture(scope="module")
def lab(url: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(jupyter.WAIT)
    page.goto(url.format("lab"))
    page.locator(".jp-DirListing-item", has_text="index.md").wait_for()
    yield page
    context.close()


@pytest.fixture
def notebook(path: Path, lab: Page) -> Iterator[Page]:
    """A chapter that was opened by a double click in the file browser."""
    folder = path.relative_to(ROOT).parent.as_posix()
    jupyter.command(lab, "filebrowser:go-to-path", path="/" if folder == "." else folder)
    lab.locator(".jp-DirListing-item", has_text=path.name).dblclick()
    jupyter.wait_for_notebook(lab, path.relative_to(ROOT).as_posix())
    yield lab
    jupyter.close(lab)


def on_the_page(source: str) -> dict[str, int]:
    """How often the source, without its cells and their captions, has what `RENDERED` counts."""
    page = read(source)
    labels = [one.options["label"] for one in page.named("math") if "label" in one.options]
    return {
        "admonitions": len(page.named("admonition")),
        "exercises": len(page.named("exercise")),
        "solutions": len(page.named("solution")),
        "equations": len(labels),
        "references": sum(role.name == "eq" and role.text in labels for role in page.roles),
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_chapter_opens_runs_reads_well_and_moves(path: Path, notebook: Page) -> None:
    source = path.read_text("utf-8")
    jupyter.run_all(notebook)
    notebook.wait_for_function(READABLE)
    found, text = notebook.evaluate(RENDERED)
    assert found == on_the_page(source)
    assert not re.findall(r"`{3}|:::|\{\w+\}`|^:\w+:|\$", text, re.M)
    if path.stem == "digit_reader":
        pad = notebook.locator(".digit-pad")
        pad.scroll_into_view_if_needed()
        notebook.get_by_role("button", name="Train", exact=True).click()
        notebook.locator(".digit-reader >> text=trained:").wait_for()
        notebook.get_by_role("button", name="A held-out digit").click()
        assert "It reads" in notebook.locator(".digit-reader .live-readout").nth(1).inner_text()
    elif path.stem == "playground":
        plane = notebook.locator(".playground-plane")
        plane.scroll_into_view_if_needed()
        notebook.get_by_role("button", name="One step", exact=True).click()
        assert "Step 1," in notebook.locator(".playground-scores").inner_text()
        loss = notebook.locator(".playground-scores").inner_text()
        notebook.locator(".playground-unit-panel input").first.focus()
        notebook.keyboard.press("ArrowRight")
        notebook.wait_for_function(
            "(loss) => document.querySelector('.playground-scores').innerText !== loss", arg=loss
        )
        of = "document.querySelector('.playground').playground"
        plane.focus()
        notebook.keyboard.press("ArrowUp")  # the notebook's own key, for the cell above
        assert notebook.evaluate(f"{of}.plane.cross") == [0, 0.1]
        assert plane.evaluate("(plane) => plane === document.activeElement")
    elif path not in WITHOUT_FIGURE:
        handle, figure = jupyter.first_slider(notebook)
        jupyter.press(notebook, handle, figure)
    if path == CHAPTERS[1]:
        jupyter.drag(notebook, handle, figure)
        jupyter.drag(notebook, figure.wait_for_selector(".live-target"), figure)
        curve = figure.wait_for_selector("g[id$='-t0'] path")
        before = curve.get_attribute("d")
        notebook.locator(".live-loss input").first.fill("sin(3w)")
        moved = "([path, d]) => path.getAttribute('d') !== d"
        notebook.wait_for_function(moved, arg=[curve, before])


FIGURE = """from gdlib.figures.slope import secant
from gdlib.symbolic import w

secant(w**3 / 3 - w)"""


def test_a_notebook_opened_again_shows_the_first_frame_and_nbconvert_too(
    url: str, binder: tuple[Environment, Path], browser: Browser
) -> None:
    environment, work = binder
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(FIGURE)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, work / "again.ipynb")
    page = browser.new_page()
    page.set_default_timeout(jupyter.WAIT)
    page.goto(url.format("lab/tree/again.ipynb"))
    jupyter.wait_for_notebook(page, "again.ipynb")
    jupyter.run_all(page)
    jupyter.press(page, *jupyter.first_slider(page))
    frame = page.locator("[data-frame]")
    frame.wait_for(state="hidden")
    jupyter.command(page, "docmanager:save")
    page.wait_for_function("() => !current().context.model.dirty")
    jupyter.close(page)
    page.close()
    page = browser.new_page()
    page.set_default_timeout(jupyter.WAIT)
    page.goto(url.format("lab/tree/again.ipynb"))
    jupyter.wait_for_notebook(page, "again.ipynb")
    page.locator("[data-frame] svg").wait_for(state="visible")
    drawn = page.locator("[data-frame] svg path").evaluate_all(
        "(paths) => paths.map((path) => getComputedStyle(path).stroke)"
    )
    assert "rgb(0, 95, 214)" in drawn
    jupyter.close(page)
    page.close()
    nbformat.write(notebook, work / "headless.ipynb")
    shown = browser.new_context(offline=True).new_page()
    for file, *execute in (("again",), ("headless", "--execute")):
        command = [sys.executable, "-m", "nbconvert", "--to", "html", *execute]
        done = subprocess.run(
            [*command, str(work / f"{file}.ipynb")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        shown.goto((work / f"{file}.html").as_uri())
        assert shown.locator("[data-frame] svg").is_visible()
        assert "model not found" not in shown.locator("body").inner_text()
    shown.context.close()


def test_the_address_of_a_launch_button_opens_the_notebook(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(jupyter.WAIT)
    page.goto(url.format("lab/tree/chapters/02_slope.md"))
    jupyter.wait_for_notebook(page, "chapters/02_slope.md")
    jupyter.close(page)
    page.close()


def test_the_extensions_are_enabled(binder: tuple[Environment, Path]) -> None:
    environment, work = binder
    listed = environment.run("jupyter", "labextension", "list", cwd=work)
    for extension in ("jupyterlab-myst v2.6.0", "jupyterlab-jupytext", "anywidget", "-manager"):
        (line,) = [line for line in listed.splitlines() if extension in line]
        assert "enabled" in line and "OK" in line


def test_the_environment_is_lean(binder: tuple[Environment, Path]) -> None:
    environment, work = binder
    pinned = map(Requirement, pins.lines(work / ".binder" / "requirements.txt"))
    assert environment.packages() - {"pip", "setuptools"} == {*pins.here(pinned), "gdlib"}
    size = sum(file.lstat().st_size for file in environment.folder.rglob("*") if file.is_file())
    assert size < MEGABYTES * 2**20


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_a_link_to_a_page_names_its_file_for_jupyterlab_knows_no_pages(path: Path) -> None:
    links = re.findall(
        r"\]\(([^)\s:#]+)(?:#[^)]*)?\)", read(path.read_text("utf-8")).without("code-cell")
    )
    assert [link for link in links if not (path.parent / link).is_file()] == []

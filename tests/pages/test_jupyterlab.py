"""JupyterLab itself: a chapter opened as a notebook, run, and its slider moved."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.chapters import ROOT

WAIT = 120_000  # milliseconds; a loaded machine starts JupyterLab slowly


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a copy of the chapters and give its URL."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "chapters", folder / "work" / "chapters")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "HOME": str(folder),
    }
    subprocess.run(
        [sys.executable, "-m", "jupytext_config", "set-default-viewer", "markdown"],
        env=environment,
        check=True,
    )
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--expose-app-in-browser", f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1"]
    command += [f"--IdentityProvider.token={token}", "--LabApp.news_url=None"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder / "work", env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/api?token={token}", timeout=1)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.5)
        yield f"{url}/lab/tree/chapters?token={token}"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    yield page
    context.close()


def test_a_chapter_opens_runs_and_moves(lab: str, page: Page) -> None:
    page.goto(lab)
    page.locator(".jp-DirListing-item", has_text="02_slope.md").dblclick()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(
        "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
    )
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".live .live-readout p", state="attached")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.content.widgets.filter("
        "(c) => c.model.type === 'code' && c.model.executionCount === null).length === 0"
    )
    assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
    figure = page.locator(".live-box").first
    figure.scroll_into_view_if_needed()
    readout, line = figure.locator(".live-readout"), figure.locator(".live-picture svg")
    before = (readout.text_content(), line.inner_html())
    handle = figure.locator(".noUi-handle").first
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([r, t]) => r.textContent !== t", arg=[readout.element_handle(), before[0]]
    )
    assert line.inner_html() != before[1]
    box = handle.bounding_box()
    assert box
    dragged = readout.text_content()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "([r, t]) => r.textContent !== t", arg=[readout.element_handle(), dragged]
    )

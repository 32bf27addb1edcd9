"""Jupyter as a reader has it: an environment of its own, a server, a notebook that is run."""

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
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name
from playwright.sync_api import ElementHandle, Page

from tests.chapters import ROOT

WAIT = 120_000  # milliseconds; a loaded machine starts a server and its kernels slowly
CURRENT = "() => { window.current = () => jupyterapp.shell.currentWidget; }"
OPEN = """(path) => current()?.context?.path === path && current().context.isReady
  && current().content.widgets?.length"""
IDLE = "() => current().sessionContext.session?.kernel?.status === 'idle'"
ALL_RUN = """() => current().content.widgets.every(
  (cell) => cell.model.type !== "code" || cell.model.executionCount !== null)"""
FAILED = """() => current().content.widgets.filter((cell) => cell.model.type === "code")
  .flatMap((cell) => cell.model.outputs.toJSON())
  .filter((output) => output.output_type === "error" || output.name === "stderr")"""
CLOSE = """async () => {
  const notebook = current();
  await notebook.sessionContext.shutdown();
  notebook.dispose();
}"""


def files() -> list[str]:
    """The files of the repository, without what is built or installed beside them."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def checkout(folder: Path) -> Path:
    """Copy the repository's files into a folder, as a clone would have them."""
    for name in files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


class Environment:
    """A fresh virtual environment with its own home: it has nobody's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "env", folder / "home"
        self.home.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", self.folder], check=True)
        self.bin = self.folder / ("Scripts" if os.name == "nt" else "bin")
        private = {"HOME", "PATH", "PYTHONPATH", "VIRTUAL_ENV"}
        self.variables = {
            name: value
            for name, value in os.environ.items()
            if name not in private and not name.startswith(("JUPYTER", "DOWNHILL"))
        } | {"HOME": str(self.home), "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str | Path, cwd: Path) -> str:
        """Run a command of the environment and return what it printed; show it if it fails."""
        done = subprocess.run(
            command,
            cwd=cwd,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def install(self, *arguments: str | Path) -> None:
        """Install with uv, for speed; where it can't, with pip, as `make setup` does."""
        with_uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]
        with_uv += ["--python", self.bin / "python", *arguments]
        if subprocess.run(with_uv, capture_output=True, check=False).returncode:
            self.run(self.bin / "python", "-m", "pip", "install", *arguments, cwd=self.folder)

    def python(self, code: str) -> str:
        """What a line of Python prints in this environment."""
        return self.run(self.bin / "python", "-c", code, cwd=self.folder)

    def packages(self) -> set[str]:
        """The names of all installed packages."""
        found = "import importlib.metadata as m; print(*{d.name for d in m.distributions()})"
        return set(map(canonicalize_name, self.python(found).split()))

    @contextmanager
    def server(self, application: str, root: Path) -> Iterator[str]:
        """Start `jupyter lab` or `jupyter notebook` on a folder and give its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        token, log = secrets.token_hex(8), self.home / f"{application}.log"
        command = [self.bin / "jupyter", application, "--no-browser", "--allow-root"]
        command += ["--expose-app-in-browser", f"--ServerApp.port={port}"]
        command += ["--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}"]
        command += ["--LabApp.news_url=None"]
        command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        with log.open("w") as output:
            server = subprocess.Popen(
                command, cwd=root, env=self.variables, stdout=output, stderr=output
            )
        url = f"http://127.0.0.1:{port}"
        try:
            while not answers(f"{url}/api?token={token}"):
                assert server.poll() is None, log.read_text("utf-8")
                time.sleep(0.2)
            yield f"{url}/{{}}?token={token}"
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:  # a kernel that was just starting is not waited for
                server.kill()
                server.wait(30)


def answers(url: str) -> bool:
    """Whether a server is up."""
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def binder(folder: Path) -> tuple[Environment, Path]:
    """What Binder makes of a checkout, from the files in `.binder` alone."""
    environment, work = Environment(folder), checkout(folder / "work")
    environment.install("-r", work / ".binder" / "requirements.txt")
    environment.run("bash", ".binder/postBuild", cwd=work)
    return environment, work


def command(page: Page, name: str, **arguments: str) -> None:
    """Start a command of JupyterLab's palette."""
    page.evaluate(
        "([name, given]) => { jupyterapp.commands.execute(name, given) }", [name, arguments]
    )


def wait_for_notebook(page: Page, path: str) -> None:
    """Wait until a file is open as a notebook whose text is rendered and whose kernel is idle."""
    page.wait_for_function("() => window.jupyterapp?.shell")
    page.evaluate(CURRENT)
    page.wait_for_function(OPEN, arg=path)
    page.wait_for_function(IDLE)


def run_all(page: Page) -> None:
    """Run all cells of the open notebook; a failing cell fails the test."""
    command(page, "notebook:run-all-cells")
    page.wait_for_function(ALL_RUN)
    page.wait_for_function(IDLE)
    assert not page.evaluate(FAILED)


def close(page: Page) -> None:
    """End the open notebook's kernel and close it unsaved."""
    page.evaluate(CLOSE)


def first_slider(page: Page) -> tuple[ElementHandle, ElementHandle]:
    """The first slider of the first live figure on the page, and the figure."""
    figure = page.wait_for_selector(".live-box:has(.noUi-handle)")
    assert figure
    handle = figure.wait_for_selector(".noUi-handle")
    assert handle
    handle.scroll_into_view_if_needed()
    return handle, figure


def wait_for_change(page: Page, figure: ElementHandle, before: str) -> None:
    """Wait until a figure is drawn differently."""
    page.wait_for_function(
        "([figure, before]) => figure.querySelector('.live-picture').innerHTML !== before",
        arg=[figure, before],
    )


def picture(figure: ElementHandle) -> str:
    """The figure as it is drawn now."""
    drawn: str = figure.eval_on_selector(".live-picture", "(picture) => picture.innerHTML")
    return drawn


def press(page: Page, handle: ElementHandle, figure: ElementHandle) -> None:
    """Move a slider by an arrow key, and see its figure change."""
    before = picture(figure)
    handle.focus()
    at_the_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    page.keyboard.press("ArrowLeft" if at_the_end else "ArrowRight")
    wait_for_change(page, figure, before)


def drag(page: Page, handle: ElementHandle, figure: ElementHandle) -> None:
    """Move a slider by the mouse, and see its figure change."""
    before, box = picture(figure), handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    wait_for_change(page, figure, before)

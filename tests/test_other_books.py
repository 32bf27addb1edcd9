"""The engine in somebody else's book: one line, the wheel, Jupyter Book or plain Sphinx."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import jupyter, pins
from tests.chapters import ROOT

pytestmark = pytest.mark.heavy

PAGE = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# A page of another book

```{code-cell} ipython3
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

from gdlib.live import FloatSlider, Live

a, x = sp.symbols("a x", real=True)
fig, ax = plt.subplots(figsize=(5, 3))
ax.set(xlim=(-3, 3), ylim=(-2, 2))
(wave,) = ax.plot([], [])
live = Live(fig, {a: FloatSlider(min=0, max=3, value=1)}, alt="A wave whose frequency is a.")
live.bind(wave, over={x: np.linspace(-3, 3, 61)}, x=x, y=sp.sin(a * x))
live.readout("frequency {:.2f}", a)
```
"""
# The same without a figure: what its theme logs is not ours.
PLAIN = PAGE[: PAGE.index("import matplotlib")] + "1 + 1\n```\n"
FILES = {
    "jupyter-book": {
        "_config.yml": "title: Another book\nsphinx:\n  extra_extensions: [gdlib.live.sphinx]\n",
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: wave\n  - file: plain\n",
        "index.md": "# Another book\n\nNothing moves on this page.\n",
        "wave.md": PAGE,
        "plain.md": PLAIN,
    },
    "sphinx": {
        "conf.py": 'project = "Another book"\nextensions = ["myst_nb", "gdlib.live.sphinx"]\n',
        "index.md": "# Another book\n\n```{toctree}\nwave\nplain\n```\n",
        "wave.md": PAGE,
        "plain.md": PLAIN,
    },
}
COMMANDS = {
    "jupyter-book": ["jupyter-book", "build", ".", "-W", "--keep-going"],
    "sphinx": ["sphinx-build", "-W", "-b", "html", ".", "_build/html"],
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter.Environment]:
    """A fresh environment with gdlib's wheel and jupyter-book, pinned as here, and no more."""
    folder = tmp_path_factory.mktemp("other")
    work = jupyter.checkout(folder / "source")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (work / "dist").glob("*.whl")
    environment = jupyter.Environment(folder)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins.lines(ROOT / "requirements.txt")), encoding="utf-8")
    environment.install("-c", constraints, wheel, "jupyter-book<2")
    yield environment


@pytest.mark.parametrize("kind", FILES)
def test_sliders_work_in_a_book_of_somebody_elses(
    kind: str, environment: jupyter.Environment, tmp_path: Path, browser: Browser
) -> None:
    for name, text in FILES[kind].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment.run(*COMMANDS[kind], cwd=tmp_path)
    html = tmp_path / "_build" / "html"
    context = browser.new_context(offline=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto((html / "plain.html").as_uri())
    page.wait_for_load_state("networkidle")
    of_the_theme = set(troubles)
    page.goto((html / "wave.html").as_uri())
    page.wait_for_selector("html[data-live=ready]")
    before = page.locator(".live-picture").inner_html()
    assert page.locator(".live-readout").inner_text() == "frequency 1.00"
    page.locator(".live input[type=range]").press("ArrowRight")
    page.wait_for_function("document.querySelector('.live-readout').innerText !== 'frequency 1.00'")
    assert page.locator(".live-picture").inner_html() != before
    assert set(troubles) <= of_the_theme
    context.close()
    # The page without figures has no engine, and neither page has the course's style.
    plain = (html / "plain.html").read_text("utf-8")
    assert "live-host.js" not in plain
    assert not list(html.rglob("book.css"))
    assert "html-manager" not in (html / "wave.html").read_text("utf-8")

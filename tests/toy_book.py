"""A small book that uses the real extension, configuration and library: built in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from downhill import node

ROOT = Path(__file__).parents[1]
COPIED = ("_config.yml", "package.json", "package-lock.json", "references.bib", "requirements.txt")

TOC = """\
format: jb-book
root: index
chapters:
  - file: chapters/step
  - file: chapters/plain
"""
INDEX = """\
# A toy

A formula, $\\nabla L \\in \\mathbb{R}$, and {doc}`chapters/step`.
"""
STEP = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---
# A step downhill

## The rule

```{code-cell}
from pathlib import Path
from sympy import symbols
from gdlib.gradient_descent import step
from gdlib.verify import agree

with Path("runs.txt").open("a") as runs:
    runs.write("ran\\n")
w, g, eta = symbols("w g eta", positive=True)
w - eta * g
```

```{code-cell}
agree(w - eta * g, step, [w, g, eta], domain=(1, 2))
```

```{math}
:label: eq-step
w_{t+1} = w_t - \\eta \\sum_i \\frac{\\partial \\mathcal{L}_i}{\\partial w}
```

See {eq}`eq-step`.

```{exercise} By hand
:label: ex-hand

Differentiate $w^3$.
```

```{solution} ex-hand
:class: dropdown

It is $3 w^2$: a porcupine.
```

## The end

Words.
"""
PLAIN = """\
# Plain

No formula, no code, no figure.
"""


READY = "ready"
CACHES = (".jupyter_cache", ".downhill")  # by hashes of what went in: right for every toy


def make(folder: Path, toy: Path | None = None) -> Path:
    """Write the toy book into a folder, with the caches of a built one if that is given."""
    node.ensure_packages(ROOT)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copyfile(ROOT / name, folder / name)
    for name in ("_ext", "gdlib"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / "chapters").mkdir()
    (folder / "_toc.yml").write_text(TOC, "utf-8")
    (folder / "index.md").write_text(INDEX, "utf-8")
    (folder / "chapters" / "step.md").write_text(STEP, "utf-8")
    (folder / "chapters" / "plain.md").write_text(PLAIN, "utf-8")
    if toy:
        warm(folder, toy)
    return folder


def warm(output: Path, toy: Path) -> None:
    """Put what a toy book's build has computed where a build with this output looks for it."""
    for name in CACHES:
        shutil.copytree(toy / "_build" / name, output / "_build" / name)


def built(shared: Path) -> Path:
    """A toy book that is built once for all processes of a test session, and only read."""
    try:
        shared.mkdir()
    except FileExistsError:
        until = monotonic() + 240
        while not (shared / READY).exists():
            if monotonic() > until:
                raise TimeoutError(f"Another process has not built {shared}.") from None
            sleep(0.1)
        return shared
    done = build(make(shared))
    assert done.returncode == 0, done.stdout + done.stderr
    (shared / READY).touch()
    return shared


def build(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command that `make book` runs."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    paths = [str(ROOT / "tests" / "without"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return subprocess.run(
        [*command, "-W", "-n", "--keep-going", *options],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def runs(folder: Path) -> int:
    """How often the chapter with code has been executed."""
    return (folder / "chapters" / "runs.txt").read_text("utf-8").count("ran")

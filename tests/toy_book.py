"""A small book that uses the real extension, configuration and library: built in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def make(folder: Path) -> Path:
    """Write the toy book into a folder."""
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
    return folder


def build(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command that `make book` runs."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
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

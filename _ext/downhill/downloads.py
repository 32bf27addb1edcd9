"""Each notebook in the theme's download menu, whether there are launch buttons or not.

The theme offers it only on pages that can be launched, which takes a repository. What it offers
has outputs or not, depending on the cache, and text that few front ends can show. This one has no
outputs, plain Markdown with the book's own numbers, and begins with how to get the library.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils.nodes import document
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx

from . import repository
from .plain_markdown import Number, plain

INSTALL = """\
# The notebook needs gdlib, the library of its book: this installs it where it is missing.
from importlib.util import find_spec

if find_spec("gdlib") is None:
    %pip install --quiet "gdlib @ git+{address}@{branch}"
"""
HOW_TO_INSTALL = """\
This notebook needs gdlib, the library of its book.
Install it from a copy of the book's repository: `pip install path/to/the/repository`.
"""


def is_notebook(app: Sphinx, page: str) -> bool:
    """Whether a page is a notebook whose source may be downloaded."""
    return "kernelspec" in app.env.metadata.get(page, {}) and bool(app.config.html_copy_source)


def first_cell(root: Path) -> nbformat.NotebookNode:
    """How to get the library: a cell that installs it, if its address is known."""
    if address := repository.find(root):
        source = INSTALL.format(address=address, branch=repository.branch(root))
        return new_code_cell(source.rstrip())
    return new_markdown_cell(HOW_TO_INSTALL.rstrip())


def numbers(app: Sphinx) -> Number:
    """What the book's pages show for a label: (2.1), Fig. 2.1 or Exercise 2.1."""
    formats = {"displaymath": "(%s)"} | app.config.numfig_format
    shown = {
        name.removeprefix("equation-"): formats[kind] % ".".join(map(str, number))
        for kinds in app.env.toc_fignumbers.values()
        for kind, names in kinds.items()
        for name, number in names.items()
    }
    return lambda label: shown.get(label, label)


def cells(notebook: nbformat.NotebookNode, number: Number) -> Iterator[nbformat.NotebookNode]:
    """The cells without outputs and MyST; a figure's caption follows it."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield new_markdown_cell(plain(cell.source, number))
            continue
        yield new_code_cell(cell.source)
        if figure := cell.metadata.get("mystnb", {}).get("figure"):
            caption = plain(figure["caption"].strip(), number)
            yield new_markdown_cell(f"**{number(figure['name'])}** {caption}")


def standalone(notebook: nbformat.NotebookNode, root: Path, number: Number) -> str:
    """The text of a notebook that runs without its book, the same in every build."""
    metadata = {"kernelspec": notebook.metadata.kernelspec}
    made = new_notebook(cells=[first_cell(root), *cells(notebook, number)], metadata=metadata)
    for place, cell in enumerate(made.cells):
        cell.id = f"cell-{place}"
    return nbformat.writes(made) + "\n"


def offer_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None
) -> None:
    """Tell the theme, before it makes its menu, that there is a notebook."""
    if is_notebook(app, page):
        context["ipynb_source"] = f"{page}.ipynb"


def write_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None
) -> None:
    """Write the notebook beside the page's source, after the theme has copied its own."""
    if is_notebook(app, page):
        executed = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
        target = Path(app.outdir) / "_sources" / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(executed, as_version=4)
        target.write_text(standalone(notebook, Path(app.srcdir), numbers(app)), "utf-8")


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", offer_notebook, priority=400)
    app.connect("html-page-context", write_notebook, priority=900)

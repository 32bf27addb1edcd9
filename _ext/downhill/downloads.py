"""The executed notebook in the theme's download menu, whether there are launch buttons or not.

The theme offers it only on pages that can be launched, which takes a repository.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx


def offer_notebook(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: document | None,
) -> None:
    """Copy a chapter's executed notebook beside its source and tell the theme."""
    notebook = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    if "kernelspec" not in app.env.metadata.get(page, {}) or not app.config.html_copy_source:
        return
    target = Path(app.outdir) / "_sources" / f"{page}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, target)
    context["ipynb_source"] = f"{page}.ipynb"


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", offer_notebook, priority=400)

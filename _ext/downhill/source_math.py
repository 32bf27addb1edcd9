r"""Formulas in the docstrings that a page shows: typeset, where the source has `:math:` and TeX.

What is copied is the source: the role stands beside the formula, unseen, and the copy button leaves
the formula out.
"""

from __future__ import annotations

import html
import re
from typing import Any

from sphinx.application import Sphinx
from sphinxcontrib import katex

# Highlighting ends its span with each line.
ROLE = re.compile(r':math:`((?:[^`<]|</span>\n<span class="sd">)+)`')


def typeset(code: str) -> str:
    """Highlighted code, with the formulas of its docstrings typeset."""

    def formula(role: re.Match[str]) -> str:
        source = re.sub(r"</?span[^>]*>", "", role[0])
        latex = " ".join(html.unescape(source[len(":math:`") : -1]).split())
        shown = katex.render_latex(latex, {"displayMode": False})
        return f'<span class="source-math" hidden>{source}</span>{shown}'

    return ROLE.sub(formula, code)


def wrap_highlighter(app: Sphinx) -> None:
    """Let every block that the builder highlights pass through `typeset`."""
    highlighter = getattr(app.builder, "highlighter", None)
    if highlighter is None:
        return
    highlight = highlighter.highlight_block

    def highlight_block(*args: Any, **options: Any) -> str:
        return typeset(highlight(*args, **options))

    highlighter.highlight_block = highlight_block


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("builder-inited", wrap_highlighter)

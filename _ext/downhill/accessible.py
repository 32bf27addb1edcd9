"""What the theme's and docutils' markup lacks for screen readers and search engines.

axe-core named each of these; `tests/pages/test_accessibility.py` asks it again. A mend whose place
is gone from a page changes nothing, so a theme that has mended it itself does no harm.
"""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

DESCRIPTION_LENGTH = 160  # what a search engine shows
GENERATED = {"genindex": "Index", "search": "Search"}

MENDS = (
    # The visible "Search Ctrl+K" is the button's name; a label or title would hide it.
    (r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"', r"\1"),
    # All of a page stands in a landmark, the side bar too.
    (r'(<div id="pst-primary-sidebar")', r'\1 role="complementary" aria-label="Book"'),
    # A header cell without words heads nothing.
    (r'<th class="head">\s*</th>', "<td></td>"),
    # docutils' role is deprecated, and its place is a list.
    (r'role="doc-biblioentry"', 'role="listitem"'),
    # Stands twice: the theme's and docutils'.
    (r'<meta name="viewport" content="width=device-width, initial-scale=1" ?/>', ""),
    # What opens a folded cell is called what it says.
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
)


def mend(page: str) -> str:
    """A finished page with all of that mended."""
    for pattern, replacement in MENDS:
        page = re.sub(pattern, replacement, page)
    return page


def description(doctree: nodes.document | None, title: str) -> str:
    """The page's first paragraph, whole sentences of it; its title where it has none."""
    paragraphs = [] if doctree is None else doctree.findall(nodes.paragraph)
    for paragraph in paragraphs:
        text = " ".join(paragraph.astext().split())
        if not isinstance(paragraph.parent, nodes.section) or "\\" in text or len(text) < 40:
            continue
        while len(text) > DESCRIPTION_LENGTH and ". " in text:
            text = text.rpartition(". ")[0] + "."
        return text
    return title


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Say in the page's head what it is about, for those who search."""
    title = re.sub(r"<[^>]*>", "", context.get("title") or GENERATED.get(page, page))
    text = description(doctree, f"{title}: {app.config.html_title or app.config.project}")
    tag = f'<meta name="description" content="{html.escape(text)}" />'
    context["metatags"] = context.get("metatags", "") + tag


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", describe)

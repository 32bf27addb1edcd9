"""What the theme's and docutils' markup lacks for screen readers and search engines.

axe-core reported each of these; `tests/pages/test_accessibility.py` runs it again. A fix whose
target is gone from a page changes nothing, so it does no harm once the theme is fixed.
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
    # Everything on a page must be in a landmark, the side bar too.
    (r'(<div id="pst-primary-sidebar")', r'\1 role="complementary" aria-label="Book"'),
    # An empty header cell is not a header.
    (r'<th class="head">\s*</th>', "<td></td>"),
    # docutils' role is deprecated, and these are items of a list.
    (r'role="doc-biblioentry"', 'role="listitem"'),
    # It is there twice, from the theme and from docutils.
    (r'<meta name="viewport" content="width=device-width, initial-scale=1" ?/>', ""),
    # A title in brackets that has brackets itself.
    (r'(<span class="caption-number">Exercise [\d.]+) </span> \((.*?)\)</p>', r"\1: </span>\2</p>"),
    (r"( Exercise [\d.]+) \(([^()<]*\([^()<]*\))\)</a>", r"\1: \2</a>"),
    # The visible text names the control that opens a folded cell.
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
)


def mend(page: str) -> str:
    """A finished page with all of that fixed."""
    for pattern, replacement in MENDS:
        page = re.sub(pattern, replacement, page)
    return page


def description(doctree: nodes.document | None, title: str) -> str:
    """The page's first paragraph, in whole sentences; its title if there is none."""
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
    """Describe the page in its head, for search engines."""
    title = re.sub(r"<[^>]*>", "", context.get("title") or GENERATED.get(page, page))
    text = description(doctree, f"{title}: {app.config.html_title or app.config.project}")
    tag = f'<meta name="description" content="{html.escape(text)}" />'
    context["metatags"] = context.get("metatags", "") + tag


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", describe)

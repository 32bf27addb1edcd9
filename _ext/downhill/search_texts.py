"""What search results quote, from disk too: the pages' texts, in a script of the search page.

Sphinx fetches a page that it quotes, which no page opened from disk may do. Here the search page
has all texts, section by section, and gives them to Sphinx in place of a page.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SCRIPT = "search_texts.js"
LEFT_OUT = (
    nodes.literal_block,
    nodes.raw,
    nodes.math,
    nodes.math_block,
    nodes.comment,
    nodes.image,
)
# A result's address is the page's, without a section; what is not known is answered as by a server.
ANSWERS = """window.fetch = async (address) => {
  const page = decodeURI(new URL(address, location).pathname).split("/");
  const known = page.map((_, i) => page.slice(i).join("/").replace(/\\.html$/, ""));
  const name = known.find((name) => name in texts);
  return { ok: !!name, text: async () => (name ? `<div role="main">${texts[name]}</div>` : "") };
};"""


def text_of(node: nodes.Node) -> str:
    """A page's words as HTML: its sections, with their ids, and no code or formula."""
    if isinstance(node, nodes.Text):
        return html.escape(node.astext())
    if isinstance(node, LEFT_OUT):
        return " "
    inner = "".join(text_of(child) for child in node.children)
    if isinstance(node, nodes.section):
        return f'<section id="{html.escape(node["ids"][0])}">{inner}</section>'
    return inner if isinstance(node, nodes.Inline) else f"{inner} "


def add_script(app: Sphinx, pagename: str, *_: Any) -> None:
    """Write the texts, and load them where results are shown.

    Then, and not at the end: the page names the script with a checksum of its file.
    """
    if pagename == "search":
        write(app)
        app.add_js_file(SCRIPT, priority=100)


def write(app: Sphinx) -> None:
    """Write the script beside the others."""
    texts = {name: text_of(app.env.get_doctree(name)) for name in sorted(app.env.found_docs)}
    told = json.dumps(texts, ensure_ascii=False).replace("</", "<\\/")
    target = Path(app.outdir) / "_static" / SCRIPT
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{{\nconst texts = {told};\n{ANSWERS}\n}}\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("html-page-context", add_script)

"""The gallery of the figures: each live figure of a chapter with its call and its picture.

A chapter runs before any page is read, so its figures are in jupyter-cache by then. A picture is
what the figure shows at first, in a file of its own for the light and for the dark page.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

from docutils import nodes
from jupyter_cache import get_cache
from myst_nb.sphinx_ import SphinxEnvType
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from gdlib.live import DARK, PALETTE

from .side_by_side import as_notebook

FOLDER = "gallery"
PALETTES = {"light": {**PALETTE, "ink": "#000000"}, "dark": {**DARK, "ink": "#ffffff"}}
PICTURE = re.compile(r'role="img" aria-label="([^"]*)">(<svg .*?</svg>)', re.S)


class Figure(NamedTuple):
    """A live figure of a page: its label, the call that made it, what it shows."""

    label: str
    call: str
    alt: str
    svg: str

    def picture(self, palette: dict[str, str]) -> str:
        """The SVG as a file: with its colours, and a font of its own."""
        svg = re.sub(r"var\(--live-(\w+)\)", lambda name: palette[name[1]], self.svg)
        style = f'fill="{palette["ink"]}" font-family="sans-serif" stroke-linejoin="round" '
        return svg.replace("currentColor", palette["ink"]).replace("<svg ", f"<svg {style}", 1)


class Gallery(SphinxDirective):
    """`{gallery} ../02_slope`: the figures of a page, in its order."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name, _ = self.env.relfn2path(self.arguments[0], self.env.docname)
        self.env.note_dependency(self.env.doc2path(name, base=False))
        return [node for figure in self._figures(name) for node in self._shown(figure)]

    def _figures(self, name: str) -> Iterator[Figure]:
        env = cast(SphinxEnvType, self.env)
        page = as_notebook(env.app, env, name)
        if page is None:
            raise self.error(f"{name} has no cells")
        cache = get_cache(env.mystnb_config.execution_cache_path)
        _, notebook = cache.merge_match_into_notebook(page)
        for cell in notebook.cells:
            label = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
            for output in cell.get("outputs", ()):
                found = PICTURE.search("".join(output.get("data", {}).get("text/html", "")))
                if label and found:
                    yield Figure(label, _call(cell.source), *found.groups())

    def _shown(self, figure: Figure) -> list[nodes.Node]:
        link = pending_xref(
            "", nodes.inline("", figure.label), refdomain="std", reftype="numref",
            reftarget=figure.label, refexplicit=False, refdoc=self.env.docname, refwarn=True,
        )  # fmt: skip
        call = nodes.literal_block(figure.call, figure.call, language="python")
        folder = Path(self.env.app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        depth = "../" * self.env.docname.count("/")
        pictures = ""
        for theme_name, palette in PALETTES.items():
            file = f"{figure.label}-{theme_name}.svg"
            (folder / file).write_text(figure.picture(palette), encoding="utf-8")
            pictures += (
                f'<img class="gallery-picture only-{theme_name}" loading="lazy" '
                f'src="{depth}_static/{FOLDER}/{file}" alt="{figure.alt}">'
            )
        return [nodes.paragraph("", "", link), call, nodes.raw("", pictures, format="html")]


def _call(source: str) -> str:
    """The last expression of a cell, which is what it shows."""
    last = ast.parse(source).body[-1]
    return ast.get_source_segment(source, last) or source


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_directive("gallery", Gallery)

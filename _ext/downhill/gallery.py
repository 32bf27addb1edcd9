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
PICTURE = re.compile(r'role="img" aria-label="([^"]*)">((?:<svg .*?</svg>\s*)+)', re.S)
PANEL = re.compile(r'<svg [^>]*viewBox="([^"]*)"[^>]*>(.*?)</svg>', re.S)


class Figure(NamedTuple):
    """A live figure of a page: its label, the call that made it, what it shows."""

    label: str
    call: str
    alt: str
    panels: list[tuple[str, str]]
    """For each the part of the drawing that it shows, as a `viewBox`, and what it draws."""

    def drawing(self, palette: dict[str, str]) -> str:
        """The whole drawing as a file: with its colours, and a font of its own."""
        drawn = "".join(content for _, content in self.panels)
        drawn = re.sub(r"var\(--live-(\w+)\)", lambda name: palette[name[1]], drawn)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'fill="{palette["ink"]}" font-family="sans-serif" stroke-linejoin="round">'
            f"{drawn.replace('currentColor', palette['ink'])}</svg>"
        )

    def pictures(self, address: str, theme_name: str) -> str:
        """An image for each panel; the first one's description is that of all."""
        images: list[str] = []
        for view, _ in self.panels:
            *_, width, height = map(float, view.split())
            alt = "" if images else self.alt
            images.append(
                f'<img class="only-{theme_name}" loading="lazy" alt="{alt}" '
                f'width="{width:.0f}" height="{height:.0f}" '
                f'src="{address}#svgView(viewBox({view.replace(" ", ",")}))">'
            )
        return "".join(images)


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
                    panels = PANEL.findall(found[2])
                    yield Figure(label, _call(cell.source), found[1], panels)

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
            (folder / file).write_text(figure.drawing(palette), encoding="utf-8")
            pictures += figure.pictures(f"{depth}_static/{FOLDER}/{file}", theme_name)
        shown = f'<div class="gallery-picture">{pictures}</div>'
        return [nodes.paragraph("", "", link), call, nodes.raw("", shown, format="html")]


def _call(source: str) -> str:
    """The last expression of a cell, which is what it shows."""
    last = ast.parse(source).body[-1]
    return ast.get_source_segment(source, last) or source


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_directive("gallery", Gallery)

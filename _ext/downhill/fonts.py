"""Fonts cut down to the characters the book shows, and put into the style sheet.

A font in the sheet is there for the first paint: no second request, nothing moves. The icon font
has a thousand icons, the book shows twenty; KaTeX's fonts have a thousand signs.
"""

from __future__ import annotations

import base64
import hashlib
import html
import logging
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError

# It logs every table that it drops.
logging.getLogger("fontTools").setLevel(logging.WARNING)
FACE = re.compile(r"@font-face\{[^}]*\}")
WOFF2 = re.compile(r"url\(([^)]+\.woff2)\)")
ICON = re.compile(r'"\\([ef][0-9a-f]{3})"')
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
FORMULA = '<span class="katex-html"'
SPAN_OR_TEXT = re.compile(r"<(/?)span[^>]*>|<[^>]*>|([^<]+)")


def icons(css: str) -> set[str]:
    """The icons a style sheet can show: its characters of the private use area.

    They are usually escapes, but some sheets contain the characters themselves.
    """
    return {chr(int(code, 16)) for code in ICON.findall(css)} | set(PRIVATE_USE.findall(css))


def formula_characters(page: str) -> set[str]:
    """The characters of all formulas of a page."""
    found: set[str] = set()
    for start in re.finditer(FORMULA, page):
        depth = 0
        for part in SPAN_OR_TEXT.finditer(page, start.start()):
            if part[2] is not None:
                found.update(html.unescape(part[2]))
            elif part[1] is not None and part[0].endswith("span>") and part[1] == "/":
                depth -= 1
            elif part[0].startswith("<span"):
                depth += 1
            if depth == 0:
                break
    return found


def cut(font: Path, characters: set[str], cache: Path) -> bytes | None:
    """The font with these characters only, as woff2; None if it has none of them."""
    signs = "".join(sorted(characters))
    key = hashlib.sha256(font.read_bytes() + signs.encode()).hexdigest()[:32]
    kept = cache / f"{key}.woff2"
    if not kept.is_file():
        options = subset.Options(
            flavor="woff2", hinting=False, layout_features=["*"], notdef_outline=True
        )
        with TTFont(font, recalcTimestamp=False) as face:
            present = set(face.getBestCmap()).intersection(map(ord, signs))
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=present)
            cutter.subset(face)
            cache.mkdir(parents=True, exist_ok=True)
            if present:
                subset.save_font(face, str(kept), options)
            else:
                kept.write_bytes(b"")
    return kept.read_bytes() or None


def embed(css: str, static: Path, formulas: set[str], cache: Path) -> str:
    """The style sheet with its fonts cut down and inside it."""
    shown = icons(css)

    def face(match: re.Match[str]) -> str:
        found = WOFF2.search(match[0])
        if found is None:
            raise ExtensionError(f"A font without a woff2 file: {match[0]}")
        signs = formulas if "KaTeX" in found[1] else shown
        font = cut(static / found[1], signs, cache)
        if font is None:
            return ""
        data = base64.b64encode(font).decode("ascii")
        source = f'src:url(data:font/woff2;base64,{data}) format("woff2")'
        return re.sub(r"src:[^;}]*", lambda _: source, match[0])

    return FACE.sub(face, css)

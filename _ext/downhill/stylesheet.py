"""One style sheet out of many, with only what the book's pages can use."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from sphinx.errors import ExtensionError

from . import node

TAG = re.compile(r"<([a-zA-Z][\w-]*)([^<>]*)>")
ATTRIBUTE = re.compile(r'([a-zA-Z][\w-]*)(?:="([^"]*)")?')
WORD = re.compile(r"[A-Za-z0-9_-]+")
VARIABLE = re.compile(r"--[A-Za-z][\w-]*")
IMPORT = re.compile(r'@import\s+"([^"]+)";')
URL = re.compile(r"url\((?!['\"]?(?:data:|#))['\"]?([^)'\"]+)['\"]?\)")
# Attributes whose values name no class, id or state.
MUTE = {"d", "style", "href", "src", "alt", "title", "points", "transform", "content", "aria-label"}

# What scripts put on elements, in the book and in Bootstrap's tooltips and menus.
STATES = """
  active auto bottom bs-tooltip-auto bs-tooltip-bottom bs-tooltip-end bs-tooltip-start
  bs-tooltip-top checked collapsed collapsing dark data-popper-placement dialog disabled dropend
  dropdown-menu-dark dropdown-menu-end empty end fade false hidden hide highlighted left light
  modal-open open placement popper right scrolled search show showing start static tooltip
  tooltip-arrow tooltip-inner top true
""".split()  # noqa: SIM905
KEEP = [r"^\.?live"]  # the live figures' own classes


def words(html: str) -> set[str]:
    """Every tag, attribute, class, id and attribute value of a page; no prose."""
    found: set[str] = set()
    for tag, attributes in set(TAG.findall(html)):
        found.add(tag)
        for name, value in ATTRIBUTE.findall(attributes):
            found.add(name)
            if name not in MUTE:
                found.update(WORD.findall(value))
    return found


def merged(static: Path, sheets: Iterable[str]) -> str:
    """The sheets as one, imports inlined, and addresses relative to the static folder."""
    return "\n".join(_read(static, sheet) for sheet in sheets)


def _read(static: Path, sheet: str) -> str:
    folder = posixpath.dirname(sheet)
    css = (static / sheet).read_text("utf-8").replace('@charset "UTF-8";', "")

    def place(match: re.Match[str]) -> str:
        return _read(static, posixpath.normpath(posixpath.join(folder, match[1])))

    def rebase(match: re.Match[str]) -> str:
        return f"url({posixpath.normpath(posixpath.join(folder, match[1]))})"

    css = IMPORT.sub(place, URL.sub(rebase, css))
    if "@import" in css:
        raise ExtensionError(f"{sheet}: an @import that this extension doesn't understand")
    return css


def purged(root: Path, cache: Path, css: str, used: set[str], variables: set[str]) -> str:
    """The style sheet without what nothing uses. Results are cached by a hash of the input."""
    driver = Path(__file__).with_name("purge.cjs")
    question = json.dumps(
        {
            "css": css,
            "words": sorted(used.union(STATES)),
            "keep": KEEP,
            "variables": sorted(variables),
        }
    )
    lock = (root / "package-lock.json").read_text("utf-8")
    key = hashlib.sha256((question + driver.read_text("utf-8") + lock).encode()).hexdigest()[:32]
    answer = cache / f"{key}.css"
    if not answer.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        result = node.run("node", str(driver), cwd=root, stdin=question)
        if not result:
            raise ExtensionError("purgecss gave back an empty style sheet")
        answer.write_text(result, "utf-8")
    return answer.read_text("utf-8")

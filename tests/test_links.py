"""Every internal link of the built book leads somewhere: to a file, and an anchor in it."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from marking.chapter import numbers
from tests.chapters import ROOT

BOOK = ROOT / "_build" / "html"
PAGES = sorted(path for path in BOOK.rglob("*.html") if "_static" not in path.parts)
OUTSIDE = ("http", "https", "mailto", "data", "javascript")


class Links(HTMLParser):
    """The addresses a page points to, and the anchors it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "xlink:href") and value is not None:
                self.links.append(value)
            elif name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")


@cache
def read(path: Path) -> Links:
    found = Links()
    found.feed(path.read_text("utf-8"))
    return found


def broken(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme in OUTSIDE or parts.netloc:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file() or not target.is_relative_to(BOOK):
        return True
    name, _, _ = unquote(parts.fragment).partition("?")  # what follows is the state of a figure
    return target.suffix == ".html" and name not in read(target).anchors


def test_there_are_pages_and_links() -> None:
    assert BOOK / "index.html" in PAGES, "run `make book` first"
    assert sum(len(read(page).links) for page in PAGES) > 1000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BOOK)))
def test_every_link_within_the_book_leads_somewhere(page: Path) -> None:
    assert [link for link in read(page).links if broken(page, link)] == []


def test_every_result_the_search_can_give_is_a_page() -> None:
    index = (BOOK / "searchindex.js").read_text("utf-8")
    names = re.search(r'"?docnames"?:\s*\[([^\]]*)\]', index)
    assert names
    documents = re.findall(r'"([^"]+)"', names[1])
    assert "chapters/02_slope" in documents
    assert [name for name in documents if not (BOOK / f"{name}.html").is_file()] == []


@pytest.mark.parametrize(
    "link", ["nowhere.html", "index.html#nowhere", "#nowhere", "../../README.md", "chapters/"]
)
def test_a_broken_link_is_seen(link: str) -> None:
    assert broken(BOOK / "index.html", link)


def test_the_marking_counts_equations_and_figures_as_the_book_does() -> None:
    """In a released notebook a reference has the number that it has on the page."""
    found = {}
    for page in sorted((BOOK / "chapters").glob("0*.html")):
        text = page.read_text("utf-8")
        found |= dict(
            re.findall(r'id="equation-(eq-[\w-]+)".*?class="eqno">(\([\d.]+\))', text, re.S)
        )
        figures = r'<figure[^>]*id="(fig-[\w-]+)".*?caption-number">([^<]*?) ?<'
        found |= dict(re.findall(figures, text, re.S))
    assert len(found) > 60
    assert {label: numbers().get(label) for label in found} == found

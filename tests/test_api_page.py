"""The library's reference and the pages link to each other: who uses what, and where it is told."""

import ast
import re

import pytest

from tests.chapters import PAGES, ROOT, code_cells, name

API = ROOT / "chapters" / "appendix" / "api.md"
TEXT = API.read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", TEXT, re.M))
# The heading's anchor, as myst_heading_anchors makes it.
ANCHORS = {title: title.lower().replace(" ", "-") for title in SECTIONS}
MODULES = {
    title: set(re.findall(r"^\.\. automodule:: (\S+)", body, re.M))
    | set(re.findall(r"^\.\. auto(?:class|function):: (\S+)\.\w+", body, re.M))
    for title, body in SECTIONS.items()
}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def imported(path):
    """The modules of gdlib that a page's cells import from."""
    found = set()
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def linked(text, path):
    """The files and places that a text of a page links to."""
    for link in LINK.findall(text):
        file, _, place = link.partition("#")
        yield (path.parent / file).resolve().with_suffix(""), place


def users(title):
    return {path.with_suffix("") for path in PAGES if imported(path) & MODULES[title]}


def test_every_section_documents_a_module_and_every_module_is_in_one():
    assert all(MODULES.values())
    mathematics = {
        f"gdlib.{file.stem}"
        for file in (ROOT / "gdlib").glob("[a-z]*.py")
        if file.stem != "symbolic"
    }
    assert mathematics <= set().union(*MODULES.values())


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_names_the_pages_that_use_it(title):
    assert users(title)
    assert {file for file, _ in linked(SECTIONS[title], API)} == users(title)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_links_to_what_it_uses(path):
    wanted = {ANCHORS[title] for title in SECTIONS if path.with_suffix("") in users(title)}
    links = linked(path.read_text("utf-8"), path)
    assert {place for file, place in links if file == API.with_suffix("")} == wanted

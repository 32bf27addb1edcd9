"""The library's reference and the pages link to each other: who uses what, and where it is told."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from tests.chapters import PAGES, ROOT, code_cells, name

API = ROOT / "chapters" / "appendix" / "api.md"
FIGURES = API.with_name("figures.md")
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
    """The pages that import from a section's modules; the index only shows a figure."""
    pages = [path for path in PAGES if path.name != "index.md"]
    found = {path.with_suffix("") for path in pages if imported(path) & MODULES[title]}
    return found or {FIGURES.with_suffix("")}  # what no page imports is there for the figures


def modules(folder):
    """The modules of a folder of the library, without those that begin with an underscore."""
    base = ".".join(folder.relative_to(ROOT).parts)
    return {f"{base}.{file.stem}" for file in folder.glob("[a-z]*.py")}


def test_every_section_documents_a_module_and_every_module_is_in_one():
    assert all(MODULES.values())
    assert modules(ROOT / "gdlib") <= set().union(*MODULES.values())


def test_every_module_of_figures_is_on_their_page():
    documented = re.findall(r"^\.\. automodule:: (\S+)", FIGURES.read_text("utf-8"), re.M)
    assert set(documented) == modules(ROOT / "gdlib" / "figures")
    assert len(documented) == len(set(documented))


def test_every_page_with_a_live_figure_is_in_the_gallery():
    pages = re.findall(r"^```\{gallery\} (\S+)", FIGURES.read_text("utf-8"), re.M)
    shown = {(FIGURES.parent / page).resolve().with_suffix(".md") for page in pages}
    functions = {
        f"{file.stem}.{function.name}"
        for file in (ROOT / "gdlib" / "figures").glob("*.py")
        for function in ast.parse(file.read_text("utf-8")).body
        if isinstance(function, ast.FunctionDef) and ast.unparse(function).startswith("@figure")
    }
    called = set()
    for path in shown:
        (module,) = [m for m in imported(path) if re.fullmatch(r"gdlib\.figures\.\w+", m)
                     and m.endswith(path.stem.lstrip("0123456789_"))]  # fmt: skip
        used = re.findall(r"\bfigures\.(\w+)\(", "\n".join(code_cells(path)))
        called |= {f"{module.rpartition('.')[2]}.{name}" for name in used}
    assert functions and functions <= called


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_names_the_pages_that_use_it(title):
    assert users(title)
    assert {file for file, _ in linked(SECTIONS[title], API)} == users(title)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_links_to_what_it_uses(path):
    wanted = {ANCHORS[title] for title in SECTIONS if path.with_suffix("") in users(title)}
    links = linked(path.read_text("utf-8"), path)
    assert {place for file, place in links if file == API.with_suffix("")} == wanted


FIGURE_MODULES = [
    importlib.import_module(f"gdlib.figures.{path.stem}")
    for path in sorted((ROOT / "gdlib" / "figures").glob("*.py"))
    if "@figure" in path.read_text("utf-8")
]


@pytest.mark.parametrize("module", FIGURE_MODULES, ids=lambda m: m.__name__)
def test_tab_shows_a_chapters_figures_and_nothing_else(module):
    source = Path(module.__file__).read_text("utf-8")
    figures = sorted(re.findall(r"^@figure\ndef (\w+)", source, re.M))
    assert dir(module) == sorted(module.__all__) == figures


@pytest.mark.parametrize("module", FIGURE_MODULES, ids=lambda m: m.__name__)
def test_every_argument_of_a_figure_is_told_with_its_default(module):
    for own in module.__all__:
        figure = getattr(module, own)
        for argument, parameter in inspect.signature(figure).parameters.items():
            (told,) = re.findall(rf"^:param {argument}: (.+)$", figure.__doc__, re.M)
            assert len(told) > 5
            if parameter.default not in (parameter.empty, None):
                assert told.endswith(f"(default {parameter.default!r})")
            assert "Kind(" not in str(parameter.annotation)

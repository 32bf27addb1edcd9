"""A downloaded notebook says how to get the library, is plain Markdown, and the same each time."""

import importlib.util

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_notebook, new_output

from downhill import downloads
from downhill.plain_markdown import plain

REPOSITORY = "https://github.com/fork/book"


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setenv("DOWNHILL_REPOSITORY", REPOSITORY)
    monkeypatch.setenv("DOWNHILL_BRANCH", "course")


@pytest.mark.parametrize("installed", [True, False])
def test_the_first_cell_installs_the_library_only_where_it_is_missing(
    installed, known, monkeypatch, tmp_path
):
    cell, asked = downloads.first_cell(tmp_path), []
    assert cell.cell_type == "code"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: installed or None)

    class Shell:
        def run_line_magic(self, *magic):
            asked.append(magic)

    exec(TransformerManager().transform_cell(cell.source), {"get_ipython": Shell})
    wanted = ("pip", f'install --quiet "gdlib @ git+{REPOSITORY}@course"')
    assert asked == ([] if installed else [wanted])


def test_without_a_repository_it_says_how_in_words(monkeypatch, tmp_path):
    monkeypatch.delenv("DOWNHILL_REPOSITORY", raising=False)
    cell = downloads.first_cell(tmp_path)
    assert cell.cell_type == "markdown"
    assert "pip install" in cell.source


def test_what_ran_here_leaves_no_trace(known, tmp_path):
    def executed(number):
        code = new_code_cell("1", id=f"id-{number}", execution_count=number)
        code.outputs = [new_output("execute_result", {"text/plain": f"{number}"})] * number
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        return new_notebook(cells=[code], metadata=metadata | {"source_map": [number]})

    text = downloads.standalone(executed(0), tmp_path, str)
    assert text == downloads.standalone(executed(1), tmp_path, str)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells][1:] == ["1"]
    assert set(notebook.metadata) == {"kernelspec"}


def number(label):
    return {"eq-a": "(2.1)", "fig-a": "Fig. 2.3"}[label]


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("```{math}\n:label: eq-a\na = b\n```", "$$\na = b\n\\tag{2.1}\n$$"),
        ("```{math}\na = b\n```", "$$\na = b\n$$"),
        ("See {eq}`eq-a` in {numref}`fig-a`.", "See (2.1) in Fig. 2.3."),
        ("{numref}`the figure <fig-a>` of {cite}`nielsen`", "the figure of [nielsen]"),
        ("(target)=\n# Title", "# Title"),
        ("```{tableofcontents}\n```", ""),
        ("```{admonition} Look\n:class: tip\n{eq}`eq-a`\n```", "> **Look**\n>\n> (2.1)"),
        (
            "```{admonition} Hint\n:class: dropdown\nTry.\n```",
            "<details>\n<summary>Hint</summary>\n\nTry.\n\n</details>",
        ),
        (
            "```{exercise} By hand\n:label: ex-a\n\nSolve\n\n    x = 1\n```",
            "> **Exercise: By hand**\n>\n> Solve\n>\n>     x = 1",
        ),
        (
            "````{solution} ex-a\n:class: dropdown\nSo:\n```python\nx = {1}\n```\n````",
            "<details>\n<summary>Solution</summary>\n\nSo:\n```python\nx = {1}\n```\n\n</details>",
        ),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
    ],
)
def test_text_becomes_plain_markdown(myst, markdown):
    assert plain(myst, number) == markdown


def test_a_caption_follows_its_figure():
    figure = {"name": "fig-a", "caption": "As {eq}`eq-a` says.\n"}
    code = new_code_cell("draw()", metadata={"mystnb": {"figure": figure}})
    kept = list(downloads.cells(new_notebook(cells=[code]), number))
    assert [cell.source for cell in kept] == ["draw()", "**Fig. 2.3** As (2.1) says."]

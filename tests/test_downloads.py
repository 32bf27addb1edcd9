"""A downloaded notebook begins with how to get the library, and is the same from build to build."""

import importlib.util

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_notebook, new_output

from downhill import downloads

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

    text = downloads.standalone(executed(0), tmp_path)
    assert text == downloads.standalone(executed(1), tmp_path)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells][1:] == ["1"]
    assert set(notebook.metadata) == {"kernelspec"}

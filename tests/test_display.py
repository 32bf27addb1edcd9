"""A function's source is shown whole, as Markdown that both the book and JupyterLab highlight."""

import inspect
import re
import textwrap

import numpy as np
import pytest

from gdlib import activation_functions, display, loss_functions
from gdlib.efficient_backprop import Network


def fenced():
    """Shows ``` in its docstring."""


def test_a_function_is_shown_whole():
    shown = display.source(loss_functions.mse)
    lines = inspect.getsource(inspect.unwrap(loss_functions.mse)).rstrip()
    assert repr(shown) == lines.partition("\n")[2] and lines.startswith("@checked")
    assert "def mse(y: Any, y_hat: Any)" in lines and lines.endswith("_samples(y_hat)")


def test_it_is_a_block_of_python_and_nothing_else():
    shown = display.source(loss_functions.mse)
    assert shown._repr_markdown_() == f"```python\n{shown!r}\n```"
    assert not hasattr(shown, "_repr_html_")


def test_a_fence_inside_the_source_does_not_end_the_block():
    assert display.source(fenced)._repr_markdown_().startswith("````python\n")
    assert display.source(fenced)._repr_markdown_().endswith("\n````")


def test_a_method_is_shown_without_the_class_indentation():
    assert repr(display.source(Network.loss)).startswith("def loss(self")
    assert repr(display.source(Network)).startswith("class Network:")


def test_the_checks_above_a_formula_are_not_shown_and_nothing_else_is_left_out():
    for shown in (loss_functions.mse, activation_functions.tanh, Network):
        complete = textwrap.dedent(inspect.getsource(inspect.unwrap(shown))).rstrip().splitlines()
        text = repr(display.source(shown)).splitlines()
        missing = [line for line in complete if line not in text]
        assert missing and all(re.match(r" *@(checked|kept)", line) for line in missing)
        assert len(complete) - len(text) == len([x for x in complete if x in missing])


@pytest.mark.parametrize("thing", [np.add, len, 3])
def test_what_has_no_source_is_refused(thing):
    with pytest.raises(ValueError, match=r"^function = "):
        display.source(thing)

"""The reader of MyST: every fence, every form of options, every line number."""

from __future__ import annotations

import pytest

from myst_source import Code, Heading, Line, Role, read

FENCES = ["```", "````", "~~~", "~~~~", ":::", "::::"]


@pytest.mark.parametrize("fence", FENCES)
def test_a_directive_is_read_whatever_fences_it(fence):
    page = read(
        f"Before.\n\n{fence}{{Exercise}} ex-a\n:class: dropdown\n\nIn.\n{fence}\n\nAfter.\n"
    )
    (found,) = page.directives
    assert (found.name, found.argument, found.fence) == ("exercise", "ex-a", fence)
    assert (found.options, found.body) == ({"class": "dropdown"}, "\nIn.\n")
    assert (found.start, found.end) == (3, 7)
    assert page.without("exercise") == "Before.\n\n\nAfter.\n"
    assert page.prose == [Line(1, "Before."), Line(9, "After.")]


@pytest.mark.parametrize("block", ["---\ntags: [a, b]\nn: 2\n---\n", ":tags: [a, b]\n:n: 2\n"])
def test_options_in_both_forms(block):
    (cell,) = read(f"```{{code-cell}} ipython3\n{block}x = 1\n```\n").code_cells
    assert (cell.options, cell.body) == ({"tags": ["a", "b"], "n": 2}, "x = 1\n")


def test_options_that_are_no_yaml_are_one_clear_error():
    with pytest.raises(ValueError, match="'note' in line 2 are no YAML"):
        read("\n```{note}\n:a: [\n```\n")


def test_what_is_nested_has_the_page_s_lines():
    text = "::::{note} N\n:class: tip\n\n- item\n\n  ```{solution} a\n  Words.\n  ```\n::::\n"
    note, solution = read(text).directives
    assert (note.start, note.end, solution.start, solution.end) == (1, 9, 6, 8)
    assert "Words" not in read(text).without("solution")
    assert note.inside.directives == [solution]


def test_a_solution_that_is_never_closed_reaches_to_the_end():
    assert read("A.\n\n```{solution} a\nWords.\n").without("solution") == "A.\n\n"


def test_code_and_cells_hold_no_directives():
    page = read("````python\n```{solution} a\n```\n````\n\n~~~{code-cell}\n```{note}\n```\n~~~\n")
    assert page.code == [Code("python", "```{solution} a\n```\n", 1, 4)]
    assert [d.name for d in page.directives] == ["code-cell"]


def test_front_matter_headings_roles_and_prose():
    page = read(
        "---\na: 1\n---\n\n# Title $x$\n\n"
        "One $x\\le 2$ `code`\ntwo {eq}`eq-a` [three](http://x.y).\n"
        "\n$$\nx\n$$\n\n| a |\n|---|\n| cell |\n\n(target)=\n- four\n\n"
        "```{exercise} E\nHidden.\n```\n"
    )
    assert page.front_matter == {"a": 1}
    assert page.headings == [Heading(1, "Title $x$", 5)]
    assert page.roles == [Role("eq", "eq-a", 8)]
    assert [(n, " ".join(t.split())) for n, t in page.prose] == [
        (7, "One"),
        (8, "two three."),
        (14, "a"),
        (16, "cell"),
        (19, "four"),
    ]


def test_formulas_inline_displayed_and_in_directives():
    page = read("One $x$.\n\n$$\ny\n$$\n\n```{math}\n:label: eq-z\nz\n```\n\n`$no$`\n")
    assert [formula.strip() for formula in page.formulas] == ["x", "y", "z"]


def test_roles_become_words_and_code_stays():
    page = read("See {eq}`eq-a`, {cite}`b`.\n\n`{eq}` and\n\n```python\n{eq}`eq-a`\n```\n")
    assert page.with_roles(lambda role: f"<{role.name} {role.text}>") == (
        "See <eq eq-a>, <cite b>.\n\n`{eq}` and\n\n```python\n{eq}`eq-a`\n```\n"
    )

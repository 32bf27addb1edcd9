"""The student edition holds no solution anywhere; the whole book holds them all."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

from downhill.edition import strip_solutions
from tests.toy_book import STEP, build, make, warm

pytestmark = pytest.mark.heavy

# A sentinel where a solution can stand: its words, its code, a formula, the edges of the fence.
SENTINEL = "porcupine"
STEM = "porcupin"  # as the search index stems it
MORE = f"""
```{{exercise}} In code
:label: ex-code

Write `cube`.
```

```{{admonition}} Hint
:class: dropdown

Think of a box.
```

````{{solution}} ex-code
:class: dropdown

First {SENTINEL}, and $\\text{{{SENTINEL}}}$.

```python
def {SENTINEL}(w):
    return w**3
```

Last {SENTINEL}.
````

After it.

<!-- whole book -->
It has a button.
<!-- end -->

Everybody reads this.
"""


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory, toy: Path) -> dict[str, Path]:
    folder = make(tmp_path_factory.mktemp("editions"))
    (folder / "chapters" / "step.md").write_text(STEP + MORE, "utf-8")
    outputs = {}
    for edition in ("", "student"):
        out = folder / "_build" / edition if edition else folder
        out.mkdir(parents=True, exist_ok=True)
        warm(out, toy)
        fork = {"DOWNHILL_REPOSITORY": "https://github.com/somebody/fork"}
        done = build(folder, "--path-output", str(out), DOWNHILL_EDITION=edition, **fork)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        outputs[edition] = out / "_build" / "html"
    return outputs


def holding(folder: Path, word: str) -> list[str]:
    """Every file that has the word, in its text or its name."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and (word.encode() in path.read_bytes().lower() or word in path.name)
    ]


def test_the_whole_book_has_its_solutions(editions: dict[str, Path]) -> None:
    found = holding(editions[""], STEM)
    assert {"chapters/step.html", "_sources/chapters/step.md", "searchindex.js"} <= set(found)
    assert "_sources/chapters/step.ipynb" in found


def test_the_student_edition_has_none_anywhere(editions: dict[str, Path]) -> None:
    assert holding(editions["student"], STEM) == []


def test_what_is_said_of_the_whole_book_only_is_not_said(editions: dict[str, Path]) -> None:
    whole, student = (editions[e] / "chapters" / "step.html" for e in ("", "student"))
    assert "It has a button." in whole.read_text("utf-8")
    assert "It has a button." not in student.read_text("utf-8")
    assert "Everybody reads this." in student.read_text("utf-8")


def test_no_button_of_the_student_edition_leads_to_the_solutions(
    editions: dict[str, Path],
) -> None:
    """Nor in a fork whose address is known: no source, no edit, no Binder, nothing to download."""
    whole, student = (
        (editions[e] / "chapters" / "step.html").read_text("utf-8") for e in ("", "student")
    )
    assert "github.com/somebody/fork" in whole and "mybinder.org" in whole
    for way in ("github.com", "mybinder.org", "_sources", ".ipynb", "btn-download"):
        assert way not in student, way


def test_the_student_edition_has_exercises_and_hints(editions: dict[str, Path]) -> None:
    page = (editions["student"] / "chapters" / "step.html").read_text("utf-8")
    for words in ("Differentiate", "Think of a box", "After it", "The end"):
        assert words in page
    assert not (editions["student"] / "_sources").exists()


@pytest.mark.parametrize("fence", ["```", "````", "~~~", "~~~~", ":::", "::::"])
@pytest.mark.parametrize("around", ["{}", "- item\n\n{}", "::::::{{note}}\n{}\n::::::\n"])
def test_a_solution_is_taken_out_whatever_fences_it(fence: str, around: str) -> None:
    inner = f"{fence}{{solution}} ex-hand\nA porcupine.\n{fence}\n"
    indented = textwrap.indent(inner, "  ") if around.startswith("-") else inner
    source = [f"Before.\n\n{around.format(indented)}\nAfter.\n"]
    strip_solutions(None, "page", source)
    assert STEM not in source[0]
    assert source[0].startswith("Before.") and source[0].endswith("After.\n")


@pytest.mark.parametrize(
    "hidden",
    [
        "```{eval-rst}\n.. solution:: ex-hand\n\n   A porcupine.\n```\n",
        "```{solution-start} ex-hand\n```\nA porcupine.\n```{solution-end}\n```\n",
        "````\n```{solution} ex-hand\nA porcupine.\n```\n````\n",
    ],
)
def test_one_that_no_directive_holds_is_an_error(hidden: str) -> None:
    with pytest.raises(ExtensionError, match="page, line [34]: a solution that is no directive"):
        strip_solutions(None, "page", [f"Before.\n\n{hidden}"])


def test_a_solution_that_cannot_be_taken_out_stops_the_build(tmp_path: Path, toy: Path) -> None:
    folder = make(tmp_path, toy)
    text = STEP + "```{eval-rst}\n.. solution:: ex-hand\n\n   A porcupine.\n```\n"
    (folder / "chapters" / "step.md").write_text(text, "utf-8")
    done = build(folder, DOWNHILL_EDITION="student")
    assert done.returncode != 0
    assert "a solution that is no directive of its own" in done.stdout + done.stderr
    assert holding(folder / "_build", STEM) == []


def test_an_edition_nobody_has_made_is_an_error(tmp_path: Path) -> None:
    done = build(make(tmp_path), DOWNHILL_EDITION="teacher")
    assert done.returncode != 0
    assert "no edition 'teacher'" in done.stdout + done.stderr

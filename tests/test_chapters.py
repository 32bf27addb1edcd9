"""The chapters as documents: their shape, their exercises, the code of their solutions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gdlib.verify import Agreement
from marking.chapter import solutions, texts
from myst_source import read
from tests.chapters import CHAPTERS, PAGES, code_cells, figures, name, run

chapters = pytest.mark.parametrize("path", CHAPTERS, ids=name)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_cell_is_short_enough_to_be_read(path: Path) -> None:
    long = [cell for cell in code_cells(path) if len(cell.strip().splitlines()) > 15]
    assert not long


@chapters
def test_at_least_three_live_figures_each_with_caption_and_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = len(figures(path))
    assert shown >= 3
    assert text.count("    name: fig-") == text.count("    caption: |") == shown


@chapters
def test_weights_and_the_learning_rate_are_on_sliders(path: Path) -> None:
    names = {s.name for figure in figures(path) for s in figure.symbols}
    assert "eta" in names
    assert any(n[0] in "wb" for n in names)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_colour_is_never_the_only_sign(path: Path) -> None:
    for figure in figures(path):
        for ax in figure.fig.axes:
            colours: dict[Any, set[Any]] = {}
            for line in ax.lines:
                width = line.get_linewidth(), line.get_markersize()
                look = line.get_linestyle(), line.get_marker(), *width, line.get_fillstyle()
                colours.setdefault(look, set()).add(line.get_color())
            twins = {look: found for look, found in colours.items() if len(found) > 1}
            assert not twins, f"{ax.get_xlabel()!r}: only colour tells {twins} apart"


@chapters
def test_formulas_are_verified_and_their_badges_shown(path: Path) -> None:
    badges = [value for value in run(path)[1] if isinstance(value, Agreement)]
    assert len(badges) >= 3


TIMED = [path for path in PAGES if "Time: about" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", TIMED, ids=name)
def test_the_time_is_what_the_words_the_figures_and_the_code_take(path: Path) -> None:
    """At 130 words a minute, with two minutes for a figure and half of one for a cell."""
    before, *_ = path.read_text(encoding="utf-8").split("## Exercises")
    page = read(before)
    words = sum(len(line.text.split()) for line in page.prose)
    figures_in_it = before.count("    name: fig-")
    minutes = words / 130 + 2 * figures_in_it + len(page.code_cells) / 2
    (said,) = re.findall(r"^Time: about (\d+) minutes", before, re.M)
    assert abs(int(said) - minutes) <= 3.5, f"about {minutes:.0f}"
    assert words <= 2600 and len(page.code_cells) <= 30


def test_every_chapter_says_how_long_it_takes() -> None:
    assert set(CHAPTERS) <= set(TIMED)


@chapters
def test_the_page_has_the_parts_a_reader_looks_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for part in (
        "After this chapter you can",
        "## Recap",
        "Say it in an interview",
        "## Exercises",
    ):
        assert part in text, part
    assert text.count("Predict before you move it") >= 2


@chapters
def test_every_exercise_has_points_a_hint_and_a_folded_solution(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    exercises = texts(path.stem)
    page = read(text)
    assert len(page.named("exercise")) == len(exercises) >= 4
    assert {e.difficulty for e in exercises.values()} <= {"easy", "medium", "hard"}
    assert all(e.hint for e in exercises.values())
    assert set(solutions(path.stem)) == set(exercises)
    folded = [d for d in page.directives if d.options.get("class") == "dropdown"]
    assert sum(d.argument == "Hint" for d in folded) == len(exercises)
    assert sum(d.name == "solution" for d in folded) == len(exercises)


@pytest.mark.parametrize(
    ("path", "label"), [(p, label) for p in CHAPTERS for label in solutions(p.stem)], ids=str
)
def test_the_solution_runs_after_the_chapter(path: Path, label: str) -> None:
    code = solutions(path.stem)[label]
    assert "assert" in code, "a solution's code has to check what the solution says"
    namespace: dict[str, Any] = dict(run(path)[0])
    exec(compile(code, label, "exec"), namespace)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_prose_is_british_and_has_no_filler(path: Path) -> None:
    page = read(path.read_text("utf-8"))
    inside = [line for exercise in page.named("exercise") for line in exercise.inside.prose]
    titles = [exercise.argument for exercise in page.named("exercise", "admonition")]
    words = [line.text for line in (*page.prose, *inside, *page.headings)]
    prose = "\n".join([*words, *titles])
    filler = r"\b(?:simply|just note|obviously|of course|basically|utili[sz]e)\b"
    american = r"\b(?:color|behavior|minimize|optimize(?!r)|neighbor|center(?!ed))\w*\b"
    assert re.findall(filler, prose, re.I) + re.findall(american, prose, re.I) == []


# LaTeX words that are not symbols of the book.
LATEX = set(
    re.findall(
        r"\w+",
        """approx ast begin bigl bigr cdot cos dots end exp frac ge hat in infty int label le left
        leftarrow lVert rVert lim log lvert rvert max min nabla ne odot operatorname partial pm
        qquad quad right sin sqrt sum tan tanh text tfrac times to top underbrace mathrm prod""",
    )
)


def symbols_in(text: str) -> set[str]:
    """Return the letters and Greek names that formulas use; words set as text are not symbols."""
    found = set()
    for formula in read(text).formulas:
        formula = re.sub(r"\\(text|mathrm|begin|end|operatorname)\{[^}]*\}", " ", formula)
        for command, letters in re.findall(r"\\([a-zA-Z]+)|([A-Za-z]+)", formula):
            found |= {command} - LATEX if command else set(letters)
    return found


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_symbol_is_on_the_notation_page(path: Path) -> None:
    notation = (CHAPTERS[0].parent / "appendix" / "notation.md").read_text(encoding="utf-8")
    first_columns = " ".join(
        row.split("|")[1] for row in notation.splitlines() if row.startswith("| $")
    )
    listed = symbols_in(first_columns) | {"d"}  # as in dL/dw
    assert symbols_in(path.read_text(encoding="utf-8")) - listed == set()

"""A question bank for Moodle: exercises whose answers are numbers, in as many variants as asked.

One number becomes a `numerical` question, several an embedded-answers (`cloze`) one. Moodle's core
has no type of question for a formula, for a function or for words: those exercises stay out.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sympy import sympify

from marking import report
from marking.exercise import Answer
from marking.marks import ROUNDED, SMALL
from marking.notebook import Task, tasks, title, without_roles

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.S)
SPECIAL = re.compile(r"([}#~/\"\\])")
"""What means something in an embedded answer."""


def fits(task: Task) -> bool:
    """Whether all that it asks for are numbers."""
    answers = task.variant.answers
    numbers = all(not answer.value.free_symbols for answer in answers)
    return bool(answers) and numbers and not task.variant.functions


def write(chapter: str, variants: int, salt: bytes, path: Path) -> list[str]:
    """Write the bank; return the titles of the exercises that stay out.

    ValueError if there is none that fits, or no variant is asked for.
    """
    if variants < 1:
        raise ValueError(f"--variants is {variants}; at least 1.")
    drawn = [tasks(chapter, f"variant {k}", salt) for k in range(1, variants + 1)]
    inside = [task.label for task in drawn[0] if fits(task)]
    if not inside:
        raise ValueError(f"{chapter}: no exercise asks for nothing but numbers.")
    quiz = ET.Element("quiz")
    for label in inside:
        own = [task for asked in drawn for task in asked if task.label == label]
        category = ET.SubElement(quiz, "question", type="category")
        name = f"{title(chapter).removeprefix('# ')}/{own[0].text.title}"
        _text(ET.SubElement(category, "category"), f"$course$/{name}")
        for number, task in enumerate(own, start=1):
            quiz.append(_question(task, f"{task.text.title} {number:03d}"))
    ET.indent(quiz)
    path.write_bytes(ET.tostring(quiz, encoding="utf-8", xml_declaration=True))
    return [task.text.title for task in drawn[0] if not fits(task)]


def _question(task: Task, name: str) -> ET.Element:
    """A question of the kind that fits the number of answers."""
    answers = task.variant.answers
    kind = "numerical" if len(answers) == 1 else "cloze"
    question = ET.Element("question", type=kind)
    _text(ET.SubElement(question, "name"), name)
    words = as_html(task.words())
    asked = "".join(f"<p>\\({html.escape(a.formula)}\\) = {_gap(a, kind)}</p>" for a in answers)
    note = "<p>Decimal numbers; three digits are enough.</p>"
    _text(ET.SubElement(question, "questiontext", format="html"), f"{words}{note}{asked}")
    hint = ET.SubElement(question, "generalfeedback", format="html")
    _text(hint, as_html(without_roles(task.text.hint)))
    ET.SubElement(question, "defaultgrade").text = str(task.text.points - task.by_hand)
    ET.SubElement(question, "penalty").text = "0"
    if kind == "numerical":
        for fraction, value, tolerance, says in judged(answers[0]):
            answer = ET.SubElement(question, "answer", fraction=str(fraction))
            _text(answer, value)
            ET.SubElement(answer, "tolerance").text = tolerance
            _text(ET.SubElement(answer, "feedback", format="html"), html.escape(says))
    return question


def judged(answer: Answer) -> list[tuple[int, str, str, str]]:
    """The right value, and known wrong ones: each as per cent, value, tolerance and sentence."""
    right = float(answer.value)
    found = [(100, _number(right), _room(right), "Right.")]
    for wrong, says in answer.mistakes:
        value = float(wrong) if not sympify(wrong).free_symbols else right
        if abs(value - right) > 2 * ROUNDED * max(abs(value), abs(right)) + SMALL:
            found.append((0, _number(value), _room(value), says))
    return found


def _gap(answer: Answer, kind: str) -> str:
    """Where to write it: in an embedded answer, with what is right; else Moodle has a box."""
    if kind == "numerical":
        return "…"
    right, *wrong = (
        f"{value}:{tolerance}#{SPECIAL.sub(lambda found: chr(92) + found[1], says)}"
        for _, value, tolerance, says in judged(answer)
    )
    return "{1:NUMERICAL:=" + "~%0%".join([right, *wrong]) + "}"


def _number(value: float) -> str:
    return f"{value:.10g}"


def _room(value: float) -> str:
    """As near as the marking wants it: three digits."""
    return f"{ROUNDED * abs(value) + SMALL:.3g}"


def as_html(markdown: str) -> str:
    r"""Markdown as HTML, with formulas as Moodle's filters read them: `\(…\)` and `\[…\]`."""
    formulas: list[str] = []

    def keep(found: re.Match[str]) -> str:
        shown, within = found.groups()
        tex = html.escape(shown or within)
        formulas.append(f"\\[{tex}\\]" if shown else f"\\({tex}\\)")
        return f"@@{len(formulas) - 1}@@"

    text = report.as_html(FORMULA.sub(keep, markdown))
    return re.sub(r"@@(\d+)@@", lambda found: formulas[int(found[1])], text)


def _text(parent: ET.Element, words: str) -> Any:
    ET.SubElement(parent, "text").text = words


def left_out(titles: Sequence[str]) -> str:
    """What to say of the exercises that stay out."""
    if not titles:
        return ""
    return f"Not in it, as Moodle has no question type for them: {', '.join(titles)}."

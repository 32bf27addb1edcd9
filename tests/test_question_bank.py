"""The question bank for Moodle: its numbers are the key's, its sentences those of the marking."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from marking import notebook, question_bank
from marking.__main__ import main
from marking.exercises import MODULES
from marking.marks import _answer

SALT = b"a salt that is long enough"
GAP = re.compile(r"\{1:NUMERICAL:=((?:\\\\.|[^}\\\\])*)\}")


def bank(chapter: str, folder: Path, variants: int = 3) -> ET.Element:
    path = folder / "bank.xml"
    question_bank.write(chapter, variants, SALT, path)
    return ET.fromstring(path.read_bytes())


def gaps(question: ET.Element) -> list[list[tuple[float, float, float, str]]]:
    """What a question accepts: per cent, value, tolerance and sentence, for each of its answers."""
    if question.get("type") == "numerical":
        return [
            [
                (
                    float(answer.get("fraction", 0)),
                    float(answer.findtext("text", "")),
                    float(answer.findtext("tolerance", "")),
                    answer.findtext("feedback/text", ""),
                )
                for answer in question.findall("answer")
            ]
        ]
    found = []
    for inside in GAP.findall(question.findtext("questiontext/text", "")):
        rows = []
        for k, one in enumerate(re.split(r"(?<!\\\\)~%0%", inside)):
            value, _, rest = one.partition(":")
            tolerance, _, says = rest.partition("#")
            rows.append((0.0 if k else 100.0, float(value), float(tolerance), says))
        found.append(rows)
    return found


@pytest.mark.parametrize(
    "chapter", [c for c in MODULES if any(map(question_bank.fits, notebook.tasks(c)))]
)
def test_what_moodle_takes_for_right_is_what_the_marking_does(chapter: str, tmp_path: Path) -> None:
    questions = [
        q for q in bank(chapter, tmp_path).findall("question") if q.get("type") != "category"
    ]
    drawn = [notebook.tasks(chapter, f"variant {k}", SALT) for k in (1, 2, 3)]
    labels = [task.label for task in drawn[0] if question_bank.fits(task)]
    asked = [t for label in labels for tasks in drawn for t in tasks if t.label == label]
    assert len(questions) == len(asked) == 3 * len(labels) > 0
    names = [q.findtext("name/text") for q in questions]
    assert len(set(names)) == len(names)
    for question, task in zip(questions, asked, strict=True):
        assert (question.get("type") == "numerical") == (len(task.variant.answers) == 1)
        text = question.findtext("questiontext/text", "")
        hint = question.findtext("generalfeedback/text", "")
        assert "$" not in text + hint and "{eq}" not in hint and r"\(" in text
        assert float(question.findtext("defaultgrade", "")) == task.text.points - task.by_hand
        for answer, rows in zip(task.variant.answers, gaps(question), strict=True):
            for fraction, value, tolerance, says in rows:
                assert tolerance > 0
                judged = _answer(answer, {"value": value})
                assert judged.share == fraction / 100, (task.label, answer.name, value)
                if not fraction:
                    assert says.replace("\\\\", "") in judged.says
            _, right, room, _ = rows[0]
            assert _answer(answer, {"value": right + 0.9 * room}).share == 1
            assert _answer(answer, {"value": right + 2.2 * room}).share == 0


def test_the_exercises_that_stay_out_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bank.xml"
    words = ["moodle", "06_gradient_descent", "--salt", str(tmp_path / "salt")]
    main([*words, "--variants", "2", "--out", str(path)])
    said = capsys.readouterr().out
    assert "no question type for them: In code" in said.replace("The best pair, ", "")
    assert str(path) in said and path.is_file()
    before = path.read_bytes()
    main([*words, "--variants", "2", "--out", str(path)])
    assert path.read_bytes() == before


def test_no_variant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--variants is 0; at least 1"):
        question_bank.write("06_gradient_descent", 0, SALT, tmp_path / "x.xml")


def test_formulas_stay_formulas() -> None:
    found = question_bank.as_html("**Let** $a_1 < b_2$ and $$x_*^2$$ be.")
    assert found == "<p><strong>Let</strong> \\(a_1 &lt; b_2\\) and \\[x_*^2\\] be.</p>\n"

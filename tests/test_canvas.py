"""What Canvas is given: it finds the student, and the student can open it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import nbformat
import pytest

from marking import canvas
from marking.roster import Student

CLASS = [Student("ada", "Ada", "7"), Student("bob", "Bob", "8"), Student("carl"), Student("dora")]
WORDS = "# 02_slope: ada\n\n**7 of 10 points.**\n"


def canvas_takes(name: str) -> tuple[str, str] | None:
    """Whom and what Canvas takes a file to answer, by its name: the first two numbers in it."""
    numbers = [word for word in name.split("_") if word != "LATE" and word.isdecimal()]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None


def packed(folder: Path, names: dict[str, str]) -> tuple[list[str], zipfile.ZipFile]:
    for student in CLASS:
        (folder / f"{student.id}.md").write_text(WORDS)
    submitted = {
        student: [folder / "older.ipynb", folder / name] for student, name in names.items()
    }
    others = canvas.feedback(CLASS, submitted, folder, folder / "canvas.zip")
    return others, zipfile.ZipFile(folder / "canvas.zip")


def test_feedback_has_the_name_of_what_was_handed_in(tmp_path: Path) -> None:
    names = {
        "ada": "lovelaceada_7_1234_02_slope_ada-1.ipynb",
        "bob": "byronbob_LATE_8_1235_02_slope_bob.ipynb",
        "carl": "anon_aB3dE_1236_02_slope_carl.ipynb",
    }
    others, files = packed(tmp_path, names)
    assert others == []
    assert files.namelist() == list(names.values())
    assert canvas_takes(names["ada"]) == ("7", "1234")
    assert canvas_takes(names["bob"]) == ("8", "1235")


@pytest.mark.parametrize(
    "name",
    ["02_slope_ada.ipynb", "ada.ipynb", "lovelaceada_8_1234_02_slope_ada.ipynb", "ada_7.ipynb"],
)
def test_who_has_another_name_is_left_out_and_named(name: str, tmp_path: Path) -> None:
    others, files = packed(tmp_path, {"ada": name, "dora": "doradora_12_1237_02_slope.ipynb"})
    assert others == ["ada"]
    assert files.namelist() == ["doradora_12_1237_02_slope.ipynb"]


def test_a_notebook_is_answered_by_a_notebook() -> None:
    nb = nbformat.reads(canvas.as_handed_in(".ipynb", WORDS).decode(), as_version=4)
    nbformat.validate(nb)
    assert [(cell.cell_type, cell.source) for cell in nb.cells] == [("markdown", WORDS)]


def test_so_is_a_file_of_another_kind() -> None:
    compile(canvas.as_handed_in(".py", WORDS), "feedback", "exec")
    assert canvas.as_handed_in(".md", WORDS).decode() == WORDS
    with zipfile.ZipFile(io.BytesIO(canvas.as_handed_in(".zip", WORDS))) as inside:
        assert inside.read("feedback.md").decode() == WORDS

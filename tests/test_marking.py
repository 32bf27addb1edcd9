"""The exercises' texts, their variants, what is handed out, and how it is marked."""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import sympy

from marking import by_hand, handed_in, nbgrader, notebook, report, roster, sandbox
from marking import chapter as chapters
from marking import exercises as catalogue
from marking import grade as grading
from marking.__main__ import main
from marking.chapter import solutions, texts
from marking.exercises import MODULES, exercises, in_the_book
from marking.formula import evaluate
from marking.grade import Result
from marking.marks import Mark, _answer, mark
from marking.roster import Student
from marking.submission import Cell

SALT = b"a salt that is long enough"
LIMITS = sandbox.Limits(seconds=5, wall=30)
each_chapter = pytest.mark.parametrize("chapter", MODULES)
needs_sandbox = pytest.mark.skipif(
    not sandbox.shutil.which("bwrap"), reason="bubblewrap is not installed: NOTHING was marked"
)


def code(nb: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in nb.cells if cell.cell_type == "code"]


# The text and the key belong together.


@each_chapter
def test_every_exercise_of_the_chapter_is_known_in_its_order(chapter: str) -> None:
    assert [e.label for e in exercises(chapter)] == list(texts(chapter))
    assert chapters.source(chapter).count("```{exercise}") == len(texts(chapter)) >= 3


@each_chapter
def test_the_key_belongs_to_the_text_and_a_students_text_to_their_key(chapter: str) -> None:
    for book, ours in zip(
        notebook.tasks(chapter), notebook.tasks(chapter, "ada", SALT), strict=True
    ):
        assert book.words() == notebook.without_roles(book.text.text)
        for said, drawn in zip(book.variant.says, ours.variant.says, strict=True):
            assert said in book.text.text
            assert drawn in ours.words()
            assert said == drawn or said not in ours.words()


# As the solutions in the chapters state them in words.
BY_HAND = {
    "ex-loss-by-hand": ["5/3", "-10/3", "-2"],
    "ex-slope-by-hand": ["18*w - 36", "1/18"],
    "ex-taylor-by-hand": ["4", "8", "2", "8", "5/34", "5/17", "1/4"],
    "ex-taylor-lemma": ["2", "4*sin(1)", "1/2"],
    "ex-chain-by-hand": ["-20", "-8", "6", "2"],
    "ex-backprop-by-hand": ["4", "12", "8", "4", "24", "12"],
    "ex-backprop-initialisation": ["1/25", "5/4"],
    "ex-backprop-playground": ["0.78635", "0.15727"],
    "ex-descent-by-hand": ["4/5", "27/50", "16/25"],
    "ex-descent-pair": ["1/5", "4/5", "1/4", "1/4", "1/2"],
    "ex-descent-decay": ["2", "4/5"],
    "ex-descent-playground": ["293", "46"],
}


@each_chapter
def test_the_key_is_what_the_chapter_derives_by_hand(chapter: str) -> None:
    for exercise in exercises(chapter):
        values = [a.value for a in exercise.in_the_book().answers]
        w = sympy.Symbol("w", real=True)
        wanted = [sympy.sympify(text, {"w": w}) for text in BY_HAND.get(exercise.label, [])]
        assert [sympy.simplify(a - b) for a, b in zip(values, wanted, strict=True)] == [0] * len(
            wanted
        )


@needs_sandbox
@each_chapter
def test_the_chapters_own_solution_gets_the_points(chapter: str) -> None:
    """The reference is written twice: here the page's version is checked against the key."""
    functions = {
        task.label: {f.name for f in task.variant.functions}
        for task in notebook.tasks(chapter)
        if task.variant.functions
    }
    imports = "import numpy as np\nfrom gdlib import taylor_expansion as taylor"
    for label, names in functions.items():
        tree = ast.parse(solutions(chapter)[label])
        found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names]
        if not found:
            continue  # the page describes the right function in words
        cells = [Cell(imports), *(Cell(ast.unparse(one)) for one in found)]
        marks = mark(cells, notebook.tasks(chapter), LIMITS)
        of = [task.label for task in notebook.tasks(chapter)].index(label)
        assert marks[of].points == marks[of].out_of - marks[of].by_hand, marks[of].remarks


# Variants.


@each_chapter
def test_a_variant_is_the_same_for_the_same_salt_and_id_only(chapter: str) -> None:
    def keys(student: str, salt: bytes = SALT) -> list[str]:
        of = notebook.tasks(chapter, student, salt)
        return [str(a.value) for task in of for a in task.variant.answers]

    assert keys("ada") == keys("ada")
    assert keys("ada") != keys("bob")
    assert keys("ada") != keys("ada", b"another salt, long enough")


@each_chapter
def test_a_copied_answer_scores_nothing(chapter: str) -> None:
    """In a course of thirty, at most one copied answer in twelve is right by chance."""
    of = [
        [a for task in notebook.tasks(chapter, f"student{i}", SALT) for a in task.variant.answers]
        for i in range(30)
    ]
    right = [
        [_answer(mine, {"value": str(theirs.value)})[0] for mine, theirs in zip(a, b, strict=True)]
        for a, b in permutations(of, 2)
    ]
    assert np.mean(right) < 1 / 12
    assert np.mean([all(copied) for copied in right]) < 1 / 200


@each_chapter
def test_a_students_key_is_finite_and_of_the_kind_of_the_books(chapter: str) -> None:
    for i in range(40):
        for ours, book in zip(
            notebook.tasks(chapter, f"s{i}", SALT), notebook.tasks(chapter), strict=True
        ):
            for mine, theirs in zip(ours.variant.answers, book.variant.answers, strict=True):
                assert mine.name == theirs.name
                assert mine.value.is_finite is not False
                assert mine.value.free_symbols == theirs.value.free_symbols


# What a student gets.


@each_chapter
def test_the_notebook_runs_and_holds_no_solution(chapter: str, tmp_path: Path) -> None:
    of = notebook.tasks(chapter, "ada", SALT)
    nb = notebook.handout(chapter, of, "ada")
    nbformat.validate(nb)
    names: dict[str, Any] = {}
    for source in code(nb):
        exec(compile(source, chapter, "exec"), names)
    text = nbformat.writes(nb)
    for task in of:
        for answer in task.variant.answers:
            assert names[answer.name] is None
        for function in task.variant.functions:
            body = notebook.code(function.reference).strip().splitlines()[-1].strip()
            assert body not in text
            for call in function.calls[1:]:
                assert notebook.shown(call[0]) not in text or len(notebook.shown(call[0])) < 12
    for solution in solutions(chapter).values():
        for line in solution.splitlines():
            if line.strip().startswith("assert"):
                assert line.strip() not in text


@each_chapter
def test_the_visible_check_tells_right_from_wrong(
    chapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    of = notebook.tasks(chapter, "ada", SALT)
    names: dict[str, Any] = {}
    for source in code(notebook.reference(of)):
        exec(source, names)
    for task in of:
        for function in task.variant.functions:
            exec("import numpy as np\n" + notebook._tries(function), names)
            gives, expected = capsys.readouterr().out.split("expected:")
            numbers = [
                [float(n) for n in _numbers(part)] for part in (gives.split("gives")[1], expected)
            ]
            assert np.allclose(*numbers, atol=1e-5)


def _numbers(text: str) -> list[str]:
    return re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", re.sub(r"array|float64|dtype=\w+", "", text))


def test_released_files_are_the_same_every_time(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada\nbob,Bob\n")
    words = ["release", "02_slope", "--roster", str(tmp_path / "roster.csv")]
    for out in ("one", "two"):
        main([*words, "--salt", str(tmp_path / "salt"), "--out", str(tmp_path / out)])
    for name in ("02_slope_ada.ipynb", "02_slope_bob.ipynb"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0


# Formulas are read, never run.


@pytest.mark.parametrize(
    "text",
    [
        "18*w - 36", "18*(w-2)", "9 * (2*w - 4)", "36*w/2-6^2", "18w - 36", "18·w − 36",
        "L'(w) = 18w − 6²", "18(w - 2)", "2(3w - 6)·3", "18w - 72/2", "½(36w - 72)",
    ],
)  # fmt: skip
def test_a_formula_is_compared_by_value(text: str) -> None:
    (answer,) = [
        a for e in exercises("02_slope") for a in e.in_the_book().answers if a.name == "derivative"
    ]
    assert _answer(answer, {"value": text})[0] == 1
    assert _answer(answer, {"value": text + " + 0.01"})[0] == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("__import__('os').system('x')", "'_' is not part of a formula"),
        ("w.__class__", "'.' is not part of a formula"),
        ("v + 1", "v is not known here, only w"),
        ("2x", "x is not known here, only w"),
        ("", "there is no formula"),
        ("[w]", r"'\[' is not part of a formula"),
        ("'a'*10**9", "is not part of a formula"),
        ("18,5w", "write a decimal point, not a comma"),
        ("(" * 300 + "w" + ")" * 300, "characters"),
        ("-" * 400 + "w" + "(" * 90, "nested more than 50 deep"),
        ("lambda: 0", "lambda is not known here|is not part of a formula"),
        ("9**9**9**9**9", "a power of more than 300 digits"),
        ("1" * 400, "too large"),
    ],
)
def test_what_is_no_formula_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        evaluate(text, {"w": np.ones(3)})


def test_a_mistake_that_is_known_gets_its_sentence_and_no_points() -> None:
    said = set()
    for answer in (a for v in in_the_book().values() for a in v.answers):
        for wrong, says in answer.mistakes:
            points, remark, _ = _answer(answer, {"value": str(wrong)})
            assert (points, remark.partition(". ")[2]) in ((0, says), (1, "")), remark
            if not points:
                said.add(says)
    assert len(said) > 12


def test_what_cannot_be_read_waits_for_a_person() -> None:
    (task, *_) = notebook.tasks("02_slope")
    (got,) = mark(
        [Cell('derivative = "eighteen w"'), Cell("eta = 1/18")], [task], LIMITS, sandboxed=False
    )
    assert got.unread and got.points == task.text.points / 2
    result = grading.Result("ada", "a.ipynb", [got], [], {})
    assert report.needs_review([task], result) == [task.label]


def test_an_answer_that_is_a_number_has_no_letters() -> None:
    assert evaluate("½ + 1/4", {}) == 0.75
    with pytest.raises(ValueError, match="w is not known here: the answer is a number"):
        evaluate("w + 1", {})


# The roster, the salt, the names of files.


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name\nAda\n", "no column 'id'"),
        ("id\n../../etc/passwd\n", "line 2.*is no id"),
        ("id\nada\nADA\n", "line 3.*twice"),
        ("id\n\n,\n", "is no id|nobody"),
        ("id\n", "nobody"),
    ],
)
def test_a_bad_roster_is_refused_by_line(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ValueError, match=says):
        roster.read(tmp_path / "roster.csv")


def test_the_salt_stays_out_of_the_repository(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside the repository"):
        roster.salt(chapters.ROOT / "salt", create=True)
    with pytest.raises(ValueError, match="no such file"):
        roster.salt(tmp_path / "salt")
    (tmp_path / "salt").write_text("short")
    with pytest.raises(ValueError, match="16 characters"):
        roster.salt(tmp_path / "salt")


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("02_slope_ada.ipynb", "ada"),
        ("ADA.ipynb", "ada"),
        ("late/02_slope ada (2).ipynb", "ada"),
        ("ada/02_slope.ipynb", "ada"),
        ("adalbert.ipynb", None),
        ("ada_bob.ipynb", None),
        ("ada.b/02_slope_ada.ipynb", None),
        ("bob_222_file/02_slope_ada.ipynb", None),
        ("ada/02_slope_ada.ipynb", "ada"),
        ("02_slope_bob.ipynb", "bob"),
        ("ada.b.ipynb", "ada.b"),
        ("mu\u0308ller.ipynb", "m\u00fcller"),
        ("nobody.ipynb", None),
    ],
)
def test_a_file_belongs_to_the_id_in_its_name(name: str, whose: str | None) -> None:
    students = [Student(i) for i in ("ada", "ada.b", "bob", "m\u00fcller", "slope")]
    found = roster.owners(Path(name), students)
    assert (found[0].id if len(found) == 1 else None) == whose


def test_what_lies_beside_a_notebook_is_not_handed_in(tmp_path: Path) -> None:
    clone = tmp_path / "02-slope-ada"
    for name in (".git/HEAD", "a.ipynb", ".ipynb_checkpoints/a.ipynb", "README.md", "__MACOSX/b"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    (tmp_path / "bob.pdf").touch()
    deep = tmp_path
    for _ in range(1200):
        deep = deep / "d"
        deep.mkdir()
    of, nobodys = handed_in.assign(tmp_path, [Student("ada"), Student("bob")])
    while deep != tmp_path:  # too deep for pytest to tidy up
        deep.rmdir()
        deep = deep.parent
    assert of == {"ada": [clone / "a.ipynb"], "bob": [tmp_path / "bob.pdf"]}
    assert nobodys == []


# Grading.


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Ada has solved it all, Bob has copied from Ada, Carl has handed in nothing."""
    (tmp_path / "roster.csv").write_text("id,name,canvas_id\nada,Ada,7\nbob,=Bob,8\ncarl,Carl,9\n")
    (tmp_path / "salt").write_bytes(SALT)
    (tmp_path / "in").mkdir()
    of = notebook.tasks("02_slope", "ada", SALT)
    nb = notebook.handout("02_slope", of, "ada")
    nb.cells += notebook.reference(of).cells
    for i, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{i}"
        if "marking" in cell.metadata:
            cell.source = "Since <b>I</b> say so."
    for name in ("02_slope_ada.ipynb", "02_slope_bob.ipynb", "stranger.ipynb"):
        text = nbformat.writes(nb)
        (tmp_path / "in" / name).write_text(text.replace("**ada**", f"**{name[9:-6]}**"))
    return tmp_path


def graded(course: Path, *words: str) -> list[dict[str, str]]:
    paths = {"roster": "roster.csv", "salt": "salt", "out": "out", "canvas": "canvas.csv"}
    options = [w for name, path in paths.items() for w in (f"--{name}", str(course / path))]
    main(["grade", "02_slope", str(course / "in"), *options, *words])
    with (course / "out" / "grades_02_slope.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_grade_refuses_folders_in_the_wrong_place(course: Path) -> None:
    for out, why in ((course / "in" / "out", "among the submissions"), (Path(sys.prefix), "sees")):
        with pytest.raises(SystemExit, match=why):
            graded(course, "--out", str(out))
        assert list((course / "in").iterdir()) and not (course / "in" / "out").exists()


def test_what_stops_the_marking_of_one_stops_no_other(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(chapter: str, student: str, *rest: Any) -> Any:
        if student == "ada":
            raise OverflowError("too clever")
        return honest(chapter, student, *rest)

    honest = grading._one
    monkeypatch.setattr(grading, "_one", one)
    students = [Student(i) for i in ("ada", "carl")]
    submitted, _ = handed_in.assign(course / "in", students, "02_slope")
    given = ("02_slope", submitted, students, SALT, course / "out", sandbox.Limits())
    found = {result.student: result for result in grading.grade(*given)}
    assert "a person has to look" in found["ada"].notes[0]
    assert found["carl"].notes == ["Nothing was handed in."]
    stored = {path.name for path in (course / "out" / "results" / "02_slope").iterdir()}
    assert stored == {"carl.json"}  # ada is marked again next time


@needs_sandbox
def test_a_folder_of_submissions_becomes_a_gradebook(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, bob, carl = graded(course)
    assert (ada["total"], ada["out_of"]) == ("7.0", "10")
    assert ada["needs_review"] == "ex-slope-slider; ex-slope-bug"
    assert (bob["ex-slope-by-hand"], bob["name"]) == ("0.0", "'=Bob")
    assert (carl["total"], carl["notes"]) == ("0.0", "Nothing was handed in.")
    assert carl["needs_review"] == ""
    said = capsys.readouterr()
    assert "stranger.ipynb': it names nobody of the roster; not marked." in said.err
    assert "3 students: 2 in time, 1 missing." in said.out
    assert "ex-slope-in-code, 3 points" in said.out
    page = (course / "out" / "feedback" / "02_slope" / "ada.html").read_text()
    assert "7 of 10 points" in page
    review = (course / "out" / "review_02_slope.md").read_text()
    assert review.count("    Since <b>I</b> say so.") == 4
    with (course / "canvas.csv").open(newline="") as file:
        canvas = list(csv.DictReader(file))
    assert [row["02_slope"] for row in canvas] == ["10", "7.0", "5.0", ""]
    assert [row["ID"] for row in canvas[1:]] == ["7", "8", "9"]


@needs_sandbox
def test_canvas_and_moodle_get_their_files_and_who_is_not_in_them_is_named(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, new in (
        ("02_slope_ada.ipynb", "adaada_7_70_02_slope_ada.ipynb"),
        ("02_slope_bob.ipynb", "Bob_31_assignsubmission_file_/02_slope_bob.ipynb"),
    ):
        (course / "in" / new).parent.mkdir(exist_ok=True)
        (course / "in" / name).rename(course / "in" / new)
    sheet = course / "worksheet.csv"
    head = "Identifier,Full name,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
    sheet.write_text(f"{head}Participant 31,,,10.00,-,\nParticipant 32,Ada,,10.00,-,\n")
    graded(course, "--moodle", str(sheet))
    said = capsys.readouterr().err
    assert "No feedback for Canvas" in said and ".zip: bob." in said
    assert "Not in Moodle's worksheet, or not clearly: carl." in said
    with zipfile.ZipFile(course / "out" / "canvas_02_slope.zip") as packed:
        assert packed.namelist() == ["adaada_7_70_02_slope_ada.ipynb"]
        assert "7 of 10 points" in packed.read(packed.namelist()[0]).decode()
    with zipfile.ZipFile(course / "out" / "moodle_02_slope.zip") as packed:
        folders = ["Ada_32_assignsubmission_file_", "Participant_31_assignsubmission_file_"]
        assert packed.namelist() == [f"{folder}/02_slope.html" for folder in folders]
    with (course / "out" / "moodle_02_slope.csv").open(newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["5", "7"]
    with pytest.raises(SystemExit, match="is '100', the chapter has 10 points"):
        sheet.write_text(f"{head}Participant 31,,,100,-,\n")
        graded(course, "--moodle", str(sheet))
    with pytest.raises(SystemExit, match="nowhere: there is no such folder"):
        graded(course, "--canvas", str(course / "nowhere" / "canvas.csv"))


@needs_sandbox
def test_points_by_hand_are_merged_at_every_run_and_never_overwritten(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(course)
    marks = course / "marks.csv"
    rows = 'student,exercise,points,comment\nada,ex-slope-slider,"1,5",Why <b>so</b>?\n'
    marks.write_text(rows + "bob,ex-loss-slider,1,another chapter's\n")
    before = marks.read_bytes()
    for _ in range(2):
        capsys.readouterr()
        ada, bob, _ = graded(course)
        assert (ada["ex-slope-slider"], ada["total"]) == ("1.5", "8.5")
        assert ada["needs_review"] == "ex-slope-bug"
        assert bob["total"] == "5.0"
        assert marks.read_bytes() == before
    assert "Changed" not in capsys.readouterr().out
    page = (course / "out" / "feedback" / "02_slope" / "ada.html").read_text()
    assert "Given by a person: 1.5 of 2. Why &lt;b&gt;so&lt;/b&gt;?" in page
    with (course / "canvas.csv").open(newline="") as file:
        assert list(csv.DictReader(file))[1]["02_slope"] == "8.5"
    marks.write_text(rows.replace("1,5", "2"))
    graded(course)
    assert "ada, ex-slope-slider: 1.5 → 2\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("eve,ex-slope-slider,1,", "line 2: 'eve' is not on the roster"),
        ("ada,ex-slope-slider,3,", "line 2: '3' is no number from 0 to 2"),
        ("ada,ex-slope-slider,-1,", "no number from 0 to 2"),
        ("ada,ex-slope-slider,nan,", "no number from 0 to 2"),
        ("ada,ex-slope-slider,,", "'' is no number"),
        ("ada,ex-slope-by-hand,5,", "'5' is no number from 0 to 2"),
        ("ada,ex-nothing,1,", "there is no exercise 'ex-nothing', but ex-slope"),
        ("ada,ex-slope-bug,1,\nada,ex-slope-bug,0,", "line 3: ada has points for ex-slope-bug"),
        ("ada,ex-slope-slider,1,5,half", "line 2: more cells than columns"),
    ],
)
def test_a_wrong_line_of_hand_marks_is_named_before_anything_runs(
    course: Path, row: str, why: str
) -> None:
    (course / "marks.csv").write_text(f"student,exercise,points,comment\n{row}\n")
    with pytest.raises(SystemExit, match=re.escape(why)):
        graded(course)
    assert not (course / "out").exists()


@needs_sandbox
def test_a_gradebook_that_was_saved_in_another_form_stops_no_marking(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for saved in (
        b"id;name;ex-slope-slider\nada;Ada;0,0\n",
        "id,name\nada,Zo\u00eb\n".encode("latin-1"),
    ):
        (course / "out").mkdir(exist_ok=True)
        (course / "out" / "grades_02_slope.csv").write_bytes(saved)
        assert graded(course)[0]["total"] == "7.0"
        assert "Changed" not in capsys.readouterr().out


def test_hand_marks_are_read_in_every_spelling_of_a_name_and_in_no_other_encoding(
    tmp_path: Path,
) -> None:
    students, asked = [Student("zo\u00eb")], notebook.tasks("02_slope")
    path = tmp_path / "marks.csv"
    line = "student,exercise,points\nzoe\u0308,ex-slope-bug,1\n"
    path.write_text(line, "utf-8")
    assert by_hand.read(path, asked, students) == {("zo\u00eb", "ex-slope-bug"): (1.0, "")}
    path.write_text(line, "utf-16")
    with pytest.raises(ValueError, match="this is not UTF-8"):
        by_hand.read(path, asked, students)


def test_hand_marks_that_are_named_must_be_there_and_have_their_columns(course: Path) -> None:
    with pytest.raises(SystemExit, match="there is no such file"):
        graded(course, "--marks", str(course / "none.csv"))
    (course / "marks.csv").write_text("student,points\nada,1\n")
    with pytest.raises(SystemExit, match="no column 'exercise'"):
        graded(course)


def test_the_review_goes_through_the_free_texts_and_stores_each_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "roster.csv").write_text("id\nada\nbob\n")
    stored = tmp_path / "out" / "results" / "02_slope"
    stored.mkdir(parents=True)
    for student in ("ada", "bob"):
        told = {"ex-slope-slider": f"{student} says", "ex-slope-bug": ""}
        unread = Mark(0.0, 2, 0, ["could not be read"], unread=student == "bob")
        marks = [unread, *(Mark(0.0, 2, 0, []) for _ in notebook.tasks("02_slope")[1:])]
        result = Result(student, "file", marks, [], told)
        (stored / f"{student}.json").write_text(json.dumps(result._asdict() | {"digest": ""}))
    words = ["review", "02_slope", "--roster", str(tmp_path / "roster.csv")]
    words += ["--out", str(tmp_path / "out")]

    def answer(*answers: str) -> str:
        left = list(answers)
        monkeypatch.setattr("builtins.input", lambda _: left.pop(0))
        main(words)
        assert not left
        return (tmp_path / "marks.csv").read_text()

    first = 'student,exercise,points,comment\nada,ex-slope-slider,1.5,"half, and why"\n'
    assert answer("", "9 too many", "1,5 half, and why", "q") == first
    said = capsys.readouterr().out
    assert "ada says" in said and "'9' is no number from 0 to 2." in said
    assert "could not be read" in said
    last = answer("", "", "1", "0, nothing there")  # Bob's first two are left for later
    assert last == first + "ada,ex-slope-bug,1,\nbob,ex-slope-bug,0,nothing there\n"
    assert "(nothing)" in capsys.readouterr().out
    assert answer("1, meant 1/2", "2").endswith(
        "bob,ex-slope-by-hand,1,meant 1/2\nbob,ex-slope-slider,2,\n"
    )
    with pytest.raises(SystemExit, match="stopped"):
        monkeypatch.setattr("marking.by_hand.review", end_of_input)
        main(words)


def end_of_input(*_: Any) -> Any:
    raise EOFError


@needs_sandbox
def test_an_answer_that_could_not_be_read_is_given_points_by_a_person(course: Path) -> None:
    path = course / "in" / "02_slope_ada.ipynb"
    nb = nbformat.read(path, 4)
    name = notebook.tasks("02_slope", "ada", SALT)[0].variant.answers[0].name
    for cell in nb.cells:
        cell.source = re.sub(rf"^{name} = .*", f"{name} = '0,5'", cell.source, flags=re.M)
    nbformat.write(nb, path)
    row = graded(course)[0]
    assert "ex-slope-by-hand" in row["needs_review"]
    (course / "marks.csv").write_text(
        "student,exercise,points,comment\nada,ex-slope-by-hand,2,A comma.\n"
    )
    row = graded(course)[0]
    assert (row["ex-slope-by-hand"], "ex-slope-by-hand" in row["needs_review"]) == ("2.0", False)
    page = (course / "out" / "feedback" / "02_slope" / "ada.md").read_text()
    assert "Given by a person: 2 of 2. A comma." in page


@needs_sandbox
def test_what_is_no_notebook_gets_no_zero(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "in" / "02_slope_ada.ipynb").unlink()
    (course / "in" / "ada_7_70_work.docx").write_bytes(b"PK\x03\x04 what Word writes")
    ada = graded(course)[0]
    assert (ada["status"], ada["counts"]) == ("unreadable", "")
    assert "1 unreadable" in (said := capsys.readouterr()).out
    assert "No feedback for Canvas" in said.err and ": ada, bob." in said.err
    page = (course / "out" / "feedback" / "02_slope" / "ada.md").read_text()
    assert "Unreadable." in page and "not a notebook" in page and " of 10" not in page
    (course / "marks.csv").write_text("student,exercise,points\nada,ex-slope-by-hand,2\n")
    ada = graded(course)[0]
    assert (ada["status"], ada["counts"]) == ("in time", "2.0")
    (course / "marks.csv").unlink()
    (course / "roster.csv").write_text("id,excused\nada,yes\nbob,\ncarl,\n")
    assert graded(course)[0]["status"] == "excused"


@pytest.mark.parametrize("option", ["--canvas", "--moodle"])
def test_no_file_of_the_instructors_is_overwritten(course: Path, option: str) -> None:
    (course / "out").mkdir()
    names = {
        "--canvas": ["roster.csv", "salt", "marks.csv"],
        "--moodle": ["out/moodle_02_slope.csv"],
    }
    for name in names[option]:
        before = (course / name).read_bytes() if (course / name).exists() else None
        with pytest.raises(SystemExit, match="this is there already, and would be overwritten"):
            graded(course, option, str(course / name))
        assert before == ((course / name).read_bytes() if (course / name).exists() else None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,canvas_id\nada,7\nbob,7\n", "line 3: the canvas_id 7 is there twice"),
        ("id;name\nada;Ada\n", "this is not separated by commas: 'id;name'"),
    ],
)
def test_a_roster_that_cannot_be_right_is_refused(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ValueError, match=why):
        roster.read(tmp_path / "roster.csv")


def test_a_review_before_the_marking_says_so(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id\nada\n")
    words = ["review", "02_slope", "--roster", str(tmp_path / "roster.csv")]
    with pytest.raises(SystemExit, match="nothing of 02_slope waits; run `grade` first"):
        main([*words, "--out", str(tmp_path / "out")])


# Exercises of an instructor's own, beside the course.

PAGE = """# Week 1

```{exercise} By hand (2 points, easy)
:label: ex-week-cube
Derive the derivative of $L(w) = 2w^3$.
```

```{solution} ex-week-cube
It is $6 w^2$.
```
"""
KEY = """from sympy import diff

from gdlib.symbolic import w
from marking.exercise import Answer, Variant, exercise


@exercise("ex-week-cube", p=range(2, 60))
def cube(rng, p=2):
    return Variant(
        says=(f"$L(w) = {p}w^3$",),
        answers=(Answer("derivative", "L'(w)", diff(p * w**3, w)),),
    )
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder with one chapter; what the commands learn of it is forgotten again."""
    before = dict(catalogue.MODULES), list(chapters.FOLDERS)
    folder = tmp_path / "exercises"
    folder.mkdir()
    (folder / "week_1.md").write_text(PAGE)
    (folder / "week_1.py").write_text(KEY)
    yield folder
    catalogue._OWN.clear()
    catalogue.MODULES.clear()
    catalogue.MODULES.update(before[0])
    chapters.FOLDERS[:] = before[1]
    texts.cache_clear()


@needs_sandbox
def test_own_exercises_are_released_and_marked_without_a_fork(own: Path, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id\nada\nweek\n")
    common = ["week_1", "--exercises", str(own), "--roster", str(tmp_path / "roster.csv")]
    common += ["--salt", str(tmp_path / "salt")]
    main(["release", *common, "--out", str(tmp_path / "in")])
    for student in ("ada", "week"):
        path = tmp_path / "in" / f"week_1_{student}.ipynb"
        nb = nbformat.read(path, 4)
        assert "# Exercises: week 1" in nb.cells[0].source
        (power,) = re.findall(r"L\(w\) = (\d+)w\^3", "".join(c.source for c in nb.cells))
        for cell in nb.cells:
            if student == "ada":
                right = f'derivative = "{3 * int(power)} * w**2"'
                cell.source = cell.source.replace("derivative = None", right)
        nbformat.write(nb, path)
    main(["grade", common[0], str(tmp_path / "in"), *common[1:], "--out", str(tmp_path / "out")])
    with (tmp_path / "out" / "grades_week_1.csv").open(newline="") as file:
        assert [row["total"] for row in csv.DictReader(file)] == ["2.0", "0.0"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda own: own.rename(own.with_name("gone")), "there is no such folder"),
        (lambda own: (own / "week_1.py").unlink(), "there is no pair of files"),
        (
            lambda own: (own / "week_1.md").write_text(PAGE.replace("week-cube", "week-square")),
            "week_1.md has ['ex-week-square'], week_1.py has ['ex-week-cube']",
        ),
        (
            lambda own: [
                (own / f"week_1.{e}").write_text(t.replace("ex-week-cube", "ex-slope-by-hand"))
                for e, t in (("md", PAGE), ("py", KEY))
            ],
            "the label 'ex-slope-by-hand' is there already",
        ),
        (
            lambda own: [(own / f"week_1.{e}").rename(own / f"02_slope.{e}") for e in ("md", "py")],
            "the book has a chapter of this name",
        ),
    ],
)
def test_what_is_wrong_with_own_exercises_is_named(
    own: Path, tmp_path: Path, change: Any, why: str
) -> None:
    change(own)
    words = ["release", "week_1", "--exercises", str(own), "--roster", "r.csv", "--salt", "s"]
    with pytest.raises(SystemExit, match=re.escape(why)):
        main(words)


@needs_sandbox
def test_a_killed_run_marks_nothing_twice(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    students = roster.read(course / "roster.csv")
    submitted, _ = handed_in.assign(course / "in", students, "02_slope")
    given = ("02_slope", submitted, students, SALT, course / "out", LIMITS, 1)
    run = grading.grade(*given)
    next(run)
    run.close()  # killed after the first
    marked = []
    real = grading._one
    monkeypatch.setattr(grading, "_one", lambda *a: marked.append(a[1]) or real(*a))
    results = list(grading.grade(*given))
    assert [r.student for r in results] != []
    stored = {path.stem for path in (course / "out" / "results" / "02_slope").iterdir()}
    assert stored == {"ada", "bob", "carl"}
    assert "ada" not in marked
    marked.clear()
    again = {r.student: r for r in grading.grade(*given)}
    assert marked == []
    assert again == {r.student: r for r in results}
    nb = json.loads((course / "in" / "02_slope_bob.ipynb").read_text())
    nb["cells"] = nb["cells"][:3]
    (course / "in" / "02_slope_bob.ipynb").write_text(json.dumps(nb))
    list(grading.grade(*given))
    assert marked == ["bob"]


@needs_sandbox
def test_it_refuses_to_mark_with_a_wrong_key_or_a_generous_one(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "reference", lambda of: notebook.handout("02_slope", of, "x"))
    with pytest.raises(SystemExit, match=r"the solution gets 0"):
        graded(course)
    monkeypatch.undo()
    monkeypatch.setattr(grading, "handout", lambda c, of, s: notebook.reference(of))
    with pytest.raises(SystemExit, match="an empty notebook gets"):
        graded(course)
    assert not (course / "out").exists()


def test_it_refuses_to_mark_without_a_sandbox(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="install the package bubblewrap"):
        graded(course)


def test_it_refuses_a_sandbox_that_does_not_hold(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "command", lambda *_: [*_open()])
    with pytest.raises(SystemExit, match="does not hold: the code in it reaches_out"):
        graded(course)


def _open() -> list[str]:
    return [sys.executable, "-P", sandbox.in_sandbox.__file__]


def test_without_the_sandbox_it_warns_and_marks(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, *_ = graded(course, "--no-sandbox")
    assert ada["total"] == "7.0"
    assert "WITHOUT A SANDBOX" in capsys.readouterr().err


def test_bad_arguments_are_named(course: Path) -> None:
    (course / "in").rename(course / "elsewhere")
    with pytest.raises(SystemExit, match="no such folder"):
        graded(course)


def test_feedback_cannot_carry_markup() -> None:
    of = notebook.tasks("02_slope")
    remark = "`f`: 0 of 4 calls right. ValueError: <script>alert(1)</script>\n# Title"
    marks = [grading.Mark(0.0, t.text.points, t.by_hand, [remark]) for t in of]
    page = report.feedback("02_slope", of, grading.Result("ada", "x", marks, [], {}))
    html = report.MarkdownIt("commonmark", {"html": False}).render(page)
    assert "<script>" not in html
    assert "<h1>Title" not in html


# nbgrader's source notebooks; the real nbgrader runs them in `make test-nbgrader`.


def kinds(nb: nbformat.NotebookNode, **wanted: bool) -> list[nbformat.NotebookNode]:
    """The cells that nbgrader treats in one way."""
    marked = [cell for cell in nb.cells if "nbgrader" in cell.metadata]
    return [c for c in marked if all(c.metadata.nbgrader[k] == v for k, v in wanted.items())]


@each_chapter
def test_nbgraders_notebook_gives_its_own_solution_all_points_and_no_solution_none(
    chapter: str, tmp_path: Path
) -> None:
    nb = nbformat.read(nbgrader.write(chapter, tmp_path), 4)
    nbformat.validate(nb)
    points = sum(cell.metadata.nbgrader.points for cell in kinds(nb, grade=True))
    assert points == pytest.approx(sum(about.points for about in texts(chapter).values()))
    solved: dict[str, Any] = {}
    for source in code(nb):
        exec(source, solved)
    for test in kinds(nb, grade=True, solution=False):
        assert test.source.count("### BEGIN HIDDEN TESTS") == 1
        name = re.search(r"^assert (?:same\()?(\w+)", test.source, re.M)[1]
        broken = (lambda *a: 12.3) if callable(solved[name]) else 12.3
        with pytest.raises((AssertionError, TypeError)):
            exec(test.source, solved | {name: broken})
    bare = re.sub(r"### BEGIN.*?### END [A-Z ]+", "pass", "\n".join(code(nb)), flags=re.S)
    for task in notebook.tasks(chapter):
        for function in task.variant.functions:
            body = notebook.code(function.reference).splitlines()[-1].strip()
            assert body in "\n".join(code(nb))
            assert body not in bare
        assert not any(repr(str(a.value)) in bare for a in task.variant.answers)


@pytest.mark.parametrize("command", ["nbgrader", "moodle"])
def test_files_with_the_key_never_land_in_the_repository(command: str, tmp_path: Path) -> None:
    words = [command, "02_slope", "--salt", str(tmp_path / "salt")]
    for out in ([], ["--out", str(roster.ROOT / "_build" / "key")]):
        with pytest.raises(SystemExit, match="keep the key outside the repository"):
            main([*words, *out])


def test_a_class_gets_numbers_of_its_own_from_nbgrader(tmp_path: Path) -> None:
    book = nbgrader.write("02_slope", tmp_path / "a").read_text()
    ours = nbgrader.write("02_slope", tmp_path / "b", SALT).read_text()
    assert "18*w - 36" in book
    assert "18*w - 36" not in ours
    assert ours == nbgrader.write("02_slope", tmp_path / "c", SALT).read_text()


def lines_of_code(source: str) -> int:
    """Lines that are not blank, no comment, and no docstring."""
    with_docstring = (ast.Module, ast.ClassDef, ast.FunctionDef)
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, with_docstring) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    numbered = enumerate(source.splitlines(), start=1)
    return sum(bool(t.strip()) and t.strip()[0] != "#" and i not in told for i, t in numbered)


def test_the_part_that_touches_students_code_is_small() -> None:
    lines = [
        lines_of_code(Path(module.__file__).read_text()) for module in (sandbox.in_sandbox, sandbox)
    ]
    assert lines[0] < 180, "what runs as the student"
    assert sum(lines) < 450

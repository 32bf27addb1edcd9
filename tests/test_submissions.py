"""Honest submissions, as odd as students make them: what is right counts, where it stands."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from gdlib.efficient_backprop import Network
from marking import notebook, sandbox
from marking.grade import _one
from marking.handed_in import LONGEST_TEXT, Unclaimed, assign
from marking.roster import Student
from marking.submission import LONGEST_CELL, Unreadable, read
from marking.told import parsed

CHAPTER, STUDENT, SALT = "02_slope", "ada", b"a salt that is long enough"
LIMITS = sandbox.Limits(seconds=1, wall=30)
ASKED = notebook.tasks(CHAPTER, STUDENT, SALT)
FULL = {task.label: float(task.text.points - task.by_hand) for task in ASKED}
HAND, CODE = "ex-slope-by-hand", "ex-slope-in-code"
SANDBOXED = sandbox.shutil.which("bwrap") is not None
Notebook = Any


def diligent() -> Notebook:
    """The student's notebook with every answer in its place."""
    nb = notebook.handout(CHAPTER, ASKED, STUDENT)
    right: dict[str, list[str]] = {}
    for task in ASKED:
        sources = [f"{a.name} = {str(a.value)!r}" for a in task.variant.answers]
        right[task.label] = ["\n".join(sources)] if sources else []
        right[task.label] += [notebook.code(f.reference) for f in task.variant.functions]
    for cell in nb.cells:
        label = cell.metadata.get("exercise", "")
        blank = cell.source.startswith("# Numbers") or "raise NotImplementedError" in cell.source
        if cell.cell_type == "code" and blank:
            cell.source = right[label].pop(0)
    assert not any(right.values())
    return nb


def place(nb: Notebook, label: str) -> int:
    """Where the first code cell of an exercise is, in which it is answered."""
    return next(
        i
        for i, cell in enumerate(nb.cells)
        if cell.cell_type == "code" and cell.metadata.get("exercise") == label
    )


def points(path: Path) -> dict[str, float]:
    result = _one(CHAPTER, STUDENT, [path], ASKED, LIMITS, SANDBOXED)
    return {task.label: mark.points for task, mark in zip(ASKED, result.marks, strict=True)}


def handed_in(nb: Notebook, folder: Path) -> Path:
    path = folder / f"{STUDENT}.ipynb"
    nbformat.write(nb, path)
    return path


def after(label: str, *sources: str) -> Callable[[Notebook], None]:
    """Cells that a student adds below the answer of an exercise."""

    def change(nb: Notebook) -> None:
        at = place(nb, label) + 1
        nb.cells[at:at] = [new_code_cell(source) for source in sources]

    return change


def instead(label: str, of: str, by: str) -> Callable[[Notebook], None]:
    """Another text in the answer's own cell."""

    def change(nb: Notebook) -> None:
        cell = nb.cells[place(nb, label)]
        assert of in cell.source
        cell.source = cell.source.replace(of, by)

    return change


def before(label: str, source: str) -> Callable[[Notebook], None]:
    """The same cell, with something before its answer."""
    return lambda nb: nb.cells[place(nb, label)].update(
        source=source + "\n" + nb.cells[place(nb, label)].source
    )


def below(label: str) -> Callable[[Notebook], None]:
    """The answer in a cell of its own, below the empty one."""

    def change(nb: Notebook) -> None:
        at = place(nb, label)
        empty = notebook.handout(CHAPTER, ASKED, STUDENT).cells[at]
        nb.cells.insert(at + 1, new_code_cell(nb.cells[at].source))
        nb.cells[at] = empty

    return change


def without_marks(nb: Notebook) -> None:
    """As a front end leaves it that drops what it does not know."""
    for cell in nb.cells:
        cell.metadata.pop("exercise", None)


def without_text(nb: Notebook) -> None:
    without_marks(nb)
    nb.cells = [cell for cell in nb.cells if cell.cell_type == "code"]


def pictures(nb: Notebook) -> None:
    """20 MB of what was drawn."""
    shown = nbformat.v4.new_output("display_data", {"image/png": "A" * 20_000_000})
    nb.cells[place(nb, HAND)].outputs = [shown]


def function_below_its_helper(nb: Notebook) -> None:
    """The function's own cell calls a helper that only the last cell defines."""
    at = place(nb, CODE)
    name = ASKED[[t.label for t in ASKED].index(CODE)].variant.functions[0].name
    body = nb.cells[at].source.replace(f"def {name}(", "def the_helper(")
    nb.cells[at].source = f"def {name}(*given):\n    return the_helper(*given)"
    nb.cells.append(new_code_cell(body))


RIGHT: dict[str, Callable[[Notebook], Any]] = {
    "as it should be": lambda nb: None,
    "an experiment with the name of an answer": after(HAND, "eta = 0.1\nfor eta in (1, 2): pass"),
    "a name of another exercise": after(CODE, "derivative = None; eta = 'w'"),
    "the answer below the empty cell": below(HAND),
    "the function below the empty cell": below(CODE),
    "a helper that comes later": function_below_its_helper,
    "a function overwritten at the end": lambda nb: nb.cells.append(
        new_code_cell("def second_difference(f, w, h):\n    return 0")
    ),
    "NumPy overwritten at the end": lambda nb: nb.cells.append(new_code_cell("np = None")),
    "an error in a cell of its own": after(HAND, "1 / 0"),
    "the end of Python in the last cell": lambda nb: nb.cells.append(
        new_code_cell("import os; os._exit(0)")
    ),
    "exit": after(HAND, "exit()", "quit()", "raise SystemExit"),
    "a shell command": before(HAND, "!ls\nif True:\n    !ls -l\nfiles = !ls\nprint(len(files))"),
    "help": before(HAND, "np.mean?\n?np.mean\nnp.linalg??"),
    "magics in the middle": before(HAND, "x = 3\n%matplotlib inline\n%timeit x + 1\nx += 1"),
    "a timed line": instead(HAND, "eta = ", "%time eta = "),
    "a timed cell": before(HAND, "%%time"),
    "a captured cell": before(HAND, "%%capture out"),
    "a script in another language": after(HAND, "%%bash\nrm -rf x\nif [ 1 ]; then echo; fi"),
    "display": before(HAND, "display(3)\ndisplay('a', np.arange(3))"),
    "a picture": after(HAND, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"),
    "a module that is not there": after(HAND, "import seaborn_of_the_student"),
    "a widget": after(HAND, "from ipywidgets import interact\ninteract(lambda x: x, x=3)"),
    "a thread that goes on": after(
        HAND, "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()"
    ),
    "without the cells' marks": without_marks,
    "without any text": without_text,
    "20 MB of pictures": pictures,
    "60,000 characters of data above the answer": before(HAND, f"data = {'x' * 60_000!r}"),
    "an empty cell and a comment": after(HAND, "", "# nothing"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_gets_its_points(name: str, tmp_path: Path) -> None:
    nb = diligent()
    RIGHT[name](nb)
    assert points(handed_in(nb, tmp_path)) == FULL


def test_a_cell_that_nobody_has_written_is_not_read_outside_the_sandbox() -> None:
    """Python would take half a gigabyte for a million characters of a list."""
    assert parsed("eta = 1") and parsed("eta = [" + "1," * LONGEST_CELL + "]") is None


@pytest.mark.skipif(not SANDBOXED, reason="bubblewrap is not installed: NOTHING was marked")
@pytest.mark.parametrize(
    "source",
    [
        "import os; os._exit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
        "hog = [0] * 10**12",
        "eta = derivative = 'w' * 10**7",
        "eta = derivative = list(range(10**6))",
        "10**10**10",
    ],
)
def test_what_ends_or_hangs_costs_its_own_exercise_only(source: str, tmp_path: Path) -> None:
    nb = diligent()
    nb.cells[place(nb, HAND)].source = source
    assert points(handed_in(nb, tmp_path)) == {**FULL, HAND: 0.0}


def test_a_function_that_hangs_costs_its_own_exercise_only(tmp_path: Path) -> None:
    nb = diligent()
    at = place(nb, CODE)
    name = ASKED[[t.label for t in ASKED].index(CODE)].variant.functions[0].name
    nb.cells[at].source = f"def {name}(*given):\n    while True: pass"
    assert points(handed_in(nb, tmp_path)) == {**FULL, CODE: 0.0}


# Whose it is, and which counts.


CLASS = [Student("ada"), Student("bob", canvas_id="222")]


def for_whom(student: str, chapter: str = CHAPTER) -> Notebook:
    return notebook.handout(chapter, notebook.tasks(chapter, student, SALT), student)


def put(folder: Path, name: str, nb: Notebook | None = None, time: int = 1000) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(nb or for_whom("ada")) if nb != "" else "x", "utf-8")
    os.utime(path, (time, time))
    return path


def test_the_chapters_own_notebook_is_preferred(tmp_path: Path) -> None:
    """To a newer scratch file, to another chapter's, to a README, to another kind of file."""
    own = put(tmp_path, "ada/work.ipynb")
    put(tmp_path, "ada/scratch.ipynb", nbformat.v4.new_notebook(), time=3000)
    put(tmp_path, "ada/03.ipynb", for_whom("ada", "03_taylor_expansion"), time=4000)
    put(tmp_path, "ada/README.md", "", time=5000)
    put(tmp_path, "ada/.github/x.yml", "", time=6000)
    assert assign(tmp_path, CLASS, CHAPTER) == ({"ada": [own]}, [])


def test_among_equals_the_newest_counts_then_the_number_in_the_name(tmp_path: Path) -> None:
    names = ["ada.ipynb", "ada (1).ipynb", "ada (2).ipynb", "ada (10).ipynb"]
    for name in reversed(names):
        put(tmp_path, name)
    chosen, _ = assign(tmp_path, CLASS, CHAPTER)
    assert [path.name for path in chosen["ada"]] == names
    put(tmp_path, "ada (1).ipynb", time=2000)
    chosen, _ = assign(tmp_path, CLASS, CHAPTER)
    assert chosen["ada"][-1].name == "ada (1).ipynb"
    put(tmp_path, "ada-2.ipynb", time=3000)
    put(tmp_path, "ada-1.ipynb", time=3000)
    chosen, _ = assign(tmp_path, CLASS, CHAPTER)
    assert chosen["ada"][-1].name == "ada-2.ipynb"


@pytest.mark.parametrize(
    ("name", "whose", "why"),
    [
        ("bob.ipynb", "ada", "by its name it is from bob, but the notebook is for ada"),
        ("smith_222_9876_ada.ipynb", "ada", "it names several students: ada, bob"),
        ("ada_bob.ipynb", "ada", "it names several students: ada, bob"),
        ("somebody.ipynb", "ada", "it names nobody of the roster"),
    ],
)
def test_a_contradiction_is_marked_for_nobody(
    name: str, whose: str, why: str, tmp_path: Path
) -> None:
    path = put(tmp_path, name, for_whom(whose))
    assert assign(tmp_path, CLASS, CHAPTER) == ({}, [Unclaimed(path, why)])


def test_a_canvas_id_says_whose_a_file_is(tmp_path: Path) -> None:
    path = put(tmp_path, "smithbob_222_9876_work.ipynb", for_whom("bob"))
    assert assign(tmp_path, CLASS, CHAPTER) == ({"bob": [path]}, [])


@pytest.mark.parametrize(
    ("folder", "name", "whose"),
    [
        ("Bob Byron_111_assignsubmission_file_", "homework.py", "bob"),
        ("Ada Bob_5_assignsubmission_file_", "02_slope_carl.py", "carl"),
        ("Somebody_111_assignsubmission_file_", "homework.py", "it names nobody of the roster"),
        ("Bob Byron_5_assignsubmission_file", "ada.py", "it names several students: ada, bob"),
        ("_5_assignsubmission_file_", "homework.py", "it names nobody of the roster"),
    ],
)
def test_moodles_folder_says_a_name_and_no_id(
    folder: str, name: str, whose: str, tmp_path: Path
) -> None:
    """Its number is a participant's, and a full name may contain somebody's id."""
    students = [Student("ada", "Ada Lovelace", "111"), Student("bob", "Bob Byron"), Student("carl")]
    path = tmp_path / folder / name
    path.parent.mkdir()
    path.write_text("1")
    chosen, nobodys = assign(tmp_path, students, CHAPTER)
    assert (chosen, nobodys) in (({whose: [path]}, []), ({}, [Unclaimed(path, whose)]))


def test_a_folder_that_cannot_be_opened_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "ada.ipynb")
    (tmp_path / "closed").mkdir()
    opened = Path.iterdir

    def iterdir(self: Path) -> Any:
        if self.name == "closed":
            raise PermissionError(13, "Permission denied")
        return opened(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    chosen, nobodys = assign(tmp_path, CLASS, CHAPTER)
    assert chosen == {"ada": [path]}
    assert nobodys == [Unclaimed(tmp_path / "closed", "could not be opened: Permission denied")]


def noted(nb: Notebook, folder: Path) -> list[str]:
    return _one(CHAPTER, STUDENT, [handed_in(nb, folder)], ASKED, LIMITS, SANDBOXED).notes


def test_what_is_odd_stands_in_the_notes(tmp_path: Path) -> None:
    assert noted(diligent(), tmp_path) == []
    cut = diligent()
    at = next(i for i, c in enumerate(cut.cells) if c.source.startswith("## "))
    heading = cut.cells[at].source.splitlines()[0].removeprefix("## ")
    cut.cells[at].source = cut.cells[at].source[:60]
    assert noted(cut, tmp_path) == [f"The text of “{heading}” is not the one that is marked."]
    del cut.cells[at]
    assert noted(cut, tmp_path) == [f"The text of “{heading}” is missing."]
    other = notebook.handout(CHAPTER, notebook.tasks(CHAPTER, STUDENT, b"another" * 4), STUDENT)
    found = noted(other, tmp_path)
    assert found and all("is not the one that is marked" in note for note in found)
    third = for_whom(STUDENT, "03_taylor_expansion")
    assert noted(third, tmp_path) == [
        "This is another chapter's notebook: 'Exercises: taylor expansion'."
    ]


def split(nb: Notebook, at: int, line: int) -> None:
    """Split a cell before a line, as JupyterLab does: both halves keep what it says of itself."""
    lines = nb.cells[at].source.splitlines()
    half = new_code_cell("\n".join(lines[line:]), metadata=dict(nb.cells[at].metadata))
    nb.cells[at].source = "\n".join(lines[:line])
    nb.cells.insert(at + 1, half)


def test_a_cell_split_in_two_is_named(tmp_path: Path) -> None:
    nb = diligent()
    task = next(task for task in ASKED if task.variant.functions)
    define = f"def {task.variant.functions[0].name}("
    at = next(i for i, cell in enumerate(nb.cells) if define in cell.source)
    lines = nb.cells[at].source.splitlines()
    split(nb, at, 1 + next(i for i, line in enumerate(lines) if define in line))
    assert noted(nb, tmp_path) == [f"A cell of “{task.text.title}” was split in two."]
    nb = diligent()
    split(nb, place(nb, HAND), 1)
    title = next(task.text.title for task in ASKED if task.label == HAND)
    assert noted(nb, tmp_path) == [f"A cell of “{title}” was split in two."]


def test_a_cell_copied_or_added_is_not_odd(tmp_path: Path) -> None:
    nb = diligent()
    for label in (HAND, CODE):
        at = place(nb, label)
        nb.cells.insert(at, nb.cells[at].copy())
        nb.cells[at]["id"] = f"copy-of-{label}"
        nb.cells.insert(at, new_code_cell("1 +"))
    assert noted(nb, tmp_path) == []


def test_words_that_are_too_long_are_cut_and_named(tmp_path: Path) -> None:
    nb = diligent()
    cell = next(c for c in nb.cells if "marking" in c.metadata)
    cell.source = "w" * (LONGEST_TEXT + 1)
    result = _one(CHAPTER, STUDENT, [handed_in(nb, tmp_path)], ASKED, LIMITS, SANDBOXED)
    (note,) = result.notes
    assert note.startswith("The words for “") and f"cut after {LONGEST_TEXT}" in note
    assert max(map(len, result.texts.values())) == LONGEST_TEXT


# Other files.


@pytest.mark.parametrize("suffix", [".py", ".md"])
def test_a_notebook_saved_as_text_is_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"ada{suffix}"
    jupytext.write(diligent(), path)
    assert points(path) == FULL


def test_a_notebook_of_2013_is_read(tmp_path: Path) -> None:
    old = nbformat.convert(diligent(), 3)
    path = tmp_path / "ada.ipynb"
    path.write_text(nbformat.writes(old, version=3), "utf-8")
    assert "worksheets" in json.loads(path.read_text("utf-8"))
    assert points(path) == FULL


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ada.ipynb"
    path.write_text(nbformat.writes(diligent()), "utf-8-sig")
    assert points(path) == FULL


def zipped(folder: Path, *names: str) -> Path:
    path = folder / "ada.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in names:
            packed.writestr(name, nbformat.writes(diligent()))
    return path


def test_a_zip_with_one_notebook_is_read(tmp_path: Path) -> None:
    found = zipped(tmp_path, "work/ada.ipynb", "work/notes.txt", "__MACOSX/work/._ada.ipynb")
    assert points(found) == FULL


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: zipped(folder, "a.ipynb", "b.ipynb"), "has 2 notebooks; hand in one"),
        (lambda folder: zipped(folder, "a.txt"), "has 0 notebooks; hand in one"),
        (lambda folder: _written(folder / "a.zip", b"PK\3\4 no zip"), "is damaged"),
        (lambda folder: _written(folder / "a.ipynb", b"\xff\xfe"), "not a notebook"),
        (lambda folder: _written(folder / "a.ipynb", b'{"worksheets": 3}'), "not a notebook"),
        (lambda folder: _written(folder / "a.ipynb", b" " * 41 * 2**20), "has 41 MiB"),
    ],
)
def test_what_cannot_be_read_is_named(
    make: Callable[[Path], Path], says: str, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable, match=says):
        read(make(tmp_path))


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_cells_know_their_exercise_by_mark_or_heading(tmp_path: Path) -> None:
    nb = nbformat.v4.new_notebook(
        cells=[
            new_code_cell("a = 1"),
            new_markdown_cell("## By hand\n\nwords"),
            new_code_cell("b = 1"),
            new_code_cell("c = 1", metadata={"exercise": "ex-other"}),
            new_code_cell("d = 1"),
        ]
    )
    cells = read(handed_in(nb, tmp_path)).cells
    assert [(c.label, c.heading) for c in cells] == [
        ("", ""), ("", "By hand"), ("ex-other", "By hand"), ("ex-other", "By hand"),
    ]  # fmt: skip


# What a student is told.


def feedback(nb: Notebook, folder: Path, label: str) -> str:
    result = _one(CHAPTER, STUDENT, [handed_in(nb, folder)], ASKED, LIMITS, SANDBOXED)
    at = [task.label for task in ASKED].index(label)
    return " ".join(result.marks[at].remarks)


FUNCTION = ASKED[[t.label for t in ASKED].index(CODE)].variant.functions[0]
HIDDEN = [repr(v) for call in FUNCTION.calls[1:] for v in call if isinstance(v, float)]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("derivative = 42*w", "`derivative`: not defined: `derivative = 42*w` raised NameError"),
        ("x = 1\nderivative = 1 / 0", "`derivative = 1 / 0` raised ZeroDivisionError"),
        ("derivative = 'w'", "`eta`: not found: no cell sets it"),
        ("derivative = 'w'", "`derivative` is w: not right."),
        ("derivative = [1, 2, 3]", "`derivative` is [1.0, 2.0, 3.0]: not a finite number"),
        ("derivative = None", "`derivative`: not found: it is None."),
        ("derivative = (", "`derivative = (` raised SyntaxError: '(' was never closed"),
        ("import seaborne\nderivative = 'w'", "`import seaborne` raised ModuleNotFoundError"),
    ],
)
def test_a_missing_answer_says_why(source: str, says: str, tmp_path: Path) -> None:
    nb = diligent()
    nb.cells[place(nb, HAND)].source = source
    assert says in feedback(nb, tmp_path, HAND)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return undefined_name", "raised NameError: name 'undefined_name' is not defined in "
         "`return undefined_name`."),
        ("return [1, 2, 3]", "gave an array of shape (3,); expected a single number."),
        ("return 12345.0", "gave 12345.0; expected "),
        ("return [[1], [1, 2]]", "gave rows of different lengths."),
        ("return 'many words'", "gave many words; expected "),
        ("raise NotImplementedError('your code')", "raised NotImplementedError: your code"),
    ],
)  # fmt: skip
def test_a_wrong_function_says_what_came_of_the_call_that_is_shown(
    body: str, says: str, tmp_path: Path
) -> None:
    nb = diligent()
    nb.cells[place(nb, CODE)].source = f"{FUNCTION.signature}\n    {body}"
    told = feedback(nb, tmp_path, CODE)
    assert says in told and told.count(f"The call that is shown, {FUNCTION.name}(") == 1
    assert told.count("The call that is shown") == 1


def right_until(line: str) -> Notebook:
    """The call that is shown is right; every hidden one does this."""
    nb = diligent()
    at = place(nb, CODE)
    right = nb.cells[at].source.replace(f"def {FUNCTION.name}(", "def right(")
    nb.cells[at].source = f"""{right}
calls = 0
def {FUNCTION.name}(*given):
    global calls
    calls += 1
    if calls > 1:
        {line}
    return right(*given)"""
    return nb


def test_the_first_error_is_told_and_hidden_inputs_are_not(tmp_path: Path) -> None:
    """The shown call is right; the first hidden one raises its inputs, the next something else."""
    told = feedback(
        right_until("raise ValueError(repr(given)) if calls == 2 else KeyError(repr(given))"),
        tmp_path,
        CODE,
    )
    assert "A hidden call raised ValueError in `raise ValueError(repr(given)) if calls" in told
    assert "raised KeyError" not in told
    assert HIDDEN and not any(value in told for value in HIDDEN)


@pytest.mark.parametrize(
    ("leak", "says"),
    [
        ("raise type('E' + ''.join(c for c in repr(given) if c.isalnum()), (Exception,), {})",
         "A hidden call raised an error of its own in `raise type("),
        ("return [0] * 12345", "A hidden call gave something of another shape."),
        ("return repr(given)", "A hidden call gave another number."),
    ],
)  # fmt: skip
def test_no_way_of_failing_tells_what_a_hidden_call_was_given(
    leak: str, says: str, tmp_path: Path
) -> None:
    told = feedback(right_until(leak), tmp_path, CODE)
    assert says in told and "12345" not in told
    assert not any(value.replace(".", "") in told for value in HIDDEN)


def test_feedback_holds_nothing_of_the_key(tmp_path: Path) -> None:
    nb = diligent()
    nb.cells[place(nb, HAND)].source = "derivative = 1234\neta = 5678"
    nb.cells[place(nb, CODE)].source = f"{FUNCTION.signature}\n    return None"
    told = feedback(nb, tmp_path, HAND) + feedback(nb, tmp_path, CODE)
    for task in ASKED:
        assert not any(f"{a.value}" in told for a in task.variant.answers)


# What is to be written without the library.

BACKPROP = "05_efficient_backprop"


@pytest.mark.skipif(not SANDBOXED, reason="bubblewrap is not installed: NOTHING was marked")
@pytest.mark.parametrize(
    "source",
    [
        "from gdlib.efficient_backprop import Network\n"
        "def gradients_of(layers, X, y):\n"
        "    return Network.from_weights(layers).gradients(X, y)",
        "def gradients_of(layers, X, y):\n"
        "    from gdlib.efficient_backprop import Network\n"
        "    return Network.from_weights(layers).gradients(X, y)",
        "import gdlib.efficient_backprop as own\n"
        "def gradients_of(layers, X, y):\n"
        "    return own.Network.from_weights(layers).gradients(X, y)",
    ],
)
def test_a_function_that_asks_the_library_gets_nothing(source: str, tmp_path: Path) -> None:
    asked = notebook.tasks(BACKPROP, STUDENT, SALT)
    nb = notebook.handout(BACKPROP, asked, STUDENT)
    nb.cells[place(nb, "ex-backprop-in-code")].source = source
    result = _one(BACKPROP, STUDENT, [handed_in(nb, tmp_path)], asked, LIMITS, SANDBOXED)
    at = [task.label for task in asked].index("ex-backprop-in-code")
    assert result.marks[at].points == 0
    assert "gdlib is not there when it is called" in result.marks[at].remarks[0]


def test_the_key_without_the_library_is_what_the_library_says() -> None:
    (task,) = (t for t in notebook.tasks(BACKPROP) if t.label == "ex-backprop-in-code")
    (function,) = task.variant.functions
    assert function.alone
    for layers, X, y in function.calls:
        ours = function.reference(layers, X, y)
        theirs = Network.from_weights(layers).gradients(X, y)
        for pair, other in zip(ours, theirs, strict=True):
            for found, wanted in zip(pair, other, strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)

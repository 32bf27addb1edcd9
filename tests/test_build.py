"""A build runs what has changed, and a failing one goes on failing."""

from time import monotonic

import pytest

from downhill import execution_cache
from tests.toy_book import build, make, runs

RIGHT, WRONG = "return w - scalar", "return w + scalar"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("book"))
    done = build(folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder


def change(path, before, after):
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_an_unchanged_book_runs_no_notebook_and_is_quick(book):
    before, start = runs(book), monotonic()
    pages = {path: path.read_bytes() for path in (book / "_build" / "html").rglob("*.html")}
    assert build(book).returncode == 0
    assert runs(book) == before
    assert monotonic() - start < 30  # 4 s where nothing else runs
    assert {path: path.read_bytes() for path in pages} == pages


def test_a_wrong_formula_in_the_library_fails_the_build_each_time(book):
    library = book / "gdlib" / "gradient_descent.py"
    change(library, RIGHT, WRONG)
    for _ in range(2):
        done = build(book)
        assert done.returncode != 0
        assert "Disagreement" in done.stdout + done.stderr
    change(library, WRONG, RIGHT)
    before = runs(book)
    assert build(book).returncode == 0
    assert runs(book) == before  # the state before the mistake is still known


def test_a_warning_fails_the_build_each_time(book):
    plain = book / "chapters" / "plain.md"
    change(plain, "No formula", "{ref}`nowhere`")
    for _ in range(2):
        done = build(book)
        assert done.returncode != 0
        assert "nowhere" in done.stderr
    change(plain, "{ref}`nowhere`", "No formula")
    assert build(book).returncode == 0


def test_a_formula_that_katex_cannot_read_fails_the_build(book):
    index = book / "index.md"
    change(index, r"\nabla L", r"\nablah L")
    done = build(book)
    assert done.returncode != 0
    assert "KaTeX parse error" in done.stdout + done.stderr
    change(index, r"\nablah L", r"\nabla L")


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "gdlib" / "data").mkdir(parents=True)
    (tmp_path / "gdlib" / "__init__.py").write_text("one = 1\n")
    (tmp_path / "gdlib" / "data" / "table.csv").write_text("1\n")
    (tmp_path / "requirements.txt").write_text("numpy==2\n")
    return tmp_path


@pytest.mark.parametrize("name", ["gdlib/__init__.py", "gdlib/data/table.csv", "requirements.txt"])
def test_code_data_and_pins_are_in_the_key(inputs, name):
    before = execution_cache.key(inputs)
    (inputs / name).write_text("2\n")
    assert execution_cache.key(inputs) != before


def test_what_python_leaves_behind_is_not_in_the_key(inputs):
    before = execution_cache.key(inputs)
    (inputs / "gdlib" / "__pycache__").mkdir()
    (inputs / "gdlib" / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert execution_cache.key(inputs) == before


def test_old_caches_are_removed_and_the_current_one_is_not(tmp_path):
    for number in range(8):
        (tmp_path / f"{number}").mkdir()
    execution_cache.prune(tmp_path, "0")
    assert (tmp_path / "0").is_dir()
    assert len(list(tmp_path.iterdir())) == execution_cache.KEPT + 1

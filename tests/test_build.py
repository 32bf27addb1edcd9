"""A build runs what has changed, writes the same each time, and a failing one keeps failing."""

import os
import re
import shutil
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.errors import ExtensionError

from downhill import execution_cache, katex_assets, repository, side_by_side
from tests.toy_book import PLAIN, STEP, build, make, runs

pytestmark = pytest.mark.heavy

RIGHT, WRONG = "return w - scalar", "return w + scalar"


# What could change from build to build: widgets, SVG, random numbers, sets, prints.
FIGURES = """
```{code-cell}
from gdlib import symbolic
from gdlib.figures import efficient_backprop, gradient_descent, slope

slope.secant(symbolic.w**3 / 3 - symbolic.w)
```

```{code-cell}
slope.descent(symbolic.w**4 / 4 - symbolic.w**2, low=-2.2, high=2.2, start=2.0)
```

```{code-cell}
import numpy as np

for row in np.random.default_rng(1).normal(size=(3, 2)):
    print(row)
symbolic.network([2, 3, 2])
```
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("book"))
    (folder / "chapters" / "plain.md").write_text(STEP.split("# A step")[0] + PLAIN + FIGURES)
    done = build(folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder, done


@pytest.fixture(scope="module")
def book(first):
    return first[0]


def pages(folder):
    html = folder / "_build" / "html"
    kinds = [path for kind in ("html", "ipynb") for path in html.rglob(f"*.{kind}")]
    return {path.relative_to(html).as_posix(): path.read_bytes() for path in kinds}


def change(path, before, after):
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def ran(done):
    """The chapters that a build has run, as its output names them."""
    return set(re.findall(r"^  (\S+): (?:FAILED after )?[\d.]+ s$", done.stdout, re.M))


def test_each_chapter_that_ran_is_one_line(first):
    _, done = first
    assert ran(done) == {"chapters/step", "chapters/plain"}
    assert "WARNING" not in done.stdout + done.stderr
    assert "Executing notebook" not in done.stdout


def test_an_unchanged_book_runs_no_notebook_and_is_quick(book):
    before, start = runs(book), monotonic()
    written = pages(book)
    assert build(book).returncode == 0
    assert runs(book) == before
    assert monotonic() - start < 30  # 4 s where nothing else runs
    assert pages(book) == written


def launch_buttons(folder):
    """The addresses of a chapter's launch buttons."""
    html = (folder / "_build" / "html" / "chapters" / "step.html").read_text("utf-8")
    menu = html.partition('class="dropdown dropdown-launch-buttons"')[2].partition("</ul>")[0]
    return re.findall(r'href="([^"]+)"', menu.replace("&amp;", "&"))


def test_without_a_repository_nothing_is_launched_and_the_build_says_so_once(first):
    folder, done = first
    assert done.stdout.count(repository.NO_REPOSITORY) == 1
    assert not launch_buttons(folder)


def test_a_launch_button_opens_its_own_chapter(book):
    hub = "https://hub.example.org"
    known = {"DOWNHILL_REPOSITORY": "git@github.com:fork/book.git", "DOWNHILL_BRANCH": "main"}
    before = runs(book)
    assert build(book, **known, DOWNHILL_JUPYTERHUB=hub).returncode == 0
    assert runs(book) == before
    binder, jupyterhub = launch_buttons(book)
    assert binder.startswith("https://mybinder.org/v2/gh/fork/book/main?")
    (path,) = parse_qs(urlsplit(binder).query)["urlpath"]
    assert (book / path.removeprefix("lab/tree/")).samefile(book / "chapters" / "step.md")
    assert jupyterhub.startswith(f"{hub}/hub/user-redirect/git-pull?")
    assert parse_qs(urlsplit(jupyterhub).query) == {
        "repo": ["https://github.com/fork/book"],
        "urlpath": ["lab/tree/book/chapters/step.md"],
        "branch": ["main"],
    }
    assert build(book).returncode == 0
    assert not launch_buttons(book)


def test_building_it_again_from_nothing_changes_no_page(book):
    written = pages(book)
    assert b"data-live=" in written["chapters/plain.html"]
    shutil.rmtree(book / "_build")
    before = runs(book)
    assert build(book).returncode == 0
    assert runs(book) > before
    again = pages(book)
    assert set(again) == set(written)
    assert [name for name in written if again[name] != written[name]] == []


def test_a_wrong_formula_in_the_library_fails_the_build_each_time(book):
    library = book / "gdlib" / "gradient_descent.py"
    change(library, RIGHT, WRONG)
    for expected in ({"chapters/step", "chapters/plain"}, {"chapters/step"}):
        done = build(book)
        assert done.returncode != 0
        assert "Disagreement" in done.stdout + done.stderr
        assert "chapters/step, cell 2: CellExecutionError" in done.stdout + done.stderr
        assert ran(done) == expected  # what did not fail is kept
    change(library, WRONG, RIGHT)
    before = runs(book)
    assert build(book).returncode == 0
    assert runs(book) == before  # the state before the mistake is still cached


def test_a_changed_line_runs_its_chapter_only(book):
    plain = book / "chapters" / "plain.md"
    change(plain, "normal(size=(3, 2))", "normal(size=(2, 2))")
    before = runs(book)
    done = build(book)
    assert done.returncode == 0
    assert ran(done) == {"chapters/plain"}
    assert runs(book) == before
    change(plain, "normal(size=(2, 2))", "normal(size=(3, 2))")


@pytest.mark.parametrize("asked", ["0", "-1", "two", "1.5"])
def test_a_number_of_jobs_that_is_none_is_named(monkeypatch, asked):
    monkeypatch.setenv("DOWNHILL_JOBS", asked)
    with pytest.raises(ExtensionError, match=f"from 1, not '{asked}'"):
        side_by_side.jobs()


def test_without_a_number_it_is_the_processors(monkeypatch):
    monkeypatch.delenv("DOWNHILL_JOBS", raising=False)
    assert side_by_side.jobs() == os.cpu_count()


def test_a_warning_fails_the_build_each_time(book):
    plain = book / "chapters" / "plain.md"
    change(plain, "No formula", "{ref}`nowhere`")
    for _ in range(2):
        done = build(book)
        assert done.returncode != 0
        assert "nowhere" in done.stderr
    change(plain, "{ref}`nowhere`", "No formula")
    assert build(book).returncode == 0


def test_rows_of_a_matrix_of_sums_are_kept_apart():
    page, sums, plain = (
        new_document("page"),
        r"\begin{matrix}\frac{1}{n} a\\ b\end{matrix}",
        r"a\\ b",
    )
    page += [nodes.math_block(text, text) for text in (sums, plain)]
    katex_assets.space_rows(None, page)
    found = [formula.astext() for formula in page.findall(nodes.math_block)]
    assert found == [sums.replace(r"\\ b", r"\\[1ex] b"), plain]


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

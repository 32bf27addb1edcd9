"""A page loads what it uses and nothing else, nothing from another host, and the theme still works.

On the toy book, with a repository's address, so that all the theme's buttons are there.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from downhill import fonts, stylesheet
from tests.toy_book import ROOT, build, make

pytestmark = pytest.mark.heavy

LOADED = re.compile(r'<(?:link|script|img|iframe|source)\b[^>]*?\b(?:src|href)="([^"]+)"[^>]*>')
# Not at once: what the reader may ask for, and pictures that come when they come near.
NOT_LOADED = re.compile(
    r'rel="(?:index|search|next|prev|canonical|author|copyright)"|loading="lazy"'
)
PAGES = ["index.html", "chapters/step.html", "chapters/plain.html", "search.html", "genindex.html"]
REPOSITORY = "https://github.com/fork/book"


@pytest.fixture(scope="module")
def book(tmp_path_factory, toy):
    folder = make(tmp_path_factory.mktemp("lean"), toy)
    done = build(folder, DOWNHILL_REPOSITORY=REPOSITORY, DOWNHILL_BRANCH="main")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder / "_build" / "html"


def loaded(page: Path) -> list[str]:
    html = page.read_text("utf-8")
    return [tag[1] for tag in LOADED.finditer(html) if not NOT_LOADED.search(tag[0])]


def files(page: Path) -> list[Path]:
    return [(page.parent / link.split("?")[0]).resolve() for link in loaded(page)]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_files_of_the_book_only(book, name):
    assert not [link for link in loaded(book / name) if re.match(r"[a-z]+:|//", link)]
    assert [str(file) for file in files(book / name) if not file.is_file()] == []
    for sheet in (file for file in files(book / name) if file.suffix == ".css"):
        links = re.findall(r"url\(['\"]?([^)'\"]+)", sheet.read_text("utf-8"))
        assert [link for link in links if not link.startswith(("data:", "file.png"))] == []


def weight(page: Path) -> float:
    """KiB of a page with all it loads, as a server sends it."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in [page, *files(page)]) / 1024


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_figures_is_light(book, name):
    assert weight(book / name) < 130


def test_pages_of_the_book_are_within_their_budget():
    whole = ROOT / "_build" / "html"
    pages = [path for path in whole.rglob("*.html") if "_static" not in path.parts]
    assert pages, "run `make book` first"
    weights = {str(path.relative_to(whole)): weight(path) for path in pages}
    assert {name: kib for name, kib in weights.items() if kib > 220} == {}


def test_the_gallerys_pictures_are_small_and_each_reader_gets_one_palette():
    folder = ROOT / "_build" / "html" / "_static" / "gallery"
    page = (ROOT / "_build/html/chapters/appendix/figures.html").read_text("utf-8")
    for palette in ("light", "dark"):
        shown = re.findall(rf'<img [^>]*only-{palette}[^>]*src="[^"]*/([\w-]+\.svg)#', page)
        files = [(folder / name).read_bytes() for name in set(shown)]
        sizes = [len(gzip.compress(file, 9)) / 1024 for file in files]
        assert len(sizes) > 30 and max(sizes) < 20 and sum(sizes) < 200


@pytest.mark.parametrize("name", PAGES)
def test_scripts_do_not_hold_up_the_page(book, name):
    tags = re.findall(r"<script\b[^>]*\bsrc=[^>]*>", (book / name).read_text("utf-8"))
    assert tags
    assert [tag for tag in tags if " defer" not in tag] == []
    assert len(tags) == len(set(tags))


def test_what_a_page_does_not_use_is_not_there(book):
    plain, step = (
        (book / "chapters" / f"{name}.html").read_text("utf-8") for name in ("plain", "step")
    )
    for part in ("formulas.css", "copybutton.js", "togglebutton.js"):
        assert part in step
        assert part not in plain
    for part in ("searchindex.js", "thebe", "fontawesome.js", "design-tabs.js", "live-host.js"):
        assert part not in step
    assert "searchindex.js" in (book / "search.html").read_text("utf-8")


def faces(css: str, family: str) -> list[TTFont]:
    found = re.findall(rf"@font-face\{{[^}}]*{family}[^}}]*base64,([^)]+)\)", css)
    return [TTFont(io.BytesIO(base64.b64decode(data))) for data in found]


def test_every_icon_is_in_the_style_sheet(book):
    css = (book / "_static" / "downhill.css").read_text("utf-8")
    drawn = set().union(*(face.getBestCmap() for face in faces(css, "Font Awesome")))
    pages = "".join((book / name).read_text("utf-8") for name in PAGES)
    shown = set(re.findall(r'\b(fa-[a-z-]+)[ "]', pages)) - {"fa-solid", "fa-brands", "fa-lg"}
    assert {"fa-bars", "fa-github", "fa-rocket", "fa-download"} <= shown
    for icon in shown:
        rule = re.search(rf'\.{icon}:{{1,2}}before(?:,[^{{]*)?\{{content:"\\([0-9a-f]+)"', css)
        assert rule, icon
        assert int(rule[1], 16) in drawn


def test_every_sign_of_a_formula_is_in_the_style_sheet(book):
    css = (book / "_static" / "formulas.css").read_text("utf-8")
    drawn = set().union(*(face.getBestCmap() for face in faces(css, "KaTeX")))
    signs = set().union(*(fonts.formula_characters((book / n).read_text("utf-8")) for n in PAGES))
    assert {"∇", "∂", "η", "∑"} <= signs
    assert {sign for sign in signs if sign.isprintable() and ord(sign) not in drawn} <= {
        " ",
        "\xa0",
    }


def test_links_follow_the_fork(book):
    html = (book / "chapters" / "step.html").read_text("utf-8")
    for link in (
        "https://mybinder.org/v2/gh/fork/book/main?urlpath=lab/tree/chapters/step.md",
        f"{REPOSITORY}/edit/main/chapters/step.md",
        f"{REPOSITORY}/issues/new",
        f'{REPOSITORY}"',
    ):
        assert link in html


def test_words_of_a_page_are_those_of_its_tags():
    found = stylesheet.words('<p class="note first" id="a-b" title="Prose">More <i>prose</i></p>')
    assert found >= {"p", "i", "note", "first", "a-b"}
    assert not found & {"More", "prose", "Prose"}


def test_characters_are_those_of_formulas_only():
    formula = '<span class="katex-html" aria-hidden="true"><span>w<i></i>&lt;</span>η</span>'
    assert fonts.formula_characters(f"<p>text {formula} more</p>") == {"w", "<", "η"}


@pytest.fixture
def open_page(book, browser):
    """Opens a page from disk; checks afterwards for requests elsewhere and for errors."""
    problems: list[str] = []
    contexts = []

    def open_(name: str, width: int = 1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: problems.append(r.url) if r.url.startswith("http") else None)
        page.goto((book / name).as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def test_search_from_disk(open_page):
    page = open_page("index.html")
    page.click("#pst-primary-sidebar .search-button__button")
    page.fill("#pst-search-dialog input[name=q]", "porcupine")
    page.keyboard.press("Enter")
    page.click("#search-results li a")
    page.wait_for_url("**/chapters/step.html*")
    assert "A step downhill" in page.title()


def test_colour_themes(open_page):
    page = open_page("chapters/step.html", color_scheme="light")
    seen = set()
    for _ in range(3):
        page.click(".theme-switch-button >> visible=true")
        theme = page.evaluate("document.documentElement.dataset.theme")
        seen.add((theme, page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert len({theme for theme, _ in seen}) == len({colour for _, colour in seen}) == 2


def test_copy_button(open_page):
    page = open_page("chapters/step.html", permissions=["clipboard-read", "clipboard-write"])
    page.hover("div.highlight >> nth=0")
    page.click("button.copybtn >> nth=0")
    page.wait_for_selector("button.copybtn.success")
    assert page.evaluate("navigator.clipboard.readText()").startswith("from pathlib import Path")


def test_download_menu(book, open_page):
    page = open_page("chapters/step.html")
    page.click(".dropdown-download-buttons > button")
    page.wait_for_selector(".dropdown-download-buttons .dropdown-menu.show")
    links = [a.get_attribute("href") for a in page.locator(".dropdown-download-buttons a").all()]
    assert [Path(link).suffix for link in links] == [".ipynb", ".md"]
    assert all((book / "chapters" / link).resolve().is_file() for link in links)


def test_fullscreen(open_page):
    page = open_page("chapters/step.html")
    page.click(".btn-fullscreen-button")
    page.wait_for_function("document.fullscreenElement !== null")


def test_folded_solution(open_page):
    page = open_page("chapters/step.html")
    solution = page.locator(".solution")
    assert "porcupine" not in solution.inner_text()
    solution.locator(".toggle-button").click()
    assert "porcupine" in solution.inner_text()


def test_side_bars_on_a_phone(open_page):
    page = open_page("chapters/step.html", width=375)
    for side in ("primary", "secondary"):
        page.click(f".{side}-toggle >> visible=true")
        page.wait_for_selector(f"#pst-{side}-sidebar-modal[open]")
        page.keyboard.press("Escape")
        page.wait_for_selector(f"#pst-{side}-sidebar-modal", state="hidden")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_on_a_phone(open_page, name):
    page = open_page(name, width=375)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375

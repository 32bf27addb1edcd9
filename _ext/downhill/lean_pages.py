"""Pages that open at once: a page loads what it uses, and nothing else.

Runs over the finished pages. The theme's style sheets become one; those for formulas and for live
figures stand beside it on the pages that have any. Scripts are deferred, and left out where they
have nothing to do. The icon script (1.5 MB) is dropped: the icons come from the style sheet.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from . import accessible, fonts, node, stylesheet

BOOK_SHEET, FORMULA_SHEET = "downhill.css", "formulas.css"
ICON_SHEET = Path(__file__).with_name("icons.css")
FORMULA_SOURCES = ("katex/katex.min.css", "katex-math.css")
OWN_SHEETS = ("live.css",)  # small, and already only on pages with live figures

HAS_FORMULA = re.compile(r'class="katex')
# Scripts that only some pages need, and how to tell that one does. None: no page does.
CODE = re.compile(r'<div class="highlight')
FOLDED = re.compile(
    r'class="(?:[^"]* )?(?:toggle|admonition [^"]*dropdown|dropdown admonition)[ "]'
)
TABS = re.compile(r'class="sd-tab-')
RESULTS = re.compile(r'id="search-results"')
NEEDED_BY: dict[str, re.Pattern[str] | None] = {
    "clipboard.min.js": CODE,
    "copybutton.js": CODE,
    "togglebutton.js": FOLDED,
    "design-tabs.js": TABS,
    "language_data.js": RESULTS,
    "searchindex.js": RESULTS,
    "searchtools.js": RESULTS,
    "sphinx-thebe.js": None,
    "scripts/fontawesome.js": None,
}
INLINE_NEEDED_BY: dict[str, re.Pattern[str] | None] = {
    "toggleHintShow": FOLDED,
    "toggleHintHide": FOLDED,
    "toggleOpenOnPrint": FOLDED,
    "togglebuttonSelector": FOLDED,
    "THEBE_JS_URL": None,
    "x-thebe-config": None,
    "kernelName =": None,
}
# The theme's script measures every box that may scroll at once, which lays out all that the style
# sheet defers. Here a box is measured when it comes near; live figures do not scroll.
MEASURED_AT_ONCE = re.compile(
    r'(document\.querySelectorAll\(\["pre",[^\]]*\]\.join\(", "\)\))'
    r"\.forEach\((\w)=>\{(\2\.tabIndex=[^}]*)\}\)"
)
MEASURED_WHEN_NEAR = (
    r"const near=new IntersectionObserver(found=>{for(const {target:\2,isIntersecting} of found)"
    r"if(isIntersecting){near.unobserve(\2);\3}},{rootMargin:'50% 0px'});"
    r"\1.forEach(box=>box.querySelector('.live')||near.observe(box))"
)
# It does all its work in one go, which blocks a phone; here the pieces take turns.
AT_ONCE = '"loading"!=document.readyState?e():'
IN_TURN = '"loading"!=document.readyState?setTimeout(e):'
# The theme sets "auto", and light or dark only when its script runs: styles are computed twice.
THEME_LATER = 'document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";'
THEME_AT_ONCE = (
    "(({ dataset }) => { dataset.theme = dataset.mode !== 'auto' ? dataset.mode"
    " : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'; })"
    "(document.documentElement);"
)
# A font is decoded when a text wants it, beside everything else: too late for the first frame.
FONTS_AT_ONCE = " document.fonts.forEach((font) => font.load());"
# Scripts that come with comments and long names.
LONG_SCRIPTS = (
    "answers.js",
    "book.js",
    "copybutton.js",
    "design-tabs.js",
    "doctools.js",
    "language_data.js",
    "live-host.js",
    "searchtools.js",
    "sphinx_highlight.js",
    "togglebutton.js",
    "scripts/sphinx-book-theme.js",
)
OPTIONS = "documentation_options.js"  # 300 bytes that inline scripts rely on

SHEET_LINK = re.compile(r'[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*>\n?')
PRELOADED_SCRIPT = re.compile(r'[ \t]*<link\b[^>]*\brel="preload"[^>]*\bas="script"[^>]*>\n?')
SCRIPT = re.compile(r"[ \t]*<script\b([^>]*)>(.*?)</script>\n?", re.DOTALL)
ADDRESS = re.compile(r'\b(?:href|src)="([^"]*)"')
STATIC = re.compile(r"(?:\.\./)*_static/([^?]+)(?:\?.*)?")
SOURCE_MAP = re.compile(r"\s*//# sourceMappingURL=\S+\s*$")
# What no page refers to once the pages are lean.
# (Some extensions copy their sheets again after every build.)
LEFTOVERS = (
    "basic.css",
    "design-style.*",
    "exercise.css",
    "katex",
    "mystnb.*.css",
    "pygments.css",
    "sphinx-thebe.*",
    "styles",
    "vendor",
)


def address(tag: str) -> str:
    """The address a tag loads from; anything outside the book is an error."""
    found = ADDRESS.search(tag)
    if found is None or re.match(r"[a-z]+:|//", found[1]):
        raise ExtensionError(f"A page loads something that isn't in the book: {tag.strip()[:200]}")
    return found[1]


def static_name(link: str) -> str:
    """A path below _static, or below the book, without `?v=…`, which only bypasses old copies."""
    found = STATIC.fullmatch(link)
    return found[1] if found else link.removeprefix("./").replace("../", "").split("?")[0]


def is_lean(page: str) -> bool:
    """Whether this page is lean already."""
    return f"_static/{BOOK_SHEET}?" in page


def sheets(page: str) -> list[str]:
    """The style sheets a page from the theme loads, in order."""
    return [static_name(address(link)) for link in SHEET_LINK.findall(page)]


def script_tag(page: str, attributes: str, body: str, options: str) -> str | None:
    """A script as it should appear in a page, or None if the page doesn't need it."""
    if 'src="' in attributes:
        name = static_name(address(attributes))
        if name == OPTIONS:
            return f"<script>{options}</script>"
        needed = NEEDED_BY.get(name, re.compile(""))
        if needed is None or not needed.search(page):
            return None
        plain = re.sub(r'\s*\b(?:async|defer)(?:="[^"]*")?(?=\s|$)', "", attributes)
        return f"<script defer{plain}></script>"
    for sign, needed in INLINE_NEEDED_BY.items():
        if sign in attributes + body[:200] and (needed is None or not needed.search(page)):
            return None
    if "dataset.theme" in body and THEME_LATER not in body:
        raise ExtensionError("The theme chooses light or dark in a way that is new.")
    body = body.replace(THEME_LATER, THEME_AT_ONCE + FONTS_AT_ONCE)
    return f"<script{attributes}>{body}</script>"


def lean(page: str, options: str, versions: dict[str, str]) -> str:
    """A page from the theme, made lean."""
    root = re.search(r'data-content_root="([^"]*)"', page)
    if root is None or "</head>" not in page:
        raise ExtensionError("A page without a content root: has the theme changed?")
    seen: set[str] = set()

    def link(name: str) -> str:
        return f'<link rel="stylesheet" href="{root[1]}_static/{name}?v={versions[name]}" />'

    def script(match: re.Match[str]) -> str:
        tag = script_tag(page, match[1], match[2], options)
        if tag is None or (tag in seen and "application/" not in tag):
            return ""
        seen.add(tag)
        return f"    {tag}\n"

    wanted = [BOOK_SHEET, *([FORMULA_SHEET] if HAS_FORMULA.search(page) else [])]
    own = [
        found[0].strip()
        for found in SHEET_LINK.finditer(page)
        if static_name(address(found[0])) in OWN_SHEETS
    ]
    links = "\n    ".join([*map(link, wanted), *own])
    result = SHEET_LINK.sub("", PRELOADED_SCRIPT.sub("", page))
    result = SCRIPT.sub(script, result)
    result = re.sub(r"<!--(?!\[).*?-->\n?", "", result.split("<body", 1)[0], flags=re.DOTALL) + (
        "<body" + result.split("<body", 1)[1]
    )
    result = accessible.mend(result)
    # Before the first script, so that the browser asks for them first.
    return re.sub(r"(</title>\s*)", lambda title: f"{title[1]}{links}\n    ", result, count=1)


def write_sheets(app: Sphinx, pages: Iterable[str], sources: list[str]) -> dict[str, str]:
    """Write the style sheets the lean pages load; return a hash of each."""
    static, root = Path(app.outdir) / "_static", Path(app.srcdir)
    cache = Path(app.outdir).parent / ".downhill"
    scripts = [static / "doctools.js", static / "sphinx_highlight.js", static / "searchtools.js"]
    scripts += [static / "copybutton.js", static / "togglebutton.js", static / "design-tabs.js"]
    scripts += [static / "scripts" / "sphinx-book-theme.js"]
    scripts += [static / "scripts" / "pydata-sphinx-theme.js"]
    code = "\n".join(path.read_text("utf-8") for path in scripts)
    pages = list(pages)
    used = set().union(*map(stylesheet.words, pages), stylesheet.WORD.findall(code))
    own = [(static / name).read_text("utf-8") for name in OWN_SHEETS if (static / name).is_file()]
    variables = set(stylesheet.VARIABLE.findall("\n".join([code, *own, *pages])))
    formulas: set[str] = set().union(*map(fonts.formula_characters, pages))
    versions = {}
    for name, parts in ((BOOK_SHEET, sources), (FORMULA_SHEET, FORMULA_SOURCES)):
        css = stylesheet.merged(static, parts)
        if name == BOOK_SHEET:
            css += ICON_SHEET.read_text("utf-8")
        css = stylesheet.purged(root, cache / "css", css, used, variables)
        css = fonts.embed(css, static, formulas, cache / "fonts")
        (static / name).write_text(css, "utf-8")
        versions[name] = hashlib.sha256(css.encode()).hexdigest()[:8]
    return versions


def short(root: Path, cache: Path, code: str) -> str:
    """A script without comments and long names, by terser. Results are cached by a hash."""
    if code.count("\n") < 4:  # shortened already
        return code
    lock = (root / "package-lock.json").read_text("utf-8")
    answer = cache / f"{hashlib.sha256((code + lock).encode()).hexdigest()[:32]}.js"
    if not answer.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        terser = "node_modules/terser/bin/terser"
        answer.write_text(node.run("node", terser, "-c", "-m", cwd=root, stdin=code), "utf-8")
    return answer.read_text("utf-8")


def tidy(root: Path, out: Path, sources: Iterable[str]) -> None:
    """Remove what no page loads any more, and shorten the scripts that are left."""
    static, cache = out / "_static", out.parent / ".downhill" / "scripts"
    unused = [path for name in (*LEFTOVERS, *sources) for path in static.glob(name)]
    unused += [static / name for name, needed in NEEDED_BY.items() if needed is None]
    for path in [*unused, *static.rglob("*.map")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in (static / "scripts").glob("*.js"):
        code = path.read_text("utf-8")
        calm = MEASURED_AT_ONCE.sub(MEASURED_WHEN_NEAR, code).replace(AT_ONCE, IN_TURN)
        if path.name == "pydata-sphinx-theme.js" and not ("near." in calm and IN_TURN in calm):
            raise ExtensionError(f"{path.name} measures boxes, or starts, in a way that is new")
        if (plain := SOURCE_MAP.sub("\n", calm)) != code:
            path.write_text(plain, "utf-8")
    for path in filter(Path.is_file, (static / name for name in LONG_SCRIPTS)):
        code = path.read_text("utf-8")
        if (brief := short(root, cache, code)) != code:
            path.write_text(brief, "utf-8")


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Make every page that this build wrote lean."""
    if exception or app.builder.name != "html":
        return
    out = Path(app.outdir)
    paths = [path for path in sorted(out.rglob("*.html")) if "_static" not in path.parts]
    pages = {path: path.read_text("utf-8") for path in paths}
    fresh = [path for path, page in pages.items() if not is_lean(page)]
    if not fresh:
        tidy(Path(app.srcdir), out, [])
        return
    apart = {*FORMULA_SOURCES, *OWN_SHEETS}
    lists = {tuple(name for name in sheets(pages[path]) if name not in apart) for path in fresh}
    if len(lists) != 1:
        raise ExtensionError(f"Pages load different style sheets: {sorted(lists)}")
    sources = list(lists.pop())
    versions = write_sheets(app, pages.values(), sources)
    options = (out / "_static" / OPTIONS).read_text("utf-8").strip()
    for path, page in pages.items():
        new = lean(page, options, versions) if path in fresh else page
        for name, version in versions.items():
            new = re.sub(rf"(_static/{re.escape(name)}\?v=)\w+", rf"\g<1>{version}", new)
        if new != page:
            path.write_text(new, "utf-8")
    tidy(Path(app.srcdir), out, [*sources, *FORMULA_SOURCES])


def setup(app: Sphinx) -> None:
    """Register this part of the extension; it runs after all parts that write pages."""
    app.connect("build-finished", finish, priority=900)

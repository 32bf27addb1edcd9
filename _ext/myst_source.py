"""A page's MyST source, read from markdown-it's tokens, for the book, marking and the tests.

It is beside the Sphinx extension and imports none of it: marking uses it without Sphinx.

    page = read(text)
    page.front_matter        # dict
    page.directives          # every Directive, nested ones too, in the page's order
    page.named("exercise")   # those of one name
    page.code_cells          # the `code-cell` directives: `.options`, `.body`
    page.code                # plain fences of code: Code(language, body, start, end)
    page.headings            # Heading(level, text, line)
    page.formulas            # inline and displayed, without their delimiters
    page.roles               # Role(name, text, line)
    page.prose               # Line(number, text): paragraphs, lists, cells of tables, line by line,
                             # without headings, formulas, code, roles, targets of links, exercises
    page.without("solution") # the source without the directives of these names
    page.with_roles(words)   # the source with words(role) in place of each role

Lines count from 1, in the whole page; a range is `start` to `end`, both included.
A directive has `name` (lower case, as docutils looks it up), `argument`, `options` (a dict from
`:key:` lines or from a YAML block), `body` (without options), `fence` (such as "````"), `start`,
`end`, and `inside`, a page of its own. What is in VERBATIM holds no MyST: its page is empty.
Options that are not YAML raise a ValueError that names the directive and its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

VERBATIM = {"code", "code-block", "code-cell", "eval-rst", "literalinclude", "math", "raw"}
# What an exercise states is given; the page need not account for it.
GIVEN = {"exercise"}
_NAME = re.compile(r"\{([^\s}]+)\}\s*(.*)", re.S)
_OPTION = re.compile(r"\s*:[\w-]+:(\s|$)")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    for plugin in (
        front_matter_plugin,
        myst_block_plugin,
        myst_role_plugin,
        colon_fence_plugin,
        dollarmath_plugin,
        amsmath_plugin,
        deflist_plugin,
    ):
        parser.use(plugin)
    return parser


PARSER = _parser()


class Line(NamedTuple):
    """A line of prose."""

    number: int
    text: str


class Heading(NamedTuple):
    """A heading; level 1 is the page's title."""

    level: int
    text: str
    line: int


class Role(NamedTuple):
    """A role, such as {eq}`eq-mse`."""

    name: str
    text: str
    line: int


class Code(NamedTuple):
    """A fence of code that is not a directive."""

    language: str
    body: str
    start: int
    end: int


@dataclass
class Directive:
    """A directive, with any kind of fence."""

    name: str
    argument: str
    options: dict[str, Any]
    body: str
    fence: str
    start: int
    end: int
    inside: Page


@dataclass
class Page:
    """What a page holds; lists are in the page's order, nested parts included."""

    source: str
    front_matter: dict[str, Any] = field(default_factory=dict)
    directives: list[Directive] = field(default_factory=list)
    code: list[Code] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    prose: list[Line] = field(default_factory=list)

    @property
    def code_cells(self) -> list[Directive]:
        """The cells that a notebook runs."""
        return self.named("code-cell")

    def named(self, *names: str) -> list[Directive]:
        """The directives of these names."""
        return [one for one in self.directives if one.name in names]

    def without(self, *names: str) -> str:
        """The source without the directives of these names, and their fences."""
        lines = self.source.split("\n")
        gone = {n for one in self.named(*names) for n in range(one.start, one.end + 1)}
        return "\n".join(line for n, line in enumerate(lines, start=1) if n not in gone)

    def with_roles(self, words: Callable[[Role], str]) -> str:
        """The source with words in place of its roles; what code contains stays."""
        lines = self.source.split("\n")
        for role in self.roles:
            written = f"{{{role.name}}}`{role.text}`"
            lines[role.line - 1] = lines[role.line - 1].replace(written, words(role), 1)
        return "\n".join(lines)


@lru_cache(maxsize=256)
def read(source: str) -> Page:
    """Read a page; the same page for the same source, so nobody changes it."""
    return _read(source, 1)


def _read(source: str, first: int) -> Page:
    """Read what begins at line `first` of a page."""
    page, at, heading = Page(source), first, 0
    for token in PARSER.parse(source):
        if token.map:
            at = first + token.map[0]
        if token.type == "front_matter":
            page.front_matter = yaml.safe_load(token.content) or {}
        elif token.type in ("fence", "colon_fence"):
            _fenced(page, token, at)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            page.formulas.append(token.content)
        elif token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "inline":
            lines = list(_lines(page, token, at))
            if heading:
                page.headings.append(Heading(heading, token.content, at))
                heading = 0
            else:
                page.prose += lines
    return page


def _fenced(page: Page, token: Token, start: int) -> None:
    """Add a fence: a directive with all that is inside it, or code."""
    assert token.map
    end = start + token.map[1] - token.map[0] - 1
    info = token.info.strip()
    found = _NAME.fullmatch(info)
    if not found:
        page.code.append(Code(info.split(" ")[0], token.content, start, end))
        return
    name = found[1].lower()
    options, body, skipped = _options(token.content, f"{name!r} in line {start}")
    verbatim = name in VERBATIM
    inside = Page(body) if verbatim else _read(body, start + 1 + skipped)
    page.directives += [
        Directive(name, found[2].strip(), options, body, token.markup, start, end, inside),
        *inside.directives,
    ]
    page.code += inside.code
    page.headings += inside.headings
    page.formulas += [body] if name == "math" else inside.formulas
    page.roles += inside.roles
    if name not in GIVEN:
        page.prose += inside.prose


def _options(content: str, where: str) -> tuple[dict[str, Any], str, int]:
    """A directive's options, its body, and the lines before the body."""
    lines = content.splitlines(keepends=True)
    if lines and lines[0].rstrip() == "---":
        ends = (n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == "---")
        end = next(ends, len(lines))
        block, skipped = "".join(lines[1:end]), end + 1
    else:
        skipped = next((n for n, line in enumerate(lines) if not _OPTION.match(line)), len(lines))
        block = "".join(line.strip()[1:] + "\n" for line in lines[:skipped])
    try:
        options = yaml.safe_load(block) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"The options of {where} are no YAML: {block!r}.") from error
    if not isinstance(options, dict):
        raise ValueError(f"The options of {where} are no mapping: {block!r}.")
    return options, "".join(lines[skipped:]), skipped


def _lines(page: Page, token: Token, at: int) -> Iterator[Line]:
    """A paragraph's words, line by line; its roles and formulas are added to the page."""
    words = ""
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            if words.strip():
                yield Line(at, words.strip())
            words, at = "", at + 1
        elif child.type == "text":
            words += child.content
        elif child.type == "myst_role":
            page.roles.append(Role(child.meta["name"], child.content, at))
            at += child.content.count("\n")
        elif child.type in ("math_inline", "code_inline"):
            if child.type == "math_inline":
                page.formulas.append(child.content)
            at += child.content.count("\n")
    if words.strip():
        yield Line(at, words.strip())

"""MyST in a notebook's text as plain Markdown, for front ends that know nothing else.

JupyterLab reads MyST with an extension; Colab and VS Code show its directives as raw fences.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from myst_source import Directive, Role, read

Number = Callable[[str], str]
"""What stands on the page for the label of an equation, figure or exercise."""

_TARGET = re.compile(r"^\([\w-]+\)=\n", re.M)
NAMES = {"exercise": "Exercise: ", "solution": "Solution"}


def plain(text: str, number: Number) -> str:
    """Return a cell's text without directives, roles and targets."""
    lines = text.split("\n")
    for found in reversed(_outermost(read(text).directives)):
        margin = lines[found.start - 1].partition(found.fence)[0]
        block = textwrap.indent(_block(found, number), margin)
        lines[found.start - 1 : found.end] = block.split("\n")
    text = _TARGET.sub("", "\n".join(lines))
    return read(text).with_roles(lambda role: _inline(role, number))


def _outermost(directives: list[Directive]) -> list[Directive]:
    """Those inside no other; an outer one comes before those inside it."""
    found: list[Directive] = []
    for one in directives:
        if not found or one.start > found[-1].end:
            found.append(one)
    return found


def _block(found: Directive, number: Number) -> str:
    """A directive: a formula, or a box with a title."""
    kind, title, given, body = found.name, found.argument, found.options, found.body.strip()
    if kind == "math":
        tag = f"\n\\tag{{{number(given['label']).strip('()')}}}" if "label" in given else ""
        return f"$$\n{body}{tag}\n$$"
    if not body:
        return ""
    title = NAMES[kind] + ("" if kind == "solution" else title) if kind in NAMES else title
    body = plain(body, number)
    if "dropdown" in str(given.get("class", "")) or kind == "solution":
        return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"
    return "\n".join(f"> {line}".rstrip() for line in (f"**{title}**\n\n{body}").splitlines())


def _inline(role: Role, number: Number) -> str:
    """A role: a number for a reference, a name for a citation, else its own text."""
    if role.name in ("eq", "numref", "ref"):
        shown, _, label = role.text.rpartition("<")
        return shown.strip() or number(label.rstrip(">"))
    return f"[{role.text}]" if role.name.startswith("cite") else role.text

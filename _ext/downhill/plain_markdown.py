"""MyST in a notebook's text as plain Markdown, for front ends that know nothing else.

JupyterLab reads MyST with an extension; Colab and VS Code show its directives as raw fences.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Number = Callable[[str], str]
"""What stands on the page for the label of an equation, figure or exercise."""

_DIRECTIVE = re.compile(r"^(`{3,})\{([\w-]+)\}[ ]*([^\n]*)\n(.*?)^\1[ ]*$", re.M | re.S)
_OPTIONS = re.compile(r"\A(?::([\w-]+):[ ]*([^\n]*)\n)+")
_ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
_TARGET = re.compile(r"^\([\w-]+\)=\n", re.M)
NAMES = {"exercise": "Exercise: ", "solution": "Solution"}


def plain(text: str, number: Number) -> str:
    """Return a cell's text without directives, roles and targets."""
    text = _DIRECTIVE.sub(lambda found: _block(found, number), text)
    return _ROLE.sub(lambda found: _inline(found, number), _TARGET.sub("", text))


def _block(found: re.Match[str], number: Number) -> str:
    """A directive: a formula, or a box with a title."""
    _, kind, title, body = found.groups()
    options = _OPTIONS.match(body)
    head = options[0] if options else ""
    given = dict(re.findall(r"^:([\w-]+):[ ]*(.*)$", head, re.M))
    body = body.removeprefix(head).strip()
    if kind == "math":
        tag = f"\n\\tag{{{number(given['label']).strip('()')}}}" if "label" in given else ""
        return f"$$\n{body}{tag}\n$$"
    if not body:
        return ""
    title = NAMES[kind] + ("" if kind == "solution" else title) if kind in NAMES else title
    body = plain(body, number)
    if "dropdown" in given.get("class", "") or kind == "solution":
        return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"
    return "\n".join(f"> {line}".rstrip() for line in (f"**{title}**\n\n{body}").splitlines())


def _inline(found: re.Match[str], number: Number) -> str:
    """A role: a number for a reference, a name for a citation, else its own text."""
    role, text = found.groups()
    if role in ("eq", "numref", "ref"):
        shown, _, label = text.rpartition("<")
        return shown.strip() or number(label.rstrip(">"))
    return f"[{text}]" if role.startswith("cite") else text

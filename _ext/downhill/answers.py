"""Answer boxes beneath the exercises: a number or a formula, checked in the page, by value.

The answers are SymPy's, from `marking`; the page gets their values at sample points. The reader's
formula is read by the script of the typed losses, which is loaded when a box is first used. It is a
self-check: anyone who looks into the page finds the values.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import sys
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node

from . import edition

SCRIPT = "answers.js"
LIBRARY = "live-typed.js"
SAMPLES = 8
NOTE = (
    "A self-check: type a number, to three digits or as a fraction, or a formula. "
    "The answers are in the page, so nobody but you needs to know."
)


@cache
def variants(root: Path) -> dict[str, Any]:
    """The exercises' answers by label; a book without `marking` has none."""
    if not (root / "marking").is_dir():
        return {}
    sys.path.append(str(root))
    try:
        from marking.exercises import in_the_book

        return in_the_book()
    finally:
        sys.path.remove(str(root))


def samples(answer: Any) -> dict[str, Any]:
    """The letters of an answer, points to try, its values there, and those of known mistakes."""
    value = answer.value
    letters = sorted(value.free_symbols, key=str)
    rng = np.random.default_rng(0)
    points = rng.uniform(0.2, 3, (SAMPLES if letters else 1, len(letters))).round(1)

    def there(e: Any) -> list[float]:
        e = sympy.sympify(e)
        return [float(e.subs(dict(zip(letters, at, strict=True)))) for at in points]

    values = there(value)
    if not np.isfinite(values).all():
        raise ValueError(f"The answer {value} is not finite at all of its sample points.")
    known = {"letters": [str(s) for s in letters], "points": points.tolist(), "values": values}
    mistakes = [[there(wrong), says] for wrong, says in answer.mistakes]
    return known | ({"mistakes": mistakes} if mistakes else {})


def box(answer: Any, name: str) -> list[nodes.Node]:
    """A label, an input, and a place for the response to the answer."""
    data = html.escape(json.dumps(samples(answer), ensure_ascii=False, separators=(",", ":")))
    before = f'<div class="live-answer" data-answer="{data}"><label for="{name}">Your '
    after = (
        f'</label> <input id="{name}" type="text" autocomplete="off" autocapitalize="off" '
        'autocorrect="off" spellcheck="false" maxlength="500"><output role="status"></output></div>'
    )
    # What is said in words only is no formula, and may break into lines.
    words = re.fullmatch(r"\\text\{([^{}]*)\}", answer.formula)
    formula = nodes.Text(words[1]) if words else nodes.math(answer.formula, answer.formula)
    return [nodes.raw("", before, format="html"), formula, nodes.raw("", after, format="html")]


def add_boxes(app: Sphinx, doctree: nodes.document) -> None:
    """Put boxes beneath each exercise that has answers."""
    root = Path(app.confdir)
    if edition.is_student() or app.builder.format != "html":
        return
    ids, page = count(1), app.env.docname
    for kind in (exercise_node, exercise_enumerable_node):
        for exercise in list(doctree.findall(kind)):
            variant = variants(root).get(exercise.attributes.get("label", ""))
            if not variant or not variant.answers:
                continue
            library = "../" * page.count("/") + f"_static/{LIBRARY}"
            # Hidden until the script has loaded: without it the boxes cannot respond.
            opening = f'<form class="live-answers" data-library="{library}" hidden>'
            found: list[nodes.Node] = [nodes.raw("", opening, format="html")]
            for answer in variant.answers:
                found += box(answer, f"answer-{next(ids)}")
            closing = f'<button type="submit">Check</button><p>{NOTE}</p></form>'
            found.append(nodes.raw("", closing, format="html"))
            exercise.extend(found)
    for file in (root / "marking" / "exercises").glob("*.py"):
        app.env.note_dependency(str(file))


def load_script(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The script, on pages with boxes only."""
    if 'class="live-answers"' in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def provide_files(app: Sphinx, config: Config) -> None:
    """Put the script where Sphinx takes static files from."""
    folder = Path(app.doctreedir) / "answers"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name(SCRIPT), folder / SCRIPT)
    config.html_static_path.append(str(folder))
    config.answers_version = hashlib.sha256((folder / SCRIPT).read_bytes()).hexdigest()


def setup(app: Sphinx) -> None:
    """Register this part of the extension, after the npm packages are there."""
    app.add_config_value("answers_version", "", "html", str)
    app.connect("config-inited", provide_files, priority=900)
    app.connect("doctree-read", add_boxes)
    app.connect("html-page-context", load_script)

"""The static host: live figures without a kernel, in one script and one stylesheet of our own.

myst-nb saves the widgets' state in the page. This module makes that state small and the same
in every build, and hands the page `host.js`, which draws native controls from it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx

HOST = Path(__file__).with_name("host.js")
HOST_STYLE = Path(__file__).with_name("host.css")
BOOK_STYLE = Path(__file__).with_name("book.css")
STATE_TYPE = "application/vnd.jupyter.widget-state+json"
SCRIPT, STYLESHEET = "live-host.js", "live.css"
# What only a kernel's front end needs; the figure's SVG is in the page already.
_DROPPED_KEYS = re.compile(r"_.*|svg|alt|style|layout|tabbable|tooltip|behavior|orientation")
_DROPPED_MODELS = re.compile(r".*(Style|Layout)Model")
# Not \b…\b: in "IPY_MODEL_4f…" the underscore before an id counts as a letter.
_MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def bundle(live: Path) -> str:
    """Return one classic script: modules cannot be loaded from a folder on disk."""
    engine = live.read_text(encoding="utf-8")
    engine, changes = re.subn(r"^export default \{.*\Z", "", engine, flags=re.M | re.S)
    if changes != 1:
        raise ValueError(f"{live.name} has no single `export default` at its end")
    engine = re.sub(r"^export ", "", engine, flags=re.M)
    return f"(() => {{\n{engine}\n{HOST.read_text(encoding='utf-8')}}})();\n"


def lean_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the saved state without what the host never reads."""
    kept = {}
    for model_id, model in state["state"].items():
        if not _DROPPED_MODELS.fullmatch(model["model_name"]):
            values = {
                k: v
                for k, v in model["state"].items()
                if v is not None and (k == "_options_labels" or not _DROPPED_KEYS.fullmatch(k))
            }
            kept[model_id] = {"model_name": model["model_name"], "state": values}
    return {"state": kept}


def number_models(text: str, numbers: dict[str, str]) -> str:
    """Replace the random ids of widgets by numbers, in order of appearance."""
    return _MODEL_ID.sub(lambda m: numbers.setdefault(m[0], f"m{len(numbers)}"), text)


def slim_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None
) -> None:
    """Shrink the saved state of one page and number its models."""
    numbers: dict[str, str] = {}
    scripts = context.get("script_files", [])
    states = [s for s in scripts if getattr(s, "attributes", {}).get("type") == STATE_TYPE]
    if not states:
        return
    context["body"] = number_models(context["body"], numbers)
    for script in states:
        attributes = script.attributes
        state = lean_state(json.loads(attributes["body"]))
        body = number_models(json.dumps(state, ensure_ascii=False, separators=(",", ":")), numbers)
        attributes["body"] = body.replace("</", "<\\/")
    app.add_css_file(STYLESHEET)


def provide_files(app: Sphinx, config: Any) -> None:
    """Write the host's script and stylesheet where Sphinx takes static files from."""
    live = Path(app.srcdir) / "gdlib" / "live"
    folder = Path(app.doctreedir) / "live-host"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(BOOK_STYLE, folder / BOOK_STYLE.name)
    (folder / SCRIPT).write_text(bundle(live / "live.js"), encoding="utf-8")
    styles = (live / STYLESHEET).read_text("utf-8") + HOST_STYLE.read_text("utf-8")
    (folder / STYLESHEET).write_text(styles, encoding="utf-8")
    config.html_static_path.append(str(folder))
    # Sphinx copies static files only when it writes a page: a new script or style rewrites
    # all pages, and so does a change to what makes pages lean.
    files = [*sorted(folder.iterdir()), *sorted(Path(__file__).parent.glob("*.py"))]
    contents = b"".join(file.read_bytes() for file in files)
    config.live_host_version = hashlib.sha256(contents).hexdigest()
    # myst-nb loads this script on pages with widgets, and on no other.
    config.nb_ipywidgets_js = {SCRIPT: {"defer": "defer"}}


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_config_value("live_host_version", "", "html", str)
    app.connect("config-inited", provide_files)
    app.add_css_file(BOOK_STYLE.name)
    app.connect("html-page-context", slim_page, priority=900)

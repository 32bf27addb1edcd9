"""The Sphinx extension for live figures: `extensions = ["myst_nb", "gdlib.live.sphinx"]`.

In Jupyter Book the line is `extra_extensions: [gdlib.live.sphinx]`, under `sphinx`. It puts the
host's script and style on pages with widgets, in place of Jupyter's own script from another server.
Where `nb_ipywidgets_js` is set, that stays, and the host comes beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx
from sphinx.config import Config

from gdlib.live.page import (
    FOR_PAGES,
    HOST,
    STATE_TYPE,
    STYLE,
    TYPED,
    number_models,
    state_script,
)

SCRIPT, STYLESHEET = "live-host.js", "live.css"
HTML_FIRST = ("html", "text/html", 0)
"""A figure's output has its first frame as HTML beside the widget's view: pages show the frame."""


FILES = {HOST: SCRIPT, TYPED: "live-typed.js", STYLE: STYLESHEET}


def configure(app: Sphinx, config: Config) -> None:
    """Let myst-nb load the host on pages with widgets, and choose a figure's first frame."""
    # A new script or style rewrites all pages, as their addresses carry a checksum.
    contents = b"".join(file.read_bytes() for file in FILES)
    config.live_host_version = hashlib.sha256(contents).hexdigest()
    os.environ[FOR_PAGES] = "1"  # the kernels that run the pages inherit it
    given = config.nb_ipywidgets_js if "nb_ipywidgets_js" in config._raw_config else {}
    config.nb_ipywidgets_js = {**given, SCRIPT: {"defer": "defer"}}
    overrides = [tuple(one) for one in config.nb_mime_priority_overrides]
    if HTML_FIRST not in overrides:
        config.nb_mime_priority_overrides = [*overrides, HTML_FIRST]


def provide(app: Sphinx) -> None:
    """Put the host's script and style beside the static files of the pages."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        for file, name in FILES.items():
            shutil.copyfile(file, folder / name)


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
        script.attributes["body"] = state_script(json.loads(script.attributes["body"]), numbers)
    app.add_css_file(STYLESHEET)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension; it needs myst-nb, which Jupyter Book brings."""
    app.setup_extension("myst_nb")
    app.add_config_value("live_host_version", "", "html", str)
    app.connect("config-inited", configure)
    app.connect("builder-inited", provide)
    app.connect("html-page-context", slim_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

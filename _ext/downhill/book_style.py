"""The book's own style sheet and script, beside those of its live figures."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

STYLE = Path(__file__).with_name("book.css")
SCRIPT = Path(__file__).with_name("book.js")


def provide(app: Sphinx, config: Config) -> None:
    """Put both where Sphinx takes static files from."""
    folder = Path(app.doctreedir) / "book-style"
    folder.mkdir(parents=True, exist_ok=True)
    for file in (STYLE, SCRIPT):
        shutil.copyfile(file, folder / file.name)
    config.html_static_path.append(str(folder))
    # A new style rewrites all pages, and so does a change to what makes pages lean.
    files = [STYLE, SCRIPT, *sorted(Path(__file__).parent.glob("*.py"))]
    contents = b"".join(file.read_bytes() for file in files)
    config.book_version = hashlib.sha256(contents).hexdigest()


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.add_config_value("book_version", "", "html", str)
    app.connect("config-inited", provide)
    app.add_css_file(STYLE.name)
    app.add_js_file(SCRIPT.name, loading_method="defer")

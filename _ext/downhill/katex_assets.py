"""KaTeX's style sheet and fonts, from the npm package of the version that renders the formulas.

Formulas are rendered while the book builds; a page needs the style sheet and fonts only.
A formula that KaTeX cannot read stops the build.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

from . import node

OTHER_FORMATS = re.compile(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')


def start_renderer(rundir: Path, limit: float) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start the renderer and connect to it, retrying until it answers.

    The extension connects once, as soon as the socket's file exists; that can be a moment too
    early, before the renderer listens, and on a busy machine it is.
    """
    path = rundir / "katex.sock"
    renderer = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(
        renderer, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=rundir
    )
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.01)
        else:
            return process, connection
    process.kill()
    raise ExtensionError("KaTeX's renderer did not start")


def copy_assets(package: Path, target: Path) -> None:
    """Copy the style sheet, reduced to woff2, and the fonts it names."""
    style = OTHER_FORMATS.sub("", (package / "katex.min.css").read_text("utf-8"))
    fonts = re.findall(r"url\((fonts/[^)]+)\)", style)
    if not fonts or any(not font.endswith(".woff2") for font in fonts):
        raise ExtensionError("katex.min.css names its fonts in a way this extension doesn't know")
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    (target / "katex.min.css").write_text(style, "utf-8")
    for font in fonts:
        shutil.copyfile(package / font, target / font)


def prepare(app: Sphinx, config: Config) -> None:
    """Put the assets where Sphinx collects static files, and tell the renderer where node is."""
    root = Path(app.confdir if (Path(app.confdir) / "package.json").is_file() else app.srcdir)
    node.ensure_packages(root)
    if (version := node.installed(root, "katex")) != katex.katex_version:
        raise ExtensionError(
            f"package.json has KaTeX {version}, sphinxcontrib-katex renders with "
            f"{katex.katex_version}: give both the same version."
        )
    static = Path(app.outdir).parent / ".downhill" / "static"
    copy_assets(root / "node_modules" / "katex" / "dist", static / "katex")
    config.html_static_path.append(str(static))
    config.katex_css_path = "katex/katex.min.css"
    config.katex_prerender = True
    katex.NODEJS_BINARY = node.command("node")
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 30.0
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True}
    katex.KaTeXServer.start_server_process = start_renderer


def space_rows(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the rows of a matrix of sums or fractions apart, which KaTeX lets touch."""
    for formula in doctree.findall(nodes.math_block):
        text = formula.astext()
        if "{matrix}" in text and re.search(r"\\(?:sum|frac)\b", text):
            formula[:] = [nodes.Text(re.sub(r"\\\\(?!\[)", r"\\\\[1ex]", text))]


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.setup_extension("sphinxcontrib.katex")
    app.connect("config-inited", prepare)
    app.connect("doctree-read", space_rows)

"""Notebooks run again when what they depend on has changed, and a failed build fails again.

jupyter-cache only compares a chapter's cells. So its folder is named by a hash of the library,
its data and the pins, and a change in any of them starts an empty one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

INPUTS = ("gdlib", "requirements.txt")
KEPT = 4  # caches of earlier states, for going back and forth between branches


def files(root: Path) -> Iterator[Path]:
    """Every file the cells of a chapter may depend on, in a fixed order."""
    for name in INPUTS:
        path = root / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".md":
                yield file


def key(root: Path) -> str:
    """A hash of the library, its data, the pins and the Python version."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in files(root):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]


def prune(caches: Path, current: str) -> None:
    """Remove all but the newest few caches."""
    folders = [path for path in caches.iterdir() if path.is_dir() and path.name != current]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in folders[KEPT:]:
        shutil.rmtree(old)


def choose(app: Sphinx, config: Config) -> None:
    """Choose the cache folder, and let the kernel import the library that was hashed."""
    root = Path(app.srcdir)
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / key(root)
    current.mkdir(parents=True, exist_ok=True)
    os.utime(current)
    prune(caches, current.name)
    config.nb_execution_cache_path = str(current)
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    sys.path.insert(0, str(root))


def forget(app: Sphinx, exception: Exception | None) -> None:
    """After a failure, drop what was read: Sphinx reports a warning once and then forgets it."""
    if exception or (app._warncount and app.keep_going):
        shutil.rmtree(app.doctreedir, ignore_errors=True)


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("config-inited", choose)
    app.connect("build-finished", forget, priority=999)

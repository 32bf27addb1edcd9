"""Chapters run side by side before Sphinx reads them, as many at once as DOWNHILL_JOBS says.

Their outputs go to jupyter-cache, where myst-nb finds them. The longest starts first, going by the
last run. A chapter that fails does not stop the others: their results are kept.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from myst_nb.sphinx_ import SphinxEnvType
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from traitlets.config import Config

logger = logging.getLogger(__name__)
STATE_TYPE = "application/vnd.jupyter.widget-state+json"
MODEL_ID = re.compile("[0-9a-f]{32}")
SECONDS = "seconds.json"  # beside the caches: how long each chapter took
# Kernels listen on TCP ports, the only transport every system has; without a key they warn.
CONNECTION = Config({"KernelManager": {"transport_encryption": "auto"}})


def jobs() -> int:
    """How many chapters run at once: what DOWNHILL_JOBS says, else one per processor."""
    asked = os.environ.get("DOWNHILL_JOBS") or str(os.cpu_count() or 1)
    if not asked.isdecimal() or int(asked) < 1:
        raise ExtensionError(f"JOBS has to be a whole number from 1, not {asked!r}.")
    return int(asked)


def numbered(notebook: NotebookNode) -> NotebookNode:
    """The notebook with its widgets' random ids replaced by numbers, in the order they were made.

    The cache sorts what it stores by these ids: random ones would shuffle the widgets of a page.
    """
    widgets = notebook.metadata.get("widgets", {}).get(STATE_TYPE, {"state": {}})
    ids = {random: f"{number:032x}" for number, random in enumerate(widgets["state"])}
    text = MODEL_ID.sub(lambda m: ids.get(m[0], m[0]), nbformat.writes(notebook))
    return nbformat.reads(text, as_version=4)


@dataclass
class Chapter:
    """A page with cells, and how far its run has got."""

    name: str
    path: Path
    notebook: NotebookNode
    seconds: float = 0.0
    error: str = ""
    _cell: int = 0

    @cached_property
    def cells(self) -> int:
        """How many cells have code."""
        return sum(cell.cell_type == "code" for cell in self.notebook.cells)

    def _begin(self, cell: NotebookNode, cell_index: int) -> None:
        self._cell += 1

    def run(self, timeout: int | None, allow_errors: bool) -> Chapter:
        """Run all cells in the folder of the page, in a kernel of its own."""
        client = NotebookClient(
            self.notebook,
            config=CONNECTION,
            timeout=timeout,
            allow_errors=allow_errors,
            resources={"metadata": {"path": str(self.path.parent)}},
            on_cell_execute=self._begin,
            record_timing=False,  # times in the cells would make it another notebook
            shutdown_kernel="immediate",  # nothing is left to wait for
        )
        start = perf_counter()
        try:
            # Processors are shared already: threads of a matrix product would only wait.
            client.execute(env={"OPENBLAS_NUM_THREADS": "1", **os.environ})
        except (CellControlSignal, DeadKernelError) as error:
            detail = error.traceback if isinstance(error, CellExecutionError) else str(error)
            self.error = f"{self.name}, cell {self._cell}: {type(error).__name__}\n{detail}"
        self.seconds = perf_counter() - start
        self.notebook = numbered(self.notebook)
        return self


def as_notebook(app: Sphinx, env: SphinxEnvType, page: str) -> NotebookNode | None:
    """A page of this edition as the notebook that is run; None if it has no cells."""
    path = Path(env.doc2path(page))
    source = [path.read_text("utf-8")]
    app.emit("source-read", page, source)
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, source[0])
    return None if reader is None else reader.read(source[0])


def to_run(
    app: Sphinx, env: SphinxEnvType, pages: Iterable[str], cache: JupyterCacheAbstract
) -> Iterator[Chapter]:
    """The pages of this edition with cells whose results are not in the cache."""
    for page in pages:
        notebook = as_notebook(app, env, page)
        if notebook is None:
            continue
        chapter = Chapter(page, Path(env.doc2path(page)), notebook)
        try:
            cache.match_cache_notebook(chapter.notebook)
        except KeyError:
            yield chapter


def finished(
    chapters: Iterable[Chapter], count: int, timeout: int | None = None, allow_errors: bool = False
) -> Iterator[Chapter]:
    """Run `count` chapters at once, starting them in order; yield each when it ends."""
    with ThreadPoolExecutor(count) as pool:
        try:
            for done in as_completed([pool.submit(c.run, timeout, allow_errors) for c in chapters]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def run(app: Sphinx, env: SphinxEnvType, pages: list[str]) -> None:
    """Run what has changed among the pages that Sphinx is about to read."""
    settings = env.mystnb_config
    if settings.execution_mode != "cache":
        return
    folder = Path(settings.execution_cache_path)
    cache = get_cache(folder)
    chapters = list(to_run(app, env, pages, cache))
    if not chapters:
        return
    times = folder.parent / SECONDS
    seconds = json.loads(times.read_text("utf-8")) if times.exists() else {}
    # What has never run may be the longest; among those, more cells take longer.
    chapters.sort(key=lambda c: (seconds.get(c.name, math.inf), c.cells), reverse=True)
    count = min(jobs(), len(chapters))
    logger.info("chapters to run: %d, at once: %d", len(chapters), count)
    limits = settings.execution_timeout, settings.execution_allow_errors
    errors = []
    for chapter in finished(chapters, count, *limits):
        outcome = "FAILED after " if chapter.error else ""
        logger.info("  %s: %s%.1f s", chapter.name, outcome, chapter.seconds)
        if chapter.error:
            errors.append(chapter.error)
            continue
        data = {"execution_seconds": chapter.seconds}
        bundle = CacheBundleIn(chapter.notebook, str(chapter.path), data=data)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        seconds[chapter.name] = round(chapter.seconds, 1)
    times.write_text(json.dumps(seconds, indent=1), "utf-8")
    if errors:
        raise ExtensionError("\n\n".join(errors))


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("env-before-read-docs", run)

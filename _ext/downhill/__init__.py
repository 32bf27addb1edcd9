"""The Sphinx extension of this book. Each module does one job and has its own `setup`."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import (
    accessible,
    answers,
    book_style,
    downloads,
    edition,
    execution_cache,
    gallery,
    katex_assets,
    lean_pages,
    repository,
    search_texts,
    side_by_side,
    source_math,
)

PARTS = (
    edition,
    katex_assets,
    execution_cache,
    side_by_side,
    repository,
    downloads,
    book_style,
    gallery,
    answers,
    accessible,
    search_texts,
    source_math,
    lean_pages,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register all parts."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

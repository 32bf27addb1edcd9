"""Which edition of the book is built: the environment variable DOWNHILL_EDITION, set by make.

There is one so far, the whole book. An edition nobody has made is an error: a build that quietly
gave the whole book instead could publish what an edition is there to leave out.
"""

from __future__ import annotations

import os

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

EDITIONS = ("",)


def setup(app: Sphinx) -> None:
    """Check the edition before anything is built."""
    edition = os.environ.get("DOWNHILL_EDITION", "")
    if edition not in EDITIONS:
        raise ExtensionError(f"There is no edition {edition!r} of this book.")

"""Which edition of the book is built: the environment variable DOWNHILL_EDITION, set by make.

The whole book has no name. `student` is the book without solutions, and without answers to check:
they are taken out of the source before anything reads it, and the source is not published.
An unknown edition is an error: a build that silently produced the whole book instead could publish
what the edition is meant to leave out.
"""

from __future__ import annotations

import os
import re

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from myst_source import read

EDITIONS = ("", "student")
WHOLE = re.compile(r"<!-- whole book -->\n.*?<!-- end -->\n", re.S)
# What `without` leaves is in a code fence or an rst block, or is not a plain directive.
LEFT = re.compile(r"(?:[`:~]{3,} *\{solution|\.\. +solution)", re.I)


def is_student() -> bool:
    """Whether this is the edition without solutions."""
    return os.environ.get("DOWNHILL_EDITION", "") == "student"


def strip_solutions(app: Sphinx, page: str, source: list[str]) -> None:
    """Take the solutions out of a page; one that cannot be taken out is an error.

    And what is said between comments of things that only the whole book has.
    """
    source[0] = read(source[0]).without("solution")
    source[0] = WHOLE.sub("", source[0])
    if "<!-- whole book -->" in source[0]:
        raise ExtensionError(f"{page}: what is for the whole book only does not end.")
    if left := LEFT.search(source[0]):
        line = source[0][: left.start()].count("\n") + 1
        raise ExtensionError(f"{page}, line {line}: a solution that is no directive of its own.")


def publish_no_source(app: Sphinx, config: Config) -> None:
    """Do not publish the files beside the pages, which are the whole chapters; nor a button."""
    config["html_copy_source"] = False
    config.html_theme_options |= {"use_download_button": False}


def setup(app: Sphinx) -> None:
    """Check the edition before anything is built."""
    edition = os.environ.get("DOWNHILL_EDITION", "")
    if edition not in EDITIONS:
        raise ExtensionError(f"There is no edition {edition!r} of this book.")
    if is_student():
        app.connect("source-read", strip_solutions)
        app.connect("config-inited", publish_no_source)

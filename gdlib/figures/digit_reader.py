"""Read my digit: the widget that trains a network in the page and reads what is drawn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from gdlib.digit_reader import DigitTask
from gdlib.live import FOR_PAGES, LiveError

__all__ = ["DigitReader", "digit_reader"]

FOLDER = Path(__file__).parent / "static"
VIEW, PAGE = FOLDER / "digit_reader.js", FOLDER / "digit_reader_page.js"
"""The view for notebooks, and the script of pages without a kernel; `make engine` bundles both."""
STYLE = Path(__file__).parent / "digit_reader.css"


def __dir__() -> list[str]:
    return __all__


class DigitReader(anywidget.AnyWidget):
    """A 64–N–10 network to train, a pad to draw on, and what the network makes of the drawing."""

    _esm = VIEW
    _css = STYLE
    spec = traitlets.Dict().tag(sync=True)

    def __repr__(self) -> str:
        return f"<DigitReader, {self.spec['learned']} digits to learn from>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget where there is a kernel; in a page, what the host starts from."""
        found = super()._repr_mimebundle_(**options)
        if found is None:
            raise LiveError("digit_reader: widgets are not available here")
        bundle, metadata = found
        bundle["text/plain"] = repr(self)
        if FOR_PAGES in os.environ:
            bundle["text/html"] = self.to_html()
        return bundle, metadata

    def to_html(self) -> str:
        """Return what a page without a kernel shows; the script in it does the rest."""
        words = "Here a network is trained and reads what you draw. It needs JavaScript."
        return (
            f"<style>{STYLE.read_text('utf-8')}</style>"
            f'<div data-live-widget="digit_reader" data-model="{self.model_id}">'
            f"<p>{words}</p></div>"
            f"<script>{PAGE.read_text('utf-8')}</script>"
        )


def digit_reader() -> DigitReader:
    """A network of 64–N–10 units, trained in the page on three quarters of the digits.

    The reader chooses the rate, N and the batch, trains it, stops it, and draws a digit, which it
    reads; beside the answer are the slopes of the loss by the pixels.
    """
    return DigitReader(spec=DigitTask().spec())

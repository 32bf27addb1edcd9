"""Read my digit: the widget that trains a network in the page and reads what is drawn."""

from __future__ import annotations

from gdlib.digit_reader import DigitTask
from gdlib.figures.page_widget import PageWidget

__all__ = ["DigitReader", "digit_reader"]


def __dir__() -> list[str]:
    return __all__


class DigitReader(PageWidget):
    """A 64–N–10 network to train, a pad to draw on, and what the network makes of the drawing."""

    NAME = "digit_reader"

    def __repr__(self) -> str:
        return f"<DigitReader, {self.spec['learned']} digits to learn from>"

    def first_frame(self) -> str:
        return "<p>Here a network is trained and reads what you draw. It needs JavaScript.</p>"


def digit_reader() -> DigitReader:
    """A network of 64–N–10 units, trained in the page on three quarters of the digits.

    The reader chooses the rate, N and the batch, trains it, stops it, and draws a digit, which it
    reads; beside the answer are the slopes of the loss by the pixels.
    """
    return DigitReader(spec=DigitTask().spec())

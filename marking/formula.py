"""Reads what a student wrote as a number or a formula, as the page's answer boxes do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy

from gdlib.live import evaluate as computed
from gdlib.spelling import SpellingError, read


def evaluate(text: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """A formula's value where its letters have these values.

    ValueError says what could not be read. Nothing is run: `gdlib.spelling` takes the text apart.
    """
    formula = read(text, list(values))
    letters = {sympy.Symbol(name, real=True): value for name, value in values.items()}
    if strangers := sorted(str(s) for s in formula.free_symbols - set(letters)):
        raise SpellingError(f"{strangers[0]} is not known here: the answer is a number")
    (found,) = computed([formula], letters)
    return found

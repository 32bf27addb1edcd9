"""The sliders of the book's figures: what they show is what the figure computes with."""

from __future__ import annotations

import re
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest

from gdlib.live import Live, Slot, leaves
from tests.chapters import PAGES, figures, name

pages = pytest.mark.parametrize("path", PAGES, ids=name)
SLIDERS = (widgets.FloatSlider, widgets.FloatLogSlider)


def positions(slider: widgets.Widget) -> list[float]:
    """The values that a slider can take."""
    steps = round((slider.max - slider.min) / slider.step)
    linear = [slider.min + i * slider.step for i in range(steps)] + [slider.max]
    log = isinstance(slider, widgets.FloatLogSlider)
    return [float(f"{slider.base**v if log else v:.12g}") for v in linear]


def sliders(figure: Live) -> list[tuple]:
    """A figure's sliders of numbers, each with its symbol."""
    return [
        (symbol, leaf)
        for symbol, control in figure.controls.items()
        for leaf in leaves(control)
        if isinstance(leaf, SLIDERS)
    ]


@pages
def test_every_position_of_a_slider_has_a_label_of_its_own(path: Path) -> None:
    for symbol, slider in (pair for figure in figures(path) for pair in sliders(figure)):
        labels = [format(v, slider.readout_format) for v in positions(slider)]
        assert len(set(labels)) == len(labels), f"{symbol}: {slider.readout_format}"


@pages
def test_a_linear_slider_shows_the_value_itself_and_starts_on_a_position(path: Path) -> None:
    for symbol, slider in (pair for figure in figures(path) for pair in sliders(figure)):
        if isinstance(slider, widgets.FloatLogSlider):
            continue
        for value in positions(slider):
            shown = float(format(value, slider.readout_format))
            assert shown == pytest.approx(value, abs=1e-9), f"{symbol}: {value}"
        assert np.isclose(positions(slider), slider.value, atol=1e-9).any(), f"{symbol} starts off"


@pages
def test_formulas_show_the_value_that_the_slider_shows(path: Path) -> None:
    said = ((dict(sliders(f)), s) for f in figures(path) for r in f._readouts for s in r.sentences)
    for shown, sentence in said:
        slots = [piece for piece in sentence.template if isinstance(piece, Slot)]
        for slot, expression in zip(slots, sentence.expressions, strict=True):
            slider = shown.get(expression)
            if slider is None or slot.type != "f":
                continue
            decimals = int(re.search(r"\d+", slider.readout_format)[0])
            if isinstance(slider, widgets.FloatSlider):
                assert slot.digits >= decimals, f"{expression}: {slot} against {decimals} decimals"

"""Live figures: Matplotlib draws, the browser moves. Nothing here knows about gradient descent."""

from gdlib.live.controls import (
    Button,
    Checkbox,
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntProgress,
    IntSlider,
    Play,
    VBox,
)
from gdlib.live.expressions import iterate, mean
from gdlib.live.figure import Live

__all__ = [
    "Button",
    "Checkbox",
    "Dropdown",
    "FloatLogSlider",
    "FloatSlider",
    "HBox",
    "IntProgress",
    "IntSlider",
    "Live",
    "Play",
    "VBox",
    "iterate",
    "mean",
]

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
from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.expressions import Iterated, iterate, mean
from gdlib.live.figure import Live
from gdlib.live.functions import differentiate, inlined, opaque
from gdlib.live.numeric import evaluate
from gdlib.live.theme import PALETTE, STYLE

__all__ = [
    "PALETTE",
    "STYLE",
    "Button",
    "Checkbox",
    "Dropdown",
    "FloatLogSlider",
    "FloatSlider",
    "HBox",
    "IntProgress",
    "IntSlider",
    "Iterated",
    "Live",
    "LiveError",
    "LiveTypeError",
    "Play",
    "VBox",
    "differentiate",
    "evaluate",
    "inlined",
    "iterate",
    "mean",
    "opaque",
]

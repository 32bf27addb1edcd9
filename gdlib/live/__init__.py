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
    leaves,
)
from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.expressions import Iterated, StateAt, iterate, mean
from gdlib.live.figure import Live
from gdlib.live.functions import differentiate, inlined, opaque
from gdlib.live.numeric import evaluate
from gdlib.live.readout import Slot, depends_on_iteration
from gdlib.live.theme import DARK, PALETTE, STYLE

__all__ = [
    "Button",
    "Checkbox",
    "DARK",
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
    "PALETTE",
    "Play",
    "STYLE",
    "Slot",
    "StateAt",
    "VBox",
    "depends_on_iteration",
    "differentiate",
    "evaluate",
    "inlined",
    "iterate",
    "leaves",
    "mean",
    "opaque",
]

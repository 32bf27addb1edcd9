"""Live figures: Matplotlib draws, the browser moves. Nothing here knows about gradient descent."""

from gdlib.live.artists import ARTISTS
from gdlib.live.controls import (
    CHOICES,
    VALUE_CONTROLS,
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
    snapped,
)
from gdlib.live.errors import LiveError, LiveTypeError
from gdlib.live.expressions import Iterated, StateAt, iterate, mean, put
from gdlib.live.figure import Live
from gdlib.live.first_frame import still
from gdlib.live.formula import typeset
from gdlib.live.functions import (
    differentiate,
    either,
    inlined,
    opaque,
    quantile,
    typed_minimum,
)
from gdlib.live.generator import normals
from gdlib.live.handles import pointer
from gdlib.live.javascript import Program, pack
from gdlib.live.matrices import MatrixProgram
from gdlib.live.matrix_states import (
    Batches,
    Entrywise,
    MatrixIterated,
    MatrixRows,
    Mesh,
    Normals,
)
from gdlib.live.numeric import evaluate, in_numpy
from gdlib.live.page import BUNDLES, FOR_PAGES, HOST, STATE_TYPE, TYPED, WIDGET, lean_state
from gdlib.live.printing import FUNCTIONS, supported
from gdlib.live.readout import Slot, depends_on_iteration, number
from gdlib.live.theme import DARK, PALETTE, STYLE, STYLESHEET, with_colours
from gdlib.live.typed import Drawn, Redrawn, TypedLoss

__all__ = [
    "ARTISTS",
    "BUNDLES",
    "Batches",
    "Button",
    "CHOICES",
    "Checkbox",
    "DARK",
    "Drawn",
    "Dropdown",
    "Entrywise",
    "FOR_PAGES",
    "FUNCTIONS",
    "FloatLogSlider",
    "FloatSlider",
    "HBox",
    "HOST",
    "IntProgress",
    "IntSlider",
    "Iterated",
    "Live",
    "LiveError",
    "LiveTypeError",
    "MatrixIterated",
    "MatrixProgram",
    "MatrixRows",
    "Mesh",
    "Normals",
    "PALETTE",
    "Play",
    "Program",
    "Redrawn",
    "STATE_TYPE",
    "STYLE",
    "STYLESHEET",
    "Slot",
    "StateAt",
    "TYPED",
    "TypedLoss",
    "VALUE_CONTROLS",
    "VBox",
    "WIDGET",
    "depends_on_iteration",
    "differentiate",
    "either",
    "evaluate",
    "in_numpy",
    "inlined",
    "iterate",
    "lean_state",
    "leaves",
    "mean",
    "normals",
    "number",
    "opaque",
    "pack",
    "pointer",
    "quantile",
    "snapped",
    "put",
    "still",
    "supported",
    "typed_minimum",
    "typeset",
    "with_colours",
]

"""The playground: a network of any shape, its data and its training, in the reader's hands."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdlib.figures import canvas
from gdlib.figures.page_widget import PageWidget
from gdlib.live import STYLE, still, typeset
from gdlib.playground import (
    ACTIVATION_NAMES,
    CLASSES,
    FIRST_STREAM,
    HIDDEN,
    REACH,
    SAMPLES,
    SETTINGS,
    SIDE,
    UNITS,
    Playground,
    Range,
    checked,
    penguins,
    program,
)
from gdlib.symbolic import three_gradients

__all__ = ["PlaygroundView", "playground"]


def __dir__() -> list[str]:
    return __all__


class PlaygroundView(PageWidget):
    """The settings of a playground, its network, and the plane."""

    NAME = "playground"

    def __repr__(self) -> str:
        begin = self.spec["begin"]
        return f"<PlaygroundView, {begin['data']}, hidden layers {begin['layers'] or 'none'}>"

    def first_frame(self) -> str:
        """The plane before the first step, as a picture."""
        ours = Playground(**self.spec["begin"])
        with canvas.mpl.rc_context(STYLE):
            fig, ax = canvas.panels(1)
            for k, (colour, marker) in enumerate(canvas.CLASSES[: ours.classes]):
                rows = ours.X[ours.y == k]
                ax.plot(*rows.T, marker, color=canvas.PALETTE[colour], ms=4, label=f"class {k + 1}")
            ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="$x_1$", ylabel="$x_2$")
            picture = still(fig, "playground")
        canvas.plt.close(fig)
        loss = f": loss {ours.loss():.4f}" if ours.learned else ""
        words = (
            f"The samples of the playground, and an untrained network{loss}. "
            "To train it, open this page with JavaScript."
        )
        return f'<div class="live">{picture}<p class="live-readout">{words}</p></div>'


def playground(**settings: Any) -> PlaygroundView:
    """A network of 0 to 4 hidden layers and up to 5 classes, trained in the page.

    The reader chooses data, layers, activations, first weights, optimizer and rate; trains, step by
    step, and takes steps back; sees each unit's picture of the plane, one sample's way forward and
    back with the numbers in the formulas, and moves weights by hand. The settings are those of
    `gdlib.playground.SETTINGS`; `LiveError` names one that is not, or is out of range.
    """
    return PlaygroundView(spec=spec_of(**settings))


def spec_of(**settings: Any) -> dict[str, Any]:
    """What a page is sent: the program, the table of penguins, and all that can be set."""
    X, species = penguins()
    return {
        "program": program(),
        "penguins": np.column_stack([X, species]).tolist(),
        "stream": FIRST_STREAM,
        "side": SIDE,
        "reach": REACH,
        "most": {
            "units": UNITS,
            "hidden": HIDDEN,
            "samples": SAMPLES,
            "classes": CLASSES,
            "place": round(100 * REACH),
        },
        "activations": list(ACTIVATION_NAMES),
        "settings": [_described(name) for name in SETTINGS],
        "begin": checked(settings),
        "formulas": _formulas(),
        "looks": [list(look) for look in canvas.CLASSES],
    }


def _described(name: str) -> dict[str, Any]:
    """A setting as the page is sent it."""
    label, value, allowed = SETTINGS[name]
    kind = "text" if allowed is None else "range" if isinstance(allowed, Range) else "choice"
    found = {"name": name, "label": label, "kind": kind, "value": value}
    if isinstance(allowed, Range):
        return found | {"range": list(allowed)}
    return found | ({"options": dict(allowed)} if allowed else {})


def _formulas() -> dict[str, list[str]]:
    """The formulas of each stage, typeset: those of chapter 5, from the same functions."""
    made = [f"{name} = {line}" for name, line in three_gradients().items()]
    forward, output, hidden, *last = ("".join(map(str, typeset(tex, [])[1])) for tex in made)
    return {"forward": [forward], "output": [output], "hidden": [hidden], "weights": last}

"""The figure of the appendix on initialisation: a deep network with random weights."""

from collections.abc import Sequence
from typing import Annotated

import sympy as sp
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gdlib.deep_signal import DeepSignal
from gdlib.figures import canvas, furniture
from gdlib.figures.canvas import BLUE, GREY, ORANGE
from gdlib.figures.door import figure
from gdlib.figures.kinds import number, whole
from gdlib.live import FloatLogSlider, IntSlider, Live
from gdlib.symbolic import ACTIVATIONS, Expr

__all__ = ["depth"]


def __dir__() -> list[str]:
    return __all__


_gain, _which, _seed = sp.symbols("gain activation seed", real=True)
_KEPT = {"tanh": 1, "relu": 2}
"""The gain, n times the variance of a weight, that keeps the size of what goes forward."""


def _chosen(a: Expr) -> Expr:
    """The activation that is chosen."""
    return furniture.choose(_which, [ACTIVATIONS[name](a) for name in _KEPT])


def _draw_sizes(
    live: Live, ax: Axes, name: str, look: tuple[str, str], sizes: Sequence[sp.Expr]
) -> None:
    """Draw a size for each layer, and read it at both ends, in the order that the signal goes."""
    places = range(1, len(sizes) + 1)
    live.bind(drawn := canvas.line(ax, *look, ms=5), x=tuple(places), y=tuple(sizes))
    (first, here), (last, there) = (
        (end, (sizes[end - 1], drawn)) for end in (places[0], places[-1])
    )
    if name == "backward":
        first, here, last, there = last, there, first, here
    live.readout(f"{name}: {{:.3g}} at layer {first}, {{:.3g}} at layer {last}", here, there)


@figure
def depth(
    *,
    layers: Annotated[int, whole(2, 40), "how many layers"] = 20,
    width: Annotated[int, whole(2, 64), "how many units each layer has"] = 32,
    rows: Annotated[int, whole(1, 64), "how many random samples go through"] = 24,
    gain: Annotated[float, number(0.1, 10), "the width times the variance of a weight"] = 0.5,
) -> Live:
    """A deep network with random weights: how large what goes forward and comes back is, by layer.

    Weights are normal with the variance gain / width, biases are 0, the inputs have the variance 1.
    """
    signal = DeepSignal(_chosen, layers, width, rows, _gain, _seed)
    fig, ax = canvas.panels()
    ax.axhline(1, color=GREY, lw=1)
    ax.set(xlim=(0.5, layers + 0.5), ylim=(1e-6, 1e6), yscale="log", xlabel="layer", ylabel="size")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    canvas.legend_above(
        ax, ("forward: a", BLUE, "-", "o"), ("backward: ∂L/∂h", ORANGE, "--", "^"),
        ("kept", GREY, "-"),
    )  # fmt: skip
    live = Live(
        fig,
        {
            _gain: FloatLogSlider(min=-1, max=1, value=gain, step=0.01, description="n · Var(w)"),
            _which: furniture.dropdown(_KEPT, 0, "activation"),
            _seed: IntSlider(min=0, max=9, value=0, description="seed"),
        },
        alt=f"Against the layer, from 1 to {layers}, on a logarithmic axis: the root mean square "
        "of the pre-activations on the way forward (discs), and of the gradient with respect to "
        "what each layer sends on the way back (triangles), about 1 at the last layer. For a "
        "small variance of the weights both fall by a constant factor a layer, forward to the "
        "right and backward to the left; for a large one they rise, unless tanh saturates.",
    )
    for name, colour, style, sizes in (
        ("forward", BLUE, "o-", signal.forward), ("backward", ORANGE, "^--", signal.backward),
    ):  # fmt: skip
        _draw_sizes(live, ax, name, (colour, style), [sp.sqrt(s) for s in sizes])
    kept = furniture.choose(_which, [*_KEPT.values()])
    predicted = sp.sqrt(_gain / kept) ** (layers - 1)
    live.readout(
        "a factor of {:.3f} a layer would be {:.3g} over all", sp.sqrt(_gain / kept), predicted
    )
    return live

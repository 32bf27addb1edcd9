"""The figure of the appendix on overfitting: three losses that part, decay, and early stopping."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from gdlib import symbolic
from gdlib.figures import canvas, furniture
from gdlib.figures.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, Style
from gdlib.figures.door import figure, refused
from gdlib.figures.kinds import Numbers, Rate, Seed, Steps, whole
from gdlib.live import Dropdown, Iterated, Live
from gdlib.symbolic import Expr, SymbolicNetwork, beta, eta
from gdlib.symbolic_training import HeldOut, forward, recorded_loss, training_path, wide_start

__all__ = ["fit"]


def __dir__() -> list[str]:
    return __all__


_t, _decay, _place = sp.symbols("t decay place", real=True)
_BETA = sp.Float(0.9)
_DECAYS = [("none", 0.0), *((f"{v:g}", v) for v in (0.001, 0.003, 0.01, 0.03))]
_LOOKS = {
    "training": (BLUE, "-", "o"),
    "validation": (ORANGE, "--", "^"),
    "test": (PURPLE, ":", "s"),
}
Rows = Annotated[Numbers, "two columns, x and y, a row for each sample"]


def _two_columns(**data: Any) -> dict[str, np.ndarray]:
    """The data by name, each with two columns."""
    for name, rows in data.items():
        if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):
            raise refused(name, rows, "two columns, x and y, and at least one row")
    return data


def _draw_curve(
    live: Live, ax: Axes, network: SymbolicNetwork, weights: dict[Expr, Expr], look: tuple[str, str]
) -> None:
    """Draw what the network with these weights predicts over the axis."""
    grid = np.linspace(*ax.get_xlim(), 81)
    made = forward(network, weights, grid[:, None])
    x = grid[0] + (grid[-1] - grid[0]) * _place / 80
    y = made.rows.entry(made.here.prediction, 0, _place)
    live.bind(canvas.line(ax, *look, lw=2), over={_place: np.arange(81)}, x=x, y=y)


def _axes(data: dict[str, np.ndarray], steps: int) -> tuple[Any, Axes, Axes]:
    """Axes with the training and validation data, and axes of the losses."""
    fig, (plane, fall) = canvas.panels(2)
    for name in ("training", "validation"):
        colour, _, marker = _LOOKS[name]
        style: Style = {"ls": "", "marker": marker, "color": colour, "ms": 6}
        plane.plot(*data[name].T, **style)
    every = np.concatenate([*data.values()])
    plane.set(xlim=_ends(every[:, 0]), xlabel="x")
    plane.set(ylim=_ends(every[:, 1]), ylabel="prediction")
    spread = float(np.var(every[:, 1])) or 1.0  # the loss of the mean, which knows nothing of x
    low, high = 0.02 * spread, 6 * spread
    canvas.against_steps(fall, steps, low, high, title="loss", xlabel="step t")
    canvas.legend_above(plane, *((name, *look) for name, look in _LOOKS.items()))
    return fig, plane, fall


def _ends(column: np.ndarray) -> tuple[float, float]:
    low, high = float(column.min()), float(column.max())
    room = 0.08 * max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9)
    return low - room, high + room


@figure
def fit(
    training: Rows,
    validation: Rows,
    test: Rows,
    *,
    hidden: Annotated[int, whole(1, 24), "how many hidden units"] = 12,
    steps: Steps = 400,
    eta_start: Rate = 0.05,
    seed: Seed = 0,
) -> Live:
    """A network of one hidden tanh layer that fits a few noisy points, by momentum with β = 0.9.

    Its loss on training, validation and test data; weight decay; and the step at which the loss on
    the validation data was lowest, where early stopping would have stopped.
    """
    data = _two_columns(training=training, validation=validation, test=test)
    network = symbolic.network((1, hidden, 1), hidden="tanh", output="linear")
    (x,), (y,) = network.inputs, network.labels
    columns = {name: dict(zip((x, y), rows.T, strict=True)) for name, rows in data.items()}
    held_out = [HeldOut(name, columns[name]) for name in ("validation", "test")]
    path = training_path(
        network, columns["training"], steps, wide_start(network, seed), "momentum",
        {beta: _BETA}, decay=_decay, held_out=held_out,
    )  # fmt: skip
    fig, plane, fall = _axes(data, steps)
    live = Live(
        fig,
        {
            eta: furniture.rate(eta_start, -2.5, -0.5, step=0.05),
            _decay: Dropdown(options=_DECAYS, value=0.0, description="decay"),
            _t: furniture.play_row(steps, steps),
        },
        alt="First: a few noisy training points (discs) and validation points (triangles), the "
        "network's curve after t steps (solid), and its curve where the validation loss was lowest "
        "(dashed). Second: the loss on training, validation and test data along the steps, on a "
        "logarithmic axis. That on training data goes on falling, the two others turn and rise; a "
        "vertical line marks where the validation loss was lowest.",
    )
    stopped = _draw_fit(live, (plane, fall), network, path, held_out[0])
    losses = {"training": recorded_loss, **{h.name: h.loss for h in held_out}}
    marks = [_loss_along(live, fall, path, name, loss) for name, loss in losses.items()]
    _read_fit(live, path, losses, held_out[0], (*marks, stopped))
    return live


def _draw_fit(
    live: Live, axes: tuple[Axes, Axes], network: SymbolicNetwork, path: Iterated, judge: HeldOut
) -> Any:
    """Draw the network's curve now and where it should have stopped; return that step's mark."""
    stop = path.last(judge.best)
    for step, look in ((stop, (GREY, "--")), (_t, (GREEN, "-"))):
        weights = {s: path.at(step, s) for s in network.parameters}
        _draw_curve(live, axes[0], network, weights, look)
    live.bind(upright := canvas.line(axes[1], GREY, lw=1.2), x=(stop, stop), y=axes[1].get_ylim())
    return upright


def _loss_along(live: Live, fall: Axes, path: Iterated, name: str, loss: Expr) -> Any:
    """Draw a loss along the steps; return its mark at step t."""
    style: Style = {"lw": 1.8, "hold": name == "training", "late": 1}
    return furniture.along_steps(live, fall, path, loss, _t, _LOOKS[name], **style)


def _read_fit(
    live: Live, path: Iterated, losses: dict[str, Expr], judge: HeldOut, drawn: Sequence[Any]
) -> None:
    *marks, stopped = drawn
    now = [(path.at(_t + 1, loss), m) for loss, m in zip(losses.values(), marks, strict=True)]
    named = ", ".join(f"{name} {{:.3f}}" for name in losses)
    live.readout(f"step {{:d}}: loss on {named}", _t, *now)
    stop = path.last(judge.best)
    live.readout(
        f"lowest on validation data at step {{:d}}: {named}",
        (stop, stopped), *(path.at(stop + 1, loss) for loss in losses.values()),
    )  # fmt: skip

"""How long a figure takes to be made: with odd input, with every loss of the tests, with networks.

`python -m benchmarks.figures` prints the slowest, and fails where one misses its budget.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import matplotlib as mpl
import numpy as np

from gdlib.data import load_penguins
from gdlib.figures import efficient_backprop
from gdlib.live import LiveError
from gdlib.symbolic import network
from tests.odd_input import calls

SECONDS = 5.0
"""At most, from the call to the figure; for the deep networks with their program and picture."""


def seconds(call: Callable[[], Any]) -> float:
    """From the call to a figure, or to the sentence."""
    start = time.perf_counter()
    with suppress(LiveError):
        call()
    return time.perf_counter() - start


def main() -> int:
    """The number of figures that take too long."""
    mpl.use("agg")
    penguins = load_penguins()
    X = np.stack([penguins.bill_length_mm, penguins.flipper_length_mm], axis=1)
    deep: dict[str, Callable[[], Any]] = {
        f"training of 2–8–8–3, {hidden}": lambda hidden=hidden: efficient_backprop.training(
            network((2, 8, 8, 3), hidden=hidden), X, penguins.species
        ).build()
        for hidden in ("tanh", "relu")
    }
    taken = {name: seconds(call) for name, call in [*calls(), *deep.items()]}
    usual = float(np.median(list(taken.values())))
    print(f"{len(taken)} calls, median {usual:.2f} s")
    slowest = sorted(taken, key=lambda name: -taken[name])[:10]
    for name in [*slowest, *(name for name in deep if name not in slowest)]:
        late = "  MISSED" if taken[name] > SECONDS else ""
        print(f"{taken[name]:6.2f} s  {taken[name] / usual:6.1f} of the median  {name[:80]}{late}")
    return sum(t > SECONDS for t in taken.values())


if __name__ == "__main__":
    sys.exit(main())

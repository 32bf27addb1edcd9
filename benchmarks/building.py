"""The book's chapters run one after the other and side by side, and the time of the quick tests.

Both ways take turns, each goes first once, and each run has fresh notebooks and kernels.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from time import perf_counter

from myst_nb.core.read import myst_nb_reader_plugin

sys.path.insert(0, "_ext")

from downhill.side_by_side import Chapter, finished
from tests.chapters import NOTEBOOKS, ROOT, name

RATIO = 0.6  # at most, on two processors
QUICK = 120  # seconds at most
AT_ONCE = os.cpu_count() or 1
ROUNDS = (1, AT_ONCE), (AT_ONCE, 1)


def chapters(seconds: dict[str, float]) -> list[Chapter]:
    """All chapters, not yet run, the longest first."""
    fresh = [Chapter(name(path), path, myst_nb_reader_plugin(str(path))) for path in NOTEBOOKS]
    return sorted(fresh, key=lambda c: seconds.get(c.name, c.cells), reverse=True)


def main() -> int:
    """How many budgets were missed."""
    seconds: dict[str, float] = {}
    times: dict[int, list[float]] = {1: [], AT_ONCE: []}
    for round_ in ROUNDS:
        for count in round_:
            waiting = chapters(seconds)
            start = perf_counter()
            for chapter in finished(waiting, count):
                if chapter.error:
                    raise RuntimeError(chapter.error)
                seconds[chapter.name] = chapter.seconds
            times[count].append(perf_counter() - start)
    serial, parallel = median(times[1]), median(times[AT_ONCE])
    ratio = parallel / serial
    print(f"{len(NOTEBOOKS)} chapters: {serial:.1f} s one after the other", end=", ")
    print(f"{parallel:.1f} s {AT_ONCE} at once, ratio {ratio:.2f} (≤ {RATIO})")
    start = perf_counter()
    subprocess.run(["make", "quick"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    quick = perf_counter() - start
    print(f"make quick: {quick:.0f} s (≤ {QUICK})")
    return (ratio > RATIO) + (quick > QUICK)


if __name__ == "__main__":
    sys.exit(main())

"""A loss that is typed, in a real browser: a key to the redrawn figure, and a slider afterwards.

`python -m benchmarks.typed` prints what it measured, beside a slider of the author's own loss, and
fails where it misses its budget.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.live import MOVE, MOVES
from tests.browser import ARGUMENTS, chromium_path
from tests.typed_losses import FIGURES

KEY, MOVED = 50, 16
"""Milliseconds at most, at the 95th percentile: a key, and a slider of a typed loss."""

# The work of a key: the event, what it sets off, the frame that it asked for, and the layout.
TYPED = """async (texts) => {
  const input = document.querySelector(".live-loss input"), frame = window.requestAnimationFrame;
  input.dispatchEvent(new Event("focus"));
  const times = [];
  for (const text of texts) {
    let asked = null;
    window.requestAnimationFrame = (f) => { asked = f; return 1; };
    const start = performance.now();
    input.value = text;
    input.dispatchEvent(new Event("input"));
    for (let i = 0; i < 9; i++) await null;
    if (asked) asked(performance.now());
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    window.requestAnimationFrame = frame;
  }
  return times;
}"""


def main() -> int:
    """The number of budgets that were missed."""
    missed = 0
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for name, (make, losses) in FIGURES.items():
            page = browser.new_page()
            page.goto(make().save(Path(folder) / f"{name}.html").as_uri())
            page.wait_for_selector("html[data-live=ready]")
            own = np.percentile(page.evaluate(MOVE, MOVES), 95)
            keys = np.percentile(page.evaluate(TYPED, losses * 4), 95)
            page.evaluate(TYPED, losses[:1])
            moved = np.percentile(page.evaluate(MOVE, MOVES), 95)
            print(
                f"{name:12} a key {keys:5.1f} ms (≤ {KEY}); "
                f"a slider {moved:4.1f} ms (≤ {MOVED}), {moved / own:.1f} times the author's own"
            )
            missed += (keys > KEY) + (moved > MOVED)
            page.close()
        browser.close()
    return missed


if __name__ == "__main__":
    sys.exit(main())

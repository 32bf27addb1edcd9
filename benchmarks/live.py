"""A moved slider in a real browser, beside a Matplotlib redraw of the same figure in Python.

`python -m benchmarks.live` prints what it measured, and fails where it misses its budget.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.backends.backend_agg import FigureCanvasAgg
from playwright.sync_api import sync_playwright

from gdlib.live import FloatSlider, Live, iterate
from tests.browser import ARGUMENTS, chromium_path
from tests.live_page import html

MOVED, THROTTLED, IMPORTED = 4, 16, 1500
"""Milliseconds at most: a slider's 95th percentile, the same at a quarter of the speed, import."""
MOVES, REDRAWS, IMPORTS = 300, 40, 3

# The work of a move: the event, the animation frames that it asked for, and the layout.
MOVE = """async (moves) => {
  const input = document.querySelector("input[type=range]"), frame = window.requestAnimationFrame;
  let spent = 0;
  const timed = (work) => {
    const start = performance.now();
    work();
    spent += performance.now() - start;
  };
  window.requestAnimationFrame = (f) => frame((now) => timed(() => f(now)));
  const times = [];
  for (let i = 0; i < moves; i++) {
    spent = 0;
    input.value = (i * 37) % input.max;
    timed(() => input.dispatchEvent(new Event("input", { bubbles: true })));
    await new Promise((done) => frame(done));
    timed(() => document.body.getBoundingClientRect());
    times.push(spent);
  }
  window.requestAnimationFrame = frame;
  return times;
}"""


def figure() -> Live:
    """A loss, its tangent, and the path of gradient descent over it."""
    w, eta, x = sp.symbols("w eta x", real=True)
    loss = (w - 3) ** 2 / 2 + 1 + sp.exp(-(w**2))
    ws = np.linspace(-1, 7, 200)
    fig, ax = plt.subplots(figsize=(5.2, 3.4))
    ax.plot(ws, sp.lambdify(w, loss)(ws))
    (tangent,), (dot,), (trail,) = ax.plot([], []), ax.plot([], [], "o"), ax.plot([], [], ".-")
    controls = {
        w: FloatSlider(min=-1, max=7, value=6),
        eta: FloatSlider(min=0, max=2.2, value=0.1),
    }
    live = Live(fig, controls, alt="A loss, its tangent, and the path of gradient descent")
    slope = sp.diff(loss, w)
    descent = iterate({w: w - eta * slope}, steps=25)
    live.bind(tangent, over={x: ws}, x=x, y=loss + slope * (x - w))
    live.bind(dot, x=w, y=loss).bind(trail, x=descent[w], y=descent[loss])
    return live.readout("L(w) = {:.3f}, slope {:+.3f}", loss, slope)


def in_the_browser(live: Live) -> dict[str, np.ndarray]:
    """Milliseconds of every move, at full speed and at a quarter of it."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "live.html"
        file.write_text(html(live), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(file.as_uri())
        times = {"at full speed": np.array(page.evaluate(MOVE, MOVES))}
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        times["at a quarter of it"] = np.array(page.evaluate(MOVE, MOVES))
        browser.close()
    return times


def in_python(live: Live) -> float:
    """The median time, in milliseconds, that Python takes to compute and draw the figure."""
    (w, *_), times = live.symbols, []
    canvas = FigureCanvasAgg(live.fig)
    for value in np.linspace(-1, 7, REDRAWS):
        start = time.perf_counter()
        for binding, values in zip(live._bindings, live.evaluate({w: value}), strict=False):
            binding.artist.draw(values)
        canvas.draw()
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


def import_time() -> float:
    """The fastest of a few fresh imports, in milliseconds: the first one reads from the disk."""
    times = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import gdlib.live"], check=True)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def main() -> int:
    """The number of budgets that were missed."""
    live, missed = figure(), 0
    medians = {}
    for (speed, times), budget in zip(
        in_the_browser(live).items(), (MOVED, THROTTLED), strict=True
    ):
        medians[speed], p95 = np.median(times), np.percentile(times, 95)
        print(f"a slider {speed}: median {medians[speed]:.2f} ms, p95 {p95:.2f} ms (≤ {budget})")
        missed += p95 > budget
    redraw = in_python(live)
    print(
        f"Matplotlib redraws it in {redraw:.1f} ms: {redraw / medians['at full speed']:.0f} times"
    )
    imported = import_time()
    print(f"import gdlib.live: {imported:.0f} ms (≤ {IMPORTED})")
    return missed + (imported > IMPORTED)


if __name__ == "__main__":
    sys.exit(main())

"""The playground in a real browser: one step with all that is drawn, and the longest freeze.

`python -m benchmarks.playground` opens the built page with a network of 2–8–8–3 and 200 samples. It
takes steps, draws after each, and waits until the browser has laid it out and painted it; beside
each stands one step of gdlib's network on the same samples. Then it trains at the fastest pace and
moves a control, and looks for the longest time in which the page answered nobody. It fails where
one misses its budget.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks._freeze import longest
from gdlib.playground import Playground
from tests.browser import ARGUMENTS, chromium_path

STEP_AT_MOST, FREEZE_AT_MOST, STEPS = 8.0, 50.0, 300
PAGE = Path(__file__).parent.parent / "_build/html/chapters/appendix/playground.html"
SETTINGS = {"data": "spirals", "classes": 3, "n": 200, "layers": "8.tanh_8.tanh", "eta": 0.1}
SHOWN = ("values", "forward", "weights")

STEPS_OF = """async ([steps, stage]) => {
  const { playground } = document.querySelector(".playground"), found = [];
  playground.look(stage);
  for (let k = 0; k < steps; k++) {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    playground.training.step();
    playground.show();
    document.body.offsetHeight;  // the layout too
    found.push(performance.now() - start);
  }
  return found;
}"""
FREEZE = longest("""
  const { playground } = document.querySelector(".playground");
  playground.layout.pace.value = "25";
  playground.train();
  await new Promise((done) => setTimeout(done, 3000));
  playground.pause();
  for (let k = 0; k <= 20; k++) {
    playground.settings.set("noise", k / 20);
    await new Promise(requestAnimationFrame);
  }
""")


def main() -> int:
    if not PAGE.is_file():
        raise SystemExit("the book is not built: run `make book`")
    ours = Playground(**SETTINGS)
    ours.step()
    began = time.perf_counter()
    ours.step(STEPS)
    theirs = 1000 * (time.perf_counter() - began) / STEPS
    query = "&".join(f"{name}={value}" for name, value in SETTINGS.items())
    missed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for width in (1280, 375):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto(f"{PAGE.as_uri()}#playground?{query}")
            page.wait_for_selector("html[data-live=ready]")
            for stage in SHOWN:
                times = page.evaluate(STEPS_OF, [STEPS, stage])
                middle, late = np.quantile(times, [0.5, 0.95])
                missed += late > STEP_AT_MOST
                print(
                    f"{width} px, {stage}: a step with its picture {middle:.1f} ms, "
                    f"p95 {late:.1f} (at most {STEP_AT_MOST:g}); {middle / theirs:.1f} times "
                    "a step of gdlib without one"
                )
            freeze, _ = page.evaluate(FREEZE)
            missed += freeze > FREEZE_AT_MOST
            print(f"{width} px: the longest freeze {freeze:.0f} ms (at most {FREEZE_AT_MOST:g})")
            page.close()
        browser.close()
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())

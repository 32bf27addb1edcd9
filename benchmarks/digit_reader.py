"""The network that reads digits, trained in a real browser: seconds, and the longest freeze.

`python -m benchmarks.digit_reader` opens the built page, trains 64–48–10 with batches of 32 for 20
rounds, and trains gdlib's network on the same batches in turn. It prints both and their ratio, and
fails where one misses its budget.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from benchmarks._freeze import longest
from gdlib.digit_reader import DigitTask
from tests.browser import ARGUMENTS, chromium_path

SECONDS_AT_MOST, FREEZE_AT_MOST, RIGHT_AT_LEAST, ROUNDS = 8.0, 50.0, 0.95, 3
PAGE = Path(__file__).parent.parent / "_build/html/chapters/appendix/digit_reader.html"

TRAIN = longest("""
  const start = performance.now(), { reader } = document.querySelector(".digit-reader");
  reader.button.click();
  while (reader.learner.state === "training") await new Promise((done) => setTimeout(done));
  const { right, others } = reader.learner.evaluate();
  return [(performance.now() - start) / 1000, right / others];
""")


def main() -> int:
    if not PAGE.is_file():
        raise SystemExit("the book is not built: run `make book`")
    task = DigitTask()
    theirs, ours = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(PAGE.as_uri())
        page.locator(".digit-pad").wait_for()
        for _ in range(ROUNDS):
            freeze, (seconds, right) = page.evaluate(TRAIN)
            ours.append((seconds, freeze, right))
            began = time.perf_counter()
            list(task.train(task.network()))
            theirs.append(time.perf_counter() - began)
        browser.close()
    seconds, freeze = (median(values) for values in list(zip(*ours, strict=True))[:2])
    right, first = ours[0][2], ours[0][0]
    print(f"in the browser {seconds:.2f} s (the first time {first:.2f}, at most {SECONDS_AT_MOST})")
    print(f"gdlib {median(theirs):.2f} s; ratio {seconds / median(theirs):.2f}")
    print(f"longest freeze {freeze:.0f} ms (at most {FREEZE_AT_MOST:.0f}); {right:.1%} right")
    missed = first > SECONDS_AT_MOST or freeze > FREEZE_AT_MOST or right < RIGHT_AT_LEAST
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

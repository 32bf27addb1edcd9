"""`make audit`: Lighthouse's mobile test of every page, served compressed from this machine.

    python -m benchmarks.audit                          all pages
    python -m benchmarks.audit chapters/02_slope.html   one

Fails where a page is outside its limits. The scores are those of a simulated slow phone and line;
they still vary on a busy machine, so a page outside a timed limit is measured twice more, and the
median counts.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOOK = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "_ext"))

from downhill import node  # noqa: E402
from downhill.serve import serving  # noqa: E402
from tests.browser import ARGUMENTS, chromium_path  # noqa: E402

LIMITS = {
    "performance": (">=", 0.95),
    "accessibility": (">=", 1.0),
    "best practices": (">=", 1.0),
    "SEO": (">=", 1.0),
    "LCP s": ("<=", 2.5),
    "TBT ms": ("<=", 50),
    "CLS": ("<=", 0.01),
    "KiB": ("<=", 220),
}
TIMED = ("performance", "LCP s", "TBT ms", "CLS")
CHAPTERS_KIB = 190  # the median over the chapters
REPEATS = 2
LIMIT = 180  # seconds for one page

Numbers = dict[str, float]


def measure(url: str) -> Numbers:
    """What one run of Lighthouse finds for a page."""
    command = [node.command("node"), "node_modules/lighthouse/cli/index.js", url]
    flags = " ".join(["--headless=new", *ARGUMENTS])
    done = subprocess.run(
        [*command, "--quiet", "--output=json", f"--chrome-flags={flags}"],
        cwd=HERE,
        env={**os.environ, "CHROME_PATH": chromium_path()},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stderr}")
    report = json.loads(done.stdout)
    if "runtimeError" in report:
        raise RuntimeError(f"Lighthouse failed on {url}: {report['runtimeError']['message']}")
    scores = {name: part["score"] for name, part in report["categories"].items()}
    audits = report["audits"]
    requests = [
        one
        for one in audits["network-requests"]["details"]["items"]
        if not one["url"].startswith("data:")  # it came with the sheet that has it
    ]
    # What costs a category its 1.0; the metrics are in the table already.
    for name in ("accessibility", "best-practices", "seo"):
        for one in report["categories"][name]["auditRefs"]:
            audit = audits[one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"{url}: {audit['title']}", file=sys.stderr)
    return {
        "performance": scores["performance"],
        "accessibility": scores["accessibility"],
        "best practices": scores["best-practices"],
        "SEO": scores["seo"],
        "LCP s": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "TBT ms": audits["total-blocking-time"]["numericValue"],
        "CLS": audits["cumulative-layout-shift"]["numericValue"],
        "KiB": sum(one["transferSize"] for one in requests) / 1024,
    }


def outside(numbers: Numbers) -> list[str]:
    """The names of the numbers that are outside their limits."""
    return [
        name
        for name, (sign, limit) in LIMITS.items()
        if (numbers[name] < limit if sign == ">=" else numbers[name] > limit)
    ]


def settled(url: str) -> Numbers:
    """The numbers of a page: from one run if all is well, else the medians of several."""
    runs = [measure(url)]
    if set(outside(runs[0])) & set(TIMED):
        runs += [measure(url) for _ in range(REPEATS)]
    return {name: statistics.median(run[name] for run in runs) for name in LIMITS}


def row(cells: Iterator[str]) -> str:
    """One line of the table."""
    return "  ".join(
        f"{cell:>{max(len(name), 6)}}" for name, cell in zip(LIMITS, cells, strict=True)
    )


def main(chosen: list[str]) -> int:
    """Print the table; 1 if something is outside its limit."""
    pages = [path for path in BOOK.rglob("*.html") if "_static" not in path.parts]
    names = chosen or sorted(path.relative_to(BOOK).as_posix() for path in pages)
    if not names:
        sys.exit("There is no book yet: run `make book` first.")
    node.ensure_packages(HERE)
    failed, weights = [], {}
    wide = max(map(len, names))
    print(f"{'':{wide}}  {row(iter(LIMITS))}", flush=True)
    with serving(BOOK) as address:
        for name in names:
            numbers = settled(address + name)
            weights[name] = numbers["KiB"]
            cells = (f"{numbers[key]:.{0 if key in ('TBT ms', 'KiB') else 2}f}" for key in LIMITS)
            missed = outside(numbers)
            note = f"  outside: {', '.join(missed)}" if missed else ""
            failed += [name] if missed else []
            print(f"{name:{wide}}  {row(cells)}{note}", flush=True)
    if chapters := [kib for name, kib in weights.items() if name.startswith("chapters/0")]:
        median = statistics.median(chapters)
        print(f"median over the chapters: {median:.0f} KiB (at most {CHAPTERS_KIB})")
        failed += ["median"] if median > CHAPTERS_KIB else []
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

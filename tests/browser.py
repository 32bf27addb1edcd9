"""The browser the tests drive: one decision, in one place.

`python -m tests.browser` finds or fetches it and says which it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

# First the one without windows: the others draw a toolbar for each test, at three times the cost.
ON_PATH = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable",
)  # fmt: skip
DOWNLOAD_LIMIT = 180  # seconds
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
INSTALL_ONE = (
    "No browser for the tests: install Chromium (on Debian, `apt-get install chromium`) "
    "or Google Chrome and run this again."
)


def playwrights_own() -> str | None:
    """The browser that Playwright has downloaded, if any."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def on_path() -> str | None:
    """A system browser that really starts."""
    for name in ON_PATH:
        path = shutil.which(name)
        if (
            path
            and not subprocess.run([path, "--version"], capture_output=True, check=False).returncode
        ):
            return path
    return None


def download() -> None:
    """Let Playwright fetch its browser; it may fail, but not hang."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, capture_output=True, timeout=DOWNLOAD_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return


@cache
def chromium_path() -> str:
    """The browser to drive: the system's or Playwright's own, else a fresh download."""
    found = on_path() or playwrights_own()
    if found is None:
        download()
        found = playwrights_own()
    if found is None:
        raise RuntimeError(INSTALL_ONE)
    return found


if __name__ == "__main__":
    try:
        print(chromium_path())
    except RuntimeError as error:
        sys.exit(str(error))

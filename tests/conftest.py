"""What all tests share: a hypothesis profile, one browser, and PyTorch where it is installed."""

import os

# Processes share the processors already: threads of a matrix product would only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

from tests.toy_book import built

# Derandomised, so that a red build is red for everybody; no deadlines, so that a busy machine is
# not a bug.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
# For planted bugs it is enough to know that a test fails: nothing is shrunk.
unshrunk = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", settings.get_profile("book"), phases=unshrunk)
settings.load_profile("book")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = Path(__file__).parent / "pages"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the built book or a browser; modules that build one mark themselves."""
    for item in items:
        if PAGES in item.path.parents or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.heavy)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, the files that run chapters share a process: none runs twice."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    running = {
        path.relative_to(config.rootpath).as_posix()
        for path in Path(__file__).parent.rglob("test_*.py")
        if re.search(
            r"^from tests\.chapters import .*\b(?:run|figures)\b", path.read_text("utf-8"), re.M
        )
    }

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "chapters" if file in running else file

    return Files(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests there were, what they and their processes cost, and how many were claims."""
    passed = terminalreporter.stats.get("passed", [])
    done = len(passed) + len(terminalreporter.stats.get("failed", ()))
    spent = os.times()
    seconds = sum(spent[:4])  # ours and our children's, user and system time
    terminalreporter.write_line(f"{done} tests, {seconds:.0f} s of processor time")
    if claims := sum("::test_the_claim[" in report.nodeid for report in passed):
        terminalreporter.write_line(f"{claims} claims of the book's prose recomputed")


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy book, built once a session, whose caches spare others the same work."""
    base = tmp_path_factory.getbasetemp()
    return built((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "toy")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One browser for all tests of a process: Playwright does not run twice in one."""
    from playwright.sync_api import sync_playwright

    from tests.browser import ARGUMENTS, chromium_path

    path = chromium_path()  # first, as it may have to ask Playwright itself
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def torch():
    """PyTorch; without it the test is skipped, and the skip says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(
            "torch", reason="PyTorch is not installed: the third oracle was NOT asked"
        )

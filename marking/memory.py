"""How much memory the processes of a sandbox hold together: the kernel limits only each of them.

A cgroup would do the same, but an ordinary user has one only where the system gives it away.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
RESIDENT = re.compile(r"^(?:RssAnon|RssShmem|VmSwap|VmPTE):\s+(\d+) kB", re.M)
PROPORTIONAL = re.compile(r"^(?:Pss|SwapPss):\s+(\d+) kB", re.M)
"""Where two processes share a page, each has half of it."""
LONGEST_LOOK = 1.0  # seconds; nobody's honest memory is in so many pieces


def more_than(most: int, pid: int) -> bool:
    """Whether a process and all that come from it hold more bytes than this, swap included."""
    found = list(_family(pid))
    # Pages that are shared count several times here: quick to read, and never too little.
    if sum(_bytes(process, "status", RESIDENT) for process in found) <= most:
        return False
    begun, held = time.monotonic(), 0
    for process in found:
        held += _bytes(process, "smaps_rollup", PROPORTIONAL) or _bytes(process, "status", RESIDENT)
        if held > most or time.monotonic() - begun > LONGEST_LOOK:
            return True
    return False


def names_in_tmp(pid: int) -> int:
    """How many files a process sees in its /tmp: without content, they are in no account."""
    try:
        there = os.statvfs(PROC / str(pid) / "root" / "tmp")
    except OSError:  # it has ended meanwhile
        return 0
    return there.f_files - there.f_ffree


def _family(pid: int) -> Iterator[Path]:
    """The folders of a process and of all that come from it."""
    waiting = [str(pid)]
    while waiting:
        process = PROC / waiting.pop()
        yield process
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in (process / "task").iterdir():
                waiting += (thread / "children").read_text().split()


def _bytes(process: Path, file: str, sizes: re.Pattern[str]) -> int:
    """What a process holds; its first thread may have ended, and know nothing of it any more."""
    with contextlib.suppress(OSError):  # it has ended meanwhile, or lets nobody look
        for thread in (process, *(process / "task").iterdir()):
            with contextlib.suppress(OSError):
                if found := sizes.findall((thread / file).read_text()):
                    return 1024 * sum(map(int, found))
    return 0


def missing() -> str:
    """What this machine cannot give, in a sentence; nothing if it can."""
    if (PROC / "self" / "task" / str(threading.get_native_id()) / "children").exists():
        return ""
    return (
        "The kernel does not say which processes come from which (CONFIG_PROC_CHILDREN): "
        "the memory of each is limited, their sum is not."
    )

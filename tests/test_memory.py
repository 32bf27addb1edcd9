"""The memory of all processes of a sandbox together is bounded, and what is shared counts once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from marking import memory, refused, sandbox

MIB = 2**20
LIMITS = sandbox.Limits(seconds=30, wall=60, total=512 * MIB)
needs_sandbox = pytest.mark.skipif(
    not shutil.which("bwrap") or bool(memory.missing()), reason="NOTHING was tried here"
)
MANY = """
import os, time
for _ in range(8):
    if not os.fork():
        held = bytearray(os.urandom(2**20) * 120)
        time.sleep(100)
time.sleep(100)
"""
# The first thread ends, the process goes on.
HEADLESS = """
import ctypes, os, threading, time
def hold():
    time.sleep(0.2)
    held = [bytearray(b"x") * (40 * 2**20) for _ in range(8)]
    time.sleep(100)
for _ in range(4):
    if not os.fork():
        threading.Thread(target=hold).start()
        ctypes.CDLL(None).syscall(60, 0)
time.sleep(100)
"""
NAMES = """
import os, time
for i in range(200_000):
    os.symlink("nothing", f"/tmp/{i}")
time.sleep(100)
"""
LARGE = "held = bytearray(b'x') * (200 * 2**20)"


def told(*codes: str) -> list[dict[str, Any]]:
    cells = [
        {"code": code, "part": f"part {i}", "takes": [f"n{i}"]} for i, code in enumerate(codes)
    ]
    names = [cell["takes"][0] for cell in cells]
    task = {"prelude": "", "cells": cells, "answers": names, "calls": {}, "alone": []}
    return [line for line in sandbox.run(task, LIMITS) if "value" in line and "answer" in line]


@needs_sandbox
@pytest.mark.parametrize(
    ("code", "look"),
    [
        (MANY, "more_than"),
        (HEADLESS, "more_than"),
        (NAMES, "names_in_tmp"),
    ],
)
def test_what_holds_too_much_in_all_is_ended(
    code: str, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its processes holds less than one may, and would sleep until the time is over."""
    seen: list[int] = []
    honest = getattr(memory, look)

    def looked(*given: int) -> int:
        seen.append(honest(*given))
        return seen[-1]

    monkeypatch.setattr(memory, look, looked)
    assert told(code, "n1 = 1") == []
    most = LIMITS.names if look == "names_in_tmp" else 0
    assert seen[-1] > most >= max(seen[:-1], default=0)


@needs_sandbox
def test_what_is_shared_with_later_exercises_counts_once() -> None:
    later = [f"n{i} = {i}; import time; time.sleep(0.3)" for i in range(1, 5)]
    found = told(LARGE, *later)
    assert [line["value"] for line in found] == [1.0, 2.0, 3.0, 4.0]


BUFFER = """
import mmap, os, socket
def large_buffer():
    socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**26)
"""


@needs_sandbox
@pytest.mark.skipif(not refused.compiled(), reason="no libseccomp: NOTHING was tried")
@pytest.mark.parametrize(
    "what",
    ["mmap.mmap(-1, 4096)", "os.memfd_create('held')", "os.splice(0, 1, 5)", "large_buffer()"],
)
def test_memory_that_would_be_nobodys_is_refused(what: str) -> None:
    code = f"{BUFFER}\ntry:\n    {what}\n    n0 = 1\nexcept PermissionError:\n    n0 = 2"
    (line,) = told(code)
    assert line["value"] == 2.0


def test_a_process_that_has_ended_or_hides_holds_what_can_be_seen(tmp_path: Path) -> None:
    assert memory._bytes(tmp_path / "gone", "status", memory.RESIDENT) == 0
    first, second = tmp_path / "task" / "1", tmp_path / "task" / "2"
    for thread in (first, second):
        thread.mkdir(parents=True)
    for folder in (tmp_path, first):
        (folder / "status").write_text("State:\tZ (zombie)\n")
    text = "RssAnon:\t    2 kB\nRssFile:\t9 kB\nVmSwap:\t1 kB\n"
    (second / "status").write_text(text)
    assert memory._bytes(tmp_path, "status", memory.RESIDENT) == 3 * 1024


def test_it_sees_this_process() -> None:
    assert memory.more_than(MIB, os.getpid())
    assert not memory.more_than(2**45, os.getpid())


def test_what_the_kernel_does_not_tell_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "PROC", tmp_path)
    assert "their sum is not" in memory.missing()

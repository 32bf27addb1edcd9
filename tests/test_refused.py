"""System calls that students' code is refused, as root and as an ordinary user."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from marking import refused, sandbox

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap") or not refused.compiled() or platform.machine() != "x86_64",
    reason="no bubblewrap, no libseccomp, or other numbers of system calls: NOTHING was tried",
)
LIMITS = sandbox.Limits(seconds=5, wall=30)
# By their numbers on x86_64: seize process 1, a new user namespace, a shared segment, another
# process's memory, a key, a mount, `clone` into a namespace, another process's turn and limits,
# a socket of the network, pages into a pipe, huge pages allowed again, `clone3`.
CALLS = {
    "ptrace": (101, 0x4206, 1, 0, 0),
    "unshare": (272, 0x10000000),
    "shmget": (29, 0, 4096, 0o1777),
    "process_vm_writev": (311, 1, 0, 0, 0, 0, 0),
    "add_key": (248, 0, 0, 0, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "clone": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "sched_setscheduler": (144, 1, 5, 0),
    "prlimit64": (302, 1, 7, 0, 0),
    "socket": (41, 2, 1, 0),
    "vmsplice": (278, 0, 0, 0, 0),
    "prctl": (157, 41, 0, 0, 0, 0),
    "clone3": (435, 0, 0),
}
WANTED = {name: errno.ENOSYS if name == "clone3" else errno.EPERM for name in CALLS}
ATTACK = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def refused(name):
    ctypes.set_errno(0)
    found = libc.syscall(*{CALLS}[name])
    return ctypes.get_errno() if found == -1 else 0
"""


def test_the_sandbox_refuses_them() -> None:
    cells = [{"code": ATTACK, "part": "", "takes": []}]
    calls = {"refused": [[name] for name in ["ptrace", *CALLS]]}
    task = {"prelude": "", "cells": cells, "answers": [], "calls": calls, "alone": []}
    told = [line for line in sandbox.run(task, LIMITS) if "call" in line]
    assert [line.get("value") for line in told[1:]] == list(WANTED.values())


def test_what_exercises_need_still_works() -> None:
    source = """
import threading, subprocess, os, numpy as np
done = []
thread = threading.Thread(target=done.append, args=(1,)); thread.start(); thread.join()
child = os.fork()
if not child: os._exit(7)
ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
def works(): return [len(done), ended, float(np.linalg.det(np.eye(50)))]
"""
    cells = [{"code": source, "part": "", "takes": []}]
    task = {"prelude": "", "cells": cells, "answers": [], "calls": {"works": [[]]}, "alone": []}
    (told,) = (line for line in sandbox.run(task, LIMITS) if "call" in line)
    assert told["value"] == [1, 7, 1.0]


def ordinary(rules: bool) -> list[int]:
    """What an ordinary user's sandbox answers to the first calls, with and without the filter."""
    code = ATTACK + f"print([refused(name) for name in {list(CALLS)[:1]}])"
    with tempfile.TemporaryFile() as file:
        file.write(refused.compiled())
        file.seek(0)
        given = ["--seccomp", str(file.fileno())] if rules else []
        command = ["bwrap", *given, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/",
                   "--proc", "/proc", "/usr/bin/python3", "-c", code]  # fmt: skip
        if os.getuid() == 0:
            user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            command = [*user, *command]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            pass_fds=[file.fileno()],
            timeout=20,
            check=False,
        )
    if done.returncode:
        pytest.skip(f"no sandbox for an ordinary user here: {done.stderr[-200:]}")
    return [int(v) for v in done.stdout.strip("[]\n ").split(",")]


@pytest.mark.skipif(
    not Path("/usr/bin/python3").exists() or not shutil.which("setpriv"),
    reason="no Python that an ordinary user can run",
)
def test_an_ordinary_users_process_1_cannot_be_traced() -> None:
    """Without the filter it can, where the kernel has no Yama: that is what it is for."""
    assert ordinary(rules=True) == [errno.EPERM]
    if not Path("/proc/sys/kernel/yama").exists():
        assert ordinary(rules=False) == [0]


def test_what_is_missing_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused.missing() == ""
    monkeypatch.setattr(refused, "compiled", lambda: b"")
    assert "no system call is refused" in refused.missing()

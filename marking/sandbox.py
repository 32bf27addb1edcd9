"""Bubblewrap: where a student's code runs.

No network, a read-only system, an empty home, an empty environment, no process but its own, and
nothing of the marker's: no checks, no submissions, no grades. Only a list of JSON lines comes out.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import gdlib
from marking import in_sandbox, memory, refused

MIB = 2**20
SYSTEM = tuple(map(Path, ("/usr", "/lib", "/lib64", "/bin")))
EVERY = 0.1  # seconds between two looks at what it holds
_numbers = count()


class Limits(NamedTuple):
    """Seconds of the processor for a cell or call, seconds for a notebook, and the kernel's limits.

    `memory` is for each process, `total` for all of them together, in bytes; `names` are files.
    """

    seconds: float = 5
    wall: float = 60
    memory: int = 1024 * MIB
    total: int = 2048 * MIB
    names: int = 10_000
    processes: int = 32
    output: int = 4 * MIB
    files: int = 64

    def of_the_kernel(self) -> list[str]:
        """For `prlimit`, which sets them before the sandbox begins.

        The number of processes is not among them: outside, it would count all that a user has.
        """
        kinds = {"cpu": int(self.wall), "as": self.memory, "fsize": self.output}
        kinds |= {"nofile": self.files, "core": 0}
        return [f"--{name}={most}" for name, most in kinds.items()]


class SandboxError(RuntimeError):
    """The sandbox is missing, or does not hold."""


def _system() -> Iterator[str]:
    """What Python needs to run, read-only."""
    for path in (*SYSTEM, Path("/etc/ld.so.cache")):
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.exists():
            yield from ("--ro-bind", str(path), str(path))
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        for parent in reversed(Path(prefix).parents[:-1]):  # open to the user nobody, unlike /root
            yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", prefix, prefix)


def visible(path: Path) -> bool:
    """Whether students' code can see a path: what belongs to the course must lie elsewhere."""
    shown = *SYSTEM, Path(sys.base_prefix), Path(sys.prefix), Path(gdlib.__file__).parent
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in shown)


def command(limits: Limits, sandboxed: bool, info: int, rules: int | None) -> list[str]:
    """The command that runs `in_sandbox.py`.

    bwrap writes the number of its process 1 to `info`; `rules` has the refused system calls.
    """
    library, script = Path(gdlib.__file__).parent, Path(in_sandbox.__file__)
    if not sandboxed:
        return [sys.executable, "-P", str(script)]
    bwrap, prlimit = shutil.which("bwrap"), shutil.which("prlimit")
    if not bwrap:
        raise SandboxError("There is no bwrap on this machine: install the package bubblewrap.")
    if not prlimit:
        raise SandboxError("There is no prlimit on this machine: install the package util-linux.")
    # As root, no user namespace: the process has to become another user inside.
    unshare = ["--unshare-all"]
    if os.getuid() == 0:
        unshare = [f"--unshare-{what}" for what in ("ipc", "pid", "net", "uts")]
        unshare += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [
        *(prlimit, *limits.of_the_kernel(), "--", bwrap, "--info-fd", str(info)),
        *("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", *unshare),
        *(() if rules is None else ("--seccomp", str(rules))),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(16 * MIB), "--tmpfs", "/tmp"),
        *_system(),
        *("--perms", "0755", "--dir", "/course"),
        *("--ro-bind", str(library), "/course/gdlib"),
        *("--ro-bind", str(script), "/course/in_sandbox.py"),
        # An ordinary user's sandbox belongs to that user: both would be writable.
        *("--remount-ro", "/", "--remount-ro", "/dev"),
        *("--setenv", "OPENBLAS_NUM_THREADS", "1", "--setenv", "HOME", "/tmp", "--chdir", "/tmp"),
        *(os.path.abspath(sys.executable), "-B", "/course/in_sandbox.py"),
    ]


def run(task: dict[str, Any], limits: Limits, sandboxed: bool = True) -> list[dict[str, Any]]:
    """What a task gave, line by line; if it was killed, what it gave until then.

    Input and output are files, so that nothing waits for a process that does not read or write.
    """
    task = task | {
        "number": next(_numbers) % 5000,
        "done": secrets.token_hex(),  # what a process says that came to its end
        "seconds": limits.seconds,
        "processes": limits.processes if sandboxed else None,
    }
    ours, theirs = os.pipe()
    with (
        open(ours) as told,
        open(theirs, "w") as tells,
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as rules,
    ):
        given.write(json.dumps(task).encode())
        given.seek(0)
        rules.write(refused.compiled())
        rules.seek(0)
        filtered = rules.fileno() if refused.compiled() else None
        handles = [tells.fileno(), *filter(None, (filtered,))] if sandboxed else []
        process = subprocess.Popen(
            command(limits, sandboxed, tells.fileno(), filtered),
            pass_fds=handles,
            stdin=given,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={} if sandboxed else None,  # bwrap stays as process 1, where it can be read
            start_new_session=True,
        )
        tells.close()
        try:
            with _everything_of(process, told) as first:
                _wait(process, limits, first)
        finally:
            process.wait()
        out.seek(0)
        return list(_lines(out.read(limits.output)))


@contextlib.contextmanager
def _everything_of(process: subprocess.Popen[bytes], told: TextIO) -> Iterator[int | None]:
    """Process 1 of a sandbox. At the end, it is killed, and gone, and with it what is in there."""
    first = handle = None
    with contextlib.suppress(ValueError, ProcessLookupError):
        first = json.load(told)["child-pid"]
        handle = os.pidfd_open(first)
    try:
        yield first
    finally:
        if handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            gone = select.poll()
            gone.register(handle, select.POLLIN)
            gone.poll()
            os.close(handle)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # without a sandbox, children too


def _wait(process: subprocess.Popen[bytes], limits: Limits, first: int | None) -> None:
    """Until it has ended, its time is over, or it holds too much; its lines say how far it got."""
    end = time.monotonic() + limits.wall
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(EVERY)
            return
        if first and memory.more_than(limits.total, first):
            return
        if first and memory.names_in_tmp(first) > limits.names:
            return


def _lines(text: bytes) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects, which a student's own output is not."""
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


PROBE = """
import os, socket
def reaches_out():
    try:
        socket.create_connection(("127.0.0.1", {port}), 1).close()
        return 1
    except OSError:
        return 0
def sees():
    return int(os.path.exists({secret!r}))
def writes():
    return int(os.access("/usr", os.W_OK) or os.access("/course", os.W_OK))
def is_root():
    return int(os.geteuid() == 0)
"""


def check(limits: Limits) -> None:
    """Try to break out, and raise SandboxError if that succeeds or nothing runs at all."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile() as secret:
        source = PROBE.format(port=server.getsockname()[1], secret=secret.name)
        names = ("reaches_out", "sees", "writes", "is_root")
        cells = [{"code": source, "part": "", "takes": []}]
        calls: dict[str, Any] = {name: [[]] for name in names}
        task = {"prelude": "", "cells": cells, "answers": [], "calls": calls, "alone": []}
        told = {line["call"]: line.get("value") for line in run(task, limits) if "call" in line}
    if set(told) != set(names):
        raise SandboxError("bwrap is there, but runs nothing: are user namespaces allowed?")
    if held := [name for name, value in told.items() if value != 0]:
        raise SandboxError(f"The sandbox does not hold: the code in it {' and '.join(held)}.")

"""Runs in the sandbox, and nowhere else: a student's cells, and then the calls of their functions.

A task comes in as JSON on standard input; what the code gives goes out as lines of JSON numbers.
These lines are not trusted: they are compared with results that were computed outside.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import numpy as np

NOBODY = 60_000
KEYCTL = {"x86_64": 250, "aarch64": 219}
THP_DISABLE = 41  # of prctl: memory that is given back is then given back
LONGEST = 200_000  # characters of a line that is told
ASLEEP = 4  # times as long by the clock: a busy machine is not the student's fault


def place(error: BaseException) -> list[Any]:
    """The last cell and line of the student's own that an error came through."""
    found = [getattr(error, "filename", ""), getattr(error, "lineno", 0)]  # of a SyntaxError
    trace = error.__traceback__
    while trace:
        if (name := trace.tb_frame.f_code.co_filename).startswith("cell "):
            found = [name, trace.tb_lineno]
        trace = trace.tb_next
    return [str(found[0])[:20], found[1]]


class TimeUp(BaseException):
    """A cell or a call took too long; not an Exception, so `except Exception` can't stop it."""


def decode(value: Any) -> Any:
    """An argument from its JSON form."""
    if isinstance(value, dict) and "lambda" in value:
        return eval("lambda " + value["lambda"], {"np": np})  # noqa: S307, ours
    if isinstance(value, dict):
        return np.array(value["array"], value["dtype"])
    return [decode(v) for v in value] if isinstance(value, list | tuple) else value


def encode(value: Any) -> Any:
    """A result as numbers in lists; a formula as text."""
    if isinstance(value, list | tuple):
        return [encode(v) for v in value]
    if value is None:
        return None
    try:
        return np.asarray(value, float).tolist()
    except (TypeError, ValueError):
        return str(value)[:1000]


def limit(task: dict[str, Any]) -> None:
    """Become nobody, with few processes; none of this can be undone."""
    if number := KEYCTL.get(os.uname().machine):  # keys have no namespace: take an empty ring
        ctypes.CDLL(None).syscall(number, 1, None)
    if os.getuid() == 0:  # root's processes are not counted
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY + task["number"])
    ctypes.CDLL(None).prctl(THP_DISABLE, 1, 0, 0, 0)
    if most := task["processes"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def forget_library() -> None:
    """Take gdlib away from what was imported of it, too: the function is to do without."""
    for name in [n for n in sys.modules if n.partition(".")[0] == "gdlib"]:
        vars(sys.modules[name]).clear()
    sys.modules["gdlib"] = None  # type: ignore[assignment]  # so that it cannot be imported again


class Runner:
    """Cells, one after the other, in one namespace; and what is taken right after each of them.

    A new part of the notebook is run by a child, which goes on with all that follows. If it dies,
    its parent goes on with the next part, from where this one began: what kills a process costs an
    exercise, and no other.
    """

    def __init__(self, task: dict[str, Any], out: int) -> None:
        self.task, self.out = task, out
        self.names: dict[str, Any] = {"__name__": "__main__"}
        exec(task["prelude"], self.names)
        self.settled: set[str] = set()
        self.end: int | None = None

    def tell(self, **line: Any) -> None:
        """Write a line, if it is not so long that there would be no room for others."""
        text = json.dumps(line)
        if len(text) > LONGEST:
            line.pop("value")
            text = json.dumps(line | {"error": "ValueError: this is too large to be marked"})
        os.write(self.out, text.encode() + b"\n")

    def attempt(self, do: Callable[[], Any], **where: Any) -> bool:
        """Do it within the time limit, and report the outcome."""

        def time_up(number: int, frame: FrameType | None) -> None:
            raise TimeUp("took too long")

        seconds = self.task["seconds"]
        if self.task["processes"]:  # where no signal is heard, the kernel ends it
            hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
            soft = int(time.process_time() + seconds) + 2
            resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
        signal.signal(signal.SIGPROF, time_up)
        signal.signal(signal.SIGALRM, time_up)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, ASLEEP * seconds)
        try:
            where["value"] = encode(do())
        except BaseException as error:  # SystemExit too: the next is tried in any case
            says = f"{type(error).__name__}: {str(error)[:300]}"
            where |= {"error": says, "place": place(error)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.tell(**where)
        return "error" not in where

    def split(self) -> str:
        """Go on as a "child"; its parent gets whether that "ended" or "died" before its end.

        The child has no parent that it could kill. Where there may be no more processes, this one
        goes on "alone".
        """
        try:
            ours, theirs = os.pipe()
            between = os.fork()
        except OSError:
            return "alone"
        if not between:
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                os._exit(1)
            self.end = theirs
            return "child"
        os.close(theirs)
        if os.waitpid(between, 0)[1]:
            return "alone"
        with open(ours, "rb", 0) as pipe:
            return "ended" if pipe.read(100) == self.task["done"].encode() else "died"

    def finish(self) -> None:
        """Come to the end; students' threads and exit handlers have nothing more to say."""
        if self.end is not None:
            os.write(self.end, self.task["done"].encode())
        os._exit(0)

    def call(self, name: str, calls: list[Any], cell: int) -> None:
        """Call a function in a child, which leaves nothing behind; settled if its first works."""
        how = self.split()
        if how == "ended":
            self.settled.add(name)
        if how in ("ended", "died"):
            return
        if name in self.task["alone"]:
            forget_library()
        for i, arguments in enumerate(calls):
            done = self.attempt(partial(self.result, name, arguments), call=name, i=i, at=cell)
            if i == 0 and not done:
                break  # no more waiting for a function that fails at its first call
            self.settled.add(name)
        if how == "child" and name not in self.settled:
            os._exit(1)
        if how == "child":
            self.finish()

    def execute(self, code: str, name: str) -> None:
        exec(compile(code, name, "exec"), self.names)

    def result(self, name: str, arguments: Any) -> Any:
        return self.names[name](*decode(arguments))

    def take(self, names: list[str], cell: int) -> None:
        """What these names stand for now, if nothing was found yet."""
        for name in names:
            if name in self.settled:
                continue
            if name in self.task["calls"]:
                self.call(name, self.task["calls"][name], cell)
                continue
            found = self.attempt(partial(self.names.__getitem__, name), answer=name, at=cell)
            if found and self.names[name] is not None:
                self.settled.add(name)

    def run(self) -> None:
        """All cells; at the end, what was not found where it should be."""
        part = lost = None
        for i, cell in enumerate(self.task["cells"], start=1):
            if cell["part"] == lost:
                continue
            if cell["part"] != part:
                part = cell["part"]
                if (how := self.split()) == "ended":
                    self.finish()
                if how == "died":
                    lost = part
                    continue
            self.tell(begins=i)
            self.attempt(partial(self.execute, cell["code"], f"cell {i}"), cell=i)
            self.take(cell["takes"], i)
        self.take([*self.task["answers"], *self.task["calls"]], 0)


def main() -> None:
    """Run the task."""
    task = json.load(sys.stdin)
    out, nowhere = os.dup(1), os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    limit(task)
    runner = Runner(task, out)
    runner.run()
    runner.finish()


if __name__ == "__main__":
    main()

"""Submissions that a course gets sooner or later, and the share of the points each deserves.

Each changes what a diligent student hands in; `{secret}` stands for a path it must not see.
"""

from __future__ import annotations

from typing import NamedTuple


class Hostile(NamedTuple):
    """Code before the answers, code after them, and the share of the automatic points."""

    before: str = ""
    after: str = ""
    deserves: float = 1.0

    def at(self, secret: str, port: int) -> Hostile:
        """With the path that it must not reach, and the port."""
        put = {"{secret}": secret, "{port}": str(port)}
        texts = [self.before, self.after]
        for word, value in put.items():
            texts = [text.replace(word, value) for text in texts]
        return self._replace(before=texts[0], after=texts[1])


ENDLESS = "while True:\n    pass"
STUBBORN = f"""
import signal
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
{ENDLESS}
"""
FORGE = """
import json, os
for fd in range(3, 64):
    for i in range(9):
        line = {"call": "second_difference", "i": i, "value": 1.0}
        try:
            os.write(fd, json.dumps(line).encode() + b"\\n")
            os.write(fd, b'{"answer": "eta", "value": "eta"}\\n[]\\n{"cell": {}}\\n')
            os.write(fd, b"[" * 9999 + b"\\n")
        except OSError:
            pass
"""
LATE = """
import atexit, os
def late():
    large = "1" * 401
    for what in ('"answer": "eta"', '"call": "fixed_gradient", "i": 1'):
        for fd in range(3, 64):
            try:
                os.write(fd, ('{%s, "value": %s}' % (what, large)).encode() + b"\\n")
            except OSError:
                pass
atexit.register(late)
"""
PATCH = """
import builtins, gc, json, sys
import numpy as np
np.allclose = np.isclose = lambda *a, **k: True
builtins.abs = builtins.len = lambda *a: 0
builtins.isinstance = lambda *a: True
checker = sys.modules["__main__"]
for name in ("encode", "decode", "limit"):
    if hasattr(checker, name):
        setattr(checker, name, lambda *a: 1.0)
json.dumps = lambda *a, **k: '{"answer": "eta", "value": 1}'
"""
PEEK = """
import os, sys
seen = []
for path in ("{secret}", "/course/marking", "/etc/passwd"):
    if os.path.exists(path):
        seen.append(path)
for folder, inside, names in os.walk("/"):
    if folder in ("/proc", "/sys", "/dev", "/usr", sys.prefix, sys.base_prefix):
        inside.clear()
        continue
    seen += [name for name in names if "grade" in name or "roster" in name]
seen += [name for name in os.environ if "SECRET" in name]
parts = open("/proc/1/environ", "rb").read() if os.access("/proc/1/environ", os.R_OK) else b""
if seen or b"SECRET" in parts:
    raise SystemError("seen: " + " ".join(seen))
"""
WRITE = """
import os
for path in ("{secret}", "/usr/here", "/course/here", "/escaped", "/home/here", "/dev/shm/" + "x"):
    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError:
        pass
"""
SOCKET = """
import socket
for kind in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(kind).connect(("127.0.0.1" if kind == socket.AF_INET else "::1", {port}))
        raise SystemError("there is a network")
    except OSError:
        pass
"""
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.05)
    os._exit(0)
"""
OBJECT = """
class Anything:
    def __eq__(self, other): return True
    def __float__(self): import os; os._exit(0)
    def __array__(self, *a, **k): raise SystemExit
    def __reduce__(self): import os; return os.system, ("touch {secret}",)
    def __iter__(self): return iter([self])
derivative = eta = Anything()
second_difference = fixed_gradient = lambda *a: Anything()
"""
# Code kept out everywhere ends by setting a name; else its answers are lost, and the test fails.
UNLESS = "if {!r} not in globals(): derivative = eta = second_difference = fixed_gradient = None"
VALUES = "second_difference = fixed_gradient = lambda *a: {}\nderivative = eta = {}"

SUBMISSIONS = {
    "correct": Hostile(),
    "wrong": Hostile(after=VALUES.format("12.3", "12.3"), deserves=0),
    "half right": Hostile(after="eta = 0.9; second_difference = None", deserves=3 / 7),
    "endless loop in the function": Hostile(
        after="def second_difference(f, w, h):\n    while True: pass", deserves=4 / 7
    ),
    "endless loop at top level": Hostile(before=ENDLESS),
    "ignores signals": Hostile(before=STUBBORN, deserves=0),
    "swallows everything": Hostile(
        before="import time\nwhile 1:\n  try: time.sleep(9)\n  except BaseException: pass",
        deserves=0,
    ),
    "stops reading its input": Hostile(before="import os; os.close(0); os.closerange(0, 3)"),
    "sys.exit": Hostile(before="import sys; sys.exit(0)"),
    "os._exit": Hostile(before="import os; os._exit(0)", deserves=0),
    "kills its parent": Hostile(before="import os; os.kill(os.getppid(), 9); os.kill(1, 9)"),
    "raises": Hostile(before="raise RuntimeError('no')"),
    "syntax error": Hostile(before="def ("),
    "prints 200 MB": Hostile(before="for _ in range(200):\n    print('x' * 10**6)"),
    "allocates 20 GB": Hostile(before="hog = bytearray(20 * 10**9)"),
    "fills the disk": Hostile(before="with open('/tmp/x', 'wb') as f: f.write(bytes(10**9))"),
    "forks 400 times": Hostile(
        before="import os, time\nfor _ in range(400):\n    os.fork() or time.sleep(99)"
    ),
    "leaves a daemon": Hostile(before=DAEMON),
    "patches the checker": Hostile(before=PATCH, deserves=0),
    "forges results": Hostile(before=FORGE, after=VALUES.format("None", "None"), deserves=0),
    "peeks": Hostile(before=PEEK + "\nBLIND = 1", after=UNLESS.format("BLIND")),
    "writes outside": Hostile(before=WRITE),
    "opens sockets": Hostile(before=SOCKET + "\nOFFLINE = 1", after=UNLESS.format("OFFLINE")),
    "malicious objects": Hostile(after=OBJECT, deserves=0),
    "NaN": Hostile(after=VALUES.format("float('nan')", "float('nan')"), deserves=0),
    "infinity": Hostile(after=VALUES.format("float('inf')", "float('inf')"), deserves=0),
    "a wrong shape": Hostile(after=VALUES.format("[[1.0]] * 5", "[[1.0]] * 5"), deserves=0),
    "strings": Hostile(after=VALUES.format("'1.0'", "'__import__(\"os\").abort()'"), deserves=0),
    "a deep list": Hostile(
        after="deep = []\nfor _ in range(10**5): deep = [deep]\n" + VALUES.format("deep", "deep"),
        deserves=0,
    ),
    "a list for a formula": Hostile(after="derivative, eta = [18, -36], []", deserves=5 / 7),
    "a text that no file can hold": Hostile(
        after="def second_difference(*a): raise ValueError('\\ud800')", deserves=4 / 7
    ),
    "a number larger than any, behind our back": Hostile(before=LATE),
    "a huge number": Hostile(after=VALUES.format("10**9999", "10**9999"), deserves=0),
}

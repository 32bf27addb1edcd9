"""The system calls that students' code is refused, compiled for the kernel by libseccomp.

Where that is missing, everything else of the sandbox still holds, and `grade` says what does not.
"""

from __future__ import annotations

import errno
import tempfile
from functools import cache

try:
    import pyseccomp
except (ImportError, RuntimeError):  # no Linux, or no libseccomp
    pyseccomp = None

NAMES = (
    # other processes: process 1 of the sandbox could be made to live on, or never get its turn
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "sched_setscheduler", "sched_setattr", "sched_setparam", "sched_setaffinity", "setpriority",
    "ioprio_set",
    # other namespaces and mounts
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at",
    "open_by_handle_at",
    # what has no limit, or outlives a process
    "shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd",
    "msgrcv", "msgctl", "mq_open", "keyctl", "add_key", "request_key",
    "memfd_create", "memfd_secret", "vmsplice", "splice", "tee",
    # large parts of the kernel that no exercise needs
    "bpf", "userfaultfd", "perf_event_open", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "personality", "quotactl", "kexec_load", "init_module", "finit_module",
)  # fmt: skip
NAMESPACES = (
    0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
"""The flags of `clone` for namespaces: mount, cgroup, uts, ipc, user, pid, net."""

MAP_SHARED = 1
"""A page that no living process has touched would be nobody's, where memory is counted."""
AF_UNIX = 1
"""The others' buffers outlive a process, and there is no network anyway."""
SOL_SOCKET, BUFFERS = 1, (7, 8, 32, 33)
"""The options that enlarge the buffers of a socket, whose size is in no process's account."""
THP_DISABLE = 41
"""A call of `prctl`: of a huge page that is given back but for a little, all stays."""


@cache
def compiled() -> bytes:
    """The filter as `bwrap --seccomp` reads it; nothing where there is no libseccomp.

    Calls of a foreign architecture end the process, as libseccomp does by itself. `clone3` is said
    not to exist, as its flags cannot be looked into: libraries then fall back to `clone`.
    """
    if pyseccomp is None:
        return b""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refused = pyseccomp.ERRNO(errno.EPERM)
    for name in NAMES:
        rules.add_rule(refused, name)
    for flag in NAMESPACES:
        has_flag = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        rules.add_rule(refused, "clone", has_flag)
    shared = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, MAP_SHARED, MAP_SHARED)
    rules.add_rule(refused, "mmap", shared)
    rules.add_rule(refused, "socket", pyseccomp.Arg(0, pyseccomp.NE, AF_UNIX))
    for option in BUFFERS:
        which = pyseccomp.Arg(1, pyseccomp.EQ, SOL_SOCKET), pyseccomp.Arg(2, pyseccomp.EQ, option)
        rules.add_rule(refused, "setsockopt", *which)
    again = pyseccomp.Arg(0, pyseccomp.EQ, THP_DISABLE), pyseccomp.Arg(1, pyseccomp.EQ, 0)
    rules.add_rule(refused, "prctl", *again)
    rules.add_rule(refused, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))  # of another process
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def missing() -> str:
    """What this machine cannot give, in a sentence; nothing if it can."""
    if compiled():
        return ""
    return (
        "There is no libseccomp (libseccomp2) or no pyseccomp: no system call is refused. "
        "As an ordinary user, where the kernel lets processes trace each other, code could go on "
        "running after the marking, and memory that processes share is not counted."
    )

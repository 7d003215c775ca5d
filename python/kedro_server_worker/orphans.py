"""What processes leave behind when they end: their children."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make what is left behind below this process its child, instead of the system's."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> list[int]:
    """Return the process ids of this process's children; none where the system does not tell."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children") as pids:
                found += [int(pid) for pid in pids.read().split()]
    return found


def _has_ended(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


class Reaper:
    """Reaps children that have been dead for a whole run: nobody in this process waits for them."""

    def __init__(self) -> None:
        self._dead: set[int] = set()

    def reap(self) -> None:
        """Reap what was dead the last time, too."""
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        dead = {pid for pid in children() if _has_ended(pid)}
        for pid in dead & self._dead:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._dead = dead - self._dead

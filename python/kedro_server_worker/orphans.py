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


class Reaper:
    """Reaps children that have been dead for a whole run: nobody in this process waits for them."""

    def __init__(self) -> None:
        self._dead: int | None = None

    def reap(self) -> None:
        """Reap one at most, as a run that leaves more is rare."""
        with contextlib.suppress(ChildProcessError):
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and ended.si_pid == self._dead:
                os.waitpid(self._dead, os.WNOHANG)
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            self._dead = None if ended is None else ended.si_pid

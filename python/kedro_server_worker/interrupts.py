"""SIGINT in a worker means: cancel the run."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupts:
    """Turns the first SIGINT of a run into a ``KeyboardInterrupt``; between runs SIGINT means nothing.

    It is raised in the main thread, but not while that holds it off: what must not be left half done, as
    a frame to the server or the saving of a dataset, is done first. Code of the project may swallow it;
    ``check`` raises it again before more is begun.
    """

    def __init__(self) -> None:
        """Must be called in the main thread."""
        self._main = threading.get_ident()
        self._running = False
        # Whether the run, or the last one, was to be cancelled.
        self.asked = False
        self._pending = False
        self._holds = 0
        signal.signal(signal.SIGINT, self._interrupt)

    def begin(self) -> None:
        """From now on SIGINT is for this run; it is held off until ``release``."""
        self.asked = self._pending = False
        self._holds = 1
        self._running = True

    def end(self) -> None:
        """SIGINT is for no run any more."""
        self._running = False
        self._pending = False
        self._holds = 0

    def become_child(self) -> None:
        """Be what a forked child of the run needs: nothing is held off in it."""
        self._main = threading.get_ident()
        self._pending = False
        self._holds = 0

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` when the run is to be cancelled."""
        if self.asked and self._running:
            raise KeyboardInterrupt("the run was cancelled")

    def hold(self) -> None:
        """Hold SIGINT off until as many calls of ``release``; does nothing in other threads."""
        if threading.get_ident() == self._main:
            self._holds += 1

    def release(self) -> None:
        """Undo one ``hold``; raises what has been held off when it was the last one."""
        if threading.get_ident() == self._main and self._holds > 0:
            self._holds -= 1
            if self._holds == 0 and self._pending:
                self._pending = False
                raise KeyboardInterrupt("the run was cancelled")

    def _interrupt(self, *_: Any) -> None:
        if self._running and not self.asked:
            self.asked = True
            if self._holds > 0:
                self._pending = True
            else:
                raise KeyboardInterrupt("the run was cancelled")


class HoldingLock:
    """A reentrant lock that holds SIGINT off: what it guards is never left half done."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._interrupts.hold()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._interrupts.release()

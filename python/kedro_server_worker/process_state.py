"""Keeps what a run may change in its process, and puts it back before the next run."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import warnings
from typing import Any

_SIGNALS = [number for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)]


class ProcessState:
    """Environment, working directory, ``sys.path``, umask, signals, streams, file descriptors 0 to 2, logging."""

    def __init__(self) -> None:
        self._environ = dict(os.environ)
        self._folder = os.getcwd()
        self._path = list(sys.path)
        self._umask = os.umask(0)
        os.umask(self._umask)
        self._signals = {number: signal.getsignal(number) for number in _SIGNALS}
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._hooks = (sys.excepthook, sys.displayhook, threading.excepthook)
        self._recursion = sys.getrecursionlimit()
        self._filters = list(warnings.filters)
        self._fds = [os.dup(fd) for fd in (0, 1, 2)]
        self._same = [os.fstat(fd)[:2] for fd in (0, 1, 2)]
        self._loggers: dict[str, Any] = {}
        self.note_loggers()

    def note_loggers(self) -> None:
        """Take loggers that are new (modules are imported when they are first needed) as they are now."""
        for name, logger in [("", logging.root), *logging.root.manager.loggerDict.items()]:
            if isinstance(logger, logging.Logger) and name not in self._loggers:
                self._loggers[name] = (
                    logger,
                    logger.level,
                    list(logger.handlers),
                    list(logger.filters),
                    logger.propagate,
                    logger.disabled,
                )
        self._disable = logging.root.manager.disable

    def restore(self) -> None:
        """Put back everything that differs."""
        if os.environ != self._environ:
            os.environ.clear()
            os.environ.update(self._environ)
        with contextlib.suppress(OSError):
            os.chdir(self._folder)
        if sys.path != self._path:
            sys.path[:] = self._path
        os.umask(self._umask)
        for number, handler in self._signals.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
        sys.stdin, sys.stdout, sys.stderr = self._streams
        sys.excepthook, sys.displayhook, threading.excepthook = self._hooks
        if sys.getrecursionlimit() != self._recursion:
            sys.setrecursionlimit(self._recursion)
        if warnings.filters != self._filters:
            # It also makes the registries forget what the other filters have let through.
            warnings.resetwarnings()
            warnings.filters[:] = self._filters  # type: ignore[index]
        for fd, (kept, same) in enumerate(zip(self._fds, self._same, strict=True)):
            try:
                changed = os.fstat(fd)[:2] != same
            except OSError:
                changed = True
            if changed:
                os.dup2(kept, fd)
        if logging.root.manager.disable != self._disable:
            logging.disable(self._disable)
        for logger, level, handlers, filters, propagate, disabled in self._loggers.values():
            if logger.level != level:
                logger.setLevel(level)
            if logger.handlers != handlers:
                logger.handlers[:] = handlers
            if logger.filters != filters:
                logger.filters[:] = filters
            logger.propagate = propagate
            logger.disabled = disabled
        self.note_loggers()

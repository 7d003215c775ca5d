"""Turns log records and prints into log events of the run."""

from __future__ import annotations

import contextlib
import ctypes
import io
import logging
import os
import sys
import threading
import traceback
from collections import defaultdict
from typing import Any

from .hooks import run_hooks
from .line_redaction import LIMIT, OVERLAP, LineRedaction, redact_beginning, redact_line


def level_name(level: int) -> str:
    """Return the standard name at or below ``level``, in lower case."""
    for name in ("critical", "error", "warning", "info"):
        if level >= getattr(logging, name.upper()):
            return name
    return "debug"


class RunLogHandler(logging.Handler):
    """Stands where a console handler stood: records become events instead of text on a terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        out = run_hooks.out()
        if getattr(record, "_kedro_server_seen", False):
            return
        record._kedro_server_seen = True
        try:
            if out is None:
                if run_hooks.forked:
                    os.write(2, f"{self.format(record)}\n".encode("utf-8", "replace"))
                return
            message = record.getMessage()
            if record.exc_info and record.exc_info[0] is not None:
                message = f"{message}\n{''.join(traceback.format_exception(*record.exc_info)).rstrip()}"
            out.log(
                level_name(record.levelno),
                record.name,
                "logging",
                redact_line(message),
                run_hooks.node_of(record.thread),
            )
        except Exception:
            self.handleError(record)


def replace_console_handlers() -> None:
    """Put one ``RunLogHandler`` where loggers write to the console. Other handlers, such as a file's, stay.

    Levels and filters of what is replaced are kept. Kedro's rich handler alone costs some twelve
    milliseconds a run of two nodes.
    """
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        if not isinstance(logger, logging.Logger):
            continue
        for position, handler in enumerate(list(logger.handlers)):
            if _writes_to_console(handler):
                ours = RunLogHandler(handler.level)
                ours.filters = list(handler.filters)
                logger.handlers[position] = ours
                handler.close()
    if not any(isinstance(handler, RunLogHandler) for handler in logging.root.handlers):
        logging.root.addHandler(RunLogHandler())


def _writes_to_console(handler: logging.Handler) -> bool:
    if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
        return handler.stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    return any(base.__module__ == "rich.logging" for base in type(handler).__mro__)


class RunStream(io.TextIOBase):
    """``sys.stdout`` and ``sys.stderr`` of a run: each line becomes a log event; closing it does nothing."""

    def __init__(self, name: str, fd: int) -> None:
        self._source = name
        self.name = f"<{name}>"
        self._fd = fd
        # What each thread has begun to print; None: the rest of a line of which the beginning was enough.
        self._lines: dict[int, str | None] = {}
        self._redactions: defaultdict[int, LineRedaction] = defaultdict(LineRedaction)
        self.buffer = _RunBuffer(self)

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    line_buffering = True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def reconfigure(self, **_: Any) -> None:
        """Take what callers set on a real text stream; nothing of it matters here."""

    def close(self) -> None:
        """Stay open: the next run prints here too."""

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        thread = threading.get_ident()
        begun = self._lines.pop(thread, "")
        lines = f"{begun or ''}{text}".split("\n")
        if begun is None:
            if len(lines) == 1:
                self._lines[thread] = None
                return len(text)
            del lines[0]
        rest = lines.pop()
        for line in lines:
            self._log(line, thread)
        if len(rest) > LIMIT + OVERLAP:
            self._tell(redact_beginning(rest))
            self._lines[thread] = None
        elif rest:
            self._lines[thread] = rest
        return len(text)

    def end_lines(self, threads: list[int] | None = None) -> None:
        """Send the lines that ``threads``, or all, have begun and not ended."""
        for thread in list(self._lines) if threads is None else threads:
            line = self._lines.pop(thread, None)
            if line:
                self._log(line, thread)
        if not self._lines:
            self._redactions.clear()

    def _log(self, line: str, thread: int) -> None:
        self._tell(self._redactions[thread].line(line))

    def _tell(self, line: str) -> None:
        out = run_hooks.out()
        if out is None:
            if run_hooks.forked:
                os.write(self._fd, f"{line}\n".encode("utf-8", "replace"))
        else:
            out.log("info", None, self._source, line, run_hooks.node_of())


class _RunBuffer(io.RawIOBase):
    def __init__(self, stream: RunStream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def close(self) -> None:
        """Stay open, as the stream does."""

    def write(self, data: Any) -> int:
        data = bytes(data)
        self._stream.write(data.decode("utf-8", "replace"))
        return len(data)


def open_streams() -> None:
    """Make ``sys.stdout`` and ``sys.stderr`` streams of the run."""
    sys.stdout = RunStream("stdout", 1)
    sys.stderr = RunStream("stderr", 2)


def end_lines(threads: list[int] | None = None) -> None:
    """Send what ``threads``, or all, have printed without the end of a line, and what waits in buffers below."""
    for first in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            first.flush()  # type: ignore[union-attr]
    if _c_stdout is not None:
        _c.fflush(_c_stdout)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, RunStream):
            stream.end_lines(threads)


_c = ctypes.CDLL(None)
_c_stdout: ctypes.c_void_p | None
try:
    _c_stdout = ctypes.c_void_p.in_dll(_c, "__stdoutp" if sys.platform == "darwin" else "stdout")
except ValueError:
    _c_stdout = None

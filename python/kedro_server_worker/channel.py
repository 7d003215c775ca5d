"""The way of a run's events to the server: in order, in batches, never more text than a run may write."""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import select
import socket
import termios
import threading
import time
from collections.abc import Callable
from typing import Any

from .frames import encode, frame
from .interrupts import HoldingLock, Interrupts
from .line_redaction import LIMIT, OVERLAP, LineRedaction, hide_values, redact_beginning

FLUSH_AFTER_S = 0.01
# A line of the project's code goes out at once after a silence of this: the process may be dead a moment later.
EAGER_S = 0.001
FLUSH_BYTES = 32 * 1024
HEARTBEAT_S = 1.0
# What a message takes beyond its limit to say that it was cut.
NOTE_CHARACTERS = 64
# What a line takes beside its text; without it a flood of empty lines would have no limit.
LINE_COST = 128
PIPE_READ = 256 * 1024
# Characters of an output's JSON that one frame carries.
OUTPUT_PART = 1024 * 1024
CHILD_EVENTS = ("node.started", "node.finished", "node.failed", "dataset.loaded", "dataset.saved", "output.failed")


_libc = ctypes.PyDLL(None, use_errno=True)
_chunk = ctypes.create_string_buffer(PIPE_READ)


def read_at_once(fd: int) -> bytes:
    """Return what waits in ``fd``, which must not block; ``b""`` when there is nothing.

    Unlike ``os.read`` it keeps the interpreter's lock: a thread that has just written and dies next would take
    with it what another thread has read and not yet sent.
    """
    count = _libc.read(fd, _chunk, PIPE_READ)
    if count >= 0:
        return ctypes.string_at(_chunk, count)
    code = ctypes.get_errno()
    if code == errno.EAGAIN:
        return b""
    raise OSError(code, os.strerror(code))


def unread(fd: int) -> int:
    """Return how many bytes wait in the pipe ``fd``."""
    count = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, count)
    return count[0]


def resident_bytes() -> int:
    """Return this process's resident memory in bytes, 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def cut(text: str, limit: int) -> str:
    """Return ``text``, or its first ``limit`` characters and how many more there were."""
    if len(text) <= limit + NOTE_CHARACTERS:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters were cut)"


class Channel:
    """Carries the events of the current run from one worker process to the server.

    A thread of its own sends heartbeats, sends what has waited long enough, and reads what the run
    writes to its file descriptors. Child processes of a run send theirs here (see ``ChildChannel``).
    """

    def __init__(
        self,
        connection: socket.socket,
        output: int,
        folder: str,
        settings: dict[str, Any],
        interrupts: Interrupts,
    ) -> None:
        """``output`` is the read end of the pipe behind fd 1 and 2."""
        self._connection = connection
        self._output = output
        self._folder = folder
        self._log_limit: int = settings["logLimit"]
        self._output_limit: int = settings["outputLimit"]
        # An interrupted frame would be the end of the connection.
        self._lock = HoldingLock(interrupts)
        self._wake_read, self._wake_write = os.pipe()
        for fd in (output, self._wake_read, self._wake_write):
            os.set_blocking(fd, False)
        self._events: list[str] = []
        self._size = 0
        self._oldest = 0.0
        self._told = 0.0
        self._run: int | None = None
        self._start = 0.0
        self._elapsed = 0.0
        self._logged = 0
        self._cut_lines = 0
        self._cut_bytes = 0
        # The line that has been begun; None: the rest of one of which the beginning was enough.
        self._partial: bytes | None = b""
        self._redaction = LineRedaction()
        self._children: socket.socket | None = None
        self._children_path = os.path.join(folder, f"run-{os.getpid()}.sock")
        self.node_of: Callable[[], str | None] = lambda: None
        self.note: Callable[[str, str | None], None] = lambda *_: None
        self.note_output: Callable[[str], None] = lambda *_: None
        threading.Thread(target=self._serve, name="kedro-server-channel", daemon=True).start()

    # What the worker says of itself

    def send(self, message: dict[str, Any]) -> None:
        """Send ``message`` after everything that was emitted before it."""
        with self._lock:
            self._flush()
            self._connection.sendall(encode(message))

    # The run

    def begin(self, run: int) -> None:
        """Start the run number ``run``: what comes from now on belongs to it."""
        with self._lock:
            self._drain_output()
            self._flush()
            self._run = run
            self._start = time.monotonic()
            self._elapsed = 0.0
            self._logged = self._cut_lines = self._cut_bytes = 0
            self._partial = b""
            self._redaction = LineRedaction()

    def end(self, event: dict[str, Any]) -> None:
        """Emit what is left, then ``event`` as the run's last one."""
        self.close_children()
        with self._lock:
            self._drain_output(final=True)
            if self._cut_lines:
                self._append(
                    "log",
                    level="warning",
                    logger=None,
                    source="output",
                    node=None,
                    message=f"{self._cut_lines} more lines ({self._cut_bytes} bytes) were cut: "
                    f"a run keeps {self._log_limit} bytes of log",
                )
            self._append("run.ended", durationMs=self.elapsed_ms(), **event)
            self._flush()
            self._run = None

    def elapsed_ms(self) -> float:
        """Milliseconds since the run began."""
        return round((time.monotonic() - self._start) * 1000, 3)

    def emit(self, type_: str, **fields: Any) -> None:
        """Add an event of the run, after what has been written to its file descriptors before."""
        with self._lock:
            if self._run is None:
                return
            self._drain_output()
            self._append(type_, **fields)

    def output(self, name: str, kind: str, data_type: str, pieces: list[str]) -> None:
        """Add an output of the run; what is too long for one frame goes ahead of the event in parts."""
        text = "".join(pieces)
        with self._lock:
            if self._run is None:
                return
            self._drain_output()
            start = 0
            if len(text) > OUTPUT_PART:
                self._flush()
                while len(text) - start > OUTPUT_PART:
                    part = text[start : start + OUTPUT_PART]
                    self._connection.sendall(encode({"type": "part", "run": self._run, "text": part}, escape=False))
                    start += OUTPUT_PART
            self._append("output.ready", output=name, kind=kind, dataType=data_type, json=text[start:])

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            self._flush()

    def log(self, level: str, logger: str | None, source: str, message: str, node: str | None) -> None:
        """Add a line that the run logged or printed, unless the run has had its share."""
        with self._lock:
            if self._run is None:
                return
            self._drain_output()
            self._append_log(level, logger, source, message, node)

    def _append(self, type_: str, **fields: Any) -> None:
        self._elapsed = max(self._elapsed, self.elapsed_ms())
        event = {"type": type_, "elapsedMs": self._elapsed, **fields}
        text = json.dumps(event, separators=(",", ":"))
        now = time.monotonic()
        first = not self._events
        if first:
            self._oldest = now
        self._events.append(text)
        self._size += len(text)
        if now - self._oldest > FLUSH_AFTER_S or self._size > FLUSH_BYTES:
            self._flush()
        elif first:
            with contextlib.suppress(BlockingIOError):
                os.write(self._wake_write, b"!")

    def _append_log(self, level: str, logger: str | None, source: str, message: str, node: str | None) -> None:
        size = len(message) if message.isascii() else len(message.encode("utf-8", "surrogatepass"))
        if self._logged + size > self._log_limit:
            self._cut_lines += 1
            self._cut_bytes += size
            return
        self._logged += size + LINE_COST
        message = cut(message, LIMIT)
        self._append("log", level=level, logger=logger, source=source, message=message, node=node)
        if logger is None or not logger.startswith("kedro."):
            silence = time.monotonic() - self._told
            self._told += silence
            if silence > EAGER_S:
                self._flush()

    def _flush(self) -> None:
        if self._events:
            body = f'{{"type":"events","run":{self._run},"events":[{",".join(self._events)}]}}'.encode("ascii")
            self._events.clear()
            self._size = 0
            self._connection.sendall(frame(body))

    # What is written to the file descriptors

    def _drain_output(self, final: bool = False) -> bool:
        """Take in what has been written so far; tells whether that was anything."""
        wrote = False
        # Who writes all the time would keep it here, with the lock, for as long as it is the faster one.
        left = unread(self._output)
        while left > 0:
            chunk = read_at_once(self._output)
            if not chunk:
                break
            left -= len(chunk)
            wrote = True
            if self._run is None:
                continue
            lines = ((self._partial or b"") + chunk).split(b"\n")
            if self._partial is None:
                if len(lines) == 1:
                    continue
                del lines[0]
            self._partial = lines.pop()
            self._log_output(lines)
            if len(self._partial) > LIMIT + OVERLAP:
                beginning = redact_beginning(self._partial.decode("utf-8", "replace"))
                self._append_log("info", None, "output", beginning, self.node_of())
                self._partial = None
        if final and self._partial:
            self._log_output([self._partial])
            self._partial = b""
        return wrote

    def _log_output(self, lines: list[bytes]) -> None:
        node = self.node_of()
        for line in lines:
            if self._logged >= self._log_limit:
                self._cut_lines += 1
                self._cut_bytes += len(line)
            else:
                text = self._redaction.line(line.decode("utf-8", "replace").rstrip("\r"))
                self._append_log("info", None, "output", text, node)

    # Child processes of the run

    def open_children(self) -> str:
        """Let child processes send events; returns the path of where they do."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._children_path)
        children = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        children.bind(self._children_path)
        children.setblocking(False)
        with self._lock:
            self._children = children
            os.write(self._wake_write, b"!")
        return self._children_path

    def close_children(self) -> None:
        """Take in what child processes have sent, and stop listening to them."""
        with self._lock:
            if self._children is not None:
                self._drain_children(self._children)
                self._children.close()
                self._children = None
                os.unlink(self._children_path)

    def _drain_children(self, children: socket.socket) -> None:
        while True:
            try:
                datagram, fds, _, _ = socket.recv_fds(children, 1 << 20, 1)
            except BlockingIOError:
                return
            self._drain_output()
            # Anyone in the run can send here: what is no event is not ours.
            with contextlib.ExitStack() as files, contextlib.suppress(ValueError, TypeError, AttributeError, KeyError):
                opened = [files.enter_context(open(fd, encoding="utf-8", newline="")) for fd in fds]
                event = json.loads(datagram)
                type_ = event.pop("type")
                if type_ == "log":
                    # A process that was not forked from this one does not know the values of credentials.
                    event["message"] = hide_values(event["message"])
                    self._append_log(**event)
                elif type_ == "output.ready":
                    self._take_output(opened[0], event)
                elif type_ in CHILD_EVENTS:
                    self._append(type_, **event)
                    self.note(type_, event.get("node"))
                    if type_ == "output.failed":
                        self.note_output(event["output"])

    def _take_output(self, file: Any, event: dict[str, str]) -> None:
        if os.fstat(file.fileno()).st_size <= self._output_limit:
            file.seek(0)
            self.output(event["output"], event["kind"], event["dataType"], [file.read()])
            self.note_output(event["output"])

    # The thread

    def _serve(self) -> None:
        heartbeat = time.monotonic() + HEARTBEAT_S
        poller = select.poll()
        poller.register(self._output, select.POLLIN)
        poller.register(self._wake_read, select.POLLIN)
        listening: socket.socket | None = None
        listening_fd = -1
        try:
            while True:
                with self._lock:
                    due = min(heartbeat, self._oldest + FLUSH_AFTER_S) if self._events else heartbeat
                    children = self._children
                if children is not listening:
                    if listening_fd >= 0:
                        poller.unregister(listening_fd)
                    listening, listening_fd = children, children.fileno() if children else -1
                    if listening_fd >= 0:
                        poller.register(listening_fd, select.POLLIN)
                poller.poll(max(0.0, due - time.monotonic()) * 1000)
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
                now = time.monotonic()
                with self._lock:
                    wrote = self._drain_output()
                    if self._children is not None:
                        self._drain_children(self._children)
                    if wrote or now - self._oldest >= FLUSH_AFTER_S:
                        self._flush()
                    if now >= heartbeat:
                        heartbeat = now + HEARTBEAT_S
                        self._connection.sendall(encode({"type": "heartbeat", "rss": resident_bytes()}))
        except OSError:
            # The server is gone, or the run has closed our file descriptors: nothing can be told any more.
            os.killpg(0, 9)

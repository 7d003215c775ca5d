"""The parent of all workers: starts them, says how they ended, and ends what they leave behind.

It runs nothing of a run, so it always answers. With ``start: fork`` it imports the project once, and
a worker is a fork of it; with ``start: spawn`` each worker is a fresh interpreter.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import json
import os
import resource  # noqa: F401  os.wait4 imports it, which fails when no file can be opened any more
import select
import signal
import subprocess
import sys
import threading
from typing import Any

from . import PROTOCOL
from .channel import unread
from .frames import FrameReader, connect, encode
from .line_redaction import redact_line
from .orphans import adopt_orphans, children

OLDEST_KEDRO = (1, 4)
PIPE_BYTES = 1 << 20
LAST_WORDS_BYTES = 64 * 1024
F_SETPIPE_SZ = 1031
TICK_MS = 1000


def kedro_version() -> str | None:
    """Return the version of the Kedro that this interpreter has, or None."""
    try:
        return importlib.metadata.version("kedro")
    except importlib.metadata.PackageNotFoundError:
        return None


def output_pipe() -> tuple[int, int]:
    """Return the ends of a pipe that holds as much as the system lets us have."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(write, F_SETPIPE_SZ, PIPE_BYTES)
    return read, write


def last_words(output: int) -> str:
    """Return the end of what a worker that has ended left in its pipe, as a crash often says why."""
    left = b""
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(output, PIPE_BYTES):
            left = (left + chunk)[-LAST_WORDS_BYTES:]
    return "\n".join(redact_line(line) for line in left.decode("utf-8", "replace").split("\n"))


class _Worker:
    def __init__(self, number: int, output: int) -> None:
        self.number = number
        self.output = output
        self.full_before = False


class Supervisor:
    """Obeys the server until the server is gone."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._workers: dict[int, _Worker] = {}
        self._own: set[int] = set()
        self._project: Any = None

    def run(self) -> int:
        """Serve the server's messages; returns the exit code."""
        self._connection = connect(self._settings["socket"])
        version = kedro_version()
        self._send(
            {
                "type": "hello",
                "role": "supervisor",
                "protocol": PROTOCOL,
                "python": sys.executable,
                "kedro": version,
            }
        )
        if version is None or tuple(int(part) for part in version.split(".")[:2]) < OLDEST_KEDRO:
            return 3
        adopt_orphans()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._settings["start"] == "fork" and not self._open_project():
            return 4
        return self._serve()

    def _open_project(self) -> bool:
        from .project import Project, describe_failure

        try:
            self._project = Project(self._settings)
        except BaseException as error:
            self._send({"type": "failed", "error": describe_failure(error)})
            return False
        self._own = set(children())
        threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
        gc.collect()
        gc.freeze()
        self._send({"type": "loaded", "threads": threads})
        return True

    def _send(self, message: dict[str, Any]) -> None:
        self._connection.sendall(encode(message))

    def _serve(self) -> int:
        self._wake, wake_write = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_write, False)
        self._wake_write = wake_write
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: None)
        poller = select.poll()
        poller.register(self._connection, select.POLLIN)
        poller.register(self._wake, select.POLLIN)
        reader = FrameReader(self._connection)
        try:
            while True:
                ready = {fd for fd, _ in poller.poll(TICK_MS)}
                if self._wake in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake, 4096)
                self._reap()
                self._unblock_output()
                if self._connection.fileno() in ready:
                    while True:
                        message = reader.read()
                        if message is None or message["type"] == "exit":
                            return 0
                        if message["type"] == "start":
                            self._start(message["worker"])
                        if not reader.buffered():
                            break
        except OSError:
            return 0
        finally:
            self._end_all()

    def _start(self, number: int) -> None:
        try:
            pid, output = self._launch(number)
        except OSError as error:
            # The system has no process or no file descriptor to give; the other workers have theirs.
            words = f"The worker cannot be started: {error}"
            self._send({"type": "ended", "worker": number, "code": os.EX_OSERR, "peakBytes": 0, "output": words})
            return
        self._workers[pid] = _Worker(number, output)
        self._send({"type": "started", "worker": number, "pid": pid})

    def _launch(self, number: int) -> tuple[int, int]:
        read, write = output_pipe()
        launch = self._fork if self._settings["start"] == "fork" else self._spawn
        try:
            return launch(number, read, write), read
        except OSError:
            os.close(read)
            raise
        finally:
            os.close(write)

    def _fork(self, number: int, read: int, write: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._connection.close()
            os.close(self._wake)
            os.close(self._wake_write)
            for worker in self._workers.values():
                os.close(worker.output)
            from .worker import redirect_output, run_worker

            redirect_output(write)
            run_worker(self._settings, number, read, self._project)
            code = 0
        finally:
            os._exit(code)

    def _spawn(self, number: int, read: int, write: int) -> int:
        process = subprocess.Popen(
            [sys.executable, sys.argv[0], "--worker"],
            stdin=subprocess.PIPE,
            stdout=write,
            stderr=write,
            pass_fds=[read],
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({**self._settings, "worker": number, "output": read}).encode() + b"\n")
        process.stdin.close()
        process.returncode = 0  # reaped here, not by subprocess
        return process.pid

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            worker = self._workers.pop(ended.si_pid, None)
            if worker is not None:
                # Before it is reaped its number cannot be another's.
                with contextlib.suppress(OSError):
                    os.killpg(ended.si_pid, signal.SIGKILL)
            self._own.discard(ended.si_pid)
            _, status, usage = os.wait4(ended.si_pid, 0)
            if worker is not None:
                words = last_words(worker.output)
                os.close(worker.output)
                code = os.waitstatus_to_exitcode(status)
                peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                self._send({"type": "ended", "worker": worker.number, "code": code, "peakBytes": peak, "output": words})
            self._end_orphans()

    def _end_orphans(self) -> list[int]:
        """End what lost workers have started outside their process group, which has become ours; returns it.

        What a living worker's run leaves is that worker's. What is ours from the start belongs to the project.
        """
        orphans = [pid for pid in children() if pid not in self._workers and pid not in self._own]
        for pid in orphans:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        return orphans

    def _unblock_output(self) -> None:
        """Cut what a worker cannot read itself, as a node writes it while it holds the interpreter's lock."""
        for worker in self._workers.values():
            full = unread(worker.output) > PIPE_BYTES // 2
            if full and worker.full_before:
                with contextlib.suppress(BlockingIOError):
                    cut = len(os.read(worker.output, PIPE_BYTES))
                    self._send({"type": "cut", "worker": worker.number, "bytes": cut})
            worker.full_before = full

    def _end_all(self) -> None:
        for pid in self._workers:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        while self._workers:
            pid, _ = os.wait()
            self._workers.pop(pid, None)
        self._own.clear()
        # Each may have children, which become ours when it has ended.
        while self._end_orphans():
            os.wait()
        self._remove_folder()

    def _remove_folder(self) -> None:
        """Remove the server's folder of sockets, as the server may have been killed."""
        folder = os.path.dirname(self._settings["socket"])
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)

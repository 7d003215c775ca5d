"""One worker: a process with the project in it, that does one thing at a time for the server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
from typing import Any, NoReturn

from . import PROTOCOL
from .channel import Channel, resident_bytes
from .frames import FrameReader, connect, encode
from .hooks import run_hooks
from .interrupts import Interrupts
from .orphans import Reaper, adopt_orphans
from .output import open_streams
from .process_state import ProcessState
from .project import Project, describe_failure, execute
from .snapshot import answer_snapshot
from .used_datasets import answer_used

F_SETSIG = 10


def hang_on(connection: socket.socket) -> None:
    """Let the kernel end this process's whole group when the other side of ``connection`` is gone.

    This also works while a node holds the interpreter's lock. Elsewhere than on Linux the
    channel's thread notices.
    """
    if sys.platform != "linux":
        return
    fd = connection.fileno()
    fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpgid(0))
    fcntl.fcntl(fd, F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)


def run_worker(settings: dict[str, Any], worker: int, output: int, project: Project | None) -> None:
    """Serve the server's messages until it says ``exit`` or closes. ``output`` is the pipe behind fd 1 and 2.

    ``project`` is the supervisor's, in a fork; a fresh process bootstraps its own.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    adopt_orphans()
    interrupts = Interrupts()
    lifeline = connect(settings["socket"])
    lifeline.sendall(encode({"type": "hello", "role": "lifeline", "protocol": PROTOCOL}))
    hang_on(lifeline)
    connection = connect(settings["socket"])
    connection.sendall(
        encode({"type": "hello", "role": "worker", "protocol": PROTOCOL, "worker": worker, "pid": os.getpid()})
    )
    folder = os.path.dirname(settings["socket"])
    channel = Channel(connection, output, folder, settings, interrupts)
    channel.node_of = run_hooks.node_of
    channel.note = run_hooks.note
    channel.note_output = run_hooks.note_output
    open_streams()
    if project is None:
        try:
            project = Project(settings)
        except BaseException as error:
            channel.send({"type": "failed", "error": describe_failure(error)})
            return
    try:
        _serve(project, channel, FrameReader(connection), interrupts)
        project.close()
    except BaseException as error:
        with contextlib.suppress(OSError):
            channel.send({"type": "failed", "error": describe_failure(error)})


def _serve(project: Project, channel: Channel, reader: FrameReader, interrupts: Interrupts) -> None:
    state = ProcessState()
    reaper = Reaper()
    channel.send({"type": "ready", "project": project.info(), "broken": project.broken})
    while True:
        message = reader.read()
        if message is None or message["type"] == "exit":
            return
        if message["type"] == "run":
            execute(project, channel, interrupts, message["run"], message["request"])
            state.restore()
            reaper.reap()
            channel.send({"type": "idle", "rss": resident_bytes()})
        elif message["type"] == "snapshot":
            answer = answer_snapshot(project, message["params"])
            state.restore()
            channel.send({"type": "snapshot", "request": message["request"], **answer})
        elif message["type"] == "used":
            answer = answer_used(project, message["order"])
            state.restore()
            channel.send({"type": "used", "request": message["request"], **answer})


def redirect_output(output: int) -> None:
    """Put the pipe ``output`` behind fd 1 and 2, and the end of a file behind fd 0."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def run_fresh_worker(settings: dict[str, Any]) -> NoReturn:
    """Be a worker in a process of its own, started by the supervisor."""
    code = 1
    try:
        run_worker(settings, settings["worker"], settings["output"], None)
        code = 0
    finally:
        # Threads that a run has left must not keep the process, which has done what it was for.
        os._exit(code)

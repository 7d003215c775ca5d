"""The way of the events of a run's child processes, those of a ParallelRunner, to its worker."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from typing import Any

from .channel import cut
from .frames import to_json

RUN_VARIABLE = "KEDRO_SERVER_RUN"
"""The environment variable that says where the worker of the run listens."""

# A datagram holds some 200,000 bytes, and a character is up to 12 of them.
_CHARACTERS = 16 * 1024


class ChildChannel:
    """What ``Channel`` is in a child process of a run: events go to the worker as datagrams."""

    def __init__(self, path: str) -> None:
        """``path`` is where the worker listens (``RUN_VARIABLE``)."""
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def emit(self, type_: str, **fields: Any) -> None:
        """Send an event of the run to the worker."""
        with contextlib.suppress(OSError):
            self._socket.sendto(to_json({"type": type_, **fields}), self._path)

    def output(self, name: str, kind: str, data_type: str, pieces: list[str]) -> None:
        """Send an output's JSON to the worker, in a file that has no name and goes with the last who has it open."""
        event = {"type": "output.ready", "output": name, "kind": kind, "dataType": data_type}
        with contextlib.suppress(OSError), tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
            file.flush()
            self._socket.connect(self._path)
            socket.send_fds(self._socket, [to_json(event)], [file.fileno()])

    def flush(self) -> None:
        """Do nothing: what is emitted has been sent."""

    def log(self, level: str, logger: str | None, source: str, message: str, node: str | None) -> None:
        """Send a line to the worker."""
        message = cut(message, _CHARACTERS)
        self.emit("log", level=level, logger=logger, source=source, message=message, node=node)

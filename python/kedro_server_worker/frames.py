"""Frames of the worker protocol: a mark, a length of four bytes, big endian, then that much JSON in UTF-8."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

HEADER = struct.Struct(">4sI")
# What each frame begins with: see src/kedro/frames.ts.
MARK = b"\0KS1"


def connect(path: str) -> socket.socket:
    """Connect to the server's socket at ``path``."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection


def to_json(message: Any, escape: bool = True) -> bytes:
    """Return the JSON of ``message`` in UTF-8.

    Text that is not Unicode is carried as ``\\udXXX`` escapes; without ``escape`` there must be none, and all
    other text takes less room.
    """
    return json.dumps(message, separators=(",", ":"), ensure_ascii=escape).encode()


def frame(body: bytes) -> bytes:
    """Return ``body``, the JSON of a message, as one frame."""
    return HEADER.pack(MARK, len(body)) + body


def encode(message: Any, escape: bool = True) -> bytes:
    """Return ``message`` as one frame (see ``to_json``)."""
    return frame(to_json(message, escape))


class FrameReader:
    """Reads frames from a connection that blocks."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pending = bytearray()

    def buffered(self) -> bool:
        """Tell whether a whole frame is here already."""
        pending = self._pending
        return len(pending) >= HEADER.size and len(pending) - HEADER.size >= self._length()

    def _length(self) -> int:
        return HEADER.unpack_from(self._pending)[1]

    def read(self) -> Any:
        """Return the next message, or None when the other side has closed."""
        while not self.buffered():
            chunk = self._connection.recv(65536)
            if not chunk:
                return None
            self._pending += chunk
        end = HEADER.size + self._length()
        body = bytes(self._pending[HEADER.size : end])
        del self._pending[:end]
        return json.loads(body)

"""Frames of the worker protocol: a length of four bytes, big endian, then that much JSON in UTF-8."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

HEADER = struct.Struct(">I")


def connect(path: str) -> socket.socket:
    """Connect to the server's socket at ``path``."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection


def encode(message: Any, escape: bool = True) -> bytes:
    """Return ``message`` as one frame.

    Text that is not Unicode is carried as ``\\udXXX`` escapes; without ``escape`` there must be none, and all
    other text takes less room.
    """
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=escape).encode()
    return HEADER.pack(len(body)) + body


class FrameReader:
    """Reads frames from a connection that blocks."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pending = bytearray()

    def buffered(self) -> bool:
        """Tell whether a whole frame is here already."""
        pending = self._pending
        return len(pending) >= 4 and len(pending) - 4 >= HEADER.unpack_from(pending)[0]

    def read(self) -> Any:
        """Return the next message, or None when the other side has closed."""
        while not self.buffered():
            chunk = self._connection.recv(65536)
            if not chunk:
                return None
            self._pending += chunk
        end = 4 + HEADER.unpack_from(self._pending)[0]
        body = bytes(self._pending[4:end])
        del self._pending[:end]
        return json.loads(body)

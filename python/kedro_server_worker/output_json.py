"""Writes outputs as JSON text, piece by piece, and no further than they may be large."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import sys
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

# What one call of the encoder writes: so many values, or sixteen times as many characters.
GROUP = 4096


class NotJson(Exception):
    """The value holds something that JSON does not."""


class TooLarge(Exception):
    """The text would be longer than it may be."""


def loaded(module: str, name: str, otherwise: Any = ()) -> Any:
    """Return what a library has under ``name``, unless nobody has imported it: we never do."""
    return getattr(sys.modules.get(module), name, otherwise)


def to_plain(value: Any) -> Any:
    """Return what JSON has for a small value that is none of its own; raises ``NotJson``."""
    if isinstance(value, (datetime.date, datetime.time)):
        # NaT is a date to Python, and equals nothing.
        return value.isoformat() if value == value else None
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (decimal.Decimal, uuid.UUID, pathlib.PurePath)):
        return str(value)
    if isinstance(value, loaded("numpy", "generic")):
        return _from_numpy(value)
    if value is loaded("pandas", "NA", to_plain):
        return None
    if isinstance(value, (loaded("pandas", "Period"), loaded("pandas", "Interval"))):
        return str(value)
    raise NotJson


def _from_numpy(value: Any) -> Any:
    if value.dtype.kind in "Mm":
        return str(value) if value == value else None
    if value.dtype.kind in "cSV":
        raise NotJson
    return value.item()


def _finite(value: Any) -> Any:
    """Return ``value`` with None for every float that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if value is None or isinstance(value, (str, int)):
        return value
    return _finite(to_plain(value))


_form = {"allow_nan": False, "separators": (",", ":"), "default": to_plain}
_encoder = json.JSONEncoder(ensure_ascii=False, **_form)
_escaping_encoder = json.JSONEncoder(ensure_ascii=True, **_form)


def _encode(value: Any) -> str:
    try:
        text = _encoder.encode(value)
    except ValueError:
        value = _finite(value)
        text = _encoder.encode(value)
    except TypeError:
        # A key that is no text, nor what JSON makes text of.
        raise NotJson from None
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            # Lone surrogates are no text; JSON has escapes for them.
            return _escaping_encoder.encode(value)
    return text


class JsonText:
    """JSON text of at most ``limit`` bytes of UTF-8."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.pieces: list[str] = []
        self._bytes = 0
        self._small = (
            int,
            float,
            enum.Enum,
            datetime.date,
            datetime.time,
            datetime.timedelta,
            decimal.Decimal,
            uuid.UUID,
            pathlib.PurePath,
            loaded("numpy", "generic"),
            loaded("pandas", "Period"),
            loaded("pandas", "Interval"),
            type(loaded("pandas", "NA", None)),
        )

    def add(self, piece: str) -> None:
        """Add text that is a piece of JSON already; raises ``TooLarge``."""
        self._bytes += len(piece) if piece.isascii() else len(piece.encode("utf-8"))
        self.require(0)
        self.pieces.append(piece)

    def require(self, size: int) -> None:
        """Raise ``TooLarge`` when ``size`` more bytes have no room."""
        if self._bytes + size > self.limit:
            raise TooLarge

    def write(self, value: Any) -> None:
        """Write ``value``; raises ``NotJson`` and ``TooLarge``."""
        try:
            self._write(value)
        except RecursionError:
            # Too deep, or inside itself.
            raise NotJson from None

    def write_list(self, parts: Iterable[Iterable[Any]]) -> None:
        """Write one list of all items of ``parts``."""
        self.add("[")
        separator = ""
        for part in parts:
            for group in self._group(part):
                self.add(separator)
                if len(group) == 1:
                    self._write(group[0])
                else:
                    self.add(_encode(group)[1:-1])
                separator = ","
        self.add("]")

    def _group(self, items: Iterable[Any]) -> Iterable[list[Any]]:
        """Give ``items`` in groups that one call may write; a heavy item is a group of its own."""
        group: list[Any] = []
        left = GROUP
        for item in items:
            left = self._weigh(item, left)
            if left < 0:
                if group:
                    yield group
                group = []
                left = self._weigh(item, GROUP)
            group.append(item)
            if left < 0:
                yield group
                group = []
                left = GROUP
        if group:
            yield group

    def _weigh(self, value: Any, left: int) -> int:
        """Return how much of ``left`` remains beside ``value``; negative when it is too heavy."""
        if isinstance(value, str):
            return left - 1 - (len(value) >> 4)
        if isinstance(value, dict):
            left -= 1
            for key, member in value.items():
                left = self._weigh(member, left - (len(key) >> 4 if isinstance(key, str) else 0))
                if left < 0:
                    return -1
            return left
        if isinstance(value, (list, tuple)):
            left -= 1
            for item in value:
                left = self._weigh(item, left)
                if left < 0:
                    return -1
            return left
        return left - 1 if value is None or isinstance(value, self._small) else -1

    def _write(self, value: Any) -> None:
        if isinstance(value, str):
            self.require(len(value))
            self.add(_encode(value))
        elif self._weigh(value, GROUP) >= 0:
            self.add(_encode(value))
        elif isinstance(value, dict):
            self._write_members(value)
        elif isinstance(value, (list, tuple)):
            self.write_list([value])
        else:
            self._write_object(value)

    def _write_members(self, members: Mapping[Any, Any]) -> None:
        separator = "{"
        for key, member in members.items():
            self.add(separator)
            # The encoder's own rules make the key: `{"1":0}` without what is around it.
            self.add(_encode({key: 0})[1:-2])
            self._write(member)
            separator = ","
        self.add("{}" if separator == "{" else "}")

    def _write_object(self, value: Any) -> None:
        from .tables import write_library_value

        if write_library_value(value, self):
            return
        if isinstance(value, loaded("pydantic", "BaseModel")):
            dump = getattr(value, "model_dump", None)
            self._write(value.dict() if dump is None else dump(mode="json"))
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            self._write({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
        elif isinstance(value, Mapping):
            self._write(dict(value))
        elif isinstance(value, (set, frozenset, range)):
            self._write(list(value))
        else:
            raise NotJson

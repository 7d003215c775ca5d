"""Removes secrets from errors' messages; credentials in URLs by Kedro's own function where this Kedro has one."""

from __future__ import annotations

import re
from collections.abc import Callable

from .line_redaction import HIDDEN, USER_PART, cut_around, hide, hide_values

# Kedro's search for URLs takes the square of a word's length.
_WORD_LIMIT = 4096

_SPACE = re.compile(r"(\s+)")

_kedro_redact: Callable[[str], str] | None
try:
    from kedro.io.core import _redact_url_credentials as _kedro_redact
except ImportError:
    _kedro_redact = None


def redact(text: str) -> str:
    """Return ``text``, cut to ``LIMIT`` characters, without secrets and the user parts of its URLs."""
    return cut_around(text, lambda part: hide(_redact_urls(part)))


def _redact_urls(text: str) -> str:
    if "://" not in text:
        return text if _kedro_redact is None else _kedro_redact(text)
    return "".join(_redact_word(word) if "://" in word else word for word in _SPACE.split(text))


def _redact_word(word: str) -> str:
    if len(word) > _WORD_LIMIT:
        word = hide_values(word)
        word = f"{word[:_WORD_LIMIT]}… ({len(word) - _WORD_LIMIT} more characters were cut)"
    if _kedro_redact is not None:
        return _kedro_redact(word)
    return USER_PART.sub(rf"\1{HIDDEN}@", word)


def describe(error: BaseException) -> dict[str, str]:
    """Return the qualified name of the error's class and its redacted message."""
    try:
        message = str(error)
    except Exception as unprintable:
        message = f"<the message cannot be shown: {type(unprintable).__name__}>"
    return {"type": type(error).__qualname__, "message": redact(message)}

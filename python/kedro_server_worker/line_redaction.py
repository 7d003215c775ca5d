"""Removes credentials in URLs from lines of a log. Needs no Kedro: the supervisor may not have imported it."""

from __future__ import annotations

import re

USER_PART = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s/\"'<>]{1,512}@")
_QUERY_VALUE = re.compile(r"([?&][^\s?&=#]{1,64}=)[^\s&#'\"]+")


def redact_line(line: str) -> str:
    """Return a line of a log without the user parts and query values of its URLs; the rest stays readable."""
    if "://" not in line:
        return line
    return _QUERY_VALUE.sub(r"\1<redacted>", USER_PART.sub(r"\1<redacted>@", line))

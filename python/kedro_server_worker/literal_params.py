"""Runtime parameters as data: what looks like an interpolation in them is text."""

from __future__ import annotations

import re
import secrets
from typing import Any

# OmegaConf's sign for a value that is missing cannot be escaped, so something else stands for it meanwhile.
_MISSING = "???"
_STAND_IN = f"missing-{secrets.token_hex(16)}"

_INTERPOLATION = re.compile(r"(?<!\\)(\\*)\$\{")


def _escape(value: Any) -> Any:
    if isinstance(value, str):
        if value == _MISSING:
            return _STAND_IN
        return _INTERPOLATION.sub(lambda found: f"{found[1] * 2}\\${{", value) if "${" in value else value
    if isinstance(value, dict):
        return {key: _escape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escape(item) for item in value]
    return value


def restore(value: Any) -> Any:
    """Return ``value``, resolved configuration, with the texts that could not be escaped."""
    if isinstance(value, str):
        return value.replace(_STAND_IN, _MISSING)
    if isinstance(value, dict):
        return {key: restore(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restore(item) for item in value]
    return value


def escape(params: dict[str, Any] | None) -> tuple[dict[str, Any] | None, bool]:
    """Return ``params`` as OmegaConf resolves them to what they are, and whether that has to be restored."""
    text = repr(params)
    if "${" not in text and _MISSING not in text:
        return params, False
    return _escape(params), _MISSING in text

"""Removes secrets from lines of a log. Needs no Kedro: the supervisor may not have imported it.

``src/redact/`` does the same in the server; a test asks both about the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from .secret_values import forms_of

HIDDEN = "<redacted>"
LIMIT = 64 * 1024
# What is searched beyond what is shown, so that no secret is cut into a part that is shown.
OVERLAP = 4096

USER_PART = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^ \t\r\n\f\v/\"'<>]{1,512}@")
_QUERY_VALUE = re.compile(r"([?&][^ \t\r\n\f\v?&=#]{1,64}=)[^ \t\r\n\f\v&#'\"]+")

# The patterns are those of src/redact/hide-secrets.ts, letter by letter. Each is linear: its parts
# are bounded, or take all that they can and cannot fail afterwards.
_PEM = re.compile(
    r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(?:[^-]|-(?!-))*"
    r"(-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
)
# JSON Web Tokens, and keys of AWS, GitHub, GitLab, Slack, Google, OpenAI, Hugging Face and ours.
_SHAPES = re.compile(
    r"(?<![A-Za-z0-9_-])(?:eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?|sk-[A-Za-z0-9_-]{20,})"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"
    r"|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35}|hf_[A-Za-z0-9]{30,}"
    r"|kds_[A-Za-z0-9]{16,}"
)
# ``password=…``, ``"token": "…"``, ``api_key: …``, ``Authorization: Bearer …``: name, sign and what is hidden.
_MEMBERS = re.compile(
    r"((?:(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|account|private)[_-]?key|authorization|cookie"
    r"|connection[_-]?string)(?:[_-][A-Za-z0-9_-]{0,40}|[0-9]{1,4})?|token)"
    r"(?:\\{0,3}[\"'])?\]?[ \t]{0,8}(?:[:=]{1,2}|=>)[ \t]{0,8})"
    r"(?:([bru]{0,2}\")(?:[^\"\\\r\n]|\\[^\r\n])+|([bru]{0,2}')(?:[^'\\\r\n]|\\[^\r\n])+"
    r"|(\\{1,3}[\"'])[^\"'\\\r\n]+"
    r"|(?!(?:none|null|true|false|undefined)(?![A-Za-z0-9_]))(?:(?:bearer|basic|digest|negotiate|token)[ \t]{1,8})?"
    r"[^ \t\r\n\f\v,;&\"'\\({[][^ \t\r\n\f\v,;&\"'\\]*)",
    re.ASCII | re.IGNORECASE,
)
_BEARER = re.compile(
    r"\b(bearer|basic)([ \t]{1,8})(?=[A-Za-z0-9._~+/=-]{8})"
    r"(?:[A-Za-z._~+/-]{0,63}[0-9][A-Za-z0-9._~+/=-]*|[A-Za-z._~+/=-]{20,})",
    re.ASCII | re.IGNORECASE,
)
_KEY_LINE = re.compile(
    r"[ \t\r]{0,64}[A-Za-z0-9+/=]{0,128}[ \t\r]{0,64}|(?:Proc-Type|DEK-Info|Comment|Version): [^\n]*"
)

_known: frozenset[str] = frozenset()
_of_run: frozenset[str] = frozenset()
_forms: tuple[str, ...] = ()
_values = re.compile("(?!)")


def set_values(values: Iterable[str]) -> None:
    """Take ``values`` out of every text from now on, also where they are escaped or encoded."""
    global _known
    _known = frozenset(values)
    _compile()


def _compile() -> None:
    global _forms, _values
    # The longest first: a part of it may be a value, too.
    _forms = tuple(sorted({form for value in _known | _of_run for form in forms_of(value)}, key=len, reverse=True))
    _values = re.compile("|".join(map(re.escape, _forms)))


def add_values(values: frozenset[str]) -> None:
    """Take ``values`` out, too: those that were known before may stand in older files, or come back."""
    if not values <= _known:
        set_values(_known | values)


def set_run_values(values: frozenset[str]) -> None:
    """Take ``values``, too, out of texts until the next run brings its own."""
    global _of_run
    if values != _of_run:
        _of_run = values
        _compile()


def hide_values(text: str) -> str:
    """Return ``text`` without the values that are known by heart."""
    # Python searches each for itself ten times as fast as all of them by one expression.
    return _values.sub(HIDDEN, text) if any(map(text.__contains__, _forms)) else text


def hide(text: str) -> str:
    """Return ``text`` without known values and without what looks like a secret."""
    return _hide_secrets(hide_values(text))


def _hide_secrets(text: str) -> str:
    if not _is_suspicious(text.lower()):
        return text
    text = _PEM.sub(rf"\1{HIDDEN}\2", text)
    text = _SHAPES.sub(HIDDEN, text)
    text = _MEMBERS.sub(rf"\1\2\3\4{HIDDEN}", text)
    return _BEARER.sub(rf"\1\2{HIDDEN}", text)


def _is_suspicious(text: str) -> bool:
    """Without one of these there is nothing to hide. A busy log is read by this alone."""
    return (
        "key" in text
        or "pass" in text
        or "token" in text
        or "secret" in text
        or "pwd" in text
        or "authorization" in text
        or "connection" in text
        or "cookie" in text
        or "bearer" in text
        or "basic" in text
        or "eyj" in text
        or "akia" in text
        or "asia" in text
        or "gh" in text
        or "glpat-" in text
        or "xox" in text
        or "aiza" in text
        or "sk-" in text
        or "hf_" in text
        or "kds_" in text
    )


def cut_around(text: str, redact: Callable[[str], str]) -> str:
    """Return ``redact(text)``; long text is cut before it is searched."""
    more = len(text) - LIMIT
    if more <= 0:
        return redact(text)
    searched = redact(text[: LIMIT + OVERLAP])
    shown = searched[: min(LIMIT, len(searched) - (OVERLAP if more > OVERLAP else 0))]
    return f"{shown}… ({more} more characters were cut)"


def _redact_line(line: str) -> str:
    if "://" not in line:
        return hide(line)
    # Values come between: one that looks like a part of a query would be hidden in part only.
    line = hide_values(USER_PART.sub(rf"\1{HIDDEN}@", line))
    return _hide_secrets(_QUERY_VALUE.sub(rf"\1{HIDDEN}", line))


def redact_line(line: str) -> str:
    """Return a line of a log without secrets and without the user parts and query values of its URLs."""
    return _redact_line(line) if len(line) <= LIMIT else cut_around(line, _redact_line)


def redact_beginning(line: str) -> str:
    """Return the beginning of a line whose end is not waited for, without what may be half a secret."""
    searched = _redact_line(line[: LIMIT + OVERLAP])
    shown = searched[: min(LIMIT, len(searched) - OVERLAP)]
    return f"{shown}… ({len(line) - len(shown)} more characters were cut)"


class LineRedaction:
    """Redacts lines that come one after the other, and knows a private key that goes over several."""

    def __init__(self) -> None:
        self._in_key = False

    def line(self, line: str) -> str:
        """Return ``line`` without secrets."""
        if self._in_key:
            self._in_key = _KEY_LINE.fullmatch(line) is not None
            if self._in_key or "-----END " in line:
                return HIDDEN
        elif "PRIVATE KEY" in line and "-----BEGIN " in line and "-----END " not in line:
            self._in_key = True
        return redact_line(line)

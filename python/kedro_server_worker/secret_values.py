"""Knows which texts must not be shown: values of credentials and of variables with secret names."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

MIN_LENGTH = 6
"""What is shorter is no secret, but a port, a user, a yes or no."""
MAX_VALUES = 1000

_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "credential",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "authorization",
    "cookie",
    "connectionstring",
)
_SUSPICIOUS = re.compile(
    r"pass|pwd|secret|credential|key|token|authorization|cookie|connection|\\u", re.ASCII | re.IGNORECASE
)
_NO_LETTER = re.compile(r"[^a-z0-9]")
_URL_USER = re.compile(r"://([^ \t\r\n\f\v/?#\"'<>]{1,512})@")
# Their values are names of files, whatever the names sound like.
_FILE_NAME = re.compile(r"(?:_FILE|_PATH|_DIR|^GOOGLE_APPLICATION_CREDENTIALS)\Z", re.ASCII | re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Tell whether what stands under this name is a secret."""
    word = _NO_LETTER.sub("", name[:256].lower())
    # `max_tokens` is a number of words, `token` and `api_token` are keys to something.
    return word.endswith("token") or any(secret in word for secret in _WORDS)


def _passwords_in(text: str) -> Iterator[str]:
    """Yield passwords, or else all of the user part, of the URLs in ``text``."""
    for user in _URL_USER.findall(text):
        head, colon, tail = user.partition(":")
        password = tail if colon else head
        yield password
        yield unquote(password)


def _leaves_of(root: Any, is_secret: bool) -> Iterator[str]:
    """Yield texts and numbers at any depth, without recursion; with ``is_secret`` false, those under secret names."""
    rest = [(root, is_secret)]
    while rest:
        value, is_shut = rest.pop()
        if isinstance(value, Mapping):
            rest += [(member, is_shut or is_secret_name(str(name))) for name, member in value.items()]
        elif isinstance(value, (list, tuple)):
            rest += [(member, is_shut) for member in value]
        elif is_shut and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            yield str(value)


def _parts_of(text: str) -> Iterator[str]:
    """Yield the text, and what of it is also seen alone: a text on several lines is printed line by line."""
    yield text.strip()
    if "://" in text:
        yield from _passwords_in(text)
    lines = text.split("\n")
    if len(lines) > 1:
        yield from (line.strip() for line in lines if not line.startswith("-----"))


def _select(texts: Iterable[str]) -> frozenset[str]:
    values: set[str] = set()
    for text in texts:
        if len(text) >= MIN_LENGTH:
            values.add(text)
        if len(values) == MAX_VALUES:
            break
    return frozenset(values)


def secrets_of_credentials(credentials: Any) -> frozenset[str]:
    """Return what must not be shown of a project's credentials: each text and number, at any depth."""
    return _select(part for leaf in _leaves_of(credentials, is_secret=True) for part in _parts_of(leaf))


def secrets_of_params(params: Any) -> frozenset[str]:
    """Return what must not be shown of a run's parameters: what stands under secret names, at any depth."""
    return _select(part for leaf in _leaves_of(params, is_secret=False) for part in _parts_of(leaf))


def secrets_of_params_json(text: str | None) -> frozenset[str]:
    """Return the same of JSON text; nothing where it is none, which fails the run by itself."""
    if text is None or not _SUSPICIOUS.search(text):
        return frozenset()
    try:
        return secrets_of_params(json.loads(text))
    except (ValueError, RecursionError):
        return frozenset()


def secrets_of_environment(environment: Mapping[str, str]) -> frozenset[str]:
    """Return what must not be shown of an environment: values under secret names, and passwords in URLs."""
    texts: list[str] = []
    for name, value in environment.items():
        if is_secret_name(name) and not _FILE_NAME.search(name):
            texts += _parts_of(value)
        elif "://" in value:
            texts += _passwords_in(value)
    return _select(texts)


def _quoted_forms(value: str) -> Iterator[str]:
    """Yield ``value`` as JSON and ``repr`` write it."""
    text = json.dumps(value, ensure_ascii=False)[1:-1]
    yield text
    yield json.dumps(value)[1:-1]
    single = text.replace('\\"', '"')
    yield single
    yield single.replace("'", "\\'")


def _url_forms(value: str) -> Iterator[str]:
    """Yield ``value`` as it stands in URLs: everything encoded, but for slashes, or as a form sends it."""
    yield quote(value, safe="!'()*", errors="replace")
    strict = quote(value, safe="", errors="replace")
    yield strict
    yield strict.replace("%2F", "/")
    yield strict.replace("%20", "+")


def _base64_forms(value: str) -> Iterator[str]:
    """Yield the characters that ``value`` always has in Base64, wherever in the encoded bytes it begins."""
    data = value.encode("utf-8", "replace")
    if len(data) < 8:
        return
    for before in (0, 1, 2):
        known = (before + len(data)) * 8 // 6
        form = base64.b64encode(b"\0" * before + data).decode()[-(-before * 8 // 6) : known]
        yield form
        yield form.replace("+", "-").replace("/", "_")


def forms_of(value: str) -> set[str]:
    """Return ``value`` as it is, quoted, in URLs and in Base64."""
    return {value, *_quoted_forms(value), *_url_forms(value), *_base64_forms(value)}

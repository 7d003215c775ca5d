"""Where runtime parameters may lead: below the project's folder, and below what the server lists."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Iterable, Iterator

_URL = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*)://")
_LOCAL = re.compile(r"(?:file|local):(?://)?", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# What Python's own libraries, and pandas with them, open without a host.
_OPENED = {*urllib.parse.uses_netloc, "data"} - {""}
_WITH_HOST = re.compile(r"://[^/]+/")
# No system opens a longer one.
_PATH_LIMIT = 4096
_PARTS_LIMIT = 64


def _climbs(path: str) -> bool:
    return ".." in re.split(r"[/\\]", urllib.parse.unquote(path))


class ParamPlaces:
    """Folders, and URLs."""

    def __init__(self, project: str, roots: Iterable[str]) -> None:
        """``roots`` are absolute folders, and URLs with a host or a bucket."""
        self._project = project
        self._folders = [project, *(root for root in roots if "://" not in root)]
        self._urls = [self._lower(root.rstrip("/") + "/") for root in roots if "://" in root]

    def allow(self, text: str, written: str) -> bool:
        """Tell whether ``text`` leads to an allowed place in every way that a dataset could read it.

        ``written`` is what the configuration itself has in front of the parameter: what is below a folder
        or a URL that it names stays there.
        """
        base = written[: written.rfind("/") + 1]
        if "/" not in text.partition("://")[0] and "://" in text and not _LOCAL.match(text.strip()):
            return self._is_url_allowed(text, base)
        parts = text.split("::")
        return len(parts) <= _PARTS_LIMIT and all(self._is_path_allowed(part, base) for part in parts)

    @staticmethod
    def _lower(url: str) -> str:
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme.lower()}://{host.lower()}{slash}{path}"

    def _is_url_allowed(self, text: str, base: str) -> bool:
        if _WITH_HOST.search(base) and text.startswith(base):
            rest = text[len(base) :]
            return "://" not in rest and "::" not in rest and not _climbs(rest)
        if not _URL.match(text) or text.count("://") > 1 or "::" in text:
            return False
        lowered = self._lower(text)
        return any(
            f"{lowered}/" == url or (lowered.startswith(url) and not _climbs(lowered[len(url) :])) for url in self._urls
        )

    def _is_path_allowed(self, text: str, base: str) -> bool:
        bare = text.strip()
        scheme = _SCHEME.match(bare)
        if scheme and scheme[1].lower() in _OPENED and not _LOCAL.match(bare):
            return False
        if len(text) > _PATH_LIMIT:
            return not (bare.startswith(("/", "~")) or _LOCAL.match(bare) or _climbs(text))
        folders = self._folders
        if base.strip("/") and text.startswith(base) and not _climbs(text[len(base) :]):
            folders = [*folders, os.path.join(self._project, base)]
        real_folders = [os.path.realpath(folder) for folder in folders]
        try:
            return all(
                any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in real_folders)
                for path in map(os.path.realpath, self._paths_of(text))
            )
        except ValueError:
            # Python opens no path with a NUL or half a surrogate pair in it; libraries in C stop at a NUL.
            openable = text.encode("utf-8", "replace").decode()
            return openable != text or "\0" in text and all(
                self._is_path_allowed(part, base) for part in (openable.partition("\0")[0], openable.replace("\0", "_"))
            )

    def _paths_of(self, text: str) -> Iterator[str]:
        """Give each path that a library could take ``text`` for."""
        for form in {text, text.strip()}:
            yield os.path.join(self._project, form)
            # Some take '..' away before they follow links.
            yield os.path.normpath(os.path.join(self._project, form))
            if form.startswith("~"):
                yield os.path.expanduser(form)
            local = _LOCAL.match(form)
            if local:
                rest = form[local.end() :]
                if _LOCAL.match(urllib.parse.unquote(rest)):
                    # A scheme in another one: no place at all.
                    yield "/"
                    return
                yield from self._paths_of(rest)
                yield from self._paths_of(urllib.parse.unquote(rest))
                yield from self._paths_of("/" + rest.partition("/")[2])

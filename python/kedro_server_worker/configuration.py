"""Keeps parsed configuration as long as the files that it was read from are the same.

Leans on public parts of Kedro only: the setting ``CONFIG_LOADER_CLASS`` and the loader's ``[]``.
What a loader answers for a kind of configuration depends on the files' texts, on runtime parameters
where a text (or the kind ``parameters``) uses them, on the environment where a text reads it, and on
resolvers. A text that calls any resolver but Kedro's own is therefore never kept.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .guarded_loader import guard_loader
from .param_guard import Lead, ParamGuard

KEPT = 64
# A file that has changed this shortly ago may change again within the clock's grain, unseen.
RACY_NS = 50_000_000

_RESOLVER = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_.]{0,99})\s*:")
_OWN_RESOLVERS = {"globals", "runtime_params", "oc.env"}
_SUFFIXES = (".yml", ".yaml", ".json")

Fingerprint = tuple[tuple[str, int, int, int, int], ...]


def fingerprint(folder: str) -> Fingerprint | None:
    """Return name, size, times and inode of each file below ``folder``; None where that cannot be relied on.

    The time of change is the system's own: a tool that sets a file's modification time cannot hide an edit.
    """
    found: list[tuple[str, int, int, int, int]] = []
    newest = 0
    folders = [folder]
    try:
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(entry.path)
                        continue
                    status = entry.stat()
                    newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
                    found.append((entry.path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    except OSError:
        return None
    if newest > time.time_ns() - RACY_NS:
        return None
    found.sort()
    return tuple(found)


class _Traits:
    """What the texts below a folder use that is not in the files themselves."""

    def __init__(self, files: Fingerprint) -> None:
        resolvers: set[str] = set()
        elsewhere: set[str] = set()
        for path, *_ in files:
            if path.endswith(_SUFFIXES):
                found = _RESOLVER.findall(Path(path).read_text("utf-8", "replace"))
                resolvers.update(found)
                if not any(part.startswith("parameters") for part in Path(path).parts):
                    elsewhere.update(found)
        self.pure = resolvers <= _OWN_RESOLVERS
        self.runtime_params = "runtime_params" in resolvers
        self.runtime_places = "runtime_params" in elsewhere
        self.environment = "oc.env" in resolvers


_kept_class: type | None = None
_traits: tuple[Fingerprint, _Traits] | None = None
_kept: OrderedDict[Any, tuple[bytes, Iterable[Lead]]] = OrderedDict()


def _traits_of(files: Fingerprint) -> _Traits:
    global _traits
    if _traits is None or _traits[0] != files:
        _kept.clear()
        _traits = (files, _Traits(files))
    return _traits[1]


def is_kept(conf_source: str) -> bool:
    """Tell whether what is read from ``conf_source`` depends on its files and runtime parameters only."""
    from kedro.framework.project import settings

    if settings.CONFIG_LOADER_CLASS is not _kept_class or not os.path.isdir(conf_source):
        return False
    files = fingerprint(conf_source)
    return files is not None and _traits_of(files).pure


def places_depend_on_params(conf_source: str) -> bool:
    """Tell whether anything but parameters uses runtime parameters; True where that is not known."""
    files = fingerprint(conf_source)
    return files is None or _traits_of(files).runtime_places


def prepare_loader(guard: ParamGuard | None) -> None:
    """Let the project's configuration loader, where it is Kedro's, keep what it has read.

    ``guard`` says what runtime parameters may do to it; None: what they may in Kedro.
    """
    from kedro.config import MissingConfigException, OmegaConfigLoader
    from kedro.framework.project import settings

    global _kept_class
    is_own = settings.CONFIG_LOADER_CLASS is OmegaConfigLoader
    loader_class = settings.CONFIG_LOADER_CLASS
    if guard is not None:
        loader_class = guard_loader(loader_class, guard)
        settings.set("CONFIG_LOADER_CLASS", loader_class)
    if not is_own:
        return

    class KeptOmegaConfigLoader(loader_class):  # type: ignore[misc, valid-type]
        def __init__(self, conf_source: Any, *args: Any, **kwargs: Any) -> None:
            self._files = fingerprint(str(conf_source))
            super().__init__(conf_source, *args, **kwargs)

        def __getitem__(self, key: str) -> Any:
            if self._files is None or key in self.data or key not in self.config_patterns:
                return super().__getitem__(key)
            traits = _traits_of(self._files)
            if not traits.pure:
                return super().__getitem__(key)
            name = self._name(key, traits)
            found = _kept.get(name)
            if found is None:
                try:
                    kept = pickle.dumps(super().__getitem__(key), pickle.HIGHEST_PROTOCOL)
                except MissingConfigException as missing:
                    kept = pickle.dumps(missing)
                _kept[name] = kept, getattr(self, "leads", ())
                if len(_kept) > KEPT:
                    _kept.popitem(last=False)
            else:
                _kept.move_to_end(name)
                kept, leads = found
                if guard is not None:
                    guard.check_leads(leads)
            value = pickle.loads(kept)
            if isinstance(value, MissingConfigException):
                raise value
            return value

        def _name(self, key: str, traits: _Traits) -> Any:
            params = environment = None
            if key == "parameters" or traits.runtime_params:
                params = hashlib.sha256(pickle.dumps(self.runtime_params)).digest()
            if traits.environment:
                environment = hash(frozenset(os.environ.items()))
            return (
                key,
                self.conf_source,
                self.env,
                self.base_env,
                self.default_run_env,
                repr(self.config_patterns[key]),
                self.merge_strategy.get(key),
                self.ignore_hidden,
                getattr(self, "restrict_runtime_params_type_selection", False),
                params,
                environment,
            )

    KeptOmegaConfigLoader.__name__ = KeptOmegaConfigLoader.__qualname__ = "OmegaConfigLoader"
    settings.set("CONFIG_LOADER_CLASS", KeptOmegaConfigLoader)
    _kept_class = KeptOmegaConfigLoader

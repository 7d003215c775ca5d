"""Holds what runtime parameters make of the catalog against what they may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

from .param_places import ParamPlaces
from .run_inputs import unlogged

Place = tuple[Any, ...]

MARK = "\ufdd0"
"""Stands for a parameter's value in ``Change.marked``."""

KEY = "(key)"
"""Stands at the end of the place of a change whose value is a key of a mapping."""

# Keys that name code: 'type' is Kedro's, by the others datasets import something.
_CODE = {"type", "backend", "comparison_func"}
# A file system's own options can lead it to another host; how a file is opened is not one of them.
_FILE_SYSTEM = {"fs_args", "storage_options"}
_OPENING = {"open_args_load", "open_args_save"}
_PATH_LIKE = re.compile(r"path|file|dir|folder|root|ur[il]", re.IGNORECASE)


class Change(NamedTuple):
    """A value that runtime parameters had a part in."""

    entry: str
    place: Place
    value: Any
    params: frozenset[str]
    configured: Callable[[], Any]
    """The value as it is without them; None where there is none."""
    marked: Callable[[], Any]
    """The text with ``MARK`` for each of them; None where that cannot be told."""

    def field(self) -> str:
        """Return where in the entry it is, for messages."""
        return ".".join(map(str, self.place))


class Lead(NamedTuple):
    """What a dataset may open by a change: to be looked at in each run, as links come and go."""

    change: Change
    texts: tuple[tuple[str, str], ...]
    """Each with what the configuration has in front of the parameters."""


class ParamGuard:
    """Refuses what runtime parameters may not do."""

    def __init__(self, places: ParamPlaces) -> None:
        self._places = places

    def check(self, change: Change, concrete: Callable[..., Iterable[tuple[str, str]]]) -> Lead | None:
        """Raise when ``change`` may not be; return what of it depends on the disk.

        ``concrete`` gives what a dataset factory makes of texts.
        """
        keys = [key for key in change.place if isinstance(key, str)]
        key = keys[-1] if keys else ""
        value = change.value
        unpickles = key == "file_format" and value == "pickle"
        if _CODE.intersection(keys) or key == "dataset" or "validator" in keys or unpickles:
            if value is not None and value != change.configured():
                _refuse_code(change, key)
            return None
        if not isinstance(value, str):
            is_descriptor = isinstance(value, int) and not isinstance(value, bool) and _PATH_LIKE.search(key)
            if is_descriptor and value != change.configured():
                _refuse_lead(change, value)
            return None
        if ("credentials" in keys and "://" not in value) or value == change.configured():
            return None
        marked = change.marked()
        marked = marked if isinstance(marked, str) and MARK in marked else ""
        if "{" in change.entry and any(value.count(brace) != marked.count(brace) for brace in "{}"):
            _refuse_placeholder(change)
        if key != KEY and _FILE_SYSTEM.intersection(keys) and not _OPENING.intersection(keys):
            _refuse_lead(change, value)
        kept = change._replace(configured=_nothing, marked=_nothing)
        written = _written(value, marked)
        lead = Lead(kept, ((value, written), *concrete(value, written)))
        self.check_leads([lead])
        return lead

    def check_leads(self, leads: Iterable[Lead]) -> None:
        """Raise when one of ``leads`` goes where it may not."""
        for change, texts in leads:
            for text, written in texts:
                if not self._places.allow(text, written):
                    _refuse_lead(change, text)


    def check_versions(self, load_versions: dict[str, str], catalog: Any) -> None:
        """Raise when a version that a request names is not one of those that its dataset has in its folder."""
        for name, version in load_versions.items():
            with unlogged("kedro.io.catalog_config_resolver"):
                config = catalog.config_resolver.resolve_pattern(name)
            if version in (".", "..") or "/" in version or "\\" in version:
                if _refuses_itself(config):
                    continue
                _refuse_version(version)
            path = _path_of(config)
            if path is not None and not self._places.allow(f"{path}/{version}/{path.rpartition('/')[2]}", f"{path}/"):
                _refuse_version(version)


def _written(value: str, marked: str) -> str:
    """Return what the configuration has in front of the parameters, where they cannot make a name of it longer."""
    written = marked.partition(MARK)[0]
    rest = value[len(written) :]
    if rest.startswith("/"):
        return f"{written}/"
    is_folder = written.endswith("/")
    return written if is_folder or rest.count("/") == marked.count("/") - written.count("/") else ""


def _nothing() -> None:
    return None


def _refuses_itself(config: Any) -> bool:
    """Tell whether it is a dataset that refuses such a version in these words when it is loaded."""
    from kedro.io.core import AbstractVersionedDataset, parse_dataset_definition

    dataset_class, _ = parse_dataset_definition(config)
    return getattr(dataset_class, "_get_versioned_path", None) is AbstractVersionedDataset._get_versioned_path


def _path_of(config: Any) -> str | None:
    """Return the local path of a dataset, or of what it caches."""
    while isinstance(config, dict):
        path = config.get("filepath") or config.get("path")
        if path is not None:
            return path if isinstance(path, str) and "://" not in path else None
        config = config.get("dataset")
    return None


def _refuse_version(version: str) -> NoReturn:
    from kedro.io import DatasetError

    raise DatasetError(
        f"Version string '{version}' is not allowed. Version strings must be a single non-empty path component with "
        "no path separators ('/' or '\\') and must not be '.' or '..'."
    )


def _refuse_code(change: Change, key: str) -> NoReturn:
    from omegaconf.errors import InterpolationResolutionError

    raise InterpolationResolutionError(
        f"Dataset '{change.entry}' resolves a '{key}' field via the 'runtime_params:' resolver to '{change.value}', "
        "which is not permitted. Runtime parameters must not select which dataset class is instantiated, at any "
        f"nesting depth. Leave the {_named(change)} out, or have the catalog alone say '{change.field()}'."
    )


def _refuse_lead(change: Change, value: Any) -> NoReturn:
    from kedro.io import DatasetError

    raise DatasetError(
        f"The {_named(change)} may not lead '{change.field()}' of the dataset '{change.entry}' to '{value}', which is "
        "neither below the project's folder nor below a place in the server's 'paramRoots' ('--param-roots')."
    )


def _refuse_placeholder(change: Change) -> NoReturn:
    from kedro.io import DatasetError

    raise DatasetError(
        f"The {_named(change)} may not bring braces into '{change.field()}' of the dataset factory '{change.entry}', "
        "where they are placeholders."
    )


def _named(change: Change) -> str:
    names = ", ".join(repr(name) for name in sorted(change.params))
    return f"runtime parameter{'' if len(change.params) == 1 else 's'} {names}".rstrip()

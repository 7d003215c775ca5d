"""Configuration loaders that hold what runtime parameters do against what they may.

Leans on three methods of Kedro's loader that are no part of its interface and the same from 1.4 to 1.7.
Where they are not there, the project is not served.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from .literal_params import escape, restore
from .param_guard import KEY, MARK, Change, Lead, ParamGuard, Place

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NOTHING = object()
_given, _left_out, _marked = object(), object(), object()


def guard_loader(loader_class: Any, guard: ParamGuard) -> Any:
    """Return a subclass that raises when runtime parameters do to catalog or credentials what ``guard`` refuses."""
    from kedro.config import OmegaConfigLoader

    if not issubclass(loader_class, OmegaConfigLoader):
        return _guard_by_comparison(loader_class, guard)
    if all(hasattr(loader_class, name) for name in ("_get_runtime_value", "_get_globals_value", "_check_duplicates")):
        return _guard_by_trace(loader_class, guard)
    raise RuntimeError(
        "What runtime parameters do cannot be told with this version of Kedro. Use another version, or trust the "
        "parameters ('trustParams', '--trust-params')."
    )


def _guard_by_trace(loader_class: Any, guard: ParamGuard) -> Any:
    """Resolve each value by itself, and see which parameters are asked for meanwhile."""
    from omegaconf import DictConfig, ListConfig, OmegaConf
    from omegaconf.errors import MissingMandatoryValue

    class TracedLoader(loader_class):  # type: ignore[misc]
        def __init__(self, *args: Any, runtime_params: dict[str, Any] | None = None, **kwargs: Any) -> None:
            self._asked: set[str] = set()
            self._read: list[list[Any]] = []
            self._mode = _given
            self.leads: list[Lead] = []
            params, self._is_altered = escape(runtime_params)
            super().__init__(*args, runtime_params=params, **kwargs)

        def __getitem__(self, key: str) -> Any:
            self._asked.clear()
            self._read.clear()
            self.leads = []
            value = super().__getitem__(key)
            if key in self.data:
                # A hook of the project has put it there.
                return value
            if self._asked and key == "catalog":
                self.leads = list(self._check_catalog())
            elif self._asked and key == "credentials":
                self._check_credentials(value)
            return restore(value) if self._is_altered else value

        def _check_duplicates(self, key: str, config_per_file: dict[Any, Any]) -> None:
            self._read.append(list(config_per_file.values()))
            super()._check_duplicates(key, config_per_file)

        def _get_runtime_value(self, variable: str, default_value: Any = _NOTHING) -> Any:
            found = super()._get_runtime_value(variable, _NOTHING)
            if found is _NOTHING or self._mode is _left_out:
                if default_value is not _NOTHING:
                    return default_value
                if found is _NOTHING:
                    return super()._get_runtime_value(variable)
                raise KeyError(variable)
            if self._mode is _marked:
                return MARK
            self._asked.add(str(variable))
            return found

        def _get_globals_value(self, variable: str, *default: Any) -> Any:
            if self._mode is _marked and MARK in str(variable):
                return MARK
            return super()._get_globals_value(variable, *default)

        def _check_catalog(self) -> Iterator[Lead]:
            folders = [OmegaConf.unsafe_merge(*configs) for configs in self._read if configs]
            if not folders:
                raise RuntimeError("What runtime parameters do to the catalog cannot be seen in this loader.")
            is_soft = self.merge_strategy.get("catalog") == "soft"
            for index, config in enumerate(folders):
                OmegaConf.clear_cache(config)
                for entry, raw in OmegaConf.to_container(config, resolve=False).items():
                    is_overridden = not is_soft and any(entry in later for later in folders[index + 1 :])
                    if is_overridden or entry.startswith("_") or not _interpolates(raw):
                        continue
                    for change in self._changes(config, (entry,), config, frozenset()):
                        lead = guard.check(change, functools.partial(_concrete, entry))
                        if lead is not None:
                            yield lead

        def _changes(self, config: Any, place: Place, parent: Any, params: frozenset[str]) -> Iterator[Change]:
            self._asked.clear()
            try:
                value = parent[place[-1]]
            except MissingMandatoryValue:
                return
            params = params | self._asked
            if isinstance(value, (DictConfig, ListConfig)):
                for key in range(len(value)) if isinstance(value, ListConfig) else list(value):
                    if params and isinstance(key, str):
                        yield self._change(config, (*place, KEY), restore(key), params)
                    yield from self._changes(config, (*place, key), value, params)
            elif params:
                yield self._change(config, place, restore(value), params)

        def _change(self, config: Any, place: Place, value: Any, params: frozenset[str]) -> Change:
            return Change(
                place[0],
                place[1:],
                value,
                params,
                lambda: self._in_mode(_left_out, lambda: _at(config, place)),
                lambda: self._in_mode(_marked, lambda: _at(config, place)),
            )

        def _in_mode(self, mode: object, read: Callable[[], Any]) -> Any:
            self._mode = mode
            try:
                return read()
            except Exception:
                return None
            finally:
                self._mode = _given

        def _check_credentials(self, value: Any) -> None:
            # Kedro resolves them while it reads them, so they are read again.
            read = functools.partial(super().__getitem__, "credentials")
            params = frozenset(self._asked)
            configured, marked = (self._in_mode(mode, read) for mode in (_left_out, _marked))
            _check_differences(guard, value, configured, marked, params, ("credentials",))

    return _named_as(loader_class, TracedLoader)


def _guard_by_comparison(loader_class: Any, guard: ParamGuard) -> Any:
    """Compare what a loader of the project's own makes of the files with and without the parameters."""

    class ComparedLoader(loader_class):  # type: ignore[misc]
        leads: tuple[Lead, ...] = ()

        def __init__(self, *args: Any, runtime_params: dict[str, Any] | None = None, **kwargs: Any) -> None:
            self._without = functools.partial(loader_class, *args, runtime_params=None, **kwargs)
            self._is_compared = bool(runtime_params)
            super().__init__(*args, runtime_params=runtime_params, **kwargs)

        def __getitem__(self, key: str) -> Any:
            value = super().__getitem__(key)
            if self._is_compared and key in ("catalog", "credentials"):
                try:
                    configured = self._without()[key]
                except Exception:
                    configured = None
                place = ("credentials",) if key == "credentials" else ()
                _check_differences(guard, value, configured, None, frozenset(), place)
            return value

    return _named_as(loader_class, ComparedLoader)


def _named_as(original: Any, guarded: Any) -> Any:
    guarded.__name__, guarded.__qualname__ = original.__name__, original.__qualname__
    return guarded


def _check_differences(
    guard: ParamGuard, value: Any, configured: Any, marked: Any, params: frozenset[str], within: Place
) -> None:
    """Check what differs between ``value`` and ``configured``; ``within`` is put before each place."""
    for place, leaf in _leaves(value):
        if leaf == _at(configured, place):
            continue
        entry, *rest = place
        change = Change(
            str(entry),
            (*within, *rest),
            leaf,
            params,
            functools.partial(_at, configured, place),
            functools.partial(_at, marked, place),
        )
        guard.check(change, functools.partial(_concrete, str(entry)))


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*place, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _leaves(item, (*place, index))
    elif place:
        yield place, value


def _at(value: Any, place: Place) -> Any:
    try:
        for key in place:
            value = value[key]
    except Exception:
        return None
    return value


def _interpolates(raw: Any) -> bool:
    return any(isinstance(leaf, str) and "${" in leaf for _, leaf in _leaves(raw, ("",)))


def _concrete(entry: str, *texts: str) -> Iterator[tuple[str, ...]]:
    """Give what ``texts`` become in the datasets that the factory ``entry`` makes for the project's pipelines."""
    if "{" in entry and any("{" in text for text in texts):
        for names in _placeholders_of(entry):
            yield tuple(
                _PLACEHOLDER.sub(lambda found, names=names: str(names.get(found[1], found[0])), text) for text in texts
            )


@functools.lru_cache(maxsize=256)
def _placeholders_of(pattern: str) -> list[dict[str, Any]]:
    from kedro.framework.project import pipelines
    from parse import compile as compile_pattern

    parser = compile_pattern(pattern)
    datasets = {name for pipeline in pipelines.values() if pipeline is not None for name in pipeline.datasets()}
    return [found.named for name in sorted(datasets) if (found := parser.parse(name))]

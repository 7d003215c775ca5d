"""The data of a run's datasets on its way to the server."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import threading
from collections.abc import Callable
from typing import Any

from .child_channel import RUN_VARIABLE
from .output_json import JsonText, NotJson, TooLarge
from .redaction import describe, redact
from .tables import library_kind

OUTPUTS_VARIABLE = "KEDRO_SERVER_OUTPUTS"
"""The environment variable that tells child processes of the run which outputs are wanted."""

Ready = Callable[[str, str, str, list[str]], None]
Failed = Callable[[str, dict[str, str]], None]


class RunOutputs:
    """Takes each wanted dataset's data once: when it is saved, when it is first loaded, or at the end.

    A generator saves its data in pieces, so what it has made is taken when it is loaded. Only what the
    nodes of the run make or read can be had, and no parameters.
    """

    def __init__(self, names: list[str], limit: int, folder: str, ready: Ready, failed: Failed) -> None:
        """``limit`` is bytes of JSON for each; paths below ``folder`` are told relative to it."""
        self._names = names
        self._limit = limit
        self._folder = folder
        self._ready = ready
        self._failed = failed
        self._lock = threading.Lock()
        self._when_saved: set[str] = set()
        self._when_loaded: set[str] = set()
        self.catalog: Any = None

    @classmethod
    def of_parent(cls, ready: Ready, failed: Failed) -> RunOutputs | None:
        """Return what this child process of a run has to tell, or None when nothing is wanted."""
        text = os.environ.get(OUTPUTS_VARIABLE)
        if text is None:
            return None
        told = json.loads(text)
        outputs = cls([], told["limit"], told["folder"], ready, failed)
        outputs._when_saved = set(told["whenSaved"])
        outputs._when_loaded = set(told["whenLoaded"])
        return outputs

    def plan(self, pipeline: Any) -> None:
        """Learn which nodes make what is wanted, and let child processes know."""
        known = {name for name in pipeline.datasets() if name != "parameters" and not name.startswith("params:")}
        wanted = known.intersection(self._names)
        whole = {
            name for node in pipeline.nodes if not inspect.isgeneratorfunction(node.func) for name in node.outputs
        }
        self._when_saved = wanted & whole
        self._when_loaded = wanted - whole
        if RUN_VARIABLE not in os.environ:
            return
        os.environ[OUTPUTS_VARIABLE] = json.dumps(
            {
                "limit": self._limit,
                "folder": self._folder,
                "whenSaved": sorted(self._when_saved),
                "whenLoaded": sorted(self._when_loaded),
            }
        )

    def note(self, name: str) -> None:
        """Take notice that a child process has told ``name``."""
        with self._lock:
            self._when_saved.discard(name)
            self._when_loaded.discard(name)

    def saved(self, name: str, data: Any) -> None:
        """Tell what has been saved as ``name``, if it is wanted."""
        if self._take(name, self._when_saved):
            self._tell(name, lambda: data, is_new=True)

    def loaded(self, name: str, data: Any) -> None:
        """Tell what has been loaded of ``name``, if it is wanted and nothing but loading shows it whole."""
        if self._take(name, self._when_loaded):
            self._tell(name, lambda: data, is_new=False)

    def load_rest(self) -> None:
        """Tell what is wanted and was neither saved nor loaded: final outputs of generators, skipped nodes."""
        for name in sorted(self._when_saved | self._when_loaded):
            self.note(name)
            if name in self.catalog:
                with contextlib.suppress(Exception):
                    if not self.catalog.exists(name):
                        continue
                self._tell(name, lambda name=name: self.catalog.load(name), is_new=False)

    def _take(self, name: str, wanted: set[str]) -> bool:
        with self._lock:
            if name not in wanted:
                return False
            wanted.remove(name)
            return True

    def _tell(self, name: str, read: Callable[[], Any], is_new: bool) -> None:
        try:
            data = read()
            kind, pieces = self._encode(name, data, is_new)
        except Exception as error:
            self._failed(name, describe(error))
            return
        if pieces is None:
            message = (
                f"The output '{name}' ({type_name(data)}{_shape(data)}) takes more than {self._limit} bytes as JSON: "
                "have a smaller part of it as an output, or save it in a file and read it there. "
                "The limit is the executor's option maxOutputBytes."
            )
            self._failed(name, {"type": "OutputTooLarge", "message": message})
        else:
            self._ready(name, kind, type_name(data), pieces)

    def _encode(self, name: str, data: Any, is_new: bool) -> tuple[str, list[str] | None]:
        text = JsonText(self._limit)
        try:
            text.write(data)
        except TooLarge:
            return "", None
        except NotJson:
            return "reference", [json.dumps(self._place(name, is_new))]
        return kind_of(data), text.pieces

    def _place(self, name: str, is_new: bool) -> dict[str, Any]:
        """Return where the data is, as far as the dataset tells."""
        path = version = None
        with contextlib.suppress(Exception):
            dataset = self.catalog.get(name)
            path = getattr(dataset, "_filepath", None)
            if path is not None:
                path = self._show_path(str(path), getattr(dataset, "_protocol", "file"))
            if getattr(dataset, "_version", None) is not None:
                version = dataset.resolve_save_version() if is_new else dataset.resolve_load_version()
        return {"dataset": name, "filepath": path, "version": version}

    def _show_path(self, path: str, protocol: str) -> str:
        if protocol != "file" and "://" not in path:
            path = f"{protocol}://{path}"
        return redact(path.removeprefix(f"{self._folder}/"))


def type_name(data: Any) -> str:
    """Return the qualified name of the data's class, as its library has it: ``pandas.DataFrame``, ``dict``."""
    kind = type(data)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    root = kind.__module__.partition(".")[0]
    module = root if root in ("numpy", "pandas", "polars") else kind.__module__
    return f"{module}.{kind.__qualname__}"


def _shape(data: Any) -> str:
    with contextlib.suppress(Exception):
        return f", {len(data)} long"
    return ""


def kind_of(data: Any) -> str:
    """Return what ``data``, which JSON can hold, is as an output."""
    if isinstance(data, str):
        return "text"
    kind = library_kind(data)
    if kind is not None:
        return kind
    if isinstance(data, (list, tuple)) and data:
        if set(map(type, data)) == {dict}:
            return "table"
        if _is_numeric(data):
            return "array"
    return "json"


def _is_numeric(data: Any) -> bool:
    kinds = set(map(type, data))
    if kinds <= {int, float}:
        return bool(data)
    return kinds <= {list, tuple} and all(map(_is_numeric, data))

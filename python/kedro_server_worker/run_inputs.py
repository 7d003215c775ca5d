"""A run's own data: made into what its datasets give, and put into its catalog."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any


class RunInputs:
    """The data that a run brings, by dataset."""

    def __init__(self, text: str, kinds: dict[str, str]) -> None:
        """``text`` is a JSON object; ``kinds`` says what becomes of a dataset's data, where that is said."""
        self._data = json.loads(text)
        self._kinds = kinds
        for name in self._data:
            if name == "parameters" or name.startswith("params:"):
                raise ValueError(f"'{name}' is a parameter, no dataset: give it in 'params', not in 'inputs'.")

    def feed(self, catalog: Any, conf_catalog: Any) -> None:
        """Put the data into ``catalog``, which is this run's own, in place of what it has under these names."""
        from kedro.io import MemoryDataset

        for name, data in self._data.items():
            specs = getattr(catalog, "_validator_specs", {})
            spec = specs.get(name)
            dataset = MemoryDataset(data=self._convert(catalog, conf_catalog, name, data))
            # To Kedro's rules for missing outputs it is there, as if it were stored.
            dataset._EPHEMERAL = False
            with unlogged("kedro.io.data_catalog"):
                catalog[name] = dataset
            if spec is not None:
                # What the entry says of valid data holds for this data, too.
                specs[name] = spec

    def check(self, pipeline: Any) -> None:
        """Raise ``ValueError`` when a node of ``pipeline`` makes a dataset whose data is given."""
        for node in pipeline.nodes:
            for name in node.outputs:
                if name in self._data:
                    raise ValueError(
                        f"Data was given for the dataset '{name}', which node '{node.name}' of this run makes: "
                        "leave the node out, or do not give the data."
                    )

    def _convert(self, catalog: Any, conf_catalog: Any, name: str, data: Any) -> Any:
        kind = self._kinds.get(name)
        if kind == "json":
            return data
        library, is_lazy = _library_of(_type_of(catalog, conf_catalog, name))
        if kind is None and library is None:
            return data
        try:
            if kind == "array":
                return _to_array(data)
            frame = _to_frame(data, library or "pandas")
            return frame.lazy() if is_lazy else frame
        except Exception as error:
            what = "numpy.ndarray" if kind == "array" else f"{library or 'pandas'}.DataFrame"
            raise ValueError(
                f"The data given for the dataset '{name}' cannot be made into a {what}: {error}"
            ) from error


def _type_of(catalog: Any, conf_catalog: Any, name: str) -> Any:
    """Return the ``type`` of the catalog entry, or of what it caches: text, or a class; None where there is none."""
    entry = conf_catalog.get(name)
    if entry is None and name in catalog:
        with contextlib.suppress(Exception), unlogged("kedro.io.catalog_config_resolver"):
            entry = catalog.config_resolver.resolve_pattern(name)
    kind = entry.get("type") if isinstance(entry, dict) else None
    if isinstance(kind, str) and kind.rpartition(".")[2] == "CachedDataset":
        inner = entry.get("dataset")
        kind = inner.get("type") if isinstance(inner, dict) else inner
    return kind


def _library_of(kind: Any) -> tuple[str | None, bool]:
    """Return which library's tables a dataset gives, and whether these are lazy frames."""
    if kind is None:
        return None, False
    names = [kind] if isinstance(kind, str) else []
    with contextlib.suppress(Exception):
        # A class of the project's own may have one of the library's as its base.
        from kedro.io.core import parse_dataset_definition

        dataset_class, _ = parse_dataset_definition({"type": kind})
        names += [f"{base.__module__}.{base.__qualname__}" for base in dataset_class.__mro__]
    for text in names:
        *modules, name = text.split(".")
        for library in ("polars", "pandas"):
            if library in modules:
                return library, library == "polars" and "Lazy" in name
    return None, False


def _to_frame(data: Any, library: str) -> Any:
    is_records = isinstance(data, list) and all(isinstance(row, dict) for row in data)
    is_columns = isinstance(data, dict) and all(isinstance(column, list) for column in data.values())
    if not is_records and not is_columns:
        raise TypeError("it must be a list of records, each an object, or an object of columns, each a list.")
    if library == "polars":
        import polars

        return polars.DataFrame(data, infer_schema_length=None)
    import pandas

    return pandas.DataFrame(data)


def _to_array(data: Any) -> Any:
    import numpy

    array = numpy.array(data) if isinstance(data, list) else None
    if array is None or array.dtype.kind not in "biuf":
        raise TypeError("it must be a list, or lists of lists of the same lengths, of numbers.")
    return array


@contextlib.contextmanager
def unlogged(name: str) -> Iterator[None]:
    """Spare the run's log the warning that a dataset is replaced, which is what was asked for."""
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before

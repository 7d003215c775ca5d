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

    def feed(self, catalog: Any) -> None:
        """Put the data into ``catalog``, which is this run's own, in place of what it has under these names."""
        from kedro.io import MemoryDataset

        for name, data in self._data.items():
            specs = getattr(catalog, "_validator_specs", {})
            spec = specs.get(name)
            dataset = MemoryDataset(data=self._convert(catalog, name, data))
            # To Kedro's rules for missing outputs it is there, as if it were stored.
            dataset._EPHEMERAL = False
            with _unlogged("kedro.io.data_catalog"):
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

    def _convert(self, catalog: Any, name: str, data: Any) -> Any:
        dataset_class = _class_of(catalog, name)
        kind = self._kinds.get(name)
        library = _library_of(dataset_class)
        if kind is None:
            kind = "json" if library is None else "table"
        if kind == "json":
            return data
        try:
            if kind == "array":
                return _to_array(data)
            if library == "polars":
                frame = _to_frame(data, "polars")
                return frame.lazy() if "Lazy" in dataset_class.__name__ else frame
            return _to_frame(data, "pandas")
        except Exception as error:
            what = "numpy.ndarray" if kind == "array" else f"{library or 'pandas'}.DataFrame"
            raise ValueError(
                f"The data given for the dataset '{name}' cannot be made into a {what}: {error}"
            ) from error


def _class_of(catalog: Any, name: str) -> Any:
    """Return the class of the dataset that the catalog has under ``name``; None where that cannot be told."""
    from kedro.utils import load_obj

    with contextlib.suppress(Exception):
        found = catalog.get_type(name)
        return None if found is None else load_obj(found)
    return None


def _library_of(dataset_class: Any) -> str | None:
    for base in getattr(dataset_class, "__mro__", ()):
        parts = base.__module__.split(".")
        for library in ("pandas", "polars"):
            if library in parts:
                return library
    return None


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
def _unlogged(name: str) -> Iterator[None]:
    """Spare the run's log the warning that a dataset is replaced, which is what was asked for."""
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before

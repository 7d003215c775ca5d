"""Tables, series and arrays of pandas, NumPy and Polars as JSON, where the project has imported these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .output_json import JsonText, NotJson, TooLarge, loaded

# Values that are taken out of a library's memory at a time.
_BATCH = 16 * 1024


def library_kind(value: Any) -> str | None:
    """Return what ``value`` is as an output, or None when it is none of these libraries'."""
    if isinstance(value, (loaded("pandas", "DataFrame"), loaded("polars", "DataFrame"))):
        return "table"
    if isinstance(value, loaded("pandas", "Series")):
        return "array" if _is_default(value.index) else "table"
    if isinstance(value, (loaded("pandas", "Index"), loaded("polars", "Series"))):
        return "array"
    if isinstance(value, loaded("numpy", "ndarray")):
        return "array" if value.ndim else "json"
    return None


def write_library_value(value: Any, text: JsonText) -> bool:
    """Write ``value`` if it is of one of these libraries; tells whether it was."""
    if isinstance(value, loaded("pandas", "DataFrame")):
        _write_columns(_columns(value), len(value), text)
    elif isinstance(value, loaded("pandas", "Series")):
        if _is_default(value.index):
            _write_cells(value, text)
        else:
            name = "value" if value.name is None else value.name
            _write_columns(_columns(value.to_frame(name)), len(value), text)
    elif isinstance(value, loaded("pandas", "Index")):
        _write_cells(value.to_series(), text)
    elif isinstance(value, loaded("numpy", "ndarray")):
        _write_array(value, text)
    elif isinstance(value, loaded("polars", "DataFrame")):
        _check_rows(len(value), value.columns, text)
        step = max(1, _BATCH // max(1, len(value.columns)))
        text.write_list(value.slice(start, step).to_dicts() for start in range(0, len(value), step))
    elif isinstance(value, loaded("polars", "Series")):
        text.require(2 * len(value))
        text.write_list(value.slice(start, _BATCH).to_list() for start in range(0, len(value), _BATCH))
    else:
        return False
    return True


def _is_default(index: Any) -> bool:
    range_index = loaded("pandas", "RangeIndex")
    return isinstance(index, range_index) and index.start == 0 and index.step == 1 and index.name is None


def _columns(frame: Any) -> dict[str, Any]:
    """Return the columns by name, an index of its own first; names that come again get a number."""
    columns: dict[str, Any] = {}

    def add(name: Any, column: Any) -> None:
        wanted = ".".join(map(str, name)) if isinstance(name, tuple) else str(name)
        unique, count = wanted, 0
        while unique in columns:
            count += 1
            unique = f"{wanted}.{count}"
        columns[unique] = column

    index = frame.index
    if not _is_default(index):
        for level, name in enumerate(index.names):
            unnamed = f"level_{level}" if index.nlevels > 1 else "index"
            add(unnamed if name is None else name, index.get_level_values(level).to_series())
    for position, name in enumerate(frame.columns):
        add(name, frame.iloc[:, position])
    return columns


def _check_rows(count: int, names: Any, text: JsonText) -> None:
    """Every row has every name, with quotes, a colon, a value and what separates them."""
    text.require(count * (2 + sum(len(name) + 5 for name in names)))


def _write_columns(columns: dict[str, Any], rows: int, text: JsonText) -> None:
    _check_rows(rows, columns, text)
    names = list(columns)
    step = max(1, _BATCH // max(1, len(names)))

    def batches() -> Iterator[list[dict[str, Any]]]:
        for start in range(0, rows, step):
            cells = [_cells(column.iloc[start : start + step]) for column in columns.values()]
            yield [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]

    if names:
        text.write_list(batches())
    else:
        text.write([{}] * rows)


def _cells(series: Any) -> list[Any]:
    cells: list[Any] = series.tolist()
    missing = series.isna()
    if missing.any():
        return [None if is_missing else cell for cell, is_missing in zip(cells, missing.tolist(), strict=True)]
    return cells


def _write_cells(series: Any, text: JsonText) -> None:
    text.require(2 * len(series))
    text.write_list(_cells(series.iloc[start : start + _BATCH]) for start in range(0, len(series), _BATCH))


def _write_array(array: Any, text: JsonText) -> None:
    if array.dtype.kind in "cSV":
        raise NotJson
    if array.dtype.kind in "Mm":
        array = array.astype(str).astype(object)
        array[array == "NaT"] = None
    if not array.ndim:
        text.write(array.item())
        return
    if array.size and 2 * array.size > text.limit:
        raise TooLarge
    step = max(1, _BATCH * len(array) // max(1, array.size))
    text.write_list(array[start : start + step].tolist() for start in range(0, len(array), step))

"""Answers, line by line, what Kedro makes of the catalogs that a line of JSON describes."""

import io
import json
import logging
import math
import sys
import warnings

import pandas
from kedro.io import DataCatalog
from kedro.io.catalog_config_resolver import CatalogConfigResolver

RUNTIME = {"{default}": {"type": "kedro.io.MemoryDataset"}}


def attempt(action):
    try:
        return {"value": action()}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def facts_of(resolver, name):
    return {
        "pattern": resolver.match_dataset_pattern(name),
        "catchAll": resolver.match_user_catch_all_pattern(name),
        "entry": resolver.resolve_pattern(name),
    }


def catalog_facts(catalog, names):
    """The catalog before and after each name was asked for, as a runner does."""
    before = {"names": list(catalog.keys()), "has": [name in catalog for name in names]}
    got = [
        attempt(lambda name=name: type(catalog.get(name, fallback_to_runtime_pattern=True)).__name__)
        for name in names
    ]
    return {
        **before,
        "got": got,
        "after": list(catalog.keys()),
        "hasAfter": [name in catalog for name in names],
    }


def plain(value):
    """Tables as lists of rows; missing values as null, what JSON cannot hold as text."""
    if isinstance(value, pandas.DataFrame):
        return [
            {name: plain_cell(cell) for name, cell in row.items()}
            for row in value.to_dict("records")
        ]
    return value


def plain_cell(cell):
    if cell is None or cell is pandas.NA or cell != cell:
        return None
    if hasattr(cell, "item"):
        cell = cell.item()
    if isinstance(cell, float) and math.isinf(cell):
        return str(cell)
    return cell


def answer_files(question):
    """What Kedro loads of the files there are, before or after it saved some."""
    catalog = DataCatalog.from_config(
        question["config"], {}, question["loadVersions"], question["saveVersion"]
    )
    for name, data in question["save"].items():
        catalog.save(name, pandas.DataFrame(data) if name in question["tables"] else data)
    return [attempt(lambda name=name: plain(catalog.load(name))) for name in question["load"]]


def answer_csv(question):
    return [attempt(lambda: plain(pandas.read_csv(io.StringIO(question["text"]))))]


def answer_catalog(question):
    config, credentials, names = question["config"], question["credentials"], question["names"]
    made = attempt(lambda: CatalogConfigResolver(config, credentials, RUNTIME))
    if "error" in made:
        return [made]
    resolver = made["value"]
    facts = {"patterns": resolver.list_patterns(), "entries": list(resolver.config.items())}
    return [
        {"value": facts},
        *[attempt(lambda name=name: facts_of(resolver, name)) for name in names],
        attempt(
            lambda: catalog_facts(
                DataCatalog.from_config(config, credentials, question["loadVersions"], "v"), names
            )
        ),
    ]


def frame_of(columns):
    """A frame of columns, each of one kind."""
    dtypes = {"integer": "Int64", "number": "float64", "boolean": "boolean", "text": "object"}
    made = {}
    for column in columns:
        values, kind = column["values"], column["kind"]
        if kind == "date":
            made[column["name"]] = pandas.to_datetime(pandas.Series(values), utc=True).dt.tz_localize(None)
        else:
            made[column["name"]] = pandas.Series(values, dtype=dtypes[kind])
    return pandas.DataFrame(made)


def read_table(path):
    return pandas.read_feather(path) if path.endswith("feather") else pandas.read_excel(path)


def plain_dates(rows):
    return [
        {
            name: f"{cell.isoformat(timespec='milliseconds')}Z" if isinstance(cell, pandas.Timestamp) else cell
            for name, cell in row.items()
        }
        for row in rows
    ]


def answer_write_table(question):
    path, frame = question["filepath"], frame_of(question["columns"])
    if path.endswith("feather"):
        frame.to_feather(path, **question["args"])
    else:
        frame.to_excel(path, index=False)
    return answer_read_table(question)


def answer_read_table(question):
    return [attempt(lambda: plain_dates(plain(read_table(question["filepath"]))))]


ANSWERS = {
    "write table": answer_write_table,
    "read table": answer_read_table,
    "catalog": answer_catalog,
    "files": answer_files,
    "csv": answer_csv,
}


def main():
    logging.disable()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        question = json.loads(line)
        answer = ANSWERS[question["ask"]](question)
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()

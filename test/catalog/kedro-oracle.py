"""Answers, line by line, what Kedro makes of the catalogs that a line of JSON describes."""

import json
import logging
import sys
import warnings

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


def answer(question):
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


def main():
    logging.disable()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

"""Tells what a run would read and write, without making a dataset or calling a hook."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
from typing import Any

from .configuration import is_kept, places_depend_on_params
from .project import Project, describe_failure
from .run_inputs import unlogged

_MEMORY = {"{default}": {"type": "kedro.io.MemoryDataset"}}
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/@]*@")


def answer_used(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"used": …, "kept": …}``, or ``{"error": …}``.

    ``kept`` is the folder whose files and the runtime parameters alone decide what is used, or None.
    """
    kept = is_kept(project.conf_path)
    try:
        used = _used(project, request)
    except BaseException as error:
        return {"error": describe_failure(error)}
    used["dependsOnParams"] = not kept or places_depend_on_params(project.conf_path)
    return {"used": used, "kept": project.conf_path if kept else None}


def _used(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    from kedro.io import CatalogConfigResolver

    reads: dict[str, None] = {}
    writes: dict[str, None] = {}
    for node in _select(request).nodes:
        reads.update((name, None) for name in node.inputs if name != "parameters" and not name.startswith("params:"))
        writes.update((name, None) for name in [*node.outputs, *node.confirms])
    catalog, credentials = _read_catalog(project, request["paramsJson"])
    resolver = CatalogConfigResolver(catalog, credentials, _MEMORY)
    with unlogged("kedro.io.catalog_config_resolver"):
        entries = {name: resolver.resolve_pattern(name) for name in {**reads, **writes}}
    return {
        "reads": list(reads),
        "writes": list(writes),
        "entries": {
            name: json.loads(json.dumps(_without_secrets(entry), default=_kind_of))
            for name, entry in entries.items()
            if entry.get("type") != "kedro.io.MemoryDataset"
        },
    }


def _select(request: dict[str, Any]) -> Any:
    from kedro.framework.project import pipelines
    from kedro.pipeline import Pipeline

    joined = sum((pipelines[name] for name in request["pipelineNames"] or ["__default__"]), Pipeline([]))
    return joined.filter(
        tags=request["tags"] or None,
        from_nodes=request["fromNodes"],
        to_nodes=request["toNodes"],
        node_names=request["nodeNames"] or None,
        from_inputs=request["fromInputs"],
        to_outputs=request["toOutputs"],
        node_namespaces=request["namespaces"],
    )


def _read_catalog(project: Project, params_json: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    from kedro.config import MissingConfigException
    from kedro.framework.project import settings

    arguments = dict(settings.CONFIG_LOADER_ARGS)
    restriction = "restrict_runtime_params_type_selection"
    classes = settings.CONFIG_LOADER_CLASS.__mro__
    if any(restriction in inspect.signature(each.__init__).parameters for each in classes):
        arguments[restriction] = True
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=project.conf_path,
        env=project.env or os.getenv("KEDRO_ENV"),
        runtime_params=None if params_json is None else json.loads(params_json),
        **arguments,
    )
    catalog = {name: entry for name, entry in loader["catalog"].items() if not name.startswith("_")}
    try:
        return catalog, loader["credentials"]
    except MissingConfigException:
        return catalog, {}


def _without_secrets(value: Any) -> Any:
    """Say which database credentials lead to, and of others only whether they are the same."""
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _tell_credentials(item) if key == "credentials" else _without_secrets(item) for key, item in value.items()
    }


def _tell_credentials(credentials: Any) -> Any:
    con = credentials.get("con") if isinstance(credentials, dict) else None
    if isinstance(con, str) and "://" in con:
        return {"con": _USER.sub(r"\1", con)}
    return hashlib.sha256(json.dumps(credentials, default=_kind_of, sort_keys=True).encode()).hexdigest()


def _kind_of(value: Any) -> str:
    return type(value).__qualname__

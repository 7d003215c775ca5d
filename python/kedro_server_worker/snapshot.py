"""Describes the project by Kedro's own inspection, for Kedro 1.4 to 1.7."""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
from pathlib import Path
from typing import Any

from .configuration import is_kept
from .output import replace_console_handlers
from .project import Project, describe_failure


def parse_params(text: str) -> dict[str, Any]:
    """Read ``key=value,key=value`` as ``kedro run --params`` does."""
    from omegaconf import OmegaConf

    pairs = []
    for item in (item.strip() for item in text.split(",")):
        if not item:
            continue
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            raise ValueError(
                f"Invalid 'params' value: '{text}'. Expected comma-separated "
                "key=value pairs, e.g. 'version=02,model.lr=0.01'. Values must "
                "not contain commas."
            )
        pairs.append(f"{key.strip()}={value}")
    return OmegaConf.to_container(OmegaConf.from_dotlist(pairs))  # type: ignore[return-value]


def answer_snapshot(project: Project, params: str | None) -> dict[str, Any]:
    """Return ``{"snapshot": …, "kept": …}``, or ``{"error": …}``.

    ``kept`` is the folder whose files alone decide what the snapshot says, or None.
    """
    kept = is_kept(project.conf_path)
    try:
        runtime_params = parse_params(params) if params else None
        snapshot = _snapshot(project, runtime_params)
    except BaseException as error:
        return {"error": describe_failure(error)}
    return {"snapshot": snapshot, "kept": project.conf_path if kept else None}


def _snapshot(project: Project, runtime_params: dict[str, Any] | None) -> dict[str, Any]:
    from kedro.inspection import get_project_snapshot

    wanted: dict[str, Any] = {
        "project_path": project.path,
        "env": project.env,
        "conf_source": project.conf_source,
        "metadata": project.metadata,
        "runtime_params": runtime_params,
    }
    known = inspect.signature(get_project_snapshot).parameters
    if "metadata" in known:
        del wanted["project_path"]
    missing = [name for name in ("conf_source", "runtime_params") if wanted[name] is not None and name not in known]
    if missing:
        raise ValueError(f"This version of Kedro cannot take a snapshot with {' and '.join(missing)}; Kedro 1.7 can.")
    snapshot = dataclasses.asdict(get_project_snapshot(**{key: wanted[key] for key in wanted if key in known}))
    if "metadata" not in known:
        # It has bootstrapped the project again, which undoes what was set on it.
        replace_console_handlers()
        project.prepare_loader()
    _add_functions(snapshot, project)
    return snapshot


def _add_functions(snapshot: dict[str, Any], project: Project) -> None:
    """Say what older versions of Kedro leave out of a node: its function's name and where that stands."""
    from kedro.framework.project import pipelines

    for pipeline in snapshot["pipelines"]:
        lacking = [node for node in pipeline["nodes"] if "func_name" not in node]
        if not lacking:
            return
        functions = {node.name: node.func for node in pipelines[pipeline["name"]].nodes}
        for node in lacking:
            function = functions[node["name"]]
            node["func_name"] = getattr(function, "__name__", type(function).__name__)
            node["source"] = _source(function, Path(project.path).resolve())


def _source(function: Any, root: Path) -> dict[str, Any] | None:
    if isinstance(function, partial) or getattr(function, "__name__", None) == "<lambda>":
        return None
    function = inspect.unwrap(function)
    try:
        path = Path(inspect.getsourcefile(function) or "").resolve()
        lines, start = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return None
    if not path.is_relative_to(root):
        return None
    return {
        "filepath": path.relative_to(root).as_posix(),
        "line_start": start,
        "line_end": start + len(lines) - 1,
    }

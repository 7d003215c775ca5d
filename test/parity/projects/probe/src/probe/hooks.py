"""Hooks that write down what they see, one JSON line a call, in data/hooks.jsonl."""

import json
import threading
from pathlib import Path

from kedro.framework.hooks import hook_impl

from probe.describe import describe

RECORD = Path(__file__).parents[2] / "data" / "hooks.jsonl"


class SpyHooks:
    def __init__(self):
        self._lock = threading.Lock()
        self._node_calls = []

    def _write(self, hook, **seen):
        line = json.dumps({"hook": hook, **seen})
        with self._lock, RECORD.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _remember(self, *call):
        with self._lock:
            self._node_calls.append(list(call))

    def _write_node_calls(self, run_params):
        """Calls that came from several threads have no order worth comparing."""
        with self._lock:
            calls, self._node_calls = self._node_calls, []
        is_async = any(call[0] == "before_node_run" and call[3] for call in calls)
        in_order = "SequentialRunner" in run_params["runner"] and not is_async
        self._write("nodes", calls=calls if in_order else sorted(calls, key=str))

    @hook_impl
    def after_context_created(self, context):
        self._write(
            "after_context_created",
            env=describe(context.env),
            project_path=describe(context.project_path),
            params=describe(context.params),
            context=type(context).__name__,
        )

    @hook_impl
    def after_catalog_created(
        self, catalog, conf_catalog, conf_creds, save_version, load_versions
    ):
        self._write(
            "after_catalog_created",
            catalog=type(catalog).__name__,
            names=sorted(catalog.keys()),
            conf_catalog=sorted(conf_catalog),
            conf_creds=describe(conf_creds),
            save_version=describe(save_version),
            load_versions=describe(load_versions),
        )

    @hook_impl
    def before_pipeline_run(self, run_params, pipeline, catalog):
        with self._lock:
            self._node_calls = []
        self._write(
            "before_pipeline_run",
            run_params=describe({**run_params, "session_id": type(run_params["session_id"])}),
            nodes=[node.name for node in pipeline.nodes],
            catalog=type(catalog).__name__,
        )

    @hook_impl
    def after_pipeline_run(self, run_params, run_result, pipeline, catalog):
        self._write_node_calls(run_params)
        self._write(
            "after_pipeline_run",
            run_id=run_params["run_id"],
            result={name: type(data).__name__ for name, data in sorted(run_result.items())},
        )

    @hook_impl
    def on_pipeline_error(self, error, run_params, pipeline, catalog):
        self._write_node_calls(run_params)
        self._write(
            "on_pipeline_error",
            run_id=run_params["run_id"],
            error=[type(error).__qualname__, str(error)],
        )

    @hook_impl
    def before_node_run(self, node, catalog, inputs, is_async, run_id):
        self._remember("before_node_run", node.name, sorted(inputs), is_async, run_id)

    @hook_impl
    def after_node_run(self, node, catalog, inputs, outputs, is_async, run_id):
        self._remember("after_node_run", node.name, sorted(outputs), is_async, run_id)

    @hook_impl
    def on_node_error(self, error, node, catalog, inputs, is_async, run_id):
        self._remember("on_node_error", node.name, type(error).__qualname__, run_id)

    @hook_impl
    def before_dataset_loaded(self, dataset_name, node):
        self._remember("before_dataset_loaded", dataset_name, node.name)

    @hook_impl
    def after_dataset_loaded(self, dataset_name, data, node):
        self._remember("after_dataset_loaded", dataset_name, type(data).__name__, node.name)

    @hook_impl
    def before_dataset_saved(self, dataset_name, data, node):
        self._remember("before_dataset_saved", dataset_name, type(data).__name__, node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name, data, node):
        self._remember("after_dataset_saved", dataset_name, node.name)

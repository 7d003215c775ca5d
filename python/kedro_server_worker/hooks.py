"""The hooks that turn what Kedro does into events of the run, in the worker and in its child processes."""

from __future__ import annotations

import inspect
import os
import threading
import time
from typing import Any

from kedro.framework.hooks import hook_impl

from .channel import Channel
from .child_channel import RUN_VARIABLE, ChildChannel
from .interrupts import Interrupts
from .line_redaction import add_values
from .param_guard import ParamGuard
from .redaction import describe
from .run_inputs import RunInputs
from .run_outputs import RunOutputs
from .secret_values import secrets_of_credentials


class RunHooks:
    """Found by Kedro as an entry point, so that the processes of a ParallelRunner have it too.

    A node is finished when its outputs are saved, which Kedro's hooks do not say: it is so when each
    output has been saved once, or, for a generator, when its thread goes on or the run ends well.
    """

    def __init__(self) -> None:
        self.channel: Channel | ChildChannel | None = None
        self.forked = False
        self._interrupts: Interrupts | None = None
        self._reset()
        os.register_at_fork(after_in_child=self._become_child)

    def _reset(self) -> None:
        self._lock = threading.RLock()
        self._running: dict[str, dict[str, Any]] = {}
        self._thread_nodes: dict[int, str] = {}
        self._timers: dict[tuple[str, str], float] = {}
        self._elsewhere: dict[str, float] = {}
        self._request: dict[str, Any] = {}
        self._guard: ParamGuard | None = None
        self._inputs: RunInputs | None = None
        self._outputs: RunOutputs | None = None

    def _become_child(self) -> None:
        self._reset()
        self.channel = None
        self.forked = True
        if self._interrupts is not None:
            self._interrupts.become_child()

    def out(self) -> Channel | ChildChannel | None:
        """Return where this process's events go; in a child process of a ParallelRunner that is the worker."""
        if self.channel is None and RUN_VARIABLE in os.environ:
            from .output import open_streams, replace_console_handlers

            self.channel = ChildChannel(os.environ[RUN_VARIABLE])
            replace_console_handlers()
            open_streams()
            self._outputs = RunOutputs.of_parent(self.channel.output, self._fail_output)
        return self.channel

    def begin(self, channel: Channel, interrupts: Interrupts, request: dict[str, Any], project: Any) -> None:
        """Forget the last run; events of ``request`` go to ``channel`` from now on."""
        self._reset()
        self.channel = channel
        self._interrupts = interrupts
        self._request = request
        self._guard = project.guard
        if request["outputs"]:
            limit = project.output_limit
            self._outputs = RunOutputs(request["outputs"], limit, project.path, channel.output, self._fail_output)

    def end(self, error: dict[str, str] | None) -> None:
        """Say what became of the nodes that are still open, now that the run has ended."""
        with self._lock:
            for name, start in self._elsewhere.items():
                self._running.setdefault(name, {"start": start})
            for name in list(self._running):
                if error is None:
                    self._finish(name)
                else:
                    self._fail(name, error)
            # Nothing of a run is kept beyond it.
            self._request, self._inputs, self._outputs = {}, None, None

    def note_output(self, name: str) -> None:
        """Take notice of an output that a child process has told."""
        if self._outputs is not None:
            self._outputs.note(name)

    def _fail_output(self, name: str, error: dict[str, str]) -> None:
        self._emit("output.failed", output=name, error=error)

    def _go_on(self) -> None:
        """Begin nothing more when the run is cancelled, also where the project's code has swallowed that."""
        if self._interrupts is not None:
            self._interrupts.check()

    def note(self, type_: str, node: str | None) -> None:
        """Take notice of an event of a child process, which may end without saying what became of its node."""
        if node is not None:
            if type_ == "node.started":
                self._elsewhere[node] = time.monotonic()
            elif type_ in ("node.finished", "node.failed"):
                self._elsewhere.pop(node, None)

    def node_of(self, thread: int | None = None) -> str | None:
        """Return the node that ``thread`` works on, or else the only one that is running.

        Takes no lock: the channel asks while it holds its own, which we take while we hold ours.
        """
        name = self._thread_nodes.get(thread or threading.get_ident())
        if name is None:
            running = list(self._running)
            return running[0] if len(running) == 1 else None
        return name

    def _emit(self, type_: str, **fields: Any) -> None:
        out = self.out()
        if out is not None:
            out.emit(type_, **fields)

    def _enter(self, node: Any) -> None:
        name = node.name
        with self._lock:
            thread = threading.get_ident()
            before = self._thread_nodes.get(thread)
            if before is not None and before != name and self._running.get(before, {}).get("generator"):
                self._finish(before)
            self._thread_nodes[thread] = name
            if name not in self._running:
                self._running[name] = {
                    "start": time.monotonic(),
                    "generator": inspect.isgeneratorfunction(node.func),
                    "unsaved": None,
                }
                self._emit("node.started", node=name)

    def _leave(self, name: str) -> dict[str, Any] | None:
        threads = [thread for thread, other in self._thread_nodes.items() if other == name]
        self._end_lines(threads)
        running = self._running.pop(name, None)
        for thread in threads:
            del self._thread_nodes[thread]
        return running

    def _end_lines(self, threads: list[int]) -> None:
        """A line that a node has begun is the node's, not the next one's that the thread works on."""
        from .output import end_lines

        end_lines(threads)

    def _finish(self, name: str) -> None:
        running = self._leave(name)
        if running is not None:
            took = round((time.monotonic() - running["start"]) * 1000, 3)
            self._emit("node.finished", node=name, durationMs=took)

    def _fail(self, name: str, error: dict[str, str]) -> None:
        if self._leave(name) is not None:
            self._emit("node.failed", node=name, error=error)

    def _time(self, dataset_name: str, node: Any) -> None:
        self._timers[(node.name, dataset_name)] = time.monotonic()

    def _timed(self, type_: str, dataset_name: str, node: Any) -> None:
        start = self._timers.pop((node.name, dataset_name), None)
        took = 0.0 if start is None else round((time.monotonic() - start) * 1000, 3)
        self._emit(type_, dataset=dataset_name, node=node.name, durationMs=took)

    @hook_impl(tryfirst=True)
    def after_catalog_created(self, catalog: Any, conf_catalog: Any, conf_creds: Any) -> None:
        # Those of this run: files change, and so does the environment.
        add_values(secrets_of_credentials(conf_creds))
        if self._guard is not None and self._request.get("loadVersions"):
            self._guard.check_versions(self._request["loadVersions"], catalog)
        # First, so that the project's own hooks see the catalog as the run has it.
        if self._request.get("inputsJson") is not None:
            self._inputs = RunInputs(self._request["inputsJson"], self._request["inputKinds"] or {})
            self._inputs.feed(catalog, conf_catalog)
        if self._outputs is not None:
            self._outputs.catalog = catalog

    @hook_impl
    def before_pipeline_run(self, pipeline: Any) -> None:
        if self._inputs is not None and not self._request["onlyMissingOutputs"]:
            self._inputs.check(pipeline)
        if self._outputs is not None:
            self._outputs.plan(pipeline)
        self._emit("run.planned", nodes=[node.name for node in pipeline.nodes])

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str, node: Any) -> None:
        self._go_on()
        self._enter(node)
        self._time(dataset_name, node)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any, node: Any) -> None:
        self._timed("dataset.loaded", dataset_name, node)
        if self._outputs is not None:
            self._outputs.loaded(dataset_name, data)

    @hook_impl
    def before_node_run(self, node: Any, catalog: Any) -> None:
        self._go_on()
        self._enter(node)
        out = self.out()
        if self._outputs is not None and self._outputs.catalog is None:
            # In a child process, where no catalog is created.
            self._outputs.catalog = catalog
        if out is not None:
            # Should its function kill the process, the server knows which one it was.
            out.flush()

    @hook_impl
    def after_node_run(self, node: Any) -> None:
        self._end_lines([threading.get_ident()])
        with self._lock:
            running = self._running.get(node.name)
            if running is not None:
                running["unsaved"] = set(node.outputs)
                if not node.outputs:
                    self._finish(node.name)

    @hook_impl
    def before_dataset_saved(self, dataset_name: str, node: Any) -> None:
        self._go_on()
        if self._interrupts is not None:
            # A file that is half written is worse than a run that ends a little later.
            self._interrupts.hold()
        self._time(dataset_name, node)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: Any) -> None:
        self._timed("dataset.saved", dataset_name, node)
        if self._outputs is not None:
            self._outputs.saved(dataset_name, data)
        with self._lock:
            running = self._running.get(node.name)
            if running is not None and running["unsaved"] is not None:
                running["unsaved"].discard(dataset_name)
                if not running["unsaved"] and not running["generator"]:
                    self._finish(node.name)
        if self._interrupts is not None:
            self._interrupts.release()

    @hook_impl(tryfirst=True)
    def after_pipeline_run(self) -> None:
        # First, as the project's own hooks may close what datasets load from.
        if self._outputs is not None:
            self._outputs.load_rest()

    @hook_impl
    def on_node_error(self, error: Exception, node: Any) -> None:
        with self._lock:
            self._fail(node.name, describe(error))


run_hooks = RunHooks()

"""The project in this process: bootstrapped once, with everything imported that a run will need."""

from __future__ import annotations

import contextlib
import importlib.metadata
import inspect
import json
import logging
import os
import traceback
from pathlib import Path
from typing import Any

from .channel import Channel
from .child_channel import RUN_VARIABLE
from .configuration import prepare_loader
from .hooks import run_hooks
from .interrupts import Interrupts
from .line_redaction import add_values, set_run_values
from .output import end_lines, replace_console_handlers
from .param_guard import ParamGuard
from .param_places import ParamPlaces
from .redaction import describe, redact
from .secret_values import secrets_of_credentials, secrets_of_params_json
from .trace import run_trace

logger = logging.getLogger(__name__)


def describe_failure(error: BaseException) -> dict[str, str]:
    """Return class, message and traceback of ``error``, redacted."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return {**describe(error), "traceback": redact(trace)}


def _skip_default_console() -> None:
    """Spare the project that configures no logging Kedro's console handler, which would be replaced anyway."""
    if "KEDRO_LOGGING_CONFIG" not in os.environ and not any(Path("conf").glob("logging.y*ml")):
        os.environ["KEDRO_LOGGING_CONFIG"] = str(Path(__file__).with_name("logging.yml"))
        import kedro.framework.project  # noqa: F401

        del os.environ["KEDRO_LOGGING_CONFIG"]


def _import_plugins() -> None:
    for plugin in importlib.metadata.entry_points(group="kedro.hooks"):
        with contextlib.suppress(Exception):
            plugin.load()


def _import_lazily_used() -> None:
    """Import what Kedro itself imports in a first run, where it is installed."""
    from kedro.io import MemoryDataset

    # How it copies what it holds depends on pandas and NumPy.
    MemoryDataset(data=0).load()
    # Parameters are checked with it.
    from pydantic import BaseModel  # noqa: F401


class Project:
    """A bootstrapped Kedro project, and its session once a run has needed one."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Bootstrap the project at ``settings["projectPath"]``; raises what Kedro raises."""
        self.path: str = settings["projectPath"]
        self.env: str | None = settings["env"]
        self.conf_source: str | None = settings["confSource"]
        self.session_id: str = settings["sessionId"]
        self.output_limit: int = settings["outputLimit"]
        self.guard = None if settings["trustParams"] else ParamGuard(ParamPlaces(self.path, settings["paramRoots"]))
        os.chdir(self.path)
        _skip_default_console()
        from kedro.framework.startup import bootstrap_project

        self.metadata = bootstrap_project(self.path)
        if self.conf_source is None:
            from kedro.framework.project import settings as kedro_settings

            self.conf_path = os.path.join(self.path, kedro_settings.CONF_SOURCE)
        else:
            self.conf_path = os.path.abspath(self.conf_source)
        replace_console_handlers()
        self.prepare_loader()
        with contextlib.suppress(Exception):
            add_values(secrets_of_credentials(self._config_loader()["credentials"]))
        self._session: Any = None
        self.broken = self._import_all()

    def prepare_loader(self) -> None:
        """Have configuration kept, and guarded where parameters are not trusted; bootstrapping undoes it."""
        prepare_loader(self.guard)

    def _import_all(self) -> dict[str, str] | None:
        import kedro.framework.session.service_session
        import kedro.runner  # noqa: F401
        from kedro.framework.project import pipelines

        try:
            list(pipelines)
        except BaseException as error:
            return describe_failure(error)
        for warm_up in (self._import_datasets, _import_plugins, _import_lazily_used):
            with contextlib.suppress(Exception):
                warm_up()
        return None

    def _config_loader(self) -> Any:
        from kedro.framework.project import settings as kedro_settings

        return kedro_settings.CONFIG_LOADER_CLASS(
            conf_source=self.conf_path, env=self.env, runtime_params=None, **kedro_settings.CONFIG_LOADER_ARGS
        )

    def _import_datasets(self) -> None:
        from kedro.io.core import parse_dataset_definition

        kinds = {entry["type"] for entry in self._config_loader()["catalog"].values() if isinstance(entry, dict) and "type" in entry}
        for kind in sorted(kind for kind in kinds if isinstance(kind, str)):
            with contextlib.suppress(Exception):
                parse_dataset_definition({"type": kind})

    def info(self) -> dict[str, Any]:
        """Return what the server tells of the project."""
        import kedro.runner
        from kedro import __version__

        return {
            "projectName": self.metadata.project_name,
            "packageName": self.metadata.package_name,
            "kedroVersion": __version__,
            "runners": [
                name
                for name, value in vars(kedro.runner).items()
                if inspect.isclass(value)
                and issubclass(value, kedro.runner.AbstractRunner)
                and value is not kedro.runner.AbstractRunner
            ],
        }

    def session(self) -> Any:
        """Return the session that all runs of this process share; Kedro's server makes it at the first run too."""
        if self._session is None:
            from kedro.framework.session.service_session import KedroServiceSession

            serving = (
                {"serving_mode": True}
                if "serving_mode" in inspect.signature(KedroServiceSession.create).parameters
                else {}
            )
            self._session = KedroServiceSession.create(
                session_id=self.session_id,
                project_path=self.path,
                env=self.env,
                conf_source=self.conf_source,
                **serving,
            )
        return self._session

    def close(self) -> None:
        """Close the session, if there is one."""
        if self._session is not None:
            self._session.close()

    def run(self, request: dict[str, Any], open_children: Any) -> None:
        """Run ``request``; raises what the run raises. ``open_children`` is called when it has child processes."""
        from kedro.runner import ParallelRunner

        params = None if request["paramsJson"] is None else json.loads(request["paramsJson"])
        session = self.session()
        runner_class = self._runner_class(request["runner"] or "SequentialRunner", session)
        if issubclass(runner_class, ParallelRunner):
            open_children()
        session.run(
            run_id=request["runId"],
            pipeline_names=request["pipelineNames"],
            tags=tuple(request["tags"]) if request["tags"] else None,
            runner=runner_class(is_async=request["isAsync"]),
            node_names=tuple(request["nodeNames"]) if request["nodeNames"] else None,
            from_nodes=request["fromNodes"],
            to_nodes=request["toNodes"],
            from_inputs=request["fromInputs"],
            to_outputs=request["toOutputs"],
            load_versions=request["loadVersions"],
            namespaces=request["namespaces"],
            only_missing_outputs=request["onlyMissingOutputs"],
            runtime_params=params,
        )

    def _runner_class(self, name: str, session: Any) -> type:
        from kedro.framework.project import settings as kedro_settings
        from kedro.runner import AbstractRunner
        from kedro.utils import load_obj

        if "." in name:
            module = name.rsplit(".", 1)[0]
            allowed = [
                "kedro.runner",
                self.metadata.package_name,
                *getattr(kedro_settings, "RUNNER_MODULE_ALLOWLIST", ()),
            ]
            if not any(module == prefix or module.startswith(f"{prefix}.") for prefix in allowed if prefix):
                raise ValueError(
                    f"Runner module '{module}' is not allowed. "
                    "Only 'kedro.runner', the project package, or modules listed in "
                    "'RUNNER_MODULE_ALLOWLIST' via settings.py are permitted."
                )
        runner_class = load_obj(name, "kedro.runner")
        if not (isinstance(runner_class, type) and issubclass(runner_class, AbstractRunner)):
            raise ValueError(
                f"Runner '{name}' is not a subclass of AbstractRunner. Only AbstractRunner subclasses are permitted."
            )
        return runner_class


def execute(project: Project, channel: Channel, interrupts: Interrupts, number: int, request: dict[str, Any]) -> None:
    """Run ``request`` as run ``number`` of the channel, from ``run.started`` to ``run.ended``."""
    interrupts.begin()
    channel.begin(number)
    run_hooks.begin(channel, interrupts, request, project)
    run_trace.begin(request)
    set_run_values(secrets_of_params_json(request["paramsJson"]))
    channel.emit("run.started")
    # Without it the server takes the run as not begun, and may give it to another worker.
    channel.flush()
    error = None
    try:
        try:
            interrupts.release()
            project.run(request, lambda: os.environ.__setitem__(RUN_VARIABLE, channel.open_children()))
        finally:
            interrupts.end()
    except BaseException as raised:
        if interrupts.asked:
            # Whatever it has ended with is what became of the interrupt.
            error = describe(KeyboardInterrupt("the run was cancelled"))
            logger.warning("Pipeline run %s was cancelled", request["runId"])
        else:
            error = describe(raised)
            logger.error("Pipeline run %s failed: %s", request["runId"], error["message"], exc_info=raised)
    end_lines()
    channel.close_children()
    run_hooks.end(error)
    channel.end({"status": "succeeded" if error is None else "failed", "error": error})

"""Tells a run's code which trace it belongs to, and which request asked for it."""

from __future__ import annotations

import os
from typing import Any

from kedro.framework.hooks import hook_impl


class RunTrace:
    """Found by Kedro as an entry point, so that the project's hooks read it in ``run_params``."""

    def __init__(self) -> None:
        self._params: dict[str, str] = {}

    def begin(self, request: dict[str, Any]) -> None:
        """Take over from the last run; its environment has been put back."""
        traceparent, request_id = request.get("traceparent"), request.get("requestId")
        self._params = {
            key: value
            for key, value in (("traceparent", traceparent), ("request_id", request_id))
            if value is not None
        }
        if traceparent is not None:
            # https://opentelemetry.io/docs/specs/otel/context/env-carriers/
            os.environ["TRACEPARENT"] = traceparent

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """All hooks are given this one dictionary."""
        run_params.update(self._params)


run_trace = RunTrace()

"""Answers, for each JSON line on stdin, how Kedro's own command line reads the arguments of `kedro run`."""

import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from kedro.framework.cli.project import run


def read(args):
    """The options of a run as the command gets them, or the type of what refuses them."""
    try:
        params = run.make_context("run", list(args)).params
    except Exception as exc:
        return {"error": type(exc).__name__}
    params["paramsJson"] = json.dumps(params.pop("params"), separators=(",", ":"))
    return {"value": params}


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))), flush=True)

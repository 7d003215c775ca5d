"""Describes a Kedro project, then says line by line which nodes Kedro selects in it."""

import dataclasses
import json
import logging
import sys
from operator import add
from functools import reduce

# Kedro says on stdout, where the answers go, how it logs.
logging.disable()

from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
from kedro.inspection import get_project_snapshot


def answer(question):
    if "project" in question:
        bootstrap_project(question["project"])
        return dataclasses.asdict(get_project_snapshot(question["project"]))
    try:
        joined = reduce(add, (pipelines[name] for name in question["pipelines"]))
        return {"nodes": sorted(node.name for node in joined.filter(**question["filter"]).nodes)}
    except (KeyError, ValueError) as error:
        return {"error": str(error)}


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    sys.stdout.flush()

"""Runs, line by line, the pipeline that a line of JSON describes, and says all that Kedro's runner did."""

import json
import logging
import sys
import warnings

# Kedro says on stdout, where the answers go, how it logs.
logging.disable()

from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import AbstractDataset, DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

trace = []


class Noted(AbstractDataset):
    def __init__(self, name, kind):
        self.name = name
        self.has_data = kind == "existing"
        self._EPHEMERAL = kind == "ephemeral"
        self.data = 1

    def _load(self):
        trace.append(f"load {self.name}")
        return self.data

    def _save(self, data):
        trace.append(f"save {self.name} {data}")
        self.has_data = True
        self.data = data

    def _exists(self):
        return self.has_data

    def _release(self):
        trace.append(f"release {self.name}")

    def confirm(self):
        trace.append(f"confirm {self.name}")

    def _describe(self):
        return {}


class NotingHooks:
    def __init__(self, replaced):
        self.replaced = replaced

    @hook_impl
    def before_dataset_loaded(self, dataset_name, node):
        trace.append(f"beforeDatasetLoaded {dataset_name} {node.name}")

    @hook_impl
    def after_dataset_loaded(self, dataset_name, data, node):
        trace.append(f"afterDatasetLoaded {dataset_name} {data} {node.name}")

    @hook_impl
    def before_node_run(self, node, inputs):
        trace.append(f"beforeNodeRun {node.name} {facts(inputs)}")
        return {name: 1000 for name in inputs if name in self.replaced} or None

    @hook_impl
    def after_node_run(self, node, inputs):
        trace.append(f"afterNodeRun {node.name} {facts(inputs)}")

    @hook_impl
    def on_node_error(self, error, node, inputs):
        trace.append(f"onNodeError {node.name} {error} {facts(inputs)}")

    @hook_impl
    def before_dataset_saved(self, dataset_name, data, node):
        trace.append(f"beforeDatasetSaved {dataset_name} {data} {node.name}")

    @hook_impl
    def after_dataset_saved(self, dataset_name, data, node):
        trace.append(f"afterDatasetSaved {dataset_name} {data} {node.name}")


def facts(inputs):
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"))


class NotingHandler(logging.Handler):
    def emit(self, record):
        text = record.getMessage()
        if record.levelno >= logging.WARNING or text.startswith(("Skipping", "Running")):
            trace.append(f"log {record.levelname.lower()} {text}")


def make_function(recipe):
    count = len(recipe["outputs"])

    def give(total):
        values = [total + index for index in range(count)]
        return values if count > 1 else total

    def function(*args):
        if recipe["fails"]:
            raise ValueError(f"{recipe['name']} failed")
        return give(sum(args)) if count else None

    def generator(*args):
        for piece in range(recipe["pieces"]):
            yield give(sum(args) + piece)

    return generator if recipe["pieces"] else function


def make_node(recipe):
    outputs = recipe["outputs"]
    return node(
        make_function(recipe),
        recipe["inputs"] or None,
        outputs if len(outputs) > 1 else (outputs or [None])[0],
        name=recipe["name"],
        confirms=recipe["confirms"],
    )


def answer(question):
    trace.clear()
    catalog = DataCatalog({name: Noted(name, kind) for name, kind in question["datasets"].items()})
    hooks = _create_hook_manager()
    for replaced in question["hooks"]:
        hooks.register(NotingHooks(replaced))
    try:
        result = SequentialRunner().run(
            Pipeline([make_node(recipe) for recipe in question["nodes"]]),
            catalog,
            hooks,
            only_missing_outputs=question["onlyMissingOutputs"],
        )
        ended = {"outputs": sorted(result)}
    except Exception as error:
        ended = {"error": str(error)}
    return {"trace": trace, "ended": ended}


def main():
    logging.disable(logging.NOTSET)
    logging.getLogger("kedro").handlers = [logging.NullHandler()]
    logging.getLogger("kedro").propagate = False
    logging.getLogger("kedro.runner").addHandler(NotingHandler())
    logging.getLogger("kedro.runner").setLevel(logging.INFO)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

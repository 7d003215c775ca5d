"""Answers, line by line, what Kedro makes of the nodes and pipelines that a line of JSON describes."""

import functools
import json
import logging
import sys
import warnings
from collections.abc import Iterator

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node
from more_itertools import interleave

OPERATORS = {
    "add": lambda left, right: left + right,
    "or": lambda left, right: left | right,
    "subtract": lambda left, right: left - right,
    "and": lambda left, right: left & right,
}
METHODS = {
    "onlyNodes": Pipeline.only_nodes,
    "onlyNodesWithTags": Pipeline.only_nodes_with_tags,
    "onlyNodesWithInputs": Pipeline.only_nodes_with_inputs,
    "onlyNodesWithOutputs": Pipeline.only_nodes_with_outputs,
    "fromInputs": Pipeline.from_inputs,
    "toOutputs": Pipeline.to_outputs,
    "fromNodes": Pipeline.from_nodes,
    "toNodes": Pipeline.to_nodes,
    "onlyNodesWithNamespaces": lambda pipe, *names: pipe.only_nodes_with_namespaces(list(names)),
}
FILTERS = {
    "tags": "tags",
    "fromNodes": "from_nodes",
    "toNodes": "to_nodes",
    "nodeNames": "node_names",
    "fromInputs": "from_inputs",
    "toOutputs": "to_outputs",
    "namespaces": "node_namespaces",
}


def make_function(kind, name):
    def function(*args, **kwargs):
        return None

    function.__module__ = "__main__"
    function.__name__ = "<lambda>" if kind == "lambda" else name
    return functools.partial(function) if kind == "partial" else function


def make_node(recipe):
    return node(
        make_function(recipe["kind"], recipe["func"]),
        recipe["inputs"],
        recipe["outputs"],
        name=recipe["name"],
        tags=recipe["tags"],
        namespace=recipe["namespace"],
        confirms=recipe["confirms"],
    )


def mapping(names):
    return set(names) if isinstance(names, list) else names


def make_pipeline(recipes, plan):
    kind = plan["kind"]
    if kind == "pipeline":
        items = [
            make_node(recipes[item]) if isinstance(item, int) else make_pipeline(recipes, item)
            for item in plan["items"]
        ]
        options = plan["options"]
        return Pipeline(
            items,
            inputs=mapping(options.get("inputs")),
            outputs=mapping(options.get("outputs")),
            parameters=mapping(options.get("parameters")),
            tags=options.get("tags"),
            namespace=options.get("namespace"),
            prefix_datasets_with_namespace=options.get("prefixDatasetsWithNamespace", True),
        )
    if kind == "tag":
        return make_pipeline(recipes, plan["of"]).tag(plan["tags"])
    return OPERATORS[kind](make_pipeline(recipes, plan["left"]), make_pipeline(recipes, plan["right"]))


def node_facts(each):
    partial = isinstance(each.func, functools.partial)
    return {
        "name": each.name,
        "inputs": each.inputs,
        "outputs": each.outputs,
        "confirms": each.confirms,
        "tags": sorted(each.tags),
        "namespace": each.namespace,
        "shortName": None if partial else each.short_name,
        "text": None if partial else str(each),
    }


def warned(pipe):
    """The interrupted namespaces, and whether a dataset's name has a foreign dot."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Node.__dotted_dataset_name_warned__ = False
        Pipeline([each._copy() for each in pipe.nodes])
    texts = [str(warning.message) for warning in caught]
    interrupted = {text.split("'")[1] for text in texts if " is interrupted by " in text}
    return sorted(interrupted), any("contain '.' characters" in text for text in texts)


def groups_facts(groups):
    return [
        {"name": g.name, "type": g.type, "nodes": g.nodes, "dependencies": g.dependencies}
        for g in groups
    ]


def order_facts(pipe):
    return {
        "order": [each.name for each in pipe.nodes],
        "inputs": sorted(pipe.inputs()),
        "outputs": sorted(pipe.outputs()),
        "tags": [sorted(each.tags) for each in pipe.nodes],
    }


def pipeline_facts(pipe):
    interrupted, dotted = warned(pipe)
    partial = any(isinstance(each.func, functools.partial) for each in pipe.nodes)
    return {
        **order_facts(pipe),
        "nodes": [node_facts(each) for each in pipe.nodes],
        "groups": [[each.name for each in group] for group in pipe.grouped_nodes],
        "allInputs": sorted(pipe.all_inputs()),
        "allOutputs": sorted(pipe.all_outputs()),
        "datasets": sorted(pipe.datasets()),
        "dependencies": {
            child.name: sorted(parent.name for parent in parents)
            for child, parents in pipe.node_dependencies.items()
        },
        "byNamespace": groups_facts(pipe.group_nodes_by("namespace")),
        "singly": groups_facts(pipe.group_nodes_by(None)),
        "description": pipe.describe(),
        "longDescription": None if partial else pipe.describe(names_only=False),
        "json": sorted(
            (dict(each, tags=sorted(each["tags"])) for each in json.loads(pipe.to_json())["pipeline"]),
            key=lambda each: each["name"],
        ),
        "interrupted": interrupted,
        "dotted": dotted,
    }


def select(pipe, query):
    if query["method"] == "filter":
        return pipe.filter(**{FILTERS[key]: names for key, names in query["filter"].items()})
    return METHODS[query["method"]](pipe, *query["names"])


def attempt(action):
    try:
        return {"value": action()}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def answer_pipeline(question):
    built = attempt(lambda: make_pipeline(question["nodes"], question["plan"]))
    if "error" in built:
        return [built]
    pipe = built["value"]
    queries = [
        attempt(lambda query=query: order_facts(select(pipe, query))) for query in question["queries"]
    ]
    return [{"value": pipeline_facts(pipe)}, *queries]


def run_node(question):
    def give(value):
        yield from value

    def call(*args, **kwargs):
        received.append(list(args) if args or not kwargs else kwargs)
        return give(question["result"]) if question["generator"] else question["result"]

    received = []
    made = node(call, question["form"], question["outputs"], name="n")
    outputs = made.run(question["values"])
    if outputs and all(isinstance(value, Iterator) for value in outputs.values()):
        saved = list(zip_pieces(outputs))
    else:
        saved = [[name, value] for name, value in outputs.items()]
    return {"received": received, "saved": saved}


def zip_pieces(outputs):
    """What Kedro's runner saves of a generator node, in order."""
    names = list(outputs)
    for index, piece in enumerate(interleave(*outputs.values())):
        yield [names[index % len(names)], piece]


def main():
    logging.disable()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "pipeline":
            answer = answer_pipeline(question)
        else:
            answer = [attempt(lambda question=question: run_node(question))]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

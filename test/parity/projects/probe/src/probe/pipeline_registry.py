from functools import partial

from kedro.pipeline import Node, Pipeline, pipeline

from probe import nodes
from probe.faults import fail


def register_pipelines():
    chain = Pipeline(
        [
            Node(nodes.double, ["numbers", "params:factor"], "doubled", name="double", tags=["even"]),
            Node(nodes.total, "doubled", "total", name="total", tags=["ending", "arith"]),
        ]
    )
    part = Pipeline(
        [
            Node(nodes.double, ["numbers", "params:factor"], "scaled", name="scale", tags=["scaling"]),
            Node(nodes.total, "scaled", "sum", name="sum", tags=["ending"]),
        ]
    )
    shared = {"inputs": "numbers", "parameters": "params:factor"}
    tree = (
        pipeline(part, namespace="left", **shared)
        + pipeline(part, namespace="right.inner", **shared)
        + Pipeline(
            [
                Node(
                    nodes.join,
                    ["left.sum", "right.inner.sum"],
                    "joined",
                    name="join",
                    tags=["ending", "joining"],
                )
            ]
        )
    )
    return {
        "__default__": chain + tree,
        "chain": chain,
        "tree": tree,
        "echo": Pipeline([Node(nodes.describe_all, "parameters", "described", name="echo")]),
        "parts": Pipeline(
            [
                Node(
                    nodes.describe_parts,
                    ["params:nested.b.c", "params:nested.b", "params:nested"],
                    "part_described",
                    name="parts",
                )
            ]
        ),
        "history": Pipeline(
            [
                Node(nodes.remember, "numbers", "history", name="remember"),
                Node(nodes.keep, "history", "latest", name="recall"),
            ]
        ),
        "recall": Pipeline([Node(nodes.keep, "history", "latest", name="recall")]),
        "placed": Pipeline([Node(nodes.keep, "numbers", "placed", name="place")]),
        "guarded": Pipeline([Node(nodes.keep, "numbers", "guarded", name="guard")]),
        "surroundings": Pipeline([Node(nodes.surroundings, None, "surroundings", name="look")]),
        "chatter": Pipeline([Node(nodes.chatter, "numbers", "outcome", name="chat")]),
        "leave traces": Pipeline([Node(nodes.leave_traces, None, "left_traces", name="leave")]),
        "find traces": Pipeline([Node(nodes.find_traces, None, "outcome", name="find")]),
        "signal": Pipeline([Node(nodes.take_signal, None, "outcome", name="signal")]),
        "end": Pipeline([Node(nodes.end_process, None, "outcome", name="end")]),
        "faults": Pipeline([Node(fail, "parameters", "outcome", name="fail")]),
        "absent": Pipeline([Node(nodes.keep, "absent", "outcome", name="miss")]),
        "unregistered": Pipeline([Node(nodes.keep, "nowhere", "outcome", name="lose")]),
        "memory": Pipeline(
            [
                Node(nodes.multiple, "numbers", {"first": "first", "rest": "rest"}, name="divide"),
                Node(nodes.swallow, "rest", None, name="swallow"),
            ]
        ),
        "streamed": Pipeline([Node(nodes.stream, "numbers", "outcome", name="stream")]),
        "transcoded": Pipeline(
            [
                Node(nodes.make_text, None, "table@text", name="write"),
                Node(nodes.keep, "table@json", "pickled", name="read"),
            ]
        ),
        "shapes": Pipeline(
            [
                Node(nodes.double, ["numbers", "params:factor"], "shape_a"),
                Node(lambda numbers: numbers, "numbers", "shape_b"),
                Node(partial(nodes.double, factor=3), "numbers", "shape_c"),
                Node(len, "numbers", "shape_d"),
                Node(nodes.keep, {"data": "numbers"}, "shape_e", tags="single"),
                Node(nodes.keep, "shape_a", "shape_f", name="grösse.2", namespace="deep.er"),
            ]
        ),
        "empty": Pipeline([]),
    }

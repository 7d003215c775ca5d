from kedro.pipeline import Node, Pipeline

from plain.nodes import double, keep, total


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                Node(double, ["numbers", "params:factor"], "doubled", name="double"),
                Node(total, "doubled", "total", name="total"),
            ]
        ),
        "factories": Pipeline(
            [
                Node(total, "numbers", "sum_data", name="sum"),
                Node(total, "numbers", "left.sum_data", name="left_sum"),
                Node(double, ["numbers", "params:factor"], "caught", name="catch"),
            ]
        ),
        "bucket": Pipeline([Node(keep, "bucket", "kept", name="keep_bucket")]),
        "web": Pipeline([Node(keep, "web", "kept", name="keep_web")]),
        "memory": Pipeline([Node(keep, "numbers", "kept", name="keep")]),
    }

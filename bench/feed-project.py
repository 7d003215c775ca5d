"""The pipelines that feed.ts and bare-feed.py measure; it takes the place of the tiny project's registry."""

from kedro.pipeline import node, pipeline


def double(numbers):
    return [number * 2 for number in numbers]


def total(numbers):
    return {"total": sum(numbers)}


def score(customers):
    return customers.assign(score=customers["age"] * 0.5 + customers["spent"])


def register_pipelines():
    numbers = pipeline([node(double, "given", "doubled", name="double"), node(total, "doubled", "sum", name="total")])
    table = pipeline([node(score, "customers", "scores", name="score")])
    return {"__default__": numbers, "numbers": numbers, "table": table}

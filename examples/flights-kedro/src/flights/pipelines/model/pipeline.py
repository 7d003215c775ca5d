from kedro.pipeline import Pipeline, node, pipeline

from .nodes import fit_delay_model, score_delay_model, split_flights


def create_pipeline(namespace: str, flights: str) -> Pipeline:
    """One delay model of its own features, on the dataset that `flights` names."""
    return pipeline(
        [
            node(
                split_flights,
                ["flights", "params:test_every"],
                ["train", "test"],
                name="split_flights",
            ),
            node(
                fit_delay_model,
                ["train", "params:features"],
                "model",
                name="fit_delay_model",
                tags="fit",
            ),
            node(
                score_delay_model,
                ["model", "test", "params:features"],
                "metrics",
                name="score_delay_model",
            ),
        ],
        namespace=namespace,
        inputs={"flights": flights},
        parameters={"params:test_every"},
    )

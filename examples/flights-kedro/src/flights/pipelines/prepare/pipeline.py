from kedro.pipeline import Pipeline, node, pipeline

from .nodes import clean_airports, clean_flights, join_airports


def create_pipeline() -> Pipeline:
    return pipeline(
        [
            node(
                clean_flights,
                [
                    "flights",
                    "params:earliest",
                    "params:latest",
                    "params:day_starts_at",
                    "params:busy_days",
                ],
                "clean_flights",
                name="clean_flights",
                tags="clean",
            ),
            node(
                clean_airports,
                "airports",
                "clean_airports",
                name="clean_airports",
                tags="clean",
            ),
            node(
                join_airports,
                ["clean_flights", "clean_airports"],
                "journeys",
                name="join_airports",
            ),
        ],
        namespace="prepare",
        inputs={"flights", "airports"},
    )

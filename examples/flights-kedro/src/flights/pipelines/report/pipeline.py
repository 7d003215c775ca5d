from kedro.pipeline import Pipeline, node, pipeline

from .nodes import tabulate_airports, tabulate_hours, write_summary


def create_pipeline() -> Pipeline:
    return pipeline(
        [
            node(
                tabulate_hours,
                ["clean_flights", "params:prepare.day_starts_at", "params:late_from"],
                "hours_table",
                name="tabulate_hours",
                tags="tables",
            ),
            node(
                tabulate_airports,
                [
                    "journeys",
                    "clean_airports",
                    "params:late_from",
                    "params:least_departures",
                ],
                "airports_table",
                name="tabulate_airports",
                tags="tables",
            ),
            node(
                write_summary,
                [
                    "hours_table",
                    "airports_table",
                    "clock_metrics",
                    "journey_metrics",
                    "params:flights",
                    "params:airports_shown",
                ],
                "summary",
                name="write_summary",
            ),
        ],
        namespace="report",
        inputs={
            "clean_flights": "prepare.clean_flights",
            "clean_airports": "prepare.clean_airports",
            "journeys": "prepare.journeys",
            "clock_metrics": "clock_model.metrics",
            "journey_metrics": "journey_model.metrics",
        },
        parameters={"params:flights", "params:prepare.day_starts_at"},
    )

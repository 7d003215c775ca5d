from kedro.pipeline import Pipeline

from flights.pipelines import model, prepare, report


def register_pipelines() -> dict[str, Pipeline]:
    """`__default__` does everything; `clock` is enough for flights that name no airports."""
    prepared = prepare.create_pipeline()
    clock_model = model.create_pipeline("clock_model", flights="prepare.clean_flights")
    journey_model = model.create_pipeline("journey_model", flights="prepare.journeys")
    reported = report.create_pipeline()
    return {
        "__default__": prepared + clock_model + journey_model + reported,
        "prepare": prepared,
        "clock": prepared.only_nodes("prepare.clean_flights") + clock_model,
        "models": prepared + clock_model + journey_model,
    }

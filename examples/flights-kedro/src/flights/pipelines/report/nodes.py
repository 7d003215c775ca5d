"""Two tables and a page that says what came out."""

from typing import Any

import pandas as pd


def tabulate_hours(
    flights: pd.DataFrame, day_starts_at: float, late_from: float
) -> pd.DataFrame:
    """A row an hour of the day of flying: flights, mean delay in minutes, share that was late."""
    hour = ((flights["hours_into_day"] + day_starts_at) % 24).astype("int64")
    hours = _summarise(flights, hour.rename("hour"), late_from)
    return hours.sort_values("hour", key=lambda column: (column - day_starts_at) % 24)


def tabulate_airports(
    journeys: pd.DataFrame, airports: pd.DataFrame, late_from: float, least_departures: int
) -> pd.DataFrame:
    """A row an airport with enough departures, the one with the longest mean delay first."""
    table = _summarise(journeys, journeys["origin"].rename("airport"), late_from)
    busy = table[table["flights"] >= least_departures]
    named = busy.merge(airports[["airport", "name", "city"]], on="airport")
    return named.sort_values(["mean_delay", "airport"], ascending=[False, True])


def write_summary(
    hours: pd.DataFrame,
    airports: pd.DataFrame,
    clock_metrics: dict[str, Any],
    journey_metrics: dict[str, Any],
    flights: str,
    airports_shown: int,
) -> str:
    """The report, as Markdown."""
    models = [("clock and distance", clock_metrics), ("and day and places", journey_metrics)]
    return "\n".join(
        [
            f"# Delays of flights ({flights})",
            "",
            f"{hours['flights'].sum():,} flights. Delays are in minutes.",
            "",
            "## Models",
            "",
            "| features | explained | error | error of guessing the mean |",
            "|---|---|---|---|",
            *(
                f"| {name} | {figures['r2']:.2%} | {figures['error']:.2f} "
                f"| {figures['error_of_mean']:.2f} |"
                for name, figures in models
            ),
            "",
            "## Through the day",
            "",
            "| hour | flights | mean delay | late |",
            "|---|---|---|---|",
            *(
                f"| {row.hour:02d} | {row.flights:,} | {row.mean_delay:.1f} | {row.late_share:.1%} |"
                for row in hours.itertuples()
            ),
            "",
            "## Where flights leave late",
            "",
            "| airport | city | flights | mean delay | late |",
            "|---|---|---|---|---|",
            *(
                f"| {row.airport} {row.name} | {row.city} | {row.flights:,} "
                f"| {row.mean_delay:.1f} | {row.late_share:.1%} |"
                for row in airports.head(airports_shown).itertuples()
            ),
            "",
        ]
    )


def _summarise(flights: pd.DataFrame, by: pd.Series, late_from: float) -> pd.DataFrame:
    delays = pd.DataFrame({"delay": flights["delay"], "late": flights["delay"] >= late_from})
    groups = delays.groupby(by)
    summary = groups.agg(
        flights=("delay", "size"), mean_delay=("delay", "mean"), late_share=("late", "mean")
    )
    return summary.round(6).reset_index()

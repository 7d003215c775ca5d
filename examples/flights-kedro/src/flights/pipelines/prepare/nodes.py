"""From the records of flights and airports to one table of journeys."""

import pandas as pd

PLACES = ("origin", "destination")


def clean_flights(
    flights: pd.DataFrame,
    earliest: float,
    latest: float,
    day_starts_at: float,
    busy_days: list[int],
) -> pd.DataFrame:
    """Drops repeated and impossible records; says when in its day and week each flight was.

    The files of 200,000 flights give the hour as `time` and neither date nor airports; the
    others give a `date`, an `origin` and a `destination`.
    """
    is_dated = "date" in flights
    kept = flights.drop_duplicates() if is_dated else flights
    kept = kept[kept["delay"].between(earliest, latest)]
    hour = kept["date"].dt.hour + kept["date"].dt.minute / 60 if is_dated else kept["time"]
    clean = {
        "delay": kept["delay"].astype("float64"),
        "distance": kept["distance"].astype("float64"),
        "hours_into_day": (hour.astype("float64") - day_starts_at) % 24,
    }
    if is_dated:
        clean["busy_day"] = kept["date"].dt.weekday.isin(busy_days).astype("float64")
    clean |= {place: kept[place] for place in PLACES if place in kept}
    return pd.DataFrame(clean).reset_index(drop=True)


def clean_airports(airports: pd.DataFrame) -> pd.DataFrame:
    """One row an airport, by its code: name, city, latitude, longitude."""
    named = airports.rename(columns={"iata": "airport"})
    located = named.dropna(subset=["latitude", "longitude"]).drop_duplicates("airport")
    columns = ["airport", "name", "city", "latitude", "longitude"]
    return located[columns].sort_values("airport").reset_index(drop=True)


def join_airports(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Adds where each flight began and ended; flights from or to unknown airports are dropped."""
    missing = [place for place in PLACES if place not in flights]
    if missing:
        raise ValueError(
            f"These flights have no {' and no '.join(missing)}, so they cannot be joined with "
            "airports. Run the pipeline 'clock' on them, or choose other flights."
        )
    journeys = flights
    for place in PLACES:
        where = airports[["airport", "latitude", "longitude"]].rename(
            columns={
                "airport": place,
                "latitude": f"{place}_latitude",
                "longitude": f"{place}_longitude",
            }
        )
        journeys = journeys.merge(where, on=place, how="inner")
    return journeys

/** From the records of flights and airports to one table of journeys. */
import { column, query, sql, type DuckdbRelation } from 'kedro-server';

const places = ['origin', 'destination'];

/**
 * Drops repeated and impossible records; says when in its day and week each flight was, and by
 * `record` where in its file, as the rows of a relation have no order.
 *
 * The files of 200,000 flights give the hour as `time` and neither date nor airports; the others
 * give a `date`, an `origin` and a `destination`.
 */
export async function cleanFlights(
  flights: DuckdbRelation,
  earliest: number,
  latest: number,
  dayStartsAt: number,
  busyDays: readonly number[],
): Promise<DuckdbRelation> {
  const columns = await flights.columns();
  const isDated = columns.includes('date');
  const possible = query`
    SELECT *, row_number() OVER () AS record
    FROM ${flights}
    WHERE delay BETWEEN ${earliest} AND ${latest}`;
  const distinct = query`
    SELECT * EXCLUDE (record), min(record) AS record
    FROM ${possible}
    GROUP BY ALL`;
  const moment = sql`"date"::TIMESTAMP`;
  const hour = isDated ? sql`hour(${moment}) + minute(${moment}) / 60` : sql`"time"`;
  const clean = [
    sql`record`,
    sql`delay::INTEGER AS delay`,
    sql`distance::INTEGER AS distance`,
    sql`(${hour} - ${dayStartsAt} + 24) % 24 AS hours_into_day`,
  ];
  if (isDated) clean.push(sql`(isodow(${moment}) - 1 IN ${busyDays})::TINYINT AS busy_day`);
  clean.push(...places.filter((place) => columns.includes(place)).map(column));
  return await query`
    SELECT ${clean}
    FROM ${isDated ? distinct : possible}`.materialize();
}

/** One row an airport, by its code: name, city, latitude, longitude. */
export function cleanAirports(airports: DuckdbRelation): Promise<DuckdbRelation> {
  return query`
    SELECT DISTINCT ON (iata) iata AS airport, name, city, latitude, longitude
    FROM ${airports}
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL
    ORDER BY iata`.materialize();
}

/** Adds where each flight began and ended; flights from or to unknown airports are dropped. */
export async function joinAirports(
  flights: DuckdbRelation,
  airports: DuckdbRelation,
): Promise<DuckdbRelation> {
  const columns = await flights.columns();
  const missing = places.filter((place) => !columns.includes(place));
  if (missing.length > 0) {
    throw new Error(
      `These flights have no ${missing.join(' and no ')}, so they cannot be joined with ` +
        "airports. Run the pipeline 'clock' on them, or choose other flights.",
    );
  }
  return await query`
    SELECT
      flights.*,
      origins.latitude AS origin_latitude,
      origins.longitude AS origin_longitude,
      destinations.latitude AS destination_latitude,
      destinations.longitude AS destination_longitude
    FROM ${flights} AS flights
    JOIN ${airports} AS origins ON origins.airport = flights.origin
    JOIN ${airports} AS destinations ON destinations.airport = flights.destination`.materialize();
}

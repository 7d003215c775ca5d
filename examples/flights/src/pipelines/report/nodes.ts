/** Two tables and a page that says what came out. */
import { query, sql, type DuckdbRelation, type Sql } from 'kedro-server';

import type { DelayMetrics } from '../model/nodes.ts';
import { count, fixed, percent, table } from './markdown.ts';

interface Delays {
  flights: number;
  mean_delay: number;
  late_share: number;
}

export interface Hour extends Delays {
  hour: number;
}

export interface Airport extends Delays {
  airport: string;
  name: string;
  city: string;
}

/** A row an hour of the day of flying: flights, mean delay in minutes, share that was late. */
export async function tabulateHours(
  flights: DuckdbRelation,
  dayStartsAt: number,
  lateFrom: number,
): Promise<readonly Hour[]> {
  const hour = sql`floor((hours_into_day + ${dayStartsAt}) % 24)::INTEGER AS hour`;
  const hours = summarise(flights, hour, lateFrom);
  return await query`
    SELECT * FROM ${hours} ORDER BY (hour - ${dayStartsAt} + 24) % 24
  `.rows<Hour>();
}

/** A row an airport with enough departures, the one with the longest mean delay first. */
export async function tabulateAirports(
  journeys: DuckdbRelation,
  airports: DuckdbRelation,
  lateFrom: number,
  leastDepartures: number,
): Promise<readonly Airport[]> {
  const departures = summarise(journeys, sql`origin AS airport`, lateFrom);
  return await query`
    SELECT departures.*, name, city
    FROM ${departures} AS departures JOIN ${airports} USING (airport)
    WHERE flights >= ${leastDepartures}
    ORDER BY mean_delay DESC, airport
  `.rows<Airport>();
}

/** The report, as Markdown. */
export function writeSummary(
  hours: readonly Hour[],
  airports: readonly Airport[],
  clockMetrics: DelayMetrics,
  journeyMetrics: DelayMetrics,
  flightsFile: string,
  airportsShown: number,
): string {
  const models: [string, DelayMetrics][] = [
    ['clock and distance', clockMetrics],
    ['and day and places', journeyMetrics],
  ];
  const row = (names: string[], { flights, mean_delay, late_share }: Delays) => [
    ...names,
    count(flights),
    fixed(mean_delay, 1),
    percent(late_share, 1),
  ];
  return `# Delays of flights (${flightsFile})

${count(hours.reduce((sum, each) => sum + each.flights, 0))} flights. Delays are in minutes.

## Models

${table(
  ['features', 'explained', 'error', 'error of guessing the mean'],
  models.map(([name, { r2, error, error_of_mean }]) => [
    name,
    percent(r2, 2),
    fixed(error, 2),
    fixed(error_of_mean, 2),
  ]),
)}

## Through the day

${table(
  ['hour', 'flights', 'mean delay', 'late'],
  hours.map((each) => row([String(each.hour).padStart(2, '0')], each)),
)}

## Where flights leave late

${table(
  ['airport', 'city', 'flights', 'mean delay', 'late'],
  airports
    .slice(0, airportsShown)
    .map((each) => row([`${each.airport} ${each.name}`, each.city], each)),
)}
`;
}

function summarise(flights: DuckdbRelation, by: Sql, lateFrom: number): DuckdbRelation {
  return query`
    SELECT
      ${by},
      count(*) AS flights,
      round_even(avg(delay), 6) AS mean_delay,
      round_even(avg((delay >= ${lateFrom})::DOUBLE), 6) AS late_share
    FROM ${flights}
    GROUP BY ALL`;
}

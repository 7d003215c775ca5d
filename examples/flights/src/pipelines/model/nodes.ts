/** A linear model of the delay, fitted on most flights and scored on the rest. */
import { column, query, sql, type DuckdbRelation, type Sql } from 'kedro-server';

import { solveSymmetric } from './solve-symmetric.ts';

export interface DelayModel {
  intercept: number;
  coefficients: Record<string, number>;
}

/** Errors in minutes; `r2` is the share of the delays' variance that is explained. */
export interface DelayMetrics extends DelayModel {
  flights_tested: number;
  r2: number;
  error: number;
  error_of_mean: number;
}

/** Keeps the first of every `testEvery` flights back: no chance is involved. */
export async function splitFlights(
  flights: DuckdbRelation,
  testEvery: number,
): Promise<[train: DuckdbRelation, test: DuckdbRelation]> {
  const places = query`
    SELECT record, row_number() OVER (ORDER BY record) - 1 AS place
    FROM ${flights}`;
  const kept = await query`
    SELECT record FROM ${places} WHERE place % ${testEvery} = 0`.materialize();
  return [
    query`SELECT * FROM ${flights} ANTI JOIN ${kept} USING (record)`,
    query`SELECT * FROM ${flights} SEMI JOIN ${kept} USING (record)`,
  ];
}

/** Least squares, from sums of products that DuckDB takes in one pass over the flights. */
export async function fitDelayModel(
  train: DuckdbRelation,
  features: string[],
): Promise<DelayModel> {
  const columns = features.map(column);
  const covariance = (a: Sql, b: Sql) => sql`avg(${a}::DOUBLE * ${b}) - avg(${a}) * avg(${b})`;
  const [moments] = await query`
    SELECT
      avg(delay) AS delay,
      [${columns.map((a) => sql`avg(${a})`)}] AS means,
      [${columns.map((a) => covariance(a, column('delay')))}] AS with_delay,
      [${columns.map((a, i) => {
        const upToHere = columns.slice(0, i + 1);
        return sql`[${upToHere.map((b) => covariance(a, b))}]`;
      })}] AS with_each_other
    FROM ${train}
  `.rows<{ delay: number; means: number[]; with_delay: number[]; with_each_other: number[][] }>();
  const slopes = solveSymmetric(moments.with_each_other, moments.with_delay);
  return {
    intercept: slopes.reduce((rest, slope, i) => rest - slope * moments.means[i], moments.delay),
    coefficients: Object.fromEntries(features.map((feature, i) => [feature, slopes[i]])),
  };
}

/** Scores the model by the root mean square of its errors, beside that of guessing the mean. */
export async function scoreDelayModel(
  model: DelayModel,
  test: DuckdbRelation,
  features: string[],
): Promise<DelayMetrics> {
  const predicted = features.reduce(
    (sum, feature) => sql`${sum} + ${model.coefficients[feature]} * ${column(feature)}`,
    sql`${model.intercept}`,
  );
  const [score] = await query`
    SELECT
      count(*) AS flights,
      sqrt(avg((delay - (${predicted})) ** 2)) AS error,
      stddev_pop(delay) AS error_of_mean
    FROM ${test}
  `.rows<{ flights: number; error: number; error_of_mean: number }>();
  return {
    flights_tested: score.flights,
    r2: rounded(1 - (score.error / score.error_of_mean) ** 2),
    error: rounded(score.error),
    error_of_mean: rounded(score.error_of_mean),
    intercept: rounded(model.intercept),
    coefficients: Object.fromEntries(
      features.map((feature) => [feature, rounded(model.coefficients[feature])]),
    ),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}

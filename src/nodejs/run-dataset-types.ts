import type { RunDatasetTypes } from '../project/define-project.ts';
import { createDuckdbDatabase, type DuckdbOptions } from './duckdb-database.ts';
import { duckdbDatasetTypes } from './duckdb-datasets.ts';
import { sqliteDatasetTypes } from './sqlite-datasets.ts';

export interface RunDatasetTypesOptions {
  readonly duckdb?: DuckdbOptions | undefined;
}

/**
 * The dataset types that Node.js has beside the portable ones, with a DuckDB database of the run:
 * what a project's settings have as `openDatasetTypes` unless they have another.
 */
export function openRunDatasetTypes({ duckdb }: RunDatasetTypesOptions = {}): RunDatasetTypes {
  const database = createDuckdbDatabase(duckdb);
  return {
    datasetTypes: { ...sqliteDatasetTypes, ...duckdbDatasetTypes(database) },
    [Symbol.asyncDispose]: async () => await database.close(),
  };
}

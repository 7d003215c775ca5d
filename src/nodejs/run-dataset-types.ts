import type { RunDatasetTypes } from '../project/define-project.ts';
import { createDuckdbDatabase } from './duckdb-database.ts';
import { duckdbDatasetTypes } from './duckdb-datasets.ts';
import { sqliteDatasetTypes } from './sqlite-datasets.ts';

/** The dataset types that Node.js has beside the portable ones, with a DuckDB database of the run. */
export function openRunDatasetTypes(): RunDatasetTypes {
  const database = createDuckdbDatabase();
  return {
    datasetTypes: { ...sqliteDatasetTypes, ...duckdbDatasetTypes(database) },
    [Symbol.asyncDispose]: async () => await database.close(),
  };
}

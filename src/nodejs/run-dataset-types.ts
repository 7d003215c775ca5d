import type { RunDatasetTypes } from '../project/define-project.ts';
import { createDuckdbDatabase, type DuckdbOptions } from './duckdb-database.ts';
import { duckdbDatasetTypes } from './duckdb-datasets.ts';
import { createPostgresDatabase, type PostgresDatabase } from './postgres-database.ts';
import { sqlDatasetTypes } from './sql-datasets.ts';

export interface RunDatasetTypesOptions {
  readonly duckdb?: DuckdbOptions | undefined;
}

/**
 * The dataset types that Node.js has beside the portable ones, with a DuckDB database and
 * connections of the run: what a project's settings have as `openDatasetTypes` unless they have
 * another.
 */
export function openRunDatasetTypes({ duckdb }: RunDatasetTypesOptions = {}): RunDatasetTypes {
  const database = createDuckdbDatabase(duckdb);
  const postgres = new Map<string, PostgresDatabase>();
  const openPostgres = (url: string): PostgresDatabase => {
    const opened = postgres.get(url) ?? createPostgresDatabase(url);
    postgres.set(url, opened);
    return opened;
  };
  return {
    datasetTypes: { ...sqlDatasetTypes(openPostgres), ...duckdbDatasetTypes(database) },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([database, ...postgres.values()].map(async (each) => each.close()));
    },
  };
}

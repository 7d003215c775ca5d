import { createDataCatalog, type DataCatalog } from '../../src/catalog/data-catalog.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { openRunDatasetTypes } from '../../src/nodejs/run-dataset-types.ts';

/** A catalog of the database `con`, whose connections end with it. */
export function openSqlCatalog(
  root: string,
  con: string,
  config: Readonly<Record<string, object>>,
): { readonly catalog: DataCatalog } & AsyncDisposable {
  const types = openRunDatasetTypes();
  const entries = Object.entries(config).map(([name, entry]) => [
    name,
    { credentials: 'db', ...entry },
  ]);
  const catalog = createDataCatalog({
    config: Object.fromEntries(entries) as Readonly<Record<string, unknown>>,
    credentials: { db: { con } },
    fileSystems: { '': createDiskFileSystem(root) },
    datasetTypes: types.datasetTypes,
  });
  return { catalog, [Symbol.asyncDispose]: async () => await types[Symbol.asyncDispose]() };
}

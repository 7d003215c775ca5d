import { expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { sqliteDatasetTypes } from '../../src/nodejs/sqlite-datasets.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const rows = [
  { id: 1, 'a "name"': "Zoë's", ratio: 0.5, big: 2n ** 60n },
  { id: 2, 'a "name"': null, ratio: -3, big: 1n },
];

function create(root: string, saveArgs = {}, con = 'sqlite:///data.db') {
  return createDataCatalog({
    config: {
      table: {
        type: 'pandas.SQLTableDataset',
        table_name: 't; --',
        credentials: 'db',
        save_args: saveArgs,
      },
      query: {
        type: 'kedro_datasets.pandas.SQLQueryDataset',
        sql: 'SELECT count(*) AS n FROM "t; --"',
        credentials: 'db',
      },
      file: { type: 'sql.SQLQueryDataset', filepath: 'q.sql', credentials: 'db' },
      broken: { type: 'sql.SQLQueryDataset', sql: 'SELECT FROM', credentials: 'db' },
    },
    credentials: { db: { con } },
    fileSystems: { '': createDiskFileSystem(root) },
    datasetTypes: sqliteDatasetTypes,
  });
}

test('tables are saved, replaced, appended to and queried', async () => {
  await using folder = createTemporaryFolder();
  const catalog = create(folder.path);
  expect(await catalog.exists('table')).toBe(false);
  await catalog.save('table', rows);
  expect(await catalog.exists('table')).toBe(true);
  expect(await catalog.load('table')).toEqual(rows);
  await expect(catalog.save('table', rows)).rejects.toThrow("There is a table 't; --' already.");
  await create(folder.path, { if_exists: 'append' }).save('table', rows);
  expect(await catalog.load('query')).toEqual([{ n: 4 }]);
  await create(folder.path, { if_exists: 'replace' }).save('table', [{ x: true }]);
  expect(await catalog.load('table')).toEqual([{ x: 1 }]);
  await folder.write('q.sql', 'SELECT 1 AS one');
  expect(await catalog.load('file')).toEqual([{ one: 1 }]);
});

test('a save that fails leaves the old table', async () => {
  await using folder = createTemporaryFolder();
  await create(folder.path).save('table', [{ x: 1 }]);
  const catalog = create(folder.path, { if_exists: 'replace' });
  const wrong = [{ x: 2 }, { x: { nested: 1 } }];
  await expect(catalog.save('table', wrong)).rejects.toThrow("value of 'x' in row 2");
  expect(await catalog.load('table')).toEqual([{ x: 1 }]);
});

test('mistakes are named', async () => {
  await using folder = createTemporaryFolder();
  const catalog = create(folder.path);
  await expect(catalog.load('table')).rejects.toThrow("No such file: 'data.db'.");
  await catalog.save('table', rows);
  await expect(catalog.load('broken')).rejects.toThrow(
    /^broken: Failed while loading data from dataset sql\.SQLQueryDataset\(sql='SELECT FROM', database='data\.db'\)\.\n.*syntax error/u,
  );
  await expect(catalog.save('query', rows)).rejects.toThrow("'save' is not supported");
  const other = create(folder.path, {}, 'postgresql://me:pass@host/db');
  await expect(other.load('table')).rejects.toThrow("need 'con: sqlite:///path/to/file.db'");
  const outside = create(folder.path, {}, 'sqlite:///../x.db');
  expect(() => outside.get('table')).toThrow('leads out of the project');
});

import { expect, test } from 'vitest';

import { collect } from './collect.ts';
import { openSqlCatalog } from './sql-catalog.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const rows = [
  { id: 1, 'a "name"': "Zoë's", ratio: 0.5, big: 2n ** 60n },
  { id: 2, 'a "name"': null, ratio: -3, big: 1n },
];

function open(root: string, saveArgs = {}, con = 'sqlite:///data.db') {
  const named = { type: 'sql.SQLQueryDataset', sql: 'SELECT :low + :high AS sum' };
  return openSqlCatalog(root, con, {
    table: { type: 'pandas.SQLTableDataset', table_name: 't; --', save_args: saveArgs },
    columns: {
      type: 'sql.SQLTableDataset',
      table_name: 't; --',
      load_args: { columns: ['id'], chunksize: 1 },
    },
    query: {
      type: 'kedro_datasets.pandas.SQLQueryDataset',
      sql: 'SELECT count(*) AS n FROM "t; --"',
    },
    named: { ...named, load_args: { params: { low: 1, high: 2 } } },
    listed: {
      type: 'sql.SQLQueryDataset',
      sql: 'SELECT ? AS first, ? AS second',
      load_args: { params: ["'; DROP TABLE t", true] },
    },
    unnamed: { ...named, load_args: { params: { unknown: 1 } } },
    file: { type: 'sql.SQLQueryDataset', filepath: 'q.sql' },
    broken: { type: 'sql.SQLQueryDataset', sql: 'SELECT FROM' },
  });
}

test('tables are saved, replaced, appended to and queried', async () => {
  await using folder = createTemporaryFolder();
  const { catalog } = open(folder.path);
  expect(await catalog.exists('table')).toBe(false);
  await catalog.save('table', rows);
  expect(await catalog.exists('table')).toBe(true);
  expect(await catalog.load('table')).toEqual(rows);
  await expect(catalog.save('table', rows)).rejects.toThrow("There is a table 't; --' already.");
  await open(folder.path, { if_exists: 'append' }).catalog.save('table', rows);
  expect(await catalog.load('query')).toEqual([{ n: 4 }]);
  await open(folder.path, { if_exists: 'replace' }).catalog.save('table', [{ x: true }]);
  expect(await catalog.load('table')).toEqual([{ x: 1 }]);
  await folder.write('q.sql', 'SELECT 1 AS one');
  expect(await catalog.load('file')).toEqual([{ one: 1 }]);
});

test('a save that fails leaves the old table', async () => {
  await using folder = createTemporaryFolder();
  await open(folder.path).catalog.save('table', [{ x: 1 }]);
  const { catalog } = open(folder.path, { if_exists: 'replace' });
  const wrong = [{ x: 2 }, { x: { nested: 1 } }];
  await expect(catalog.save('table', wrong)).rejects.toThrow("value of 'x' in row 2");
  expect(await catalog.load('table')).toEqual([{ x: 1 }]);
});

test('parameters are bound, and rows come in lists where that is asked for', async () => {
  await using folder = createTemporaryFolder();
  const { catalog } = open(folder.path);
  await catalog.save('table', rows);
  expect(await catalog.load('named')).toEqual([{ sum: 3 }]);
  expect(await catalog.load('listed')).toEqual([{ first: "'; DROP TABLE t", second: 1 }]);
  expect(await collect(await catalog.load('columns'))).toEqual([[{ id: 1 }], [{ id: 2 }]]);
});

test('mistakes are named', async () => {
  await using folder = createTemporaryFolder();
  const { catalog } = open(folder.path);
  await expect(catalog.load('table')).rejects.toThrow("No such file: 'data.db'.");
  await catalog.save('table', rows);
  await expect(catalog.load('broken')).rejects.toThrow(
    /^broken: Failed while loading data from dataset sql\.SQLQueryDataset\(sql='SELECT FROM', database='data\.db'\)\.\n.*syntax error/u,
  );
  await expect(catalog.load('unnamed')).rejects.toThrow("Unknown named parameter 'unknown'");
  await expect(catalog.save('query', rows)).rejects.toThrow("'save' is not supported");
  const other = open(folder.path, {}, 'mysql://me:pass@host/db').catalog;
  await expect(other.load('table')).rejects.toThrow("or 'con: sqlite:///path/to/file.db'");
  const outside = open(folder.path, {}, 'sqlite:///../x.db').catalog;
  expect(() => outside.get('table')).toThrow('leads out of the project');
});

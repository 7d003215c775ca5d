import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { DataCatalog } from '../../src/catalog/data-catalog.ts';
import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import type { DuckdbDatabase } from '../../src/nodejs/duckdb-database.ts';
import { createDuckdbDatabase } from '../../src/nodejs/duckdb-database.ts';
import { duckdbDatasetTypes } from '../../src/nodejs/duckdb-datasets.ts';
import { query } from '../../src/nodejs/duckdb-query.ts';
import { DuckdbRelation } from '../../src/nodejs/duckdb-relation.ts';
import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { openRunDatasetTypes } from '../../src/nodejs/run-dataset-types.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { defineProject } from '../../src/project/define-project.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { runToEnd } from '../conformance/watched-run.ts';
import { encodeOutput } from '../../src/runner/encode-output.ts';
import type { TemporaryFolder } from './temporary-folder.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

let folder: TemporaryFolder;
let database: DuckdbDatabase;
let catalog: DataCatalog;

const rows = [
  { id: 1, name: 'Ann', ratio: 0.5 },
  { id: 2, name: "Zoë's", ratio: null },
];

beforeAll(() => {
  folder = createTemporaryFolder();
});
beforeEach(() => {
  database = createDuckdbDatabase();
  catalog = createDataCatalog({
    config: {
      rows: { type: 'pandas.ParquetDataset', filepath: 'in.parquet' },
      '{name}.{format}': { type: 'duckdb.FileDataset', filepath: "da'ta/{name}.{format}" },
      'old.parquet': { type: 'duckdb.FileDataset', filepath: 'v.parquet', versioned: true },
      in: { type: 'duckdb.FileDataset', filepath: 'in.parquet' },
      memory: { type: 'duckdb.TableDataset', table_name: 'a "table"' },
      stored: { type: 'duckdb.TableDataset', table_name: 't', database: 'db.duckdb' },
      one: { type: 'duckdb.QueryDataset', sql: 'SELECT 1 AS x' },
      broken: { type: 'duckdb.QueryDataset', sql: 'SELECT FROM nothing' },
      unknown: { type: 'duckdb.FileDataset', filepath: 'a.xlsx' },
      outside: { type: 'duckdb.FileDataset', filepath: '../a.parquet' },
    },
    fileSystems: { '': createDiskFileSystem(folder.path) },
    datasetTypes: duckdbDatasetTypes(database),
    saveVersion: 'v1',
  });
  return async () => {
    await database.close();
  };
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

async function loadRelation(name: string): Promise<DuckdbRelation> {
  const loaded = await catalog.load(name);
  if (loaded instanceof DuckdbRelation) return loaded;
  throw new TypeError(`'${name}' gave no relation.`);
}

describe('relations', () => {
  test.each(['csv', 'parquet', 'json', 'arrow', 'feather'])(
    'are loaded from and saved to %s',
    async (format) => {
      await catalog.save('rows', rows);
      const name = `copy.${format}`;
      expect(await catalog.exists(name)).toBe(false);
      await catalog.save(name, await loadRelation('in'));
      expect(await (await loadRelation(name)).rows()).toEqual(rows);
    },
  );

  test('have the types that columns of Arrow have', async () => {
    const columns = {
      small: Int8Array.of(1, -1),
      single: Float32Array.of(0.5, 1),
      big: [2n ** 60n, null],
      ok: [true, null],
      at: [new Date('2026-01-02T03:04:05.678Z'), null],
      'a "name"': ['é😀', null],
    };
    const relation = new DuckdbRelation(database, await database.keepColumns(columns));
    const types = query`SELECT typeof(COLUMNS(*)) FROM ${relation} LIMIT 1`;
    expect(Object.values((await types.rows())[0] ?? {})).toEqual([
      ...['TINYINT', 'FLOAT', 'BIGINT', 'BOOLEAN', 'TIMESTAMP_MS', 'VARCHAR'],
    ]);
    await catalog.save('columns.arrow', relation);
    expect(await (await loadRelation('columns.arrow')).rows()).toEqual(await relation.rows());
    const many = { i: Int32Array.from({ length: 5000 }, (_, index) => index) };
    const long = new DuckdbRelation(database, await database.keepColumns(many));
    expect(await query`SELECT count(*) AS n, sum(i) AS total FROM ${long}`.rows()).toEqual([
      { n: 5000, total: 12_497_500 },
    ]);
  });

  test('go through memory datasets as they are', async () => {
    await catalog.save('rows', rows);
    const relation = await loadRelation('in');
    catalog.get('between');
    await catalog.save('between', relation);
    expect(await catalog.load('between')).toBe(relation);
  });

  test('are queried, also together and with WITH', async () => {
    await catalog.save('rows', rows);
    const left = await loadRelation('in');
    const joined = query`
      WITH big AS (SELECT * FROM ${left} WHERE id > ${1})
      SELECT r.name FROM big JOIN ${left} AS r USING (id)`;
    const again = query`SELECT upper(name) AS n FROM ${joined}`;
    expect(await again.rows()).toEqual([{ n: "ZOË'S" }]);
    expect(await again.columns()).toEqual(['n']);
    expect(() => query`SELECT 1`).toThrow('reads from relations');
    const other = createDuckdbDatabase();
    const elsewhere = new DuckdbRelation(other, 'SELECT 1');
    expect(() => query`SELECT * FROM ${left}, ${elsewhere}`).toThrow('all of one DuckDB database');
  });

  test('are computed once when they are materialized', async () => {
    const random = new DuckdbRelation(database, 'SELECT random() AS r');
    const kept = await random.materialize();
    expect(await kept.rows()).toEqual(await kept.rows());
    expect(await random.rows()).not.toEqual(await random.rows());
  });

  test('are made of rows that a run brings', async () => {
    const brought = [
      { id: 1, name: 'Ann', ratio: 0.5, big: 2n ** 60n, none: null, list: [1n, 2n] },
      { id: -2, name: "it's", ratio: 1, big: 1n, none: null, list: [] },
    ];
    for (const name of ['in', 'memory', 'one']) {
      const relation = await catalog.get(name).fromRows?.(brought);
      expect(relation).toBeInstanceOf(DuckdbRelation);
      expect(await (relation as DuckdbRelation).rows()).toEqual(brought);
    }
  });

  test("are what a run's records become, and come back as a table", async () => {
    const executor = createNativeExecutor({
      project: defineProject({
        projectName: 'Relations',
        packageName: 'relations',
        pipelines: {
          __default__: pipeline([
            node(
              (people: DuckdbRelation) => query`SELECT name, age * 2 AS twice FROM ${people}`,
              'people',
              'doubled',
            ),
          ]),
        },
        config: {
          'base/catalog.yml': 'people: { type: duckdb.FileDataset, filepath: people.parquet }',
          'base/parameters.yml': '{}',
        },
        settings: {
          fileSystems: { '': createDiskFileSystem(folder.path) },
          openDatasetTypes: openRunDatasetTypes,
        },
      }),
    });
    const inputsJson = '{"people": [{"name": "Ann", "age": 20}, {"name": "Zoë", "age": 30}]}';
    const outputs = ['doubled', 'people'];
    const events = await runToEnd(executor, createRunOrder({ inputsJson, outputs }));
    expect(events.filter(({ type }) => type === 'output.ready')).toMatchObject([
      {
        output: 'doubled',
        kind: 'table',
        json: '[{"name":"Ann","twice":40},{"name":"Zoë","twice":60}]',
      },
      { output: 'people', kind: 'table' },
    ]);
    await executor.close();
  });

  test('are outputs as tables, and read no further than there is room', async () => {
    const place = { dataset: 'many', filepath: null, version: null };
    const few = new DuckdbRelation(database, "SELECT 1 AS x, DATE '2026-01-02' AS day, 2.5 AS y");
    expect(await encodeOutput(few, 1000, place)).toEqual({
      kind: 'table',
      dataType: 'DuckdbRelation',
      json: '[{"x":1,"day":"2026-01-02T00:00:00.000Z","y":2.5}]',
    });
    const many = new DuckdbRelation(database, 'SELECT * FROM range(1_000_000_000_000) AS r(x)');
    await expect(encodeOutput(many, 100_000, place)).rejects.toMatchObject({
      code: 'output-too-large',
    });
  });

  test('are saved to tables, replacing them', async () => {
    for (const name of ['memory', 'stored']) {
      expect(await catalog.exists(name)).toBe(false);
      await catalog.save(name, new DuckdbRelation(database, 'SELECT 1 AS x'));
      await catalog.save(
        name,
        new DuckdbRelation(database, 'SELECT 2 AS x, 2::HUGEINT << 70 AS big'),
      );
      expect(await (await loadRelation(name)).rows()).toEqual([{ x: 2, big: 2n ** 71n }]);
    }
  });

  test('are kept in versions', async () => {
    await catalog.save('old.parquet', await loadRelation('one'));
    expect(await (await loadRelation('old.parquet')).rows()).toEqual([{ x: 1 }]);
    await expect(catalog.save('old.parquet', await loadRelation('one'))).rejects.toThrow(
      'must not exist if versioning is enabled',
    );
  });
});

describe('mistakes', () => {
  test.each([
    ['missing.parquet', "No such file: 'da'ta/missing.parquet'."],
    ['broken', 'broken: Failed while loading data from dataset duckdb.QueryDataset'],
    ['unknown', "'file_format' has to be one of csv, json, parquet, arrow, feather"],
    ['outside', "The path '../a.parquet' leads out of the project"],
  ])('of %s are named', async (name, message) => {
    await expect(catalog.load(name)).rejects.toThrow(message);
  });

  test('of who saves rows are named', async () => {
    await expect(catalog.save('x.parquet', rows)).rejects.toThrow(
      'DuckDB datasets save relations. Return a DuckdbRelation from the node',
    );
  });

  test('a save that fails leaves nothing behind', async () => {
    const wrong = new DuckdbRelation(database, "SELECT error('no')");
    await expect(catalog.save('failed.parquet', wrong)).rejects.toThrow('no');
    const files = createDiskFileSystem(folder.path);
    expect(await files.exists("da'ta/failed.parquet")).toBe(false);
  });

  test('a closed database says so', async () => {
    const relation = await loadRelation('one');
    await database.close();
    await expect(relation.rows()).rejects.toThrow('The DuckDB database is closed');
  });
});

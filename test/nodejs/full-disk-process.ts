import { appendFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { openRunDatasetTypes } from '../../src/nodejs/run-dataset-types.ts';
import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';

/** What became of one thing on a full disk; written as a line of JSON each. */
export interface FullDiskFinding {
  readonly name: string;
  readonly error: string | null;
  /** What is read afterwards. */
  readonly after: unknown;
  /** Files that were not there before. */
  readonly added: readonly string[];
}

const [, , disk = '', project = '', python = ''] = process.argv;
const projectPath = path.join(disk, 'project');
const filler = path.join(disk, 'filler');
const spareBytes = 16 * 1024;

/** Leaves a few pages: what is saved then begins, and cannot end. */
function fill(): void {
  try {
    for (;;) appendFileSync(filler, Buffer.alloc(4096));
  } catch {
    truncateSync(filler, Math.max(0, statSync(filler).size - spareBytes));
  }
}

async function empty(): Promise<void> {
  await rm(filler, { force: true });
}

function listFiles(): ReadonlySet<string> {
  const found = readdirSync(disk, { recursive: true, withFileTypes: true });
  return new Set(
    found.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name)),
  );
}

function tell(finding: FullDiskFinding): void {
  process.stdout.write(`${JSON.stringify(finding)}\n`);
}

async function tryFull(
  name: string,
  save: () => Promise<unknown>,
  read: () => Promise<unknown>,
): Promise<void> {
  const before = listFiles();
  fill();
  const error = await save().then(
    () => null,
    (reason: unknown) => String(reason),
  );
  await empty();
  const added = [...listFiles()].filter((file) => !before.has(file));
  tell({ name, error, after: await read(), added });
}

type Row = Readonly<Record<string, string | number>>;

function toRows(count: number): readonly Row[] {
  // Nothing that a format could pack.
  return Array.from({ length: count }, (_, id) => ({ id, text: crypto.randomUUID().repeat(2) }));
}

const small = toRows(2);
const large = toRows(20_000);

async function tryDatasets(): Promise<void> {
  await using types = openRunDatasetTypes();
  const config = {
    json: { type: 'json.JSONDataset', filepath: 'json.json' },
    yaml: { type: 'yaml.YAMLDataset', filepath: 'yaml.yml' },
    text: { type: 'text.TextDataset', filepath: 'text.txt' },
    csv: { type: 'pandas.CSVDataset', filepath: 'csv.csv' },
    parquet: { type: 'pandas.ParquetDataset', filepath: 'parquet.parquet' },
    arrow: { type: 'arrow.ArrowDataset', filepath: 'arrow.arrow' },
    excel: { type: 'pandas.ExcelDataset', filepath: 'excel.xlsx' },
    cached: {
      type: 'CachedDataset',
      dataset: { type: 'json.JSONDataset', filepath: 'cached.json' },
    },
    versioned: { type: 'json.JSONDataset', filepath: 'versioned.json', versioned: true },
    partitioned: {
      type: 'partitions.PartitionedDataset',
      path: 'parts',
      dataset: 'json.JSONDataset',
      filename_suffix: '.json',
    },
    duckdb_file: { type: 'duckdb.FileDataset', filepath: 'duckdb.parquet' },
    duckdb_table: { type: 'duckdb.TableDataset', table_name: 't', database: 'duck.db' },
    sql: {
      type: 'pandas.SQLTableDataset',
      table_name: 't',
      credentials: 'db',
      save_args: { if_exists: 'replace' },
    },
  };
  const open = (saveVersion: string) =>
    createDataCatalog({
      config,
      credentials: { db: { con: 'sqlite:///sql.db' } },
      fileSystems: { '': createDiskFileSystem(disk) },
      datasetTypes: types.datasetTypes,
      saveVersion,
    });
  const before = open('2026-01-01T00.00.00.000Z');
  for (const name of Object.keys(config)) {
    const toValue = async (rows: readonly Row[]): Promise<unknown> => {
      if (name === 'text') return JSON.stringify(rows);
      if (name === 'partitioned') return { one: rows };
      return name.startsWith('duckdb') ? before.get(name).fromRows?.(rows) : rows;
    };
    const read = async (): Promise<unknown> => {
      const loaded = await open('2026-01-01T00.00.00.002Z').load(name);
      if (name === 'text') return JSON.parse(String(loaded)) as unknown;
      if (name === 'partitioned') return (loaded as { one(): Promise<unknown> }).one();
      return name.startsWith('duckdb') ? (loaded as { rows(): Promise<unknown> }).rows() : loaded;
    };
    await before.save(name, await toValue(small));
    const old = JSON.stringify(await read());
    const value = await toValue(large);
    await tryFull(
      name,
      () => open('2026-01-01T00.00.00.001Z').save(name, value),
      async () => {
        const after = JSON.stringify(await read());
        return after === old ? 'old' : after;
      },
    );
  }
}

const json = { 'content-type': 'application/json' };

async function tryServer(): Promise<void> {
  const executor = createKedroExecutor({ projectPath, python, workers: 1 });
  const store = createSqliteRunStore({ path: path.join(disk, 'runs', 'runs.sqlite') });
  await using app = createHttpServer({ executor, store });
  await app.ready();
  const post = async (route: string, body: object): Promise<unknown> => {
    const request = { method: 'POST', headers: json, body: JSON.stringify(body) };
    const response = await app.request(route, request);
    return { status: response.status, body: await response.json() };
  };
  const describe = (text: string) => ({ pipeline_names: ['describe'], params: { text } });
  tell({ name: 'before', error: null, after: await post('/run', describe('x')), added: [] });
  fill();
  const full = await post('/runs', { ...describe('y'.repeat(200_000)) });
  tell({ name: 'submission', error: null, after: full, added: [] });
  await empty();
  tell({ name: 'afterwards', error: null, after: await post('/run', describe('z')), added: [] });
}

async function tryKedroSave(): Promise<void> {
  const executor = createKedroExecutor({ projectPath, python, workers: 1 });
  await using app = createHttpServer({ executor });
  await app.ready();
  fill();
  const body = JSON.stringify({
    pipeline_names: ['describe'],
    params: { text: 'y'.repeat(200_000) },
  });
  const response = await app.request('/run', { method: 'POST', headers: json, body });
  tell({ name: 'kedro', error: null, after: await response.json(), added: [] });
  await empty();
}

if (project === '') await tryDatasets();
else {
  await cp(project, projectPath, { recursive: true });
  await tryKedroSave();
  await tryServer();
}

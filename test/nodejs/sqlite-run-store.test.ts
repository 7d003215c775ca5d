import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

import { applicationId, schemaSteps } from '../../src/run/run-database-schema.ts';
import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import {
  batchOf,
  createEntry,
  createRecord,
  queryOf,
  withStatus,
} from '../conformance/run-records.ts';
import { createSubmission } from '../run/submission.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

function createFile(): string {
  const folder = createTemporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return path.join(folder.path, 'runs.sqlite');
}

function create(file: string): RunStore {
  const store = createSqliteRunStore({ path: file });
  onTestFinished(() => store.close());
  return store;
}

function withDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function countsOf(file: string): Record<string, unknown> {
  return withDatabase(file, (database) => {
    const tables = ['runs', 'submissions', 'run_terms', 'entries', 'outputs', 'removed'];
    const counts = tables.map((table) => {
      const row = database.prepare(`SELECT count(*) AS n FROM ${table}`).get();
      return [table, row?.['n']];
    });
    return Object.fromEntries(counts) as Record<string, unknown>;
  });
}

describe('the file', () => {
  test('is its user’s alone, and so is the folder that is made for it', async () => {
    const folder = path.join(path.dirname(createFile()), 'project', '.kedro-server');
    const file = path.join(folder, 'runs.sqlite');
    await create(file).open();
    const modeOf = (one: string): string => (statSync(one).mode % 0o1000).toString(8);
    expect(modeOf(folder)).toBe('700');
    for (const end of ['', '-wal', '-shm', '-lock']) expect(modeOf(`${file}${end}`)).toBe('600');
    expect(readFileSync(path.join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('in a folder that is there changes nothing of the folder', async () => {
    const file = createFile();
    chmodSync(path.dirname(file), 0o755);
    await create(file).open();
    expect(statSync(path.dirname(file)).mode % 0o1000).toBe(0o755);
    expect(existsSync(path.join(path.dirname(file), '.gitignore'))).toBe(false);
  });

  test('can be read by other programs while it is open', async () => {
    const file = createFile();
    const store = create(file);
    await store.open();
    await store.write(batchOf({ runs: [createRecord()] }));
    expect(countsOf(file)).toMatchObject({ runs: 1, submissions: 1, run_terms: 1 });
  });
});

describe('a file that cannot be used is named, with the reason and the way out', () => {
  const refused: readonly (readonly [string, (file: string) => void, string])[] = [
    [
      'no database',
      (file) => writeFileSync(file, 'x'.repeat(5000)),
      'it is not a SQLite database. Move it away, or choose another file',
    ],
    [
      'a database of another program',
      (file) => withDatabase(file, (database) => database.exec('CREATE TABLE a (b)')),
      'it is a SQLite database of another program. Choose another file',
    ],
    [
      'a database with another program’s mark',
      (file) => withDatabase(file, (database) => database.exec('PRAGMA application_id = 7')),
      'it is a SQLite database of another program. Choose another file',
    ],
    [
      'in a folder that is a file',
      (file) => writeFileSync(path.dirname(file), ''),
      'Let the user of this process write there, or choose another file',
    ],
  ];

  test.each(refused)('%s', async (what, prepare, message) => {
    const place = createFile();
    const file = what.startsWith('in a folder') ? path.join(place, 'runs.sqlite') : place;
    prepare(file);
    const store = create(file);
    await expect(store.open()).rejects.toMatchObject({
      code: 'store-unusable',
      message: expect.stringContaining(`The store of runs '${file}' cannot be used: `),
    });
    await expect(store.open()).rejects.toThrow(message);
    await expect(store.list(queryOf())).rejects.toThrow('it has not been opened');
  });

  test('in a folder where nobody may write, not even root', async () => {
    const store = create('/sys/kedro-server/runs.sqlite');
    await expect(store.open()).rejects.toMatchObject({ code: 'store-unusable' });
  });

  test('written by a newer version', async () => {
    const file = createFile();
    const store = create(file);
    await store.open();
    await store.close();
    withDatabase(file, (database) => database.exec('PRAGMA user_version = 99'));
    await expect(create(file).open()).rejects.toThrow(
      `The store of runs '${file}' cannot be used: a newer kedro-server has written it (version 99 of its tables; this one knows up to 4). Update kedro-server, or choose another file.`,
    );
  });

  test('damaged', async () => {
    const file = createFile();
    const store = create(file);
    await store.open();
    const runs = Array.from({ length: 200 }, () => createRecord());
    await store.write(batchOf({ runs }));
    await store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x5a, 4096));
    const damaged = create(file);
    const all = async (): Promise<unknown> => {
      await damaged.open();
      return damaged.list(queryOf());
    };
    await expect(all()).rejects.toMatchObject({
      code: 'store-unusable',
      message: expect.stringContaining(`'${file}' cannot be used: it is damaged. Move it away`),
    });
  });

  test('full: what could not be written is not there, the rest is', async () => {
    const file = createFile();
    const program = fileURLToPath(
      new URL('../conformance/sqlite-run-store-process.ts', import.meta.url),
    );
    // What one process may write of a file ends as a full disk does; blocks of 512 bytes.
    const { stdout } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 2000 && exec "$0" "$@"', process.execPath, program, path.dirname(file)],
      { encoding: 'utf8' },
    );
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toMatch(
      new RegExp(`The store of runs '${file}' cannot be used: its disk.*SQLite: `, 'u'),
    );
    const written = lines.slice(1, -1);
    expect(written.length).toBeGreaterThan(10);
    const store = create(file);
    await store.open();
    const found = await store.list(queryOf());
    expect(found.map(({ id }) => id)).toEqual(written.toReversed());
    for (const id of written) expect(await store.entries(id, 0, 99)).toHaveLength(12);
  });

  test('locked by another program: it is written when that has ended', async () => {
    const file = createFile();
    const store = create(file);
    await store.open();
    const run = createRecord();
    const other = new DatabaseSync(file);
    try {
      other.exec('BEGIN IMMEDIATE');
      await expect(store.write(batchOf({ runs: [run] }))).rejects.toThrow(
        `The store of runs '${file}' cannot be used: another program holds a lock on it.`,
      );
      expect(await store.list(queryOf())).toEqual([]);
      other.exec('ROLLBACK');
    } finally {
      other.close();
    }
    await store.write(batchOf({ runs: [run] }));
    expect(await store.list(queryOf())).toEqual([run]);
  });
});

test('what the first version has written is read', async () => {
  const file = createFile();
  const run = createRecord({ submission: createSubmission({ labels: { team: 'a' } }) });
  const order = { ...run.submission.order, inputsJson: '{"numbers": [1.0]}' };
  const submission = { ...run.submission, order };
  withDatabase(file, (database) => {
    database.exec(schemaSteps[0] ?? '');
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
    const { submission: _, ...state } = run;
    database
      .prepare('INSERT INTO runs (id, status, created_at, state) VALUES (?, ?, ?, ?)')
      .run(run.id, run.status, run.createdAtMs, JSON.stringify(state));
    database
      .prepare('INSERT INTO submissions (run, json) VALUES (1, ?)')
      .run(JSON.stringify(submission));
  });
  const store = create(file);
  await store.open();
  expect(await store.unfinished()).toEqual([{ ...run, submission }]);
  expect(await store.findVersion(run.saveVersion)).toEqual({ ...run, submission });
});

test('a removal that close() has cut short is taken up by the next one', async () => {
  const file = createFile();
  const store = create(file);
  await store.open();
  const runs = Array.from({ length: 500 }, () => withStatus(createRecord(), 'failed', 1));
  const running = createRecord();
  const all = [...runs, running];
  await store.write({
    runs: all,
    keys: [],
    entries: all.flatMap(({ id: runId }) =>
      Array.from({ length: 10 }, (_, index) => ({ runId, entry: createEntry(index + 1) })),
    ),
    outputs: all.map(({ id: runId }) => ({ runId, name: 'o', json: '1' })),
  });
  const retention = { endedBeforeMs: 2, maxEndedRuns: null, nowMs: 0 };
  const pruned = store.prune(retention);
  await setImmediate();
  await store.close();
  const removed = await pruned;
  expect(removed).toBeGreaterThan(0);
  expect(removed).toBeLessThan(500);
  expect(countsOf(file)).toMatchObject({ entries: 5010, removed });
  const next = create(file);
  await next.open();
  expect(await next.prune(retention)).toBe(500 - removed);
  expect(await next.list(queryOf())).toEqual([running]);
  await next.close();
  expect(countsOf(file)).toEqual({
    runs: 1,
    submissions: 1,
    run_terms: 1,
    entries: 10,
    outputs: 1,
    removed: 0,
  });
});

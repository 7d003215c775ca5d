import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { connectPostgres, postgresUrl } from '../postgres.ts';
import { collect } from './collect.ts';
import { openSqlCatalog } from './sql-catalog.ts';

/** Everything that this file makes is in here. */
const schema = `kedro "server" ${randomUUID()}`;
const quoted = `"${schema.replaceAll('"', '""')}"`;
const type = 'pandas.SQLTableDataset';

function open(config: Readonly<Record<string, object>>, url = postgresUrl) {
  return openSqlCatalog('.', url, config);
}

function tableOf(name: string, saveArgs = {}, loadArgs = {}) {
  return {
    type,
    table_name: name,
    load_args: { schema, ...loadArgs },
    save_args: { schema, ...saveArgs },
  };
}

function queryOf(sql: string, loadArgs = {}) {
  return { type: 'pandas.SQLQueryDataset', sql, load_args: loadArgs };
}

describe.skipIf(inject('postgresMissing') !== null)('PostgreSQL', () => {
  let admin: Client;

  beforeAll(async () => {
    admin = await connectPostgres();
    await admin.query(`CREATE SCHEMA ${quoted}`);
  });

  afterAll(async () => {
    await admin.query(`DROP SCHEMA ${quoted} CASCADE`);
    await admin.end();
  });

  test('tables are saved, replaced, appended to and queried', async () => {
    const rows = [
      {
        id: 1,
        'a "name"': "Zoë's",
        ratio: 0.5,
        big: 2n ** 60n,
        at: new Date(12),
        tags: { a: [1] },
        raw: Uint8Array.of(0, 255),
        ok: true,
      },
      { id: 2, ratio: Number.NaN, big: 1n, tags: [], ok: null },
    ];
    await using opened = open({
      table: tableOf('t; --'),
      more: tableOf('t; --', { if_exists: 'append' }),
      other: tableOf('t; --', { if_exists: 'replace' }),
      some: tableOf('t; --', {}, { columns: ['ratio', 'a "name"'] }),
      query: queryOf(`SELECT count(*) AS n, sum(big) AS sum FROM ${quoted}."t; --"`),
    });
    const { catalog } = opened;
    expect(await catalog.exists('table')).toBe(false);
    await catalog.save('table', rows);
    expect(await catalog.exists('table')).toBe(true);
    expect(await catalog.load('table')).toEqual([
      { ...rows[0], raw: Buffer.of(0, 255) },
      { ...rows[1], 'a "name"': null, at: null, raw: null },
    ]);
    await expect(catalog.save('table', rows)).rejects.toThrow("There is a table 't; --' already.");
    await catalog.save('more', [{ id: 3 }]);
    expect(await catalog.load('query')).toEqual([{ n: 3, sum: 2 ** 60 + 1 }]);
    expect(await catalog.load('some')).toEqual([
      { ratio: 0.5, 'a "name"': "Zoë's" },
      { ratio: Number.NaN, 'a "name"': null },
      { ratio: null, 'a "name"': null },
    ]);
    await catalog.save('other', [{ x: true }]);
    expect(await catalog.load('table')).toEqual([{ x: true }]);
  });

  test('appended rows take the types of the table, and what it gives by itself', async () => {
    await admin.query(
      `CREATE TABLE ${quoted}.typed (id serial, day date, price numeric(9, 2), seen timestamp, words text[], days date[])`,
    );
    await using opened = open({ typed: tableOf('typed', { if_exists: 'append' }) });
    const day = '2026-01-31';
    const row = {
      day,
      price: '12.50',
      seen: new Date(0),
      words: ['a', 'b'],
      days: [[day], [null]],
    };
    await opened.catalog.save('typed', [row]);
    expect(await opened.catalog.load('typed')).toEqual([
      { ...row, id: 1, day: new Date(day), price: 12.5, days: [[new Date(day)], [null]] },
    ]);
    await expect(opened.catalog.save('typed', [{ unknown: 1 }])).rejects.toThrow(
      'column "unknown" of relation "typed" does not exist',
    );
  });

  test('a save that fails leaves the old table', async () => {
    await using opened = open({
      kept: tableOf('kept'),
      replaced: tableOf('kept', { if_exists: 'replace' }),
      appended: tableOf('kept', { if_exists: 'append' }),
    });
    const { catalog } = opened;
    await catalog.save('kept', [{ x: 1 }]);
    await expect(catalog.save('replaced', [{ x: 2 }, { x: 'two' }])).rejects.toThrow(
      "PostgreSQL cannot hold the column 'x': row 2 has 'string' after 'integer'",
    );
    const many = Array.from({ length: 6000 }, (_, x) => ({ x: x === 5999 ? 'last' : x }));
    await expect(catalog.save('appended', many)).rejects.toThrow('invalid input syntax');
    expect(await catalog.load('kept')).toEqual([{ x: 1 }]);
  });

  test('parameters are bound, by psycopg’s places or PostgreSQL’s', async () => {
    const odd = "'; DROP TABLE t; -- %s";
    await using opened = open({
      named: queryOf("SELECT %(b)s::int - %(a)s::int AS x, %(b)s::int % 2 AS y, '%%' AS z", {
        params: { a: 1, b: 5 },
      }),
      listed: queryOf('SELECT %s::text AS x, %s::text IS NULL AS y', { params: [odd, null] }),
      numbered: queryOf('SELECT $2::int AS x, $1::bigint[] AS y', { params: [[7], 8] }),
      unnamed: queryOf('SELECT %(c)s', { params: { a: 1 } }),
      short: queryOf('SELECT %s, %s', { params: [1] }),
      none: queryOf("SELECT 'a%s' AS x"),
    });
    const { catalog } = opened;
    expect(await catalog.load('named')).toEqual([{ x: 4, y: 1, z: '%' }]);
    expect(await catalog.load('listed')).toEqual([{ x: odd, y: true }]);
    expect(await catalog.load('numbered')).toEqual([{ x: 8, y: [7n] }]);
    expect(await catalog.load('none')).toEqual([{ x: 'a%s' }]);
    await expect(catalog.load('unnamed')).rejects.toThrow("asks for '%(c)s'");
    await expect(catalog.load('short')).rejects.toThrow("more '%s' than the list");
  });

  test('rows come in lists where that is asked for, and not before', async () => {
    await using opened = open({
      series: queryOf('SELECT i FROM generate_series(1, %s::int) AS i;', {
        params: [2500],
        chunksize: 1000,
      }),
      fails: queryOf('SELECT 1 / (3 - i) AS x FROM generate_series(1, 9) AS i', { chunksize: 1 }),
    });
    const { catalog } = opened;
    const pieces = (await collect(await catalog.load('series'))) as (readonly object[])[];
    expect(pieces.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(pieces[2]?.at(-1)).toEqual({ i: 2500 });
    // More than the pool has connections: a reader that stops gives its own back.
    for (let round = 0; round < 40; round += 1) {
      for await (const piece of (await catalog.load('series')) as AsyncIterable<unknown>) {
        expect(piece).toHaveLength(1000);
        break;
      }
    }
    await expect(collect(await catalog.load('fails'))).rejects.toThrow('division by zero');
  });

  test('what is being asked ends with the run', async () => {
    const mark = randomUUID();
    const opened = open({ slow: queryOf(`SELECT pg_sleep(600) AS "${mark}"`) });
    const loading = expect(opened.catalog.load('slow')).rejects.toThrow(/canceling|terminated/u);
    const countActive = async () => {
      const sql = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1";
      return (await admin.query(sql, [`SELECT pg_sleep(600) AS "${mark}"%`])).rowCount;
    };
    await expect.poll(countActive).toBe(1);
    await opened[Symbol.asyncDispose]();
    await loading;
    await expect.poll(countActive).toBe(0);
    await expect(opened.catalog.load('slow')).rejects.toThrow('The run is over');
  });

  test('mistakes are named, and no password with them', async () => {
    await using opened = open({
      missing: tableOf('missing'),
      two: queryOf('SELECT 1; SELECT 2'),
      broken: queryOf('SELECT FROM WHERE'),
    });
    const { catalog } = opened;
    await expect(catalog.load('missing')).rejects.toThrow('missing" does not exist');
    await expect(catalog.load('two')).rejects.toThrow('cannot insert multiple commands');
    await expect(catalog.load('broken')).rejects.toThrow('syntax error at or near "WHERE"');
    await expect(catalog.save('two', [{ x: 1 }])).rejects.toThrow("'save' is not supported");
    const url = new URL(postgresUrl);
    url.password = 'hunter2';
    url.pathname = '/no_such_database';
    await using elsewhere = open({ missing: tableOf('missing') }, url.href);
    const error: unknown = await elsewhere.catalog.load('missing').catch((each: unknown) => each);
    expect(String(error)).toContain(
      `Cannot connect to postgresql://${url.host}/no_such_database: database "no_such_database" does not exist`,
    );
    expect(String(error)).not.toContain('hunter2');
  });
});

test('a server that nobody can reach is named, without the password', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const host = `127.0.0.1:${port}`;
  const url = `postgresql+psycopg2://me:hunter2@${host}/name?sslmode=disable`;
  await using opened = open({ query: queryOf('SELECT 1') }, url);
  const error: unknown = await opened.catalog.load('query').catch((each: unknown) => each);
  expect(String(error)).toContain(
    `Cannot connect to postgresql://${host}/name: connect ECONNREFUSED ${host}`,
  );
  expect(String(error)).not.toContain('hunter2');
});

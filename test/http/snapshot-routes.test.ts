import { expect, test } from 'vitest';

import { SnapshotError } from '../../src/errors.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createAnswerCheck } from './document-schemas.ts';
import { createMemoryExecutor, tinySnapshot } from './memory-executor.ts';

test('a snapshot is written as Kedro writes it', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const response = await app.request('/snapshot');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const text = await response.text();
  expect(text).toBe(
    '{"status":"success","metadata":{"project_name":"Tiny","package_name":"tiny","kedro_version":"1.6.0"},"pipelines":[{"name":"__default__","nodes":[{"name":"double","func_name":"double","namespace":null,"tags":["a","b"],"inputs":["numbers","params:factor"],"outputs":["doubled"],"source":{"filepath":"src/tiny/pipeline_registry.py","line_start":3,"line_end":4}},{"name":"ns.total","func_name":"<lambda>","namespace":"ns","tags":[],"inputs":["doubled"],"outputs":["total"],"source":null}],"inputs":["numbers","params:factor"],"outputs":["total"]}],"datasets":{"numbers":{"name":"numbers","type":"json.JSONDataset","filepath":"data/numbers.json"},"total":{"name":"total","type":"MemoryDataset","filepath":null}},"parameters":["factor"]}',
  );
  (await createAnswerCheck(app))('GET', '/snapshot', 200, JSON.parse(text));
});

test.each([
  ['', null],
  ['?', null],
  ['?params=', null],
  ['?params', null],
  ['?other=1', null],
  ['?params=a=1', 'a=1'],
  ['?params=a=1&params=b=2', 'b=2'],
  ['?params=a=1&params=', null],
  ['?params=a=%C3%A9+b%2Bc%26%3D', 'a=é b+c&='],
  ['?params=a=%zz', 'a=%zz'],
  ['?params=a=%ff', 'a=\ufffd'],
])('/snapshot%s asks with %j', async (query, params) => {
  const executor = createMemoryExecutor();
  await createHttpServer({ executor }).request(`/snapshot${query}`);
  expect(executor.snapshots).toEqual([params]);
});

test('a snapshot that has not changed is not sent again', async () => {
  let snapshot = tinySnapshot;
  const executor = createMemoryExecutor({ snapshot: () => Promise.resolve(snapshot) });
  const app = createHttpServer({ executor });
  const etag = (await app.request('/snapshot')).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);

  const ask = (tags: string) => app.request('/snapshot', { headers: { 'if-none-match': tags } });
  for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await ask(tags);
    expect(response.status, tags).toBe(304);
    expect(response.headers.get('etag')).toBe(etag);
    expect(await response.text()).toBe('');
  }
  expect((await ask('"other"')).status).toBe(200);

  snapshot = { ...tinySnapshot, parameters: ['factor', 'more'] };
  const changed = await ask(etag);
  expect(changed.status).toBe(200);
  expect(changed.headers.get('etag')).not.toBe(etag);
});

test('a snapshot is written once as long as it is the same object', async () => {
  let reads = 0;
  const counted = {
    ...tinySnapshot,
    get parameters() {
      reads += 1;
      return tinySnapshot.parameters;
    },
  };
  const app = createHttpServer({
    executor: createMemoryExecutor({ snapshot: () => Promise.resolve(counted) }),
  });
  const first = await (await app.request('/snapshot')).text();
  const readsOfOne = reads;
  const second = await (await app.request('/snapshot')).text();
  expect(second).toBe(first);
  expect(reads).toBe(readsOfOne);
});

test.each([
  [
    new SnapshotError('Outer.InnerError', 'no conf'),
    { type: 'Outer.InnerError', message: 'no conf' },
  ],
  [new RangeError('odd'), { type: 'RangeError', message: 'odd' }],
])('%s is a failure with status 200', async (error, detail) => {
  const executor = createMemoryExecutor({
    snapshot: async () => {
      throw error;
    },
  });
  const app = createHttpServer({ executor });
  const response = await app.request('/snapshot');
  expect(response.status).toBe(200);
  expect(response.headers.get('etag')).toBeNull();
  const body: unknown = await response.json();
  expect(body).toEqual({ status: 'failure', error: detail });
  (await createAnswerCheck(app))('GET', '/snapshot', 200, body);
});

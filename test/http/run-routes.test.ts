import { expect, test } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createAnswerCheck } from './document-schemas.ts';
import { createMemoryExecutor } from './memory-executor.ts';
import { postRun, runOf } from './post-run.ts';
import { eventually } from '../eventually.ts';

const runIdPattern = /^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$/;

test('a run that succeeds', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const response = await postRun(app);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const body: unknown = await response.json();
  expect(body).toEqual({
    status: 'success',
    run_id: expect.stringMatching(runIdPattern) as string,
    duration_ms: 12.35,
  });
  (await createAnswerCheck(app))('POST', '/run', 200, body);
});

test('a run that fails', async () => {
  const error = { type: 'Outer.InnerError', message: 'é "quoted"\n\ud800' };
  const executor = createMemoryExecutor({ run: () => ({ error, durationMs: 12 }) });
  const app = createHttpServer({ executor });
  const response = await postRun(app);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toContain('"duration_ms":12.0,"error":{"type":');
  const body: unknown = JSON.parse(text);
  expect(body).toMatchObject({ status: 'failure', duration_ms: 12, error });
  (await createAnswerCheck(app))('POST', '/run', 200, body);
});

test('the order holds what was asked for', async () => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor });
  await postRun(
    app,
    '{"from_inputs":["a"],"to_outputs":["b"],"from_nodes":["c"],"to_nodes":["d"],"node_names":["e"],"runner":"ThreadRunner","is_async":"yes","tags":["f"],"load_versions":{"g":"1"},"pipeline_names":["h"],"namespaces":["i"],"params":{ "x": 1.0 },"only_missing_outputs":1}',
  );
  const { run_id: runId } = await runOf(postRun(app, {}));
  const absent = {
    fromInputs: null,
    toOutputs: null,
    fromNodes: null,
    toNodes: null,
    nodeNames: null,
    runner: null,
    tags: null,
    loadVersions: null,
    pipelineNames: null,
    namespaces: null,
    paramsJson: null,
  };
  expect(executor.orders).toEqual([
    {
      runId: expect.stringMatching(runIdPattern) as string,
      fromInputs: ['a'],
      toOutputs: ['b'],
      fromNodes: ['c'],
      toNodes: ['d'],
      nodeNames: ['e'],
      runner: 'ThreadRunner',
      isAsync: true,
      tags: ['f'],
      loadVersions: { g: '1' },
      pipelineNames: ['h'],
      namespaces: ['i'],
      paramsJson: '{ "x": 1.0 }',
      onlyMissingOutputs: true,
      requestId: null,
      traceparent: null,
    },
    {
      runId,
      requestId: null,
      traceparent: null,
      isAsync: false,
      onlyMissingOutputs: false,
      ...absent,
    },
  ]);
});

test('trace headers reach the run', async () => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  for (const headers of [
    { traceparent, 'x-request-id': 'mine-1' },
    { traceparent: 'x', 'x-request-id': 'a b' },
  ]) {
    await app.request('/run', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  }
  expect(executor.orders).toMatchObject([
    { traceparent, requestId: 'mine-1' },
    { traceparent: null, requestId: null },
  ]);
});

test.each([
  [
    'no body',
    { body: null },
    422,
    [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
  ],
  [
    'broken JSON',
    { body: '{"a": tru}' },
    422,
    [
      {
        type: 'json_invalid',
        loc: ['body', 6],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: 'Expecting value' },
      },
    ],
  ],
  [
    'an extra field',
    { body: '{"env": [1.0]}' },
    422,
    [
      {
        type: 'extra_forbidden',
        loc: ['body', 'env'],
        msg: 'Extra inputs are not permitted',
        input: [1.0],
      },
    ],
  ],
  [
    'another content type',
    { body: '{}', headers: { 'content-type': 'text/plain' } },
    422,
    [
      {
        type: 'model_attributes_type',
        loc: ['body'],
        msg: 'Input should be a valid dictionary or object to extract fields from',
        input: '{}',
      },
    ],
  ],
  [
    'bytes that are no text',
    { body: Buffer.from([0x7b, 0xff]) },
    400,
    'There was an error parsing the body',
  ],
  ['too many levels', { body: '['.repeat(100_000) }, 400, 'There was an error parsing the body'],
] as const)('%s is refused', async (_, init, status, detail) => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor });
  const response = await postRun(app, '', { ...init });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  const body: unknown = await response.json();
  expect(body).toEqual({ detail });
  if (status === 422) (await createAnswerCheck(app))('POST', '/run', 422, body);
  expect(executor.orders).toEqual([]);
});

test('955 levels are read', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const params = (levels: number) => `{"params":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
  expect((await postRun(app, params(953))).status).toBe(200);
  expect((await postRun(app, params(954))).status).toBe(400);
});

/** A body of `total` bytes in pieces, that counts what was taken of it. */
function createBody(total: number) {
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (sent >= total) controller.close();
      else controller.enqueue(piece.subarray(0, Math.min(piece.length, total - sent)));
      sent += piece.length;
    },
  });
  return { stream, sentBytes: () => sent };
}

test.each([
  ['in chunks', {}],
  ['that lies about its length', { 'content-length': '10' }],
  ['that says its length', { 'content-length': String(100 * 2 ** 20) }],
])('a body of 100 MB %s is refused before it is read', async (_, headers) => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const { stream, sentBytes } = createBody(100 * 2 ** 20);
  const init = {
    body: stream,
    duplex: 'half',
    headers: { 'content-type': 'application/json', ...headers },
  } as const;
  const response = await postRun(app, '', init);
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({
    detail: expect.stringMatching(/1048576 bytes.*maxBodyBytes/) as string,
  });
  expect(sentBytes()).toBeLessThan(2 * 2 ** 20);
});

test('the limit is a setting, and a body of just that size is read', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor(), maxBodyBytes: 64 });
  expect((await postRun(app, '{}'.padEnd(64))).status).toBe(200);
  const response = await postRun(app, '{}'.padEnd(65));
  expect(response.status).toBe(413);
  expect(await response.text()).toContain('64 bytes');
});

test('what is refused is as the document has it', async () => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor, maxBodyBytes: 64 });
  const check = await createAnswerCheck(app);
  const locked = createHttpServer({ executor, authorize: () => false });
  const closed = createHttpServer({ executor: createMemoryExecutor() });
  await closed.close();
  const refused = {
    400: postRun(app, '', { body: new Uint8Array([0xff]) }),
    403: postRun(locked),
    413: postRun(app, '{}'.padEnd(65)),
    422: postRun(app, '[]'),
    503: postRun(closed),
  };
  for (const [status, answer] of Object.entries(refused)) {
    const response = await answer;
    expect(response.status).toBe(Number(status));
    check('POST', '/run', response.status, await response.json());
  }
  const health = await closed.request('/health');
  expect(health.status).toBe(503);
  check('GET', '/health', 503, await health.json());
  const snapshot = await closed.request('/snapshot');
  expect(snapshot.status).toBe(503);
  check('GET', '/snapshot', 503, await snapshot.json());
});

test('a body in many pieces is read whole', async () => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor });
  const pieces = [...'{"tags":["é"]}'].map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  await postRun(app, '', { body, duplex: 'half' } as RequestInit);
  expect(executor.orders[0]?.tags).toEqual(['é']);
});

test('a run that has not started is withdrawn when its client goes', async () => {
  // Held to the end: Node forgets the signal of a request that nothing is waiting for.
  const start = Promise.withResolvers<void>();
  const executor = createMemoryExecutor({ run: () => ({ mayStart: start.promise }) });
  const app = createHttpServer({ executor });
  const client = new AbortController();
  const run = postRun(app, {}, { signal: client.signal });
  await eventually(() => expect(executor.orders).toHaveLength(1));
  client.abort();
  expect(await runOf(run)).toMatchObject({ status: 'failure', error: { type: 'RunCancelled' } });
  start.resolve();
});

test('a run that has started goes on when its client goes', async () => {
  const end = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const app = createHttpServer({
    executor: createMemoryExecutor({ run: () => ({ mayEnd: end.promise }) }),
    onRunEvent: (_, __, { type }) => {
      if (type === 'run.started') started.resolve();
    },
  });
  const client = new AbortController();
  const run = postRun(app, {}, { signal: client.signal });
  await started.promise;
  client.abort();
  end.resolve();
  expect(await runOf(run)).toMatchObject({ status: 'success' });
});

test('an executor that breaks its promise gives a failure with a run id', async () => {
  const executor = {
    ...createMemoryExecutor(),
    // oxlint-disable-next-line require-yield -- That it gives no events is what is tested.
    async *execute() {
      return;
    },
  };
  const answer = await runOf(postRun(createHttpServer({ executor })));
  expect(answer).toMatchObject({ status: 'failure', error: { type: 'Error' } });
  expect(answer.error?.message).toContain(answer.run_id);
});

test('1,000 runs at once have 1,000 ids', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const runs = await Promise.all(Array.from({ length: 1000 }, () => runOf(postRun(app))));
  expect(new Set(runs.map(({ run_id: runId }) => runId)).size).toBe(1000);
});

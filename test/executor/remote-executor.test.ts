import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { createClient } from '../../src/client/index.ts';
import type { Executor } from '../../src/executor/executor.ts';
import {
  createRemoteExecutor,
  type RemoteExecutorOptions,
} from '../../src/executor/remote-executor.ts';
import type { RunEvent } from '../../src/executor/run-event.ts';
import {
  createHttpServer,
  createKey,
  createNativeExecutor,
  defineProject,
} from '../../src/index.ts';
import { serveChatty } from '../client/chatty-server.ts';
import { type Fate, startCuttingProxy } from '../client/cutting-proxy.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';

function createRemote(options: RemoteExecutorOptions): Executor {
  const executor = createRemoteExecutor(options);
  onTestFinished(() => executor.close({ graceMs: 0 }));
  return executor;
}

/** What is told of a run, but for times. */
function told(events: readonly RunEvent[]): readonly unknown[] {
  return events.flatMap((event) => {
    if (event.type === 'log' && event.logger === 'kedro_server.remote') return [];
    return [{ ...event, elapsedMs: 0, durationMs: 0 }];
  });
}

const seed = fc.sample(fc.integer(), 1)[0] ?? 0;
const cuts = fc.array(fc.integer({ min: 1, max: 8000 }), { minLength: 1, maxLength: 8 });

test(`a run is told whole and once, wherever connections are cut (seed ${seed})`, async () => {
  const { url } = await serveChatty({ concurrency: 16 });
  const order = orderPipeline('chatty', { lines: 300 }, { outputs: ['said'] });
  const direct = await runToEnd(createRemote({ url }), order);
  expect(linesOf(direct)).toHaveLength(300);
  const run = async (places: readonly number[]): Promise<void> => {
    const proxy = await startCuttingProxy(url, (index): Fate => {
      const cutAfter = places[index];
      return cutAfter === undefined ? null : { cutAfter };
    });
    const executor = createRemote({ url: proxy.url, submitForMs: 120_000, lostAfterMs: 120_000 });
    // It is opened once the connections that are cut have been used up by runs.
    while ((await executor.open().catch(() => null)) === null);
    expect(told(await runToEnd(executor, order))).toEqual(told(direct));
  };
  await Promise.all(fc.sample(cuts, { numRuns: 12, seed }).map(run));
}, 120_000);

test('a submission whose answer is lost is the same run when it is sent again', async () => {
  const { url } = await serveChatty();
  let lost = 0;
  const executor = createRemote({
    url,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (init.method !== 'POST' || lost === 3) return response;
      await response.body?.cancel();
      lost += 1;
      throw new TypeError('the connection was lost');
    },
  });
  const events = await runToEnd(executor, orderPipeline('chatty'));
  expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
  expect(lost).toBe(3);
  expect((await createClient({ url }).list()).data).toHaveLength(1);
});

test('a server that is full is tried again as it says, but not for ever', async () => {
  const { url } = await serveChatty();
  let refusals = 0;
  const refusing = (most: number): RemoteExecutorOptions['fetch'] => {
    return async (input, init) => {
      if (init.method !== 'POST' || refusals === most) return fetch(input, init);
      refusals += 1;
      const problem = { code: 'queue-full', detail: 'The server is full.' };
      const headers = { 'content-type': 'application/problem+json', 'retry-after': '0' };
      return new Response(JSON.stringify(problem), { status: 503, headers });
    };
  };
  const patient = createRemote({ url, fetch: refusing(2) });
  const events = await runToEnd(patient, orderPipeline('chatty'));
  expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
  refusals = 0;
  const hasty = createRemote({ url, submitForMs: 0, fetch: refusing(Infinity) });
  expect((await runToEnd(hasty, orderPipeline('chatty'))).at(-1)).toMatchObject({
    status: 'failed',
    error: { type: 'RemoteError', message: expect.stringMatching(/queue-full.*is full/) },
  });
});

test('what has been asked for of a run reaches the server as it was written', async () => {
  const { url } = await serveChatty();
  const bodies: string[] = [];
  const headers: Headers[] = [];
  const executor = createRemote({
    url,
    fetch: async (input, init) => {
      if (init.method === 'POST') {
        bodies.push(typeof init.body === 'string' ? init.body : '');
        headers.push(new Headers(init.headers));
      }
      return fetch(input, init);
    },
  });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await runToEnd(executor, {
    ...orderPipeline('chatty'),
    paramsJson: '{"lines": 2, "rate": 1.0, "big": 12345678901234567890}',
    inputsJson: '{"numbers": [1.0, -0.0]}',
    traceparent,
    requestId: 'asked-by-me',
  });
  expect(bodies[0]).toContain('"params":{"lines": 2, "rate": 1.0, "big": 12345678901234567890}');
  expect(bodies[0]).toContain('"inputs":{"numbers": [1.0, -0.0]}');
  expect(headers[0]?.get('traceparent')).toBe(traceparent);
  expect(headers[0]?.get('x-request-id')).toBe('asked-by-me');
});

test('a run that waits at the server says so, and can be cancelled there', async () => {
  const { url, openGate } = await serveChatty({ concurrency: 1 });
  const executor = createRemote({ url, concurrency: 2 });
  const first = watchRun(executor, orderPipeline('gated'));
  await first.event(({ type }) => type === 'node.started');
  const abort = new AbortController();
  const second = watchRun(executor, orderPipeline('gated'), { signal: abort.signal });
  await second.line(/waits at place 1 in the queue/);
  abort.abort();
  expect(await second.ended).toMatchObject({
    status: 'cancelled',
    error: { type: 'RunCancelled' },
  });
  expect(stepsOf(second.events)).toEqual(['run.ended cancelled']);
  openGate();
  expect(await first.ended).toMatchObject({ status: 'succeeded' });
});

test('a run that the server ends by its own limit has failed', async () => {
  const { url } = await serveChatty({ timeoutMs: 50 });
  const events = await runToEnd(createRemote({ url }), orderPipeline('gated'));
  expect(events.at(-1)).toMatchObject({ status: 'failed', error: { type: 'RunTimedOut' } });
});

test('a server in front of a server does all that the one behind does', async () => {
  const { url } = await serveChatty({ concurrency: 3 });
  await using front = createHttpServer({ executor: createRemoteExecutor({ url }) });
  expect(await front.ready()).toMatchObject({ projectName: 'Chatty', packageName: 'chatty' });
  expect(await (await front.request('/readyz')).json()).toMatchObject({ capacity: 3 });
  const client = createClient({
    url: 'http://127.0.0.1',
    fetch: async (input, init) => front.request(input, init),
  });
  const { outputs, run } = await client.run({
    inputs: { numbers: [1, 2] },
    outputs: ['doubled'],
  });
  expect(outputs).toEqual({ doubled: [2, 4] });
  expect(run).toMatchObject({ status: 'succeeded', progress: { nodes_total: 1, nodes_done: 1 } });
  await expect(client.run({ pipeline_names: ['chaty'] })).rejects.toMatchObject({
    code: 'run-invalid',
    message: expect.stringContaining("Did you mean 'chatty'"),
  });
  await expect(client.run({ pipeline_names: ['failing'] })).rejects.toMatchObject({
    run: { status: 'failed', error: { type: 'RangeError', node: 'second' } },
  });
});

test('a server in front of one that is not there says so, and takes no runs meanwhile', async () => {
  const executor = createRemoteExecutor({ url: 'http://127.0.0.1:1' });
  await using front = createHttpServer({ executor });
  const headers = { 'content-type': 'application/json' };
  for (const response of [
    await front.request('/readyz'),
    await front.request('/runs', { method: 'POST', headers, body: '{}' }),
  ]) {
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({
      code: 'project-broken',
      detail: expect.stringContaining('RemoteError: http://127.0.0.1:1 cannot be reached'),
    });
  }
  expect((await front.request('/health')).status).toBe(503);
});

test('a snapshot that has not changed is not sent again', async () => {
  const { url } = await serveChatty();
  const statuses: number[] = [];
  const executor = createRemote({
    url,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (input.includes('/snapshot')) statuses.push(response.status);
      return response;
    },
  });
  const snapshot = await executor.snapshot({ params: null });
  expect(await executor.snapshot({ params: null })).toBe(snapshot);
  expect(await executor.snapshot({ params: 'lines=4' })).toEqual(snapshot);
  expect(statuses).toEqual([200, 304, 304, 200]);
});

test('the runs go to the server with most room, and to the others when one is gone', async () => {
  const [one, two] = [await serveChatty(), await serveChatty()];
  const proxied = await startCuttingProxy(
    () => (isGone ? 'http://127.0.0.1:1' : one.url),
    () => null,
  );
  let isGone = false;
  const executor = createRemote({ url: [proxied.url, two.url], concurrency: 2 });
  await executor.open();
  expect(executor.capacity).toBe(4);
  const held = Array.from({ length: 4 }, () => watchRun(executor, orderPipeline('gated')));
  await Promise.all(held.map(({ event }) => event(({ type }) => type === 'node.started')));
  for (const { url } of [one, two]) {
    expect((await createClient({ url }).list({ status: ['running'] })).data).toHaveLength(2);
  }
  one.openGate();
  two.openGate();
  await Promise.all(held.map(({ ended }) => ended));
  isGone = true;
  proxied.cut();
  expect(await executor.snapshot({ params: null })).toMatchObject({
    metadata: { projectName: 'Chatty' },
  });
  const after = await Promise.all(
    Array.from({ length: 4 }, () => runToEnd(executor, orderPipeline('chatty'))),
  );
  expect(after.map((events) => stepsOf(events).at(-1))).toEqual(
    Array.from({ length: 4 }, () => 'run.ended succeeded'),
  );
});

test('servers of different projects are not taken for one', async () => {
  const { url } = await serveChatty();
  const project = defineProject({ projectName: 'Other', packageName: 'other', pipelines: {} });
  await using other = createHttpServer({ executor: createNativeExecutor({ project }) });
  const executor = createRemote({
    url: [url, 'http://other.test'],
    fetch: async (input, init) =>
      input.startsWith('http://other.test') ? other.request(input, init) : fetch(input, init),
  });
  await executor.open();
  expect(executor.figures?.map(({ name, read }) => [name, read()])).toEqual([
    ['remote_servers_there', 1],
  ]);
});

test('a server that asks who calls is shown the token', async () => {
  const { key, stored } = await createKey({ name: 'front', scopes: ['read', 'run', 'cancel'] });
  const { url } = await serveChatty({ auth: { keys: [stored] } });
  const events = await runToEnd(createRemote({ url, token: key }), orderPipeline('chatty'));
  expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
  await expect(createRemote({ url, token: `${key}0` }).open()).rejects.toMatchObject({
    code: 'remote-refused',
    message: expect.stringMatching(/\(401\).*Check the token/),
  });
});

test('closing cancels what outlasts the grace', async () => {
  const { url } = await serveChatty();
  const executor = createRemote({ url });
  const run = watchRun(executor, orderPipeline('gated'));
  await run.event(({ type }) => type === 'node.started');
  await executor.close({ graceMs: 0 });
  expect(await run.ended).toMatchObject({ status: 'cancelled' });
});

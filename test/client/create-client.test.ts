import { describe, expect, expectTypeOf, test, vi } from 'vitest';

import {
  createClient,
  type Client,
  ProblemError,
  type Run,
  type RunEvent,
  RunFailed,
  ServerUnreachable,
} from '../../src/client/index.ts';
import { serveChatty } from './chatty-server.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { eventually } from '../eventually.ts';

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function untilStatus(client: Client, id: string, status: Run['status']): Promise<void> {
  await eventually(async () => expect(await client.get(id)).toMatchObject({ status }));
}

describe('run', () => {
  test('gives the run and its outputs, for the data that it is given', async () => {
    const { url } = await serveChatty();
    const { run, outputs } = await createClient({ url }).run({
      inputs: { numbers: [1, 2, 3] },
      outputs: ['doubled'],
      labels: { team: 'a' },
    });
    expect(run).toMatchObject({ status: 'succeeded', labels: { team: 'a' } });
    expectTypeOf(run).toEqualTypeOf<Run>();
    expect(outputs).toEqual({ doubled: [2, 4, 6] });
  });

  test('tells what happens on the way', async () => {
    const { url } = await serveChatty();
    const events: RunEvent[] = [];
    const { outputs } = await createClient({ url }).run(
      { pipeline_names: ['chatty'], params: { lines: 20 }, outputs: ['said'] },
      { onEvent: (event) => events.push(event) },
    );
    expect(outputs).toEqual({ said: 20 });
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events.flatMap((event) => (event.type === 'log' ? event.message : []))).toHaveLength(20);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 'succeeded' });
  });

  test('throws how it failed, and where', async () => {
    const { url } = await serveChatty();
    const error = await caught(createClient({ url }).run({ pipeline_names: ['failing'] }));
    if (!(error instanceof RunFailed)) throw error;
    expect(error.run).toMatchObject({
      status: 'failed',
      error: { type: 'RangeError', message: 'too many', node: 'second' },
    });
    expect(error.message).toBe(
      `Run ${error.run.id} has failed in node 'second': RangeError: too many`,
    );
  });

  test.each([true, false])(
    'cancels the run when its signal is aborted (%s)',
    async (isFollowed) => {
      const { url } = await serveChatty();
      const client = createClient({ url });
      const abort = new AbortController();
      const reason = new Error('not wanted any more');
      const run = caught(
        client.run(
          { pipeline_names: ['gated'] },
          { signal: abort.signal, ...(isFollowed && { onEvent: () => undefined }) },
        ),
      );
      const { id } = await vi.waitUntil(async () => (await client.list()).data[0]);
      await untilStatus(client, id, 'running');
      abort.abort(reason);
      expect(await run).toBe(reason);
      expect(await client.waitFor(id)).toMatchObject({ status: 'cancelled' });
    },
  );

  test('is one run, also when the answer to its submission is lost', async () => {
    const { url } = await serveChatty();
    const proxy = await startCuttingProxy(url, (index) => (index < 3 ? { cutAfter: index } : null));
    const client = createClient({ url: proxy.url });
    const { run } = await client.run({ pipeline_names: ['chatty'] });
    expect(proxy.connections).toBeGreaterThan(3);
    expect((await client.list()).data.map(({ id }) => id)).toEqual([run.id]);
  });

  test('is cancelled, too, when nobody knows yet whether it was accepted', async () => {
    const { url } = await serveChatty();
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const client = createClient({
      url,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (abort.signal.aborted) return response;
        abort.abort(reason);
        throw new TypeError('the answer was lost');
      },
    });
    const { signal } = abort;
    expect(await caught(client.run({ pipeline_names: ['gated'] }, { signal }))).toBe(reason);
    const { data } = await createClient({ url }).list();
    expect(data).toHaveLength(1);
    await untilStatus(client, data[0]?.id ?? '', 'cancelled');
  });

  test('that cannot be submitted is given up with its signal', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1' });
    const beganAt = performance.now();
    const signal = AbortSignal.timeout(50);
    expect(await caught(client.run({}, { signal }))).toBe(signal.reason);
    expect(performance.now() - beganAt).toBeLessThan(5000);
  });

  test('is the run of before under the same key', async () => {
    const { url } = await serveChatty();
    const client = createClient({ url });
    const request = { pipeline_names: ['chatty'] };
    const first = await client.run(request, { idempotencyKey: 'order-7' });
    const again = await client.run(request, { idempotencyKey: 'order-7' });
    expect(again.run.id).toBe(first.run.id);
  });
});

describe('a server that is full', () => {
  const request = { pipeline_names: ['gated'] };

  async function serveFull() {
    const server = await serveChatty({ concurrency: 5, maxWaiting: 0 });
    const client = createClient({ url: server.url });
    for (let run = 0; run < 5; run += 1) await client.submit(request);
    return server;
  }

  test('is asked again when it says so', async () => {
    const { url, openGate } = await serveFull();
    const statuses: number[] = [];
    const client = createClient({
      url,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        statuses.push(response.status);
        if (response.status === 503) openGate();
        return response;
      },
    });
    const askedAt = performance.now();
    await client.submit(request);
    expect(statuses).toEqual([503, 202]);
    expect(performance.now() - askedAt).toBeGreaterThan(950);
  });

  test('is a problem where there is no time to wait', async () => {
    const { url } = await serveFull();
    const error = await caught(createClient({ url, retryForMs: 500 }).submit(request));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'queue-full', status: 503, retryAfterMs: 1000 });
  });
});

describe('problems', () => {
  test('say what is wrong, and what is close', async () => {
    const { url } = await serveChatty();
    const error = await caught(createClient({ url }).run({ pipeline_names: ['chaty'] }));
    if (!(error instanceof ProblemError)) throw error;
    expect(error).toMatchObject({ code: 'run-invalid', status: 422, retryAfterMs: null });
    expect(error.errors[0]).toMatchObject({ close_names: ['chatty'] });
    expect(error.traceId).toMatch(/./);
  });

  test('of what is no server of runs have its words', async () => {
    const { url } = await serveChatty();
    const client = createClient({ url: `${url}/elsewhere/` });
    const error = await caught(client.get('x'));
    expect(error).toMatchObject({ name: 'ProblemError', code: 'http-404', message: 'Not Found' });
  });

  test('of no answer at all name the address and the cause', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', retryForMs: 0 });
    const error = await caught(client.list());
    expect(error).toBeInstanceOf(ServerUnreachable);
    expect(String(error)).toMatch(/http:\/\/127\.0\.0\.1:1 cannot be reached: .*\w/);
  });

  test('of an address that is none come at once', () => {
    expect(() => createClient({ url: 'localhost' })).toThrow(TypeError);
  });
});

describe('the other calls', () => {
  test('list, cancel, wait for, retry and read', async () => {
    const { url, openGate } = await serveChatty();
    const client = createClient({ url });
    const { id } = await client.submit({ pipeline_names: ['gated'], labels: { team: 'a' } });
    await untilStatus(client, id, 'running');
    expect(await client.list({ status: ['running'], labels: { team: 'a' } })).toMatchObject({
      data: [{ id }],
    });
    expect(await client.list({ since: new Date(Date.now() + 60_000) })).toMatchObject({ data: [] });
    expect((await client.cancel(id)).status).toBe('cancelling');
    expect(await client.waitFor(id)).toMatchObject({ status: 'cancelled' });
    expect(await caught(client.cancel(id))).toMatchObject({ code: 'run-ended', runId: id });
    openGate();
    const again = await client.retry(id, { from: 'failed' });
    expect(again).toMatchObject({ retry_of: id, attempt: 2 });
    expect(await client.waitFor(again.id)).toMatchObject({ status: 'succeeded' });
  });

  test('waiting for a run can be given up; the run goes on', async () => {
    const { url } = await serveChatty();
    const client = createClient({ url });
    const { id } = await client.submit({ pipeline_names: ['gated'] });
    const reason = new Error('no patience');
    const abort = new AbortController();
    const waiting = caught(client.waitFor(id, { signal: abort.signal }));
    await untilStatus(client, id, 'running');
    abort.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await client.get(id)).toMatchObject({ status: 'running' });
  });

  test('every request has the token and the headers', async () => {
    const { url } = await serveChatty();
    const seen: (string | null)[] = [];
    let count = 0;
    const client = createClient({
      url,
      token: 'secret',
      headers: () => ({ 'x-request-id': `request-${(count += 1)}` }),
      fetch: async (input, init) => {
        const headers = new Headers(init.headers);
        seen.push(headers.get('authorization'), headers.get('x-request-id'));
        return fetch(input, init);
      },
    });
    const { id, request_id: requestId } = await client.submit({ pipeline_names: ['chatty'] });
    expect(requestId).toBe('request-1');
    for await (const _ of client.follow(id));
    await client.api.livez.$get();
    const bearer = 'Bearer secret';
    expect(seen).toEqual([bearer, 'request-1', bearer, 'request-2', bearer, 'request-3']);
  });

  test('api has every route, typed', async () => {
    const { url } = await serveChatty();
    const { api } = createClient({ url });
    const response = await api.pipelines.$get();
    if (response.status !== 200) throw new Error('no pipelines');
    const { data } = await response.json();
    expect(data.map(({ name }) => name)).toEqual(['__default__', 'chatty', 'gated', 'failing']);
    const unknown = await api.runs[':id'].$get({ param: { id: 'x' }, query: {}, header: {} });
    expect(unknown.status).toBe(404);
  });
});

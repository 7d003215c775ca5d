import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { createClient, type RunEvent, ServerUnreachable } from '../../src/client/index.ts';
import { serveChatty } from './chatty-server.ts';
import { type Fate, startCuttingProxy } from './cutting-proxy.ts';

async function readAll<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const read: Event[] = [];
  for await (const event of events) read.push(event);
  return read;
}

const readers = 20;
const cuts = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 8 });
const seed = fc.sample(fc.integer(), 1)[0] ?? 0;

test(`no event is lost or told twice, wherever connections are cut (seed ${seed})`, async () => {
  const { url } = await serveChatty();
  const direct = createClient({ url });
  const { id } = await direct.submit({ pipeline_names: ['chatty'], params: { lines: 400 } });
  const connections: number[] = [];
  const follow = async (places: readonly number[]): Promise<RunEvent[]> => {
    const proxy = await startCuttingProxy(url, (index): Fate => {
      const cutAfter = places[index];
      return cutAfter === undefined ? null : { cutAfter };
    });
    const events = await readAll(createClient({ url: proxy.url }).follow(id));
    connections.push(proxy.connections);
    return events;
  };
  const all = await Promise.all(
    fc.sample(cuts, { numRuns: readers, seed }).map((each) => follow(each)),
  );
  const told = await readAll(direct.follow(id));
  expect(told.map((event) => event.id)).toEqual(told.map((_, index) => index + 1));
  expect(told.filter(({ type }) => type === 'log')).toHaveLength(400);
  expect(told.at(-1)).toMatchObject({ type: 'run.ended' });
  for (const events of all) expect(events).toEqual(told);
  expect(connections.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(2 * readers);
});

test('a run goes on as one over its cuts, outputs included', async () => {
  const { url } = await serveChatty();
  const places = fc.sample(cuts, { numRuns: 10, seed }).flat();
  const proxy = await startCuttingProxy(url, (index): Fate => {
    const cutAfter = places[index];
    return index === 0 || cutAfter === undefined ? null : { cutAfter };
  });
  const ids: number[] = [];
  const { outputs } = await createClient({ url: proxy.url, retryForMs: 60_000 }).run(
    { pipeline_names: ['chatty'], params: { lines: 300 }, outputs: ['said'] },
    { onEvent: ({ id }) => ids.push(id) },
  );
  expect(outputs).toEqual({ said: 300 });
  expect(ids).toEqual(ids.map((_, index) => index + 1));
});

test('a connection that has died without a word is noticed', async () => {
  const { url, openGate } = await serveChatty({ heartbeatMs: 40 });
  const proxy = await startCuttingProxy(url, (index) =>
    index === 0 ? { silentAfter: 700 } : null,
  );
  const client = createClient({ url: proxy.url, silenceMs: 250 });
  const { id } = await createClient({ url }).submit({ pipeline_names: ['gated'] });
  const causes: unknown[] = [];
  const following = readAll(client.follow(id, { onReconnect: (cause) => causes.push(cause) }));
  await vi.waitUntil(() => causes.length > 0);
  openGate();
  const events = await following;
  expect(String(causes[0])).toMatch(/nothing was heard for 250 ms/);
  expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)).toMatchObject({ type: 'run.ended' });
});

test('a run that says nothing is not taken for dead, nor is a reader that takes its time', async () => {
  const { url, openGate } = await serveChatty({ heartbeatMs: 20 });
  const client = createClient({ url, silenceMs: 150 });
  const { id } = await client.submit({ pipeline_names: ['gated'] });
  const onReconnect = vi.fn();
  const quietUntil = performance.now() + 500;
  const types: string[] = [];
  for await (const { type } of client.follow(id, { onReconnect })) {
    types.push(type);
    if (type !== 'node.started') continue;
    await vi.waitUntil(() => performance.now() > quietUntil);
    openGate();
  }
  expect(types.at(-1)).toBe('run.ended');
  expect(onReconnect).not.toHaveBeenCalled();
});

test('it begins after an event that is known', async () => {
  const { url } = await serveChatty();
  const client = createClient({ url });
  const { run } = await client.run({ pipeline_names: ['chatty'] });
  const events = await readAll(client.follow(run.id, { after: run.last_event_id - 2 }));
  expect(events.map(({ id }) => id)).toEqual([run.last_event_id - 1, run.last_event_id]);
});

test('its lines alone are its log', async () => {
  const { url } = await serveChatty();
  const client = createClient({ url });
  const { id } = await client.submit({ pipeline_names: ['chatty'], params: { lines: 7 } });
  const lines = await readAll(client.logs(id));
  expect(lines.map(({ message }) => message)).toEqual([
    ...Array.from({ length: 6 }, (_, index) => `line ${index + 1}`),
    'line 7\nand its second half: äöü ✓',
  ]);
});

test('it ends with the reason of its signal, and when a reader leaves', async () => {
  const { url } = await serveChatty();
  const client = createClient({ url });
  const { id } = await client.submit({ pipeline_names: ['gated'] });
  const abort = new AbortController();
  const reason = new Error('seen enough');
  const read = async (): Promise<void> => {
    for await (const { type } of client.follow(id, { signal: abort.signal })) {
      if (type === 'node.started') abort.abort(reason);
    }
  };
  await expect(read()).rejects.toBe(reason);
  for await (const { type } of client.follow(id)) if (type === 'node.started') break;
  expect(await client.get(id)).toMatchObject({ status: 'running' });
});

test('what cannot be followed is a problem at once, what cannot be reached after a while', async () => {
  const { url } = await serveChatty();
  await expect(readAll(createClient({ url }).follow('unknown'))).rejects.toMatchObject({
    code: 'run-unknown',
  });
  const gone = createClient({ url: 'http://127.0.0.1:1', reconnectForMs: 300 });
  await expect(readAll(gone.follow('x'))).rejects.toBeInstanceOf(ServerUnreachable);
});

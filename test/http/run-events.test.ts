import { describe, expect, test, vi } from 'vitest';

import { createAnswerCheck } from './document-schemas.ts';
import { createShopServer, problemOf } from './shop-server.ts';
import { eventually } from '../eventually.ts';

const gated = { pipeline_names: ['gated'] };
const sse = { accept: 'text/event-stream' };

interface SentEvent {
  readonly id: string | null;
  readonly event: string | null;
  readonly data: string | null;
}

function parseEvents(text: string): SentEvent[] {
  return text
    .split('\n\n')
    .filter((block) => /^(?:id|event|data):/m.test(block))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      return { id: field('id'), event: field('event'), data: field('data') };
    });
}

/** Reads a stream until its text has `wanted`, and leaves it open. */
async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wanted: string,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before ${wanted}: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  return text;
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error('no body');
  return response.body.getReader();
}

describe('GET /runs/{id}/events', () => {
  test('replays a run that is over, says `end` and closes', async () => {
    const { app, runToEnd } = createShopServer();
    const { id, last_event_id: last } = await runToEnd({ outputs: ['sums'] });
    const response = await app.request(`/runs/${id}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toContain('no-cache');
    const events = parseEvents(await response.text());
    expect(events.at(-1)).toEqual({ id: null, event: 'end', data: '{"status":"succeeded"}' });
    const log = events.slice(0, -1);
    expect(log.map((event) => Number(event.id))).toEqual(
      Array.from({ length: last }, (_, at) => at + 1),
    );
    expect(log[0]?.event).toBe('run.queued');
    expect(log.at(-1)?.event).toBe('run.ended');
    for (const { id: eventId, event, data } of log) {
      expect(JSON.parse(data ?? '')).toMatchObject({ id: Number(eventId), type: event });
    }
  });

  test('goes on live after what has happened', async () => {
    const { app, post, runOf, openGate } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    const reader = readerOf(await app.request(`/runs/${id}/events`));
    const before = await readUntil(reader, '"node":"gate"');
    openGate();
    const after = await readUntil(reader, 'event: end');
    const ids = parseEvents(before + after).flatMap((event) => event.id ?? []);
    expect(ids).toEqual(ids.map((_, at) => String(at + 1)));
    expect((await reader.read()).done).toBe(true);
  });

  test('a reader that was cut off goes on without loss or repeats', async () => {
    const { app, post, runOf, openGate } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    const reader = readerOf(await app.request(`/runs/${id}/events`));
    const before = parseEvents(await readUntil(reader, '"node":"gate"'));
    await reader.cancel();
    openGate();
    const seen = before.at(-1)?.id ?? '';
    const resumed = await app.request(`/runs/${id}/events`, { headers: { 'last-event-id': seen } });
    const after = parseEvents(await resumed.text());
    const ids = [...before, ...after].flatMap((event) => event.id ?? []);
    expect(ids).toEqual(ids.map((_, at) => String(at + 1)));
    const last = String(ids.length);
    const nothing = await app.request(`/runs/${id}/events?after=${last}`);
    expect(parseEvents(await nothing.text()).map(({ event }) => event)).toEqual(['end']);
  });

  test('says that it is there when nothing happens', async () => {
    const { app, post, runOf, openGate } = createShopServer({ heartbeatMs: 20 });
    const { id } = await runOf(post('/runs', gated));
    const reader = readerOf(await app.request(`/runs/${id}/events`));
    const text = await readUntil(reader, ': still here\n\n: still here\n\n');
    expect(text).toMatch(/^retry: \d+\n\n/);
    openGate();
    await readUntil(reader, 'event: end');
  });

  test('is a list as JSON', async () => {
    const { app, runToEnd, post, runOf, openGate } = createShopServer();
    const { id, last_event_id: last } = await runToEnd({});
    const list = async (run: string, query: string) => {
      const headers = { accept: 'text/event-stream;q=0.1, application/json' };
      const response = await app.request(`/runs/${run}/events${query}`, { headers });
      expect(response.headers.get('content-type')).toBe('application/json');
      const body = (await response.json()) as { data: { id: number }[]; next_after: number | null };
      (await createAnswerCheck(app))('GET', '/runs/{id}/events', 200, body);
      return { ids: body.data.map((event) => event.id), next: body.next_after };
    };
    const all = Array.from({ length: last }, (_, at) => at + 1);
    expect(await list(id, '')).toEqual({ ids: all, next: null });
    expect(await list(id, `?limit=${last}`)).toEqual({ ids: all, next: null });
    expect(await list(id, '?limit=3')).toEqual({ ids: [1, 2, 3], next: 3 });
    expect(await list(id, '?after=3')).toEqual({ ids: all.slice(3), next: null });
    expect(await list(id, `?after=${last}`)).toEqual({ ids: [], next: null });

    const held = await runOf(post('/runs', gated));
    await readUntil(readerOf(await app.request(`/runs/${held.id}/events`)), '"node":"gate"');
    const sofar = await list(held.id, '');
    expect(sofar.next).toBe(sofar.ids.at(-1));
    openGate();
  });

  test('a reader that goes is no longer read for, and one that is slow costs nothing', async () => {
    const { app, post, runOf, openGate, show } = createShopServer({ heartbeatMs: 5 });
    const { id } = await runOf(post('/runs', gated));
    const client = new AbortController();
    const aborted = await app.request(`/runs/${id}/events`, { signal: client.signal });
    const left = readerOf(aborted);
    await readUntil(left, '"node":"gate"');
    client.abort();
    await eventually(async () => expect((await left.read()).done).toBe(true));

    const slow = readerOf(await app.request(`/runs/${id}/events`));
    openGate();
    await show(id, '?wait=30');
    expect(parseEvents(await readUntil(slow, 'event: end')).at(-1)?.event).toBe('end');
  });

  test('HEAD tells the headers and reads nothing', async () => {
    const { app, post, runOf, openGate } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    const response = await app.request(`/runs/${id}/events`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe('');
    openGate();
  });

  test.each([
    ['?after=-1', {}, 'after'],
    ['?after=9999', {}, 'after'],
    ['', { 'last-event-id': 'abc' }, 'Last-Event-ID'],
    ['?limit=0', { accept: 'application/json' }, 'limit'],
  ])('%s %j is refused', async (query, headers, parameter) => {
    const { app, runToEnd } = createShopServer();
    const { id } = await runToEnd({});
    const response = await app.request(`/runs/${id}/events${query}`, { headers });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ parameter }]);
  });

  test('1,000 readers of one run read the same, written once', async () => {
    const { app, post, runOf, openGate } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    const responses = await Promise.all(
      Array.from({ length: 1000 }, async () => app.request(`/runs/${id}/events`)),
    );
    const stringify = vi.spyOn(JSON, 'stringify');
    const texts = Promise.all(responses.map((response) => response.text()));
    openGate();
    const [first = '', ...others] = await texts;
    expect(stringify.mock.calls.length).toBeLessThan(3000);
    stringify.mockRestore();
    const events = parseEvents(first);
    for (const other of new Set(others)) expect(parseEvents(other)).toEqual(events);
  });
});

describe('GET /runs/{id}/logs', () => {
  test('is text, a line each, also when a message has several', async () => {
    const { app, post, runOf, openGate, show } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    openGate();
    await show(id, '?wait=30');
    const response = await app.request(`/runs/${id}/logs`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(/^\S+Z INFO {5}\[talk\] 3 numbers$/m);
    expect(text).toMatch(/^\S+Z WARNING {2}\[talk \S+\] a line\n {4}2026-01-01/m);
    expect(
      text.split('\n').filter((line) => /^\S/.test(line) && !/^\d{4}-.*Z /.test(line)),
    ).toEqual([]);
  });

  test('follows a run when asked to, and as server-sent events anyway', async () => {
    const { app, post, runOf, openGate } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    const plain = readerOf(await app.request(`/runs/${id}/logs?follow=true`));
    const events = readerOf(await app.request(`/runs/${id}/logs`, { headers: sse }));
    await readUntil(plain, '3 numbers');
    const before = await readUntil(events, 'one that it is not');
    openGate();
    const after = await readUntil(events, 'event: end');
    expect(new Set(parseEvents(before + after).map(({ event }) => event))).toEqual(
      new Set(['log', 'end']),
    );
    while (!(await plain.read()).done);
  });

  test('is a list as JSON, and ends where the run is', async () => {
    const { app, post, runOf, openGate, show } = createShopServer();
    const { id } = await runOf(post('/runs', gated));
    openGate();
    const { last_event_id: last } = await show(id, '?wait=30');
    const headers = { accept: 'application/json' };
    const page = await (await app.request(`/runs/${id}/logs?limit=1`, { headers })).json();
    (await createAnswerCheck(app))('GET', '/runs/{id}/logs', 200, page);
    const { data, next_after: after } = page as {
      data: { id: number; type: string }[];
      next_after: number;
    };
    expect(data).toMatchObject([{ type: 'log', message: '3 numbers' }]);
    expect(after).toBe(data[0]?.id);
    expect(await (await app.request(`/runs/${id}/logs?after=${last}`, { headers })).json()).toEqual(
      { data: [], next_after: null },
    );
    expect((await app.request(`/runs/${id}/logs?follow=yes`)).status).toBe(422);
  });
});

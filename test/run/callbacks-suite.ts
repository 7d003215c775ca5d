import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  type CallbackFailure,
  type Callbacks,
  type CallbacksOptions,
  createCallbacks,
  owedCallback,
  type PostCallback,
} from '../../src/run/callbacks.ts';
import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunRecord } from '../../src/run/run-record.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import { batchOf, createRecord, withStatus } from '../conformance/run-records.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { createSubmission } from './submission.ts';

const toData = ({ id, status }: RunRecord) => ({ id, status });
const endedAtMs = Date.UTC(2026, 0, 2);

function end(url: string, secret: string | null = null): RunRecord {
  const submission = createSubmission({ callback: { url, secret } });
  return withStatus(createRecord({ submission }), 'failed', endedAtMs);
}

async function write(store: RunStore, record: RunRecord): Promise<void> {
  const owed = owedCallback(record);
  await store.write(batchOf({ runs: [record], callbacks: owed === null ? [] : [owed] }));
}

/** Holds callbacks to what they promise, however they are posted; private hosts are allowed. */
export function describeCallbacks(name: string, post: PostCallback | undefined): void {
  describe(`callbacks by ${name}`, () => {
    const create = (
      store: RunStore,
      options: Partial<CallbacksOptions> = {},
    ): Callbacks & { readonly failures: readonly CallbackFailure[] } => {
      const failures: CallbackFailure[] = [];
      const callbacks = createCallbacks({
        store,
        toData,
        post,
        allowPrivate: true,
        retryDelaysMs: [1, 1, 1, 1, 1],
        onFailure: (failure) => failures.push(failure),
        ...options,
      });
      onTestFinished(() => callbacks.close());
      return { ...callbacks, failures };
    };
    const untilSettled = async (store: RunStore): Promise<void> => {
      await expect.poll(() => store.owedCallbacks(), { interval: 5 }).toEqual([]);
    };

    test('arrive once, signed', async () => {
      const receiver = await startCallbackReceiver((response) => response.end('thanks'));
      const store = createMemoryRunStore();
      const callbacks = create(store);
      const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`;
      const record = end(receiver.url, secret);
      await write(store, record);
      callbacks.add(record);
      await untilSettled(store);
      await callbacks.close();
      const [callback, ...more] = receiver.received;
      expect(more).toEqual([]);
      expect(callback?.headers).toMatchObject({
        'content-type': 'application/json',
        'webhook-id': `run_${record.id}`,
      });
      expect(JSON.parse(callback?.body ?? '')).toEqual({
        type: 'run.failed',
        timestamp: '2026-01-02T00:00:00.000Z',
        data: { id: record.id, status: 'failed' },
      });
      const timestamp = String(callback?.headers['webhook-timestamp']);
      expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
      const mac = createHmac('sha256', 'a secret of some length')
        .update(`run_${record.id}.${timestamp}.${callback?.body}`)
        .digest('base64');
      expect(callback?.headers['webhook-signature']).toBe(`v1,${mac}`);
    });

    test('are of runs that name one and are over, no others', async () => {
      const store = createMemoryRunStore();
      const callbacks = create(store);
      const record = end('http://127.0.0.1:1/');
      expect(owedCallback(withStatus(record, 'running', 0))).toBeNull();
      expect(owedCallback(withStatus(createRecord(), 'failed', 0))).toBeNull();
      callbacks.add(withStatus(record, 'running', 0));
      await callbacks.close();
      expect(callbacks.failures).toEqual([]);
    });

    test('are tried until they arrive; redirects are not followed', async () => {
      const answers: ((response: ServerResponse) => void)[] = [
        (response) => response.writeHead(500).end(),
        (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
        (response) => response.destroy(),
        (response) => response.writeHead(204).end(),
      ];
      const receiver = await startCallbackReceiver((response, count) =>
        answers[count - 1]?.(response),
      );
      const store = createMemoryRunStore();
      const callbacks = create(store);
      const record = end(receiver.url, 'plain');
      await write(store, record);
      callbacks.add(record);
      await receiver.until(4);
      await untilSettled(store);
      expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/hook']));
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids)).toEqual(new Set([`run_${record.id}`]));
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      expect(callbacks.failures.map(({ attempts }) => attempts)).toEqual([1, 2, 3]);
      expect(callbacks.failures.map(({ reason }) => reason)).toEqual([
        'It answered with status 500.',
        'It answered with status 307.',
        expect.stringMatching(/./u),
      ]);
    });

    test('are given up when all attempts have failed, or by 410 at once', async () => {
      const receiver = await startCallbackReceiver((response, count) =>
        response.writeHead(count === 1 ? 410 : 503).end(),
      );
      const store = createMemoryRunStore();
      const callbacks = create(store, { retryDelaysMs: [1, 1] });
      for (const attempts of [1, 3]) {
        const record = end(receiver.url);
        await write(store, record);
        callbacks.add(record);
        await untilSettled(store);
        expect(callbacks.failures.at(-1)).toMatchObject({ attempts, dueAtMs: null });
      }
      expect(receiver.received).toHaveLength(4);
    });

    test('wait as long as they are told, give or take a fifth', async () => {
      const receiver = await startCallbackReceiver((response) => response.writeHead(500).end());
      const store = createMemoryRunStore();
      const callbacks = create(store, { retryDelaysMs: [100_000] });
      const records = Array.from({ length: 20 }, () => end(receiver.url));
      for (const record of records) await write(store, record);
      for (const record of records) callbacks.add(record);
      const startedAtMs = Date.now();
      await expect.poll(() => callbacks.failures.length, { interval: 5 }).toBe(20);
      const tookMs = Date.now() - startedAtMs;
      const waitsMs = callbacks.failures.map(({ dueAtMs }) => (dueAtMs ?? 0) - startedAtMs);
      expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(80_000);
      expect(Math.max(...waitsMs)).toBeLessThanOrEqual(120_000 + tookMs);
      expect(new Set(waitsMs.map(Math.floor)).size).toBeGreaterThan(10);
      await callbacks.close();
      const owed = await store.owedCallbacks();
      expect(owed.map(({ attempts }) => attempts)).toEqual(records.map(() => 1));
    });

    test('end when no answer comes', async () => {
      const receiver = await startCallbackReceiver((response, count) => {
        if (count > 1) response.end();
      });
      const store = createMemoryRunStore();
      const callbacks = create(store, { timeoutMs: 200 });
      const record = end(receiver.url);
      await write(store, record);
      callbacks.add(record);
      await untilSettled(store);
      expect(callbacks.failures).toHaveLength(1);
      expect(receiver.received).toHaveLength(2);
    });

    test('do not read an answer without end', async () => {
      let timer: NodeJS.Immediate | undefined;
      const receiver = await startCallbackReceiver((response) => {
        response.writeHead(200);
        const more = (): void => {
          response.write('x'.repeat(65_536));
          timer = setImmediate(more);
        };
        more();
        response.on('close', () => clearImmediate(timer));
      });
      const store = createMemoryRunStore();
      const callbacks = create(store);
      const record = end(receiver.url);
      await write(store, record);
      callbacks.add(record);
      await untilSettled(store);
      await expect.poll(() => receiver.open, { interval: 5 }).toBe(0);
      expect(callbacks.failures).toEqual([]);
    });

    test('go to nobody on this machine unless that is allowed', async () => {
      const receiver = await startCallbackReceiver((response) => response.end());
      const store = createMemoryRunStore();
      const callbacks = create(store, { allowPrivate: false });
      const record = end(receiver.url);
      await write(store, record);
      callbacks.add(record);
      await untilSettled(store);
      expect(callbacks.failures).toEqual([
        {
          runId: record.id,
          attempts: 1,
          dueAtMs: null,
          reason: expect.stringContaining("host '127.0.0.1' is not on the public internet"),
        },
      ]);
      expect(receiver.received).toEqual([]);
    });

    test('that are being sent when the server stops are sent by the next one', async () => {
      const receiver = await startCallbackReceiver((response, count) => {
        if (count > 1) response.end();
      });
      const store = createMemoryRunStore();
      const callbacks = create(store);
      const record = end(receiver.url);
      await write(store, record);
      callbacks.add(record);
      await receiver.until(1);
      await callbacks.close();
      expect(await store.owedCallbacks()).toEqual([owedCallback(record)]);
      expect(callbacks.failures).toEqual([]);
      await create(store).open();
      await untilSettled(store);
      expect(receiver.received).toHaveLength(2);
    });

    test('are not put off by a clock that was set back', async () => {
      const receiver = await startCallbackReceiver((response) => response.end());
      const store = createMemoryRunStore();
      const ahead = (): RunRecord => ({ ...end(receiver.url), endedAtMs: Date.UTC(2100, 0, 1) });
      const [owed, tried, added] = [ahead(), ahead(), ahead()];
      await write(store, owed);
      await write(store, tried);
      const dueAtMs = Date.UTC(2100, 0, 2);
      const attempt = { runId: tried.id, attempts: 2, dueAtMs };
      await store.write(batchOf({ callbacks: [attempt] }));
      const callbacks = create(store);
      await callbacks.open();
      await receiver.until(2);
      await write(store, added);
      callbacks.add(added);
      await receiver.until(3);
      await untilSettled(store);
    });

    test('are sent a few at a time', async () => {
      const held: ServerResponse[] = [];
      const receiver = await startCallbackReceiver((response) => held.push(response));
      const store = createMemoryRunStore();
      const callbacks = create(store, { maxAtOnce: 2 });
      const records = Array.from({ length: 6 }, () => end(receiver.url));
      for (const record of records) await write(store, record);
      for (const record of records) callbacks.add(record);
      for (let sent = 2; sent <= 6; sent += 1) {
        await receiver.until(sent);
        expect(held.length).toBeLessThanOrEqual(2);
        held.shift()?.end();
      }
      held.shift()?.end();
      await untilSettled(store);
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual(records.map(({ id }) => `run_${id}`));
    });
  });
}

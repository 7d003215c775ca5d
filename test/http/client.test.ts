import { hc } from 'hono/client';
import { expect, expectTypeOf, test } from 'vitest';

import type { HttpServer, RunRequest, RunResponse, SnapshotResponse } from '../../src/index.ts';
import { createHttpServer } from '../../src/index.ts';
import { createMemoryExecutor } from './memory-executor.ts';

function createClient() {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  return hc<HttpServer>('http://localhost', {
    fetch: app.request,
  });
}

test('hc knows the routes and what they take and give', async () => {
  const client = createClient();

  const health = await (await client.health.$get()).json();
  expectTypeOf(health.status).toEqualTypeOf<'healthy' | 'unhealthy'>();
  expect(health).toEqual({ status: 'healthy', kedro_version: '1.7.0' });

  const snapshotResponse = await client.snapshot.$get({ query: { params: 'a=1' } });
  if (snapshotResponse.status !== 200) throw new Error('no snapshot');
  const snapshot = await snapshotResponse.json();
  expectTypeOf(snapshot).toExtend<SnapshotResponse>();
  expect(snapshot.status).toBe('success');

  const runResponse = await client.run.$post({ json: { tags: ['a'], params: { b: 1 } } });
  if (runResponse.status !== 200) throw new Error('no run');
  const run = await runResponse.json();
  expectTypeOf(run).toExtend<RunResponse>();
  expect(run.status).toBe('success');

  const refused = await client.run.$post({ json: { tags: [], is_async: true } });
  expect(refused.status).toBe(200);
});

test('hc takes a run request, and nothing else', () => {
  type Sent = Parameters<ReturnType<typeof createClient>['run']['$post']>[0]['json'];
  expectTypeOf<Sent>().toEqualTypeOf<RunRequest>();
  expectTypeOf<{ tags: number }>().not.toExtend<Sent>();
  expectTypeOf<ReturnType<typeof createClient>>().not.toHaveProperty('docs');
});

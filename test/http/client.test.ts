import { hc } from 'hono/client';
import { expect, expectTypeOf, test } from 'vitest';

import type {
  HttpServer,
  PipelineDetail,
  Run,
  RunList,
  RunRequest,
  RunResponse,
  RunSubmissionRequest,
  SnapshotResponse,
} from '../../src/index.ts';
import { createHttpServer } from '../../src/index.ts';
import { createMemoryExecutor } from './memory-executor.ts';
import { createShopServer } from './shop-server.ts';

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

test('hc knows runs as resources', async () => {
  const { app } = createShopServer();
  const client = hc<HttpServer>('http://localhost', { fetch: app.request });
  const submitted = await client.runs.$post({
    json: { inputs: { numbers: [1, 2] }, outputs: ['sums'], labels: { team: 'a' } },
    header: { prefer: 'wait=30' },
  });
  if (submitted.status !== 200) throw new Error(`${submitted.status} instead of a run`);
  const run = await submitted.json();
  expectTypeOf(run).toExtend<Run>();
  expect(run.outputs).toMatchObject([{ name: 'sums', data: { total: 6 } }]);

  const listed = await client.runs.$get({ query: { label: ['team:a'], status: ['succeeded'] } });
  if (listed.status !== 200) throw new Error(`${listed.status} instead of a list`);
  const list = await listed.json();
  expectTypeOf(list).toExtend<RunList>();
  expect(list.data.map(({ id }) => id)).toEqual([run.id]);

  const param = { id: run.id };
  const retried = await client.runs[':id'].retry.$post({
    param,
    json: { from: 'start' },
    header: {},
  });
  expect(retried.status).toBe(202);
  const cancelled = await client.runs[':id'].cancel.$post({ param });
  if (cancelled.status !== 409) throw new Error(`${cancelled.status} instead of a problem`);
  expect((await cancelled.json()).code).toBe('run-ended');
  const shown = await client.pipelines[':name'].$get({ param: { name: 'flaky' } });
  if (shown.status !== 200) throw new Error(`${shown.status} instead of a pipeline`);
  expectTypeOf(await shown.json()).toExtend<PipelineDetail>();

  type Sent = Parameters<(typeof client)['runs']['$post']>[0]['json'];
  expectTypeOf<Sent>().toEqualTypeOf<RunSubmissionRequest>();
  expectTypeOf<{ timeout_ms: string }>().not.toExtend<Sent>();
});

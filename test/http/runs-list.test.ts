import { describe, expect, test } from 'vitest';

import { createAnswerCheck } from './document-schemas.ts';
import { createShopServer, problemOf, type ShownRun } from './shop-server.ts';

interface Page {
  readonly data: readonly ShownRun[];
  readonly next_cursor: string | null;
}

async function createHistory() {
  const server = createShopServer();
  const { runToEnd } = server;
  const plain = await runToEnd({ labels: { team: 'a', day: '1:2' } });
  const failed = await runToEnd({ pipeline_names: ['flaky'], labels: { team: 'b' } });
  const named = await runToEnd({ pipeline_names: ['__default__'], labels: { team: 'a' } });
  const idsOf = async (query: string) => {
    const response = await server.app.request(`/runs${query}`);
    expect(response.status).toBe(200);
    return ((await response.json()) as Page).data.map(({ id }) => id);
  };
  return { ...server, plain: plain.id, failed: failed.id, named: named.id, idsOf };
}

test('runs are listed, the newest first', async () => {
  const { app, plain, failed, named } = await createHistory();
  const response = await app.request('/runs');
  const page = (await response.json()) as Page;
  expect(page.data.map(({ id }) => id)).toEqual([named, failed, plain]);
  expect(page.next_cursor).toBeNull();
  expect(response.headers.get('link')).toBeNull();
  (await createAnswerCheck(app))('GET', '/runs', 200, page);
});

test('filters must all be met', async () => {
  const { idsOf, plain, failed, named, show } = await createHistory();
  expect(await idsOf('?status=failed')).toEqual([failed]);
  expect(await idsOf('?status=failed,succeeded&status=queued')).toEqual([named, failed, plain]);
  expect(await idsOf('?pipeline=flaky')).toEqual([failed]);
  expect(await idsOf('?pipeline=__default__')).toEqual([named, plain]);
  expect(await idsOf('?label=team:a')).toEqual([named, plain]);
  expect(await idsOf('?label=team:a&label=day:1:2')).toEqual([plain]);
  expect(await idsOf('?label=team:a&status=failed')).toEqual([]);
  const { created_at: at } = (await show(failed)) as unknown as { created_at: string };
  expect(await idsOf(`?since=${at}`)).toEqual([named, failed]);
  expect(await idsOf(`?until=${encodeURIComponent(at.replace('Z', '+00:00'))}`)).toEqual([plain]);
  expect(await idsOf('?since=2999-01-01')).toEqual([]);
});

test('pages lead through all runs, once each', async () => {
  const { app, plain, failed, named } = await createHistory();
  const seen: string[] = [];
  let path: string | null = '/runs?limit=1&status=succeeded,failed';
  while (path !== null) {
    const response: Response = await app.request(path);
    const { data, next_cursor: cursor } = (await response.json()) as Page;
    seen.push(...data.map(({ id }) => id));
    const link = response.headers.get('link');
    path = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1] ?? null;
    expect(path === null).toBe(cursor === null);
    if (cursor !== null) expect(path).toContain(`cursor=${cursor}`);
  }
  expect(seen).toEqual([named, failed, plain]);
});

describe('a parameter that is not as it should be', () => {
  const { app } = createShopServer();

  test.each([
    ['status', 'done', /no status 'done'/],
    ['label', 'team', /key:value/],
    ['since', 'yesterday', /2026-03-01T09:30:00Z/],
    ['until', '2026-13-01', /'until'/],
    ['limit', '0', /1 to 200/],
    ['limit', '201', /1 to 200/],
    ['cursor', 'x', /next_cursor/],
  ])('%s=%s is refused', async (parameter, value, detail) => {
    const response = await app.request(`/runs?${parameter}=${value}`);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors).toEqual([{ parameter, detail: expect.stringMatching(detail) }]);
    (await createAnswerCheck(app))('GET', '/runs', 422, problem);
  });
});

describe('the embedder’s authorisation', () => {
  test('is asked for every route on runs, with the run', async () => {
    const asked: (string | null)[][] = [];
    const { app, post, runOf } = createShopServer({
      authorize: ({ request, action, run }) => {
        asked.push([action, run?.id ?? null]);
        return request.headers.get('authorization') !== 'no';
      },
    });
    const { id } = await runOf(post('/runs', {}, { prefer: 'wait=30' }));
    const paths: [string, string, string | null, string][] = [
      ['POST', '/runs', null, 'submit'],
      ['POST', '/run', null, 'submit'],
      ['GET', '/runs', null, 'list'],
      ['GET', `/runs/${id}`, id, 'read'],
      ['GET', `/runs/${id}/events`, id, 'read'],
      ['GET', `/runs/${id}/logs`, id, 'read'],
      ['GET', `/runs/${id}/outputs/x`, id, 'read'],
      ['POST', `/runs/${id}/cancel`, id, 'cancel'],
      ['POST', `/runs/${id}/retry`, id, 'retry'],
    ];
    for (const [method, path, run, action] of paths) {
      asked.length = 0;
      const response = await app.request(path, { method, headers: { authorization: 'no' } });
      expect([path, response.status]).toEqual([path, 403]);
      expect(asked).toEqual([[action, run]]);
      if (path !== '/run') expect((await problemOf(response)).code).toBe('forbidden');
    }
  });

  test('hides runs from the list that may not be read', async () => {
    const { app, runToEnd } = createShopServer({
      authorize: ({ run }) => run?.submission.labels['team'] !== 'b',
    });
    await runToEnd({ labels: { team: 'a' } });
    await runToEnd({ labels: { team: 'b' } });
    const { data } = (await (await app.request('/runs')).json()) as Page;
    expect(data).toHaveLength(1);
  });
});

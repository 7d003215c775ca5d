import { describe, expect, test } from 'vitest';

import { createAnswerCheck } from './document-schemas.ts';
import { createShopServer, problemOf } from './shop-server.ts';

describe('GET /runs/{id}/outputs/{name}', () => {
  test('is the data', async () => {
    const { app, runToEnd } = createShopServer();
    const { id, links } = await runToEnd({ outputs: ['sums'] });
    expect(links['outputs']).toEqual({ sums: `/runs/${id}/outputs/sums` });
    const response = await app.request(`/runs/${id}/outputs/sums`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"total":12}');
  });

  test('says why there is none', async () => {
    const { app, runToEnd, post, runOf, openGate, show } = createShopServer();
    const whyNot = async (id: string, name: string) => {
      const response = await app.request(`/runs/${id}/outputs/${name}`);
      const problem = await problemOf(response);
      (await createAnswerCheck(app))('GET', '/runs/{id}/outputs/{name}', response.status, problem);
      return [response.status, problem.code, problem.detail];
    };
    const whole = await runToEnd({ outputs: ['sums'] });
    expect(await whyNot(whole.id, 'scaled')).toEqual([
      404,
      'output-unknown',
      expect.stringContaining('asked for sums'),
    ]);
    const failed = await runToEnd({ pipeline_names: ['flaky'], outputs: ['last'] });
    expect(await whyNot(failed.id, 'last')).toEqual([
      409,
      'output-unavailable',
      expect.stringMatching(/failed|last/),
    ]);
    const running = await runOf(post('/runs', { pipeline_names: ['gated'], outputs: ['passed'] }));
    expect(await whyNot(running.id, 'passed')).toEqual([
      409,
      'output-not-ready',
      expect.any(String),
    ]);
    openGate();
    await show(running.id, '?wait=30');
  });
});

describe('GET /pipelines', () => {
  const { app } = createShopServer();

  test('lists them', async () => {
    const body: unknown = await (await app.request('/pipelines')).json();
    expect(body).toMatchObject({
      data: [
        {
          name: '__default__',
          nodes: 2,
          inputs: ['numbers'],
          outputs: ['sums'],
          parameters: ['params:factor'],
          tags: ['first', 'last'],
          link: '/pipelines/__default__',
        },
        { name: 'gated' },
        { name: 'flaky' },
      ],
    });
    (await createAnswerCheck(app))('GET', '/pipelines', 200, body);
  });

  test('shows one, with what goes between its nodes', async () => {
    const body: unknown = await (await app.request('/pipelines/flaky')).json();
    expect(body).toMatchObject({
      name: 'flaky',
      edges: expect.arrayContaining([
        { from: 'read', to: 'middle', dataset: 'stamped' },
        { from: 'warm', to: 'middle', dataset: 'warm' },
        { from: 'middle', to: 'last', dataset: 'middle' },
      ]),
      inputs: [{ name: 'numbers', type: 'json.JSONDataset' }],
      outputs: [{ name: 'last', type: null, json_schema: null }],
    });
    (await createAnswerCheck(app))('GET', '/pipelines/{name}', 200, body);
  });

  test('of no pipeline is 404, with the name that is close', async () => {
    const response = await app.request('/pipelines/flakey');
    expect(response.status).toBe(404);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({
      code: 'pipeline-unknown',
      detail: expect.stringContaining("'flaky'"),
    });
  });
});

describe('probes', () => {
  test('tell what the server can do', async () => {
    const { app } = createShopServer();
    const check = await createAnswerCheck(app);
    for (const [path, body] of [
      ['/livez', { status: 'alive' }],
      ['/readyz', { status: 'ready', running: 0, waiting: 0, capacity: 4 }],
    ] as const) {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      const answer: unknown = await response.json();
      expect(answer).toEqual(body);
      check('GET', path, 200, answer);
    }
  });
});

describe('GET /metrics', () => {
  test('counts runs and requests, by routes and pipelines that there are', async () => {
    const { app, runToEnd, post } = createShopServer();
    await runToEnd({ pipeline_names: ['flaky'] });
    await post('/run', { pipeline_names: ['nope'] });
    await post('/run', 'no JSON');
    await app.request('/runs/x');
    await app.request('/health');
    await app.request('/docs');
    for (const path of ['/nope', '/runs/x/y', '/runs/', '/wp-login.php']) await app.request(path);
    await post('/health');
    await app.request('/runs', { method: 'BREW' });
    const response = await app.request('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'kedro_server_runs_total{pipeline="flaky",status="failed"} 1',
        'kedro_server_runs_total{pipeline="other",status="failed"} 1',
        'kedro_server_http_requests_total{method="POST",route="/runs",status="200"} 1',
        'kedro_server_http_requests_total{method="POST",route="/run",status="200"} 1',
        'kedro_server_http_requests_total{method="POST",route="/run",status="422"} 1',
        'kedro_server_http_requests_total{method="GET",route="/runs/{id}",status="404"} 1',
        'kedro_server_http_requests_total{method="GET",route="/health",status="200"} 1',
        'kedro_server_http_requests_total{method="GET",route="/docs",status="200"} 1',
        'kedro_server_http_requests_total{method="GET",route="other",status="404"} 3',
        'kedro_server_http_requests_total{method="GET",route="other",status="307"} 1',
        'kedro_server_http_requests_total{method="POST",route="other",status="405"} 1',
        'kedro_server_http_requests_total{method="other",route="other",status="405"} 1',
      ]),
    );
  });
});

describe('methods and slashes', () => {
  const { app } = createShopServer();

  test.each([
    ['/runs', 'GET, HEAD, POST'],
    ['/runs/x', 'GET, HEAD'],
    ['/runs/x/events', 'GET, HEAD'],
    ['/runs/x/logs', 'GET, HEAD'],
    ['/runs/x/outputs/y', 'GET, HEAD'],
    ['/runs/x/cancel', 'POST'],
    ['/runs/x/retry', 'POST'],
    ['/pipelines', 'GET, HEAD'],
    ['/pipelines/x', 'GET, HEAD'],
    ['/livez', 'GET, HEAD'],
    ['/readyz', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
  ])('%s has %s and no slash behind it', async (path, allow) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']) {
      const response = await app.request(path, { method });
      if (allow.split(', ').includes(method))
        expect([method, response.status]).not.toEqual([method, 405]);
      else {
        expect([method, response.status]).toEqual([method, 405]);
        expect(response.headers.get('allow')).toBe(allow);
        if (method !== 'HEAD') expect((await problemOf(response)).code).toBe('method-not-allowed');
      }
      const slashed = await app.request(`http://localhost${path}/?a=1`, { method });
      expect([method, slashed.status]).toEqual([method, 307]);
      expect(slashed.headers.get('location')).toBe(`http://localhost${path}?a=1`);
    }
  });

  test('what is below them and unknown is 404 as elsewhere', async () => {
    for (const path of ['/runs/x/y', '/runs/x/outputs', '/pipelines/x/y', '/livez/x']) {
      const response = await app.request(path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toEqual({ detail: 'Not Found' });
    }
  });
});

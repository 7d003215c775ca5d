import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';

import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { type CliProcess, startCli } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';
import { startProject } from './served-project.ts';

/** `hold` waits until the file `data/gate` is there, `total` fails until `data/mended` is. */
const registryInPython = `
import time
from pathlib import Path

from kedro.pipeline import node, pipeline


def double(numbers, factor):
    print(f"doubling {len(numbers)} numbers")
    return [number * factor for number in numbers]


def hold(numbers):
    while not Path("data/gate").exists():
        time.sleep(0.01)
    return numbers


def total(numbers, held):
    if not Path("data/mended").exists():
        raise ValueError("not mended")
    return {"total": sum(numbers)}


def register_pipelines():
    nodes = [
        node(double, ["numbers", "params:factor"], "doubled", name="double"),
        node(hold, "doubled", "held", name="hold"),
        node(total, ["doubled", "held"], "total", name="total"),
    ]
    return {"__default__": pipeline(nodes), "double": pipeline(nodes[:1])}
`;

/** The same. */
const registryInTypescript = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { logOf, node, pipeline, type NodeContext } from 'kedro-server';

function double(numbers: number[], factor: number, context: NodeContext): number[] {
  logOf(context).print('doubling ' + numbers.length + ' numbers');
  return numbers.map((number) => number * factor);
}

async function hold(numbers: number[], { signal }: NodeContext): Promise<number[]> {
  while (!existsSync('data/gate')) await setTimeout(10, undefined, { signal });
  return numbers;
}

function total(numbers: number[]) {
  if (!existsSync('data/mended')) throw new RangeError('not mended');
  return { total: numbers.reduce((sum, number) => sum + number, 0) };
}

export function registerPipelines() {
  const passContext = true;
  const nodes = [
    node(double, ['numbers', 'params:factor'], 'doubled', { name: 'double', passContext }),
    node(hold, 'doubled', 'held', { name: 'hold', passContext }),
    node(total, ['doubled', 'held'], 'total', { name: 'total' }),
  ];
  return { __default__: pipeline(nodes), double: pipeline(nodes.slice(0, 1)) };
}
`;

interface StoryProject {
  /** What `total` raises. */
  readonly error: string;
  create(): Promise<TemporaryFolder>;
  start(folder: string): Promise<CliProcess>;
}

const kedroProject: StoryProject = {
  error: 'ValueError',
  create: async () => {
    const project = await copyProject('tiny-kedro');
    await project.write('src/tiny/pipeline_registry.py', registryInPython);
    return project;
  },
  start: (folder) => startProject(folder, ['--workers', '2']),
};

const typescriptProject: StoryProject = {
  error: 'RangeError',
  create: () =>
    createTypescriptProject({
      'src/pipeline_registry.ts': registryInTypescript,
      'conf/base/catalog.yml': ['numbers', 'doubled', 'total']
        .map((name) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }\n`)
        .join(''),
    }),
  start: async (cwd) => startCli(['start', '--port', '0'], { cwd }),
};

interface ShownRun {
  readonly id: string;
  readonly status: string;
  readonly error: { readonly type: string; readonly node: string | null } | null;
  readonly progress: { readonly nodes_total: number };
  readonly outputs: readonly { readonly name: string; readonly data?: unknown }[];
}

/** `curl -N` of a stream, until its text has `wanted`; then the connection is lost. */
async function curlUntil(url: string, wanted: string, args: readonly string[] = []) {
  const child = spawn('curl', ['-sN', url, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes(wanted)) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return text;
}

function idsOf(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)\n(?=event)/gm)].map(([, id]) => Number(id));
}

function createCaller(url: string) {
  const answer = async (response: Response) => ({
    status: response.status,
    body: (await response.json()) as ShownRun & { data: readonly ShownRun[]; code?: string },
  });
  return {
    get: async (place: string) => answer(await fetch(`${url}${place}`)),
    post: async (place: string, body?: object, headers: Record<string, string> = {}) =>
      answer(
        await fetch(`${url}${place}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: body === undefined ? null : JSON.stringify(body),
        }),
      ),
  };
}

async function playStory({ error, create, start }: StoryProject): Promise<void> {
  await using project = await create();
  const touch = (name: string) => writeFile(path.join(project.path, 'data', name), '');
  const key = { 'idempotency-key': 'story-1' };
  const asked = { params: { factor: 5 }, labels: { part: '1' } };
  const alone = { concurrency: { key: 'alone' } };
  let failedId: string;
  let cancelledId: string;
  let lostId: string;
  let waitingId: string;
  let events: string;
  let eventsOfLost: string;
  {
    await using cli = await start(project.path);
    const url = await cli.url;
    const { get, post } = createCaller(url);

    const refused = await post('/runs', { pipeline_names: ['dubble'] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'run-invalid' } });

    const submitted = await post('/runs', asked, key);
    expect(submitted).toMatchObject({ status: 202, body: { status: 'queued' } });
    failedId = submitted.body.id;
    expect((await post('/runs', asked, key)).body.id).toBe(failedId);

    const before = await curlUntil(`${url}/runs/${failedId}/events`, '"node":"hold"');
    expect(await get(`/runs/${failedId}`)).toMatchObject({ body: { status: 'running' } });
    await touch('gate');
    const last = idsOf(before).at(-1);
    const after = await curlUntil(`${url}/runs/${failedId}/events`, 'event: end', [
      '-H',
      `Last-Event-ID: ${last}`,
    ]);
    events = before + after;
    expect(idsOf(events)).toEqual(idsOf(events).map((_, at) => at + 1));
    expect(await get(`/runs/${failedId}`)).toMatchObject({
      body: { status: 'failed', error: { type: error, node: 'total' } },
    });
    expect(await curlUntil(`${url}/runs/${failedId}/logs`, '\n')).toContain('doubling 3 numbers');

    await rm(path.join(project.path, 'data/gate'));
    cancelledId = (await post('/runs', {})).body.id;
    await curlUntil(`${url}/runs/${cancelledId}/events`, '"node":"hold"');
    expect((await post(`/runs/${cancelledId}/cancel`)).status).toBe(202);
    expect(await get(`/runs/${cancelledId}?wait=30`)).toMatchObject({
      body: { status: 'cancelled' },
    });
    expect((await post(`/runs/${cancelledId}/cancel`)).status).toBe(409);

    await Promise.all([touch('gate'), touch('mended')]);
    const doubled = await post(
      '/runs',
      { pipeline_names: ['double'], params: { factor: 5 } },
      { prefer: 'wait=30' },
    );
    expect(doubled).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    const retried = await post(
      `/runs/${failedId}/retry`,
      { from: 'failed' },
      { prefer: 'wait=30' },
    );
    expect(retried).toMatchObject({
      status: 200,
      body: {
        status: 'succeeded',
        retry_of: failedId,
        attempt: 2,
        // `doubled` is kept in a file, `held` was only in memory.
        request: { node_names: ['hold', 'total'], params: { factor: 5 } },
        progress: { nodes_total: 2, nodes_done: 2 },
      },
    });
    const fed = await post(
      '/runs',
      { inputs: { numbers: [1, 1] }, outputs: ['total'] },
      { prefer: 'wait=30' },
    );
    expect(fed.body.outputs).toMatchObject([{ name: 'total', data: { total: 4 } }]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'kedro_server_runs_total{pipeline="__default__",status="cancelled"} 1',
    );

    await rm(path.join(project.path, 'data/gate'));
    lostId = (await post('/runs', alone)).body.id;
    eventsOfLost = await curlUntil(`${url}/runs/${lostId}/events`, '"node":"hold"');
    waitingId = (await post('/runs', alone)).body.id;
    expect(await get(`/runs/${waitingId}`)).toMatchObject({
      body: { status: 'queued', queue: { position: 1, waits_for: [lostId] } },
    });
    cli.kill('SIGKILL');
    await cli.ended;
  }
  await touch('gate');
  {
    await using cli = await start(project.path);
    const url = await cli.url;
    const { get, post } = createCaller(url);
    expect(await get(`/runs/${waitingId}?wait=30`)).toMatchObject({
      body: { status: 'succeeded' },
    });
    expect(await get(`/runs/${lostId}`)).toMatchObject({ body: { status: 'lost' } });
    const rest = await curlUntil(`${url}/runs/${lostId}/events`, 'event: end', [
      '-H',
      `Last-Event-ID: ${idsOf(eventsOfLost).at(-1)}`,
    ]);
    const ids = idsOf(eventsOfLost + rest);
    expect(ids).toEqual(ids.map((_, at) => at + 1));

    const { body } = await get('/runs?status=failed,cancelled');
    expect(body.data.map(({ id }) => id)).toEqual([cancelledId, failedId]);
    expect((await get('/runs?label=part:1')).body.data).toHaveLength(2);
    const replayed = await curlUntil(`${url}/runs/${failedId}/events`, 'event: end');
    expect(idsOf(replayed)).toEqual(idsOf(events));
    expect((await post('/runs', asked, key)).body.id).toBe(failedId);
  }
}

const title =
  'start, follow, lose the connection, resume, cancel, retry from the failed node, kill the server, start it again, list';

describe('runs over HTTP, as a user would: pipelines in TypeScript', () => {
  test(title, () => playStory(typescriptProject), 60_000);
});

describe.skipIf(inject('pythonMissing') !== null)('runs over HTTP, as a user would: Kedro', () => {
  test(title, () => playStory(kedroProject), 60_000);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { CliProcess } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';
import { postRun, startProject } from './served-project.ts';

const healthWithinMs = 100;
const tenantsBeside = 6;

interface ExpectedError {
  readonly type: string;
  readonly message: RegExp;
}

/** What a client sees of each fault. */
const faults: readonly (readonly [
  pipeline: string,
  params: object,
  error: ExpectedError | null,
])[] = [
  ['exit', {}, { type: 'WorkerCrashed', message: /exited with code 3 .*'exit'/ }],
  ['segfault', {}, { type: 'WorkerCrashed', message: /signal 11 \(SIGSEGV\).*'segfault'/ }],
  ['kill', {}, { type: 'WorkerCrashed', message: /signal 9 \(SIGKILL\).*'kill'/ }],
  ['sys_exit', {}, { type: 'SystemExit', message: /^3$/ }],
  ['keyboard_interrupt', {}, { type: 'KeyboardInterrupt', message: /^$/ }],
  ['recursion', {}, { type: 'RecursionError', message: /maximum recursion depth/ }],
  ['flood', { megabytes: 50 }, null],
  ['close_stdout', {}, null],
  ['bytes', {}, null],
  ['hold_gil', { seconds: 1 }, null],
];

/** Requests that are too much in one way or another, and the statuses that they may get. */
const requests: readonly (readonly [what: string, body: () => string, status: number])[] = [
  ['a body of 100 MB', () => `{"params":{"a":"${'x'.repeat(100 * 2 ** 20)}"}}`, 413],
  ['100,000 levels of JSON', () => `{"params":{"a":${'['.repeat(100_000)}`, 400],
  [
    '10,000 names',
    () => JSON.stringify({ node_names: Array.from({ length: 10_000 }, (_, name) => `n${name}`) }),
    200,
  ],
];

describe.skipIf(inject('pythonMissing') !== null)('faults, as clients see them', () => {
  let project: TemporaryFolder;
  let cli: CliProcess;
  let url: string;
  let tenants = 0;

  beforeAll(async () => {
    project = await copyProject('faults-kedro');
    cli = await startProject(project.path, ['--workers', '2', '--log-level', 'error']);
    url = await cli.url;
  });
  afterAll(async () => {
    await cli[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
  });

  /** Asks for `/health` again and again until `work` is done; returns the milliseconds that each took. */
  async function probeDuring(work: Promise<unknown>): Promise<number[]> {
    const progress = { isDone: false };
    const settled = work.finally(() => {
      progress.isDone = true;
    });
    settled.catch(() => undefined);
    const tookMs: number[] = [];
    while (!progress.isDone) {
      const startedAt = performance.now();
      const response = await fetch(`${url}/health`);
      expect(await response.json()).toMatchObject({ status: 'healthy' });
      tookMs.push(performance.now() - startedAt);
    }
    await settled;
    return tookMs.toSorted((a, b) => a - b);
  }

  async function runTenant(): Promise<void> {
    tenants += 1;
    const tenant = `t${tenants}`;
    const answer = await postRun(url, { pipeline_names: ['echo'], params: { tenant } });
    expect(answer).toMatchObject({ status: 'success' });
    const text = await readFile(join(project.path, `data/echo-${tenant}.json`), 'utf8');
    expect(JSON.parse(text)).toEqual({ params: tenant, resolver: tenant });
  }

  async function expectHealthBeside(work: readonly Promise<unknown>[]): Promise<void> {
    const tookMs = await probeDuring(Promise.all(work));
    // Nineteen of twenty, as the machine that tests run on stops for longer than that by itself.
    expect(tookMs[Math.floor(tookMs.length * 0.95)]).toBeLessThan(healthWithinMs);
    expect(await postRun(url, { pipeline_names: ['memory'] })).toMatchObject({ status: 'success' });
  }

  test.each(faults)(
    '%s: the others are right, and the next run works',
    async (name, params, error) => {
      const fault = postRun(url, { pipeline_names: [name], params });
      await expectHealthBeside([fault, ...Array.from({ length: tenantsBeside }, runTenant)]);
      const answer = await fault;
      expect(answer.status).toBe(error === null ? 'success' : 'failure');
      expect(answer.error?.type).toBe(error?.type);
      if (error !== null) expect(answer.error?.message).toMatch(error.message);
    },
  );

  test.each(requests)('%s', async (_, body, status) => {
    const text = body();
    const request = fetch(`${url}/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    // A server that has refused a body may close the connection before the client has sent it.
    const answered = request.then(
      (response) => response.status,
      (error: unknown) => (error instanceof TypeError && status === 413 ? 413 : error),
    );
    await expectHealthBeside([answered, ...Array.from({ length: tenantsBeside }, runTenant)]);
    expect(await answered).toBe(status);
  });

  test('workers that ended by themselves are counted', async () => {
    const readLost = async (): Promise<number> => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/^kedro_server_workers_idle \d+$/m);
      return Number(/^kedro_server_workers_lost_total (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await readLost();
    await postRun(url, { pipeline_names: ['kill'] });
    await expect.poll(readLost).toBe(before + 1);
  });
});

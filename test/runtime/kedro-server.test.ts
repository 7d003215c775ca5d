import { join } from 'node:path';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';

import { copyProject } from '../cli/kedro-project-copy.ts';
import { processGone } from '../cli/processes.ts';
import { descendantsOf } from '../kedro/process-tree.ts';
import { kedroPython } from '../python-env.ts';
import { post, readStream, runToEnd, show, type ShownRun } from './server-client.ts';
import { startServerProcess } from './server-process.ts';

const bin = join(import.meta.dirname, '../../node_modules/.bin');
const program = join(import.meta.dirname, 'kedro-server.ts');

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(inject('pythonMissing') !== null)('a Kedro project is served', () => {
  test.each([
    ['deno', ['run', '--allow-all', program]],
    ['bun', [program]],
  ])('on %s: run, followed live, cancelled, stopped', async (runtime, args) => {
    await using project = await copyProject('faults-kedro');
    vi.stubEnv('KEDRO_PROJECT_PATH', project.path);
    vi.stubEnv('KEDRO_SERVER_PYTHON', await kedroPython('newest'));
    await using server = await startServerProcess(join(bin, runtime), args);
    const { url } = server;
    const memory = { pipeline_names: ['memory'], outputs: ['sum_of_more'] };
    expect(await runToEnd(url, memory)).toMatchObject({ status: 'succeeded' });

    const params = { gate: join(project.path, 'data/never') };
    const submitted = await post(`${url}/runs`, { pipeline_names: ['gate'], params });
    const { id } = (await submitted.json()) as ShownRun;
    const stream = readStream(await fetch(`${url}/runs/${id}/events`));
    await stream.until('event: node.started');
    expect((await post(`${url}/runs/${id}/cancel`, {})).status).toBe(202);
    expect(await stream.rest()).toContain('event: end');
    expect(await show(url, id)).toMatchObject({ status: 'cancelled' });

    const workers = descendantsOf(server.pid ?? 0);
    expect(workers.length).toBeGreaterThan(2);
    expect((await server.stop()).exitCode).toBe(0);
    await Promise.all(workers.map(processGone));
  });
});

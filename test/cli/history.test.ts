import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';

import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import type { RunRecord } from '../../src/run/run-record.ts';
import { copyProject } from './kedro-project-copy.ts';
import { postRun, startProject } from './served-project.ts';
import { eventually } from '../eventually.ts';

async function readHistory(file: string): Promise<readonly RunRecord[]> {
  const store = createSqliteRunStore({ path: file });
  await store.open();
  try {
    return await store.list({
      statuses: null,
      pipeline: null,
      labels: {},
      sinceMs: null,
      untilMs: null,
      before: null,
      limit: 100,
    });
  } finally {
    await store.close();
  }
}

describe.skipIf(inject('pythonMissing') !== null)('history', () => {
  test('survives kill -9: what ran is lost, what had ended is there', async () => {
    await using project = await copyProject('faults-kedro');
    const file = path.join(project.path, '.kedro-server', 'runs.sqlite');
    let saveVersion: string;
    {
      await using cli = await startProject(project.path, [
        '--workers',
        '1',
        '--log-level',
        'debug',
      ]);
      const url = await cli.url;
      saveVersion = (await postRun(url, { pipeline_names: ['memory'] })).run_id;
      postRun(url, { pipeline_names: ['gate'] }).catch(() => {});
      await cli.log({ node: 'gate', msg: /^pid \d+$/ });
      postRun(url, { runner: 'ThreadRunner' }).catch(() => {});
      await cli.log({ event: 'run.queued', runner: 'ThreadRunner' });
      // What happens in a run that its caller waits for is written within milliseconds, not before.
      await eventually(async () => {
        const { data } = (await (await fetch(`${url}/runs`)).json()) as {
          readonly data: readonly { readonly status: string }[];
        };
        expect(data.map(({ status }) => status)).toEqual(['queued', 'running', 'succeeded']);
      });
      cli.kill('SIGKILL');
      await cli.ended;
    }
    {
      await using cli = await startProject(project.path, ['--workers', '1']);
      await cli.url;
      cli.kill('SIGTERM');
      expect(await cli.ended).toMatchObject({ exitCode: 0 });
    }
    const history = await readHistory(file);
    expect(history.map(({ status }) => status).toSorted()).toEqual([
      'cancelled',
      'lost',
      'succeeded',
    ]);
    expect(history.find(({ status }) => status === 'succeeded')).toMatchObject({
      saveVersion,
      nodesDone: 2,
      nodesTotal: 2,
    });
  });

  test('is in memory where the project is read only, and the log says so', async () => {
    await using project = await copyProject('tiny-kedro');
    await project.write('.kedro-server', 'a file where the folder would be');
    await using cli = await startProject(project.path, ['--workers', '1']);
    const { msg } = await cli.log({ event: 'store.fallback', level: 'warn' });
    expect(msg).toContain('.kedro-server');
    expect(msg).toContain('--store');
    expect(await postRun(await cli.url, {})).toMatchObject({ status: 'success' });
  });

  test('in a file that was asked for and cannot be used stops the start', async () => {
    await using project = await copyProject('tiny-kedro');
    const file = await project.write('notes.txt', 'not a database, and of some length');
    await chmod(file, 0o600);
    await using cli = await startProject(project.path, ['--store', file]);
    const { exitCode, stderr } = await cli.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('notes.txt');
  });
});

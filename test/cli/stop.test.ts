import { describe, expect, inject, test } from 'vitest';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { CliProcess } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';
import { processGone } from './processes.ts';
import { postRun, startProject, type RunAnswer } from './served-project.ts';

interface HeldRun {
  readonly answer: Promise<RunAnswer>;
  /** Process id of the worker that runs it. */
  readonly pid: number;
  release(): Promise<unknown>;
}

/** Starts a run whose node waits for a file. */
async function holdRun(cli: CliProcess, project: TemporaryFolder): Promise<HeldRun> {
  const answer = postRun(await cli.url, { pipeline_names: ['gate'] });
  answer.catch(() => {});
  const line = await cli.log({ node: 'gate', msg: /^pid \d+$/ });
  return {
    answer,
    pid: Number(String(line['msg']).slice('pid '.length)),
    release: () => project.write('data/gate', ''),
  };
}

describe.skipIf(inject('pythonMissing') !== null)('stopping kedro-server', () => {
  test.each([
    ['SIGTERM', (cli: CliProcess) => cli.kill('SIGTERM')],
    ['SIGINT', (cli: CliProcess) => cli.kill('SIGINT')],
    [
      'Ctrl-C in a terminal, which all its processes get',
      (cli: CliProcess) => process.kill(-cli.pid, 'SIGINT'),
    ],
    [
      'Ctrl-C under npx, which sends it again',
      (cli: CliProcess) => {
        cli.kill('SIGINT');
        void cli.log({ event: 'server.stopping' }).then(() => cli.kill('SIGINT'));
      },
    ],
  ])('%s lets a running run end, refuses others, leaves no process', async (_, stop) => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path, ['--workers', '1']);
    const url = await cli.url;
    const run = await holdRun(cli, project);
    stop(cli);
    await cli.log({ event: 'server.stopping' });
    await expect(fetch(`${url}/health`, { headers: { connection: 'close' } })).rejects.toThrow();
    await run.release();
    expect(await run.answer).toMatchObject({ status: 'success' });
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
    await processGone(run.pid);
  });

  test('a run that does not end within the grace period is ended, and its caller told', async () => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path, ['--grace', '0.2']);
    const run = await holdRun(cli, project);
    cli.kill('SIGTERM');
    expect(await run.answer).toMatchObject({ status: 'failure', run_id: expect.any(String) });
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
    await processGone(run.pid);
  });

  test('a second signal ends it now', async () => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path);
    const run = await holdRun(cli, project);
    cli.kill('SIGTERM');
    await cli.log({ event: 'server.stopping', signal: 'SIGTERM' });
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ exitCode: 130, signal: null });
    await processGone(run.pid);
  });

  test('its workers go when it is killed', async () => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path);
    const run = await holdRun(cli, project);
    cli.kill('SIGKILL');
    expect(await cli.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    await processGone(run.pid);
  });

  test('a signal while it starts ends it in order', async () => {
    await using project = await copyProject('tiny-kedro');
    await project.write(
      'src/tiny/settings.py',
      'import pathlib, time\nwhile not pathlib.Path("go").exists():\n    time.sleep(0.01)\n',
    );
    await using cli = await startProject(project.path, ['--log-level', 'debug']);
    await cli.log({ event: 'server.starting' });
    cli.kill('SIGTERM');
    await cli.log({ event: 'server.stopping' });
    await project.write('go', '');
    expect(await cli.ended).toMatchObject({ exitCode: 0, stdout: '' });
  });
});

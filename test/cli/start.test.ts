import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { copyProject } from './kedro-project-copy.ts';
import { postRun, startProject } from './served-project.ts';

describe.skipIf(inject('pythonMissing') !== null)('kedro-server start', () => {
  test('serves the project and says where, in one line', async () => {
    await using project = await copyProject('tiny-kedro');
    await using cli = await startProject(project.path);
    const url = await cli.url;
    const health = await fetch(`${url}/health`);
    expect(await health.json()).toMatchObject({ status: 'healthy' });
    expect(await postRun(url)).toMatchObject({ status: 'success' });
    expect(await readTotal(project)).toBe(12);
    cli.kill('SIGTERM');
    const end = await cli.ended;
    expect(end).toMatchObject({ exitCode: 0, signal: null });
    expect(end.stdout).toMatch(
      /^Serving Tiny on http:\/\/127\.0\.0\.1:\d+ \(Kedro 1\.\d+\.\d+, docs at http:\S+\/docs\)\n$/,
    );
    for (const line of end.stderr.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String),
        msg: expect.any(String),
      });
    }
  });

  test('finds the project from a folder inside it', async () => {
    await using project = await copyProject('tiny-kedro');
    await using cli = await startProject(path.join(project.path, 'src', 'tiny'));
    expect(await postRun(await cli.url)).toMatchObject({ status: 'success' });
    expect(await readTotal(project)).toBe(12);
  });

  test('KEDRO_PROJECT_PATH counts outside of a project', async () => {
    await using project = await copyProject('tiny-kedro');
    await using cli = await startProject(path.parse(project.path).root, [], {
      KEDRO_PROJECT_PATH: project.path,
    });
    expect(await postRun(await cli.url)).toMatchObject({ status: 'success' });
    expect(await readTotal(project)).toBe(12);
  });

  test.each<[string, string[], NodeJS.ProcessEnv]>([
    ['--env', ['--env', 'staging'], { KEDRO_SERVER_ENV: 'other' }],
    ['KEDRO_SERVER_ENV', [], { KEDRO_SERVER_ENV: 'staging' }],
    ['--conf-source', ['--conf-source', 'elsewhere'], { KEDRO_SERVER_CONF_SOURCE: 'other' }],
    ['KEDRO_SERVER_CONF_SOURCE', [], { KEDRO_SERVER_CONF_SOURCE: 'elsewhere' }],
  ])('%s reaches the runs', async (_, args, env) => {
    await using project = await copyProject('tiny-kedro');
    await project.write('conf/staging/parameters.yml', 'factor: 5\n');
    const catalog = await readFile(path.join(project.path, 'conf/base/catalog.yml'), 'utf8');
    await project.write('elsewhere/base/catalog.yml', catalog);
    await project.write('elsewhere/base/parameters.yml', 'factor: 5\n');
    await project.write('elsewhere/local/.gitkeep', '');
    await using cli = await startProject(project.path, args, env);
    expect(await postRun(await cli.url)).toMatchObject({ status: 'success' });
    expect(await readTotal(project)).toBe(30);
  });

  test('a body beyond --max-body is refused', async () => {
    await using project = await copyProject('tiny-kedro');
    await using cli = await startProject(project.path, ['--max-body', '1kB']);
    const headers = { 'content-type': 'application/json' };
    const body = ' '.repeat(1001);
    const response = await fetch(`${await cli.url}/run`, { method: 'POST', headers, body });
    expect(response.status).toBe(413);
  });

  test('what a run does and says is logged with its id and node', async () => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path, ['--log-level', 'debug']);
    const { run_id: saveVersion } = await postRun(await cli.url, { pipeline_names: ['talk'] });
    const { runId } = await cli.log({ saveVersion, event: 'run.started' });
    await cli.log({ runId, event: 'node.started', node: 'talk' });
    const fromTalk = { runId, node: 'talk' };
    await cli.log({ ...fromTalk, level: 'info', source: 'stdout', msg: '1 print' });
    await cli.log({ ...fromTalk, level: 'info', logger: 'faults.output', msg: '2 logging.info' });
    await cli.log({
      ...fromTalk,
      level: 'warn',
      logger: 'faults.output',
      msg: '6 logging.warning',
    });
    await cli.log({
      runId,
      node: 'talk_again',
      level: 'error',
      msg: '9 logging.error of the second node\nwith a second line',
    });
    await cli.log({ runId, event: 'node.finished', node: 'talk_again' });
    const ended = await cli.log({ runId, event: 'run.ended', level: 'info', status: 'succeeded' });
    expect(ended['durationMs']).toEqual(expect.any(Number));
  });

  test('a run that fails is logged as an error, whatever its names hold, in one line', async () => {
    await using project = await copyProject('faults-kedro');
    await using cli = await startProject(project.path);
    const url = await cli.url;
    const failed = await postRun(url, { pipeline_names: ['failing_middle'] });
    const ofNode = await cli.log({
      saveVersion: failed.run_id,
      event: 'node.failed',
      node: 'middle',
    });
    expect(ofNode).toMatchObject({ level: 'error', error: failed.error });
    const ofRun = await cli.log({
      saveVersion: failed.run_id,
      event: 'run.ended',
      status: 'failed',
    });
    expect(ofRun).toMatchObject({ level: 'error', error: failed.error });
    const name = 'x"}\n{"level":"info","msg":"forged"}';
    const { run_id: saveVersion } = await postRun(url, { pipeline_names: [name] });
    expect(await cli.log({ saveVersion, event: 'run.started' })).toMatchObject({
      pipelineNames: [name],
    });
    cli.kill('SIGTERM');
    const { stderr } = await cli.ended;
    expect(stderr).not.toMatch(/^\{"level":"info","msg":"forged"/m);
  });
});

async function readTotal(project: TemporaryFolder): Promise<unknown> {
  const text = await readFile(path.join(project.path, 'data', 'total.json'), 'utf8');
  return (JSON.parse(text) as { total: unknown }).total;
}

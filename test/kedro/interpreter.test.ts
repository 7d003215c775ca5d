import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';

import { findPythonCandidates } from '../../src/kedro/interpreter.ts';
import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { kedroPython } from '../python-env.ts';

const run = promisify(execFile);

describe('the interpreters that are tried', () => {
  test('one that was asked for by name is the only one', async () => {
    const environment = { KEDRO_SERVER_PYTHON: '/b/python', VIRTUAL_ENV: '/venv' };
    expect(await findPythonCandidates('/project', '/a/python', environment)).toEqual([
      { path: '/a/python', origin: 'the option python' },
    ]);
    expect(await findPythonCandidates('/project', undefined, environment)).toEqual([
      { path: '/b/python', origin: 'KEDRO_SERVER_PYTHON' },
    ]);
  });

  test('else the active environments, the project’s, and the one on the PATH', async () => {
    await using project = createTemporaryFolder();
    const own = await project.write('.venv/bin/python', '');
    const environment = { VIRTUAL_ENV: '/venv', CONDA_PREFIX: '/conda' };
    const candidates = await findPythonCandidates(project.path, undefined, environment);
    expect(candidates.map(({ path }) => path)).toEqual([
      '/venv/bin/python',
      '/conda/bin/python',
      own,
      'python3',
    ]);
    expect(await findPythonCandidates('/not/there', undefined, {})).toHaveLength(1);
  });
});

describe.skipIf(inject('pythonMissing') !== null)('an interpreter that will not do', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function refusal(python: string | undefined): Promise<string> {
    await using project = createTemporaryFolder();
    const executor = createKedroExecutor({ projectPath: project.path, python });
    try {
      await executor.open();
      return 'opened';
    } catch (error) {
      expect(error).toMatchObject({ code: 'python-not-found' });
      return error instanceof Error ? error.message : '';
    } finally {
      await executor.close();
    }
  }

  test('is named, with what it lacks and what to install', async () => {
    expect(await refusal('/no/such/python')).toMatch(
      /\/no\/such\/python \(the option python\) cannot be started.*ENOENT[^]*pip install kedro/,
    );
    await using folder = createTemporaryFolder();
    const environment = join(folder.path, 'environment');
    await run(await kedroPython('newest'), ['-m', 'venv', '--without-pip', environment]);
    const empty = join(environment, 'bin/python');
    expect(await refusal(empty)).toMatch(/has no Kedro; install it there/);
    await folder.write(
      'kedro-0.19.15.dist-info/METADATA',
      'Metadata-Version: 2.1\nName: kedro\nVersion: 0.19.15\n',
    );
    vi.stubEnv('PYTHONPATH', folder.path);
    expect(await refusal(empty)).toMatch(/has Kedro 0\.19\.15; kedro-server needs 1\.4 or newer/);
  });

  test('lets the next one be tried, and all are listed', async () => {
    vi.stubEnv('KEDRO_SERVER_PYTHON', undefined);
    vi.stubEnv('CONDA_PREFIX', undefined);
    vi.stubEnv('VIRTUAL_ENV', '/no/such/environment');
    vi.stubEnv('PATH', '/no/such/path');
    const message = await refusal(undefined);
    expect(message).toContain('/no/such/environment/bin/python (the active virtual environment)');
    expect(message).toContain('python3 (PATH)');
  });
});

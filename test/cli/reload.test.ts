import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, test, vi } from 'vitest';
import { copyProject } from './kedro-project-copy.ts';
import { postRun, startProject } from './served-project.ts';

/** Python imports the project again, on a machine that may be busy. */
const TIMEOUT_MS = 60_000;
const NODES = 'src/faults/failures.py';

describe.skipIf(inject('pythonMissing') !== null)('kedro-server start --reload', () => {
  test(
    'new code counts for new runs, while a run ends with the old',
    async () => {
      await using project = await copyProject('faults-kedro');
      await using cli = await startProject(project.path, ['--reload', '--workers', '2']);
      const url = await cli.url;
      const held = postRun(url, { pipeline_names: ['gate'] });
      held.catch(() => {});
      await cli.log({ node: 'gate', msg: /^pid \d+$/ });
      const code = await readFile(path.join(project.path, NODES), 'utf8');
      await project.write(
        NODES,
        `${code}\n\ndef add_one(numbers):\n    raise KeyError("new code")\n`,
      );
      await cli.log({ event: 'reload', msg: `Reloading: ${NODES} changed` });
      await vi.waitUntil(
        async () => (await postRun(url, { pipeline_names: ['memory'] })).error?.type === 'KeyError',
        { timeout: 25_000 },
      );
      await project.write('data/gate', '');
      expect(await held).toMatchObject({ status: 'success' });
    },
    TIMEOUT_MS,
  );

  test(
    'code that cannot be imported is told, and the server recovers when it is mended',
    async () => {
      await using project = await copyProject('faults-kedro');
      await using cli = await startProject(project.path, ['--reload', '--workers', '1']);
      const url = await cli.url;
      const code = await readFile(path.join(project.path, NODES), 'utf8');
      await project.write(NODES, 'def broken(:\n');
      await vi.waitUntil(
        async () =>
          (await postRun(url, { pipeline_names: ['memory'] })).error?.type === 'SyntaxError',
        { timeout: 25_000 },
      );
      expect((await fetch(`${url}/health`)).status).toBe(200);
      await project.write(NODES, code);
      await vi.waitUntil(
        async () => (await postRun(url, { pipeline_names: ['memory'] })).status === 'success',
        { timeout: 25_000 },
      );
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(inject('pythonMissing') !== null)('a project that cannot be bootstrapped', () => {
  test('is refused with the Python error', async () => {
    await using project = await copyProject('tiny-kedro');
    await project.write('pyproject.toml', '[tool.kedro]\nproject_name = "Tiny"\n');
    await using cli = await startProject(project.path);
    const end = await cli.ended;
    expect(end).toMatchObject({ exitCode: 1, stdout: '' });
    expect(end.stderr).toContain(
      "RuntimeError: Missing required keys ['package_name', 'kedro_init_version'] from 'pyproject.toml'.",
    );
    expect(end.stderr).not.toMatch(/^\s+at .*\.ts/m);
  });
});

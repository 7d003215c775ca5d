import path from 'node:path';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createHttpServer, serve, ServerSettingsError } from '../../src/adapters/node.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { kedroPython } from '../python-env.ts';
import { createFixture } from './fixture.ts';

afterEach(() => vi.unstubAllEnvs());

test('without a project it throws at the call', async () => {
  vi.stubEnv('KEDRO_PROJECT_PATH', undefined);
  expect(() => createHttpServer()).toThrow(ServerSettingsError);
  expect(() => createHttpServer()).toThrow("Environment variable 'KEDRO_PROJECT_PATH' is not set");
  const missing = path.join(import.meta.dirname, 'no-such-place');
  expect(() => createHttpServer({ projectPath: missing })).toThrow(
    `Project path '${missing}' does not exist.`,
  );
  await using folder = createTemporaryFolder();
  expect(() => createHttpServer({ projectPath: folder.path })).toThrow(
    'is no project: it has neither a pyproject.toml',
  );
});

test('an executor given needs no project', async () => {
  vi.stubEnv('KEDRO_PROJECT_PATH', '/no/such/place');
  await using app = createHttpServer({ executor: createFixture().executor });
  expect((await app.request('/health')).status).toBe(200);
});

describe.skipIf(inject('pythonMissing') !== null)('a Kedro project', () => {
  test('is found by the variable as it is at the call, and served', async () => {
    await using project = await copyProject('tiny-kedro');
    vi.stubEnv('KEDRO_PROJECT_PATH', project.path);
    vi.stubEnv('KEDRO_SERVER_PYTHON', await kedroPython('newest'));
    await using app = createHttpServer({ workers: 1 });
    vi.stubEnv('KEDRO_PROJECT_PATH', '/no/such/place');
    await using server = await serve(app, { port: 0 });
    const snapshot = await fetch(`${server.url}/snapshot`);
    expect(await snapshot.json()).toMatchObject({
      status: 'success',
      metadata: { project_name: 'Tiny' },
    });
  });
});

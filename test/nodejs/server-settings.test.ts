import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ServerSettingsError } from '../../src/errors.ts';
import { resolveServerSettings } from '../../src/nodejs/server-settings.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([undefined, ''])(
  'no project path (%j) is refused in the words of Kedro',
  (projectPath) => {
    vi.stubEnv('KEDRO_PROJECT_PATH', undefined);
    const resolve = (): unknown => resolveServerSettings({ projectPath });
    expect(resolve).toThrow(ServerSettingsError);
    expect(resolve).toThrow(
      "Environment variable 'KEDRO_PROJECT_PATH' is not set or passed as an argument. " +
        'The Kedro server must be started from within a Kedro project directory.',
    );
  },
);

test('a path that does not exist is refused in the words of Kedro', () => {
  expect(() => resolveServerSettings({ projectPath: '/no/such/./place' })).toThrow(
    "Project path '/no/such/place' does not exist. " +
      "Make sure you're running the server from a valid Kedro project.",
  );
});

test('the variables count, as they are at the call', async () => {
  await using folder = createTemporaryFolder();
  vi.stubEnv('KEDRO_PROJECT_PATH', folder.path);
  expect(resolveServerSettings({})).toEqual({ projectPath: folder.path });
  vi.stubEnv('KEDRO_SERVER_ENV', 'staging');
  vi.stubEnv('KEDRO_SERVER_CONF_SOURCE', 's3://bucket/conf');
  expect(resolveServerSettings({})).toEqual({
    projectPath: folder.path,
    env: 'staging',
    confSource: 's3://bucket/conf',
  });
});

test('what is given wins over the variables', async () => {
  await using folder = createTemporaryFolder();
  vi.stubEnv('KEDRO_PROJECT_PATH', '/no/such/place');
  vi.stubEnv('KEDRO_SERVER_ENV', 'staging');
  vi.stubEnv('KEDRO_SERVER_CONF_SOURCE', '/no/such/conf');
  const given = { projectPath: folder.path, env: 'prod', confSource: 'conf' };
  expect(resolveServerSettings(given)).toEqual({
    projectPath: folder.path,
    env: 'prod',
    confSource: path.resolve('conf'),
  });
});

test('links in the project path are resolved', async () => {
  await using folder = createTemporaryFolder();
  await using other = createTemporaryFolder();
  const link = path.join(other.path, 'link');
  symlinkSync(folder.path, link);
  expect(resolveServerSettings({ projectPath: link }).projectPath).toBe(folder.path);
});

import path from 'node:path';
import { expect, test } from 'vitest';
import { ServerSettingsError } from '../../src/errors.ts';
import { readKedroProject } from '../../src/nodejs/kedro-project.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const KEDRO = '[tool.kedro]\npackage_name = "tiny"\n';

test('a project is a folder with [tool.kedro], its source in src', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('pyproject.toml', KEDRO);
  expect(readKedroProject(folder.path)).toEqual({
    path: folder.path,
    sourcePath: path.join(folder.path, 'src'),
  });
});

test.each([
  ['a table written inline', 'tool = { kedro = { source_dir = "lib" } }', 'lib'],
  ['a quoted key', '["tool"."kedro"]\nsource_dir = "lib/python"', 'lib/python'],
])('%s is read', async (_, text, sourceDir) => {
  await using folder = createTemporaryFolder();
  await folder.write('pyproject.toml', text);
  expect(readKedroProject(folder.path)?.sourcePath).toBe(path.join(folder.path, sourceDir));
});

test.each([
  ['nothing', null],
  ['no section', '[tool.black]\nline-length = 88\n'],
  ['a section in a comment', '# [tool.kedro]\n[tool.black]\n'],
  ['another tool whose name begins so', '[tool.kedro-viz]\nport = 1\n'],
  ['broken TOML of something else', '[tool.black\n'],
])('%s is no project', async (_, text) => {
  await using folder = createTemporaryFolder();
  if (text !== null) await folder.write('pyproject.toml', text);
  expect(readKedroProject(folder.path)).toBeNull();
});

test('broken TOML that means Kedro is an error that names the file', async () => {
  await using folder = createTemporaryFolder();
  const file = await folder.write('pyproject.toml', '[tool.kedro]\nname = \n');
  const read = (): unknown => readKedroProject(folder.path);
  expect(read).toThrow(ServerSettingsError);
  expect(read).toThrow(file);
});

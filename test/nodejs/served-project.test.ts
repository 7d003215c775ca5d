import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findProject, requireProject } from '../../src/nodejs/served-project.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const KEDRO = '[tool.kedro]\npackage_name = "tiny"\n';
const TYPESCRIPT = JSON.stringify({ kedro: { projectName: 'Tiny', packageName: 'tiny' } });

test('a folder is a project of the one kind or the other', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('python/pyproject.toml', KEDRO);
  await folder.write('typescript/package.json', TYPESCRIPT);
  const python = path.join(folder.path, 'python');
  expect(requireProject(python)).toEqual({
    kind: 'kedro',
    path: python,
    sourcePath: path.join(python, 'src'),
  });
  const typescript = path.join(folder.path, 'typescript');
  expect(requireProject(typescript)).toEqual({
    kind: 'typescript',
    path: typescript,
    sourcePath: path.join(typescript, 'src'),
    projectName: 'Tiny',
    packageName: 'tiny',
    kedroVersion: undefined,
  });
});

test('a folder that is both, or none, is refused with what was looked for', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('package.json', '{"name": "tiny"}');
  expect(() => requireProject(folder.path)).toThrow(
    `'${folder.path}' is no project: it has neither a pyproject.toml with a [tool.kedro] section nor a package.json with a 'kedro' section.`,
  );
  await folder.write('pyproject.toml', KEDRO);
  await folder.write('package.json', TYPESCRIPT);
  expect(() => requireProject(folder.path)).toThrow(`'${folder.path}' is two projects`);
});

test('a project is found from a folder inside it, the nearest one first', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('pyproject.toml', KEDRO);
  await folder.write('inner/package.json', TYPESCRIPT);
  await folder.write('inner/src/package.json', '{}');
  const deep = path.join(folder.path, 'inner', 'src', 'package');
  mkdirSync(deep, { recursive: true });
  expect(findProject(deep)?.path).toBe(path.join(folder.path, 'inner'));
  expect(findProject(folder.path)?.path).toBe(folder.path);
  expect(findProject(path.parse(folder.path).root)).toBeNull();
});

test.each([
  ['no JSON', '{"kedro": {', "Cannot read '"],
  ['a section that is no object', '{"kedro": true}', "its 'kedro' has to be an object"],
  ['no name', '{"kedro": {"packageName": "a"}}', "its 'kedro' section has no 'projectName'"],
  ['no package', '{"kedro": {"projectName": "a"}}', "its 'kedro' section has no 'packageName'"],
  [
    'a name that is no text',
    '{"kedro": {"projectName": 1}}',
    "'kedro.projectName' has to be a text",
  ],
  [
    'a misspelt key',
    '{"kedro": {"sourcedir": "lib"}}',
    "'kedro.sourcedir' is not known. Did you mean 'sourceDir'?",
  ],
])('a package.json with %s is refused by its name', async (_, text, message) => {
  await using folder = createTemporaryFolder();
  const file = await folder.write('package.json', text);
  expect(() => requireProject(folder.path)).toThrow(message);
  expect(() => requireProject(folder.path)).toThrow(file);
});

import { mkdirSync, readdirSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newProject, parseNewArguments } from '../../src/cli/new-project.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { runTool } from '../repo/run-tool.ts';
import { root } from '../repo/source-files.ts';
import { startCli, type CliEnd } from './cli-process.ts';

async function run(cwd: string, ...args: readonly string[]): Promise<CliEnd> {
  await using cli = startCli(args, { cwd });
  return await cli.ended;
}

test('a new project runs, and its files are formatted', async () => {
  await using folder = createTemporaryFolder();
  const written = await run(folder.path, 'new', 'code/shop-sales');
  const project = path.join(folder.path, 'code/shop-sales');
  expect(written).toMatchObject({ exitCode: 0, stderr: '' });
  expect(written.stdout).toContain(`Wrote the project Shop Sales into ${project}\n`);
  expect(written.stdout).toContain('cd code/shop-sales\n  npm install\n');

  expect(await runTool('oxfmt', ['--check', project])).toMatchObject({ exitCode: 0 });
  await mkdir(path.join(project, 'node_modules'));
  await symlink(root, path.join(project, 'node_modules/kedro-server'));
  const ran = await run(project, 'run', '--params', 'report.top=2');
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^Running 2 nodes\n[^]*Succeeded after/);
  expect(await readFile(path.join(project, 'data/08_reporting/report.md'), 'utf8')).toBe(
    '# Best sellers\n\n- tea: 36.00\n- coffee: 21.60\n',
  );
});

test('a folder that is there is left as it is', async () => {
  await using folder = createTemporaryFolder();
  mkdirSync(path.join(folder.path, 'mine'));
  expect(await run(folder.path, 'new', 'mine')).toEqual({
    exitCode: 2,
    signal: null,
    stdout: '',
    stderr:
      "kedro-server: 'mine' is there already. Choose another name, or remove it: nothing was written.\n",
  });
  expect(readdirSync(path.join(folder.path, 'mine'))).toEqual([]);
});

test.each([
  [[], /^A new project needs a name/],
  [['my', 'project'], /^Unexpected argument 'project'\..* kedro-server new my-project\.$/],
  [['--name', 'a'], /^Unknown option '--name'/],
])('%j is refused', (args, message) => {
  expect(() => parseNewArguments(args)).toThrow(message);
});

test.each(['My Project', '.hidden', '1st', 'a--b'])(
  "'%s' is no name for a project",
  async (name) => {
    await expect(newProject(name)).rejects.toThrow('is no name for a project');
  },
);

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { projectMarks } from '../../src/nodejs/served-project.ts';
import { serve } from '../../src/nodejs/serve.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { startCli, type CliEnd, type CliOptions } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';

async function run(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  await using cli = startCli(args, options);
  return await cli.ended;
}

function refusal(exitCode: number, message: string): CliEnd {
  return { exitCode, signal: null, stdout: '', stderr: `kedro-server: ${message}\n` };
}

test.each([
  [['stop'], "Unknown command 'stop'. 'kedro-server --help' shows those there are."],
  [['--port', '80'], "Unknown option '--port'. 'kedro-server --help' shows those there are."],
  [
    ['start', '--prot', '80'],
    "Unknown option '--prot'. 'kedro-server start --help' shows those there are.",
  ],
  [['start', '-x'], "Unknown option '-x'. 'kedro-server start --help' shows those there are."],
  [
    ['start', 'tiny'],
    "Unexpected argument 'tiny'. 'kedro-server start --help' shows what it takes.",
  ],
  [['start', '--port'], "Option '--port' needs a value: --port <number>."],
  [['start', '--host', '--reload'], "Option '--host' needs a value: --host <address>."],
  [
    ['start', '--host', '0.0.0.0'],
    "On '0.0.0.0' every machine that reaches it could run pipelines, and the server knows nobody. Leave '--host' out to serve this machine only; or make a key with 'kedro-server keys new NAME --file keys.jsonl' and add '--keys keys.jsonl'; or, where something in front checks who calls, add '--allow-anonymous'.",
  ],
  [['start', '--reload=yes'], "Option '--reload' takes no value, but was given 'yes'."],
  [['start', '-p', 'http'], "Invalid value for '--port': 'http' is no whole number of 0 to 65535."],
  [
    ['start', '--conf-source', 'no/such'],
    "Invalid value for '--conf-source': Path 'no/such' does not exist.",
  ],
  [
    ['start', '--project', 'no/such'],
    "Invalid value for '--project': Path 'no/such' does not exist.",
  ],
])('%j is refused in one line', async (args, message) => {
  await using folder = createTemporaryFolder();
  expect(await run(args, { cwd: folder.path })).toEqual(refusal(2, message));
});

test('no project: it says where it looked', async () => {
  await using folder = createTemporaryFolder();
  expect(await run(['start'], { cwd: folder.path })).toEqual(
    refusal(
      1,
      `No project found: '${folder.path}' and the folders above it have ${projectMarks}. ` +
        'Go to the project, or name it with --project.',
    ),
  );
});

test('a folder that is no project is refused by name', async () => {
  await using folder = createTemporaryFolder();
  const message = `'${folder.path}' is no project: it has ${projectMarks}.`;
  const cwd = path.parse(folder.path).root;
  expect(await run(['start', '--project', folder.path], { cwd })).toEqual(refusal(1, message));
  const env = { KEDRO_PROJECT_PATH: folder.path };
  expect(await run(['start'], { cwd, env })).toEqual(refusal(1, message));
});

test('a variable that names no folder is refused in the words of Kedro', async () => {
  await using folder = createTemporaryFolder();
  const env = { KEDRO_PROJECT_PATH: '/no/such/place' };
  expect(await run(['start'], { cwd: folder.path, env })).toEqual(
    refusal(
      1,
      "Project path '/no/such/place' does not exist. " +
        "Make sure you're running the server from a valid Kedro project.",
    ),
  );
});

test('a port in use: by number, with the way out, and no process is left', async () => {
  await using project = await copyProject('tiny-kedro');
  await using taken = await serve({ fetch: () => new Response() }, { port: 0 });
  expect(await run(['start', '-p', String(taken.port)], { cwd: project.path })).toEqual(
    refusal(
      1,
      `Port ${taken.port} on 127.0.0.1 is already in use. ` +
        'Stop what listens there, or choose another port (0 takes a free one).',
    ),
  );
});

test.skipIf(inject('pythonMissing') !== null)(
  'a Python without Kedro is refused by path',
  async () => {
    await using project = await copyProject('tiny-kedro');
    await using environment = createTemporaryFolder();
    const venv = path.join(environment.path, 'venv');
    await promisify(execFile)('python3', ['-m', 'venv', '--without-pip', venv]);
    const python = path.join(venv, 'bin', 'python');
    const end = await run(['start', '-p', '0', '--python', python], { cwd: project.path });
    expect(end).toMatchObject({ exitCode: 1, stdout: '' });
    expect(end.stderr).toContain(python);
    expect(end.stderr).toMatch(/^kedro-server: .*[Kk]edro.*install/ms);
    expect(end.stderr).not.toMatch(/^\s+at /m);
  },
);

test('the help and the version are answers', async () => {
  await using folder = createTemporaryFolder();
  const cwd = folder.path;
  const help = await run(['start', '--help'], { cwd });
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: kedro-server start \[options\]\n/);
  expect(await run([], { cwd })).toEqual(await run(['--help'], { cwd }));
  expect(await run(['--version'], { cwd })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) as string,
  });
});

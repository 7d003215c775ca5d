import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseKeysOptions } from '../../src/cli/keys.ts';
import { createKeyRing } from '../../src/door/key-ring.ts';
import { createKey, parseKeys } from '../../src/door/stored-key.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { type CliEnd, startCli } from './cli-process.ts';

async function run(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<CliEnd> {
  await using cli = startCli(args, { cwd, env });
  return await cli.ended;
}

function keyIn({ stdout }: CliEnd): string {
  return /kds_[0-9a-f]{64}/.exec(stdout)?.[0] ?? '';
}

test('without a file a key is shown with the line for the server', async () => {
  await using folder = createTemporaryFolder();
  const made = await run(['keys', 'new', 'ci', '--scopes', 'read,admin'], folder.path);
  expect(made).toMatchObject({ exitCode: 0, stderr: '' });
  const [, line = ''] = /^For the server: (.*)$/m.exec(made.stdout) ?? [];
  const ring = createKeyRing(parseKeys(line, 'the line'));
  expect(await ring(keyIn(made))).toMatchObject({ id: 'key:ci', scopes: ['read', 'admin'] });
});

test('a file of keys is made for its user, and grows by a line each', async () => {
  await using folder = createTemporaryFolder();
  const file = path.join(folder.path, 'keys.jsonl');
  const first = await run(['keys', 'new', 'ci', '--file', file], folder.path);
  expect(first.stdout).toContain(`Added to ${file}: kedro-server start --keys ${file}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const more = ['keys', 'new', 'ops', '--file', file, '--pipelines', 'a,b', '--days', '2'];
  const second = await run(more, folder.path);
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(keyIn(first));
  const ring = createKeyRing(parseKeys(text, 'keys'));
  expect(await ring(keyIn(first))).toMatchObject({ id: 'key:ci', pipelines: null });
  expect(await ring(keyIn(second))).toMatchObject({ id: 'key:ops', pipelines: ['a', 'b'] });
  const [, { expires = '' } = {}] = parseKeys(text, 'keys');
  expect(Date.parse(expires) - Date.now()).toBeGreaterThan(86_400_000);
});

test('a file that is something else is left as it is', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('package.json', '{\n');
  const end = await run(['keys', 'new', 'ci', '--file', 'package.json'], folder.path);
  expect(end).toMatchObject({ exitCode: 1, stdout: '' });
  expect(end.stderr).toContain("Line 1 of 'package.json' is no key");
  expect(await readFile(path.join(folder.path, 'package.json'), 'utf8')).toBe('{\n');
});

test.each([
  [['old'], "Unknown action 'old'."],
  [['new'], 'A key has one name'],
  [['new', 'a', 'b'], 'A key has one name'],
  [['new', 'a', '--scopes', 'read,write'], "'--scopes'"],
  [['new', 'a', '--days', '0'], "'--days'"],
])('%j is refused', (args, message) => {
  expect(() => parseKeysOptions(args)).toThrow(message);
});

test.each([[], ['-h'], ['--help'], ['new', '--help']])('%j asks for the help', (...args) => {
  expect(parseKeysOptions(args)).toBeNull();
});

test('a server with keys asks who calls, on any address', async () => {
  await using project = await createTypescriptProject();
  const cwd = project.path;
  const owner = keyIn(await run(['keys', 'new', 'ci', '--file', 'keys.jsonl'], cwd));
  const other = await run(['keys', 'new', 'grafana', '--scopes', 'read'], cwd);
  const [, line = ''] = /^For the server: (.*)$/m.exec(other.stdout) ?? [];
  const args = ['start', '--host', '0.0.0.0', '--port', '0', '--keys', 'keys.jsonl'];
  await using cli = startCli([...args, '--store', 'memory', '--rate', '1000'], {
    cwd,
    env: { KEDRO_SERVER_KEYS: line },
  });
  const url = (await cli.url).replace('0.0.0.0', '127.0.0.1');
  const list = ['runs', 'list', '--url', url];
  const refused = await run(list, cwd);
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  expect(refused.stderr).toContain(
    'Name a token that may do this with --token or KEDRO_SERVER_TOKEN.',
  );
  const headers = { authorization: `Bearer ${owner}`, 'content-type': 'application/json' };
  const submitted = await fetch(`${url}/runs`, { method: 'POST', headers, body: '{}' });
  const { id } = (await submitted.json()) as { id: string };
  expect((await run([...list, '--json', '--token', owner], cwd)).stdout).toContain(id);
  const others = await run([...list, '--json'], cwd, { KEDRO_SERVER_TOKEN: keyIn(other) });
  expect(others).toEqual({ exitCode: 0, signal: null, stdout: '', stderr: '' });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  cli.kill('SIGTERM');
  const { stderr } = await cli.ended;
  expect(stderr).not.toContain(owner);
});

test('a key that is taken out of the file, or put into it, counts without a start', async () => {
  await using project = await createTypescriptProject();
  const cwd = project.path;
  const file = path.join(cwd, 'keys.jsonl');
  const make = (name: string) => createKey({ name, scopes: ['read'] });
  const [taken, kept, added] = [await make('taken'), await make('kept'), await make('added')];
  const write = async (...lines: readonly unknown[]): Promise<void> =>
    writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await write(taken.stored, kept.stored);
  const options = ['--port', '0', '--keys', file, '--store', 'memory'];
  await using cli = startCli(['start', ...options], { cwd });
  const url = await cli.url;
  const statusFor = async ({ key }: { readonly key: string }): Promise<number> => {
    const response = await fetch(`${url}/runs`, { headers: { authorization: `Bearer ${key}` } });
    await response.body?.cancel();
    return response.status;
  };
  expect([await statusFor(taken), await statusFor(kept)]).toEqual([200, 200]);
  await write(kept.stored);
  await cli.log({ event: 'keys.read', count: 1 });
  expect([await statusFor(taken), await statusFor(kept)]).toEqual([401, 200]);
  await write(kept.stored, added.stored);
  await cli.log({ event: 'keys.read', count: 2 });
  expect([await statusFor(added), await statusFor(kept)]).toEqual([200, 200]);
  await write(kept.stored, added.key);
  const broken = await cli.log({ event: 'keys.unusable', msg: /^Line 2 of .* is no key/ });
  expect(JSON.stringify(broken)).not.toContain(added.key);
  expect([await statusFor(added), await statusFor(kept)]).toEqual([200, 200]);
  await rm(file);
  await cli.log({ event: 'keys.unusable', msg: /cannot be read/ });
  expect(await statusFor(kept)).toBe(200);
});

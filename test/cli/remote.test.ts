import { expect, test } from 'vitest';
import { serveChatty } from '../client/chatty-server.ts';
import { createClient } from '../../src/client/index.ts';
import { startStub } from '../executor/stub-server.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { startCli } from './cli-process.ts';

const args = ['start', '--port', '0', '--store', 'memory'];

test('start --remote serves what another server runs, and stops like any other', async () => {
  const behind = await serveChatty({ concurrency: 3 });
  await using folder = createTemporaryFolder();
  await using cli = startCli([...args, '--remote', behind.url], { cwd: folder.path });
  const url = await cli.url;
  const { outputs } = await createClient({ url }).run({
    inputs: { numbers: [4] },
    outputs: ['doubled'],
  });
  expect(outputs).toEqual({ doubled: [8] });
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ capacity: 3 });
  cli.kill('SIGTERM');
  const { exitCode, stdout } = await cli.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Serving Chatty on ${url} (by ${behind.url}, docs at`);
});

test('it sends the token of the environment, shows it nowhere, and waits for the server', async () => {
  const token = 'from-the-environment';
  const sent = new Set<string | undefined>();
  const behind = await startStub(({ headers }, response) => {
    sent.add(headers.authorization);
    response.writeHead(401).end('{"detail": "Not let in"}');
  });
  await using folder = createTemporaryFolder();
  await using cli = startCli([...args, '--remote', behind.url], {
    cwd: folder.path,
    env: { KEDRO_SERVER_REMOTE_TOKEN: token },
  });
  const line = await cli.log({ event: 'remote.unusable' });
  expect(line['msg']).toContain('does not let this server in (401): Not let in');
  const health = await fetch(`${await cli.url}/health`);
  expect(health.status).toBe(503);
  expect([...sent]).toEqual([`Bearer ${token}`]);
  cli.kill('SIGTERM');
  const { stdout, stderr } = await cli.ended;
  expect(stdout + stderr).not.toContain(token);
});

test.each([
  [['--reload'], '--reload'],
  [['--env', 'staging'], '--env'],
])('it has no use for %j', async (flags, name) => {
  await using folder = createTemporaryFolder();
  await using cli = startCli([...args, '--remote', 'http://127.0.0.1:1', ...flags], {
    cwd: folder.path,
  });
  const { exitCode, stderr } = await cli.ended;
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`Option '${name}' is for a project on this machine`);
});

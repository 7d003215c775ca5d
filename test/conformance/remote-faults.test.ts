import path from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

import type { Executor } from '../../src/executor/executor.ts';
import {
  createRemoteExecutor,
  type RemoteExecutorOptions,
} from '../../src/executor/remote-executor.ts';
import { serveChatty } from '../client/chatty-server.ts';
import { startCuttingProxy } from '../client/cutting-proxy.ts';
import { startStub } from '../executor/stub-server.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { startRemoteServers } from './remote-server-process.ts';
import { orderPipeline } from './run-order.ts';
import { runToEnd, watchRun } from './watched-run.ts';

const secret = 's3cret-token';
const nowhere = 'http://127.0.0.1:1';

function createRemote(options: RemoteExecutorOptions): Executor {
  const executor = createRemoteExecutor(options);
  onTestFinished(() => executor.close({ graceMs: 0 }));
  return executor;
}

/** A server process behind an address that stays when it is killed and started again. */
async function startRestartable(store?: string) {
  let url = nowhere;
  const proxy = await startCuttingProxy(
    () => url,
    () => null,
  );
  const start = async () => {
    const servers = startRemoteServers();
    onTestFinished(() => servers[Symbol.asyncDispose]());
    const made = await servers.ask({ ask: 'serve', workers: 2, ...(store && { store }) });
    ({ url } = made as { url: string });
    return servers;
  };
  return { url: proxy.url, start };
}

test('a server that is killed takes its runs with it, and that is said', async () => {
  const { url, start } = await startRestartable();
  const server = await start();
  const executor = createRemote({ url, concurrency: 1, lostAfterMs: 200, submitForMs: 200 });
  const run = watchRun(executor, orderPipeline('gate'));
  await run.event(({ type }) => type === 'node.started');
  server.kill();
  expect(await run.ended).toMatchObject({
    status: 'crashed',
    error: { type: 'RunLost', message: expect.stringContaining(`${url} cannot be reached`) },
  });
  // The place that it had is free again.
  expect((await runToEnd(executor, orderPipeline('memory'))).at(-1)).toMatchObject({
    status: 'failed',
    error: { type: 'RemoteError', message: expect.stringContaining('could not be submitted') },
  });
});

test.each(['in a file', 'in memory'])(
  'a server that is started again, with its runs %s, is asked what has become of a run',
  async (where) => {
    await using folder = createTemporaryFolder();
    const store = path.join(folder.path, 'runs.sqlite');
    const { url, start } = await startRestartable(where === 'in a file' ? store : undefined);
    const server = await start();
    const run = watchRun(createRemote({ url }), orderPipeline('gate'));
    await run.event(({ type }) => type === 'node.started');
    server.kill();
    await server.ended;
    await start();
    const message = where === 'in a file' ? /server ended while/ : /has lost it/;
    expect(await run.ended).toMatchObject({
      status: 'crashed',
      error: { type: 'RunLost', message: expect.stringMatching(message) },
    });
  },
  90_000,
);

test('a server that is not there is said to be so, and used once it is', async () => {
  let target = nowhere;
  const { url } = await startCuttingProxy(
    () => target,
    () => null,
  );
  const executor = createRemote({ url });
  const unreachable = { name: 'RemoteError', code: 'remote-unreachable' };
  await expect(executor.open()).rejects.toMatchObject(unreachable);
  await expect(executor.snapshot({ params: null })).rejects.toMatchObject(unreachable);
  expect((await runToEnd(executor, orderPipeline('memory'))).at(-1)).toMatchObject({
    status: 'failed',
    error: { type: 'RemoteError', message: expect.stringContaining(`${url} cannot be reached`) },
  });
  target = (await serveChatty()).url;
  expect(await executor.open()).toMatchObject({ projectName: 'Chatty' });
});

test('a server that does not answer is given up', async () => {
  const silent = await startStub(() => undefined);
  const executor = createRemote({ url: silent.url, answerWithinMs: 100 });
  await expect(executor.open()).rejects.toMatchObject({
    code: 'remote-unreachable',
    message: expect.stringContaining('no answer came within 100 ms'),
  });
});

test('a token that is wrong is said to be so, and never shown', async () => {
  const stub = await startStub(({ headers }, response) => {
    expect(headers.authorization).toBe(`Bearer ${secret}`);
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'unauthorized', detail: 'The token is not known.' }));
  });
  const error: unknown = await createRemote({ url: stub.url, token: secret })
    .open()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'remote-refused',
    message: expect.stringMatching(/\(401\): The token is not known\. Check the token/),
  });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
  for (const wrong of [{ token: `${secret}\n` }, { headers: { 'x-key': `${secret}\n\nx` } }]) {
    const refuse = (): Executor => createRemoteExecutor({ url: stub.url, ...wrong });
    expect(refuse).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
    expect(refuse).not.toThrow(secret);
  }
});

test('a redirect is not followed, so that the token goes nowhere else', async () => {
  const elsewhere = await startStub((_, response) => response.end('{}'));
  const stub = await startStub(({ url }, response) => {
    response.writeHead(307, { location: `${elsewhere.url}${url}` }).end();
  });
  const executor = createRemote({ url: stub.url, token: secret });
  await expect(executor.open()).rejects.toMatchObject({
    code: 'remote-refused',
    message: expect.stringContaining('redirect, which is not followed'),
  });
  expect((await runToEnd(executor, orderPipeline('memory'))).at(-1)).toMatchObject({
    status: 'failed',
  });
  expect(stub.requests()).toBeGreaterThan(1);
  expect(elsewhere.requests()).toBe(0);
});

test('an address that is none, or that has credentials, is refused without showing them', () => {
  for (const url of [
    'pipelines.example.org',
    'ftp://pipelines.example.org',
    `https://user:${secret}@pipelines.example.org`,
    `https://pipelines.example.org/?token=${secret}`,
  ]) {
    expect(() => createRemoteExecutor({ url })).toThrow(
      expect.objectContaining({
        code: 'settings-invalid',
        message: expect.not.stringContaining(secret),
      }),
    );
  }
  expect(() => createRemoteExecutor({ url: [] })).toThrow('empty');
  expect(() => createRemoteExecutor({ url: nowhere, concurrency: 0 })).toThrow('concurrency');
});

test('what is no server of pipelines is not taken for one', async () => {
  const stub = await startStub((_, response) => response.end('<html>Hello</html>'));
  await expect(createRemote({ url: stub.url }).open()).rejects.toMatchObject({
    code: 'remote-refused',
    message: expect.stringContaining('is no server of pipelines'),
  });
});

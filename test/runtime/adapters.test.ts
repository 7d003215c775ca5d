import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync } from 'node:fs';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { selfSigned } from './self-signed.ts';

const packages = path.resolve(import.meta.dirname, '../../node_modules');
const program = path.join(import.meta.dirname, 'adapter-server.ts');

/** Starts the program, which says one line after the other. */
function start(command: readonly string[], socketPath: string) {
  const [file = '', ...args] = command;
  const child = spawn(path.join(packages, file), [...args, program, socketPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[exitCode: number | null]>;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    ended,
    nextLine: async (): Promise<string> => String((await lines.next()).value),
  };
}

async function answerOf(request: ReturnType<typeof requestPlain>): Promise<unknown> {
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  return json(response);
}

describe.each([
  ['node', ['node/bin/node']],
  ['deno', ['.bin/deno', 'run', '--allow-all']],
  ['bun', ['.bin/bun']],
])('the adapter of %s', (runtime, command) => {
  let folder: TemporaryFolder;
  let socketPath: string;
  beforeEach(() => {
    folder = createTemporaryFolder();
    socketPath = path.join(folder.path, 'server.sock');
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  test('serves at a Unix socket and with TLS, and stops at a signal', async () => {
    const { child, ended, nextLine } = start(command, socketPath);
    const { socket, tls } = JSON.parse(await nextLine()) as { socket: string; tls: string };
    expect(socket).toBe(`unix:${socketPath}`);
    const bySocket = requestPlain({ socketPath, path: '/a?b=1', agent: false });
    expect(await answerOf(bySocket)).toEqual({ runtime, pathname: '/a' });
    const byTls = requestTls(`${tls}/c`, { ca: selfSigned.cert, agent: false });
    expect(await answerOf(byTls)).toEqual({ runtime, pathname: '/c' });

    const second = start(command, socketPath);
    expect(await second.nextLine()).toContain(`The socket '${socketPath}' is already in use.`);

    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(socketPath)).toBe(false);
  });

  test('takes the place of a socket whose process is gone; a second signal ends it at once', async () => {
    const other = createServer().listen(`${socketPath}-other`);
    await once(other, 'listening');
    linkSync(`${socketPath}-other`, socketPath);
    other.close();
    const { child, ended, nextLine } = start(command, socketPath);
    expect(await nextLine()).toContain(socketPath);
    const held = requestPlain({ socketPath, path: '/held', agent: false });
    const cut = once(held.end(), 'error');
    expect(await nextLine()).toBe('held');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    const [exitCode] = await ended;
    expect([130, 143]).toContain(exitCode);
    await cut;
  });
});

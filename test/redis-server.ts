import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

import { createTemporaryFolder } from './nodejs/temporary-folder.ts';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it at once, as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it has kept. */
  start(): Promise<void>;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a Redis of one's own, with its settings as they are on the command line. */
export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = createTemporaryFolder();
  const port = await findFreePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const basic = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''];
    const own = spawn('redis-server', [...basic, ...settings], { stdio: 'ignore' });
    child = own;
    const ended = once(own, 'exit').then(() => {
      throw new Error('The Redis that was started has ended.');
    });
    // When it is killed later, nobody waits for this.
    ended.catch(() => undefined);
    const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    try {
      await Promise.race([client.ping(), ended]);
    } finally {
      client.disconnect();
    }
  }

  async function kill(): Promise<void> {
    if (child === null) return;
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  try {
    await start();
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    url,
    kill,
    start,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

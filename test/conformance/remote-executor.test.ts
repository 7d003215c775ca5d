import { afterAll, beforeAll } from 'vitest';

import { createRemoteExecutor } from '../../src/executor/remote-executor.ts';
import { describeExecutor } from './executor-suite.ts';
import { type RemoteServerProcess, startRemoteServers } from './remote-server-process.ts';

let servers: RemoteServerProcess;
beforeAll(() => {
  servers = startRemoteServers();
});
afterAll(() => servers[Symbol.asyncDispose]());

describeExecutor('remote executor', {
  isRemote: true,
  create: async ({ workers, maxOutputBytes }) => {
    const made = await servers.ask({ ask: 'serve', workers, maxOutputBytes });
    const { url, server } = made as { url: string; server: number };
    const executor = createRemoteExecutor({ url, concurrency: workers });
    return {
      executor,
      gateParam: (name) => name,
      openGate: async (name) => void (await servers.ask({ ask: 'openGate', server, name })),
      readEcho: async (tenant) => {
        const path = `data/echo-${tenant}.json`;
        const echo = await servers.ask({ ask: 'readJson', server, path });
        return echo as { params: unknown; resolver: unknown };
      },
      addParameter: async (name) => void (await servers.ask({ ask: 'addParameter', server, name })),
      dispose: async () => {
        await executor.close();
        await servers.ask({ ask: 'close', server });
      },
    };
  },
});

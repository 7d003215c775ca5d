import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../src/adapters/node.ts';
import type { Principal } from '../src/door/principal.ts';
import { createShopServer } from '../test/http/shop-server.ts';
import { pythonEnvironment } from './python-env.ts';

const settings = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

const token = 'kds_check';

/** The servers that are tried, and how Schemathesis calls them. */
const servers = [
  { what: 'a server that asks nobody who calls', options: {}, args: [] },
  {
    what: 'a server that asks who calls',
    options: {
      auth: {
        authenticate: ({ headers }: Request): Principal | null =>
          headers.get('authorization') === `Bearer ${token}`
            ? { id: 'me', scopes: ['admin'] }
            : null,
      },
    },
    args: ['--header', `Authorization: Bearer ${token}`],
  },
];

/**
 * `npm run check:api [-- --max-examples N]`: serves a small project and lets Schemathesis send what
 * it finds in `/openapi.json`, well formed and not, and follow runs from one route to the next.
 * Whatever a route answers has to be in the document. Exits with 1 where something is not.
 */
async function main(args: readonly string[]): Promise<number> {
  const python = await pythonEnvironment('schemathesis', 'schemathesis');
  let failed = 0;
  for (const { what, options, args: own } of servers) {
    console.log(`\n${what}`);
    const unexpected: Error[] = [];
    const { app, openGate, mend, post } = createShopServer({
      ...options,
      onUnexpectedError: (error) => unexpected.push(error),
    });
    const headers = { prefer: 'wait=30', authorization: `Bearer ${token}` };
    openGate();
    await post('/runs', { pipeline_names: ['flaky'] }, headers);
    mend();
    await post('/runs', { outputs: ['sums'] }, headers);
    const server = await serve(app, { port: 0 });
    try {
      failed += await runSchemathesis(python, `${server.url}/openapi.json`, [...own, ...args]);
    } finally {
      await server.close();
    }
    for (const error of unexpected) console.error(error);
    failed += unexpected.length;
  }
  return failed > 0 ? 1 : 0;
}

async function runSchemathesis(
  python: string,
  url: string,
  args: readonly string[],
): Promise<number> {
  // It keeps a database of examples where it is started.
  const folder = await mkdtemp(join(tmpdir(), 'kedro-server-api-'));
  try {
    const command = ['-m', 'schemathesis.cli', '--config-file', settings, 'run', url];
    const child = spawn(python, [...command, '--continue-on-failure', ...args], {
      cwd: folder,
      stdio: 'inherit',
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));

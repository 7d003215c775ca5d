import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../src/adapters/node.ts';
import { createShopServer } from '../test/http/shop-server.ts';
import { pythonEnvironment } from './python-env.ts';

/** Kedro's own routes; their document is Kedro's, which does not list all that they answer. */
const kedros = '^/(run|snapshot|health)$';

interface Suite {
  readonly what: string;
  readonly args: readonly string[];
}

/**
 * `npm run check:api [-- --max-examples N]`: serves a small project and lets Schemathesis send what
 * it finds in `/openapi.json`, well formed and not, and follow runs from one route to the next.
 * Whatever a route answers has to be in the document. Exits with 1 where something is not.
 */
async function main(args: readonly string[]): Promise<number> {
  const python = await pythonEnvironment('schemathesis', 'schemathesis');
  const unexpected: Error[] = [];
  const { app, openGate, mend, runToEnd } = createShopServer({
    onUnexpectedError: (error) => unexpected.push(error),
  });
  openGate();
  await runToEnd({ pipeline_names: ['flaky'] });
  mend();
  await runToEnd({ outputs: ['sums'] });
  const server = await serve(app, { port: 0 });
  const suites: Suite[] = [
    {
      what: 'routes on runs',
      // A body may be well formed and name what the project does not have.
      args: ['--exclude-path-regex', kedros, '--exclude-checks', 'positive_data_acceptance'],
    },
    {
      what: "Kedro's routes",
      args: [
        '--include-path-regex',
        kedros,
        '--checks',
        'not_a_server_error,content_type_conformance,response_schema_conformance',
        '--phases',
        'examples,coverage,fuzzing',
      ],
    },
  ];
  try {
    let failed = 0;
    for (const { what, args: chosen } of suites) {
      console.log(`\n${what}`);
      failed += await runSchemathesis(python, `${server.url}/openapi.json`, [...chosen, ...args]);
    }
    for (const error of unexpected) console.error(error);
    return failed + unexpected.length > 0 ? 1 : 0;
  } finally {
    await server.close();
  }
}

async function runSchemathesis(
  python: string,
  url: string,
  args: readonly string[],
): Promise<number> {
  // It keeps a database of examples where it is started.
  const folder = await mkdtemp(join(tmpdir(), 'kedro-server-api-'));
  try {
    const command = ['-m', 'schemathesis.cli', 'run', url, '--continue-on-failure'];
    const child = spawn(python, [...command, ...args], { cwd: folder, stdio: 'inherit' });
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type * as Adapter from '../../src/adapters/node.ts';

/** What `serve` of the adapter named by the first argument does, as a line of JSON. */
const { serve } = (await import(`../../src/adapters/${process.argv[2]}.ts`)) as typeof Adapter;

const first = await serve({ fetch: () => new Response('first') }, { port: 0 });
const second = await serve({ fetch: () => new Response('second') }, { port: first.port }).then(
  () => 'shares it',
  (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
);
await first.close();

const asked = Promise.withResolvers<void>();
const silent = await serve(
  {
    fetch: () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  },
  { port: 0, lingerMs: 50 },
);
const script = `fetch('${silent.url}').catch(() => {})`;
const client = spawn(process.argv[3] ?? '', ['-e', script], { stdio: 'ignore' });
await asked.promise;
await silent.close();
await once(client, 'exit');
process.stdout.write(JSON.stringify({ second }));

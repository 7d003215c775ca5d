import path from 'node:path';
import { expect, test } from 'vitest';

import denoConfig from '../../deno.json' with { type: 'json' };
import { post } from './server-client.ts';
import { startServerProcess } from './server-process.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What `deno task start` does, without the process of its own that `deno task` is. */
const task = denoConfig.tasks.start;

test.each([
  ['Deno', task],
  ['Bun', 'node_modules/.bin/bun examples/flights/serve.ts'],
])('%s serves examples/flights, with DuckDB', async (_, command) => {
  const [file = '', ...args] = command.split(' ');
  await using server = await startServerProcess(
    path.join(root, file),
    args.map((arg) => (/^(?:examples|deno\.json)/.test(arg) ? path.join(root, arg) : arg)),
    (line) => line.replace('Serving on ', ''),
    { PORT: '0' },
  );
  const run = await post(`${server.url}/run`, {
    node_names: ['prepare.clean_airports'],
    params: { flights: '2k' },
  });
  expect(await run.json()).toMatchObject({ status: 'success' });
  expect(await server.stop()).toMatchObject({ exitCode: 0 });
});

import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { serve } from '../chaos/serve.ts';
import { kedroPython } from '../scripts/python-env.ts';
import { copyProject } from './measure.ts';
import type { PromiseRow } from './promises/promise-row.ts';
import { promiseRows } from './promises/rows.ts';
import { createContenders } from './servers.ts';

const project = join(import.meta.dirname, '../test/fixtures/faults-kedro');

/** Measures a row, on servers that are started for it and end with it. */
async function measure(row: PromiseRow, python: string): Promise<string> {
  await using started = new AsyncDisposableStack();
  const copy = async (): Promise<string> => {
    const folder = await copyProject(project);
    started.defer(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  const { kedro, ours } = await row.measure({
    copy,
    ours: async (folder, args = []) => {
      const server = started.use(await serve(folder, ['--python', python, ...args]));
      return { url: await server.url, process: server };
    },
    kedro: async () => {
      const projectPath = await copy();
      const running = await createContenders(python).kedro.start(projectPath);
      started.defer(() => running.stop());
      return { url: `http://127.0.0.1:${running.port}`, projectPath };
    },
  });
  return `| ${row.promise} | ${row.tried} | ${kedro ?? '–'} | ${ours} |`;
}

/** `npm run promises`: tries what is promised, on Kedro's server and on ours, and prints a table of it. */
async function main(asked: readonly string[]): Promise<void> {
  const python = await kedroPython('newest');
  const day = new Date().toISOString().slice(0, 10);
  console.log(
    `Measured on ${day}: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, Kedro 1.7.0\n`,
  );
  console.log("| Promise | What is tried | Kedro's server | kedro-server |");
  console.log('| --- | --- | --- | --- |');
  const wanted = promiseRows.filter(
    ({ promise }) => asked.length === 0 || asked.includes(promise.split('.')[0] ?? ''),
  );
  for (const row of wanted) console.log(await measure(row, python));
}

await main(process.argv.slice(2));

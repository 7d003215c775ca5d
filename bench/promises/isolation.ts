import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRequest, putLoad } from '../load.ts';
import type { PromiseRow } from './promise-row.ts';

const runs = 200;

async function countWrong(url: string, projectPath: string): Promise<string> {
  let sent = 0;
  await putLoad({
    port: Number(new URL(url).port),
    connections: 8,
    answers: runs,
    nextRequest: () => {
      sent += 1;
      const body = { pipeline_names: ['echo'], params: { tenant: `tenant-${sent}` } };
      return formatRequest('POST', '/run', JSON.stringify(body));
    },
  });
  let wrong = 0;
  for (let at = 1; at <= runs; at += 1) {
    const tenant = `tenant-${at}`;
    const path = join(projectPath, `data/echo-${tenant}.json`);
    const written: unknown = JSON.parse(await readFile(path, 'utf8').catch(() => 'null'));
    if (JSON.stringify(written) !== JSON.stringify({ params: tenant, resolver: tenant }))
      wrong += 1;
  }
  return `${wrong} of ${runs} files wrong or missing`;
}

/** No isolation between requests: kedro-org/kedro issues 5392 and 5660. */
export const isolation: PromiseRow = {
  promise: '1. Isolation',
  tried: '200 runs, each with its own parameter, which names its file and is in it, 8 clients',
  async measure({ copy, ours, kedro }) {
    const theirs = await kedro();
    const kedros = await countWrong(theirs.url, theirs.projectPath);
    const folder = await copy();
    return { kedro: kedros, ours: await countWrong((await ours(folder)).url, folder) };
  },
};

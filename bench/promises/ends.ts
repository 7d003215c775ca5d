import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { count, post, type PromiseRow } from './promise-row.ts';

const runs = 8;

async function childrenOf(pid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) !== pid) continue;
    found.push(Number(name), ...(await childrenOf(Number(name))));
  }
  return found;
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

/** That it keeps no history is in the documentation of Kedro's server. */
export const ends: PromiseRow = {
  promise: '3. Ends',
  tried: 'the server is killed with SIGKILL with eight runs accepted, and started again',
  async measure({ copy, ours, kedro }) {
    const { url: theirs } = await kedro();
    const { status } = await fetch(`${theirs}/runs`);
    const folder = await copy();
    const first = await ours(folder, ['--workers', '2']);
    const ids: string[] = [];
    for (let at = 0; at < runs; at += 1) {
      const body = { pipeline_names: ['sleep'], params: { seconds: 1 } };
      const answer = await post(`${first.url}/runs`, body);
      ids.push(((await answer.json()) as { readonly id: string }).id);
    }
    const children = await childrenOf(first.process.pid);
    first.process.kill('SIGKILL');
    await first.process.ended;
    const beganAt = performance.now();
    while ((await Promise.all(children.map(isAlive))).some(Boolean)) await delay(20);
    const goneMs = Math.round(performance.now() - beganAt);
    const { url } = await ours(folder, ['--workers', '2']);
    const states = await Promise.all(
      ids.map(async (id) => {
        const shown = await fetch(`${url}/runs/${id}?wait=60`);
        return ((await shown.json()) as { readonly status: string }).status;
      }),
    );
    return {
      kedro: `keeps no history (\`GET /runs\`: ${status})`,
      ours: `its ${children.length} processes gone after ${goneMs} ms; then, of 8 accepted: ${count(states)}`,
    };
  },
};

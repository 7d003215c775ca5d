import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { post, type PromiseRow } from './promise-row.ts';

const runs = 60;

interface Shown {
  readonly id: string;
  readonly status: string;
}

export const disk: PromiseRow = {
  promise: '10. Disk',
  tried:
    'the server is killed with SIGKILL in the middle of 60 runs that save a file each, and started again',
  async measure({ copy, ours }) {
    const folder = await copy();
    const first = await ours(folder, ['--workers', '2']);
    const ids: string[] = [];
    for (let at = 0; at < runs; at += 1) {
      const body = { pipeline_names: ['echo'], params: { tenant: `run-${at}` } };
      ids.push(((await (await post(`${first.url}/runs`, body)).json()) as Shown).id);
    }
    await (await fetch(`${first.url}/runs/${ids[runs / 6]}?wait=60`)).arrayBuffer();
    first.process.kill('SIGKILL');
    await first.process.ended;
    const { url } = await ours(folder, ['--workers', '2']);
    const before: string[] = [];
    let succeeded = 0;
    for (const [at, id] of ids.entries()) {
      const { status } = (await (await fetch(`${url}/runs/${id}?wait=60`)).json()) as Shown;
      if (status !== 'succeeded') {
        before.push(status);
        continue;
      }
      succeeded += 1;
      const text = await readFile(join(folder, `data/echo-run-${at}.json`), 'utf8').catch(() => '');
      if (!text.includes(`run-${at}`)) before.push('succeeded without its file');
    }
    return {
      kedro: null,
      ours: `${succeeded} succeeded, with their files whole; the rest: ${before.join(', ') || 'none'}`,
    };
  },
};

import { processMegabytes } from './process-megabytes.ts';
import { post, type PromiseRow } from './promise-row.ts';

export const talking: PromiseRow = {
  promise: '5. Talking to workers',
  tried: 'a node writes 64 MB to its standard output, half of it past Python’s streams',
  async measure({ copy, ours }) {
    const { url, process: server } = await ours(await copy(), ['--workers', '1']);
    await (await post(`${url}/run`, {})).arrayBuffer();
    const before = await processMegabytes(server.pid);
    const body = { pipeline_names: ['flood'], params: { megabytes: 64 } };
    const answer = await post(`${url}/runs`, body, { prefer: 'wait=60' });
    const ended = (await answer.json()) as { readonly id: string; readonly status: string };
    const log = await (await fetch(`${url}/runs/${ended.id}/logs`)).text();
    const grown = Math.max(0, Math.round((await processMegabytes(server.pid)) - before));
    const cut = /[^\n]*(?:cut|dropped|left out)[^\n]*/i.exec(log.slice(-2000))?.[0] ?? '';
    const kept = (log.length / 2 ** 20).toFixed(1);
    return {
      kedro: null,
      ours: `${ended.status}; ${kept} MiB of log kept${cut === '' ? '' : ', and the rest counted'}; the server's memory grew by ${grown} MiB`,
    };
  },
};

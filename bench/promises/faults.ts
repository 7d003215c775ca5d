import { count, type PromiseRow, run } from './promise-row.ts';

const rounds = 10;

export const faults: PromiseRow = {
  promise: '2. Faults',
  tried: 'ten times: a node kills its process with SIGKILL while another run goes on beside it',
  async measure({ copy, ours }) {
    const { url } = await ours(await copy(), ['--workers', '2']);
    const killed: string[] = [];
    const others: string[] = [];
    let longestMs = 0;
    for (let round = 0; round < rounds; round += 1) {
      const other = run(url, { pipeline_names: ['sleep'], params: { seconds: 0.3 } });
      const { error, ms } = await run(url, { pipeline_names: ['kill'] });
      longestMs = Math.max(longestMs, ms);
      killed.push(error?.type ?? 'no error');
      others.push((await other).status ?? '');
    }
    return {
      kedro: null,
      ours: `killed: ${count(killed)}, told within ${longestMs} ms; beside it: ${count(others)}`,
    };
  },
};

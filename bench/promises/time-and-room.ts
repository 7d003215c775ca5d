import { count, type PromiseRow, run } from './promise-row.ts';

const runs = 40;

async function flood(url: string) {
  const body = { pipeline_names: ['sleep'], params: { seconds: 0.2 } };
  const answers = await Promise.all(Array.from({ length: runs }, () => run(url, body)));
  const refused = answers.filter(({ response }) => response.status !== 200);
  const retryAfter = refused.filter(({ response }) => response.headers.has('retry-after')).length;
  return {
    statuses: count(answers.map(({ response }) => response.status)),
    retryAfter,
    refusedMs: Math.max(0, ...refused.map(({ ms }) => ms)),
  };
}

/** That it has no queue is in the documentation of Kedro's server. */
export const timeAndRoom: PromiseRow = {
  promise: '4. Time and room',
  tried: '40 runs of 0.2 s at once; ours has two workers and room for twelve that wait',
  async measure({ copy, ours, kedro }) {
    const { statuses } = await flood((await kedro()).url);
    const limits = ['--workers', '2', '--max-waiting', '12'];
    const { url } = await ours(await copy(), limits);
    let slowestMs = 0;
    const done = new AbortController();
    const watch = (async () => {
      while (!done.signal.aborted) {
        const beganAt = performance.now();
        await (await fetch(`${url}/livez`)).arrayBuffer();
        slowestMs = Math.max(slowestMs, performance.now() - beganAt);
      }
    })();
    const answer = await flood(url);
    done.abort();
    await watch;
    return {
      kedro: `has no queue: ${statuses}`,
      ours: `${answer.statuses}; refused within ${answer.refusedMs} ms, ${answer.retryAfter} with \`Retry-After\`; \`/livez\` meanwhile within ${Math.ceil(slowestMs)} ms`,
    };
  },
};

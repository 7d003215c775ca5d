import { post, type PromiseRow } from './promise-row.ts';

const secret = 'hunter2';

export const secrets: PromiseRow = {
  promise: '9. Secrets',
  tried: 'a node fails with a URL that has a password in it, and `params` have a password',
  async measure({ copy, ours }) {
    const { url, process: server } = await ours(await copy(), ['--workers', '1']);
    const body = { pipeline_names: ['secret_error'], params: { password: secret } };
    const kedros = await (await post(`${url}/run`, body)).text();
    const answer = await post(`${url}/runs`, body, { prefer: 'wait=60' });
    const shown = await answer.text();
    const { id } = JSON.parse(shown) as { readonly id: string };
    const events = await (await fetch(`${url}/runs/${id}/events`)).text();
    const logs = await (await fetch(`${url}/runs/${id}/logs`)).text();
    const list = await (await fetch(`${url}/runs`)).text();
    server.kill('SIGTERM');
    const { stdout, stderr } = await server.ended;
    const places = [kedros, shown, events, logs, list, stdout + stderr];
    const found = places.filter((text) => text.includes(secret)).length;
    return {
      kedro: null,
      ours: `in ${found} of ${places.length} places: both answers, the events, the logs, the list, the server's own log`,
    };
  },
};

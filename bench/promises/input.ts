import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { post, type PromiseRow } from './promise-row.ts';

const odd = '{"f":1.0,"n":12345678901234567890,"z":-0.0,"e":1e2,"__proto__":{"x":1}}';

export const input: PromiseRow = {
  promise: '6. Input',
  tried: 'a body of 2 MiB, one of 100,000 levels, one that is no JSON by its type; odd parameters',
  async measure({ copy, ours }) {
    const folder = await copy();
    const { url } = await ours(folder, ['--workers', '1']);
    const status = async (body: string, headers = {}): Promise<number> => {
      const answer = await post(`${url}/run`, body, headers);
      await answer.arrayBuffer();
      return answer.status;
    };
    const large = await status(' '.repeat(2 * 2 ** 20));
    const deep = await status('['.repeat(100_000));
    const typed = await status('{}', { 'content-type': 'text/plain' });
    await status(`{"pipeline_names":["describe"],"params":${odd}}`);
    const seen = await readFile(join(folder, 'data/parameters.json'), 'utf8').catch(() => '');
    const isExact = ['12345678901234567890', '1.0', '-0.0', '100.0', '__proto__'].every((text) =>
      seen.includes(text),
    );
    return {
      kedro: null,
      ours: `${large}, ${deep}, ${typed}; the parameters ${isExact ? 'arrive as they were sent' : `arrive as ${seen.slice(0, 80)}`}`,
    };
  },
};

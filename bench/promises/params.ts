import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PromiseRow, run } from './promise-row.ts';

const interpolation = '${oc.env:HOME}';

export const params: PromiseRow = {
  promise: '8. What params may do',
  tried:
    'a parameter that is part of a path leads out of the project; one is text that looks like interpolation',
  async measure({ copy, ours }) {
    const folder = await copy();
    const { url } = await ours(folder, ['--workers', '1']);
    const echo = (tenant: string) => run(url, { pipeline_names: ['echo'], params: { tenant } });
    const out = await echo('/../../../outside');
    const wrote = existsSync(join(dirname(folder), 'outside.json'));
    await run(url, { pipeline_names: ['describe'], params: { note: interpolation } });
    const seen = await readFile(join(folder, 'data/parameters.json'), 'utf8').catch(() => '');
    const text = seen.includes(interpolation) ? 'reaches the node as it was sent' : 'was changed';
    return {
      kedro: null,
      ours: `${out.status} (\`${out.error?.type}\`), ${wrote ? 'a file' : 'no file'} outside; the text ${text}`,
    };
  },
};

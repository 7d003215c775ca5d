import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createKey } from '../../src/door/stored-key.ts';
import { startCli } from '../../test/cli/cli-process.ts';
import { post, type PromiseRow } from './promise-row.ts';

function statusAs(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/snapshot`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** That it asks nobody who calls is in the documentation of Kedro's server. */
export const who: PromiseRow = {
  promise: '7. Who may',
  tried: 'a run without a key; then what else is asked of a request',
  async measure({ copy, ours, kedro }) {
    const theirs = await post(`${(await kedro()).url}/run`, {});
    const folder = await copy();
    const { key, stored } = await createKey({ name: 'ci', scopes: ['read', 'run'] });
    await writeFile(join(folder, 'keys.jsonl'), `${JSON.stringify(stored)}\n`);
    const { url } = await ours(folder, ['--workers', '1', '--keys', join(folder, 'keys.jsonl')]);
    const without = await post(`${url}/run`, {});
    const withKey = await post(`${url}/run`, {}, { authorization: `Bearer ${key}` });
    const host = await statusAs(url, { host: 'evil.example' });
    const page = await statusAs(url, {
      origin: 'http://localhost:1',
      'sec-fetch-site': 'same-site',
    });
    await using open = startCli(['start', '--host', '0.0.0.0', '--port', '0'], { cwd: folder });
    open.url.catch(() => {});
    const { exitCode } = await open.ended;
    return {
      kedro: `has no authentication: ${theirs.status}`,
      ours: `${without.status}, with a key ${withKey.status}; by another name ${host}; from another page ${page}; on \`0.0.0.0\` without keys it ends with code ${exitCode}`,
    };
  },
};

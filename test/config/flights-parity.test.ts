import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { createConfigLoader } from '../../src/config/config-loader.ts';
import { createDiskConfigSource } from '../../src/nodejs/disk-config-source.ts';
import { startKedroOracle } from './kedro-oracle.ts';
import { loadOurs, toOutcome } from './load-case.ts';

const conf = fileURLToPath(new URL('../../examples/flights-kedro/conf', import.meta.url));
const kinds = ['catalog', 'parameters', 'credentials', 'globals'];

describe.skipIf(inject('pythonMissing') !== null)('the flights example', () => {
  it.each([
    ['base', {}],
    ['local', { flights: '2k' }],
    ['staging', {}],
  ])('has the same configuration in %s as with Kedro', async (env, runtimeParams) => {
    const source = createDiskConfigSource(conf);
    const paths = ((await source.listFiles('')) ?? []).filter((path) => !path.endsWith('.gitkeep'));
    const texts = await Promise.all(paths.map(async (path) => [path, await source.readText(path)]));
    const files = { 'local/a.txt': '', ...Object.fromEntries(texts) };
    const environment = { FLIGHTS_TOKEN: 'token' };
    const one = { files, kinds, env, runtimeParams, environment };
    const oracle = await startKedroOracle();
    const theirs = await oracle.load(one);
    await oracle.close();
    const ours = await Promise.all(kinds.map((kind) => loadOurs(one, kind)));
    expect(ours.map(({ value, type }) => value ?? type)).toEqual(
      theirs.map((answer) => toOutcome(answer)).map(({ value, type }) => value ?? type),
    );
  });

  it('reads the same from disk', async () => {
    const source = createDiskConfigSource(conf);
    const loader = createConfigLoader({ source, env: 'staging', environment: {} });
    expect(Object.keys(await loader.load('catalog')).length).toBeGreaterThan(3);
    const none = createConfigLoader({ source, env: 'nowhere' });
    await expect(none.load('catalog')).rejects.toThrow(/no configuration folder "nowhere"/);
  });
});

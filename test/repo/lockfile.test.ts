import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { root } from './source-files.ts';

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
});
const lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: versions })),
});

test('dependencies are pinned', () => {
  const { dependencies, devDependencies } = manifest.parse(
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
  );
  const pinned = /^(?:npm:node@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !pinned.test(version),
  );
  expect(loose).toEqual([]);
});

test('peers whose versions are all prereleases, as those of DuckDB, can be installed', () => {
  const { devDependencies, peerDependencies } = manifest.parse(
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
  );
  const peers = Object.entries(peerDependencies).filter(([name]) =>
    devDependencies[name]?.includes('-'),
  );
  // No other range admits prereleases of more than one version.
  expect(peers).toEqual([['@duckdb/node-api', '*']]);
});

test('the lock file knows the binaries of every platform, or npm ci refuses it', () => {
  const { packages } = lock.parse(
    JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')),
  );
  const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  const missing = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies).filter((name) => !locked.has(name)),
  );
  expect(missing).toEqual([]);
});

import { expect, test } from 'vitest';

import { runTool } from './run-tool.ts';
import { createScratchFolder } from './scratch-folder.ts';

/** Files of a seeded `src/` with an import line each, and whether the linter has to refuse it. */
const seeds: readonly (readonly [file: string, line: string, refused: boolean])[] = [
  ['contract/own-package.ts', `import { z } from 'zod';`, false],
  ['contract/other-package.ts', `import { Hono } from 'hono';`, true],
  ['contract/builtin.ts', `import { readFileSync } from 'node:fs';`, true],
  ['contract/open-room.ts', `import { a } from '../errors.ts';`, false],
  ['contract/closed-room.ts', `import { a } from '../http/a.ts';`, true],
  ['contract/closed-type.ts', `import type { a } from '../project/a.ts';`, true],
  ['http/routes/open-room.ts', `import { a } from '../../run/a.ts';`, false],
  ['http/routes/closed-room.ts', `import { a } from '../../kedro/a.ts';`, true],
  ['http/routes/dynamic.ts', `await import('../../cli/a.ts');`, true],
  ['index.ts', `export { a } from './http/a.ts';`, false],
  ['errors.ts', `export { a } from './http/a.ts';`, true],
  ['kedro/builtin.ts', `import { spawn } from 'node:child_process';`, false],
  ['kedro/closed-room.ts', `import { a } from '../http/a.ts';`, true],
  ['adapters/workers.ts', `import { a } from '../kedro/a.ts';`, true],
  ['adapters/node.ts', `import { a } from '../kedro/a.ts';`, false],
];

test('the linter refuses the imports that a fence forbids, and only those', async () => {
  using scratch = createScratchFolder({
    'oxlint.config.ts': `export { default } from '../../oxlint.config.ts';`,
    'tsconfig.json': `{ "extends": "../../tsconfig.json", "include": ["src"] }`,
    ...Object.fromEntries(seeds.map(([file, line]) => [`src/${file}`, `${line}\n`])),
  });
  // Named one by one, because .cache/ is ignored.
  const files = seeds.map(([file]) => `src/${file}`);
  const { output } = await runTool('oxlint', ['--format', 'unix', ...files], { cwd: scratch.path });
  const refused = output
    .split('\n')
    .flatMap((line) => /^src\/(.+?):.*\(no-restricted-imports\)/.exec(line)?.[1] ?? []);
  expect(refused.toSorted()).toEqual(
    seeds.flatMap(([file, , isRefused]) => (isRefused ? [file] : [])).toSorted(),
  );
});

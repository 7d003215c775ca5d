import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promiseRows } from '../../bench/promises/rows.ts';
import { root } from './source-files.ts';

test('docs/promises.md has a row for each that npm run promises measures', async () => {
  const text = await readFile(join(root, 'docs/promises.md'), 'utf8');
  const [, table = ''] = text.split('| Promise ');
  const rows = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, 4)
      .map((cell) => cell.trim()),
  );
  const isAlone = cells.map(([, , kedro]) => kedro === '–');
  expect(cells.map(([promise, tried]) => [promise, tried])).toEqual(
    promiseRows.map(({ promise, tried }) => [promise, tried]),
  );
  expect(isAlone.filter(Boolean)).toHaveLength(6);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits, readDefault, showDefault } from './limits.ts';
import { root } from './source-files.ts';

test('docs/operations.md has every limit with the default that is in the code', async () => {
  const text = await readFile(join(root, 'docs/operations.md'), 'utf8');
  const [, table = ''] = text.split('| Limit ');
  const rows = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  const shown = rows.map((row) =>
    row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.trim()),
  );
  const read = limits.map(async (limit) => {
    const source = await readFile(join(root, limit.file), 'utf8');
    return [limit.what, showDefault(readDefault(source, limit), limit.unit)];
  });
  const withoutLimit = shown.filter(([, amount]) => amount === 'none');
  expect(shown.filter(([, amount]) => amount !== 'none')).toEqual(await Promise.all(read));
  expect(withoutLimit.map(([what]) => what)).toEqual([
    'requests a minute of a caller',
    'open runs of a caller',
    'time of a run',
    'memory of a worker after a run',
  ]);
});

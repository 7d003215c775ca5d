import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

import { deviations } from './cases/deviations.ts';

it('docs/parity.md lists every deviation', async () => {
  const text = await readFile(new URL('../../docs/parity.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | +\|$/g, '').trim()));
  const listed = rows.filter(([when]) => when !== 'When' && !when?.startsWith('---'));
  expect(listed).toEqual(deviations.map(({ when, ours, reason }) => [when, ours, reason]));
});

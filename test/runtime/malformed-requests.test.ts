import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { malformedRequests } from './malformed-requests.ts';

test('docs/security.md lists every malformed request with its answers', async () => {
  const text = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const [, table = ''] = text.split('| A request with ');
  const rows = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  const show = (status = 400): string => (status === 0 ? 'closed' : String(status));
  expect(cells.map(([, ...row]) => row.slice(0, 5))).toEqual(
    malformedRequests.map(({ name, Deno, Bun, workerd }) => [
      name,
      '400',
      show(Deno),
      show(Bun),
      show(workerd),
    ]),
  );
});

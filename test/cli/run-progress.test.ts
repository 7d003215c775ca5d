import { expect, test } from 'vitest';
import { createRunProgress, type ProgressStream } from '../../src/cli/run-progress.ts';
import type { RunEvent, RunLog } from '../../src/executor/run-event.ts';

function log(changes: Partial<RunLog>): RunLog {
  return {
    type: 'log',
    elapsedMs: 1,
    level: 'info',
    logger: null,
    source: 'stdout',
    message: 'hello',
    node: null,
    ...changes,
  };
}

const events: readonly RunEvent[] = [
  { type: 'run.started', elapsedMs: 0 },
  { type: 'run.planned', elapsedMs: 1, nodes: ['first', 'second'] },
  { type: 'node.started', elapsedMs: 2, node: 'first' },
  log({ node: 'first', message: 'one\ntwo\n' }),
  log({ level: 'warning', logger: 'kedro.io', source: 'logging', message: 'old' }),
  log({ logger: 'kedro.io', source: 'logging', message: 'Loading data …' }),
  log({ level: 'debug', logger: 'own', source: 'logging' }),
  log({ logger: 'own', source: 'logging' }),
  { type: 'node.finished', elapsedMs: 3, node: 'first', durationMs: 1234.5 },
  { type: 'node.started', elapsedMs: 4, node: 'second' },
  { type: 'node.failed', elapsedMs: 5, node: 'second', error: { type: 'E', message: 'a\nb' } },
];

const lines = [
  'Running 2 nodes',
  '    first | one',
  '    first | two',
  '    kedro.io | WARNING old',
  '    own | hello',
  '  ✓ [1/2] first  1.23 s',
  '  ✗ [1/2] second: E: a',
];

function show(terminal: Omit<ProgressStream, 'write'>): string {
  let written = '';
  {
    using progress = createRunProgress({ ...terminal, write: (text) => (written += text) });
    for (const event of events) progress.show(event);
  }
  return written;
}

test('in a pipe there are whole lines only', () => {
  expect(show({})).toBe(lines.map((line) => `${line}\n`).join(''));
});

test('a terminal keeps the same lines, and has what is running below them', () => {
  const erase = '\r\u001B[2K';
  const written = show({ isTTY: true, columns: 30 });
  const kept = written.split('\n').map((line) => line.split(erase).at(-1));
  expect(kept).toEqual([...lines, '']);
  expect(written).toContain('  … [0/2] first 0.0');
  expect(written.endsWith('\n')).toBe(true);
  for (const line of written.replaceAll(erase, '\n').split('\n')) {
    expect(line.length).toBeLessThan(31);
  }
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { KedroServerError } from '../../src/errors.ts';
import {
  parseHello,
  parseSupervisorMessage,
  parseWorkerMessage,
  protocolVersion,
} from '../../src/kedro/protocol.ts';

const parsers = [parseHello, parseSupervisorMessage, parseWorkerMessage];
const elapsedMs = 1.5;
const error = { type: 'ValueError', message: 'no' };
const failure = { ...error, traceback: 'Traceback' };
const timed = { elapsedMs, durationMs: 0 };
const line = {
  elapsedMs,
  level: 'info',
  logger: null,
  source: 'stdout',
  message: '\udc80',
  node: null,
};

test('both sides speak the same version', async () => {
  const file = join(import.meta.dirname, '../../python/kedro_server_worker/__init__.py');
  expect(await readFile(file, 'utf8')).toContain(`PROTOCOL = ${protocolVersion}\n`);
});

test.each([
  { type: 'hello', role: 'supervisor', protocol: 1, python: '/python', kedro: null },
  { type: 'hello', role: 'worker', protocol: 1, worker: 1, pid: 1 },
  { type: 'hello', role: 'lifeline', protocol: 1 },
])('a hello is read: %o', (message) => {
  expect(parseHello(message)).toEqual(message);
});

test.each([
  { type: 'loaded', threads: ['a'] },
  { type: 'failed', error: failure },
  { type: 'started', worker: 1, pid: 2 },
  { type: 'ended', worker: 1, code: -9, peakBytes: 0, output: '' },
  { type: 'cut', worker: 1, bytes: 1 },
])('a message of the supervisor is read: %o', (message) => {
  expect(parseSupervisorMessage(message)).toEqual(message);
});

test.each([
  {
    type: 'ready',
    project: {
      projectName: 'a',
      packageName: 'b',
      kedroVersion: '1',
      runners: ['SequentialRunner'],
    },
    broken: failure,
  },
  { type: 'failed', error: failure },
  { type: 'heartbeat', rss: 1 },
  { type: 'idle', rss: 1 },
  { type: 'snapshot', request: 1, error: failure },
  ...[
    { type: 'run.started', elapsedMs },
    { type: 'run.planned', elapsedMs, nodes: [] },
    { type: 'node.started', elapsedMs, node: 'a' },
    { type: 'node.finished', ...timed, node: 'a' },
    { type: 'node.failed', elapsedMs, node: 'a', error },
    { type: 'dataset.loaded', ...timed, dataset: 'd', node: 'a' },
    { type: 'dataset.saved', ...timed, dataset: 'd', node: 'a' },
    { type: 'log', ...line },
    { type: 'run.ended', ...timed, status: 'failed', error },
  ].map((event) => ({ type: 'events', run: 1, events: [event] })),
])('a message of a worker is read: %o', (message) => {
  expect(parseWorkerMessage(message)).toEqual(message);
});

test.each([
  null,
  {},
  { type: 'hello', role: 'worker', protocol: 2, worker: 1, pid: 1 },
  { type: 'hello', role: 'worker', protocol: 1, worker: 1, pid: -1 },
  { type: 'ended', worker: 1, code: 0.5, peakBytes: 0, output: '' },
  { type: 'events', run: 1, events: [{ type: 'run.started', elapsedMs: -1 }] },
  {
    type: 'events',
    run: 1,
    events: [{ type: 'run.ended', ...timed, status: 'crashed', error: null }],
  },
  { type: 'events', run: 1, events: [{ type: 'log', ...line, level: 'loud' }] },
  { type: 'events', run: 1, events: [{ type: 'unheard.of', elapsedMs }] },
])('what is no message is refused: %o', (message) => {
  for (const parse of parsers) expect(() => parse(message)).toThrow(KedroServerError);
});

test('whatever comes is read or refused', () => {
  fc.assert(
    fc.property(fc.anything(), (message) => {
      for (const parse of parsers) {
        try {
          parse(message);
        } catch (reason) {
          expect(reason).toMatchObject({ code: 'protocol-violation' });
        }
      }
    }),
  );
});

import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';

import { toFrame } from '../../src/kedro/frames.ts';
import { openWorkerSocket, type WorkerSocket } from '../../src/kedro/worker-socket.ts';
import { createWorker, type WorkerControl } from '../../src/kedro/worker.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { stepsOf } from '../conformance/watched-run.ts';

const killed = { code: -9, peakBytes: null, output: '' };

interface Pair extends AsyncDisposable {
  readonly control: WorkerControl;
  /** The worker's end. */
  readonly process: Socket;
}

/** A worker, and the other end of its connection. */
async function connectWorker(): Promise<Pair> {
  const control = createWorker(1, 10);
  const connected = Promise.withResolvers<void>();
  const violations: unknown[] = [];
  const socket: WorkerSocket = await openWorkerSocket(
    (peer) => {
      control.connected(peer.socket);
      peer.listen((message) => control.receive(message));
      connected.resolve();
    },
    (error) => violations.push(error),
  );
  const process = connect(socket.path);
  process.on('error', () => {});
  process.resume();
  process.write(toFrame({ type: 'hello', role: 'worker', protocol: 1, worker: 1, pid: 1 }));
  await connected.promise;
  return {
    control,
    process,
    async [Symbol.asyncDispose]() {
      process.destroy();
      await socket.close();
    },
  };
}

test('what was sent before the end counts, though the end is known first', async () => {
  await using pair = await connectWorker();
  const run = pair.control.worker.run(createRunOrder());
  const events = Array.fromAsync(run.events);
  pair.control.finished(killed);
  expect(pair.control.worker.alive).toBe(false);
  pair.process.end(
    toFrame({
      type: 'events',
      run: 1,
      events: [
        { type: 'run.started', elapsedMs: 0 },
        { type: 'node.started', elapsedMs: 1, node: 'a' },
      ],
    }),
  );
  expect(stepsOf(await events)).toEqual(['run.started', 'node.started a', 'run.ended crashed']);
});

test('an end is an end though someone keeps the connection', async () => {
  await using pair = await connectWorker();
  const run = pair.control.worker.run(createRunOrder());
  pair.control.finished(killed);
  expect(await pair.control.worker.ended).toEqual(killed);
  await run.done;
  expect(run.lost).not.toBeNull();
  const late = pair.control.worker.run(createRunOrder());
  await late.done;
  expect(late.lost).not.toBeNull();
});

test('events of another run are not this one’s', async () => {
  await using pair = await connectWorker();
  pair.control.worker.run(createRunOrder());
  const run = pair.control.worker.run(createRunOrder());
  const started = { type: 'run.started', elapsedMs: 0 };
  for (const number of [1, 2]) {
    pair.process.write(toFrame({ type: 'events', run: number, events: [started] }));
  }
  pair.process.write(toFrame({ type: 'idle', rss: 5 }));
  await run.done;
  expect(stepsOf(await Array.fromAsync(run.events))).toEqual(['run.started', 'run.ended crashed']);
  expect(pair.control.worker.residentBytes).toBe(5);
});

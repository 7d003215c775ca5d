import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';

const module = String.raw`
import os
import socket
import time


def write_to_sockets(data):
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                os.write(int(name), data)
        except OSError:
            pass
    time.sleep(1000)


def garbage(numbers):
    """Read as a length, its start would be 16 MiB that never come."""
    write_to_sockets(b"\1\0\0\0" + os.urandom(100))


def text(numbers):
    write_to_sockets(b"hello\n")


def unknown_message(numbers):
    body = b'{"type": "events", "run": 1, "events": [{"type": "run.ended", "elapsedMs": -1}]}'
    write_to_sockets(b"\0KS1" + len(body).to_bytes(4, "big") + body)


def no_json(numbers):
    write_to_sockets(b"\0KS1\0\0\0\4\xff\xff\xff\xff")


def over_the_limit(numbers):
    write_to_sockets(b"\0KS1\xff\xff\xff\xff")


def close_all(numbers):
    os.closerange(3, 1000)
    time.sleep(1000)


def send_to_run(numbers):
    """Where the processes of a ParallelRunner send their events."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as junk:
        for data in (b"", b"junk", b"\xff", b"[]", b"{}", b"1", b'{"type": 1}', b'{"type": "log"}', b'{"type": "log", "level": 1}'):
            junk.sendto(data, os.environ["KEDRO_SERVER_RUN"])
    print("sent")
`;

describe.skipIf(inject('pythonMissing') !== null)(
  'a node that writes into the worker’s connection',
  () => {
    let kedro: OpenProject;
    beforeAll(async () => {
      kedro = await openProject({ prepare: async (project) => addNodes(project, module) });
      await kedro.executor.open();
    });
    afterAll(() => kedro[Symbol.asyncDispose]());

    test.each(['garbage', 'text', 'unknown_message', 'no_json', 'over_the_limit', 'close_all'])(
      'loses its worker, and that only: %s',
      async (pipeline) => {
        const neighbour = await kedro.hold();
        const startedAt = performance.now();
        const events = await runToEnd(kedro.executor, orderPipeline(pipeline));
        expect(performance.now() - startedAt).toBeLessThan(20_000);
        expect(events.at(-1)).toMatchObject({
          status: 'crashed',
          error: { type: 'WorkerCrashed' },
        });
        expect(stepsOf(neighbour.events)).not.toContain('run.ended crashed');
        await neighbour.release();
        expect(await neighbour.ended).toMatchObject({ status: 'succeeded' });
        const next = await runToEnd(kedro.executor, orderPipeline('memory'));
        expect(next.at(-1)).toMatchObject({ status: 'succeeded' });
      },
    );

    test('is told to the operator', () => {
      const events = kedro.notices.map(({ event }) => event);
      expect(events).toContain('protocol-violation');
      expect(events).not.toContain('supervisor-ended');
    });

    test('of the run’s processes does no harm', async () => {
      const order = orderPipeline('send_to_run', {}, { runner: 'ParallelRunner' });
      const events = await runToEnd(kedro.executor, order);
      expect(events.at(-1)).toMatchObject({ status: 'succeeded', error: null });
      expect(linesOf(events)).toContain('sent');
    });
  },
);

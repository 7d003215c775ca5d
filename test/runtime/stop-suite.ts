import { describe, expect, test } from 'vitest';

import { eventually } from '../eventually.ts';
import type { Runtime } from './runtimes.ts';
import { post, readStream, submit, type ShownRun } from './server-client.ts';

/** How a server ends in every runtime whose programs end by themselves, under load. */
export function describeStop({ name, start }: Runtime): void {
  describe(`a stop on ${name}`, () => {
    test('ends runs, answers and streams in hand, and refuses the rest', async () => {
      await using server = await start();
      const { url } = server;
      const held = await submit(url, 'held');
      const streams = await Promise.all(
        Array.from({ length: 4 }, async () =>
          readStream(await fetch(`${url}/runs/${held}/events`)),
        ),
      );
      const answer = post(`${url}/run`, { pipeline_names: ['held'] });
      const waiting = post(`${url}/runs`, { pipeline_names: ['held'] }, { prefer: 'wait=60' });
      await eventually(async () => {
        const running = await fetch(`${url}/runs?status=running`);
        expect(((await running.json()) as { data: unknown[] }).data).toHaveLength(3);
      });

      let answered = 0;
      const statuses = new Set<number>();
      const client = async (): Promise<void> => {
        for (;;) {
          const response = await post(`${url}/run`, {}).catch(() => null);
          // Nothing listens any more.
          if (response === null) return;
          // What has begun to be answered is answered to its end.
          const text = await response.text();
          statuses.add(response.status);
          if (response.status === 200)
            expect(JSON.parse(text)).toMatchObject({ status: 'success' });
          answered += 1;
        }
      };
      const clients = Array.from({ length: 8 }, client);
      await eventually(() => expect(answered).toBeGreaterThan(40));
      const stopped = server.stop();

      expect(await (await answer).json()).toMatchObject({ status: 'success' });
      expect((await (await waiting).json()) as ShownRun).toMatchObject({ status: 'succeeded' });
      for (const stream of streams) expect(await stream.rest()).toContain('event: end');
      await Promise.all(clients);
      expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      const { exitCode, lastLine } = await stopped;
      expect(exitCode).toBe(0);
      const { started, ended } = JSON.parse(lastLine) as { started: number; ended: number };
      expect(started).toBeGreaterThan(43);
      expect(ended).toBe(started);
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    });
  });
}

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { ClaimingOrder, RunClaims } from '../../src/executor/dataset-claims.ts';
import type { Executor } from '../../src/executor/executor.ts';
import type { ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { describeData, maxOutputBytes } from './data-suite.ts';
import { createRunOrder, orderPipeline } from './run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun, type WatchedRun } from './watched-run.ts';

/**
 * An executor on a project of its own, which has these pipelines, written in whatever language:
 *
 * - `memory`: node `add_one` reads the stored dataset `numbers` and makes `more`, kept in memory; node `total`
 *   makes `sum_of_more` of it.
 * - `failing_middle`: nodes `before`, `middle`, `after`, one after the other; `middle` fails with the message
 *   `cannot go on with 4 numbers`.
 * - `gate`: node `gate` writes a line, then waits until the gate that the parameter `gate` names is open.
 * - `echo`: node `echo` takes the parameters `tenant` and `tenant_by_resolver`, which interpolates the runtime
 *   parameter `tenant`, and saves both where the catalog puts this tenant's output.
 * - `talk`: nodes `talk` and `talk_again` write lines in every way that the language has. Each line begins
 *   with its number, from 1 on.
 * - `stored`: as `memory`, but the sum is stored as `sum_json`.
 * - `keep`: node `keep` makes `kept` of `kept_input`, which nothing stores, as it is.
 * - `shapes`: node `shape` makes `records`, `matrix`, `note`, `mapping` and `thing`, see `data-suite.ts`.
 * - `pieces`: node `cut` makes `piece` one after the other, [1], [2], [3]; node `take` makes `last` of it.
 */
export interface ConformingExecutor {
  readonly executor: Executor;
  /** What the parameter `gate` of a run has to be, for it to wait at the gate `name`. */
  gateParam(name: string): string;
  openGate(name: string): Promise<void>;
  /** What has been saved for `tenant`: both parameters, as they reached the node. */
  readEcho(tenant: string): Promise<{ readonly params: unknown; readonly resolver: unknown }>;
  /** Adds a parameter to the project's configuration. */
  addParameter(name: string): Promise<void>;
  /** Closes the executor and removes the project. */
  dispose(): Promise<void>;
}

/** How one implementation makes executors for the suite. */
export interface ExecutorHarness {
  /**
   * Whether it knows nothing of the project but what another server tells, which checks each order
   * as a whole before it begins; default: false.
   */
  readonly isRemote?: boolean;
  /** False where runs of other servers are in the way too, which only the queue could know. */
  readonly tellsClaims?: false;
  /** Creates one that runs `workers` orders at once, each output in `maxOutputBytes`; it has not been opened. */
  create(options: {
    readonly workers: number;
    readonly maxOutputBytes: number;
  }): Promise<ConformingExecutor>;
}

const workers = 2;
let gates = 0;

/** Holds an implementation of `Executor` to what the interface promises. */
export function describeExecutor(name: string, harness: ExecutorHarness): void {
  describe(name, () => {
    let subject: ConformingExecutor;
    let executor: Executor;

    beforeAll(async () => {
      subject = await harness.create({ workers, maxOutputBytes });
      executor = subject.executor;
    });
    afterAll(() => subject.dispose());

    const create = async (): Promise<ConformingExecutor> => {
      const created = await harness.create({ workers, maxOutputBytes });
      onTestFinished(() => created.dispose());
      return created;
    };

    describe.skipIf(harness.isRemote === true || harness.tellsClaims === false)(
      'tells what an order would use',
      () => {
        const claimsOf = async (wanted: Partial<ClaimingOrder>): Promise<RunClaims> => {
          const order = { ...createRunOrder(), inputNames: [], ...wanted };
          const found = await executor.claimsOf?.(order);
          if (found === undefined) throw new Error('It does not tell claims.');
          return found;
        };
        const modes = ({ claims }: RunClaims): unknown =>
          Object.fromEntries(claims.map(({ dataset, mode }) => [dataset, mode]));

        test('of what is stored: what is in memory is nobody else’s', async () => {
          expect(modes(await claimsOf({ pipelineNames: ['memory'] }))).toEqual({ numbers: 'read' });
          const stored = await claimsOf({ pipelineNames: ['stored'] });
          expect(modes(stored)).toEqual({ numbers: 'read', sum_json: 'write' });
          expect(new Set(stored.claims.map(({ place }) => place)).size).toBe(2);
        });

        test('by the nodes that it selects and the data that it brings', async () => {
          const part = { pipelineNames: ['stored'], toNodes: ['add_one'] };
          expect(modes(await claimsOf(part))).toEqual({ numbers: 'read' });
          expect(modes(await claimsOf({ ...part, inputNames: ['numbers'] }))).toEqual({});
        });

        test('by its parameters where they lead to other files', async () => {
          const ofTenant = async (tenant: string): Promise<RunClaims> =>
            claimsOf({ pipelineNames: ['echo'], paramsJson: JSON.stringify({ tenant }) });
          const [one, again, other] = [
            await ofTenant('a'),
            await ofTenant('a'),
            await ofTenant('b'),
          ];
          expect(modes(one)).toEqual({ echo: 'write' });
          expect(again.claims).toEqual(one.claims);
          expect(other.claims).not.toEqual(one.claims);
          expect(one.dependsOnParams).toBe(true);
        });

        test('and throws what keeps it from being run', async () => {
          await expect(claimsOf({ pipelineNames: ['no_such'] })).rejects.toThrow('no_such');
        });
      },
    );

    test('tells how many runs it works on at once', () => {
      expect(executor.capacity).toBe(workers);
    });

    test('open is one attempt for all who ask, and may be asked again', async () => {
      const [first, second] = await Promise.all([executor.open(), executor.open()]);
      expect(second).toBe(first);
      expect(await executor.open()).toEqual(first);
      expect(first).toEqual({
        projectName: expect.stringMatching(/./),
        packageName: expect.stringMatching(/./),
        kedroVersion: expect.stringMatching(/./),
        runners:
          harness.isRemote === true
            ? null
            : expect.arrayContaining(['SequentialRunner', 'ThreadRunner']),
      });
    });

    describe('a run', () => {
      test('says what it does, in order', async () => {
        const events = await runToEnd(executor, orderPipeline('memory'));
        expect(stepsOf(events)).toEqual([
          'run.started',
          'run.planned add_one total',
          'node.started add_one',
          'dataset.loaded numbers add_one',
          'dataset.saved more add_one',
          'node.finished add_one',
          'node.started total',
          'dataset.loaded more total',
          'dataset.saved sum_of_more total',
          'node.finished total',
          'run.ended succeeded',
        ]);
        expect(events[0]?.type).toBe('run.started');
        expect(events.at(-1)).toMatchObject({ type: 'run.ended', error: null });
      });

      test('has times that never go back', async () => {
        const events = await runToEnd(executor, orderPipeline('memory'));
        const times = events.map(({ elapsedMs }) => elapsedMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times[0]).toBeGreaterThanOrEqual(0);
        for (const event of events) {
          if ('durationMs' in event) {
            expect(event.durationMs).toBeGreaterThanOrEqual(0);
            expect(event.durationMs).toBeLessThanOrEqual(event.elapsedMs);
          }
        }
      });

      test('tells its lines in order, each with its node', async () => {
        const events = await runToEnd(executor, orderPipeline('talk'));
        const lines = events.filter((event) => event.type === 'log' && /^\d/.test(event.message));
        const numbers = linesOf(events, ({ message }) => /^\d/.test(message)).map(
          Number.parseFloat,
        );
        expect(numbers.length).toBeGreaterThan(1);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        const nodes = lines.map((event) => (event.type === 'log' ? event.node : null));
        expect([...new Set(nodes)]).toEqual(['talk', 'talk_again']);
      });

      test('fails as its node does, and goes no further', async () => {
        const events = await runToEnd(executor, orderPipeline('failing_middle'));
        const failed = events.find(({ type }) => type === 'node.failed');
        const ended = events.at(-1);
        expect(failed).toMatchObject({
          node: 'middle',
          error: { type: expect.stringMatching(/./), message: 'cannot go on with 4 numbers' },
        });
        expect(ended).toMatchObject({ status: 'failed' });
        expect(ended).toHaveProperty('error', (failed as { error: unknown }).error);
        const steps = stepsOf(events);
        expect(steps).toContain('node.finished before');
        expect(steps).not.toContain('node.started after');
        expect(steps.filter((step) => step.endsWith(' middle'))).toEqual([
          'node.started middle',
          expect.stringMatching(/^dataset.loaded/),
          'node.failed middle',
        ]);
      });

      test('of an unknown pipeline fails, and names it', async () => {
        const events = await runToEnd(executor, orderPipeline('memroy'));
        expect(stepsOf(events)).toEqual(['run.started', 'run.ended failed']);
        expect(events.at(-1)).toMatchObject({
          error: { type: expect.stringMatching(/./), message: expect.stringContaining("'memroy'") },
        });
      });

      test('takes its parameters, and what interpolates them', async () => {
        await runToEnd(executor, orderPipeline('echo', { tenant: 'acme' }));
        expect(await subject.readEcho('acme')).toEqual({ params: 'acme', resolver: 'acme' });
        await runToEnd(executor, orderPipeline('echo'));
        expect(await subject.readEcho('none')).toEqual({ params: 'none', resolver: 'none' });
      });
    });

    describeData(() => subject, harness.isRemote === true);

    describe('many runs', () => {
      test('start first come, first served, as workers get free', async () => {
        const { runs, gate } = startAtGates(subject, 5);
        const started = [runs[0]!, runs[1]!];
        await Promise.all(started.map(atGate));
        for (let next = workers; next < runs.length; next += 1) {
          expect(runs.filter(({ events }) => events.length > 0)).toEqual(runs.slice(0, next));
          await subject.openGate(gate(next - workers));
          expect(await runs[next - workers]!.ended).toMatchObject({ status: 'succeeded' });
          await atGate(runs[next]!);
        }
        await Promise.all([subject.openGate(gate(3)), subject.openGate(gate(4))]);
        await Promise.all(runs.map(({ ended }) => ended));
      });

      test('never mix: 400 with parameters of their own, eight at a time', async () => {
        const tenants = Array.from({ length: 400 }, (_, index) => `tenant-${index}`);
        const waiting = tenants.values();
        const wrong: string[] = [];
        const client = async (): Promise<void> => {
          for (const tenant of waiting) {
            const events = await runToEnd(executor, orderPipeline('echo', { tenant }));
            const isRight =
              stepsOf(events).at(-1) === 'run.ended succeeded' &&
              linesOf(events).join('\n') === `echo ${tenant} ${tenant}`;
            if (!isRight) wrong.push(tenant);
          }
        };
        await Promise.all(Array.from({ length: 8 }, client));
        for (const tenant of tenants) {
          const { params, resolver } = await subject.readEcho(tenant);
          if (params !== tenant || resolver !== tenant) wrong.push(tenant);
        }
        expect(wrong).toEqual([]);
      });
    });

    describe('a run that is not wanted any more', () => {
      test('does not start when that is so from the beginning', async () => {
        const events = await runToEnd(executor, orderPipeline('memory'), {
          signal: AbortSignal.abort(),
        });
        expect(stepsOf(events)).toEqual(['run.ended cancelled']);
      });

      test('does not start when it waits', async () => {
        const { runs, gate } = startAtGates(subject, workers);
        await Promise.all(runs.map(atGate));
        const abort = new AbortController();
        const cancelled = watchRun(executor, orderPipeline('memory'), { signal: abort.signal });
        const next = watchRun(executor, orderPipeline('memory'));
        abort.abort();
        expect(await cancelled.ended).toMatchObject({ status: 'cancelled' });
        expect(stepsOf(cancelled.events)).toEqual(['run.ended cancelled']);
        expect(next.events).toEqual([]);
        await Promise.all(runs.map((_, index) => subject.openGate(gate(index))));
        expect(await next.ended).toMatchObject({ status: 'succeeded' });
        await Promise.all(runs.map(({ ended }) => ended));
      });

      test('is ended when it runs, and only that one', async () => {
        const abort = new AbortController();
        const { runs, gate } = startAtGates(subject, 1);
        const [neighbour] = runs;
        const cancelled = watchRun(executor, orderPipeline('gate', { gate: closedGate(subject) }), {
          signal: abort.signal,
        });
        await Promise.all([neighbour!, cancelled].map(atGate));
        abort.abort();
        expect(await cancelled.ended).toMatchObject({
          status: 'cancelled',
          error: { type: 'RunCancelled', message: expect.stringMatching(/./) },
        });
        expect(stepsOf(cancelled.events).slice(-2)).toEqual([
          'node.failed gate',
          'run.ended cancelled',
        ]);
        await subject.openGate(gate(0));
        expect(await neighbour!.ended).toMatchObject({ status: 'succeeded' });
      });

      test('is ended when its reader stops reading', async () => {
        const held = Array.from({ length: workers }, async () => {
          const order = orderPipeline('gate', { gate: closedGate(subject) });
          for await (const event of executor.execute(order)) {
            if (event.type === 'node.started') break;
          }
        });
        await Promise.all(held);
        const events = await runToEnd(executor, orderPipeline('memory'));
        expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
      });
    });

    describe('a snapshot', () => {
      test('describes the project', async () => {
        const { projectName, packageName } = await executor.open();
        const snapshot = await executor.snapshot({ params: null });
        expect(snapshot.metadata).toMatchObject({ projectName, packageName });
        expect(snapshot.pipelines.find((pipeline) => pipeline.name === 'memory')).toEqual({
          name: 'memory',
          nodes: [
            {
              name: 'add_one',
              funcName: 'add_one',
              namespace: null,
              tags: [],
              inputs: ['numbers'],
              outputs: ['more'],
              source: expect.objectContaining({ lineStart: expect.any(Number) }),
            },
            expect.objectContaining({ name: 'total', inputs: ['more'], outputs: ['sum_of_more'] }),
          ],
          inputs: ['numbers'],
          outputs: ['sum_of_more'],
        });
        expect(snapshot.datasets['numbers']).toMatchObject({ name: 'numbers' });
        expect(snapshot.parameters).toEqual(snapshot.parameters.toSorted());
        expect(snapshot.parameters).toContain('tenant');
      });

      test('does not wait behind runs', async () => {
        const { runs, gate } = startAtGates(subject, workers + 1);
        await Promise.all(runs.slice(0, workers).map(atGate));
        await subject.addParameter(`added_${gates}`);
        const snapshot = await executor.snapshot({ params: null });
        expect(snapshot.parameters).toContain(`added_${gates}`);
        await Promise.all(runs.map((_, index) => subject.openGate(gate(index))));
        await Promise.all(runs.map(({ ended }) => ended));
      });

      test('is the same object while nothing changes, and another after an edit', async () => {
        const ask = (): Promise<ProjectSnapshot> => executor.snapshot({ params: null });
        // A configuration that was written a moment ago may be written again within the clock's grain.
        const before = await repeated(ask);
        await subject.addParameter('first_edit');
        expect((await ask()).parameters).toContain('first_edit');
        expect(before.parameters).not.toContain('first_edit');
        await subject.addParameter('second_edit');
        expect((await ask()).parameters).toContain('second_edit');
        expect((await repeated(ask)).parameters).toContain('second_edit');
      });
    });

    test('two executors share nothing', async () => {
      const other = await create();
      const order = orderPipeline('gate', { gate: subject.gateParam('theirs') });
      const ours = watchRun(executor, order);
      const { runs, gate } = startAtGates(other, 1);
      await Promise.all([ours, ...runs].map(atGate));
      const closed = other.executor.close();
      await subject.openGate('theirs');
      expect(await ours.ended).toMatchObject({ status: 'succeeded' });
      expect(stepsOf(runs[0]!.events)).not.toContain('run.ended succeeded');
      await other.openGate(gate(0));
      await closed;
      const events = await runToEnd(executor, orderPipeline('memory'));
      expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
    });

    describe('close', () => {
      test('lets what was accepted end, and takes no more', async () => {
        const own = await create();
        const { runs, gate } = startAtGates(own, workers + 1);
        await Promise.all(runs.slice(0, workers).map(atGate));
        const closes = [own.executor.close(), own.executor.close()];
        const isClosed = { code: 'executor-closed' };
        await expect(runToEnd(own.executor, orderPipeline('memory'))).rejects.toMatchObject(
          isClosed,
        );
        await expect(own.executor.open()).rejects.toMatchObject(isClosed);
        await expect(own.executor.snapshot({ params: null })).rejects.toMatchObject(isClosed);
        await Promise.all(runs.map((_, index) => own.openGate(gate(index))));
        for (const { ended, events } of runs) {
          expect(await ended).toMatchObject({ status: 'succeeded' });
          expect(events.filter(({ type }) => type === 'run.ended')).toHaveLength(1);
        }
        await Promise.all(closes);
        await own.executor.close();
        await expect(runToEnd(own.executor, orderPipeline('memory'))).rejects.toMatchObject(
          isClosed,
        );
      });

      test('does not wait for readers that stay away', async () => {
        const own = await create();
        const events = own.executor.execute(orderPipeline('memory'))[Symbol.asyncIterator]();
        expect(await events.next()).toMatchObject({ value: { type: 'run.started' } });
        const signal = AbortSignal.abort();
        const cancelled = own.executor.execute(orderPipeline('memory'), { signal });
        const first = await cancelled[Symbol.asyncIterator]().next();
        expect(first).toMatchObject({ value: { type: 'run.ended', status: 'cancelled' } });
        await own.executor.close();
        expect(stepsOf(await rest(events)).at(-1)).toBe('run.ended succeeded');
      });

      test('is fine before open', async () => {
        const own = await create();
        await own.executor.close();
      });
    });
  });
}

/** Starts runs that wait, each at a gate of its own. */
function startAtGates(
  { executor, gateParam }: ConformingExecutor,
  count: number,
): { readonly runs: readonly WatchedRun[]; gate(index: number): string } {
  const first = gates;
  gates += count;
  const gate = (index: number): string => `gate-${first + index}`;
  const runs = Array.from({ length: count }, (_, index) =>
    watchRun(executor, orderPipeline('gate', { gate: gateParam(gate(index)) })),
  );
  return { runs, gate };
}

/** A gate that nobody opens. */
function closedGate({ gateParam }: ConformingExecutor): string {
  gates += 1;
  return gateParam(`gate-${gates}-stays-closed`);
}

async function atGate(run: WatchedRun): Promise<void> {
  await run.event(({ type }) => type === 'log');
  await run.event(({ type }) => type === 'node.started');
}

/** Asks until two answers in a row are the same object. */
async function repeated<T>(ask: () => Promise<T>): Promise<T> {
  let last = await ask();
  await expect
    .poll(async () => {
      const before = last;
      last = await ask();
      return last === before;
    })
    .toBe(true);
  return last;
}

async function rest<T>(events: AsyncIterator<T>): Promise<T[]> {
  const found: T[] = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    found.push(next.value);
  }
  return found;
}

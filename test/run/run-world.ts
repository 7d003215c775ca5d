import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';

import type { ClaimingOrder, ClaimMode, RunClaims } from '../../src/executor/dataset-claims.ts';
import type { Executor } from '../../src/executor/executor.ts';
import type { RunEndStatus } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import type { RunLogEntry } from '../../src/run/run-log-entry.ts';
import { isFinal, type RunSubmission } from '../../src/run/run-record.ts';
import { RunRefused } from '../../src/run/run-refused.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import { createRuns, type Runs } from '../../src/run/runs.ts';
import type { Disk } from './crashing-store.ts';
import { createSubmission } from './submission.ts';

/** A file or folder, by its path, and what a run does with it. */
export type Use = readonly [path: string, mode: ClaimMode];

export type RunWish =
  | {
      readonly type: 'submit';
      readonly key: string | null;
      readonly isAttended: boolean;
      /** Whether its caller is told of it, and waits no more, as soon as it is accepted. */
      readonly isLeft: boolean;
      readonly isStubborn: boolean;
      readonly priority: number;
      readonly concurrency: RunSubmission['concurrency'];
      readonly uses: readonly Use[];
    }
  | { readonly type: 'cancel' | 'tell'; readonly run: number }
  | {
      readonly type: 'end';
      readonly run: number;
      readonly status: 'succeeded' | 'failed' | 'crashed';
    }
  | { readonly type: 'follow'; readonly run: number; readonly batches: number }
  | { readonly type: 'resume' | 'pass' | 'crash' | 'stop' };

function usesOf({ tags }: Pick<RunOrder, 'tags'>): readonly Use[] {
  return JSON.parse(tags?.[3] ?? '[]') as readonly Use[];
}

/** What an executor of the world says that a run claims: what was wished for. */
export async function claimsInWorld(order: ClaimingOrder): Promise<RunClaims> {
  const claims = usesOf(order).map(([place, mode]) => ({ dataset: place, place, mode }));
  await nextTurn();
  return { claims, dependsOnParams: false };
}

function areInConflict(mine: readonly Use[], others: readonly Use[]): boolean {
  return mine.some(([path, mode]) =>
    others.some(([other, otherMode]) => {
      const isSame = `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`);
      const onlyRead = mode === 'read' && otherMode === 'read';
      const onlyAdd = mode === 'add' && otherMode === 'add';
      return isSame && !onlyRead && !onlyAdd;
    }),
  );
}

/** A run that the world moves on. */
export interface MovedRun {
  readonly order: RunOrder;
  tell(message: string): void;
  end(status: RunEndStatus): void;
}

/** An executor whose runs wait for the world to move them on. */
export interface WorldExecutor extends Executor {
  /** Runs at work, oldest first. */
  readonly running: readonly MovedRun[];
  /** Save versions of all that was begun, in order. */
  readonly begun: readonly string[];
  /** Leaves it behind, as a server does that is killed. */
  abandon(): Promise<void>;
}

export interface WorldExecutorOptions {
  /** Tells which runs pay no attention to being cancelled. */
  readonly isStubborn: (order: RunOrder) => boolean;
  /** Sees each run that begins, with the orders of all that run then. */
  readonly onBegin: (order: RunOrder, running: readonly RunOrder[]) => void;
}

export interface World {
  readonly disk: Disk;
  createExecutor(options: WorldExecutorOptions): Promise<WorldExecutor>;
}

/** Someone who reads a run's log, leaves, and comes back. */
interface Reader {
  readonly id: string;
  readonly seen: RunLogEntry[];
}

interface Server {
  readonly runs: Runs;
  readonly store: RunStore;
  readonly executor: WorldExecutor;
}

/** A server, its clients, and all that was promised to them, over crashes and restarts. */
export class RunWorld {
  readonly #world: World;
  readonly #abandoned: Promise<void>[] = [];
  #server: Promise<Server>;
  readonly #accepted: string[] = [];
  readonly #keys = new Map<string, string>();
  readonly #readers: Reader[] = [];
  /** Runs whose callers were told of them and wait no more. */
  readonly #left = new Set<string>();
  readonly #begun: string[] = [];
  readonly #excesses: string[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#server = this.#start();
  }

  async #start(): Promise<Server> {
    const store = await this.#world.disk.open();
    const executor = await this.#world.createExecutor({
      isStubborn: ({ tags }) => tags?.[0] === 'stubborn',
      onBegin: (order, running) => this.#checkLimits(order, running, executor.capacity),
    });
    const runs = createRuns({ executor, store, maxWaiting: 6, stopGraceMs: 0 });
    await runs.open();
    return { runs, store, executor };
  }

  async grant(wish: RunWish): Promise<void> {
    const { runs, executor } = await this.#server;
    switch (wish.type) {
      case 'submit':
        return this.#submit(wish);
      case 'cancel': {
        const id = this.#accepted[wish.run];
        if (id !== undefined) await runs.cancel(id, 'Not wanted.');
        return;
      }
      case 'tell':
        executor.running[wish.run]?.tell('on my way');
        return;
      case 'end':
        executor.running[wish.run]?.end(wish.status);
        return;
      case 'follow': {
        const id = this.#accepted[wish.run];
        if (id === undefined) return;
        const reader = { id, seen: [] };
        this.#readers.push(reader);
        await this.#read(reader, wish.batches);
        return;
      }
      case 'resume':
        for (const reader of this.#readers) await this.#read(reader, 1);
        return;
      case 'pass':
        await nextTurn();
        return;
      case 'crash':
        this.#begun.push(...executor.begun);
        this.#server = this.#start();
        await this.#server;
        this.#abandoned.push(executor.abandon());
        return;
      case 'stop': {
        const closing = runs.close();
        for (const run of [...executor.running]) run.end('succeeded');
        await closing;
        await executor.abandon();
        this.#begun.push(...executor.begun);
        this.#server = this.#start();
        await this.#server;
      }
    }
  }

  async #submit(wish: Extract<RunWish, { type: 'submit' }>): Promise<void> {
    const { runs } = await this.#server;
    const { key, isAttended, isLeft, priority, concurrency, isStubborn } = wish;
    const submission = createSubmission({ isAttended, priority, concurrency });
    const order = {
      ...submission.order,
      tags: [
        isStubborn ? 'stubborn' : 'willing',
        concurrency?.key ?? '',
        String(concurrency?.limit),
        JSON.stringify(wish.uses),
      ],
    };
    try {
      const { record, isReplay } = await runs.submit(
        { ...submission, order },
        { key: key === null ? null : { key, fingerprint: 'same' } },
      );
      expect(isReplay).toBe(key !== null && this.#keys.has(key));
      if (key !== null) {
        expect(this.#keys.get(key) ?? record.id).toBe(record.id);
        this.#keys.set(key, record.id);
      }
      if (!isReplay) this.#accepted.push(record.id);
      if (!isLeft) return;
      await runs.leaveAlone(record.id);
      const told = await runs.get(record.id);
      if (told !== null && !isFinal(told.status)) this.#left.add(told.id);
    } catch (error) {
      if (!(error instanceof RunRefused)) throw error;
      expect(key !== null && this.#keys.has(key)).toBe(false);
    }
  }

  async #read(reader: Reader, batches: number): Promise<void> {
    const { runs } = await this.#server;
    const afterId = reader.seen.at(-1)?.id ?? 0;
    const patience = AbortSignal.timeout(1);
    let read = 0;
    for await (const batch of runs.read(reader.id, { afterId, signal: patience })) {
      reader.seen.push(...batch);
      read += 1;
      if (read >= batches) break;
    }
  }

  #checkLimits(order: RunOrder, running: readonly RunOrder[], capacity: number): void {
    const [, key = '', limit = ''] = order.tags ?? [];
    if (running.length > capacity) this.#excesses.push(`${running.length} runs at once`);
    const same = running.filter(({ tags }) => tags?.[1] === key).length;
    if (key !== '' && same > Number(limit)) this.#excesses.push(`${same} of ${limit} with ${key}`);
    for (const other of running) {
      if (other === order || !areInConflict(usesOf(order), usesOf(other))) continue;
      this.#excesses.push(`${order.tags?.[3]} beside ${other.tags?.[3]}`);
    }
  }

  /** Lets all that was accepted end, and holds it to what was promised; gives how many that was. */
  async settle(): Promise<number> {
    const { runs, executor, store } = await this.#server;
    for (;;) {
      const [first] = await store.unfinished();
      if (first === undefined) break;
      for (const run of [...executor.running]) run.end('succeeded');
      await runs.waitForEnd(first.id, AbortSignal.timeout(5));
    }
    this.#begun.push(...executor.begun);
    expect(this.#excesses).toEqual([]);
    expect(new Set(this.#begun).size).toBe(this.#begun.length);
    for (const id of this.#accepted) await this.#checkRun(id, runs);
    for (const reader of this.#readers) {
      const whole = await logOf(reader.id, runs);
      expect(reader.seen).toEqual(whole.slice(0, reader.seen.length));
    }
    return this.#accepted.length;
  }

  async #checkRun(id: string, runs: Runs): Promise<void> {
    const record = await runs.get(id);
    const log = await logOf(id, runs);
    if (this.#left.has(id)) {
      expect(record?.error?.message ?? '').not.toContain('and its caller with it');
    }
    expect(record !== null && isFinal(record.status)).toBe(true);
    expect(log.map((entry) => entry.id)).toEqual(log.map((_, index) => index + 1));
    const ends = log.filter(({ event }) => event.type === 'run.ended');
    expect(ends).toEqual([log.at(-1)]);
    expect(ends[0]?.event).toMatchObject({ status: record?.status });
    expect(record?.lastEventId).toBe(log.length);
  }

  async dispose(): Promise<void> {
    const { runs, executor } = await this.#server;
    for (const run of [...executor.running]) run.end('succeeded');
    await runs.close();
    await executor.abandon();
    await Promise.all(this.#abandoned);
    await this.#world.disk.dispose();
  }
}

async function logOf(id: string, runs: Runs): Promise<readonly RunLogEntry[]> {
  const log: RunLogEntry[] = [];
  for await (const batch of runs.read(id, { afterId: 0 })) log.push(...batch);
  return log;
}

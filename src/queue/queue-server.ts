import { randomUUID } from 'node:crypto';
import type { StopWish } from '../run/live-run.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { KeyOwner } from '../run/run-store.ts';
import type { QueueLink } from './queue-link.ts';
import { createReconciler, type Reconciler } from './reconciler.ts';
import { repeatedly, type Repetition } from './repeatedly.ts';
import type { Acceptance, AcceptLimits, StopOutcome } from './shared-run-store.ts';
import { WatchedRun } from './watched-run.ts';

const noteEveryMs = 10_000;

/** What every process does that accepts runs for a queue, by whichever interface. */
export class QueueServer {
  readonly #link: QueueLink;
  readonly #id = randomUUID();
  readonly #reconciler: Reconciler;
  #notes: Repetition | null = null;

  constructor(link: QueueLink) {
    this.#link = link;
    this.#reconciler = createReconciler(link, `server ${this.#id}`);
  }

  /** Throws `KedroServerError` (`store-unusable`); may be asked again then. */
  async open(): Promise<void> {
    const { board, onError } = this.#link;
    await this.#link.open();
    await board.noteServer(this.#id);
    if (this.#notes !== null) return;
    this.#notes = repeatedly(noteEveryMs, () => board.noteServer(this.#id), onError);
    this.#reconciler.start();
  }

  /** Writes a run and queues it, as soon as its turn has come. Throws what `SharedRunStore.accept` does. */
  async accept(record: RunRecord, key: KeyOwner | null, limits: AcceptLimits): Promise<Acceptance> {
    const { store, board } = this.#link;
    if (record.isAttended) await board.attend(record.id, this.#id);
    const acceptance = await store.accept(record, key, limits);
    if (acceptance.kind === 'replay') return acceptance;
    const { displaced, hasTurn } = acceptance;
    for (const runId of displaced) {
      const reason = `Run ${record.id} took the place of this one.`;
      await this.stop(runId, { kind: 'cancelled', reason });
    }
    if (hasTurn) await this.#queue(acceptance.record);
    return acceptance;
  }

  /** Asks a run to stop, whoever has it. */
  async stop(runId: string, wish: StopWish): Promise<StopOutcome> {
    const { store, jobs, onError } = this.#link;
    const outcome = await store.requestStop(runId, wish);
    if (outcome === 'cancelled') await jobs.remove(runId).catch(onError);
    return outcome;
  }

  /** Resolves when a run is over, or not there; or a signal aborts. */
  async untilOver(runId: string, ...signals: readonly AbortSignal[]): Promise<void> {
    using watched = new WatchedRun(this.#link.store, runId);
    await watched.until(() => watched.isOver, signals);
  }

  async close(): Promise<void> {
    await this.#notes?.stop();
    if (this.#notes !== null) await this.#reconciler.stop();
    await this.#link.board.removeServer(this.#id).catch(() => undefined);
  }

  /** It is accepted already: where this fails, the reconciler of some server does it. */
  async #queue(record: RunRecord): Promise<void> {
    const { store, jobs, onError } = this.#link;
    try {
      await jobs.add([record]);
      await store.markQueued([record.id]);
    } catch (error) {
      onError(error);
    }
  }
}

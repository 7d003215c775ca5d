import { KedroServerError, ProjectError } from '../errors.ts';
import type { ProjectInfo } from '../executor/executor.ts';
import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { WorkerNote } from './project-board.ts';
import type { QueueLink } from './queue-link.ts';
import { repeatedly, type Repetition } from './repeatedly.ts';
import type { JobCounts } from './run-jobs.ts';
import { createSnapshotDesk, type SnapshotDesk } from './snapshot-desk.ts';

const lookEveryMs = 1000;
const answerWithinMs = 10_000;
/** How long what was described before may stand in for an answer that does not come. */
const patienceMs = 1500;

/** What workers tell of the project, and of themselves, as far as this process has heard. */
export class QueueProject {
  readonly #link: QueueLink;
  readonly #maxAgeMs: number;
  #desk: SnapshotDesk | null = null;
  #looks: Repetition | null = null;
  #workers: readonly WorkerNote[] = [];
  #counts: JobCounts = { waiting: 0, delayed: 0, active: 0 };
  #known: { readonly version: string; readonly snapshot: ProjectSnapshot } | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<ProjectSnapshot> | null = null;

  /** A snapshot that is not older than `maxAgeMs` is not asked for again. */
  constructor(link: QueueLink, maxAgeMs: number) {
    this.#link = link;
    this.#maxAgeMs = maxAgeMs;
  }

  get workers(): readonly WorkerNote[] {
    return this.#workers;
  }

  /** Runs that the workers work on at once. */
  get capacity(): number {
    return this.#workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
  }

  get counts(): JobCounts {
    return this.#counts;
  }

  /** Throws `store-unusable`, and `ProjectError` while no worker has ever been there. */
  async open(): Promise<ProjectInfo> {
    await this.#link.open();
    if (this.#looks === null) {
      this.#desk = createSnapshotDesk(this.#link);
      this.#looks = repeatedly(lookEveryMs, () => this.#look(), this.#link.onError);
    }
    await this.#look();
    const info = await this.#link.board.readInfo();
    if (info !== null) return info;
    throw new ProjectError(
      'WorkerMissing',
      `No worker has been at the queue '${this.#link.settings.queue}' yet, so its project is not known. Start one: kedro-server worker --queue <url> --project <path>.`,
      '',
    );
  }

  /** Throws what describing the project throws, and `store-unusable`. */
  async snapshot(params: string | null): Promise<ProjectSnapshot> {
    const desk = this.#desk;
    if (desk === null) throw new Error('The queue has not been opened.');
    if (params !== null) {
      const answer = await desk.ask(params, answerWithinMs);
      if (answer.kind === 'snapshot') return answer.snapshot;
      throw new Error('A worker has answered with another snapshot than was asked for.');
    }
    const known = this.#known;
    if (known !== null && performance.now() - this.#askedAtMs <= this.#maxAgeMs) {
      return known.snapshot;
    }
    this.#asking ??= this.#ask(desk).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async close(): Promise<void> {
    await this.#looks?.stop();
    await this.#desk?.close().catch(this.#link.onError);
  }

  async #look(): Promise<void> {
    this.#workers = await this.#link.board.workers();
    this.#counts = await this.#link.jobs.counts();
  }

  async #ask(desk: SnapshotDesk): Promise<ProjectSnapshot> {
    const { board } = this.#link;
    const askedAtMs = performance.now();
    if (this.#workers.length === 0) await this.#look();
    // With nobody there to answer, what was told last is all that can be known.
    const isAnswerable = this.#workers.length > 0;
    const before = this.#known ?? (await board.readSnapshot());
    if (!isAnswerable && before !== null) return before.snapshot;
    let version: string;
    try {
      const answer = await desk.ask(null, before === null ? answerWithinMs : patienceMs);
      if (answer.kind !== 'posted') throw new Error('A worker has answered something else.');
      ({ version } = answer);
    } catch (error) {
      const isLate = error instanceof KedroServerError && error.code === 'store-unusable';
      if (!isLate || before === null) throw error;
      return before.snapshot;
    }
    if (this.#known?.version !== version) this.#known = await board.readSnapshot();
    this.#askedAtMs = askedAtMs;
    if (this.#known !== null) return this.#known.snapshot;
    throw new Error('The snapshot that a worker has posted is not there.');
  }
}

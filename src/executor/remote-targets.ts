import type { Sender } from '../client/sender.ts';
import { RemoteError, ServerSettingsError } from '../errors.ts';
import type { ProjectInfo } from './executor.ts';
import type { ProjectReader, RemoteProject } from './remote-project.ts';

/** One of the servers that runs are given to. */
export interface RemoteTarget {
  readonly link: Sender;
  readonly reader: ProjectReader;
  /** Null until it has been found to be there, and when it is not any more. */
  project: RemoteProject | null;
  running: number;
  /** When to ask it again what it is, by `performance.now()`. */
  lookAtMs: number;
}

interface Waiting {
  readonly only: RemoteTarget | null;
  readonly turn: PromiseWithResolvers<RemoteTarget>;
}

/** Those that are not there are looked for this often, and the others asked how many runs they run. */
const lookForMs = 5000;
const askAgainMs = 60_000;

/** Gives each run the target that has most room, first come, first served. */
export class RemoteTargets {
  readonly #targets: readonly RemoteTarget[];
  readonly #first: RemoteTarget;
  readonly #concurrency: number | undefined;
  readonly #waiting = new Set<Waiting>();
  #opening: Promise<ProjectInfo> | null = null;

  /** `concurrency` is what each target runs at once; default: what it says, and 1 of Kedro's own. */
  constructor(
    targets: readonly Pick<RemoteTarget, 'link' | 'reader'>[],
    concurrency: number | undefined,
  ) {
    this.#targets = targets.map((each) => ({ ...each, project: null, running: 0, lookAtMs: 0 }));
    const [first] = this.#targets;
    if (first === undefined) throw new ServerSettingsError('The list of remote servers is empty.');
    this.#first = first;
    this.#concurrency = concurrency;
  }

  get capacity(): number {
    return preferThere(this.#targets).reduce((sum, target) => sum + this.#limitOf(target), 0);
  }

  /** Targets that were there when they were last asked. */
  get there(): number {
    return this.#targets.filter(isThere).length;
  }

  /** Asks all targets, unless one is there. Throws why the first is not when none is. */
  async open(): Promise<ProjectInfo> {
    const found = this.#targets.find(isThere)?.project;
    if (found) return found.info;
    this.#opening ??= this.#openAll().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Asks the first target that is there, and the next where that one does not answer. */
  async ask<T>(question: (target: RemoteTarget) => Promise<T>): Promise<T> {
    for (let asked = 1; ; asked += 1) {
      await this.open();
      const target = this.#targets.find(isThere) ?? this.#first;
      try {
        return await question(target);
      } catch (error) {
        const isGone = error instanceof RemoteError && error.code === 'remote-unreachable';
        if (!isGone || asked >= this.#targets.length) throw error;
        this.#markDown(target);
      }
    }
  }

  /**
   * Takes a place at a target that takes runs now, or at `only`; rejects when the signal is
   * aborted first. Where there is a choice, a target is asked before it is given the run: what has
   * been sent may have begun, and must not be sent to another.
   */
  async acquire(signal?: AbortSignal, only: RemoteTarget | null = null): Promise<RemoteTarget> {
    for (let asked = 1; ; asked += 1) {
      const target = await this.#place(signal, only);
      const isLast = only !== null || asked >= this.#targets.length;
      try {
        const { kind } = target.project ?? (await this.#look(target));
        if (isLast || (await target.reader.isReady(kind))) return target;
        this.#markDown(target);
      } catch (error) {
        if (isLast) {
          this.release(target);
          throw error;
        }
      }
      this.release(target);
    }
  }

  release(target: RemoteTarget): void {
    target.running -= 1;
    this.#dispatch();
  }

  #markDown(target: RemoteTarget): void {
    target.project = null;
    target.lookAtMs = performance.now() + lookForMs;
  }

  async #place(signal: AbortSignal | undefined, only: RemoteTarget | null): Promise<RemoteTarget> {
    signal?.throwIfAborted();
    this.#lookAgain();
    const waiting = { only, turn: Promise.withResolvers<RemoteTarget>() };
    const leave = (): void => {
      this.#waiting.delete(waiting);
      waiting.turn.reject(signal?.reason);
    };
    this.#waiting.add(waiting);
    signal?.addEventListener('abort', leave, { once: true });
    this.#dispatch();
    return waiting.turn.promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  #dispatch(): void {
    for (const waiting of this.#waiting) {
      const target = this.#mostRoom(waiting.only);
      if (target === null) continue;
      this.#waiting.delete(waiting);
      target.running += 1;
      waiting.turn.resolve(target);
    }
  }

  #mostRoom(only: RemoteTarget | null): RemoteTarget | null {
    const load = (target: RemoteTarget): number => target.running / this.#limitOf(target);
    const [best] = preferThere(only === null ? this.#targets : [only])
      .filter((target) => load(target) < 1)
      .toSorted((a, b) => load(a) - load(b));
    return best ?? null;
  }

  #limitOf({ project }: RemoteTarget): number {
    return this.#concurrency ?? project?.capacity ?? 1;
  }

  async #openAll(): Promise<ProjectInfo> {
    const looks = this.#targets.map((target) => this.#look(target));
    await Promise.allSettled(looks);
    const found = this.#targets.find(isThere)?.project;
    if (found) return found.info;
    const [first = this.#look(this.#first)] = looks;
    return (await first).info;
  }

  async #look(target: RemoteTarget): Promise<RemoteProject> {
    target.lookAtMs = performance.now() + lookForMs;
    const project = await target.reader.open();
    this.#checkSame(target, project.info);
    target.project = project;
    if (project.capacity !== null) target.lookAtMs = performance.now() + askAgainMs;
    this.#dispatch();
    return project;
  }

  #checkSame(target: RemoteTarget, { packageName }: ProjectInfo): void {
    for (const other of this.#targets) {
      const known = other.project?.info.packageName ?? '';
      if (other === target || known === '' || packageName === '') continue;
      if (known === packageName) continue;
      throw new RemoteError(
        'remote-refused',
        `${target.link.base} serves '${packageName}', but ${other.link.base} serves '${known}'. Name servers of one project.`,
      );
    }
  }

  /** Beside what goes on; but Kedro's own server is not to be asked for a snapshot during a run. */
  #lookAgain(): void {
    for (const target of this.#targets) {
      const { project, running, lookAtMs } = target;
      const mayDisturb = project === null ? running > 0 : project.kind === 'kedro';
      if (mayDisturb || performance.now() < lookAtMs) continue;
      this.#look(target).catch(() => undefined);
    }
  }
}

function isThere({ project }: RemoteTarget): boolean {
  return project !== null;
}

/** Those that are there; all of them where none is. */
function preferThere(targets: readonly RemoteTarget[]): readonly RemoteTarget[] {
  const there = targets.filter(isThere);
  return there.length === 0 ? targets : there;
}

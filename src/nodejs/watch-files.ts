import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface WatchFilesOptions {
  /** Files and folders (with all that is below them); one that is missing may appear later. */
  readonly paths: readonly string[];
  /** Called with the paths that were added, changed or removed, once they have settled. */
  readonly onChange: (changed: readonly string[]) => void;
  /** Shortest time between two looks. 300 ms by default. */
  readonly intervalMs?: number;
}

/** Disposing it ends the watch. */
export interface FileWatch extends Disposable {
  /** Resolves once the first look is done: what changes from then on is reported. */
  readonly ready: Promise<void>;
}

/** Files by path, with what tells whether they have changed. */
export type Look = ReadonlyMap<string, string>;

const MOST_OF_THE_TIME_IDLE = 20;

/**
 * Looks at files again and again, because that also works on network and container mounts and
 * without a limit on watches. Hidden files, Python's caches and editors' own files do not count.
 */
export function watchFiles(options: WatchFilesOptions): FileWatch {
  const { paths, onChange, intervalMs = 300 } = options;
  const closing = new AbortController();
  const first = lookAtFiles(paths);
  const watching = (async () => {
    let reported = await first;
    let last = reported;
    let lookMs = 0;
    for (;;) {
      const waitMs = Math.max(intervalMs, lookMs * MOST_OF_THE_TIME_IDLE);
      await delay(waitMs, undefined, { signal: closing.signal, ref: false });
      const begin = performance.now();
      const now = await lookAtFiles(paths);
      lookMs = performance.now() - begin;
      const settled = changedFiles(last, now).length === 0;
      last = now;
      if (!settled || closing.signal.aborted) continue;
      const changed = changedFiles(reported, now);
      reported = now;
      if (changed.length > 0) onChange(changed);
    }
  })();
  watching.catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });
  return { ready: first.then(() => {}), [Symbol.dispose]: () => closing.abort() };
}

/** Looks at files and at all that lies below folders. */
export async function lookAtFiles(paths: readonly string[]): Promise<Look> {
  const files = new Map<string, string>();
  const folders = new Set<number>();
  const lookAt = async (target: string): Promise<void> => {
    const status = await stat(target).catch(() => null);
    if (status === null) return;
    if (!status.isDirectory()) {
      files.set(target, `${status.ino} ${status.size} ${status.mtimeMs}`);
      return;
    }
    // Links can make a folder its own child.
    if (folders.has(status.ino)) return;
    folders.add(status.ino);
    const names = await readdir(target).catch(() => []);
    const kept = names.filter((name) => !isPassedOver(name));
    await Promise.all(kept.map((name) => lookAt(path.join(target, name))));
  };
  await Promise.all(paths.map(lookAt));
  return files;
}

function isPassedOver(name: string): boolean {
  return /^(?:\.|#|__pycache__$|4913$)|(?:~|\.py[co]|\.sw[a-z]|\.tmp|\.bak)$/.test(name);
}

/** The paths whose files were changed, added or removed, sorted. */
export function changedFiles(before: Look, after: Look): string[] {
  const changed = [...after].filter(([file, mark]) => before.get(file) !== mark);
  const removed = [...before.keys()].filter((file) => !after.has(file));
  return [...changed.map(([file]) => file), ...removed].toSorted();
}

import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigSource } from '../config/config-source.ts';

/** Younger files and folders may change again without their times showing it. */
const settledMs = 2000;

interface Listed {
  readonly files: readonly string[];
  /** Every folder that was looked into. */
  readonly folders: ReadonlyMap<string, Stats>;
}

/**
 * Configuration below a folder of this machine. `expected` folders may be missing: they are then
 * empty, as an environment is that git did not keep. Links are followed. Files are small and read
 * by blocking calls, which cost less than the threads of asynchronous ones; what has the same
 * times, size and number as when it was read is not read again. `now` gives milliseconds since 1970.
 */
export function createDiskConfigSource(
  root: string,
  expected: ReadonlySet<string> = new Set(),
  now: () => number = Date.now,
): ConfigSource {
  const texts = new Map<string, { readonly status: Stats; readonly text: string }>();
  const listings = new Map<string, Listed>();

  function list(folder: string): readonly string[] | null {
    const kept = listings.get(folder);
    if (kept !== undefined && isUnchanged(kept.folders)) return kept.files;
    listings.delete(folder);
    const look = new FolderLook();
    const files = look.listBelow(path.join(root, folder), folder, new Set());
    if (files !== null && look.canBeKept(now()))
      listings.set(folder, { files, folders: look.folders });
    return files;
  }

  return {
    place: root,
    async listFiles(folder) {
      return list(folder) ?? (expected.has(folder) ? [] : null);
    },
    async readText(file) {
      const place = path.join(root, file);
      const status = statSync(place);
      const kept = texts.get(file);
      if (kept !== undefined && isSame(kept.status, status)) return kept.text;
      const text = decode(readFileSync(place), file);
      if (isSettled(status, now())) texts.set(file, { status, text });
      else texts.delete(file);
      return text;
    },
  };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = `The configuration file "${file}" cannot be read: it is not UTF-8.`;
    throw new ConfigError('yaml-character-invalid', message, { cause });
  }
}

function isSame(left: Stats, right: Stats): boolean {
  return (
    left.mtimeMs === right.mtimeMs &&
    left.ctimeMs === right.ctimeMs &&
    left.size === right.size &&
    left.ino === right.ino &&
    left.dev === right.dev
  );
}

function isSettled({ mtimeMs, ctimeMs }: Stats, now: number): boolean {
  return now - Math.max(mtimeMs, ctimeMs) > settledMs;
}

function isUnchanged(folders: Listed['folders']): boolean {
  for (const [place, status] of folders) {
    const now = statSync(place, { throwIfNoEntry: false });
    if (now === undefined || !isSame(status, now)) return false;
  }
  return true;
}

class FolderLook {
  readonly folders = new Map<string, Stats>();
  #hasLinks = false;

  /** What a link leads to can come and go without the folder changing. */
  canBeKept(now: number): boolean {
    return !this.#hasLinks && [...this.folders.values()].every((each) => isSettled(each, now));
  }

  /** Null when there is no such folder. `above` has the folders on the way: links can make circles. */
  listBelow(place: string, shown: string, above: ReadonlySet<number>): string[] | null {
    const status = statSync(place, { throwIfNoEntry: false });
    if (status?.isDirectory() !== true || above.has(status.ino)) return null;
    this.folders.set(place, status);
    const within = new Set([...above, status.ino]);
    return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(place, entry.name);
      const name = shown === '' ? entry.name : `${shown}/${entry.name}`;
      if (entry.isFile()) return [name];
      if (entry.isDirectory()) return this.listBelow(file, name, within) ?? [];
      if (!entry.isSymbolicLink()) return [];
      this.#hasLinks = true;
      const target = statSync(file, { throwIfNoEntry: false });
      return target?.isFile() === true ? [name] : (this.listBelow(file, name, within) ?? []);
    });
  }
}

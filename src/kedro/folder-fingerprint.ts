import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file that has changed this shortly ago may change again within the clock's grain, unseen. */
const racyMs = 50;

/** When a file last changed, at the latest: a time in whole seconds may have lost the rest, as on Deno. */
function latestMs(timeMs: number): number {
  return timeMs % 1000 === 0 ? timeMs + 999 : timeMs;
}

/**
 * Returns a text that differs when a file below `folder` differs in path, size, times or inode; null when
 * that cannot be relied on: a file has just been written, or the folder cannot be read. Synchronous, as it
 * stands between a request and its answer and takes microseconds a file.
 */
export function fingerprintFolder(folder: string): string | null {
  const lines: string[] = [];
  const newestMs = collect(folder, lines);
  if (newestMs === null || newestMs > Date.now() - racyMs) return null;
  return lines.join('\n');
}

function collect(folder: string, lines: string[]): number | null {
  let newestMs = 0;
  try {
    for (const name of readdirSync(folder).toSorted()) {
      const path = join(folder, name);
      const status = statSync(path);
      if (status.isDirectory()) {
        const below = collect(path, lines);
        if (below === null) return null;
        newestMs = Math.max(newestMs, below);
      } else {
        newestMs = Math.max(newestMs, latestMs(status.mtimeMs), latestMs(status.ctimeMs));
        lines.push(`${path}|${status.size}|${status.mtimeMs}|${status.ctimeMs}|${status.ino}`);
      }
    }
  } catch {
    return null;
  }
  return newestMs;
}

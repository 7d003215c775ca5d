/** Loaded into a server before it starts: on SIGUSR2 it tells what the process holds. */
import { renameSync, writeFileSync } from 'node:fs';

export interface Census {
  /** Bytes of what is reachable. */
  readonly heapBytes: number;
  /** What keeps the event loop alive, by name: timers, sockets, files. */
  readonly resources: Readonly<Record<string, number>>;
}

const file = process.env['CHAOS_CENSUS'];
if (file !== undefined) {
  process.on('SIGUSR2', () => {
    const resources: Record<string, number> = {};
    for (const name of process.getActiveResourcesInfo()) {
      resources[name] = (resources[name] ?? 0) + 1;
    }
    globalThis.gc?.();
    const census: Census = { heapBytes: process.memoryUsage().heapUsed, resources };
    writeFileSync(`${file}.new`, JSON.stringify(census));
    renameSync(`${file}.new`, file);
  });
}

import path from 'node:path';
import type { Logger } from 'pino';
import { createMemoryRunStore } from '../adapters/node.ts';
import { KedroServerError } from '../errors.ts';
import { createSqliteRunStore } from '../nodejs/sqlite-run-store.ts';
import type { RunStore } from '../run/run-store.ts';

/**
 * Opens the store of runs: `memory`, or the SQLite file at a path. Where none is asked for it is
 * `.kedro-server/runs.sqlite` in the project; when that cannot be used (a folder that is read
 * only, another server on the same project), the log says so and runs are kept in memory. Throws
 * `KedroServerError` (`store-unusable`) for a path that was asked for.
 */
export async function openRunStore(
  asked: string | undefined,
  projectPath: string,
  logger: Logger,
): Promise<RunStore> {
  if (asked === 'memory') return createMemoryRunStore();
  const store = createSqliteRunStore({
    path: path.resolve(asked ?? path.join(projectPath, '.kedro-server', 'runs.sqlite')),
  });
  try {
    await store.open();
    return store;
  } catch (error) {
    await store.close();
    if (asked !== undefined || !(error instanceof KedroServerError)) throw error;
    logger.warn(
      { event: 'store.fallback', error: error.message },
      `Runs are kept in memory and are gone when the server ends: ${error.message} Choose another file with --store <path>, or say --store memory.`,
    );
    return createMemoryRunStore();
  }
}

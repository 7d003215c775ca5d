import path from 'node:path';
import type { Logger } from 'pino';
import type { KedroExecutor } from '../kedro/kedro-executor.ts';
import type { KedroProject } from '../nodejs/kedro-project.ts';
import { watchFiles, type FileWatch } from '../nodejs/watch-files.ts';

const MOST_FILES_LOGGED = 20;

/**
 * Has the executor load a project again whenever its code or configuration changes. Its
 * `pyproject.toml` does not count: Kedro's telemetry plugin writes to it during runs.
 */
export function reloadOnChange(
  project: KedroProject,
  confSource: string | undefined,
  executor: KedroExecutor,
  logger: Logger,
): FileWatch {
  let turn = Promise.resolve();
  return watchFiles({
    paths: [project.sourcePath, confSource ?? path.join(project.path, 'conf')],
    onChange: (changed) => {
      const files = changed.map((file) => path.relative(project.path, file));
      const [first = '', ...others] = files;
      const what = others.length === 0 ? first : `${first} and ${others.length} more`;
      logger.info(
        { event: 'reload', files: files.slice(0, MOST_FILES_LOGGED) },
        `Reloading: ${what} changed`,
      );
      turn = turn
        .then(async () => {
          await executor.open();
          await executor.reload(`${what} changed`);
        })
        .catch((error: unknown) => logger.error({ event: 'reload', error }, 'Reloading failed'));
    },
  });
}

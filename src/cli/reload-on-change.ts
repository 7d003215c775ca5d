import path from 'node:path';
import type { Logger } from 'pino';
import type { ServedProject } from '../nodejs/served-project.ts';
import { watchFiles, type FileWatch } from '../nodejs/watch-files.ts';
import type { ReloadableExecutor } from './create-executor.ts';

const MOST_FILES_LOGGED = 20;

/**
 * Has the executor load a project again whenever its code or configuration changes. A
 * `pyproject.toml` does not count: Kedro's telemetry plugin writes to it during runs.
 */
export function reloadOnChange(
  project: ServedProject,
  confSource: string | undefined,
  executor: ReloadableExecutor,
  logger: Logger,
): FileWatch {
  let turn = Promise.resolve();
  return watchFiles({
    paths: [
      project.sourcePath,
      ...(project.kind === 'typescript' ? [path.join(project.path, 'package.json')] : []),
      confSource ?? path.join(project.path, 'conf'),
    ],
    onChange: (changed) => {
      const files = changed.map((file) => path.relative(project.path, file));
      const [first = '', ...others] = files;
      const what = others.length === 0 ? first : `${first} and ${others.length} more`;
      logger.info(
        { event: 'reload', files: files.slice(0, MOST_FILES_LOGGED) },
        `Reloading: ${what} changed`,
      );
      turn = turn
        .then(async () => executor.reload(`${what} changed`))
        .catch((error: unknown) => logger.error({ event: 'reload', error }, 'Reloading failed'));
    },
  });
}

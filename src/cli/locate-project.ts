import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { ServerSettingsError } from '../errors.ts';
import {
  findKedroProject,
  requireKedroProject,
  type KedroProject,
} from '../nodejs/kedro-project.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import { UsageError } from './usage-error.ts';

/**
 * The project that the command line means: `--project`, else the nearest one from the current
 * folder upward, else the one of `KEDRO_PROJECT_PATH`. Throws when there is none, saying where
 * it looked.
 */
export function locateProject(given: string | undefined): KedroProject {
  if (given !== undefined) {
    const folder = path.resolve(given);
    if (!existsSync(folder)) {
      throw new UsageError(`Invalid value for '--project': Path '${given}' does not exist.`);
    }
    return requireKedroProject(realpathSync(folder));
  }
  const here = process.cwd();
  const found = findKedroProject(here);
  if (found !== null) return found;
  if (process.env['KEDRO_PROJECT_PATH'])
    return requireKedroProject(resolveServerSettings({}).projectPath);
  throw new ServerSettingsError(
    `No Kedro project found: neither '${here}' nor a folder above it has a pyproject.toml with a ` +
      '[tool.kedro] section. Go to the project, or name it with --project.',
  );
}

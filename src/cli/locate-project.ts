import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { ServerSettingsError } from '../errors.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import {
  findProject,
  projectMarks,
  requireProject,
  type ServedProject,
} from '../nodejs/served-project.ts';
import { UsageError } from './usage-error.ts';

/**
 * The project that the command line means: `--project`, else the nearest one from the current
 * folder upward, else the one of `KEDRO_PROJECT_PATH`. Throws when there is none, saying where
 * it looked.
 */
export function locateProject(given: string | undefined): ServedProject {
  if (given !== undefined) {
    const folder = path.resolve(given);
    if (!existsSync(folder)) {
      throw new UsageError(`Invalid value for '--project': Path '${given}' does not exist.`);
    }
    return requireProject(realpathSync(folder));
  }
  const here = process.cwd();
  const found = findProject(here);
  if (found !== null) return found;
  if (process.env['KEDRO_PROJECT_PATH'])
    return requireProject(resolveServerSettings({}).projectPath);
  throw new ServerSettingsError(
    `No project found: '${here}' and the folders above it have ${projectMarks}. Go to the project, or name it with --project.`,
  );
}

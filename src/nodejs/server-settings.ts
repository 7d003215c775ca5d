import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { ServerSettingsError } from '../errors.ts';

export interface ServerSettingsInput {
  /** Root of the Kedro project; else the variable `KEDRO_PROJECT_PATH`. */
  readonly projectPath?: string | undefined;
  /** Configuration environment; else the variable `KEDRO_SERVER_ENV`. */
  readonly env?: string | undefined;
  /** Path or URL of the configuration; else the variable `KEDRO_SERVER_CONF_SOURCE`. */
  readonly confSource?: string | undefined;
}

export interface ServerSettings {
  readonly projectPath: string;
  readonly env?: string;
  readonly confSource?: string;
}

/**
 * Settles what is to be served as `kedro/server/utils.py` does: a value given wins over its
 * variable, which is read now. Throws `ServerSettingsError` in Kedro's words.
 */
export function resolveServerSettings(input: ServerSettingsInput): ServerSettings {
  const env = input.env ?? process.env['KEDRO_SERVER_ENV'];
  const confSource = input.confSource ?? process.env['KEDRO_SERVER_CONF_SOURCE'];
  return {
    projectPath: resolveProjectPath(input.projectPath),
    ...(env !== undefined && { env }),
    ...(confSource && { confSource: resolveConfSource(confSource) }),
  };
}

function resolveProjectPath(given: string | undefined): string {
  const raw = given ?? process.env['KEDRO_PROJECT_PATH'];
  if (!raw) {
    throw new ServerSettingsError(
      "Environment variable 'KEDRO_PROJECT_PATH' is not set or passed as an argument. " +
        'The Kedro server must be started from within a Kedro project directory.',
    );
  }
  const resolved = path.resolve(raw);
  if (!existsSync(resolved)) {
    throw new ServerSettingsError(
      `Project path '${resolved}' does not exist. ` +
        "Make sure you're running the server from a valid Kedro project.",
    );
  }
  return realpathSync(resolved);
}

/** A path becomes absolute, because workers have a working directory of their own. */
export function resolveConfSource(confSource: string): string {
  return confSource.includes('://') ? confSource : path.resolve(confSource);
}

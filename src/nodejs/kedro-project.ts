import path from 'node:path';
import { parse } from 'smol-toml';
import { ServerSettingsError } from '../errors.ts';
import { readTextOrNull } from './read-text-or-null.ts';

/** A folder whose `pyproject.toml` has a `[tool.kedro]` section. Paths are absolute. */
export interface KedroProject {
  readonly path: string;
  /** Where the Python package is: `source_dir` of `[tool.kedro]`, `src` by default. */
  readonly sourcePath: string;
}

/**
 * Reads the Kedro project in `folder`; null when the folder holds none. Throws
 * `ServerSettingsError` when its `pyproject.toml` means to be Kedro's and is not valid TOML.
 */
export function readKedroProject(folder: string): KedroProject | null {
  const file = path.join(folder, 'pyproject.toml');
  const text = readTextOrNull(file);
  if (text === null || !text.includes('kedro')) return null;
  const { tool } = parseToml(text, file);
  const kedro = isTable(tool) ? tool['kedro'] : null;
  if (!isTable(kedro)) return null;
  const sourceDir = kedro['source_dir'];
  return {
    path: folder,
    sourcePath: path.resolve(folder, typeof sourceDir === 'string' ? sourceDir : 'src'),
  };
}

function parseToml(text: string, file: string): { tool?: unknown } {
  try {
    return parse(text);
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new ServerSettingsError(`Cannot read '${file}': ${reason}`, { cause: error });
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

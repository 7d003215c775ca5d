import path from 'node:path';
import { suggestName } from '../names/suggest-name.ts';
import { ServerSettingsError } from '../errors.ts';
import { isNameMap, valueType } from '../pipeline/value-type.ts';
import { readTextOrNull } from './read-text-or-null.ts';

/** A folder whose `package.json` has a `kedro` section: a project with pipelines in TypeScript. */
export interface TypescriptProject {
  /** Absolute. */
  readonly path: string;
  /** Absolute: `sourceDir` of the section, `src` by default. */
  readonly sourcePath: string;
  readonly projectName: string;
  readonly packageName: string;
  readonly kedroVersion: string | undefined;
}

const keys = ['projectName', 'packageName', 'kedroVersion', 'sourceDir'] as const;

/**
 * Reads the TypeScript project in `folder`; null when the folder holds none. Throws
 * `ServerSettingsError` when its `package.json` means to be one and is written wrongly.
 */
export function readTypescriptProject(folder: string): TypescriptProject | null {
  const file = path.join(folder, 'package.json');
  const text = readTextOrNull(file);
  if (text === null || !text.includes('"kedro"')) return null;
  const manifest = parseJson(text, file);
  const section = isNameMap(manifest) ? manifest['kedro'] : undefined;
  if (section === undefined) return null;
  if (!isNameMap(section)) {
    throw wrong(file, `its 'kedro' has to be an object, not '${valueType(section)}'`);
  }
  refuseUnknownKeys(section, file);
  const readKey = (key: (typeof keys)[number]): string | undefined => {
    const value = section[key];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw wrong(file, `'kedro.${key}' has to be a text that is not empty`);
  };
  const projectName = readKey('projectName');
  const packageName = readKey('packageName');
  if (projectName === undefined || packageName === undefined) {
    const missing = projectName === undefined ? 'projectName' : 'packageName';
    throw wrong(
      file,
      `its 'kedro' section has no '${missing}'. Write "kedro": { "projectName": "My project", "packageName": "my_project" }`,
    );
  }
  return {
    path: folder,
    sourcePath: path.resolve(folder, readKey('sourceDir') ?? 'src'),
    projectName,
    packageName,
    kedroVersion: readKey('kedroVersion'),
  };
}

/** Reads the TypeScript project in `folder`. Throws `ServerSettingsError` when it holds none. */
export function requireTypescriptProject(folder: string): TypescriptProject {
  const project = readTypescriptProject(folder);
  if (project !== null) return project;
  throw new ServerSettingsError(
    `'${folder}' is no TypeScript project: it has no package.json with a 'kedro' section.`,
  );
}

function wrong(file: string, problem: string): ServerSettingsError {
  return new ServerSettingsError(`'${file}' is wrong: ${problem}.`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerSettingsError(`Cannot read '${file}': ${reason}`, { cause: error });
  }
}

function refuseUnknownKeys(section: Readonly<Record<string, unknown>>, file: string): void {
  const known: readonly string[] = keys;
  const unknown = Object.keys(section).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw wrong(
    file,
    `'kedro.${unknown}' is not known.${suggestName(unknown, known)} There are ${known.join(', ')}`,
  );
}

import path from 'node:path';
import { ServerSettingsError } from '../errors.ts';
import { readKedroProject, type KedroProject } from './kedro-project.ts';
import { readTypescriptProject, type TypescriptProject } from './typescript-project.ts';

/** A project that can be served: one of Kedro, in Python, or one in TypeScript. */
export type ServedProject =
  | (KedroProject & { readonly kind: 'kedro' })
  | (TypescriptProject & { readonly kind: 'typescript' });

/** What makes a folder a project. */
export const projectMarks =
  "neither a pyproject.toml with a [tool.kedro] section nor a package.json with a 'kedro' section";

/**
 * Reads the project in `folder`; null when the folder holds none. Throws `ServerSettingsError`
 * when it holds two, or one that is written wrongly.
 */
export function readProject(folder: string): ServedProject | null {
  const kedro = readKedroProject(folder);
  const typescript = readTypescriptProject(folder);
  if (kedro !== null && typescript !== null) {
    throw new ServerSettingsError(
      `'${folder}' is two projects: its pyproject.toml has a [tool.kedro] section, and its package.json a 'kedro' section. Keep one of them, or give each a folder.`,
    );
  }
  if (kedro !== null) return { ...kedro, kind: 'kedro' };
  return typescript === null ? null : { ...typescript, kind: 'typescript' };
}

/** Reads the project in `folder`. Throws `ServerSettingsError` when it holds none, or two. */
export function requireProject(folder: string): ServedProject {
  const project = readProject(folder);
  if (project !== null) return project;
  throw new ServerSettingsError(`'${folder}' is no project: it has ${projectMarks}.`);
}

/** The nearest project, looking in `folder` and then in each of its parents. */
export function findProject(folder: string): ServedProject | null {
  const project = readProject(folder);
  const parent = path.dirname(folder);
  return project !== null || parent === folder ? project : findProject(parent);
}

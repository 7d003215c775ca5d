import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files of a project by their path in it; null removes a file or a folder. */
export type ProjectFiles = Readonly<Record<string, string | null>>;

/** A project of `projects/` or the example, with files put over it. */
export interface ProjectSource {
  readonly base: keyof typeof basePaths;
  readonly files?: ProjectFiles;
}

const asItWas = { recursive: true, preserveTimestamps: true } as const;
const basePaths = {
  plain: fileURLToPath(new URL('projects/plain', import.meta.url)),
  probe: fileURLToPath(new URL('projects/probe', import.meta.url)),
  flights: fileURLToPath(new URL('../../examples/flights-kedro', import.meta.url)),
};

/** Copies a project into a temporary folder with an awkward name; returns the copy's real path. */
export async function copyProject(source: ProjectSource): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "parity #1 + 50%'s ")));
  const path = join(root, 'project');
  await cp(basePaths[source.base], path, {
    ...asItWas,
    filter: (from) => !/(__pycache__|\.venv|flights-kedro\/data)$/.test(from),
  });
  await writeFiles(path, source.files ?? {});
  return path;
}

export async function removeProject(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true });
}

/** Writes files in place, as an editor does; `keepTimes` leaves their times as they were. */
export async function writeFiles(
  path: string,
  files: ProjectFiles,
  keepTimes = false,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const target = join(path, name);
    const before = await stat(target).catch(() => null);
    if (text === null || before?.isDirectory()) await rm(target, { recursive: true, force: true });
    if (text === null) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    if (keepTimes && before) await utimes(target, before.atime, before.mtime);
  }
}

/** Puts `folder` of the copy back to what the source has. */
export async function restoreFolder(
  path: string,
  source: ProjectSource,
  folder: string,
): Promise<void> {
  await rm(join(path, folder), { recursive: true, force: true });
  const original = join(basePaths[source.base], folder);
  if (existsSync(original)) await cp(original, join(path, folder), asItWas);
  const inside = Object.entries(source.files ?? {}).filter(
    ([name]) => name.split('/')[0] === folder,
  );
  await writeFiles(path, Object.fromEntries(inside));
}

/** The files below `folder` by their path, sorted, without what Python compiles. */
export async function readFiles(
  path: string,
  folder: string,
): Promise<readonly (readonly [path: string, content: string])[]> {
  if (!existsSync(join(path, folder))) return [];
  const entries = await readdir(join(path, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(async (file) => {
    return [file.slice(path.length + 1), await readFile(file, 'latin1')] as const;
  });
  return (await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

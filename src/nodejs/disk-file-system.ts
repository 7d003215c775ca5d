import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { link, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { compareCodePoints } from '../names/compare-code-points.ts';
import { DatasetError } from '../catalog/dataset-error.ts';
import type { FileSystem, WriteOptions } from '../catalog/file-system.ts';
import { fileNotFound, prefixOf } from '../catalog/file-system.ts';
import { resolveLinks } from '../resolve-links.ts';

/** Below this, a blocking call costs less than the thread that an asynchronous one goes through. */
const smallFileBytes = 256 * 1024;

const temporaryEnding = '.saving';

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function toFileError(cause: unknown, file: string, doing: string): unknown {
  if (cause instanceof DatasetError || !(cause instanceof Error)) return cause;
  const code = codeOf(cause);
  if (code === 'ENOENT') return fileNotFound(file, { cause });
  if (code === 'EEXIST' && doing === 'write') {
    return new DatasetError('file-exists', `There is a file '${file}' already.`, { cause });
  }
  return new DatasetError('file-failed', `Cannot ${doing} '${file}': ${cause.message}`, { cause });
}

async function attempt<T>(file: string, doing: string, action: () => Promise<T> | T): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw toFileError(cause, file, doing);
  }
}

/** A small file at once; undefined when it is larger. */
function readSmall(file: string): Uint8Array | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > smallFileBytes) return undefined;
    if (size === 0) return readFileSync(descriptor);
    const bytes = new Uint8Array(size);
    const count = readSync(descriptor, bytes);
    return count === size ? bytes : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function writeSmall(file: string, data: Uint8Array | string, mustBeNew: boolean): void {
  const temporary = temporaryFor(file);
  try {
    writeFileSync(temporary, data, { flag: 'wx' });
    if (!mustBeNew) {
      renameSync(temporary, file);
      return;
    }
    linkSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  unlinkSync(temporary);
}

async function fillAndMove(
  file: string,
  mustBeNew: boolean,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    await fill(temporary);
    await (mustBeNew ? link(temporary, file) : rename(temporary, file));
  } finally {
    await rm(temporary, { force: true });
  }
}

function temporaryFor(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}${temporaryEnding}`);
}

function makeFolder(file: string): void {
  const folder = path.dirname(file);
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError('file-failed', `Cannot make the folder '${folder}': ${reason}`, {
      cause,
    });
  }
}

/** The path behind a `file://` URL; null where it climbs, which URLs also do by `%2e`. */
function toPath(url: string): string | null {
  const plain = url.replaceAll(/\p{Cc}/gu, '').replaceAll(/%2e/giu, '.');
  return plain.split(/[/\\]/u).includes('..') ? null : fileURLToPath(url);
}

/** What is at the top of `base` on the way to a file below it; file systems may not mind case. */
function topName(base: string, file: string): string {
  return (path.relative(base, file).split(path.sep)[0] ?? '').toLowerCase();
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/**
 * The files of this machine. Relative paths start at `root` and cannot leave it by `..`; absolute
 * ones are taken as they are written, without any `..`. Files are written beside their place and
 * then moved there. What is confined stays out of `closed`, which are files and folders at the
 * top of `root`, and of hidden ones that are there.
 */
export function createDiskFileSystem(root: string, closed: readonly string[] = []): FileSystem {
  const base = path.resolve(root);
  const closedNames = new Set(closed.map((each) => topName(base, path.resolve(base, each))));

  function leadsOut(written: string): DatasetError {
    return new DatasetError(
      'path-refused',
      `The path '${written}' leads out of the project '${base}'. Keep data below the project, or write an absolute path without '..' into the catalog.`,
    );
  }

  function locate(written: string): string {
    const local = written.startsWith('file://') ? toPath(written) : written;
    if (local === null) throw leadsOut(written);
    const isAbsolute = path.isAbsolute(local);
    const file = isAbsolute ? path.normalize(local) : path.resolve(base, local);
    const leaves = isAbsolute ? local.split(/[/\\]/u).includes('..') : !isBelow(file, base);
    if (leaves || local.includes('\0')) throw leadsOut(written);
    return file;
  }

  /** None where a text is no path here. */
  function placeOf(folder: string): string | undefined {
    try {
      return prefixOf(folder) === '' ? resolveLinks(locate(folder)) : undefined;
    } catch {
      return undefined;
    }
  }

  function isClosed(place: string): boolean {
    const name = topName(placeOf(base) ?? base, place);
    const isHidden = name.startsWith('.') && existsSync(path.join(base, name));
    return isHidden || closedNames.has(name);
  }

  function locateBelow(written: string, roots: readonly string[]): string {
    const file = locate(written);
    const place = resolveLinks(file);
    const isInside = (allowed: string): boolean => {
      const folder = placeOf(allowed);
      return folder !== undefined && isBelow(place, folder);
    };
    if (isInside(base) && !isClosed(place)) return file;
    if (roots.some(isInside)) return file;
    throw new DatasetError(
      'path-refused',
      `The path '${written}', which a request had a part in, leads out of the project '${base}' or to its code or configuration. Send one of data below it, also where there are links; or have the place listed with paramRoots, --param-roots.`,
    );
  }

  return {
    ...createFiles(base, locate),
    confine: (roots) => createFiles(base, (written) => locateBelow(written, roots)),
  };
}

function createFiles(base: string, locate: (written: string) => string): FileSystem {
  return {
    async read(written) {
      return await attempt(
        written,
        'read',
        () => readSmall(locate(written)) ?? readFile(locate(written)),
      );
    },
    async write(written, data, { mustBeNew = false }: WriteOptions = {}) {
      const file = locate(written);
      const save = () =>
        data.length > smallFileBytes
          ? fillAndMove(file, mustBeNew, async (place) => await writeFile(place, data))
          : writeSmall(file, data, mustBeNew);
      await attempt(written, 'write', async () => {
        try {
          await save();
        } catch (error) {
          if (codeOf(error) !== 'ENOENT') throw error;
          makeFolder(file);
          await save();
        }
      });
    },
    async exists(written) {
      return existsSync(locate(written));
    },
    async list(written) {
      const folder = locate(written);
      try {
        const found = await readdir(folder, { recursive: true, withFileTypes: true });
        return found
          .filter((each) => !each.isDirectory() && !each.name.endsWith(temporaryEnding))
          .map((each) => path.relative(folder, path.join(each.parentPath, each.name)))
          .map((each) => each.replaceAll(path.sep, '/'))
          .toSorted(compareCodePoints);
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return [];
        throw toFileError(cause, written, 'list');
      }
    },
    async remove(written) {
      const file = locate(written);
      if (file === base) {
        throw new DatasetError('path-refused', `The project '${base}' itself is never removed.`);
      }
      await attempt(written, 'remove', async () => {
        await rm(file, { recursive: true, force: true });
      });
    },
    local: {
      pathOf: locate,
      realPathOf: (written) => resolveLinks(locate(written)),
      async writeBy(written, fill, { mustBeNew = false } = {}) {
        const file = locate(written);
        makeFolder(file);
        await attempt(written, 'write', async () => await fillAndMove(file, mustBeNew, fill));
      },
    },
    async open(written) {
      const file = locate(written);
      return await attempt(written, 'read', async () => ({
        byteLength: (await stat(file)).size,
        async slice(start, end) {
          return await readSlice(file, start, end);
        },
      }));
    },
  };
}

async function readSlice(file: string, start: number, end?: number): Promise<ArrayBuffer> {
  await using handle = await open(file, 'r');
  const length = (end ?? (await handle.stat()).size) - start;
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  return bytes.buffer.slice(0, bytesRead);
}

import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isNameMap } from '../pipeline/value-type.ts';

/** By the URL of a project's folder: its modules as they are at one time, which the next imports anew. */
const generations = new Map<string, number>();
const packageNames: ReadonlySet<string> = new Set([
  'kedro-server',
  'kedro-server/node',
  'kedro-server/deno',
]);
const endings = ['ts', 'mts', 'js', 'mjs'] as const;
const mark = 'generation';

let isHooked = false;
let lastLoaded: string | undefined;

function folderOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  return [...generations.keys()].find(
    (folder) => url.startsWith(folder) && !url.slice(folder.length).includes('node_modules/'),
  );
}

/** This package's entry for Node.js, whose classes a project's pipelines must be of. */
function ownEntry(): string {
  return new URL(`../adapters/node${path.extname(import.meta.filename)}`, import.meta.url).href;
}

/**
 * Lets modules of projects get the kedro-server that loads them, whichever they have installed,
 * and keeps generations apart. Without hooks in the runtime, a project gets its own kedro-server
 * and one generation.
 */
function hookModules(): void {
  if (isHooked) return;
  isHooked = true;
  // Bun has no such function.
  if (!('registerHooks' in nodeModule)) return;
  nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context;
      if (packageNames.has(specifier) && folderOf(parentURL) !== undefined) {
        return { url: ownEntry(), shortCircuit: true };
      }
      const resolved = nextResolve(specifier, context);
      const folder = folderOf(resolved.url);
      if (folder === undefined || context.conditions.includes('require')) return resolved;
      const ofParent = parentURL?.startsWith(folder) === true ? generationOf(parentURL) : undefined;
      const generation = ofParent ?? generations.get(folder) ?? 0;
      return generation === 0 || resolved.url.includes('?')
        ? resolved
        : { ...resolved, url: `${resolved.url}?${mark}=${generation}` };
    },
    // Deno can load no native addon behind such a hook.
    ...(!('Deno' in globalThis) && {
      load: (url, context, nextLoad) => {
        if (folderOf(url) !== undefined) lastLoaded = url;
        return nextLoad(url, context);
      },
    }),
  });
}

function generationOf(url: string): number {
  return Number(new URL(url).searchParams.get(mark) ?? 0);
}

/** Has modules below `folder`, a real path without links, imported as those of a project. */
export function openModules(folder: string): void {
  hookModules();
  const url = urlOf(folder);
  if (!generations.has(url)) generations.set(url, 0);
}

/** What is imported below `folder` from now on is read anew. */
export function beginGeneration(folder: string): void {
  const url = urlOf(folder);
  generations.set(url, (generations.get(url) ?? 0) + 1);
}

function urlOf(folder: string): string {
  return `${pathToFileURL(folder).href}/`;
}

/** The module `name` of a folder, in TypeScript or JavaScript; null when there is none. */
export function findModule(folder: string, name: string): string | null {
  const files = endings.map((ending) => path.join(folder, `${name}.${ending}`));
  return files.find((file) => existsSync(file)) ?? null;
}

/** What a module exports. Throws what it throws. */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const exported: unknown = await import(pathToFileURL(file).href);
  return isNameMap(exported) ? exported : {};
}

/** `src/nodes.ts:3:8`, the place below `folder` that an error is from; null when it is from none. */
export function placeOf(error: Error, folder: string): string | null {
  const [place] = findPlaces(error, folder);
  if (place !== undefined) return place.position;
  // V8 does not say where JavaScript is that it cannot parse: it is what was loaded last.
  if (!(error instanceof SyntaxError) || lastLoaded === undefined) return null;
  return path.relative(folder, fileURLToPath(lastLoaded)).replaceAll(path.sep, '/');
}

/** The lines of an error's stack that are below `folder`, as `scale (src/nodes.ts:3:8)`. */
export function framesIn(error: Error, folder: string): readonly string[] {
  return findPlaces(error, folder).flatMap(({ line, position }) => {
    const [, name] = /^\s*at (?:async )?(?:(.+) \()?/u.exec(line) ?? [];
    return name === undefined ? [position] : [`${name} (${position})`];
  });
}

interface ErrorPlace {
  readonly line: string;
  readonly position: string;
}

function findPlaces(error: Error, folder: string): readonly ErrorPlace[] {
  const prefixes = [urlOf(folder), folder + path.sep];
  return (error.stack ?? '').split('\n').flatMap((line) => {
    const prefix = prefixes.find((each) => line.includes(each));
    if (prefix === undefined) return [];
    const rest = line.slice(line.indexOf(prefix) + prefix.length);
    const [, file = '', position = ''] =
      /^([^?:)\s]+)(?:\?[^:)\s]*)?((?::\d+){1,2})/u.exec(rest) ?? [];
    const isOwn = file !== '' && !file.includes('node_modules/');
    return isOwn ? [{ line, position: `${decodeURI(file)}${position}` }] : [];
  });
}

/** A text of this runtime without what tells generations apart. */
export function withoutGenerations(text: string): string {
  return text.replaceAll(/\?generation=\d+/gu, '');
}

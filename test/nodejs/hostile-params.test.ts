import fc from 'fast-check';
import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { DatasetContext, DatasetOptions } from '../../src/catalog/dataset.ts';
import type { FileSystem } from '../../src/catalog/file-system.ts';
import { MemoryDataset } from '../../src/catalog/memory-dataset.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { openProject } from '../../src/project/project.ts';
import { seed } from '../config/seed.ts';
import { configArbitrary, paramArbitrary, tokens } from './hostile-params.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const runCount = Number(process.env['PARAMS_RUNS'] ?? 600);

const outside = createTemporaryFolder();
const shared = createTemporaryFolder();
const project = createTemporaryFolder();
const places = { outside: outside.path, shared: path.join(shared.path, 'area') };

beforeAll(async () => {
  await outside.write('canary.txt', tokens.canary);
  await project.write('data/own.txt', 'own');
  await project.write('data/parts/a.txt', 'a part');
  await project.write('conf/local/credentials.yml', tokens.code);
  await project.write('.hidden', tokens.code);
  await shared.write('area/own.txt', 'shared');
  for (const folder of [path.join(project.path, 'data'), project.path, places.shared]) {
    await mkdir(path.join(folder, 'deep'), { recursive: true });
    for (const name of ['link', 'deep/link', '_']) {
      await symlink(outside.path, path.join(folder, name));
    }
    await symlink(path.join(outside.path, 'not-there'), path.join(folder, 'dangling'));
    await symlink(path.join(outside.path, 'canary.txt'), path.join(folder, 'canary.txt'));
  }
});
afterAll(async () => {
  for (const folder of [outside, shared, project]) await folder[Symbol.asyncDispose]();
});

/** Where a program that is given this path ends up; links are followed by hand. */
function endOf(file: string): string {
  const parent = path.dirname(file);
  if (parent === file) return file;
  const place = path.join(endOf(parent), path.basename(file));
  try {
    return endOf(path.resolve(path.dirname(place), readlinkSync(place)));
  } catch {
    return existsSync(place) ? realpathSync(place) : place;
  }
}

/** Below a file there is nothing to open. */
function isBelowFile(place: string): boolean {
  const parent = path.dirname(place);
  if (parent === place) return false;
  const found = statSync(parent, { throwIfNoEntry: false });
  return found?.isFile() === true || (found === undefined && isBelowFile(parent));
}

function isPermitted(file: string): boolean {
  const place = path.resolve(project.path, file);
  if (!file.includes('\0') && isBelowFile(place)) return true;
  const end = endOf(place);
  const [first = '', ...rest] = path.relative(project.path, end).split(path.sep);
  if (first === '..') return `${end}${path.sep}`.startsWith(`${shared.path}${path.sep}`);
  return first !== '.hidden' && first !== 'conf' && !rest.includes('..');
}

interface Seen {
  readonly opened: string[];
  readonly made: string[];
  readonly requested: string[];
  /** What the run's node was given. */
  readonly given: unknown[];
}

/** Opens whatever text it is given, anywhere in its options; a separator is no path there. */
function createOpener({ opened, made }: Seen) {
  return class Opener {
    readonly #texts: readonly string[];

    constructor(options: DatasetOptions, context: DatasetContext) {
      made.push('Opener');
      const { load_args: args, ...others } = options;
      const isPath = (text: string): boolean => /[\p{L}\p{N}.]/u.test(text);
      this.#texts = [...textsIn(others), ...textsIn(args).filter(isPath)];
      if (options['inner'] !== undefined) context.createDataset(options['inner']);
    }

    async load(): Promise<unknown> {
      opened.push(...this.#texts);
      return 'opened';
    }

    async save(): Promise<void> {
      opened.push(...this.#texts);
    }

    exists = async () => true;
    release = async () => undefined;
    describe = () => ({});
  };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Files of a URL scheme: there is one for every path that is asked for. */
function createRecordingFiles({ requested }: Seen): FileSystem {
  const files = createMemoryFileSystem();
  return {
    ...files,
    read: async (file) => {
      requested.push(file);
      return new Uint8Array();
    },
    write: async (file) => {
      requested.push(file);
    },
    list: async (folder) => {
      requested.push(folder);
      return ['a'];
    },
  };
}

async function contentOf(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const parts: readonly unknown[] = Object.values(value);
  return await Promise.all(
    parts.map(async (load): Promise<unknown> => {
      return typeof load === 'function' ? await Reflect.apply(load, undefined, []) : load;
    }),
  );
}

async function runWith(
  config: Record<string, string>,
  p: unknown,
  saves: boolean,
  isSoft: boolean,
) {
  const seen: Seen = { opened: [], made: [], requested: [], given: [] };
  const load = node(
    async (it: unknown, mine: unknown) => {
      seen.given.push(mine);
      seen.opened.push(...textsIn(await contentOf(it)).map((text) => `data/${text.length}`));
      return await contentOf(it);
    },
    ['it', 'params:p'],
    'loaded',
    { name: 'load' },
  );
  const save = node(
    (mine: unknown) => {
      seen.given.push(mine);
      return config['base/catalog.yml']?.includes('partitions.') ? { b: 'written' } : 'written';
    },
    'params:p',
    'it',
    { name: 'save' },
  );
  const files = createRecordingFiles(seen);
  const opened = await openProject({
    projectName: 'Hostile',
    packageName: 'hostile',
    config,
    pipelines: { __default__: pipeline([saves ? save : load]) },
    settings: {
      configLoaderArgs: {
        mergeStrategy: isSoft ? { catalog: 'soft', parameters: 'soft' } : {},
        environment: { TOKEN: tokens.environment },
        customResolvers: {
          echo: (value: unknown) => value,
          pair: (value: unknown) => ({ type: value, filepath: [value, { path: value }] }),
          leak: () => tokens.resolver,
        },
      },
      datasetTypes: {
        Opener: createOpener(seen),
        Evil: class extends MemoryDataset {
          constructor() {
            super('evil');
            seen.made.push('Evil');
          }
        },
      },
      fileSystems: {
        '': createDiskFileSystem(project.path, ['conf']),
        's3://': files,
        'http://': files,
        'https://': files,
      },
    },
  });
  const paramsJson = JSON.stringify({ p });
  let said = '';
  let isDone = false;
  let loaded: unknown;
  try {
    const result = await opened.run({ runId: 'run', paramsJson });
    loaded = saves ? undefined : await result.get('loaded')?.load();
    isDone = true;
  } catch (error) {
    said = String(error);
  }
  const snapshot = await opened
    .snapshot(`p=${JSON.stringify(p)}`)
    .then((made) => JSON.stringify(made))
    .catch(String);
  return { seen, said, snapshot, loaded, isDone };
}

test(`no parameter opens, makes or reads what it must not (seed ${seed})`, async () => {
  const tally = { done: 0, refused: 0, opened: 0, requested: 0 };
  await fc.assert(
    fc.asyncProperty(
      configArbitrary(places),
      paramArbitrary(places),
      fc.boolean(),
      fc.boolean(),
      async (config, p, saves, isSoft) => {
        const { seen, said, snapshot, loaded, isDone } = await runWith(config, p, saves, isSoft);
        expect(seen.made).not.toContain('Evil');
        for (const file of seen.opened) {
          const isUrl = /^(?:s3:\/\/bucket|http:\/\/host)\//u.test(file);
          expect(isUrl || isPermitted(file.replace(/^file:\/\//u, '')), file).toBe(true);
        }
        for (const url of seen.requested) {
          expect(url).toMatch(/^(?:s3:\/\/bucket|http:\/\/host)(?:\/|$)/u);
          expect(new URL(url).host).toMatch(/^(?:bucket|host)$/u);
        }
        const shown = `${JSON.stringify(loaded ?? null)} ${said} ${snapshot}`;
        for (const token of Object.values(tokens)) expect(shown).not.toContain(token);
        for (const mine of seen.given) expect(mine).toEqual(p);
        expect(await readFile(path.join(outside.path, 'canary.txt'), 'utf8')).toBe(tokens.canary);
        expect(await readdir(outside.path)).toEqual(['canary.txt']);
        expect(await readFile(path.join(project.path, 'conf/local/credentials.yml'), 'utf8')).toBe(
          tokens.code,
        );
        tally[isDone ? 'done' : 'refused'] += 1;
        tally.opened += seen.opened.length;
        tally.requested += seen.requested.length;
      },
    ),
    { seed, numRuns: runCount },
  );
  // Where nothing gets through, nothing is shown.
  const { requested, ...others } = tally;
  for (const count of [requested * 20, ...Object.values(others)]) {
    expect(count, JSON.stringify(tally)).toBeGreaterThan(runCount / 20);
  }
}, 120_000);

import { describe, expect, test } from 'vitest';

import type { DataCatalogOptions } from '../../src/catalog/data-catalog.ts';
import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import type { Dataset, DatasetContext, DatasetOptions } from '../../src/catalog/dataset.ts';
import { DatasetError } from '../../src/catalog/dataset-error.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';

function create(options: DataCatalogOptions = {}) {
  const fileSystem = createMemoryFileSystem();
  const warnings: string[] = [];
  const catalog = createDataCatalog({
    fileSystems: { '': fileSystem },
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  return { catalog, fileSystem, warnings };
}

/** A user's own dataset: counts up. */
class CounterDataset implements Dataset {
  readonly #name: string;
  readonly #step: number;
  #count = 0;

  constructor(options: DatasetOptions, context: DatasetContext) {
    if (typeof options['step'] !== 'number') throw new TypeError("'step' has to be a number.");
    this.#step = options['step'];
    this.#name = context.name;
  }

  async load(): Promise<unknown> {
    this.#count += this.#step;
    return `${this.#name} ${this.#count}`;
  }

  save(): Promise<void> {
    return Promise.reject(new Error('https://me:pass@host/x?token=1 is read-only'));
  }

  async exists(): Promise<boolean> {
    return true;
  }

  async release(): Promise<void> {
    this.#count = 0;
  }

  async confirm(): Promise<void> {
    this.#count = 100;
  }

  describe() {
    return { url: 'https://me:pass@host/x?token=1', step: this.#step };
  }
}

describe('names', () => {
  test('are in memory where neither an entry nor a pattern has them, once they are got', async () => {
    const { catalog } = create();
    expect(catalog.has('a')).toBe(false);
    expect(catalog.find('a')).toBeUndefined();
    expect(await catalog.exists('a')).toBe(false);
    await expect(catalog.load('a')).rejects.toMatchObject({
      name: 'DatasetNotFoundError',
      code: 'dataset-not-found',
      message: "Dataset 'a' not found in the catalog.",
    });
    expect(catalog.get('a').ephemeral).toBe(true);
    await expect(catalog.load('a')).rejects.toThrow(
      'a: Data for MemoryDataset has not been saved yet.',
    );
    await catalog.save('a', 1);
    expect(await catalog.load('a')).toBe(1);
    await catalog.release('a');
    expect(await catalog.exists('a')).toBe(false);
  });

  test('that are missing are suggested', async () => {
    const { catalog } = create({ config: { companies: { type: 'MemoryDataset' } } });
    await expect(catalog.load('company')).rejects.toThrow("Did you mean 'companies'?");
  });

  test('that begin with _ are ignored', () => {
    const { catalog } = create({ config: { _csv: { sep: ';' }, _file: 1 } });
    expect(catalog.names()).toEqual([]);
  });

  test('with a format are entries of their own', async () => {
    const { catalog } = create({
      config: {
        'ds@text': { type: 'text.TextDataset', filepath: 'a' },
        'ds@json': { type: 'json.JSONDataset', filepath: 'a' },
      },
    });
    await catalog.save('ds@text', '{"a": 1}');
    expect(await catalog.load('ds@json')).toEqual({ a: 1 });
    expect(catalog.has('ds')).toBe(false);
  });

  test('like those of every object are not there by themselves', () => {
    const { catalog } = create({ config: {}, credentials: {}, parameters: {}, loadVersions: {} });
    for (const name of ['toString', '__proto__', 'constructor', 'params:toString']) {
      expect(catalog.has(name)).toBe(false);
      expect(catalog.get(name).describe()).toEqual({});
    }
  });
});

describe('parameters', () => {
  const parameters = { a: { b: [1, { c: 2 }] }, 'x.y': 3, ['__proto__']: 4 };

  test('are datasets, each below maps too', async () => {
    const { catalog } = create({ parameters });
    expect(catalog.names()).toEqual([
      'parameters',
      'params:a',
      'params:a.b',
      'params:x.y',
      'params:__proto__',
    ]);
    expect(await catalog.load('params:a.b')).toEqual([1, { c: 2 }]);
    expect(await catalog.load('params:x.y')).toBe(3);
    expect(await catalog.load('parameters')).toEqual(parameters);
  });

  test('are copied for each who loads them', async () => {
    const { catalog } = create({ parameters });
    const loaded = (await catalog.load('params:a')) as { b: unknown[] };
    loaded.b.push('changed');
    expect(await catalog.load('parameters')).toEqual(parameters);
  });

  test('that are missing are no datasets of a catch-all pattern', () => {
    const { catalog } = create({
      parameters,
      config: { '{default}': { type: 'text.TextDataset', filepath: '{default}' } },
    });
    expect(catalog.has('params:typo')).toBe(false);
    expect(catalog.has('typo')).toBe(true);
  });
});

describe('types', () => {
  test('that are not known are suggested', () => {
    const { catalog } = create({ config: { a: { type: 'pandas.CsvDataSet', filepath: 'a' } } });
    expect(() => catalog.get('a')).toThrow(
      /^Dataset 'a' has the type 'pandas\.CsvDataSet', which is not known\. Did you mean 'pandas\.CSVDataset'\? Known types: /u,
    );
  });

  test.each(['json.JSONDataset', 'kedro_datasets.json.JSONDataset'])('are found as %s', (type) => {
    const { catalog } = create({ config: { a: { type, filepath: 'a' } } });
    expect(catalog.get('a').describe()).toMatchObject({ filepath: 'a' });
  });

  test.each([
    [{}, "'type' is missing"],
    [{ type: 1 }, "'type' has to be a text"],
    [1, 'is not a valid dataset configuration'],
    [null, 'is not a valid dataset configuration'],
  ])('are asked for when the catalog is made: %o', (entry, message) => {
    expect(() => create({ config: { a: entry } })).toThrow(message);
  });

  test('may be users’ own', async () => {
    const { catalog } = create({
      config: {
        'count.{name}': { type: 'my.Counter', step: 2, metadata: { kept: true } },
        bad: { type: 'my.Counter' },
      },
      datasetTypes: { 'my.Counter': CounterDataset },
    });
    expect(await catalog.load('count.a')).toBe('count.a 2');
    await catalog.confirm('count.a');
    expect(await catalog.load('count.a')).toBe('count.a 102');
    expect(catalog.describe('count.a')).toEqual({
      name: 'count.a',
      type: 'my.Counter',
      filepath: undefined,
      isVersioned: false,
      pattern: 'count.{name}',
      metadata: { kept: true },
    });
    expect(() => catalog.get('bad')).toThrow(
      "'step' has to be a number.\nFailed to instantiate dataset 'bad' of type 'my.Counter'.",
    );
  });

  test('show no secrets when they fail', async () => {
    const { catalog } = create({
      config: { a: { type: 'my.Counter', step: 1 } },
      datasetTypes: { 'my.Counter': CounterDataset },
    });
    const error: unknown = await catalog.save('a', 1).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({
      name: 'DatasetError',
      code: 'dataset-save-failed',
      message:
        "a: Failed while saving data to dataset my.Counter(url='https://<redacted>@host/x?<redacted>', step=1).\nhttps://<redacted>@host/x?<redacted> is read-only",
    });
  });

  test('without confirm say so', async () => {
    const { catalog } = create({ config: { a: { type: 'MemoryDataset' } } });
    await expect(catalog.confirm('a')).rejects.toThrow(
      "a: Dataset 'a' does not have 'confirm' method",
    );
  });
});

describe('credentials', () => {
  test('that are not known are refused when the catalog is made', () => {
    const config = { a: { type: 'MemoryDataset', credentials: 'nobody' } };
    expect(() => create({ config, credentials: { somebody: 1 } })).toThrow(
      expect.objectContaining({ name: 'KeyError', code: 'credentials-not-found' }),
    );
  });

  test('stand where their names were, and are no template', () => {
    const { catalog } = create({
      config: { 'x.{name}': { type: 'T', inner: { credentials: 'store' }, file: '{name}' } },
      credentials: { store: { password: '{name}}' } },
    });
    expect(catalog.resolvePattern('x.a')).toEqual({
      type: 'T',
      inner: { credentials: { password: '{name}}' } },
      file: 'a',
    });
  });
});

describe('paths', () => {
  const config = {
    'in.{name}': { type: 'text.TextDataset', filepath: 'data/{name}.txt' },
    '{name}@raw': { type: 'text.TextDataset', filepath: '{name}' },
  };

  test.each([
    'in.../../secret',
    'in.a/../../b',
    String.raw`in...\x`,
    '/etc/passwd@raw',
    's3://b/k@raw',
    'C:x@raw',
    '..@raw',
  ])('cannot be led out by the name %s', async (name) => {
    const { catalog } = create({ config });
    expect(() => catalog.get(name)).toThrow(expect.objectContaining({ code: 'path-refused' }));
    await expect(catalog.load(name)).rejects.toThrow('may not lead out of the folder');
  });

  test('may have dots and folders', () => {
    const { catalog } = create({ config });
    expect(catalog.get('in.a/b..c').describe()).toMatchObject({ filepath: 'data/a/b..c.txt' });
  });
});

describe('versions', () => {
  const config = { a: { type: 'text.TextDataset', filepath: 'a.txt', versioned: true } };

  async function saveAll(versions: readonly string[]) {
    const { fileSystem } = create();
    const fileSystems = { '': fileSystem };
    for (const saveVersion of versions) {
      await createDataCatalog({ config, fileSystems, saveVersion }).save('a', saveVersion);
    }
    return fileSystems;
  }

  test('load the newest, a given one, or the one that the catalog is pinned to', async () => {
    const fileSystems = await saveAll(['2026-01-02', '2026-01-10', '2025-12-31']);
    const catalog = createDataCatalog({ config, fileSystems });
    expect(await catalog.load('a')).toBe('2026-01-10');
    expect(await catalog.load('a', { version: '2025-12-31' })).toBe('2025-12-31');
    const loadVersions = { a: '2026-01-02' };
    const pinned = createDataCatalog({ config, fileSystems, loadVersions });
    expect(await pinned.load('a')).toBe('2026-01-02');
    await expect(catalog.load('a', { version: '2020' })).rejects.toThrow(
      "No such file: 'a.txt/2020/a.txt'.",
    );
    await expect(catalog.load('a', { version: '../x' })).rejects.toThrow('is not allowed');
  });

  test('that are saved while others are loaded are warned of', async () => {
    const fileSystems = await saveAll(['1']);
    const warnings: string[] = [];
    const catalog = createDataCatalog({
      config,
      fileSystems,
      loadVersions: { a: '1' },
      saveVersion: '2',
      onWarning: (message) => warnings.push(message),
    });
    await catalog.save('a', 'two');
    expect(warnings).toEqual([
      expect.stringContaining("Save version '2' did not match load version '1'"),
    ]);
  });

  test('of datasets that are not there are refused', () => {
    expect(() => create({ config, loadVersions: { b: '1' } })).toThrow(
      "'load_versions' keys [b] are not found in the catalog.",
    );
  });

  test('are called as Kedro calls them', () => {
    expect(create().catalog.saveVersion).toMatch(/^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$/u);
  });

  test('and a file of the same name do not go together', async () => {
    const { catalog, fileSystem } = create({ config });
    await fileSystem.write('a.txt', 'old');
    await expect(catalog.save('a', 'x')).rejects.toThrow(
      "Cannot save versioned dataset 'a.txt' because a file with the same name already exists",
    );
    expect(new TextDecoder().decode(await fileSystem.read('a.txt'))).toBe('old');
  });
});

test('a pattern that takes every name is warned of when it is used', () => {
  const { catalog, warnings } = create({ config: { '{any}': { type: 'MemoryDataset' } } });
  catalog.get('a');
  expect(warnings).toEqual([expect.stringContaining("the dataset pattern '{any}'")]);
});

test('making a catalog of 1,000 entries and 50 patterns costs little', () => {
  const entries = Array.from({ length: 1000 }, (_, index) => [
    `entry${index}`,
    { type: 'json.JSONDataset', filepath: `data/${index}.json` },
  ]);
  const patterns = Array.from({ length: 50 }, (_, index) => [
    `{name}_${index}`,
    { type: 'json.JSONDataset', filepath: `data/{name}_${index}.json` },
  ]);
  const config: Record<string, unknown> = Object.fromEntries([...entries, ...patterns]);
  const startedAt = performance.now();
  const { catalog } = create({ config });
  for (let index = 0; index < 1000; index += 1) catalog.get(`memory${index}`);
  expect(performance.now() - startedAt).toBeLessThan(2500);
});

describe('a configuration that many catalogs share', () => {
  class Greedy implements Dataset {
    readonly options: Record<string, unknown>;

    constructor(options: Readonly<Record<string, unknown>>) {
      this.options = options;
      const loadArgs = this.options['load_args'] as Record<string, unknown>;
      loadArgs['sep'] = `${String(loadArgs['sep'])}!`;
    }

    async load(): Promise<unknown> {
      return this.options['load_args'];
    }

    async save(): Promise<void> {}

    async exists(): Promise<boolean> {
      return true;
    }

    async release(): Promise<void> {}

    describe(): Readonly<Record<string, unknown>> {
      return {};
    }
  }

  test('frozen, it stays as it is when a dataset changes its options', async () => {
    const config = Object.freeze({
      greedy: Object.freeze({ type: 'Greedy', load_args: Object.freeze({ sep: ',' }) }),
      '{name}_too': Object.freeze({ type: 'Greedy', load_args: Object.freeze({ sep: ';' }) }),
    });
    for (let run = 0; run < 2; run += 1) {
      const catalog = createDataCatalog({ config, datasetTypes: { Greedy } });
      expect(await catalog.load('greedy')).toEqual({ sep: ',!' });
      expect(await catalog.load('me_too')).toEqual({ sep: ';!' });
    }
  });

  test('not frozen, it may change between catalogs', () => {
    const config: Record<string, unknown> = { a: { type: 'MemoryDataset' } };
    const parameters: Record<string, unknown> = { x: 1 };
    createDataCatalog({ config, parameters }).names();
    config['b'] = { type: 'MemoryDataset' };
    parameters['y'] = 2;
    expect(createDataCatalog({ config, parameters }).names()).toEqual([
      'a',
      'b',
      'parameters',
      'params:x',
      'params:y',
    ]);
  });
});

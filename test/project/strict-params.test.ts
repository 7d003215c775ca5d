import { describe, expect, test } from 'vitest';

import type { DatasetContext, DatasetOptions } from '../../src/catalog/dataset.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import { MemoryDataset } from '../../src/catalog/memory-dataset.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { openProject } from '../../src/project/project.ts';

const globals = 'token: GLOBAL\nmap: { a: GLOBAL }\n';

interface Case {
  readonly catalog: string;
  readonly parameters?: string;
  readonly credentials?: string;
  readonly local?: Readonly<Record<string, string>>;
  readonly isSoft?: boolean;
  readonly isTrusted?: boolean;
  readonly roots?: readonly string[];
}

/** What a node is given by the dataset `it`, or by `parameters`, and what was made for it. */
async function load(given: Case, params: object, input = 'it') {
  const made: string[] = [];
  let ran = false;
  const project = await openProject(
    {
      projectName: 'Strict',
      packageName: 'strict',
      config: {
        'base/catalog.yml': given.catalog,
        'base/parameters.yml': given.parameters ?? 'p: none\n',
        'base/globals.yml': globals,
        ...(given.credentials === undefined ? {} : { 'base/credentials.yml': given.credentials }),
        ...given.local,
      },
      pipelines: {
        __default__: pipeline([
          node(
            (it: unknown) => {
              ran = true;
              return it;
            },
            input,
            'out',
            { name: 'give' },
          ),
        ]),
      },
      settings: {
        configLoaderArgs: {
          mergeStrategy: given.isSoft === true ? { parameters: 'soft', catalog: 'soft' } : {},
          environment: { TOKEN: 'ENVIRON' },
          customResolvers: {
            leak: () => 'RESOLVED',
            pair: (value: unknown) => [{ type: value, filepath: value }],
          },
        },
        datasetTypes: {
          Given: class extends MemoryDataset {
            constructor(options: DatasetOptions, { createDataset }: DatasetContext) {
              super(options);
              made.push('Given');
              if (options['inner'] !== undefined) createDataset(options['inner']);
            }
          },
          Evil: class extends MemoryDataset {
            constructor() {
              super('evil');
              made.push('Evil');
            }
          },
        },
        fileSystems: { '': createMemoryFileSystem({ 'own.txt': 'own', 'data/own.txt': 'own' }) },
      },
    },
    { isTrusted: given.isTrusted === true, roots: given.roots ?? [] },
  );
  const paramsJson = JSON.stringify(params);
  try {
    const result = await project.run({ runId: 'run', paramsJson });
    return { value: await result.get('out')?.load(), made, ran, error: undefined };
  } catch (error) {
    return { value: undefined, made, ran, error };
  }
}

const evil = { type: 'Evil' };

describe('which class a dataset is', () => {
  test.each<[string, string, object]>([
    ['a type', 'it: { type: "${runtime_params:p}" }', { p: 'Evil' }],
    ['a type with a blank', 'it: { type: "${ runtime_params:p }" }', { p: 'Evil' }],
    ['a type by another entry', '_t: "${runtime_params:p}"\nit: { type: "${_t}" }', { p: 'Evil' }],
    ['a part of a type', 'it: { type: "E${runtime_params:p}" }', { p: 'vil' }],
    [
      'a type that a name selects',
      '_t: { a: Evil }\nit: { type: "${_t.${runtime_params:p}}" }',
      { p: 'a' },
    ],
    ['an entry', 'it: "${runtime_params:p}"', { p: evil }],
    [
      'an entry that a name selects',
      '_e: { a: { type: Evil } }\nit: "${_e.${runtime_params:p}}"',
      { p: 'a' },
    ],
    ['an entry as text', 'it: "${oc.decode:${runtime_params:p}}"', { p: '{type: Evil}' }],
    ['an entry as YAML', 'it: "${oc.create:${runtime_params:p}}"', { p: '{type: Evil}' }],
    [
      'what a resolver makes',
      'it: { type: Given, a: "${pair:${runtime_params:p}}" }',
      { p: 'Evil' },
    ],
    [
      'a wrapped type',
      'it: { type: CachedDataset, dataset: { type: "${runtime_params:p}" } }',
      { p: 'Evil' },
    ],
    ['a wrapped entry', 'it: { type: CachedDataset, dataset: "${runtime_params:p}" }', { p: evil }],
    [
      'a partition',
      'it: { type: partitions.PartitionedDataset, path: data, dataset: "${runtime_params:p}" }',
      { p: 'Evil' },
    ],
    [
      'an option of a class of ours',
      'it: { type: Given, inner: "${runtime_params:p}" }',
      { p: 'Evil' },
    ],
    ['an inner entry of it', 'it: { type: Given, inner: "${runtime_params:p}" }', { p: evil }],
    ['a factory', '"{name}": { type: "${runtime_params:p}" }', { p: 'Evil' }],
    [
      'a class for partitions by path',
      'it: { type: partitions.PartitionedDataset, path: data, dataset: text.TextDataset, filepath_arg: "${runtime_params:p}" }',
      { p: 'type' },
    ],
    ['a resolver', 'it: { type: "${${runtime_params:p}:x}" }', { p: 'leak' }],
  ])('is not for params to choose: %s', async (_, catalog, params) => {
    const { made, ran, error } = await load({ catalog }, params);
    expect(made).not.toContain('Evil');
    expect(ran).toBe(false);
    expect(error).toBeInstanceOf(Error);
  });

  test('is named with the parameter and the way out', async () => {
    const catalog = 'it: { type: Given, deep: [{ type: "${runtime_params:p.kind}" }] }';
    const { error } = await load({ catalog }, { p: { kind: 'Evil' } });
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^Dataset "it" takes "deep\.0\.type" from the runtime parameter "p\.kind".+--trust-params\.$/u,
      ),
    });
  });

  test('is for those to choose who are trusted', async () => {
    const catalog = 'it: { type: "${runtime_params:p}" }';
    expect(await load({ catalog, isTrusted: true }, { p: 'Evil' })).toMatchObject({
      value: 'evil',
    });
  });
});

describe('values in params', () => {
  test.each([
    '${globals:token}',
    '${oc.env:TOKEN}',
    '${leak:1}',
    '${runtime_params:q}',
    '${q}',
    '${',
    '???',
    '\\???',
    '\\${q}',
    '${globals:map}',
  ])('are text: %s', async (text) => {
    const params = { p: text, q: 'secret', deep: { list: [text, { [text]: text }] } };
    const local = { 'local/parameters.yml': 'deep: { more: 1 }' };
    for (const isSoft of [false, true]) {
      const { value, error } = await load({ catalog: '', local, isSoft }, params, 'parameters');
      expect(error).toBeUndefined();
      expect(value).toMatchObject(params);
    }
  });

  test.each([
    ['${oc.decode:${runtime_params:p}}', '${globals:token}', '${globals:token}'],
    ['${oc.decode:${runtime_params:p}}', '{a: "${leak:1}"}', '{a: "${leak:1}"}'],
    ['${oc.decode:${runtime_params:p}}', '[1, a]', [1, 'a']],
    ['${oc.create:${runtime_params:p}}', '{a: "${globals:token}"}', { a: '${globals:token}' }],
    ['${oc.dict.keys:q}', { '${globals:token}': 1 }, ['${globals:token}']],
    ['${oc.dict.values:q}', { 'a}${globals:token': 1 }, [1]],
    ['${runtime_params:p}${runtime_params:p}${runtime_params:p}', '?', '???'],
  ])('are text to resolvers: %s of %j', async (asked, p, expected) => {
    const parameters = `q: none\nasked: '${asked}'\n`;
    const given = { catalog: '', parameters };
    const { value, error } = await load(given, { p, q: p }, 'params:asked');
    expect(error).toBeUndefined();
    expect(value).toEqual(expected);
  });

  test('are configuration where they are trusted', async () => {
    const given = { catalog: '', isTrusted: true };
    const { value } = await load(given, { p: '${globals:token}' }, 'params:p');
    expect(value).toBe('GLOBAL');
  });
});

describe('where data is', () => {
  test.each<[string, Case, object]>([
    [
      'credentials',
      {
        catalog: 'it: { type: Given, credentials: own }',
        credentials: 'own: { con: "${runtime_params:p}" }',
      },
      { p: 'sqlite:///a.db' },
    ],
    [
      'a variable through them',
      {
        catalog: 'it: { type: Given, credentials: own }',
        credentials: 'own: { con: "${oc.env:${runtime_params:p}}" }',
      },
      { p: 'TOKEN' },
    ],
    [
      'which credentials',
      {
        catalog: 'it: { type: Given, credentials: "${runtime_params:p}" }',
        credentials: 'own: { a: 1 }',
      },
      { p: 'own' },
    ],
    ['SQL', { catalog: 'it: { type: Given, sql: "SELECT ${runtime_params:p}" }' }, { p: '1' }],
    [
      'a host',
      { catalog: 'it: { type: Given, url: "https://host${runtime_params:p}/a" }' },
      { p: '.evil' },
    ],
    ['a bucket', { catalog: 'it: { type: Given, url: "s3://${runtime_params:p}/a" }' }, { p: 'b' }],
    [
      'a URL',
      { catalog: 'it: { type: Given, a: { b: ["${runtime_params:p}"] } }' },
      { p: 'http://host/a' },
    ],
    [
      'a map of them',
      { catalog: 'it: { type: Given, save_args: "${runtime_params:p}" }' },
      { p: { file: '/a' } },
    ],
    [
      'a place beside a listed one',
      { catalog: 'it: { type: Given, a: "${runtime_params:p}" }', roots: ['s3://bucket/a'] },
      { p: 's3://bucket/ab' },
    ],
  ])('is not for params to say: %s', async (_, given, params) => {
    const { error, ran } = await load(given, params);
    expect(ran).toBe(false);
    expect(error).toMatchObject({
      code: 'path-outside',
      message: expect.stringMatching(/runtime parameter "p[.\w]*".+--trust-params\.$/u),
    });
  });

  test.each<[string, Case, object]>([
    [
      'below a host',
      { catalog: 'it: { type: Given, a: "https://host/a/${runtime_params:p}" }' },
      { p: 'b?c=d' },
    ],
    [
      'below a listed place',
      { catalog: 'it: { type: Given, a: "${runtime_params:p}" }', roots: ['s3://bucket/a'] },
      { p: 's3://bucket/a/b' },
    ],
    [
      'what is bound to a query',
      { catalog: 'it: { type: Given, load_args: { params: ["${runtime_params:p}"] } }' },
      { p: 'https://any/../thing' },
    ],
    [
      'a separator',
      { catalog: 'it: { type: Given, load_args: { sep: "${runtime_params:p}" } }' },
      { p: '/' },
    ],
    [
      'the default of the catalog',
      { catalog: 'it: { type: Given, a: "${runtime_params:q, /mnt/a}" }' },
      { p: 'x' },
    ],
    [
      'metadata',
      { catalog: 'it: { type: Given, metadata: { a: "${runtime_params:p}" } }' },
      { p: '/a' },
    ],
  ])('is for them to say %s', async (_, given, params) => {
    expect(await load(given, params)).toMatchObject({ error: undefined, made: ['Given'] });
  });
});

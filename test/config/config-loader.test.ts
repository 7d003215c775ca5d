import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { type ConfigLoaderOptions, createConfigLoader } from '../../src/config/config-loader.ts';
import type { ConfigSource } from '../../src/config/config-source.ts';
import { createMemoryConfigSource } from '../../src/config/memory-config-source.ts';

type Files = Readonly<Record<string, string>>;
type More = Omit<ConfigLoaderOptions, 'source'>;

const load = (files: Files, kind: string, more: More = {}): Promise<Record<string, unknown>> => {
  const source = createMemoryConfigSource({ 'base/a.txt': '', 'local/a.txt': '', ...files });
  return createConfigLoader({ source, ...more }).load(kind);
};

const refusal = async (files: Files, kind: string, more: More = {}): Promise<ConfigError> => {
  const error: unknown = await load(files, kind, more).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigError)) throw new Error('Nothing was refused.', { cause: error });
  return error;
};

describe('createConfigLoader', () => {
  it('lays the run environment over the base and resolves what it finds', async () => {
    const files = {
      'base/parameters.yml': 'model: {lr: 0.1, name: "m-${.lr}"}\ndata: "${globals:bucket}/in"',
      'base/globals.yml': 'bucket: s3',
      'prod/parameters.yml': 'data: "${runtime_params:data, none}"',
    };
    const options = { env: 'prod', runtimeParams: { data: 'd', extra: 1 } };
    expect(await load(files, 'parameters', options)).toEqual({
      model: { lr: 0.1, name: 'm-0.1' },
      data: 'd',
      extra: 1,
    });
  });

  it('gives objects without a prototype, in which every key is data', async () => {
    const config = await load({ 'base/parameters.yml': '__proto__: {a: 1}\nb: {}' }, 'parameters');
    expect(Object.getPrototypeOf(config)).toBeNull();
    expect(Object.getPrototypeOf(config['b'])).toBeNull();
    expect(Object.entries(config)).toEqual([
      ['__proto__', { a: 1 }],
      ['b', {}],
    ]);
  });

  it('parses a file again only when its text has changed', async () => {
    const texts = new Map([
      ['base/parameters.yml', 'a: 1'],
      ['local/parameters.yml', 'b: {c: 2}'],
    ]);
    const source: ConfigSource = {
      listFiles: (folder) =>
        Promise.resolve([...texts.keys()].filter((path) => path.startsWith(`${folder}/`))),
      readText: (path) => Promise.resolve(texts.get(path) ?? ''),
    };
    const first = await createConfigLoader({ source }).load('parameters');
    expect(first).toEqual({ a: 1, b: { c: 2 } });
    Object.assign(first['b'] as object, { c: 'changed by the caller' });
    const runtimeParams = { b: { d: 4 } };
    const merged = await createConfigLoader({ source, runtimeParams }).load('parameters');
    expect(merged).toEqual({ a: 1, b: { c: 2, d: 4 } });
    texts.set('local/parameters.yml', 'b: 3');
    expect(await createConfigLoader({ source }).load('parameters')).toEqual({ a: 1, b: 3 });
  });

  it('answers one call after the other, and several at once, alike', async () => {
    const source = createMemoryConfigSource({
      'base/parameters.yml': 'a: "${runtime_params:n}"\nb: {c: "${a}"}',
      'local/x.txt': '',
    });
    const loads = Array.from({ length: 20 }, async (_, n) => {
      const loader = createConfigLoader({ source, runtimeParams: { n } });
      return loader.load('parameters');
    });
    expect(await Promise.all(loads)).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ a: n, b: { c: n }, n })),
    );
  });

  it('takes runtime parameters for data where they come from strangers', async () => {
    const files = {
      'base/parameters.yml': 'a: 1\nsecret: s',
      'base/catalog.yml': 'd: {k: "${runtime_params:p}"}',
    };
    const more = {
      runtimeParams: { p: '${secret}', q: '???', r: '\\???', s: '${' },
      literalRuntimeParams: true,
    };
    const { secret, ...config } = await load(files, 'parameters', more);
    expect(secret).toBe('s');
    expect(config).toEqual({ a: 1, ...more.runtimeParams });
    expect(await load(files, 'catalog', more)).toEqual({ d: { k: '${secret}' } });
  });

  it.each([
    ['by itself', 'a: {type: "${runtime_params:t}"}'],
    ['with a space', 'a: {type: "${ runtime_params:t}"}'],
    ['over another entry', '_t: "${runtime_params:t}"\na: {type: "${_t}"}'],
    ['over a whole entry', 'a: "${runtime_params:e}"'],
    ['as part of a list', 'a: {datasets: [{type: "x.${runtime_params:t}"}]}'],
    ['by its key', '_types: {evil: x, good: y}\na: {type: "${_types.${runtime_params:t}}"}'],
    ['by the key of a whole entry', '_e: {evil: {type: x}}\na: "${_e.${runtime_params:t}}"'],
    ['inside a list that is an argument', 'a: "${oc.create:{type: ${runtime_params:t}}}"'],
  ])('refuses a dataset type from runtime parameters, %s', async (_, catalog) => {
    const more = {
      runtimeParams: { t: 'evil', e: { type: 'evil' } },
      restrictRuntimeParamsTypeSelection: true,
    };
    const error = await refusal({ 'base/catalog.yml': catalog }, 'catalog', more);
    expect(error.message).toMatch(/^Dataset "a|^Dataset "_/);
    expect(error.message).not.toContain('evil');
  });

  it('keeps a dataset type that only sits beside runtime parameters', async () => {
    const catalog =
      'a: {type: "${runtime_params:no, x}", filepath: "${runtime_params:t}"}\nb: {type: y}';
    const more = { runtimeParams: { t: 'p' }, restrictRuntimeParamsTypeSelection: true };
    expect(await load({ 'base/catalog.yml': catalog }, 'catalog', more)).toEqual({
      a: { type: 'x', filepath: 'p' },
      b: { type: 'y' },
    });
  });

  it('refuses resolvers that answer later', async () => {
    const more = { customResolvers: { later: () => Promise.resolve(1) } };
    const error = await refusal({ 'base/parameters.yml': 'a: "${later:}"' }, 'parameters', more);
    expect(error.message).toContain('must answer at once');
  });

  it('hands what a custom resolver returns on as it is', async () => {
    const date = new Date(0);
    const more = { customResolvers: { date: () => date } };
    const config = await load({ 'base/catalog.yml': 'a: {since: "${date:}"}' }, 'catalog', more);
    expect(config).toEqual({ a: { since: date } });
  });
});

describe('errors of configuration', () => {
  it.each<readonly [string, string, Files, string, RegExp]>([
    [
      'a missing folder',
      'MissingConfigException',
      {},
      'catalog',
      /No YAML or JSON files in "base" or "local" match catalog\*/,
    ],
    ['an unknown kind', 'KeyError', {}, 'mlflow', /"mlflow".*Add them to the loader's patterns/],
    [
      'broken YAML',
      'ParserError',
      { 'base/catalog.yml': 'a: 1\nb: [1' },
      'catalog',
      /"base\/catalog.yml" cannot be read: .* at line 2, column \d+/,
    ],
    [
      'a key that is there twice',
      'ConstructorError',
      { 'base/catalog.yml': 'a: 1\na: 1' },
      'catalog',
      /"base\/catalog.yml".*twice at line 2, column 1/,
    ],
    [
      'keys in two files',
      'ValueError',
      { 'base/catalog.yml': 'b: 1\na: 1', 'base/sub/catalog.yml': 'a: 1\nb: 2' },
      'catalog',
      /^Duplicate keys found in base\/catalog.yml and base\/sub\/catalog.yml: a, b$/,
    ],
    [
      'a key that is not there',
      'InterpolationKeyError',
      { 'base/parameters.yml': 'm: {lr: ["${m.rate}"]}' },
      'parameters',
      /"m.lr\[0\]" \(base\/parameters.yml\) cannot be resolved: \$\{m.rate\} is not there/,
    ],
    [
      'a global that is not there',
      'InterpolationResolutionError',
      { 'base/catalog.yml': 'a: "${globals:b}"' },
      'catalog',
      /"a" \(base\/catalog.yml\).*globals holds no "b", and no default is given/,
    ],
    [
      'an unknown resolver',
      'UnsupportedInterpolationType',
      { 'base/catalog.yml': 'a: "${nobody:b}"' },
      'catalog',
      /there is no resolver "nobody" here/,
    ],
    [
      'a broken interpolation',
      'GrammarParseError',
      { 'base/catalog.yml': 'a: "x${b"' },
      'catalog',
      /"a" \(base\/catalog.yml\) is no valid interpolation: .* at character 5/,
    ],
    [
      'a list that meets a mapping',
      'TypeError',
      { 'base/parameters.yml': 'a: {b: [1]}', 'base/parameters_x.yml': 'a: {b: {c: 1}}' },
      'parameters',
      /"a.b" \(base\/parameters.yml\) is a mapping in one place and a list in another \(base\/parameters_x.yml\)/,
    ],
  ])('name file, key and way out: %s', async (_, name, files, kind, message) => {
    const error = await refusal(files, kind);
    expect(error.name).toBe(name);
    expect(error.message).toMatch(message);
  });

  const SECRET = 'hunter2-geheim';
  it.each([
    ['a broken file', `a: ${SECRET}\nb: [${SECRET}`],
    ['a reserved character', `a: "${SECRET}"\nb: @${SECRET}`],
    ['a bad escape', `a: "\\q${SECRET}"`],
    ['a broken tag', `a: !!int ${SECRET}`],
    ['a broken interpolation', `a: "\${${SECRET} x"`],
    ['a failing resolver', `a: "\${fail:${SECRET}}"`],
    ['a failing resolver with the environment', 'a: "${fail:${oc.env:PASSWORD}}"'],
    ['a value that is no key', 'a: "${oc.env:PASSWORD}"\nb: "${c.${a}}"\nc: {}'],
    ['a way through a value', 'a: "${oc.env:PASSWORD}"\nb: "${a.x}"'],
    ['a variable that holds an interpolation', 'a: "${oc.env:TRICKY}"'],
    ['a resolver named by a value', 'b: "${${oc.env:PASSWORD}:x}"'],
    ['a default that is a key', 'b: "${runtime_params:${oc.env:PASSWORD}}"'],
    ['a key in a list', `a: [x]\nb: "\${a.\${oc.env:PASSWORD}}"`],
  ])('never print a secret: %s', async (_, credentials) => {
    const files = { 'base/credentials.yml': credentials };
    const environment = { PASSWORD: SECRET, TRICKY: `\${${SECRET}` };
    const fail = (given: string): never => {
      throw new Error(`cannot use ${given}`);
    };
    const error = await refusal(files, 'credentials', { environment, customResolvers: { fail } });
    expect([error.message, error.stack].join('\n')).not.toContain(SECRET);
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ['deep flow', `a: ${'['.repeat(50_000)}`],
    ['deep blocks', Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['many nodes', `a: [${'1,'.repeat(20_000)}]`],
    [
      'aliases of aliases',
      `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')}`,
    ],
    [
      'references of references',
      `a0: [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: ["\${a${n}}", "\${a${n}}"]`).join('\n')}`,
    ],
    [
      'texts of texts',
      `a0: xxxxxxxxxx\n${Array.from({ length: 60 }, (_, n) => `a${n + 1}: "\${a${n}}\${a${n}}"`).join('\n')}`,
    ],
    [
      'a long chain',
      `${Array.from({ length: 500 }, (_, n) => `a${n}: "\${a${n + 1}}"`).join('\n')}\na500: 1`,
    ],
    ['a tree in itself', 'a: {x: "${b}"}\nb: {y: "${a}"}'],
    ['nested arguments', `a: "\${oc.create:${'['.repeat(5_000)}${']'.repeat(5_000)}}"`],
    ['nested interpolations', `a: "${'${'.repeat(5_000)}a${'}'.repeat(5_000)}"`],
    ['many dollars and backslashes', `a: '\${${'$'.repeat(50_000)}${'\\'.repeat(50_000)}'`],
    ['a huge number', `a: ${'9'.repeat(100_000)}`],
  ])('stop what grows without end: %s', { timeout: 5_000 }, async (_, parameters) => {
    const error = await refusal({ 'base/parameters.yml': parameters }, 'parameters');
    expect(error.message.length).toBeLessThan(2_000);
  });
});

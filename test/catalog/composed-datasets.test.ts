import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createHttpFileSystem } from '../../src/catalog/http-file-system.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';

function create(
  config: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>> = {},
) {
  const fileSystem = createMemoryFileSystem(files);
  const catalog = createDataCatalog({
    config,
    fileSystems: { '': fileSystem, 'http://': createHttpFileSystem() },
    saveVersion: 'v1',
  });
  return { catalog, fileSystem };
}

describe('CachedDataset', () => {
  const config = {
    ds: { type: 'CachedDataset', dataset: { type: 'text.TextDataset', filepath: 'a.txt' } },
  };

  test('loads once until it is released', async () => {
    const { catalog, fileSystem } = create(config, { 'a.txt': 'one' });
    expect(await catalog.load('ds')).toBe('one');
    await fileSystem.write('a.txt', 'two');
    expect(await catalog.load('ds')).toBe('one');
    await catalog.release('ds');
    expect(await catalog.load('ds')).toBe('two');
  });

  test('saves to both', async () => {
    const { catalog, fileSystem } = create(config);
    await catalog.save('ds', 'x');
    await fileSystem.remove('a.txt');
    expect(await catalog.exists('ds')).toBe(true);
    expect(await catalog.load('ds')).toBe('x');
  });

  test('is versioned by itself, not by what it wraps', async () => {
    const entry = { ...config.ds, versioned: true };
    const { catalog, fileSystem } = create({ ds: entry });
    await catalog.save('ds', 'x');
    expect(await fileSystem.list('')).toEqual(['a.txt/v1/a.txt']);
    const wrong = { ...config.ds, dataset: { ...config.ds.dataset, versioned: true } };
    expect(() => create({ ds: wrong }).catalog.get('ds')).toThrow(
      "should specify that they are versioned in the 'CachedDataset'",
    );
  });

  test('names the type that it cannot wrap', () => {
    const wrong = { type: 'CachedDataset', dataset: { type: 'text.TextDatset' } };
    expect(() => create({ ds: wrong }).catalog.get('ds')).toThrow(
      "Did you mean 'text.TextDataset'?",
    );
  });
});

describe('PartitionedDataset', () => {
  const entry = {
    type: 'partitions.PartitionedDataset',
    path: 'parts',
    dataset: 'json.JSONDataset',
    filename_suffix: '.json',
  };
  type Loaders = Record<string, () => Promise<unknown>>;

  test('loads each file when it is asked for', async () => {
    const files = { 'parts/b/2.json': '2', 'parts/1.json': '1', 'parts/x.txt': '', other: '' };
    const { catalog } = create({ ds: entry }, files);
    const parts = (await catalog.load('ds')) as Loaders;
    expect(Object.keys(parts)).toEqual(['1', 'b/2']);
    expect(await parts['b/2']?.()).toBe(2);
  });

  test('saves values, and functions that give them, in order', async () => {
    const { catalog, fileSystem } = create({ ds: entry });
    const order: string[] = [];
    const give = (name: string) => async () => {
      order.push(name);
      return name;
    };
    await catalog.save('ds', { z: give('z'), a: give('a'), ['__proto__']: [1] });
    expect(order).toEqual(['a', 'z']);
    expect(await fileSystem.list('parts')).toEqual(['__proto__.json', 'a.json', 'z.json']);
    const parts = (await catalog.load('ds')) as Loaders;
    expect(await Object.entries(parts)[0]?.[1]()).toEqual([1]);
  });

  test('keeps what is there, or overwrites it', async () => {
    for (const overwrite of [false, true]) {
      const { catalog, fileSystem } = create(
        { ds: { ...entry, overwrite } },
        { 'parts/old.json': '1' },
      );
      await catalog.save('ds', { new: 2 });
      const kept = overwrite ? [] : ['old.json'];
      expect(await fileSystem.list('parts')).toEqual(['new.json', ...kept]);
    }
  });

  test('of versioned datasets has each partition’s newest', async () => {
    const versioned = { ...entry, dataset: { type: 'json.JSONDataset', versioned: true } };
    const files = { 'parts/a.json/1/a.json': '1', 'parts/a.json/2/a.json': '2' };
    const { catalog } = create({ ds: versioned }, files);
    const parts = (await catalog.load('ds')) as Loaders;
    expect(Object.keys(parts)).toEqual(['a']);
    expect(await parts['a']?.()).toBe(2);
  });

  test.each([
    [{}, { '../x': 1 }, "The partition '../x' would lie outside of 'parts'."],
    [{}, [1], 'Partitions are saved from an object'],
  ])('refuses %o %o', async (more, data, message) => {
    const { catalog, fileSystem } = create({ ds: { ...entry, ...more } });
    await expect(catalog.save('ds', data)).rejects.toThrow(message);
    expect(await fileSystem.list('')).toEqual([]);
  });

  test('without files says where it looked', async () => {
    const { catalog } = create({ ds: entry });
    expect(await catalog.exists('ds')).toBe(false);
    await expect(catalog.load('ds')).rejects.toThrow("No partitions found in 'parts'");
  });
});

describe('over HTTP', () => {
  let received: { method: string; url: string; auth: string | undefined; body: string }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      const { method = '', url = '' } = request;
      received.push({ method, url, auth: request.headers.authorization, body });
      const isMissing = url.startsWith('/missing');
      const type = url.startsWith('/json') ? 'application/json; charset=utf-8' : 'text/plain';
      response.writeHead(isMissing ? 404 : 200, { 'content-type': type });
      response.end(method === 'HEAD' ? undefined : '{"a": 1}');
    });
  });
  let base = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    received = [];
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  test('files are read, with credentials', async () => {
    const credentials = { username: 'me', password: 'päss' };
    const entry = { type: 'json.JSONDataset', filepath: `${base}/x.json`, credentials };
    const { catalog } = create({ ds: entry });
    expect(await catalog.exists('ds')).toBe(true);
    expect(await catalog.load('ds')).toEqual({ a: 1 });
    expect(received.at(-1)?.auth).toBe(`Basic ${Buffer.from('me:päss').toString('base64')}`);
    await expect(catalog.save('ds', 1)).rejects.toThrow('files over HTTP can only be read');
  });

  test('files that are missing, and versions, are refused', async () => {
    const entry = { type: 'text.TextDataset', filepath: `${base}/missing?token=1` };
    const { catalog } = create({ ds: entry, versions: { ...entry, versioned: true } });
    await expect(catalog.load('ds')).rejects.toThrow(`No such file: '${base}/missing?<redacted>'.`);
    expect(await catalog.exists('ds')).toBe(false);
    expect(() => catalog.get('versions')).toThrow(
      'Versioning is not supported for HTTP protocols.',
    );
  });

  test('a prefix without a file system is named', () => {
    const { catalog } = create({ ds: { type: 'text.TextDataset', filepath: 's3://bucket/a' } });
    expect(() => catalog.get('ds')).toThrow(
      "No file system is set up for 's3://'; there is one for plain paths, http://.",
    );
  });

  test('APIDataset loads JSON or text', async () => {
    const { catalog } = create({
      json: {
        type: 'api.APIDataset',
        url: `${base}/json?x=1`,
        load_args: { params: { q: ['a b', 2] } },
        credentials: ['me', 'pass'],
      },
      text: { type: 'api.APIDataset', url: `${base}/text` },
      missing: { type: 'api.APIDataset', url: `${base}/missing?key=secret` },
    });
    expect(await catalog.load('json')).toEqual({ a: 1 });
    expect(received[0]).toMatchObject({ url: '/json?x=1&q=a+b&q=2', auth: 'Basic bWU6cGFzcw==' });
    expect(await catalog.load('text')).toBe('{"a": 1}');
    await expect(catalog.load('missing')).rejects.toThrow(
      `missing: Failed while loading data from dataset api.APIDataset(url='${base}/missing?<redacted>', method='GET').\nThe server answered 404 Not Found.`,
    );
    await expect(catalog.save('json', 1)).rejects.toThrow('Only the methods POST and PUT save');
  });

  test.each([
    [{ chunk_size: 2 }, ['[1,2]', '[3]']],
    [{ send_individually: true }, ['1', '2', '3']],
  ])('APIDataset saves lists in parts: %o', async (save_args, bodies) => {
    const { catalog } = create({
      ds: { type: 'api.APIDataset', url: base, method: 'POST', save_args },
    });
    await catalog.save('ds', [1, 2, 3]);
    expect(received.map(({ body }) => body)).toEqual(bodies);
  });
});

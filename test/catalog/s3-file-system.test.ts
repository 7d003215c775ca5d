import { expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createS3FileSystem } from '../../src/catalog/s3-file-system.ts';
import { startS3Service } from './s3-service.ts';

const keys = { accessKeyId: 'me', secretAccessKey: 'secret' };

test('objects are files, listed over pages', async () => {
  await using service = await startS3Service();
  const files = createS3FileSystem({ ...keys, endpoint: service.endpoint });
  for (const name of ['b', 'a b+ü&<>', 'c/d', 'e'])
    await files.write(`s3://bucket/x/${name}`, name);
  await files.write('s3://bucket/xx', '');
  expect(await files.list('s3://bucket/x/')).toEqual(['a b+ü&<>', 'b', 'c/d', 'e']);
  expect(await files.list('s3://bucket/none')).toEqual([]);
  expect(new TextDecoder().decode(await files.read('s3://bucket/x/a b+ü&<>'))).toBe('a b+ü&<>');
  expect(await files.exists('s3://bucket/x')).toBe(true);
  expect(await files.exists('s3://bucket/x/b')).toBe(true);
  expect(await files.exists('s3://bucket/y')).toBe(false);
  await files.remove('s3://bucket/x');
  expect([...service.objects.keys()]).toEqual(['bucket/xx']);
});

test('what fails is told apart', async () => {
  await using service = await startS3Service();
  const files = createS3FileSystem({ ...keys, endpoint: service.endpoint });
  await files.write('s3://bucket/a', '1', { mustBeNew: true });
  await expect(files.write('s3://bucket/a', '2', { mustBeNew: true })).rejects.toMatchObject({
    code: 'file-exists',
  });
  await expect(files.read('s3://bucket/b')).rejects.toMatchObject({ code: 'file-not-found' });
  await expect(files.read('s3://other/b')).rejects.toThrow('answered 404 NoSuchBucket.');
  await expect(files.read('s3://bucket/../b')).rejects.toMatchObject({ code: 'path-refused' });
  await expect(files.remove('s3://bucket')).rejects.toMatchObject({ code: 'path-refused' });
  const stranger = createS3FileSystem({ ...keys, accessKeyId: 'x', endpoint: service.endpoint });
  await expect(stranger.read('s3://bucket/a')).rejects.toThrow('answered 403 AccessDenied.');
});

test('datasets keep versions and partitions there', async () => {
  await using service = await startS3Service();
  const catalog = createDataCatalog({
    config: {
      ds: { type: 'json.JSONDataset', filepath: 's3://bucket/a.json', versioned: true },
      parts: {
        type: 'partitions.PartitionedDataset',
        path: 's3://bucket/p',
        dataset: 'text.TextDataset',
      },
    },
    fileSystems: { 's3://': createS3FileSystem({ ...keys, endpoint: service.endpoint }) },
    saveVersion: 'v1',
  });
  await catalog.save('ds', { a: 1 });
  expect(await catalog.load('ds')).toEqual({ a: 1 });
  await expect(catalog.save('ds', { a: 2 })).rejects.toThrow('must not exist');
  await catalog.save('parts', { x: '1', y: '2' });
  expect(Object.keys((await catalog.load('parts')) as object)).toEqual(['x', 'y']);
  expect([...service.objects.keys()]).toEqual([
    'bucket/a.json/v1/a.json',
    'bucket/p/x',
    'bucket/p/y',
  ]);
});

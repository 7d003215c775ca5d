import { AwsClient } from 'aws4fetch';

import { compareCodePoints } from '../names/compare-code-points.ts';
import { DatasetError } from './dataset-error.ts';
import type { FileSystem } from './file-system.ts';
import { fileNotFound } from './file-system.ts';

export interface S3Options {
  /** Of the service, with the region where it has one: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** `auto` where it is not given, as R2 has it. */
  readonly region?: string | undefined;
}

interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** `s3://bucket/a/b`, also `s3a:` and `s3n:`. */
function toPlace(path: string): Place {
  const { bucket = '', rest = '' } =
    /^s3[an]?:\/\/(?<bucket>[^/]+)(?:\/(?<rest>.*))?$/iu.exec(path)?.groups ?? {};
  const segments = rest.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (bucket !== '' && !segments.includes('..')) return { bucket, key: segments.join('/') };
  throw new DatasetError(
    'path-refused',
    `'${path}' is no place in a bucket: write 's3://bucket/folder/file', without '..'.`,
  );
}

/** The texts of an element that holds text only; keys come URL-encoded, so without entities. */
function textsOf(xml: string, element: string): readonly string[] {
  const found = xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'gu'));
  return Array.from(found, ([, text = '']) => decodeURIComponent(text.replaceAll('+', ' ')));
}

/**
 * Objects of an S3-compatible service (S3, R2, MinIO) as files: `s3://bucket/key`. An object is
 * written whole or not at all by the service itself.
 */
export function createS3FileSystem(options: S3Options): FileSystem {
  const client = new AwsClient({
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken }),
    service: 's3',
    retries: 3,
    region: options.region ?? 'auto',
  });
  const endpoint = options.endpoint.replace(/(?<!\/)\/+$/u, '');

  async function send(path: string, { bucket, key }: Place, init: RequestInit, query = '') {
    const encoded = key.split('/').map(encodeURIComponent).join('/');
    try {
      return await client.fetch(`${endpoint}/${bucket}/${encoded}${query}`, init);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DatasetError('file-failed', `Cannot reach '${path}': ${reason}`, { cause });
    }
  }

  async function check(response: Response, path: string, doing: string): Promise<Response> {
    if (response.ok) return response;
    const [code] = textsOf(await response.text(), 'Code');
    if (response.status === 404 && code !== 'NoSuchBucket') throw fileNotFound(path);
    if (response.status === 412) {
      throw new DatasetError('file-exists', `There is a file '${path}' already.`);
    }
    throw new DatasetError(
      'file-failed',
      `Cannot ${doing} '${path}': the service answered ${response.status} ${code ?? response.statusText}.`,
    );
  }

  /** Keys below a folder, from its first to at most `limit`. */
  async function listKeys(path: string, limit = Infinity): Promise<readonly string[]> {
    const { bucket, key } = toPlace(path);
    const prefix = key === '' ? '' : `${key}/`;
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix });
      if (limit < 1000) query.set('max-keys', String(limit));
      if (token !== undefined) query.set('continuation-token', token);
      const place = { bucket, key: '' };
      const response = await send(path, place, { method: 'GET' }, `?${query.toString()}`);
      const xml = await (await check(response, path, 'list')).text();
      keys.push(...textsOf(xml, 'Key').map((each) => each.slice(prefix.length)));
      token = /<NextContinuationToken>(?<token>[^<]*)</u.exec(xml)?.groups?.['token'];
    } while (token !== undefined && keys.length < limit);
    return keys.filter((each) => each !== '' && !each.endsWith('/'));
  }

  async function isObject(path: string): Promise<boolean> {
    const place = toPlace(path);
    if (place.key === '') return false;
    const response = await send(path, place, { method: 'HEAD' });
    if (response.status === 404) return false;
    await check(response, path, 'look for');
    return true;
  }

  async function removeObject(path: string): Promise<void> {
    const response = await send(path, toPlace(path), { method: 'DELETE' });
    if (response.status !== 404) await check(response, path, 'remove');
    await response.body?.cancel();
  }

  return {
    async read(path) {
      const response = await send(path, toPlace(path), { method: 'GET' });
      return new Uint8Array(await (await check(response, path, 'read')).arrayBuffer());
    },
    async write(path, data, { mustBeNew = false } = {}) {
      const body = typeof data === 'string' ? data : new Uint8Array(data);
      const headers: Record<string, string> = mustBeNew ? { 'if-none-match': '*' } : {};
      const response = await send(path, toPlace(path), { method: 'PUT', body, headers });
      await (await check(response, path, 'write')).body?.cancel();
    },
    async exists(path) {
      return (await isObject(path)) || (await listKeys(path, 1)).length > 0;
    },
    async list(folder) {
      return (await listKeys(folder)).toSorted(compareCodePoints);
    },
    async remove(path) {
      if (toPlace(path).key === '') {
        throw new DatasetError('path-refused', `The bucket '${path}' itself is never removed.`);
      }
      const below = await listKeys(path);
      await removeObject(path);
      for (const key of below) await removeObject(`${path.replace(/(?<!\/)\/+$/u, '')}/${key}`);
    },
  };
}

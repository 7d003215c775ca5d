import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface S3Service extends AsyncDisposable {
  readonly endpoint: string;
  /** By `bucket/key`. */
  readonly objects: Map<string, Uint8Array>;
  /** The methods and addresses that were asked for, in order. */
  readonly requests: string[];
}

const pageSize = 2;

function listing(bucket: string, keys: readonly string[], query: URLSearchParams): string {
  const after = query.get('continuation-token') ?? '';
  const prefix = query.get('prefix') ?? '';
  const left = keys.filter((key) => key.startsWith(prefix) && key > after);
  const page = left.slice(0, pageSize);
  const contents = page.map((key) => `<Contents><Key>${encodeURIComponent(key)}</Key></Contents>`);
  const isMore = left.length > page.length;
  const next = isMore ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '';
  return `<ListBucketResult><Name>${bucket}</Name>${contents.join('')}${next}</ListBucketResult>`;
}

/** The part of S3's protocol that files need, on this machine; pages hold two keys. */
export async function startS3Service(): Promise<S3Service> {
  const objects = new Map<string, Uint8Array>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number, body: Uint8Array | string = '') => {
      response.writeHead(status).end(request.method === 'HEAD' ? '' : body);
    };
    void buffer(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const name = decodeURIComponent(url.pathname.slice(1));
      const [bucket = '', ...key] = name.split('/');
      requests.push(`${request.method ?? ''} ${name}`);
      const found = objects.get(name);
      const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=me/');
      if (isSigned !== true) answer(403, '<Error><Code>AccessDenied</Code></Error>');
      else if (bucket !== 'bucket') answer(404, '<Error><Code>NoSuchBucket</Code></Error>');
      else if (request.method === 'PUT') {
        const isTaken = request.headers['if-none-match'] === '*' && found !== undefined;
        if (!isTaken) objects.set(name, body);
        answer(isTaken ? 412 : 200);
      } else if (request.method === 'DELETE') {
        objects.delete(name);
        answer(204);
      } else if (key.join('/') === '') {
        const keys = [...objects.keys()].map((each) => each.slice(bucket.length + 1)).toSorted();
        answer(200, listing(bucket, keys, url.searchParams));
      } else if (found === undefined) answer(404, '<Error><Code>NoSuchKey</Code></Error>');
      else answer(200, found);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

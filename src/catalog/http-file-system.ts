import { DatasetError } from './dataset-error.ts';
import type { FileSystem } from './file-system.ts';
import { fileNotFound } from './file-system.ts';
import { isPlainObject } from './plain-object.ts';
import { redactUrls } from '../redact/redact-url.ts';

export interface HttpFileSystemOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The runtime's own when it is not given. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** `Authorization` for a user and a password, UTF-8 as servers expect it. */
export function basicAuthorization(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCodePoint(...bytes))}`;
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

function refuse(action: string, path: string): DatasetError {
  return new DatasetError(
    'file-failed',
    `Cannot ${action} '${redactUrls(path)}': files over HTTP can only be read. Send data with api.APIDataset.`,
  );
}

/** Files that are fetched by their URL; `credentials` of an entry: `username` and `password`. */
export function createHttpFileSystem(options: HttpFileSystemOptions = {}): FileSystem {
  const send = async (path: string, method: string): Promise<Response> => {
    const request = options.fetch ?? fetch;
    try {
      return await request(path, { method, headers: { ...options.headers } });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot reach '${redactUrls(path)}': ${reason}`;
      throw new DatasetError('file-failed', message, { cause });
    }
  };
  return {
    async read(path) {
      const response = await send(path, 'GET');
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      await response.body?.cancel();
      if (response.status === 404) throw fileNotFound(redactUrls(path));
      throw new DatasetError(
        'file-failed',
        `Cannot read '${redactUrls(path)}': the server answered ${response.status} ${response.statusText}.`,
      );
    },
    async write(path) {
      throw refuse('write', path);
    },
    async exists(path) {
      const response = await send(path, 'HEAD');
      await response.body?.cancel();
      return response.ok;
    },
    async list(path) {
      throw refuse('list', path);
    },
    async remove(path) {
      throw refuse('remove', path);
    },
    withAccess({ credentials, fsArgs }) {
      const { username, password } = isPlainObject(credentials) ? credentials : {};
      const isUser = typeof username === 'string' && typeof password === 'string';
      const headers = {
        ...options.headers,
        ...headersOf(fsArgs['headers']),
        ...(isUser ? { authorization: basicAuthorization(username, password) } : {}),
      };
      return createHttpFileSystem({ ...options, headers });
    },
  };
}

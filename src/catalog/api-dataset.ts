import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { basicAuthorization } from './http-file-system.ts';
import { isPlainObject } from './plain-object.ts';
import { redactUrls } from '../redact/redact-url.ts';

interface ApiRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Headers;
  readonly timeoutMs: number;
}

class ApiDataset implements Dataset {
  readonly metadata: unknown;
  readonly #request: ApiRequest;
  readonly #chunkSize: number;
  readonly #isOneByOne: boolean;

  constructor(request: ApiRequest, chunkSize: number, isOneByOne: boolean, metadata: unknown) {
    this.#request = request;
    this.#chunkSize = chunkSize;
    this.#isOneByOne = isOneByOne;
    this.metadata = metadata;
  }

  async #send(body?: string): Promise<Response> {
    const { url, method, headers, timeoutMs } = this.#request;
    const sent = new Headers(headers);
    if (body !== undefined && !sent.has('content-type')) {
      sent.set('content-type', 'application/json');
    }
    const response = await fetch(url, {
      method,
      headers: sent,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Error(`The server answered ${response.status} ${response.statusText}.`);
  }

  async load(): Promise<unknown> {
    if (this.#request.method !== 'GET') {
      throw new Error('Only the method GET loads; this dataset can only be saved to.');
    }
    const response = await this.#send();
    const type = response.headers.get('content-type') ?? '';
    return /^application\/(?:[\w.+-]+\+)?json/iu.test(type)
      ? await response.json()
      : await response.text();
  }

  async save(data: unknown): Promise<void> {
    if (this.#request.method === 'GET') {
      throw new Error("Only the methods POST and PUT save: set 'method' in the catalog.");
    }
    for (const part of this.#partsOf(data)) {
      const response = await this.#send(typeof part === 'string' ? part : JSON.stringify(part));
      await response.body?.cancel();
    }
  }

  #partsOf(data: unknown): readonly unknown[] {
    if (!Array.isArray(data)) return [data];
    if (data.length === 0) throw new Error('Cannot save an empty list.');
    const items: readonly unknown[] = data;
    if (this.#isOneByOne) return items;
    const count = Math.ceil(items.length / this.#chunkSize);
    return Array.from({ length: count }, (_, index) =>
      items.slice(index * this.#chunkSize, (index + 1) * this.#chunkSize),
    );
  }

  async exists(): Promise<boolean> {
    if (this.#request.method !== 'GET') return false;
    const response = await this.#send();
    await response.body?.cancel();
    return true;
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  describe(): Readonly<Record<string, unknown>> {
    return { url: redactUrls(this.#request.url), method: this.#request.method };
  }
}

function isPair(value: unknown): value is readonly [string, string] {
  return (
    Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string')
  );
}

const requestArgs = ['params', 'headers', 'auth', 'timeout'];

/**
 * `api.APIDataset`: a URL that is loaded (GET) or saved to (POST, PUT). Loads the JSON value where
 * the server says it is JSON, the text otherwise; saves JSON, lists in parts of `chunk_size`.
 * `load_args` or `save_args`: `params`, `headers`, `auth`, `timeout` in seconds.
 */
export function createApiDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  const place = placeOf(context);
  const known = ['url', 'method', 'load_args', 'save_args', 'credentials'];
  const reader = readOptions(options, place, known);
  const method = reader.text('method') ?? 'GET';
  if (method !== 'GET' && method !== 'POST' && method !== 'PUT') {
    throw new DatasetError(
      'dataset-invalid',
      `${place}: Only GET, POST and PUT methods are supported, not '${method}'.`,
    );
  }
  const key = method === 'GET' ? 'load_args' : 'save_args';
  const saveArgs = method === 'GET' ? [] : ['chunk_size', 'send_individually'];
  const args = readOptions(reader.map(key), `${place}, ${key}`, [...requestArgs, ...saveArgs]);
  const auth = reader.raw('credentials') ?? args.raw('auth');
  if (reader.raw('credentials') !== undefined && args.raw('auth') !== undefined) {
    throw new DatasetError(
      'dataset-invalid',
      `${place}: Cannot specify both auth and credentials.`,
    );
  }
  const url = new URL(reader.requiredText('url'));
  for (const [name, value] of Object.entries(args.map('params'))) {
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (each === null) continue;
      url.searchParams.append(name, typeof each === 'string' ? each : JSON.stringify(each));
    }
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(args.map('headers'))) headers.set(name, String(value));
  if (isPair(auth)) headers.set('authorization', basicAuthorization(...auth));
  else if (auth !== undefined && auth !== null && !isPlainObject(auth)) {
    throw new DatasetError(
      'dataset-invalid',
      `${place}: credentials are a list of user and password.`,
    );
  }
  const timeoutMs = (args.number('timeout') ?? 60) * 1000;
  const isOneByOne = method !== 'GET' && (args.flag('send_individually') ?? false);
  const chunkSize = method === 'GET' ? 1 : Math.max(1, args.number('chunk_size') ?? 100);
  const request: ApiRequest = { url: url.href, method, headers, timeoutMs };
  return new ApiDataset(request, chunkSize, isOneByOne, context.metadata);
}

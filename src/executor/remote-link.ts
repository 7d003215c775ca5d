import { ProblemError } from '../client/problem-error.ts';
import { createSender, type Sender } from '../client/sender.ts';
import { ServerUnreachable } from '../client/server-unreachable.ts';
import { KedroServerError, RemoteError, ServerSettingsError } from '../errors.ts';

export interface RemoteLinkOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Sent with every request. */
  readonly headers?: HeadersInit | undefined;
  /** Default: the runtime's own. */
  readonly fetch?: Fetch | undefined;
  /**
   * Sends runs to Kedro's own server, which answers when they have ended: it must not give up after
   * some minutes. Default: `fetch`; on Node.js, Deno and Bun one that waits as long as it takes.
   */
  readonly fetchRun?: Fetch | undefined;
}

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What a header may hold, RFC 9110; an error of `fetch` would show the token. */
const tokenForm = /^[\x21-\x7e]+$/;

/**
 * Creates a sender of requests to the server at `url`. Redirects are not followed, so that what is
 * sent goes nowhere else. Throws `ServerSettingsError`, which shows no credentials.
 */
export function createRemoteLink(url: string, options: RemoteLinkOptions): Sender {
  const { token, fetch = globalFetch, fetchRun = fetch } = options;
  if (token !== undefined && !tokenForm.test(token)) {
    throw new ServerSettingsError(
      'The token for the remote server has characters that no header may have. Give it without spaces and line breaks.',
    );
  }
  const headers = readHeaders(options.headers);
  return createSender({
    url: parseAddress(url),
    fetch: (input, init) =>
      (input.endsWith('/run') ? fetchRun : fetch)(input, { ...init, redirect: 'manual' }),
    headers: () => headers,
    token,
  });
}

const globalFetch: Fetch = (input, init) => globalThis.fetch(input, init);

function readHeaders(given: HeadersInit | undefined): Headers {
  try {
    return new Headers(given);
  } catch {
    throw new ServerSettingsError(
      'The headers for the remote server have a name or a value that no header may have.',
    );
  }
}

function parseAddress(url: string): string {
  const { protocol, username, password, search, hash } = URL.parse(url) ?? {};
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new ServerSettingsError(
      'The address of a remote server must be an http or https URL, like https://pipelines.example.org.',
    );
  }
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    throw new ServerSettingsError(
      'The address of a remote server must have no user, password, query or fragment. Give credentials as a token or as headers.',
    );
  }
  return url;
}

/** What is thrown of a request that failed. */
export function toRemoteError(base: string, error: unknown): Error {
  if (error instanceof KedroServerError) return error;
  if (error instanceof ServerUnreachable) {
    return new RemoteError('remote-unreachable', error.message, { cause: error });
  }
  if (error instanceof ProblemError) {
    return new RemoteError('remote-refused', describeRefusal(base, error), { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Says what a server answered instead of serving a request. */
export function describeRefusal(base: string, { status, code, message }: ProblemError): string {
  if (status === 0 || (status >= 300 && status < 400)) {
    return `${base} answered with a redirect, which is not followed: credentials go to no other place. Give the address that it leads to.`;
  }
  if (status === 401 || status === 403) {
    return `${base} does not let this server in (${status}): ${message} Check the token or the headers that it is given.`;
  }
  return `${base} refused (${code}): ${message}`;
}

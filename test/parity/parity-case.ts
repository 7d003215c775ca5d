import type { ProjectFiles } from './project-copy.ts';

/** One request, as it goes over the wire. */
export interface RequestStep {
  readonly method: string;
  /** Request target, sent as it is. `{{run 1}}` in it or in a text body is the id of the case's first run. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks, without a length. */
  readonly chunked?: boolean;
}

/** Files of the project that change between two requests. */
export interface EditStep {
  readonly edit: ProjectFiles;
  /** The files keep their times, as `rsync --times` and `touch --reference` leave them. */
  readonly keepTimes?: boolean;
}

/** Requests that are sent at once; their answers are compared in this order. */
export interface TogetherStep {
  readonly together: readonly RequestStep[];
}

export type Step = RequestStep | EditStep | TogetherStep;

/** Requests that are sent in order to both servers, from a fresh `data/`. */
export interface ParityCase {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A case whose last answer differs on purpose; those before it are the same. */
export interface DeviatingCase extends ParityCase {
  /** Status and body of Kedro's server, normalized; a pattern where they are never the same twice. */
  readonly theirs: string | RegExp;
  readonly ours: string | RegExp;
}

export const json = { 'content-type': 'application/json' } as const;

/** A case of one request. */
export function sends(name: string, step: RequestStep): ParityCase {
  return { name, steps: [step] };
}

/** `POST /run` with a JSON text, or with a value that is written as JSON. */
export function run(body: string | object): RequestStep {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', path: '/run', headers: json, body: text };
}

/** A case of one run. */
export function runs(name: string, body: string | object): ParityCase {
  return sends(name, run(body));
}

/** `GET /snapshot`, with its query as raw text. */
export function snapshot(rawQuery = ''): RequestStep {
  return { method: 'GET', path: rawQuery === '' ? '/snapshot' : `/snapshot?${rawQuery}` };
}

import { hc } from 'hono/client';
import type { RunEvent } from '../contract/run-event-resource.ts';
import type { Run, RunList } from '../contract/run-resource.ts';
import type { RetryRequest, RunSubmissionRequest } from '../contract/run-submission-request.ts';
import type { HttpServer } from '../http/create-http-server.ts';
import { followRun, type FollowOptions } from './follow-run.ts';
import { type ListQuery, toSearch } from './list-query.ts';
import { ProblemError } from './problem-error.ts';
import { RunFailed } from './run-failed.ts';
import { type Call, createSender } from './sender.ts';
import { parseTrustedJson } from './trusted-json.ts';

export interface ClientOptions {
  /** Where the server is, with the path that it is mounted at. */
  readonly url: string;
  /** Default: the runtime's own. */
  readonly fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Headers of every request, or what gives them. */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** How long a request that may be repeated is tried; 15,000. */
  readonly retryForMs?: number | undefined;
  /** How long a run whose connection is lost is tried to be followed again; 300,000. */
  readonly reconnectForMs?: number | undefined;
  /** Silence after which a stream counts as dead; 45,000, three heartbeats of the server. */
  readonly silenceMs?: number | undefined;
}

export interface SubmitOptions {
  /** Your own name for the submission: sent again within 24 hours it is the same run. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions extends SubmitOptions {
  /** Told what happens in the run, in order, none left out and none twice. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

export interface RunResult {
  readonly run: Run;
  /** Data of the outputs that were asked for, by name; one that cannot be had is in `run.outputs` with why. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

export type RunLogLine = Extract<RunEvent, { type: 'log' }>;

interface Stoppable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of one server. What it calls may throw `ProblemError`, when the server does not serve
 * it; `ServerUnreachable`, when no answer comes; and the reason of a signal that is aborted.
 */
export type Client = ReturnType<typeof createClient>;

/** How long the server is asked to hold an answer back. */
const waitS = 60;
/** An answer that is held back longer than this has been lost. */
const lateMs = 15_000;

/** Creates a client of the server at `url`, for every runtime that has `fetch`. */
export function createClient(options: ClientOptions) {
  const { silenceMs = 45_000, reconnectForMs = 300_000, retryForMs = 15_000 } = options;
  const { headers = {}, fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const sender = createSender({
    url: options.url,
    fetch,
    headers: typeof headers === 'function' ? headers : () => headers,
    token: options.token,
  });
  const limits = { silenceMs, reconnectForMs };

  async function read<Contract>(path: string, call: Partial<Call>): Promise<Contract> {
    const { text } = await sender.send(path, { retryForMs, ...call });
    return parseTrustedJson<Contract>(text);
  }

  async function submit(
    request: RunSubmissionRequest,
    { idempotencyKey = crypto.randomUUID(), signal }: SubmitOptions = {},
    patience?: AbortSignal,
  ): Promise<Run> {
    return read<Run>('/runs', {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
      body: JSON.stringify(request),
      signal,
      patience,
    });
  }

  async function get(id: string, { signal }: Stoppable = {}): Promise<Run> {
    return read<Run>(pathOf(id), { signal });
  }

  async function waitFor(id: string, { signal }: Stoppable = {}): Promise<Run> {
    for (;;) {
      const late = AbortSignal.timeout(waitS * 1000 + lateMs);
      const stop = signal === undefined ? late : AbortSignal.any([signal, late]);
      try {
        const call = { signal: stop, retryForMs: reconnectForMs };
        const run = await read<Run>(`${pathOf(id)}?wait=${waitS}`, call);
        if (run.ended_at !== null) return run;
      } catch (error) {
        signal?.throwIfAborted();
        if (!late.aborted) throw error;
      }
    }
  }

  async function cancel(id: string, { signal }: Stoppable = {}): Promise<Run> {
    return read<Run>(`${pathOf(id)}/cancel`, { method: 'POST', signal });
  }

  async function output(id: string, name: string, { signal }: Stoppable = {}): Promise<unknown> {
    return read(`${pathOf(id)}/outputs/${encodeURIComponent(name)}`, { signal });
  }

  function follow(id: string, followOptions: FollowOptions = {}): AsyncGenerator<RunEvent> {
    return followRun(sender, `${pathOf(id)}/events`, limits, followOptions);
  }

  async function readOutputs({ id, outputs }: Run): Promise<Record<string, unknown>> {
    const ready = outputs.filter(({ error }) => error === null);
    const data = ready.map(async ({ name }) => [name, await output(id, name)] as const);
    return Object.fromEntries(await Promise.all(data));
  }

  async function untilEnded(id: string, { onEvent, signal }: RunOptions): Promise<Run> {
    if (onEvent === undefined) return waitFor(id, { signal });
    for await (const event of follow(id, { signal })) onEvent(event);
    return get(id, { signal });
  }

  return {
    /** All routes, typed: `api.pipelines.$get()`. They are sent once, and answer problems as they come. */
    api: hc<HttpServer>(sender.base, {
      fetch: async (input: URL | RequestInfo, init: RequestInit = {}) =>
        sender.sendOnce(new Request(input).url, init),
    }),

    /**
     * Runs a pipeline to its end: submits it (once, however often it has to be sent), follows it,
     * and reads its outputs. Aborting the signal cancels the run. Throws `RunFailed` when it does
     * not succeed.
     */
    run: async (
      request: RunSubmissionRequest = {},
      runOptions: RunOptions = {},
    ): Promise<RunResult> => {
      const { signal, idempotencyKey } = runOptions;
      signal?.throwIfAborted();
      // Not cut off by the signal: what is being accepted could not be cancelled.
      const { id } = await submit(request, { idempotencyKey }, signal);
      try {
        const run = await untilEnded(id, runOptions);
        if (run.status !== 'succeeded') throw new RunFailed(run);
        return { run, outputs: await readOutputs(run) };
      } catch (error) {
        if (signal?.aborted === true) await cancel(id).catch(ignoreEnded);
        throw error;
      }
    },

    /** Submits a run and does not wait for it. Without a key of yours it has one of its own. */
    submit: async (request: RunSubmissionRequest, submitOptions?: SubmitOptions): Promise<Run> =>
      submit(request, submitOptions),
    get,

    /** The run once it has ended, however it did. */
    waitFor,

    /** What happens in the run, from its beginning or `after` an event, until it has ended. */
    follow,

    /** What the run logs and its nodes print, until it has ended. */
    logs: (id: string, followOptions: FollowOptions = {}): AsyncGenerator<RunLogLine> =>
      followRun(sender, `${pathOf(id)}/logs`, limits, followOptions),

    /** Asks a run to stop; asking again is the same. A run that has ended is a `ProblemError` (`run-ended`). */
    cancel,

    /** The data of one output. */
    output,

    /** Submits a run again that has ended: from its start, or what it had not finished. */
    retry: async (
      id: string,
      request: RetryRequest = {},
      { idempotencyKey = crypto.randomUUID(), signal }: SubmitOptions = {},
    ): Promise<Run> =>
      read<Run>(`${pathOf(id)}/retry`, {
        method: 'POST',
        headers: { 'idempotency-key': idempotencyKey },
        body: JSON.stringify(request),
        signal,
      }),

    /** A page of runs, newest first. */
    list: async (query: ListQuery = {}, { signal }: Stoppable = {}): Promise<RunList> =>
      read(`/runs?${toSearch(query)}`, { signal }),
  };
}

function pathOf(id: string): string {
  return `/runs/${encodeURIComponent(id)}`;
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof ProblemError) || error.code !== 'run-ended') throw error;
}

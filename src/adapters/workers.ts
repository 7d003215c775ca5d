import { answerMalformedHost, isHostMalformed } from '../door/host-check.ts';
import type { HttpServer } from '../http/create-http-server.ts';
import { openStatuses } from '../run/run-record.ts';
import { allRuns, type RunStore } from '../run/run-store.ts';
import { createDurableRunStore, type DurableStorage } from '../workers/durable-run-store.ts';

export * from '../index.ts';
export { createHttpFileSystem, type HttpFileSystemOptions } from '../catalog/http-file-system.ts';
export { createDurableRunStore, type DurableStorage };
export { createS3FileSystem, type S3Options } from '../catalog/s3-file-system.ts';

/** What an app is made with. */
export interface WorkerPlace {
  /** For `createHttpServer`: that of a Durable Object; undefined in a Worker alone. */
  readonly store: RunStore | undefined;
}

/** Makes the app from what is bound to the Worker: once for an isolate or a Durable Object. */
export type CreateWorkerApp<Bindings> = (bindings: Bindings, place: WorkerPlace) => HttpServer;

/** As much of a binding of Durable Objects as is used. */
export interface ServerObjects {
  getByName(name: string): { fetch(request: Request): Promise<Response> };
}

export interface WorkerOptions<Bindings> {
  readonly createApp: CreateWorkerApp<Bindings>;
  /** The binding of the class that `createServerObject` has made; undefined: a Worker alone. */
  readonly objects?: ((bindings: Bindings) => ServerObjects | undefined) | undefined;
}

/** As much as is used of what a request comes with. */
export interface WorkerContext {
  waitUntil(work: Promise<unknown>): void;
}

export interface Worker<Bindings> {
  fetch(request: Request, bindings: Bindings, context: WorkerContext): Promise<Response>;
}

/** A class of Durable Objects, on SQLite: `new_sqlite_classes` in `wrangler.toml`. */
export type ServerObjectClass<Bindings> = new (
  state: { readonly storage: DurableStorage },
  bindings: Bindings,
) => { fetch(request: Request): Promise<Response> };

/**
 * Creates what a Worker exports as its default. With a Durable Object, that one has the app and gets
 * every request. In a Worker alone the app is made by the first request of an isolate: its runs are
 * in memory that other isolates do not see, and one that its request does not wait for has the time
 * that `waitUntil` gives, 30 s, once that is answered.
 */
export function createWorker<Bindings>(options: WorkerOptions<Bindings>): Worker<Bindings> {
  let app: HttpServer | null = null;
  return {
    async fetch(request, bindings, context) {
      const objects = options.objects?.(bindings);
      if (objects !== undefined) return objects.getByName('kedro-server').fetch(request);
      if (isHostMalformed(request.headers.get('host'))) return answerMalformedHost();
      const { fetch, runs } = (app ??= options.createApp(bindings, { store: undefined }));
      const answer = Promise.resolve(fetch(request));
      // Also where the caller leaves before there is an answer: others may wait for what it began.
      const isBegun = request.method === 'POST';
      context.waitUntil(isBegun ? answer.then(() => untilEnded(runs)) : answer);
      return answer;
    },
  };
}

/** Creates the class of the Durable Object that has the app, and with it every run, for all callers. */
export function createServerObject<Bindings>(
  createApp: CreateWorkerApp<Bindings>,
): ServerObjectClass<Bindings> {
  return class {
    readonly #app: HttpServer;

    constructor({ storage }: { readonly storage: DurableStorage }, bindings: Bindings) {
      this.#app = createApp(bindings, { store: createDurableRunStore(storage) });
    }

    async fetch(request: Request): Promise<Response> {
      if (isHostMalformed(request.headers.get('host'))) return answerMalformedHost();
      return this.#app.fetch(request);
    }
  };
}

async function untilEnded(runs: HttpServer['runs']): Promise<void> {
  const open = await runs.list({ ...allRuns, statuses: openStatuses });
  await Promise.all(open.map(({ id }) => runs.waitForEnd(id)));
}

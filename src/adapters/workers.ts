import type { HttpServer } from '../http/create-http-server.ts';

export * from '../index.ts';

/** As much of the context of a Worker's request as is used here. */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** What a Worker exports as its default. */
export interface FetchHandler<Bindings> {
  fetch(request: Request, bindings: Bindings, context: WorkerContext): Promise<Response>;
}

/** As much of a durable object's state as is used here. */
export interface DurableState<Storage = unknown> {
  readonly storage: Storage;
}

/** The class of a durable object that answers requests. */
export interface ServerObject<Bindings, Storage> {
  new (
    state: DurableState<Storage>,
    bindings: Bindings,
  ): {
    fetch(request: Request): Promise<Response>;
  };
}

/**
 * Serves every request with an app of its own, as a Worker's requests may not wait for each other: it
 * knows the runs of this request only, which go on after its answer as long as Cloudflare lets them,
 * 30 s. That is enough for `/health`, `/snapshot` and `/run`; for all else see `createServerObject`.
 */
export function createFetchHandler<Bindings extends object>(
  createApp: (bindings: Bindings) => HttpServer,
): FetchHandler<Bindings> {
  return {
    async fetch(request, bindings, context) {
      const app = createApp(bindings);
      const response = await app.fetch(request, bindings);
      context.waitUntil(finish(app, response));
      return response;
    },
  };
}

async function finish(app: HttpServer, { status, headers }: Response): Promise<void> {
  const accepted = status === 202 ? headers.get('location') : null;
  if (accepted !== null) await app.runs.waitForEnd(accepted.slice(accepted.lastIndexOf('/') + 1));
  await app.close();
}

/**
 * Makes the class of a durable object in which an app lives: every request that is handed to the
 * same object sees the same runs, and they outlive the requests that began them.
 */
export function createServerObject<Bindings, Storage = unknown>(
  createApp: (bindings: Bindings, state: DurableState<Storage>) => HttpServer,
): ServerObject<Bindings, Storage> {
  return class {
    readonly #app: HttpServer;

    constructor(state: DurableState<Storage>, bindings: Bindings) {
      this.#app = createApp(bindings, state);
    }

    async fetch(request: Request): Promise<Response> {
      return this.#app.fetch(request);
    }
  };
}

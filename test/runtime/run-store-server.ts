import { KedroServerError } from '../../src/errors.ts';
import { createDurableRunStore, type DurableStorage } from '../../src/adapters/workers.ts';

/** A Durable Object with a store of runs, whose methods are called from outside. */
export class StoreObject {
  readonly #store;

  constructor({ storage }: { readonly storage: DurableStorage }) {
    this.#store = createDurableRunStore(storage);
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const method = pathname.slice(pathname.lastIndexOf('/') + 1);
    const args = (await request.json()) as unknown[];
    const call = Reflect.get(this.#store, method) as (...given: unknown[]) => Promise<unknown>;
    try {
      return Response.json({ result: (await call(...args)) ?? null });
    } catch (error) {
      const { message } = error as Error;
      const code = error instanceof KedroServerError ? error.code : null;
      return Response.json({ error: { message, code } });
    }
  }
}

interface Bindings {
  readonly STORE: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

/** What the Worker exports as its default: `/name/method` is a method of the store of the name. */
export const worker = {
  fetch: (request: Request, { STORE }: Bindings) =>
    STORE.getByName(new URL(request.url).pathname.split('/')[1]!).fetch(request),
};

import { createHttpServer } from '../../src/index.ts';
import { createFixture } from './fixture.ts';

/** Requests of a Worker may not wait for each other; those of one durable object may. */
export class KedroServer {
  readonly #app = createHttpServer({ executor: createFixture().executor });

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

interface Bindings {
  readonly SERVER: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

/** What the Worker exports as its default. */
export const worker = {
  fetch: (request: Request, { SERVER }: Bindings) => SERVER.getByName('one').fetch(request),
};

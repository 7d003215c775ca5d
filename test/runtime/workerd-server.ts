import { createHttpServer, createServerObject } from '../../src/adapters/workers.ts';
import { createFixture } from './fixture.ts';

/** The durable object that the fixture lives in. */
export const KedroServer = createServerObject(() =>
  createHttpServer({ executor: createFixture().executor }),
);

interface Bindings {
  readonly SERVER: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

/** What the Worker exports as its default. */
export const worker = {
  fetch: (request: Request, { SERVER }: Bindings) => SERVER.getByName('one').fetch(request),
};

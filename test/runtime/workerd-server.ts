import { createHttpServer, createServerObject } from '../../src/adapters/workers.ts';
import { createFixture, createLockedServer } from './fixture.ts';

/** The durable object that the fixture lives in. */
export const KedroServer = createServerObject(() => {
  const app = createHttpServer({ executor: createFixture().executor });
  app.route('/locked', createLockedServer());
  return app;
});

interface Bindings {
  readonly SERVER: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

/** What the Worker exports as its default. */
export const worker = {
  fetch: (request: Request, { SERVER }: Bindings) => SERVER.getByName('one').fetch(request),
};

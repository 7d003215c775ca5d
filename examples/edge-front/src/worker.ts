import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { createHttpServer, createRemoteExecutor } from 'kedro-server';

interface RunsNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

interface Environment {
  readonly RUNS: RunsNamespace;
  /** Who may call the Worker. */
  readonly CALLER_TOKEN: string;
  /** The server with the project. */
  readonly SERVER_URL: string;
  /** What the Worker shows that server, where it asks who calls. */
  readonly SERVER_TOKEN?: string;
}

/**
 * The runs of this Worker, as a Durable Object: what a request begins goes on when it has been
 * answered, and other requests see it.
 */
export class Runs {
  readonly #app;

  constructor(_state: unknown, environment: Environment) {
    const { SERVER_URL: url, SERVER_TOKEN: token } = environment;
    this.#app = createHttpServer({ executor: createRemoteExecutor({ url, token }) });
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

export default {
  fetch(request: Request, { RUNS, CALLER_TOKEN }: Environment): Response | Promise<Response> {
    const app = new Hono();
    app.use(bearerAuth({ token: CALLER_TOKEN }));
    app.all('*', async ({ req }) => RUNS.get(RUNS.idFromName('runs')).fetch(req.raw));
    return app.fetch(request);
  },
};

import { createHttpServer, createRemoteExecutor, parseKeys } from 'kedro-server';

interface RunsNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

interface Environment {
  readonly RUNS: RunsNamespace;
  /** Who may call the Worker: lines of `kedro-server keys new`. */
  readonly CALLER_KEYS: string;
  /** The server with the project. */
  readonly SERVER_URL: string;
  /** The Worker's own key there. */
  readonly SERVER_TOKEN: string;
}

/**
 * The runs of this Worker, as a Durable Object: what a request begins goes on when it has been
 * answered, and other requests see it.
 */
export class Runs {
  readonly #app;

  constructor(_state: unknown, environment: Environment) {
    const { CALLER_KEYS, SERVER_URL: url, SERVER_TOKEN: token } = environment;
    this.#app = createHttpServer({
      executor: createRemoteExecutor({ url, token }),
      auth: { keys: parseKeys(CALLER_KEYS, 'CALLER_KEYS') },
    });
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

export default {
  fetch(request: Request, { RUNS }: Environment): Promise<Response> {
    return RUNS.get(RUNS.idFromName('runs')).fetch(request);
  },
};

import {
  createHttpServer,
  createRemoteExecutor,
  createServerObject,
  type FetchHandler,
  parseKeys,
} from 'kedro-server/workers';

interface Bindings {
  readonly RUNS: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
  /** Who may call the Worker: lines of `kedro-server keys new`. */
  readonly CALLER_KEYS: string;
  /** The server with the project. */
  readonly SERVER_URL: string;
  /** The Worker's own key there. */
  readonly SERVER_TOKEN: string;
}

/** The runs of this Worker: they go on when a request has been answered, and all requests see them. */
export const Runs = createServerObject(
  ({ CALLER_KEYS, SERVER_URL: url, SERVER_TOKEN: token }: Bindings) =>
    createHttpServer({
      executor: createRemoteExecutor({ url, token }),
      auth: { keys: parseKeys(CALLER_KEYS, 'CALLER_KEYS') },
    }),
);

export default {
  fetch: (request, { RUNS }) => RUNS.getByName('runs').fetch(request),
} satisfies FetchHandler<Bindings>;

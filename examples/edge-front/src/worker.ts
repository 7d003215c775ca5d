import {
  createHttpServer,
  createRemoteExecutor,
  createServerObject,
  createWorker,
  type CreateWorkerApp,
  parseKeys,
  type ServerObjects,
} from 'kedro-server/workers';

interface Bindings {
  /** The Durable Object below, with all runs. */
  readonly RUNS: ServerObjects;
  /** Who may call the Worker: lines of `kedro-server keys new`. */
  readonly CALLER_KEYS: string;
  /** The server with the project. */
  readonly SERVER_URL: string;
  /** The Worker's own key there. */
  readonly SERVER_TOKEN: string;
}

const createApp: CreateWorkerApp<Bindings> = (
  { CALLER_KEYS, SERVER_URL: url, SERVER_TOKEN: token },
  { store },
) =>
  createHttpServer({
    executor: createRemoteExecutor({ url, token }),
    auth: { keys: parseKeys(CALLER_KEYS, 'CALLER_KEYS') },
    store,
  });

export const Runs = createServerObject(createApp);

export default createWorker({ createApp, objects: ({ RUNS }) => RUNS });

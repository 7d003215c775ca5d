import {
  createHttpServer,
  createNativeExecutor,
  createRemoteExecutor,
  createWorker,
  createServerObject,
  type CreateWorkerApp,
  type ServerObjects,
} from 'kedro-server/workers';

import { project } from './project.ts';

interface Bindings {
  /** The Durable Object below; without it runs are in the memory of an isolate. */
  readonly SERVER?: ServerObjects;
  /** Another server, to which runs go in place of being run here. */
  readonly KEDRO_SERVER_URL?: string;
  /** What that server is shown, where it asks who calls. */
  readonly KEDRO_SERVER_TOKEN?: string;
}

const createApp: CreateWorkerApp<Bindings> = (bindings, { store }) => {
  const { KEDRO_SERVER_URL: url, KEDRO_SERVER_TOKEN: token } = bindings;
  const executor =
    url === undefined ? createNativeExecutor({ project }) : createRemoteExecutor({ url, token });
  return createHttpServer({ executor, store });
};

export const KedroServer = createServerObject(createApp);

export default createWorker({ createApp, objects: ({ SERVER }) => SERVER });

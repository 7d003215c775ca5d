import {
  createHttpServer,
  createNativeExecutor,
  createSqliteRunStore,
  serve,
} from '../../src/adapters/node.ts';
import { type ConformingProject, createConformingProject } from '../project/conforming-project.ts';

/** What the process is asked; `id` comes back with the answer. */
export type Question = { readonly id: number } & (
  | {
      readonly ask: 'serve';
      readonly workers: number;
      readonly maxOutputBytes?: number;
      /** File that runs are kept in; default: memory. */
      readonly store?: string;
    }
  | { readonly ask: 'openGate' | 'addParameter'; readonly server: number; readonly name: string }
  | { readonly ask: 'readJson'; readonly server: number; readonly path: string }
  | { readonly ask: 'close'; readonly server: number }
);

export interface Reply {
  readonly id: number;
  readonly value: unknown;
}

interface Served {
  readonly project: ConformingProject;
  close(): Promise<void>;
}

const servers: Served[] = [];

async function answer(question: Question): Promise<unknown> {
  if (question.ask === 'serve') {
    const { workers: concurrency, maxOutputBytes, store: path } = question;
    const project = createConformingProject();
    const { definition } = project;
    const executor = createNativeExecutor({ project: definition, concurrency, maxOutputBytes });
    const store = path === undefined ? undefined : createSqliteRunStore({ path });
    const server = await serve(createHttpServer({ executor, store, stopGraceMs: 0 }), { port: 0 });
    servers.push({ project, close: () => server.close() });
    return { server: servers.length - 1, url: server.url };
  }
  const served = servers[question.server];
  if (served === undefined) throw new Error(`There is no server ${question.server}.`);
  switch (question.ask) {
    case 'openGate':
      return served.project.openGate(question.name);
    case 'addParameter':
      return served.project.addParameter(question.name);
    case 'readJson':
      return served.project.readJson(question.path);
    case 'close':
      return served.close();
  }
}

process.on('message', (question: Question) => {
  void answer(question).then((value) => process.send?.({ id: question.id, value } satisfies Reply));
});
process.on('disconnect', () => process.exit(0));

import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Question, Reply } from './remote-server.ts';

type Wish = Question extends infer Each
  ? Each extends Question
    ? Omit<Each, 'id'>
    : never
  : never;

/** One process with servers of the conforming project, each with its own. */
export interface RemoteServerProcess extends AsyncDisposable {
  ask(wish: Wish): Promise<unknown>;
  kill(): void;
  readonly ended: Promise<unknown>;
}

export function startRemoteServers(): RemoteServerProcess {
  const child = fork(path.join(import.meta.dirname, 'remote-server.ts'));
  const closed = once(child, 'close');
  const replies = new Map<number, (value: unknown) => void>();
  let asked = 0;
  child.on('message', ({ id, value }: Reply) => {
    replies.get(id)?.(value);
    replies.delete(id);
  });
  return {
    ask: (wish) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      asked += 1;
      replies.set(asked, resolve);
      child.send({ id: asked, ...wish }, (error) => error && reject(error));
      return promise;
    },
    ended: closed,
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

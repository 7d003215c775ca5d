import type { ParityCase } from './parity-case.ts';
import type { Answer } from './send-request.ts';
import { type ServedProject, serveProject, type ServeOptions } from './served-project.ts';
import type { StartServer } from './server-process.ts';

/** What a case brought on both servers, as texts that are equal when the servers are. */
export interface Comparison {
  readonly theirs: string;
  readonly ours: string;
  /** Status and body of the last answer, for cases that deviate. */
  readonly theirLast: string;
  readonly ourLast: string;
}

export interface Both<Value> {
  readonly theirs: Value;
  readonly ours: Value;
}

/** Two servers on copies of one project. */
export interface ServerPair {
  compare(parityCase: ParityCase): Promise<Comparison>;
  /** What both answer to a GET request, as it is. */
  fetch(path: string): Promise<Both<Answer>>;
  /** The paths of all files of each copy. */
  listFiles(): Promise<Both<readonly string[]>>;
  close(): Promise<void>;
}

export interface PairOptions extends ServeOptions {
  readonly startTheirs: StartServer;
  readonly startOurs: StartServer;
}

/** Starts both servers side by side. When one does not start, the other is ended. */
export async function startServerPair({
  startTheirs,
  startOurs,
  ...options
}: PairOptions): Promise<ServerPair> {
  const attempts = await Promise.allSettled([
    serveProject(options, startTheirs),
    serveProject(options, startOurs),
  ]);
  const [theirs, ours] = attempts.map((side) => (side.status === 'fulfilled' ? side.value : null));
  if (!theirs || !ours) {
    await Promise.all([theirs?.close(), ours?.close()]);
    const reasons = attempts.map((side) => (side.status === 'rejected' ? String(side.reason) : ''));
    throw new Error(reasons.filter((reason) => reason !== '').join('\n'));
  }
  const both = async <Value>(
    ask: (side: ServedProject) => Promise<Value>,
  ): Promise<Both<Value>> => {
    const [one, other] = await Promise.all([ask(theirs), ask(ours)]);
    return { theirs: one, ours: other };
  };
  return {
    compare: async (parityCase) => {
      const outcome = await both((side) => side.play(parityCase));
      return {
        theirs: outcome.theirs.text,
        ours: outcome.ours.text,
        theirLast: outcome.theirs.last,
        ourLast: outcome.ours.last,
      };
    },
    fetch: (path) => both((side) => side.fetch(path)),
    listFiles: () => both((side) => side.listFiles()),
    close: async () => {
      await both((side) => side.close());
    },
  };
}

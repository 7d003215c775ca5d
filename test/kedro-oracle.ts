import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { kedroPython } from './python-env.ts';

/** What an attempt gave: a value, or the type and message of the error that refused it. */
export type Attempt =
  | { readonly value: unknown }
  | { readonly error: string; readonly message: string };

/** Never none: a question has one attempt, and those that follow from it. */
export type Answers = readonly [Attempt, ...Attempt[]];

export interface KedroOracle<Answer = Answers, Question = unknown> {
  /** Kedro's answer to one question. */
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Starts `kedro-oracle.py` of the folder of `module` (its `import.meta.url`) with the newest Kedro. It reads a
 * question a line and answers one after the other.
 */
export async function startKedroOracle<Answer = Answers, Question = unknown>(
  module: string,
): Promise<KedroOracle<Answer, Question>> {
  const program = fileURLToPath(new URL('kedro-oracle.py', module));
  const child = spawn(await kedroPython('newest'), ['-W', 'ignore', program], {
    env: { ...process.env, DO_NOT_TRACK: '1', PYTHONHASHSEED: 'random' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await answers.next();
      if (answer.done === true) throw new Error('The Python process ended without an answer.');
      return JSON.parse(answer.value) as Answer;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

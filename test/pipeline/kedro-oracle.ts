import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What an attempt gave: a value, or the type and message of the error that refused it. */
export type Attempt =
  | { readonly value: unknown }
  | { readonly error: string; readonly message: string };

/** Never none: a question has one attempt, and those that follow from it. */
export type Answers = readonly [Attempt, ...Attempt[]];

export interface KedroOracle {
  /** Kedro's answers to one question, in order. */
  ask(question: unknown): Promise<Answers>;
  close(): Promise<void>;
}

/** Starts one Python process with Kedro; questions are answered one after the other. */
export function startKedroOracle(python: string): KedroOracle {
  const program = fileURLToPath(new URL('kedro-oracle.py', import.meta.url));
  const child = spawn(python, ['-W', 'ignore', program], {
    env: { ...process.env, DO_NOT_TRACK: '1', PYTHONHASHSEED: 'random' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await answers.next();
      if (answer.done === true) throw new Error('The Python process ended without an answer.');
      return JSON.parse(answer.value) as Answers;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

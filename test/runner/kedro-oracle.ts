import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { RunAnswer, RunQuestion } from './run-question.ts';

export interface KedroOracle {
  ask(question: RunQuestion): Promise<RunAnswer>;
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
    ask: async (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const answer = await answers.next();
      if (answer.done === true) throw new Error('The Python process ended without an answer.');
      return JSON.parse(answer.value) as RunAnswer;
    },
    close: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

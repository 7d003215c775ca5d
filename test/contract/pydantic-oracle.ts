import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { kedroPython } from '../python-env.ts';

/** A body as it is sent, with the value of its Content-Type header. */
export interface SentBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/** What Kedro's server makes of a body. */
export interface OracleAnswer {
  readonly status: number;
  readonly text: string;
  /** The request as it was read, but for `params`; null when it was refused. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** `params` as Python writes them. */
  readonly params: string | null;
}

export interface PydanticOracle extends AsyncDisposable {
  answer(body: SentBody): Promise<OracleAnswer>;
  /** JSON read and written again by Python. */
  normalize(json: string): Promise<string>;
}

/** Starts one Python process with Kedro's request model; questions are answered in order. */
export async function startPydanticOracle(): Promise<PydanticOracle> {
  const python = process.env['KEDRO_TEST_PYTHON'] ?? (await kedroPython('newest'));
  const child = spawn(python, ['-B', join(import.meta.dirname, 'pydantic-oracle.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, DO_NOT_TRACK: '1' },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  const ask = (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = last.then(async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`The Python process has ended:\n${log}`);
      return JSON.parse(value) as unknown;
    });
    last = answer.catch(() => undefined);
    return answer;
  };

  return {
    answer: async ({ bytes, contentType }) =>
      (await ask({ body: Buffer.from(bytes).toString('base64'), contentType })) as OracleAnswer,
    normalize: async (json) => ((await ask({ normalize: json })) as { text: string }).text,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

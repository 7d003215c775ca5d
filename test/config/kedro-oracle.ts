import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { kedroPython } from '../python-env.ts';
import type { MergeStrategy } from '../../src/config/overlay.ts';

/** A value as the Python program tags it: JSON alone cannot tell 1 from 1.0. */
export type TaggedValue =
  | null
  | boolean
  | string
  | readonly TaggedValue[]
  | { readonly i: string }
  | { readonly f: string }
  | { readonly b: string }
  | { readonly o: string }
  | { readonly d: readonly (readonly [TaggedValue, TaggedValue])[] };

export type Answer =
  | { readonly value: TaggedValue }
  | { readonly error: string; readonly message: string };

/** A folder of configuration and what to load from it. */
export interface LoadCase {
  readonly files: Readonly<Record<string, string>>;
  readonly kinds: readonly string[];
  readonly env?: string;
  readonly baseEnv?: string;
  readonly defaultRunEnv?: string;
  readonly runtimeParams?: Readonly<Record<string, unknown>>;
  readonly patterns?: Readonly<Record<string, readonly string[]>>;
  readonly mergeStrategy?: Readonly<Record<string, MergeStrategy>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restrict?: boolean;
}

const program = fileURLToPath(new URL('kedro-oracle.py', import.meta.url));

/** Starts a process with `KEDRO_TEST_PYTHON`, or the environment that the tests make. */
export async function startKedroOracle(): Promise<KedroOracle> {
  return new KedroOracle(process.env['KEDRO_TEST_PYTHON'] ?? (await kedroPython('newest')));
}

/** One Python process that answers with Kedro's own code, one question after the other. */
export class KedroOracle {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];
  #stderr = '';

  constructor(python: string) {
    const env = { ...process.env, DO_NOT_TRACK: '1' };
    this.#process = spawn(python, [program], { env });
    createInterface(this.#process.stdout).on('line', (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line));
    });
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#process.on('close', (code) => {
      const error = new Error(`Kedro's process ended with ${code}: ${this.#stderr}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** One answer for each kind. */
  load(loadCase: LoadCase): Promise<readonly Answer[]> {
    return this.#ask(loadCase) as Promise<readonly Answer[]>;
  }

  yaml(text: string): Promise<Answer> {
    return this.#ask({ yaml: text }) as Promise<Answer>;
  }

  params(text: string): Promise<Answer> {
    return this.#ask({ params: text }) as Promise<Answer>;
  }

  async close(): Promise<void> {
    const closed = once(this.#process, 'close');
    this.#process.stdin.end();
    await closed;
  }

  #ask(question: unknown): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.push(waiting);
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return waiting.promise;
  }
}

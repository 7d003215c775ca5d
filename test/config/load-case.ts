import { ConfigError } from '../../src/config/config-error.ts';
import { createConfigLoader } from '../../src/config/config-loader.ts';
import { createMemoryConfigSource } from '../../src/config/memory-config-source.ts';
import type { CustomResolver } from '../../src/config/resolver.ts';
import type { Answer, LoadCase } from './kedro-oracle.ts';
import { canonical, toExpectedPlain } from './tagged-value.ts';

/** The resolvers of `kedro-oracle.py`, in TypeScript. */
const customResolvers: Readonly<Record<string, CustomResolver>> = {
  join: (...texts: readonly unknown[]) => {
    if (!texts.every((text) => typeof text === 'string')) throw new TypeError('texts only');
    return texts.join('-');
  },
  tuple: (...values: readonly unknown[]) => ({ items: values }),
  fail: () => {
    throw new RangeError('nothing there');
  },
};

export interface Outcome {
  /** The value in one text, or null when loading was refused. */
  readonly value: string | null;
  /** The type of the error, or the empty string. */
  readonly type: string;
  readonly message: string;
}

/** What our loader makes of a case; anything but a `ConfigError` is thrown on. */
export async function loadOurs(loadCase: LoadCase, kind: string): Promise<Outcome> {
  const { files, restrict = false, kinds: _, ...options } = loadCase;
  const loader = createConfigLoader({
    ...options,
    source: createMemoryConfigSource(files),
    customResolvers,
    restrictRuntimeParamsTypeSelection: restrict,
  });
  try {
    return { value: canonical(await loader.load(kind)), type: '', message: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { value: null, type: error.name, message: error.message };
  }
}

export function toOutcome(answer: Answer): Outcome {
  if ('error' in answer) return { value: null, type: answer.error, message: answer.message };
  return { value: canonical(toExpectedPlain(answer.value)), type: '', message: '' };
}

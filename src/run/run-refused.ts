import { KedroServerError, type RunRefusalCode } from '../errors.ts';
import type { ConcurrencyLimit } from './run-record.ts';

/** A submission that is not accepted; nothing of it is kept. */
export class RunRefused extends KedroServerError<RunRefusalCode> {
  override readonly name = 'RunRefused';
  /** Seconds after which trying again makes sense, or null where it makes none. */
  readonly retryAfterS: number | null;
  /** The runs in the way. */
  readonly runIds: readonly string[];

  constructor(
    code: RunRefusalCode,
    message: string,
    { retryAfterS = null, runIds = [] }: { retryAfterS?: number | null; runIds?: string[] } = {},
  ) {
    super(code, message);
    this.retryAfterS = retryAfterS;
    this.runIds = runIds;
  }
}

/** Its owner has as many runs as may be open. */
export function quotaFull(open: number | string, maxOpen: number, retryAfterS: number): RunRefused {
  return new RunRefused(
    'quota-full',
    `${open} of your runs have not ended, and no more than ${maxOpen} may be open. Wait for one of them, or cancel one; try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

/** Runs with its concurrency key are there, and it wants to be refused then. */
export function keyTaken(
  { key, limit }: Pick<ConcurrencyLimit, 'key' | 'limit'>,
  runIds: string[],
): RunRefused {
  return new RunRefused(
    'concurrency-conflict',
    `${runIds.length} run(s) with the concurrency key '${key}' are there already, and its limit is ${limit}: ${runIds.join(', ')}. Wait for them, cancel them, or submit with on_conflict 'queue'.`,
    { runIds },
  );
}

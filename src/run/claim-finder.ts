import type { DatasetClaim, RunClaims } from '../executor/dataset-claims.ts';
import type { Executor } from '../executor/executor.ts';
import { partsOfSelection } from '../executor/node-selection.ts';
import type { RunSubmission } from './run-record.ts';

type Claims = readonly DatasetClaim[];
type Asked = Pick<RunSubmission, 'order' | 'inputNames'>;

interface Kept {
  readonly found: RunClaims;
  /** By `performance.now()`. */
  seenAtMs: number;
}

const mostKept = 1024;
const longestKey = 8192;
/** As long are claims taken for current without a look: an edit of the catalog counts after it. */
const freshForMs = 1000;
const none: Claims = [];

/** Finds what runs claim, and keeps it: the same order again costs a microsecond. */
export class ClaimFinder {
  readonly #executor: Pick<Executor, 'claimsOf'>;
  readonly #kept = new Map<string, Kept>();
  readonly #pending = new Map<string, Promise<Claims>>();

  constructor(executor: Pick<Executor, 'claimsOf'>) {
    this.#executor = executor;
  }

  /** Rejects with what `Executor.claimsOf` throws. */
  of(asked: Asked): Claims | Promise<Claims> {
    if (this.#executor.claimsOf === undefined) return none;
    const anyParams = keyOf(asked);
    const theseParams = `${anyParams} ${asked.order.paramsJson ?? ''}`;
    const known = this.#recall(anyParams) ?? this.#recall(theseParams);
    return known ?? this.#findOnce(asked, anyParams, theseParams);
  }

  #recall(key: string): Claims | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    const nowMs = performance.now();
    if (nowMs - kept.seenAtMs > freshForMs) {
      if (kept.found.isCurrent?.() !== true) {
        this.#kept.delete(key);
        return null;
      }
      kept.seenAtMs = nowMs;
    }
    return kept.found.claims;
  }

  async #findOnce(asked: Asked, anyParams: string, theseParams: string): Promise<Claims> {
    const pending =
      this.#pending.get(theseParams) ??
      this.#find(asked, anyParams, theseParams).finally(() => this.#pending.delete(theseParams));
    this.#pending.set(theseParams, pending);
    return pending;
  }

  async #find(
    { order, inputNames }: Asked,
    anyParams: string,
    theseParams: string,
  ): Promise<Claims> {
    const seenAtMs = performance.now();
    const found = await this.#executor.claimsOf?.({ ...order, inputNames });
    if (found === undefined) return none;
    const key = found.dependsOnParams ? theseParams : anyParams;
    if (key.length <= longestKey) {
      if (this.#kept.size >= mostKept) this.#kept.delete(this.#kept.keys().next().value ?? '');
      this.#kept.set(key, { found, seenAtMs });
    }
    return found.claims;
  }
}

function keyOf({ order, inputNames }: Asked): string {
  return JSON.stringify([
    ...partsOfSelection(order),
    order.loadVersions === null ? null : Object.keys(order.loadVersions),
    inputNames,
  ]);
}

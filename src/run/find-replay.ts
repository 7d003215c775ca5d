import type { RunRecord } from './run-record.ts';
import { RunRefused } from './run-refused.ts';
import type { IdempotencyKey, KeyOwner } from './run-store.ts';

/**
 * The run that was submitted under a known key. Throws `RunRefused` (`key-conflict`) when the key was
 * another request's, or its run is gone.
 */
export async function findReplay(
  { key, fingerprint }: Pick<IdempotencyKey, 'key' | 'fingerprint'>,
  known: KeyOwner,
  get: (id: string) => Promise<RunRecord | null>,
): Promise<RunRecord> {
  const { runId } = known;
  const isSame = known.fingerprint === fingerprint;
  const record = isSame ? await get(runId) : null;
  if (record !== null) return record;
  throw new RunRefused(
    'key-conflict',
    isSame
      ? `The idempotency key '${key}' belongs to run ${runId}, which is not kept any more. Use a new key to run it again.`
      : `The idempotency key '${key}' belongs to another request, the one of run ${runId}. Send that request again, or use a new key.`,
    { runIds: [runId] },
  );
}

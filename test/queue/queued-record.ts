import { createRunRecord } from '../../src/run/create-run-record.ts';
import type { RunRecord, RunSubmission } from '../../src/run/run-record.ts';
import type { AcceptLimits, Claimer } from '../../src/queue/shared-run-store.ts';
import { createSaveVersions } from '../../src/run/save-versions.ts';
import { createSubmission } from '../run/submission.ts';

export const noLimits: AcceptLimits = { maxQueued: 1000, maxOpen: Infinity, retryAfterS: 1 };

const saveVersions = createSaveVersions();

export function createQueued(wanted: Partial<RunSubmission> = {}): RunRecord {
  return createRunRecord(createSubmission(wanted), saveVersions.next());
}

export function createClaimer(token: string, wanted: Partial<Claimer> = {}): Claimer {
  return { worker: `worker of ${token}`, token, leaseMs: 30_000, ...wanted };
}

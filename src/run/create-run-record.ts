import { v7 as createUuid } from 'uuid';
import type { RunRecord, RunSubmission } from './run-record.ts';
import { timeOfVersion } from './save-versions.ts';

/** Creates the record of a run that has just been submitted. */
export function createRunRecord(submission: RunSubmission, saveVersion: string): RunRecord {
  return {
    // Ids sort as versions do, so that the newest run has the greatest one, however clocks are set.
    id: createUuid({ msecs: timeOfVersion(saveVersion) }),
    saveVersion,
    submission,
    status: 'queued',
    createdAtMs: Date.now(),
    startedAtMs: null,
    endedAtMs: null,
    durationMs: null,
    nodesTotal: null,
    nodesDone: 0,
    nodesRunning: [],
    error: null,
    outputs: [],
    traceparent: submission.traceparent,
    isAttended: submission.isAttended,
    lastEventId: 0,
  };
}

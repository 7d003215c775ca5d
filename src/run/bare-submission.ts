import type { RunSubmission } from './run-record.ts';

/** A run whose caller waits for it, and asks for nothing more. */
export function bareSubmission(
  order: RunSubmission['order'],
  { owner, traceparent, requestId }: Pick<RunSubmission, 'owner' | 'traceparent' | 'requestId'>,
): RunSubmission {
  return {
    order,
    owner,
    inputNames: [],
    labels: {},
    timeoutMs: null,
    priority: 0,
    concurrency: null,
    callback: null,
    isAttended: true,
    retryOf: null,
    attempt: 1,
    traceparent,
    requestId,
  };
}

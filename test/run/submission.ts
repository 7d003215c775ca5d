import type { RunSubmission } from '../../src/run/run-record.ts';
import { createRunOrder } from '../conformance/run-order.ts';

/** Creates a submission that asks for nothing but `wanted`. */
export function createSubmission(wanted: Partial<RunSubmission> = {}): RunSubmission {
  const { runId: _, ...order } = createRunOrder();
  return {
    order,
    inputNames: [],
    labels: {},
    timeoutMs: null,
    priority: 0,
    concurrency: null,
    callback: null,
    isAttended: false,
    retryOf: null,
    attempt: 1,
    traceparent: null,
    requestId: null,
    ...wanted,
  };
}

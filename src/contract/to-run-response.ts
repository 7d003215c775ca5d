import type { RunError } from '../executor/run-event.ts';
import type { ErrorDetail } from './error-detail.ts';
import { writePythonFloat } from './python-json.ts';
import type { RunFailure, RunResponse } from './run-response.ts';

/** How a run ended, as far as Kedro's answer tells it. */
export interface EndedRun {
  readonly status: string;
  readonly durationMs: number;
  readonly error: RunError | null;
}

export function toRunResponse(runId: string, { status, durationMs, error }: EndedRun): RunResponse {
  if (status === 'succeeded') {
    return { status: 'success', run_id: runId, duration_ms: toHundredths(durationMs) };
  }
  const detail = error ?? { type: 'RunError', message: `The run ${status} without an error.` };
  return toRunFailure(runId, durationMs, detail);
}

export function toRunFailure(runId: string, durationMs: number, error: ErrorDetail): RunFailure {
  return { status: 'failure', run_id: runId, duration_ms: toHundredths(durationMs), error };
}

function toHundredths(durationMs: number): number {
  return Number(durationMs.toFixed(2));
}

/** Writes a response as Kedro's server does: the duration is a float, `12.0` rather than `12`. */
export function writeRunResponse(response: RunResponse): string {
  const { status, run_id: runId, duration_ms: durationMs } = response;
  const error = response.status === 'failure' ? `,"error":${writeError(response.error)}` : '';
  return `{"status":"${status}","run_id":"${runId}","duration_ms":${writePythonFloat(durationMs)}${error}}`;
}

function writeError({ type, message }: ErrorDetail): string {
  return JSON.stringify({ type, message });
}

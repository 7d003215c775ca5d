import type { RunError } from '../executor/run-event.ts';
import { HealthResponse } from './health-response.ts';
import { parseOrNull } from './parse-snapshot.ts';
import { Readiness } from './probe-response.ts';
import { Run } from './run-resource.ts';
import { RunResponse } from './run-response.ts';

/** Runs that the server of `GET /readyz` runs at once; null for what is no such answer. */
export function parseCapacity(text: string): number | null {
  return Readiness.safeParse(parseOrNull(text)).data?.capacity ?? null;
}

/** Version of Kedro in the answer of `GET /health`; null for what is no such answer. */
export function parseKedroVersion(text: string): string | null {
  return HealthResponse.safeParse(parseOrNull(text)).data?.kedro_version ?? null;
}

/** A run as a server took it. */
export interface AcceptedRun {
  readonly id: string;
  /** Under which versioned datasets are saved there. */
  readonly saveVersion: string;
  /** Its place among those that wait, from 1; null when it does not wait. */
  readonly position: number | null;
}

const Accepted = Run.pick({ id: true, save_version: true, queue: true });

/** Reads the answer of `POST /runs`; null for what is none. */
export function parseAcceptedRun(text: string): AcceptedRun | null {
  const { data } = Accepted.safeParse(parseOrNull(text));
  if (data === undefined) return null;
  const { id, save_version: saveVersion, queue } = data;
  return { id, saveVersion, position: queue?.position ?? null };
}

/** How a run of `POST /run` ended. */
export interface AnsweredRun {
  readonly runId: string;
  readonly durationMs: number;
  /** Null when it succeeded. */
  readonly error: RunError | null;
}

/** Reads the answer of `POST /run`; null for what is none. */
export function parseRunAnswer(text: string): AnsweredRun | null {
  const { data } = RunResponse.safeParse(parseOrNull(text));
  if (data === undefined) return null;
  const { run_id: runId, duration_ms: durationMs } = data;
  return { runId, durationMs, error: data.status === 'failure' ? data.error : null };
}

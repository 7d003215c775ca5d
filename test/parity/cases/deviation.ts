import type { DeviatingCase, RequestStep } from '../parity-case.ts';
import type { ProjectSource } from '../project-copy.ts';

/** One row of the table in `docs/parity.md`: where ours answers otherwise on purpose, and why. */
export interface Deviation {
  /** What is sent, or what the pipeline does. */
  readonly when: string;
  readonly ours: string;
  readonly reason: string;
  /** Sent to the project `probe`. */
  readonly cases?: readonly DeviatingCase[];
  /** What has to have servers of its own. */
  readonly projects?: readonly DeviatingProject[];
}

export interface DeviatingProject {
  readonly project: ProjectSource;
  readonly cases: readonly DeviatingCase[];
}

const bare = '500 Internal Server Error';

export function deviates(
  name: string,
  step: RequestStep,
  ours: string | RegExp,
  theirs: string | RegExp = bare,
): DeviatingCase {
  return { name, steps: [step], theirs, ours };
}

export function failure(type: string, message: string): string {
  return `200 ${JSON.stringify({ status: 'failure', run_id: '<run 1>', duration_ms: 0, error: { type, message } })}`.replace(
    '"duration_ms":0',
    '"duration_ms":<ms>',
  );
}

export function snapshotFailure(type: string, message: string): string {
  return `200 ${JSON.stringify({ status: 'failure', error: { type, message } })}`;
}

export const succeeded = '200 {"status":"success","run_id":"<run 1>","duration_ms":<ms>}';

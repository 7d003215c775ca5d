import { checkCallbackUrl } from '../run/callback-guard.ts';
import type { Callback } from '../run/run-record.ts';
import { ProblemError } from './problem-error.ts';

/** Throws `ProblemError` (`run-invalid`) when a run's end cannot be told there. */
export function checkCallback(callback: Callback | null, allowPrivate: boolean): void {
  const wrong = callback === null ? null : checkCallbackUrl(callback.url, allowPrivate);
  if (wrong === null) return;
  const detail = `The URL of the callback cannot be used. ${wrong}`;
  throw new ProblemError('run-invalid', detail, {
    errors: [{ pointer: '/callback/url', detail }],
  });
}

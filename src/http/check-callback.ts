import { checkCallbackUrl } from '../run/callback-guard.ts';
import type { Callback } from '../run/run-record.ts';
import { readWebhookSecret } from '../run/sign-webhook.ts';
import { ProblemError } from './problem-error.ts';

/** Throws `ProblemError` (`run-invalid`) when a run's end cannot be told there. */
export function checkCallback(callback: Callback | null, allowPrivate: boolean): void {
  if (callback === null) return;
  const wrong = checkCallbackUrl(callback.url, allowPrivate);
  if (wrong !== null) throw refuse('url', `The URL of the callback cannot be used. ${wrong}`);
  const { secret } = callback;
  if (secret === null || readWebhookSecret(secret) !== null) return;
  throw refuse('secret', "The secret of the callback is no Base64 behind 'whsec_'.");
}

function refuse(field: 'url' | 'secret', detail: string): ProblemError {
  return new ProblemError('run-invalid', detail, {
    errors: [{ pointer: `/callback/${field}`, detail }],
  });
}

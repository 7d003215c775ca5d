import { toHex } from '../to-hex.ts';
import type { IdempotencyToken } from '../run/runs.ts';
import { parameterInvalid } from './problem-error.ts';

const keyForm = /^[\x21-\x7e]{1,255}$/;

/**
 * Reads the header `Idempotency-Key`, quoted or not; null without one. Two requests are the same
 * when `target` and body are; owners have keys of their own. Throws `ProblemError` (`request-invalid`).
 */
export async function readIdempotencyKey(
  headers: Headers,
  target: string,
  body: Uint8Array,
  owner: string | null,
): Promise<IdempotencyToken | null> {
  const sent = headers.get('idempotency-key');
  if (sent === null) return null;
  const key = sent.replace(/^"(.*)"$/u, '$1');
  if (!keyForm.test(key)) {
    const problem = 'has to be 1 to 255 visible ASCII characters, such as a UUID.';
    throw parameterInvalid('Idempotency-Key', `'Idempotency-Key' ${problem}`);
  }
  // A key has no space in it: no owner's keys can look like another's, or like nobody's.
  const owned = owner === null ? key : `${owner} ${key}`;
  return { key: owned, fingerprint: await digest(target, body) };
}

async function digest(target: string, body: Uint8Array): Promise<string> {
  const head = new TextEncoder().encode(`${target}\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

import { notAnObject } from './parse-run-request.ts';
import { isObject } from './python-json.ts';
import { readRequestJson } from './read-request-json.ts';
import { RequestFields } from './request-fields.ts';
import { RequestInvalid } from './request-invalid.ts';

const known: ReadonlySet<string> = new Set(['from']);

/**
 * Reads the body of a retry; without one it is from the start. Throws `RequestInvalid` and
 * `UnreadableBody`.
 */
export function parseRetryRequest(
  bytes: Uint8Array,
  contentType: string | null,
): { readonly from: 'start' | 'failed' } {
  if (bytes.length === 0) return { from: 'start' };
  const { value } = readRequestJson(bytes, contentType);
  if (!isObject(value)) throw notAnObject(value);
  const fields = new RequestFields(value);
  fields.refuseNull('from');
  const from = fields.choice('from', ['start', 'failed']) ?? 'start';
  fields.refuseOthers(known);
  if (fields.problems.length > 0) throw new RequestInvalid(fields.problems);
  return { from };
}

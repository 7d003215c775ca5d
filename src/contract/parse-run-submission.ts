import type { Callback, ConcurrencyLimit, Overlap, RunSubmission } from '../run/run-record.ts';
import type { ParsedPythonJson } from './parse-python-json.ts';
import { notAnObject, readRunOrder } from './parse-run-request.ts';
import { isObject } from './python-json.ts';
import { readRequestJson } from './read-request-json.ts';
import { RequestFields } from './request-fields.ts';
import { RequestInvalid } from './request-invalid.ts';
import {
  CallbackRequest,
  ConcurrencyRequest,
  RunSubmissionRequest,
} from './run-submission-request.ts';

/** What a caller asks for, apart from what its request's headers add. */
export type ParsedSubmission = Pick<
  RunSubmission,
  | 'order'
  | 'inputNames'
  | 'labels'
  | 'timeoutMs'
  | 'priority'
  | 'concurrency'
  | 'overlap'
  | 'callback'
>;

const known: ReadonlySet<string> = new Set(Object.keys(RunSubmissionRequest.shape));
const knownOfConcurrency: ReadonlySet<string> = new Set(Object.keys(ConcurrencyRequest.shape));
const knownOfCallback: ReadonlySet<string> = new Set(Object.keys(CallbackRequest.shape));
const labelName = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$/;
const maxLabels = 32;
const maxLabelLength = 256;
const maxKeyLength = 256;
const maxUrlLength = 2048;
const maxSecretLength = 512;
const maxPriority = 1000;

/**
 * Reads the body of `POST /runs`: strictly, where that of `POST /run` is read leniently. Throws `RequestInvalid` with all that is wrong with it, and
 * `UnreadableBody` for what is no text or too deep.
 */
export function parseRunSubmission(
  bytes: Uint8Array,
  contentType: string | null,
): ParsedSubmission {
  const { value, sourceOf } = readRequestJson(bytes, contentType);
  if (!isObject(value)) throw notAnObject(value);
  const fields = new RequestFields(value);
  const submission = readSubmission(fields, sourceOf);
  fields.refuseOthers(known);
  if (fields.problems.length > 0) throw new RequestInvalid(fields.problems);
  return submission;
}

function readSubmission(
  fields: RequestFields,
  sourceOf: ParsedPythonJson['sourceOf'],
): ParsedSubmission {
  const order = readRunOrder(fields, sourceOf);
  fields.refuseNull('priority');
  requireBoolean(fields, 'is_async');
  requireBoolean(fields, 'only_missing_outputs');
  const inputs = fields.named('inputs');
  return {
    order: {
      ...order,
      inputsJson: inputs === null || inputs.size === 0 ? null : sourceOf('inputs'),
      inputKinds: fields.choices('input_kinds', ['json', 'table', 'array']),
      outputs: fields.names('outputs'),
    },
    inputNames: [...(inputs?.keys() ?? [])],
    timeoutMs: fields.integer('timeout_ms', 1),
    labels: readLabels(fields),
    priority: fields.integer('priority', -maxPriority, maxPriority) ?? 0,
    concurrency: readConcurrency(fields),
    overlap: fields.choice<Overlap>('overlap', ['wait', 'allow']) ?? undefined,
    callback: readCallback(fields),
  };
}

/** `POST /run` takes `"yes"` and `1` too, as Kedro's server does; here `true` is the only spelling. */
function requireBoolean(fields: RequestFields, name: string): void {
  const sent = fields.raw(name);
  if (typeof sent === 'boolean' || sent === undefined) return;
  if (fields.problems.some(({ loc }) => loc[1] === name)) return;
  fields.complain('bool_type', [name], 'Input should be true or false', sent);
}

function readLabels(fields: RequestFields): Readonly<Record<string, string>> {
  const labels = fields.texts('labels') ?? {};
  const names = Object.keys(labels);
  if (names.length > maxLabels) {
    fields.complain('too_long', ['labels'], `There may be at most ${maxLabels} labels`, null);
  }
  for (const name of names) {
    if (!labelName.test(name)) {
      const msg =
        'The name of a label has 1 to 63 characters: letters, digits, and . _ / - after the first';
      fields.complain('value_error', ['labels', name], msg, name);
    } else if ((labels[name] ?? '').length > maxLabelLength) {
      const msg = `A label should have at most ${maxLabelLength} characters`;
      fields.complain('string_too_long', ['labels', name], msg, null);
    }
  }
  return labels;
}

/** A text of 1 to `maxLength` characters; null when it is not there or is none. */
function readBounded(fields: RequestFields, name: string, maxLength: number): string | null {
  const text = fields.text(name, Infinity);
  if (text === null || (text.length > 0 && text.length <= maxLength)) return text;
  return fields.complain(
    'value_error',
    [name],
    `Input should have 1 to ${maxLength} characters`,
    text,
  );
}

function requireText(fields: RequestFields, name: string, maxLength: number): string {
  if ((fields.raw(name) ?? null) === null) {
    fields.complain('missing', [name], 'Field required', null);
  }
  return readBounded(fields, name, maxLength) ?? '';
}

function readConcurrency(fields: RequestFields): ConcurrencyLimit | null {
  const concurrency = fields.nested('concurrency');
  if (concurrency === null) return null;
  concurrency.refuseNull('limit', 'on_conflict');
  const limit = {
    key: requireText(concurrency, 'key', maxKeyLength),
    limit: concurrency.integer('limit', 1) ?? 1,
    onConflict: concurrency.choice('on_conflict', ['queue', 'reject', 'cancel_running']) ?? 'queue',
  };
  concurrency.refuseOthers(knownOfConcurrency);
  return limit;
}

function readCallback(fields: RequestFields): Callback | null {
  const callback = fields.nested('callback');
  if (callback === null) return null;
  const url = requireText(callback, 'url', maxUrlLength);
  if (url !== '' && !isWebAddress(url)) {
    callback.complain('url_parsing', ['url'], 'Input should be an http or https URL', url);
  }
  const secret = readBounded(callback, 'secret', maxSecretLength);
  callback.refuseOthers(knownOfCallback);
  return { url, secret };
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

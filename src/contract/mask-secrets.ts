import { redactUrls } from '../redact-url.ts';
import { isList, isNumber, isObject, type PythonJson } from './python-json.ts';

const masked = '"***"';

/** Words that a key has when its value is a secret; spelled without separators, in lower case. */
const secretWords = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'credential',
  'apikey',
  'accesskey',
  'privatekey',
  'authorization',
  'connectionstring',
];

function isSecret(key: string): boolean {
  const word = key
    .slice(0, 256)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, '');
  // `max_tokens` is a number of words, `token` and `api_token` are keys to something.
  return word.endsWith('token') || secretWords.some((secret) => word.includes(secret));
}

/**
 * Writes a value as JSON, without what looks like a secret: what stands under a key such as
 * `password` or `api_token`, and user parts, queries and fragments of URLs. Numbers keep their
 * spelling; those that JSON does not have become null.
 */
export function writeMasked(value: PythonJson): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.includes('://') ? redactUrls(value) : value);
  }
  if (isList(value)) return `[${value.map(writeMasked).join(',')}]`;
  if (isObject(value)) {
    const members = Array.from(value, ([key, member]) => {
      const text = isSecret(key) && member !== null ? masked : writeMasked(member);
      return `${JSON.stringify(key)}:${text}`;
    });
    return `{${members.join(',')}}`;
  }
  if (!isNumber(value)) return JSON.stringify(value);
  return Number.isFinite(Number(value.text)) ? value.text : 'null';
}

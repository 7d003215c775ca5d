import { hideSecrets } from '../redact/hide-secrets.ts';
import { redactUrls } from '../redact/redact-url.ts';
import { isSecretName } from '../redact/secret-name.ts';
import { isList, isNumber, isObject, type PythonJson } from './python-json.ts';

const masked = '"***"';

/**
 * Writes a value as JSON, without what looks like a secret: what stands under a key such as
 * `password` or `api_token`, and user parts, queries and fragments of URLs. Numbers keep their
 * spelling; those that JSON does not have become null.
 */
export function writeMasked(value: PythonJson): string {
  if (typeof value === 'string') {
    return JSON.stringify(hideSecrets(redactUrls(value)));
  }
  if (isList(value)) return `[${value.map(writeMasked).join(',')}]`;
  if (isObject(value)) {
    const members = Array.from(value, ([key, member]) => {
      const text = isSecretName(key) && member !== null ? masked : writeMasked(member);
      return `${JSON.stringify(key)}:${text}`;
    });
    return `{${members.join(',')}}`;
  }
  if (!isNumber(value)) return JSON.stringify(value);
  return Number.isFinite(Number(value.text)) ? value.text : 'null';
}

import { decodeJsonText, decodeStrictUtf8 } from './decode-json-text.ts';
import { JsonInvalid } from './json-invalid.ts';
import { type ParsedPythonJson, parsePythonJson } from './parse-python-json.ts';
import { notAnObject } from './parse-run-request.ts';
import { RequestInvalid } from './request-invalid.ts';

/**
 * Reads a request's body as FastAPI does. Throws `RequestInvalid` when there is none, when it is
 * no JSON or not sent as JSON, and `UnreadableBody` for what is no text or too deep.
 */
export function readRequestJson(bytes: Uint8Array, contentType: string | null): ParsedPythonJson {
  if (bytes.length === 0) {
    throw new RequestInvalid([
      { type: 'missing', loc: ['body'], msg: 'Field required', input: null },
    ]);
  }
  if (!isJsonType(contentType)) throw notAnObject(decodeStrictUtf8(bytes));
  return readJson(decodeJsonText(bytes));
}

/** `application/json` or `application/…+json`, as Python's `email.message` splits the header. */
function isJsonType(contentType: string | null): boolean {
  const [type = ''] = (contentType ?? '').split(';');
  const [main, sub, ...rest] = type.trim().toLowerCase().split('/');
  if (main !== 'application' || sub === undefined || rest.length > 0) return false;
  return sub === 'json' || sub.endsWith('+json');
}

function readJson(text: string): ParsedPythonJson {
  try {
    return parsePythonJson(text);
  } catch (error) {
    if (!(error instanceof JsonInvalid)) throw error;
    throw new RequestInvalid([
      {
        type: 'json_invalid',
        loc: ['body', error.position],
        msg: 'JSON decode error',
        input: new Map(),
        ctx: new Map([['error', error.message]]),
      },
    ]);
  }
}

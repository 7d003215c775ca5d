import { parseRunRequest, type RunOrderFields } from './parse-run-request.ts';
import { readRequestJson } from './read-request-json.ts';

/**
 * Reads the body of `POST /run` as FastAPI and pydantic do. Throws `RequestInvalid` with the
 * problems that they find, and `UnreadableBody` for what is no text or too deep.
 */
export function parseRunBody(bytes: Uint8Array, contentType: string | null): RunOrderFields {
  return parseRunRequest(readRequestJson(bytes, contentType));
}

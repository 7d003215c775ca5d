import { UnreadableBody } from '../../contract/unreadable-body.ts';
import { isBodyHeld } from '../../held-body.ts';
import { HttpError } from '../http-error.ts';

/**
 * Reads a request's body, of at most `maxBodyBytes`. What it says of its own length is only
 * believed when it is too much, or a parser holds it to that; else the bytes are counted as they
 * come, and reading ends with the first one too many. Throws `HttpError` 413, and
 * `UnreadableBody` when the client leaves before the body is whole.
 */
export async function readLimitedBody(request: Request, maxBodyBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const isTaken = request.bodyUsed;
  let bytes: Uint8Array | null;
  try {
    bytes = isBodyHeld(request)
      ? new Uint8Array(await request.arrayBuffer())
      : await readAtMost(request, maxBodyBytes);
  } catch (error) {
    if (isTaken) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableBody(`The body could not be read to its end: ${reason}.`);
  }
  if (bytes === null) throw tooLarge(maxBodyBytes);
  return bytes;
}

/** Null when there are more bytes. */
async function readAtMost(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) break;
    length += chunk.value.byteLength;
    if (length > maxBytes) {
      await reader?.cancel();
      return null;
    }
    chunks.push(chunk.value);
  }
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(maxBodyBytes: number): HttpError {
  return new HttpError(
    413,
    `The request body is larger than ${maxBodyBytes} bytes. Send less, or raise the limit: --max-body of kedro-server start, maxBodyBytes of createHttpServer().`,
  );
}

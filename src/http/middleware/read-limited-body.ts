import { HttpError } from '../http-error.ts';

/**
 * Reads a request's body, of at most `maxBodyBytes`. What it says of its own length is only
 * believed when it is too much; the bytes are counted as they come, and reading ends with the
 * first one too many. Throws `HttpError` 413.
 */
export async function readLimitedBody(request: Request, maxBodyBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) break;
    length += chunk.value.byteLength;
    if (length > maxBodyBytes) {
      await reader?.cancel();
      throw tooLarge(maxBodyBytes);
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

import { UnreadableBody } from '../../contract/unreadable-body.ts';
import { isBodyHeld } from '../../held-body.ts';
import { HttpError } from '../http-error.ts';

export interface BodyLimits {
  /** The largest body, in bytes. */
  readonly maxBodyBytes: number;
  /** How long a body may take to come, from when it is asked for. */
  readonly bodyTimeoutMs: number;
}

/**
 * Reads a request's body within limits. What it says of its own length is only believed when it is
 * too much, or a parser holds it to that; else the bytes are counted as they come, and reading ends
 * with the first one too many. Throws `HttpError` 413 and 408, and `UnreadableBody` when the client
 * leaves before the body is whole.
 */
export async function readLimitedBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const { maxBodyBytes, bodyTimeoutMs } = limits;
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const isTaken = request.bodyUsed;
  let bytes: Uint8Array | null;
  try {
    const body = isBodyHeld(request) ? takeHeld(request) : takeStreamed(request, maxBodyBytes);
    bytes = await within(bodyTimeoutMs, body);
  } catch (error) {
    if (isTaken || error instanceof HttpError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableBody(`The body could not be read to its end: ${reason}.`);
  }
  if (bytes === null) throw tooLarge(maxBodyBytes);
  return bytes;
}

interface IncomingBody {
  /** Null when there are more than may be. */
  readonly bytes: Promise<Uint8Array | null>;
  cancel(): void;
}

function within(timeoutMs: number, { bytes, cancel }: IncomingBody): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(tooSlow(timeoutMs));
      cancel();
    }, timeoutMs);
    void bytes.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function takeHeld(request: Request): IncomingBody {
  return {
    bytes: request.arrayBuffer().then((buffer) => new Uint8Array(buffer)),
    // Nothing but the connection's end stops it, which comes with the answer.
    cancel: () => {},
  };
}

function takeStreamed({ body }: Request, maxBytes: number): IncomingBody {
  const reader = body?.getReader();
  return {
    bytes: reader === undefined ? Promise.resolve(new Uint8Array()) : readAtMost(reader, maxBytes),
    cancel: () => void reader?.cancel().catch(() => {}),
  };
}

async function readAtMost(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = await reader.read();
    if (chunk.done) break;
    length += chunk.value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
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

/** The connection has to end with the answer: the rest of the body would be taken for a request. */
function tooSlow(bodyTimeoutMs: number): HttpError {
  return new HttpError(
    408,
    `The request body has not come within ${bodyTimeoutMs / 1000} s. Send it faster, or raise the limit: bodyTimeoutMs of createHttpServer().`,
    { connection: 'close' },
  );
}

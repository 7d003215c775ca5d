import { KedroServerError } from '../errors.ts';

/**
 * What each frame begins with. A node can write into its worker's connection; a bare length would take what
 * it wrote for the size of a frame that never ends.
 */
const mark = Buffer.from('\0KS1', 'latin1');
const headerBytes = mark.length + 4;

/** Returns `message` as one frame: a mark, its length in four bytes, big endian, then its JSON in UTF-8. */
export function toFrame(message: unknown): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerBytes + length);
  mark.copy(frame);
  frame.writeUInt32BE(length, mark.length);
  frame.write(text, headerBytes);
  return frame;
}

/** Cuts a stream of bytes into frames. */
export interface FrameDecoder {
  /** Returns the messages that are whole now. Throws `protocol-violation` on a frame that is none. */
  push(chunk: Buffer): unknown[];
}

/** Creates a decoder that refuses frames of more than `maxFrameBytes`. */
export function createFrameDecoder(maxFrameBytes: number): FrameDecoder {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 1;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      const messages: unknown[] = [];
      // Joining the chunks each time would take the square of a large frame's length.
      if (size < wanted) return messages;
      const pending = Buffer.concat(chunks, size);
      let start = 0;
      wanted = 1;
      while (pending.length > start) {
        const marked = pending.subarray(start, start + mark.length);
        if (!marked.equals(mark.subarray(0, marked.length))) {
          throw new KedroServerError(
            'protocol-violation',
            'A worker sent bytes that are no frame.',
          );
        }
        if (pending.length - start < headerBytes) {
          wanted = headerBytes;
          break;
        }
        const length = pending.readUInt32BE(start + mark.length);
        if (length > maxFrameBytes) {
          throw new KedroServerError(
            'protocol-violation',
            `A worker sent a frame of ${length} bytes; the limit is ${maxFrameBytes}.`,
          );
        }
        const end = start + headerBytes + length;
        if (pending.length < end) {
          wanted = headerBytes + length;
          break;
        }
        messages.push(parseFrame(pending.toString('utf8', start + headerBytes, end)));
        start = end;
      }
      chunks = [pending.subarray(start)];
      size = pending.length - start;
      return messages;
    },
  };
}

function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KedroServerError('protocol-violation', 'A worker sent a frame that is not JSON.', {
      cause,
    });
  }
}

const magic = 0x184d2204;

/** Bits of the byte that describes a frame. */
const hasBlockChecksums = 0x10;
const hasContentSize = 0x08;
const hasDictionary = 0x01;
/** The highest bit of a block's size. */
const isStored = 0x80000000;

/** A length of 15 goes on in the bytes that follow, up to the first that is not 255. */
function readLength(bytes: Uint8Array, from: number, nibble: number): readonly [number, number] {
  let length = nibble;
  let at = from;
  if (nibble === 15) {
    let more = 255;
    while (more === 255) {
      more = bytes[at] ?? 0;
      length += more;
      at += 1;
    }
  }
  return [length, at];
}

/** Decodes a block to `start`; matches may reach back into what blocks before it gave. */
function decodeBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let at = 0;
  let end = start;
  while (at < block.length) {
    const token = block[at] ?? 0;
    const [literals, literalsAt] = readLength(block, at + 1, token >> 4);
    output.set(block.subarray(literalsAt, literalsAt + literals), end);
    at = literalsAt + literals;
    end += literals;
    if (at >= block.length) return end;
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    const [matched, next] = readLength(block, at + 2, token & 15);
    at = next;
    const length = matched + 4;
    if (offset === 0 || offset > end || end + length > output.length) {
      throw new RangeError('The LZ4 block is damaged.');
    }
    // What is copied may overlap what it is copied to: that is how LZ4 repeats.
    for (let i = 0; i < length; i += 1) output[end + i] = output[end - offset + i] ?? 0;
    end += length;
  }
  return end;
}

/**
 * What an LZ4 frame holds, of which the size is known, as Arrow files have it. Checksums are not
 * checked. Throws `RangeError` when it is damaged.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decodeLz4Frame(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== magic) {
    throw new RangeError('This is no LZ4 frame.');
  }
  const flags = view.getUint8(4);
  if ((flags & hasDictionary) !== 0)
    throw new RangeError('LZ4 frames with dictionaries are not read.');
  const output = new Uint8Array(size);
  let at = (flags & hasContentSize) === 0 ? 7 : 15;
  let end = 0;
  for (let header = view.getUint32(at, true); header !== 0; header = view.getUint32(at, true)) {
    const length = (header & ~isStored) >>> 0;
    const block = frame.subarray(at + 4, at + 4 + length);
    if ((header & isStored) === 0) end = decodeBlock(block, output, end);
    else {
      output.set(block, end);
      end += length;
    }
    at += 4 + length + ((flags & hasBlockChecksums) === 0 ? 0 : 4);
  }
  if (end !== size) throw new RangeError(`The LZ4 frame holds ${end} bytes in place of ${size}.`);
  return output;
}

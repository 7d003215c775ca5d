import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createFrameDecoder, toFrame } from '../../src/kedro/frames.ts';

const seed = 20_261_123;

function headerOf(length: number): Buffer {
  const header = toFrame(0).subarray(0, 8);
  header.writeUInt32BE(length, 4);
  return header;
}

test('messages come out as they went in, however their bytes are split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.json().map((text) => JSON.parse(text) as unknown)),
      fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }),
      (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(toFrame));
        const decoder = createFrameDecoder(bytes.length);
        const decoded: unknown[] = [];
        for (let start = 0; start < bytes.length;) {
          const end = start + (sizes[start % sizes.length] ?? 1);
          decoded.push(...decoder.push(bytes.subarray(start, end)));
          start = end;
        }
        expect(decoded).toEqual(messages);
      },
    ),
    { seed },
  );
});

test('a frame over the limit is refused before it is read', () => {
  const decoder = createFrameDecoder(1000);
  expect(() => decoder.push(headerOf(1001))).toThrow('a frame of 1001 bytes; the limit is 1000');
});

test('a frame that is no JSON is refused, whatever its bytes are', () => {
  const refused = { code: 'protocol-violation' };
  for (const body of [Buffer.from('{"a":'), Buffer.from([0xff, 0xfe, 0x00]), Buffer.alloc(3)]) {
    const bytes = Buffer.concat([headerOf(body.length), body]);
    expect(() => createFrameDecoder(1000).push(bytes)).toThrow(expect.objectContaining(refused));
  }
});

test('bytes that are no frame are refused at once, also within what came whole', () => {
  const frame = toFrame({ a: 1 });
  for (const bytes of [Buffer.from('h'), Buffer.alloc(8), Buffer.concat([frame, Buffer.from('h')])])
    expect(() => createFrameDecoder(1000).push(bytes)).toThrow('bytes that are no frame');
});

test('any bytes are either messages, or waited for, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        createFrameDecoder(100).push(Buffer.from(bytes));
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol-violation' });
      }
    }),
    { seed },
  );
});

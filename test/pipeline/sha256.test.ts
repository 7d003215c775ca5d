import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { sha256Hex } from '../../src/pipeline/sha256.ts';

it('is the SHA-256 of any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', 'ﾊ', '🙂'), maxLength: 200 }),
      (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
      },
    ),
  );
});

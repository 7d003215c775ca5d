import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compareCodePoints } from '../../src/names/compare-code-points.ts';

/** UTF-8 bytes are in the order of the code points. */
function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

it('orders text as its code points are', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '\u{d7ff}', '\u{e000}', 'ﾊ', '𝒳', '🙂'),
  });
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(Math.sign(compareCodePoints(left, right))).toBe(byBytes(left, right));
    }),
  );
});

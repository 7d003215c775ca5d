const firstSurrogate = 0xd800;
const firstAfterSurrogates = 0xe000;

/** Surrogates stand for planes above all other units. */
function rank(unit: number): number {
  if (unit < firstSurrogate) return unit;
  return unit < firstAfterSurrogates ? unit + 0x2000 : unit - 0x800;
}

/** Orders text by code points, as Python does; JavaScript's `<` goes by UTF-16 units. */
export function byCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

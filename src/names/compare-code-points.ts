const firstSurrogate = 0xd800;
const firstAfterSurrogates = 0xe000;

/** Where a UTF-16 unit stands among code points: surrogates stand for planes above all others. */
function rank(unit: number): number {
  if (unit < firstSurrogate) return unit;
  return unit < firstAfterSurrogates ? unit + 0x2000 : unit - 0x800;
}

/** Orders text as Python does: by code points, where JavaScript's `<` goes by UTF-16 units. */
export function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const leftUnit = left.charCodeAt(index);
    const rightUnit = right.charCodeAt(index);
    if (leftUnit !== rightUnit) return rank(leftUnit) - rank(rightUnit);
  }
  return left.length - right.length;
}

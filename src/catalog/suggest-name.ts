const minSimilarity = 0.5;

/** Steps of one letter each that make one word of the other. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let index = 0; index < left.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < right.length; column += 1) {
      const replaced = (row[column] ?? 0) + (left[index] === right[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

function similarity(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return 1 - distance(a, b) / Math.max(a.length, b.length, 1);
}

/** ` Did you mean 'x'?` for the names that look most like it, or nothing. */
export function suggestName(name: string, known: Iterable<string>): string {
  const scored = [...known].map((each) => ({ each, score: similarity(name, each) }));
  const best = Math.max(minSimilarity, ...scored.map(({ score }) => score));
  const found = scored.filter(({ score }) => score === best).map(({ each }) => `'${each}'`);
  return found.length === 0 ? '' : ` Did you mean ${found.slice(0, 3).join(' or ')}?`;
}

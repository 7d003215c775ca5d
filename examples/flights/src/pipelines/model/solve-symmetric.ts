/** Below this share of its variance, a variable says nothing that those before it do not. */
const leastShare = 1e-10;

/**
 * The solution x of A·x = b, for a positive symmetric A of which only the lower triangle is
 * needed. A variable that says nothing new, such as a constant one, gets 0.
 */
export function solveSymmetric(
  lower: readonly (readonly number[])[],
  b: readonly number[],
): number[] {
  const size = b.length;
  // A = L·D·Lᵀ, where L is 1 on its diagonal and D is nothing but a diagonal.
  const l: number[][] = [];
  const d: number[] = [];
  for (let i = 0; i < size; i++) {
    l[i] = [];
    for (let j = 0; j < i; j++) {
      l[i][j] = d[j] === 0 ? 0 : (lower[i][j] - weighted(l[i], l[j], d, j)) / d[j];
    }
    const rest = lower[i][i] - weighted(l[i], l[i], d, i);
    d[i] = rest > leastShare * lower[i][i] ? rest : 0;
  }
  const x = [...b];
  for (let i = 0; i < size; i++) for (let k = 0; k < i; k++) x[i] -= l[i][k] * x[k];
  for (let i = size - 1; i >= 0; i--) {
    x[i] = d[i] === 0 ? 0 : x[i] / d[i];
    for (let k = i + 1; k < size; k++) x[i] -= l[k][i] * x[k];
  }
  return x;
}

/** The sum of the first `count` products of two rows of L and D. */
function weighted(a: readonly number[], b: readonly number[], d: readonly number[], count: number) {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += a[k] * b[k] * d[k];
  return sum;
}

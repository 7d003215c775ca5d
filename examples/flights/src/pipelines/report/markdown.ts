/** A whole number with commas: `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function fixed(value: number, decimals: number): string {
  return value.toFixed(decimals);
}

/** A share as a percentage: `12.3%`. */
export function percent(share: number, decimals: number): string {
  return `${(share * 100).toFixed(decimals)}%`;
}

export function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

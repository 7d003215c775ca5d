/** Text as Python's `repr` shows it, for printable text. */
function quoted(name: string): string {
  const escaped = name.replaceAll('\\', String.raw`\\`);
  if (name.includes("'") && !name.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", String.raw`\'`)}'`;
}

/** `['a', 'b']`, as Kedro's messages and its hash of a node's datasets show names. */
export function nameList(names: Iterable<string>): string {
  return `[${Array.from(names, quoted).join(', ')}]`;
}

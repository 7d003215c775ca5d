import { readFileSync } from 'node:fs';

/** Field 4 of proc(5)'s stat: the process that started it, or that has taken it over. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Processes below `pid`, at any depth, whose parents live. */
export function descendantsOf(pid: number): number[] {
  const found: number[] = [];
  for (const child of readChildren(pid)) found.push(child, ...descendantsOf(child));
  return found;
}

function readChildren(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

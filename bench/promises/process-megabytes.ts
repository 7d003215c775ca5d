import { readFile } from 'node:fs/promises';

/** Memory of a process that is not shared, in MiB. */
export async function processMegabytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

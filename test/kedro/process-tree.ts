import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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

/** The sockets that a process has open, as `/proc` names them. */
export function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const target = readLink(`/proc/${pid}/fd/${fd}`);
    return target.startsWith('socket:') ? [target] : [];
  });
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** A process that a thread has started is that thread's child. */
function readChildren(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return [];
  }
}

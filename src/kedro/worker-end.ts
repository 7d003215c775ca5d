import { constants } from 'node:os';

/** How a worker process ended. */
export interface WorkerEnd {
  /** Exit code, or minus the number of the signal; null when nobody saw. */
  readonly code: number | null;
  /** The most memory that it ever held; null when nobody saw. */
  readonly peakBytes: number | null;
  /** The end of what it wrote to its file descriptors and did not get to tell. */
  readonly output: string;
  /** Why the server ended it, where it did: `gave no sign of life …`. */
  readonly reason?: string;
}

/** Says how the worker `pid` ended, and which nodes of a run it had in hand. */
export function describeEnd(
  { code, peakBytes, reason }: WorkerEnd,
  pid: number | null = null,
  nodes: readonly string[] = [],
): string {
  const process = pid === null ? '' : ` (pid ${pid})`;
  const where =
    nodes.length === 0 ? '' : ` while running node ${nodes.map((node) => `'${node}'`).join(', ')}`;
  const memory =
    peakBytes === null ? '' : ` Its peak memory was ${Math.round(peakBytes / 2 ** 20)} MiB.`;
  return `The worker process${process} ${reason ?? describeCode(code)}${where}.${memory}`;
}

function describeCode(code: number | null): string {
  if (code === null) return 'disappeared';
  if (code >= 0) return `exited with code ${code}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === -code)?.[0];
  return `was killed by signal ${-code}${name === undefined ? '' : ` (${name})`}`;
}

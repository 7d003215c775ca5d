import { createConnection, type Socket } from 'node:net';

/** One HTTP request, sent again and again on each connection as soon as its answer is whole. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Returns the bytes of the next request on a connection, counted from 0; called once for each. */
  nextRequest(connection: number): Buffer;
  /** Stops after so many milliseconds, or … */
  readonly durationMs?: number;
  /** … after so many answers. */
  readonly answers?: number;
  /** Sees each answer's status and body, and on which connection it came, when given. */
  onAnswer?(status: number, body: string, connection: number): void;
}

export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds from request to whole answer, sorted. */
  readonly latenciesMs: readonly number[];
}

/** Formats a request with keep-alive; `headers` are more lines of its head. */
export function formatRequest(
  method: string,
  path: string,
  body?: string,
  headers: readonly string[] = [],
): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, ''].join('\r\n');
  if (body === undefined) return Buffer.from(`${head}\r\n`);
  return Buffer.from(
    `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Puts the load on the server over raw sockets, which leaves more of the machine to it than a client library. */
export async function putLoad(load: Load): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = load.durationMs === undefined ? Infinity : startedAt + load.durationMs;
  const wanted = load.answers ?? Infinity;
  let sent = 0;
  await Promise.all(
    Array.from({ length: load.connections }, async (_, connection) => {
      const socket = createConnection({ port: load.port, host: '127.0.0.1', noDelay: true });
      await converse(
        socket,
        () => {
          if (performance.now() >= endsAt || sent >= wanted) return null;
          sent += 1;
          return load.nextRequest(connection);
        },
        (status, body, ms) => {
          latenciesMs.push(ms);
          load.onAnswer?.(status, body(), connection);
        },
      );
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    answers: latenciesMs.length,
    perSecond: latenciesMs.length / seconds,
    latenciesMs: latenciesMs.toSorted((a, b) => a - b),
  };
}

async function converse(
  socket: Socket,
  next: () => Buffer | null,
  onAnswer: (status: number, body: () => string, ms: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending: Buffer = Buffer.alloc(0);
    let sentAt = 0;
    const send = (): void => {
      const request = next();
      if (request === null) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const headEnd = pending.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = pending.toString('latin1', 0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) {
        reject(new Error(`An answer without Content-Length: ${head}`));
        return;
      }
      const end = headEnd + 4 + length;
      if (pending.length < end) return;
      const body = pending.subarray(headEnd + 4, end);
      pending = Buffer.alloc(0);
      onAnswer(Number(head.slice(9, 12)), () => body.toString(), performance.now() - sentAt);
      send();
    });
  });
}

/** Returns the value below which the share `share` of the sorted `values` lies. */
export function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? quantile(sorted, 0.5)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

import type { Server, Socket } from 'node:net';

interface Stuck {
  readonly sentBytes: number;
  readonly sinceMs: number;
}

const longestCheckMs = 5000;

/**
 * Ends connections whose clients take nothing of what is to be sent to them for `timeoutMs`, until
 * the server has closed. One that nothing is to be sent to may wait for as long as it likes.
 */
export function endStalledSockets(
  server: Server,
  sockets: ReadonlySet<Socket>,
  timeoutMs: number,
): void {
  const stuck = new WeakMap<Socket, Stuck>();
  const check = (socket: Socket, nowMs: number): void => {
    if (socket.writableLength === 0) return void stuck.delete(socket);
    const sentBytes = socket.bytesWritten - socket.writableLength;
    const before = stuck.get(socket);
    if (before?.sentBytes !== sentBytes)
      return void stuck.set(socket, { sentBytes, sinceMs: nowMs });
    if (nowMs - before.sinceMs >= timeoutMs) socket.destroy();
  };
  // One that never listens, because its port is taken, never closes.
  server.once('listening', () => {
    const timer = setInterval(
      () => {
        const nowMs = performance.now();
        for (const socket of sockets) check(socket, nowMs);
      },
      Math.min(longestCheckMs, timeoutMs),
    );
    server.once('close', () => clearInterval(timer));
  });
}

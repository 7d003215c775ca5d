import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrameDecoder } from './frames.ts';
import { parseHello, type Hello } from './protocol.ts';

const maxFrameBytes = 256 * 1024 * 1024;

/** One process of the Python side, connected; it has said who it is. */
export interface Peer {
  readonly hello: Hello;
  readonly socket: Socket;
  /** Takes every later message, and those that are here already. */
  listen(onMessage: (message: unknown) => void): void;
}

/** Where the Python side connects to: a socket in a folder that only this user can enter. */
export interface WorkerSocket {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Listens for the Python side. A peer that breaks the protocol is disconnected, and that peer only;
 * `onViolation` hears of it.
 */
export async function openWorkerSocket(
  onPeer: (peer: Peer) => void,
  onViolation: (error: unknown) => void,
): Promise<WorkerSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'kedro-server-'));
  const path = join(folder, 'server.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A peer that dies resets its connection; `close` follows and tells the same.
    socket.on('error', () => socket.destroy());
    readPeer(socket, onPeer, onViolation);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    path,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readPeer(
  socket: Socket,
  onPeer: (peer: Peer) => void,
  onViolation: (error: unknown) => void,
): void {
  const decoder = createFrameDecoder(maxFrameBytes);
  const early: unknown[] = [];
  let known = false;
  let deliver = (message: unknown): void => {
    early.push(message);
  };
  socket.on('data', (chunk) => {
    try {
      for (const message of decoder.push(chunk)) {
        if (known) {
          deliver(message);
          continue;
        }
        known = true;
        onPeer({
          hello: parseHello(message),
          socket,
          listen(onMessage) {
            deliver = onMessage;
            for (const waiting of early.splice(0)) onMessage(waiting);
          },
        });
      }
    } catch (error) {
      onViolation(error);
      socket.destroy();
    }
  });
}

import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { FaultProxy } from '../test/fault-proxy.ts';
import type { LifeServer } from './life-server.ts';

/** Something that befalls a server, its processes or its machine. */
export type Fault =
  | { readonly type: 'kill-worker'; readonly pick: number }
  | { readonly type: 'stop-worker'; readonly pick: number; readonly ms: number }
  | { readonly type: 'kill-server'; readonly ms: number }
  | { readonly type: 'end-server'; readonly patienceMs: number | null }
  | { readonly type: 'stop-server'; readonly ms: number }
  | { readonly type: 'cut-clients' }
  | { readonly type: 'hold-clients'; readonly ms: number }
  | { readonly type: 'kill-behind'; readonly ms: number }
  | { readonly type: 'cut-link' }
  | { readonly type: 'hold-link'; readonly ms: number }
  | { readonly type: 'move-clock'; readonly seconds: number }
  | { readonly type: 'fill-disk'; readonly ms: number };

export type FaultType = Fault['type'];

/** What befalls any server, whatever it runs. */
export const faultsOfServers: readonly FaultType[] = [
  'kill-server',
  'end-server',
  'stop-server',
  'cut-clients',
  'hold-clients',
  'cut-link',
];

/** What faults are done to. */
export interface Target {
  readonly server: LifeServer;
  /** Where the server's own calls go: to the server behind it, else to the receiver of callbacks. */
  readonly link: FaultProxy;
  /** The server that it gives its runs to. */
  readonly behind: LifeServer | null;
  /** Where the clock that the server sees is set, in `libfaketime`'s words. */
  readonly clockFile: string | null;
  /** A file system of its own that may be filled. */
  readonly disk: string | null;
}

/** The clock stays within half a day of the true one: keys are kept for a whole one. */
const farthestS = 12 * 60 * 60;

export function arbitraryFault(types: readonly FaultType[]): fc.Arbitrary<Fault> {
  const pick = fc.nat(100);
  const ms = fc.integer({ min: 50, max: 1500 });
  const downMs = fc.nat(400);
  const of = <Type extends FaultType>(type: Type) => fc.constant(type);
  const all: { readonly [Type in FaultType]: fc.Arbitrary<Fault> } = {
    'kill-worker': fc.record({ type: of('kill-worker'), pick }),
    'stop-worker': fc.record({ type: of('stop-worker'), pick, ms }),
    'kill-server': fc.record({ type: of('kill-server'), ms: downMs }),
    'end-server': fc.record({
      type: of('end-server'),
      patienceMs: fc.constantFrom(null, null, 30, 300),
    }),
    'stop-server': fc.record({ type: of('stop-server'), ms }),
    'cut-clients': fc.record({ type: of('cut-clients') }),
    'hold-clients': fc.record({ type: of('hold-clients'), ms }),
    'kill-behind': fc.record({ type: of('kill-behind'), ms: downMs }),
    'cut-link': fc.record({ type: of('cut-link') }),
    'hold-link': fc.record({ type: of('hold-link'), ms }),
    'move-clock': fc.record({
      type: of('move-clock'),
      seconds: fc.integer({ min: -farthestS, max: farthestS }),
    }),
    'fill-disk': fc.record({ type: of('fill-disk'), ms }),
  };
  return fc.oneof(...types.map((type) => all[type]));
}

/** Lets a fault happen, and takes it back where it can be. */
export async function strike(fault: Fault, target: Target): Promise<void> {
  const { server, link } = target;
  switch (fault.type) {
    case 'kill-worker':
      return signal(pickOf(server.workers, fault.pick), 'SIGKILL');
    case 'stop-worker':
      return pause(pickOf(server.workers, fault.pick), fault.ms);
    case 'stop-server':
      return pause(server.pid, fault.ms);
    case 'kill-server':
      return server.kill(fault.ms);
    case 'kill-behind':
      return target.behind?.kill(fault.ms);
    case 'end-server':
      await server.end(fault.patienceMs);
      return server.start();
    case 'cut-clients':
      return server.proxy.cut();
    case 'hold-clients':
      return hold(server.proxy, fault.ms);
    case 'cut-link':
      return link.cut();
    case 'hold-link':
      return hold(link, fault.ms);
    case 'move-clock':
      return setClock(target.clockFile ?? '', fault.seconds);
    case 'fill-disk':
      return fillDisk(target.disk ?? '', fault.ms);
  }
}

/** Seconds that the server's clock is off from now on. */
export function setClock(file: string, seconds: number): void {
  writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  renameSync(`${file}.new`, file);
}

function pickOf(pids: readonly number[], pick: number): number | undefined {
  return pids[pick % Math.max(1, pids.length)];
}

/** It may have gone in the meantime. */
function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function pause(pid: number | undefined, ms: number): Promise<void> {
  signal(pid, 'SIGSTOP');
  await delay(ms);
  signal(pid, 'SIGCONT');
}

async function hold(proxy: FaultProxy, ms: number): Promise<void> {
  proxy.hold();
  await delay(ms);
  proxy.release();
}

async function fillDisk(folder: string, ms: number): Promise<void> {
  const ballast = join(folder, 'ballast');
  const endsAt = performance.now() + ms;
  try {
    // Others free what they have, which is taken too.
    for (;;) {
      fill(ballast);
      if (performance.now() > endsAt) return;
      await delay(50);
    }
  } finally {
    rmSync(ballast, { force: true });
  }
}

function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (const size of [1 << 20, 1 << 12]) {
      const bytes = Buffer.alloc(size);
      while (writesAll(descriptor, bytes));
    }
  } finally {
    closeSync(descriptor);
  }
}

function writesAll(descriptor: number, bytes: Buffer): boolean {
  try {
    return writeSync(descriptor, bytes) === bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

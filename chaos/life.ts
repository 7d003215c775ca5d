import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { startFaultProxy } from '../test/fault-proxy.ts';
import { createTemporaryFolder } from '../test/nodejs/temporary-folder.ts';
import { receiveCallbacks } from './life-callbacks.ts';
import { checkLife, listRuns } from './life-checks.ts';
import { arbitraryCall, type Group, LifeClients } from './life-clients.ts';
import { arbitraryFault, type FaultType, setClock, strike, type Target } from './life-faults.ts';
import { isFinal, LifeLedger, type Wanted, type What } from './life-ledger.ts';
import { type Language, writeLifeProject } from './life-project.ts';
import { LifeServer } from './life-server.ts';
import { isAlive, processesIn } from './processes.ts';
import type { Report } from './report.ts';

export interface LifeOptions {
  readonly report: Report;
  readonly seed: number;
  /** How long it is shaken. */
  readonly durationMs: number;
  readonly language: Language;
  readonly python: string;
  /** Whether clients call a server that gives its runs to the one with the project. */
  readonly isBehind?: boolean;
  readonly faults: readonly FaultType[];
  readonly whats: readonly What[];
  /** Pause before each fault, at most. */
  readonly pauseMs: number;
  /** Within which the processes of a killed server have to be gone. */
  readonly goneWithinMs: number;
  /** A file system of its own for the project. */
  readonly disk?: string | undefined;
  /** Environment of the server under a clock that is set by the file. */
  readonly fakeClock?: ((file: string) => NodeJS.ProcessEnv) | undefined;
}

const capacity = 3;
const clientCount = 6;
const settleMs = 60_000;
const batch = 200;

/** Endless values of an arbitrary, the same for the same seed. */
function* draw<T>(arbitrary: fc.Arbitrary<T>, seed: number): Generator<T, never, void> {
  for (let round = 0; ; round += 1) {
    yield* fc.sample(arbitrary, { seed: seed + round, numRuns: batch });
  }
}

/**
 * Serves a project of runs that do what they are told, lets clients call it and faults befall it
 * for a time, then lets it come to rest, and holds it to what was promised.
 */
export async function shakeLife(options: LifeOptions): Promise<void> {
  const { report, seed, language, faults } = options;
  await using outside = createTemporaryFolder();
  const folder = options.disk ?? join(outside.path, 'project');
  const [notes, temporary] = [join(outside.path, 'notes'), join(outside.path, 'tmp')];
  for (const made of [folder, temporary]) mkdirSync(made, { recursive: true });
  await writeLifeProject(folder, notes, language);
  const clockFile = options.fakeClock === undefined ? null : join(outside.path, 'clock');
  if (clockFile !== null) setClock(clockFile, 0);
  await using receiver = await receiveCallbacks();
  await using told = await startFaultProxy(receiver.url);
  const args = ['--workers', String(capacity), '--max-waiting', '30', '--grace', '2'];
  const ofPython = ['--python', options.python, '--max-worker-memory', '200MiB'];
  const env = {
    TMPDIR: temporary,
    ...(clockFile === null ? {} : options.fakeClock?.(clockFile)),
  };
  const ofCallers = [...args, '--allow-private-callbacks'];
  await using project = new LifeServer({
    folder,
    args: [...ofCallers, ...(language === 'python' ? ofPython : [])],
    env,
  });
  await project.start();
  await using front = new LifeServer({
    folder: outside.path,
    args: [...ofCallers, '--remote', project.url],
    env,
  });
  if (options.isBehind === true) await front.start();
  const server = options.isBehind === true ? front : project;
  const ledger = new LifeLedger();
  const clients = new LifeClients({
    url: () => server.url,
    ledger,
    world: language,
    capacity,
    callbackUrl: `http://127.0.0.1:${told.port}`,
  });
  const behind = server === project ? null : project;
  const target: Target = {
    server,
    behind,
    link: behind?.proxy ?? told,
    clockFile,
    disk: options.disk ?? null,
  };
  // A run behind goes on when the server in front is killed, beside the next of its group.
  const groups: readonly Group[] = behind === null ? ['', '', 'one', 'two'] : [''];
  const calls = draw(arbitraryCall(options.whats, groups), seed);
  const strikes: Partial<Record<FaultType, number>> = {};
  const endsAt = performance.now() + options.durationMs;
  const goesOn = (): boolean => performance.now() < endsAt;
  await Promise.all([
    ...Array.from({ length: clientCount }, async () => {
      while (goesOn()) await clients.make(calls.next().value);
    }),
    (async () => {
      const pauses = draw(fc.nat(options.pauseMs), seed);
      const all = draw(arbitraryFault(faults), seed);
      while (goesOn()) {
        await delay(pauses.next().value);
        const fault = all.next().value;
        await strike(fault, target);
        strikes[fault.type] = (strikes[fault.type] ?? 0) + 1;
      }
    })(),
  ]);
  const pid = server.pid;
  report.tell(`${behind === null ? '' : 'in front of '}${language}: ${JSON.stringify(strikes)}`);
  report.check(await rest(server.url, clients, ledger));
  await Promise.race([
    Promise.all([...clients.readings.values()].flat().map(({ ended }) => ended)),
    delay(10_000),
  ]);
  await clients.stop();
  await untilTold(ledger, receiver.told);
  await checkLife(
    {
      ledger,
      folder,
      notes,
      readings: clients.readings,
      callbacks: receiver.told,
      url: server.url,
      isExpected: (wanted, status, message) => isExpected(faults, wanted, status, message),
      savesWhole: language === 'typescript',
    },
    report,
  );
  const servers = behind === null ? [server] : [server, behind];
  for (const each of servers) {
    await each.end(null);
    await each.gone();
    report.checkNone('starts and ends of a server that went wrong', each.complaints);
  }
  report.check({
    what: `processes of a killed server are gone (${server.kills} times)`,
    measured: `${server.longestGoingMs.toFixed(0)} ms`,
    bound: `${options.goneWithinMs} ms`,
    ok: server.longestGoingMs <= options.goneWithinMs,
  });
  const left = [
    ...processesIn(outside.path),
    ...processesIn(folder),
    ...(isAlive(pid) ? [pid] : []),
  ];
  report.checkNone('processes left', left.map(String));
  report.checkNone('temporary files left', readdirSync(temporary));
}

async function rest(url: string, clients: LifeClients, ledger: LifeLedger) {
  const startedAt = performance.now();
  let open: number;
  do {
    await delay(100);
    const runs = await listRuns(url).catch(() => null);
    open = runs === null ? -1 : runs.filter(({ status }) => !isFinal(status)).length;
  } while (open !== 0 && performance.now() - startedAt < settleMs);
  for (const wanted of ledger.accepted) await clients.look(wanted);
  return {
    what: 'every run has ended once the faults are over',
    measured: open === 0 ? `${(performance.now() - startedAt).toFixed(0)} ms` : `${open} have not`,
    bound: `${settleMs} ms`,
    ok: open === 0,
  };
}

/** Callbacks that found nobody come again after 5 s, and after 30 s. */
async function untilTold(
  { wanted }: LifeLedger,
  told: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const endsAt = performance.now() + settleMs;
  const isOwed = ({ id, hasCallback, tenant }: Wanted) =>
    id !== null && hasCallback && !told.has(tenant);
  while (wanted.some(isOwed) && performance.now() < endsAt) await delay(100);
}

function isExpected(
  faults: readonly FaultType[],
  { what, hasTimeout }: Wanted,
  status: string,
  message: string,
): boolean {
  const mayBefall = (...types: FaultType[]) => types.some((type) => faults.includes(type));
  switch (status) {
    case 'failed':
      return (
        what === 'fail' ||
        (mayBefall('fill-disk') && /space|full|store/i.test(message)) ||
        (mayBefall('end-server') && /stopp/i.test(message)) ||
        (mayBefall('kill-behind') && message.startsWith('RemoteError:'))
      );
    case 'crashed':
      return (
        mayBefall('kill-behind', 'hold-link') ||
        ['exit', 'segfault', 'kill', 'hog'].includes(what) ||
        mayBefall('kill-worker', 'stop-worker', 'end-server')
      );
    case 'lost':
      return mayBefall('kill-server', 'end-server');
    case 'timed_out':
      return hasTimeout;
    default:
      return status === 'cancelled';
  }
}

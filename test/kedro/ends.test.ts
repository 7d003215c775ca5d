import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';

import type { RunEvent } from '../../src/executor/run-event.ts';
import type { KedroExecutorOptions } from '../../src/kedro/kedro-executor.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { processGone } from '../cli/processes.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { kedroPython } from '../python-env.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject } from './open-project.ts';
import { descendantsOf, parentOf, socketsOf } from './process-tree.ts';

const module = `
import subprocess
import time


def leave_children(numbers):
    subprocess.Popen(["sleep", "1000"])
    subprocess.Popen(["sh", "-c", "sleep 1000 & sleep 1000"], start_new_session=True)
    time.sleep(1000)
`;

interface ServerProcess {
  readonly child: ChildProcess & { readonly pid: number };
  readonly project: TemporaryFolder;
  /** Where it makes its temporary files. */
  readonly temporary: string;
  event(isIt: (event: RunEvent) => boolean): Promise<RunEvent>;
}

/** Starts a server process that runs one order on a project of its own. */
async function startServer(
  options: Partial<KedroExecutorOptions>,
  order: object,
): Promise<ServerProcess> {
  const project = await copyProject('faults-kedro');
  await addNodes(project, module);
  const temporary = createTemporaryFolder();
  const python = await kedroPython('newest');
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'executor-process.ts'),
      JSON.stringify({ projectPath: project.path, python, workers: 1, ...options }),
      JSON.stringify(order),
    ],
    { env: { ...process.env, TMPDIR: temporary.path }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const events: RunEvent[] = [];
  const lookers = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    events.push(JSON.parse(line) as RunEvent);
    for (const look of lookers) look();
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await Promise.all([project, temporary].map((folder) => folder[Symbol.asyncDispose]()));
  });
  return {
    child: child as ServerProcess['child'],
    project,
    temporary: temporary.path,
    event: (isIt) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(isIt);
          if (found !== undefined) resolve(found);
        };
        lookers.add(look);
        look();
      }),
  };
}

/** Waits until all are gone, which may take two seconds. */
async function allGone(pids: readonly number[]): Promise<void> {
  const startedAt = performance.now();
  await Promise.all(pids.map(processGone));
  expect(performance.now() - startedAt).toBeLessThan(20_000);
}

const started = ({ type }: RunEvent): boolean => type === 'node.started';

test.skipIf(inject('pythonMissing') !== null)('a server keeps its sockets to itself', async () => {
  const server = await startServer({}, { pipelineNames: ['leave_children'] });
  await server.event(started);
  const own = socketsOf(server.child.pid);
  expect(own.length).toBeGreaterThan(2);
  const shared = descendantsOf(server.child.pid).flatMap((pid) =>
    socketsOf(pid).filter((socket) => own.includes(socket)),
  );
  expect(shared).toEqual([]);
});

describe.skipIf(inject('pythonMissing') !== null)('a server that is killed', () => {
  test.each(['fork', 'spawn'] as const)(
    'takes its workers with it, and their children (%s)',
    async (workerStart) => {
      const order = { pipelineNames: ['leave_children'] };
      const server = await startServer({ workerStart }, order);
      await server.event(started);
      await expect
        .poll(() => descendantsOf(server.child.pid).length, { timeout: 10_000 })
        .toBe(1 + 1 + 1 + 1 + 4);
      const pids = descendantsOf(server.child.pid);
      server.child.kill('SIGKILL');
      await allGone(pids);
      await expect.poll(() => readdir(server.temporary)).toEqual([]);
    },
  );

  test('takes a worker with it whose node holds the interpreter', async () => {
    const order = { pipelineNames: ['hold_gil'], paramsJson: '{"seconds": 1000}' };
    const server = await startServer({}, order);
    await server.event(started);
    const pids = descendantsOf(server.child.pid);
    server.child.kill('SIGKILL');
    await allGone(pids);
  });

  test('takes the processes of a ParallelRunner with it', async () => {
    const server = await startServer(
      {},
      { pipelineNames: ['threads'], paramsJson: '{"seconds": 1000}', runner: 'ParallelRunner' },
    );
    await server.event((event) => event.type === 'log' && event.message.startsWith('part'));
    const pids = descendantsOf(server.child.pid);
    expect(pids.length).toBeGreaterThan(5);
    server.child.kill('SIGKILL');
    await allGone(pids);
  });

  test('takes all with it when the supervisor is killed, too', async () => {
    const order = { pipelineNames: ['child'], paramsJson: '{"seconds": 1000}' };
    const server = await startServer({}, { ...order, pipelineNames: ['hold_gil'] });
    await server.event(started);
    const [supervisor = 0] = descendantsOf(server.child.pid);
    expect(parentOf(supervisor)).toBe(server.child.pid);
    const pids = descendantsOf(server.child.pid);
    process.kill(supervisor, 'SIGKILL');
    server.child.kill('SIGKILL');
    await allGone(pids);
  });
});

describe.skipIf(inject('pythonMissing') !== null)('a supervisor', () => {
  test('that is killed is replaced; runs end properly, the next ones run', async () => {
    await using kedro = await openProject();
    const [run, neighbour] = await Promise.all([kedro.hold(), kedro.hold()]);
    const waiting = watchRun(kedro.executor, orderPipeline('memory'));
    const supervisor = parentOf(run.pid);
    const pids = descendantsOf(supervisor);
    const killedAt = performance.now();
    process.kill(supervisor, 'SIGKILL');
    const snapshot = kedro.executor.snapshot({ params: 'tenant=other' });
    for (const { ended } of [run, neighbour]) {
      expect(await ended).toMatchObject({
        status: 'crashed',
        error: { type: 'WorkerCrashed', message: expect.stringContaining('disappeared') },
      });
    }
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    await allGone(pids);
    expect(await waiting.ended).toMatchObject({ status: 'succeeded' });
    expect(await snapshot).toMatchObject({ metadata: { packageName: 'faults' } });
    expect(kedro.notices.map(({ event }) => event)).toContain('supervisor-ended');
    const events = await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
  });

  test('that the system gives no more leaves the workers alone that there are', async () => {
    await using kedro = await openProject();
    const [run, victim] = await Promise.all([kedro.hold(), kedro.hold()]);
    const supervisor = parentOf(run.pid);
    const files = (await readdir(`/proc/${supervisor}/fd`)).length;
    await limitFiles(supervisor, files - 2);
    process.kill(victim.pid, 'SIGKILL');
    await victim.ended;
    await expect
      .poll(() => kedro.notices.map(({ message }) => message).join('\n'))
      .toContain('could not start');
    await limitFiles(supervisor, 1024);
    await run.release();
    expect(await run.ended).toMatchObject({ status: 'succeeded' });
    await expect.poll(() => descendantsOf(supervisor), { timeout: 10_000 }).toHaveLength(2 + 1 + 1);
  });

  test('has what the project starts when it is imported', async () => {
    const registry = `
import subprocess

with open("data/helpers", "a") as helpers:
    print(subprocess.Popen(["sleep", "1000"]).pid, file=helpers)
`;
    await using kedro = await openProject({
      workers: 1,
      prepare: (project) =>
        appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registry),
    });
    const helpers = async (): Promise<number[]> => {
      const text = await readFile(join(kedro.project.path, 'data/helpers'), 'utf8');
      return text.trim().split('\n').map(Number);
    };
    const run = await kedro.hold();
    process.kill(run.pid, 'SIGKILL');
    await run.ended;
    await runToEnd(kedro.executor, orderPipeline('memory'));
    const [helper = 0] = await helpers();
    expect(process.kill(helper, 0)).toBe(true);
    const second = await kedro.hold();
    process.kill(parentOf(second.pid), 'SIGKILL');
    expect(await second.ended).toMatchObject({ status: 'crashed' });
    await processGone(helper);
    const events = await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
    await kedro.executor.close();
    await allGone(await helpers());
  });
});

describe.skipIf(inject('pythonMissing') !== null)('an executor', () => {
  const inFolder = async (): Promise<string> => {
    const folder = createTemporaryFolder();
    vi.stubEnv('TMPDIR', folder.path);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await folder[Symbol.asyncDispose]();
    });
    return folder.path;
  };

  test.each(['fork', 'spawn'] as const)(
    'leaves nothing when it is closed (%s)',
    async (workerStart) => {
      const before = descendantsOf(process.pid);
      const kedro = await openProject({ workerStart });
      const temporary = await inFolder();
      await runToEnd(kedro.executor, orderPipeline('child', { detached: true }));
      expect(descendantsOf(process.pid).length).toBeGreaterThan(before.length);
      expect(await readdir(temporary)).toHaveLength(1);
      await kedro.executor.close();
      expect(descendantsOf(process.pid)).toEqual(before);
      expect(await readdir(temporary)).toEqual([]);
      await kedro[Symbol.asyncDispose]();
    },
  );

  test('leaves nothing when it is closed while it opens, or loads again', async () => {
    const before = descendantsOf(process.pid);
    const temporary = await inFolder();
    const first = await openProject();
    const opening = first.executor.open();
    const isClosed = expect(opening).rejects.toMatchObject({ code: 'executor-closed' });
    await first[Symbol.asyncDispose]();
    await isClosed;
    const second = await openProject();
    await second.executor.open();
    const reload = second.executor.reload('a test wants it');
    await second[Symbol.asyncDispose]();
    await reload;
    expect(descendantsOf(process.pid)).toEqual(before);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('leaves nothing when it cannot be opened', async () => {
    const before = descendantsOf(process.pid);
    const temporary = await inFolder();
    await using kedro = await openProject({
      prepare: (project) => project.write('src/faults/settings.py', 'raise ValueError'),
    });
    await expect(kedro.executor.open()).rejects.toMatchObject({ code: 'project-broken' });
    expect(descendantsOf(process.pid)).toEqual(before);
    expect((await readdir(temporary)).filter((name) => !kedro.project.path.endsWith(name))).toEqual(
      [],
    );
  });

  test('ends its runs when its grace is over', async () => {
    const kedro = await openProject({ stopGraceMs: 100 });
    const run = await kedro.hold();
    const waiting = Array.from({ length: 3 }, () =>
      watchRun(kedro.executor, orderPipeline('gate', { gate: 'data/never' })),
    );
    const closedAt = performance.now();
    await kedro.executor.close();
    expect(performance.now() - closedAt).toBeLessThan(20_000);
    expect(await run.ended).toMatchObject({
      status: 'cancelled',
      error: { type: 'RunCancelled', message: 'The server was stopped.' },
    });
    for (const { ended } of waiting) expect(await ended).not.toMatchObject({ status: 'succeeded' });
    await kedro[Symbol.asyncDispose]();
  });

  test('kills a run that does not end when it is cancelled', async () => {
    const stubborn = `
import signal
import time


def stubborn(numbers):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("ready")
    time.sleep(1000)
`;
    await using kedro = await openProject({
      cancelGraceMs: 300,
      prepare: async (project) => addNodes(project, stubborn),
    });
    const abort = new AbortController();
    const run = watchRun(kedro.executor, orderPipeline('stubborn'), { signal: abort.signal });
    await run.line(/^ready$/);
    abort.abort();
    expect(await run.ended).toMatchObject({ status: 'cancelled', error: { type: 'RunCancelled' } });
  });
});

/** Sets how many files the process may open. */
async function limitFiles(pid: number, count: number): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--nofile=${count}:`]);
}

import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, watchRun } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';

const module = `
import os
import signal
import subprocess
import sys
import threading
import warnings


def leave_orphan(numbers):
    """Its parent ends before it does, and nobody waits for it."""
    subprocess.run(["sh", "-c", "sleep 0 &"], check=True)
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    print("children", len(open(f"/proc/self/task/{os.getpid()}/children").read().split()))


def leave_more(numbers):
    """What check_state of the fixture does not look at."""
    os.dup2(os.open("data/numbers.json", os.O_RDONLY), 0)
    os.close(2)
    sys.stdin = sys.stdout = sys.stderr = None
    sys.excepthook = print
    threading.excepthook = print
    warnings.simplefilter("error")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    raise RuntimeError("and it fails, too")


def check_more(numbers):
    print("stdin", repr(sys.stdin.read()), repr(os.read(0, 10)))
    print("to stderr", file=sys.stderr)
    os.write(2, b"to its descriptor\\n")
    warnings.warn("only a warning")
    print("hooks", sys.excepthook is sys.__excepthook__, threading.excepthook is threading.__excepthook__)
    print("signals", signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL, callable(signal.getsignal(signal.SIGINT)))
`;

describe.skipIf(inject('pythonMissing') !== null)('what a run leaves behind', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    vi.stubEnv('LEFT_ALONE', 'here');
    kedro = await openProject({
      workers: 1,
      passEnv: ['LEFT_ALONE'],
      prepare: async (project) => addNodes(project, module),
    });
    await kedro.executor.open();
    vi.unstubAllEnvs();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  const run = async (pipeline: string, runner: string | null = null): Promise<string[]> => {
    const events = await runToEnd(kedro.executor, orderPipeline(pipeline, {}, { runner }));
    return linesOf(events, ({ source, node }) => source !== 'logging' && node !== null);
  };
  const worker = async (): Promise<unknown> => {
    await run('who_am_i');
    return kedro.readJson('process');
  };
  const check = async (): Promise<unknown> => {
    await run('check_state');
    return kedro.readJson('state');
  };

  test.each(['SequentialRunner', 'ThreadRunner'])(
    'is gone in the next one (%s)',
    async (runner) => {
      const before = await check();
      expect(before).toMatchObject({
        environment: { FAULTS_LEFT: null, LEFT_ALONE: 'here' },
        working_directory: kedro.project.path,
      });
      const same = await worker();
      await run('leave_state', runner);
      expect(await check()).toEqual(before);
      expect(await worker()).toEqual(same);
    },
  );

  test('is gone when it fails, too', async () => {
    const same = await worker();
    await run('leave_more');
    expect(await run('check_more')).toEqual([
      "stdin '' b''",
      'to stderr',
      'to its descriptor',
      expect.stringContaining('UserWarning: only a warning'),
      expect.stringContaining('warnings.warn('),
      'hooks True True',
      'signals True True',
    ]);
    expect(await worker()).toEqual(same);
    const abort = new AbortController();
    const held = watchRun(kedro.executor, orderPipeline('gate', { gate: 'data/never' }), {
      signal: abort.signal,
    });
    await held.line(/^pid/);
    abort.abort();
    expect(await held.ended).toMatchObject({ status: 'cancelled' });
  });

  test('is reaped when it is a process that has ended', async () => {
    const children: number[] = [];
    for (let runs = 0; runs < 6; runs += 1) {
      const [line = ''] = await run('leave_orphan');
      children.push(Number(line.slice('children '.length)));
    }
    expect(Math.max(...children)).toBeLessThan(4);
    expect(Math.min(...children)).toBeGreaterThan(0);
  });

  test('is no harm when it is a thread that goes on', async () => {
    await runToEnd(kedro.executor, orderPipeline('thread', { seconds: 0.3 }));
    const events = await runToEnd(kedro.executor, orderPipeline('talk'));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    const numbers = linesOf(events, () => true).filter((line) => /^\d /.test(line));
    expect(numbers.map(Number.parseFloat)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

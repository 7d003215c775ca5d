import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { RunOrder } from '../../src/executor/run-order.ts';
import { createRunOrder, orderPipeline } from '../conformance/run-order.ts';
import {
  linesOf,
  runToEnd,
  stepsOf,
  watchRun,
  type WatchedRun,
} from '../conformance/watched-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { type OpenProject, type OpenProjectOptions, openProject } from './open-project.ts';

const slow = `
import os
import time
from pathlib import Path

from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset


def wait_for(name):
    print(f"{name} is waited for", os.getpid())
    while not Path("data", name).exists():
        time.sleep(0.005)


class SlowDataset(AbstractDataset):
    """A file that takes its time."""

    def __init__(self, filepath, gate):
        self._filepath = filepath
        self._gate = gate

    def load(self):
        wait_for(self._gate)
        return Path(self._filepath).read_text()

    def save(self, data):
        with open(self._filepath, "w") as file:
            file.write(data[:3])
            file.flush()
            wait_for(self._gate)
            file.write(data[3:])

    def _describe(self):
        return {}


class SlowHooks:
    @hook_impl
    def after_pipeline_run(self, run_params):
        if run_params["runtime_params"].get("last"):
            wait_for(run_params["runtime_params"]["last"])


def give(numbers):
    return "whole text"


def keep(value):
    return value


def swallow(numbers):
    try:
        wait_for("swallow")
    except KeyboardInterrupt:
        print("swallowed")
    return "swallowed"


def swallow_all(numbers):
    while True:
        try:
            wait_for("swallow_all")
        except BaseException:
            print("swallowed again")


def give_up(numbers):
    try:
        wait_for("give_up")
    except KeyboardInterrupt as interrupt:
        raise RuntimeError("given up") from interrupt


def compute(numbers):
    """One operation, of some seconds."""
    print("computing", flush=True)
    return len(str(3**10_000_000 % 7))


def part(numbers):
    wait_for("part")
    return numbers
`;

const registry = `
from faults import slow

register_fixture = register_pipelines


def chain(name):
    first = getattr(slow, name, slow.give)
    return pipeline([node(first, "numbers", f"{name}_text", name=name),
                     node(slow.keep, f"{name}_text", f"{name}_kept", name=f"after_{name}")])


def register_pipelines():
    names = ["saving", "finishing", "swallow", "swallow_all", "give_up", "compute"]
    return register_fixture() | {
        "loading": pipeline([node(slow.keep, "loading_text", "loaded", name="load")]),
        "parts": pipeline([node(slow.part, "numbers", f"part_{n}", name=f"part_{n}") for n in "ab"]),
        **{name: chain(name) for name in names},
    }
`;

const catalog = `
loading_text: { type: faults.slow.SlowDataset, filepath: data/loading.txt, gate: load }
saving_text: { type: faults.slow.SlowDataset, filepath: data/saving.txt, gate: save }
`;

async function prepare(project: TemporaryFolder): Promise<void> {
  await project.write('src/faults/slow.py', slow);
  await project.write('data/loading.txt', 'loaded');
  await project.write(
    'src/faults/settings.py',
    'from faults.slow import SlowHooks\n\nHOOKS = (SlowHooks(),)\n',
  );
  await appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registry);
  await appendFile(join(project.path, 'conf/base/catalog.yml'), catalog);
}

const isCancelled = {
  status: 'cancelled',
  error: { type: 'RunCancelled', message: 'The run was cancelled.' },
};

describe.skipIf(inject('pythonMissing') !== null)('a run is cancelled', () => {
  const graces = { cancelGraceMs: 20_000, terminateGraceMs: 20_000 };
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({ prepare, workers: 1, ...graces });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  /** Starts a run, and cancels it when it has written such a line. */
  const cancelAt = async (
    asked: RunOrder,
    line: RegExp,
    { executor }: Pick<OpenProject, 'executor'> = kedro,
  ): Promise<WatchedRun> => {
    const abort = new AbortController();
    const run = watchRun(executor, asked, { signal: abort.signal });
    await run.line(line);
    abort.abort();
    return run;
  };

  const isIntact = async ({ executor }: Pick<OpenProject, 'executor'> = kedro): Promise<void> => {
    const inputsJson = '{"numbers": [1, 2]}';
    const asked = { pipelineNames: ['memory'], inputsJson, outputs: ['sum_of_more'] };
    const events = await runToEnd(executor, createRunOrder(asked));
    expect(events).toContainEqual(expect.objectContaining({ output: 'sum_of_more', json: '5' }));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
  };

  test('after it was dispatched, before it has begun', async () => {
    const held = await kedro.hold();
    await held.release();
    // Another process answers, in many times what the worker needs to be free for the next run.
    await kedro.executor.snapshot({ params: 'tenant=other' });
    process.kill(held.pid, 'SIGSTOP');
    const abort = new AbortController();
    const asked = orderPipeline('memory', undefined, { outputs: ['more'] });
    const run = watchRun(kedro.executor, asked, { signal: abort.signal });
    const next = watchRun(kedro.executor, orderPipeline('memory'));
    await kedro.executor.snapshot({ params: null });
    abort.abort();
    expect(run.events).toEqual([]);
    process.kill(held.pid, 'SIGCONT');
    expect(await run.ended).toMatchObject(isCancelled);
    expect(stepsOf(run.events)).not.toContain('dataset.saved more add_one');
    expect(await next.ended).toMatchObject({ status: 'succeeded' });
  });

  test('while it loads', async () => {
    const run = await cancelAt(orderPipeline('loading'), /^load is waited for/);
    expect(await run.ended).toMatchObject(isCancelled);
    expect(stepsOf(run.events)).not.toContain('dataset.loaded loading_text load');
    const warnings = linesOf(run.events, ({ level }) => ['warning', 'error'].includes(level));
    expect(warnings).toEqual([expect.stringMatching(/^Pipeline run \S+ was cancelled$/)]);
    await isIntact();
  });

  test('while it saves, when the save is whole', async () => {
    const outputs = ['saving_text', 'saving_kept'];
    const asked = orderPipeline('saving', undefined, { outputs });
    const run = await cancelAt(asked, /^save is waited for/);
    const file = join(kedro.project.path, 'data/saving.txt');
    expect(await readFile(file, 'utf8')).toBe('who');
    await writeFile(join(kedro.project.path, 'data/save'), '');
    expect(await run.ended).toMatchObject(isCancelled);
    expect(await readFile(file, 'utf8')).toBe('whole text');
    const steps = stepsOf(run.events);
    expect(steps.slice(-5)).toEqual([
      'dataset.saved saving_text saving',
      'output.ready saving_text',
      'node.finished saving',
      'output.failed saving_kept',
      'run.ended cancelled',
    ]);
    await isIntact();
  });

  test('when all nodes are done, in the hooks of the project', async () => {
    const outputs = ['finishing_kept'];
    const asked = orderPipeline('finishing', { last: 'last' }, { outputs });
    const run = await cancelAt(asked, /^last is waited for/);
    expect(await run.ended).toMatchObject(isCancelled);
    expect(stepsOf(run.events)).toContain('output.ready finishing_kept');
    await isIntact();
  });

  test('and not, when it has ended', async () => {
    const held = await kedro.hold();
    await held.release();
    const abort = new AbortController();
    const events = await runToEnd(kedro.executor, orderPipeline('memory'), {
      signal: abort.signal,
    });
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    abort.abort();
    const next = await kedro.hold();
    expect(next.pid).toBe(held.pid);
    await next.release();
    expect(await next.ended).toMatchObject({ status: 'succeeded' });
  });

  test('before more is begun, when its node swallows the interrupt', async () => {
    const run = await cancelAt(orderPipeline('swallow'), /^swallow is waited for/);
    expect(await run.ended).toMatchObject(isCancelled);
    expect(linesOf(run.events)).toContain('swallowed');
    expect(stepsOf(run.events)).not.toContain('dataset.saved swallow_text swallow');
  });

  test('when its node makes an error of its own of the interrupt', async () => {
    const run = await cancelAt(orderPipeline('give_up'), /^give_up is waited for/);
    expect(await run.ended).toMatchObject(isCancelled);
  });

  test('in the processes of a ParallelRunner', async () => {
    const asked = orderPipeline('parts', undefined, { runner: 'ParallelRunner' });
    const run = await cancelAt(asked, /^part is waited for/);
    expect(await run.ended).toMatchObject(isCancelled);
    await isIntact();
  });

  describe('with SIGTERM', () => {
    const options: OpenProjectOptions = { prepare, workers: 1, cancelGraceMs: 100 };
    let quick: OpenProject;
    beforeAll(async () => {
      quick = await openProject({ ...options, terminateGraceMs: 20_000 });
      await quick.executor.open();
    });
    afterAll(() => quick[Symbol.asyncDispose]());

    test.each([
      ['swallow_all', /^swallow_all is waited for/, null],
      ['compute', /^computing/, null],
      ['parts', /^part is waited for/, 'ThreadRunner'],
    ])('when it does not end on SIGINT: %s', async (name, line, runner) => {
      const asked = orderPipeline(name, undefined, { runner, outputs: ['unmade'] });
      const run = await cancelAt(asked, line, quick);
      expect(await run.ended).toMatchObject(isCancelled);
      expect(stepsOf(run.events).slice(-2)).toEqual([
        'output.failed unmade',
        'run.ended cancelled',
      ]);
      await isIntact(quick);
    });
  });

  test('at any moment, and the run after it is what it would have been', async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const signal = AbortSignal.timeout(round % 30);
      const asked = orderPipeline('memory', undefined, { outputs: ['more', 'sum_of_more'] });
      const run = watchRun(kedro.executor, asked, { signal });
      const next = isIntact();
      const { status } = await run.ended;
      ends.add(status);
      const told = run.events.flatMap((event) => ('output' in event ? [event.output] : []));
      if (run.events.length > 1) expect(told.toSorted()).toEqual(['more', 'sum_of_more']);
      await next;
    }
    expect([...ends].toSorted()).toEqual(['cancelled', 'succeeded']);
  });
});

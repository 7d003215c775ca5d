import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import type { RunEvent, RunLog } from '../../src/executor/run-event.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf } from '../conformance/watched-run.ts';
import { openProject, type OpenProject } from './open-project.ts';

const registry = `
from faults.progress import (
    begin_line,
    chatter,
    count_up,
    end_line,
    exit_process,
    keep,
    quieten,
    several,
    wait_and_fail,
)

register_without_progress = register_pipelines


def register_pipelines():
    chain = [node(chatter, "numbers", "step_0", name="chatter")]
    for number in range(100):
        chain.append(node(keep, f"step_{number}", f"step_{number + 1}", name=f"keep_{number}"))
    chain.append(node(quieten, "step_100", None, name="quieten"))
    counting = pipeline(
        [
            node(count_up, "numbers", "counted_json", name="count"),
            node(keep, "counted_json", "kept_json", name="keep"),
        ]
    )
    return register_without_progress() | {
        "chatter": pipeline(chain),
        "generators": counting,
        "generator": counting.only_nodes("count"),
        "lines": pipeline(
            [
                node(begin_line, "numbers", "begun", name="begin_line"),
                node(end_line, "begun", None, name="end_line"),
            ]
        ),
        "several": pipeline(
            [node(several, "numbers", ["first_json", "second_json"], name="several")]
        ),
        "fail_beside": pipeline(
            [
                node(wait_and_fail, "numbers", "never_json", name="fails"),
                node(keep, "numbers", "beside_json", name="beside"),
            ]
        ),
        "exit_beside": pipeline(
            [
                node(exit_process, "numbers", "never_json", name="exits"),
                node(keep, "numbers", "beside_json", name="beside"),
            ]
        ),
    }
`;

const nodes = `
import os
import subprocess


def chatter(numbers):
    """Leaves a child that writes all the time."""
    global chatterer
    chatterer = subprocess.Popen(["sh", "-c", "while :; do echo chatter; done"])
    return numbers


def quieten(numbers):
    chatterer.kill()
    chatterer.wait()


def keep(numbers):
    return numbers


def count_up(numbers):
    for number in numbers:
        print(f"yields {number}")
        yield [number]


def begin_line(numbers):
    print("begun", end="")
    return numbers


def end_line(numbers):
    print("ended")


def several(numbers):
    return numbers, numbers


def wait_and_fail(numbers):
    raise ValueError("on purpose")


def exit_process(numbers):
    os._exit(3)
`;

describe.skipIf(inject('pythonMissing') !== null)('progress', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({
      async prepare(project) {
        await project.write('src/faults/progress.py', nodes);
        await appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registry);
      },
    });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  const run = async (
    pipeline: string,
    runner: string,
    isAsync = false,
  ): Promise<readonly RunEvent[]> =>
    runToEnd(kedro.executor, orderPipeline(pipeline, {}, { runner, isAsync }));

  test('is told while a child writes all the time', async () => {
    const events = await run('chatter', 'SequentialRunner');
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(stepsOf(events).filter((step) => step.startsWith('node.finished'))).toHaveLength(102);
  }, 240_000);

  describe.each(['SequentialRunner', 'ThreadRunner', 'ParallelRunner'])('of the %s', (runner) => {
    test('has every node and dataset, and their lines', async () => {
      expectParts(await run('threads', runner));
    });

    test('has a generator from its first to its last part', async () => {
      const events = await run('generators', runner);
      expect(stepsOf(events).filter((step) => step.startsWith('node.'))).toEqual([
        'node.started count',
        'node.finished count',
        'node.started keep',
        'node.finished keep',
      ]);
      const lines = linesOf(events, ({ node, source }) => node === 'count' && source === 'stdout');
      expect(lines).toEqual([1, 2, 3, 4].map((number) => `yields ${number}`));
    });

    test('has the end of a generator that nothing follows', async () => {
      const steps = stepsOf(await run('generator', runner));
      expect(steps.slice(-2)).toEqual(['node.finished count', 'run.ended succeeded']);
    });

    test('has a node with several outputs once, when all are saved', async () => {
      expect(stepsOf(await run('several', runner)).slice(-4)).toEqual([
        'dataset.saved first_json several',
        'dataset.saved second_json several',
        'node.finished several',
        'run.ended succeeded',
      ]);
    });

    test('has what a node loads and saves beside it', async () => {
      const steps = stepsOf(await run('several', runner, true));
      expect(steps.toSorted()).toEqual([
        'dataset.loaded numbers several',
        'dataset.saved first_json several',
        'dataset.saved second_json several',
        'node.finished several',
        'node.started several',
        'run.ended succeeded',
        'run.planned several',
        'run.started',
      ]);
      expect(steps.at(-2)).toBe('node.finished several');
    });

    test('has the node that fails, and those that do not', async () => {
      const events = await run('fail_beside', runner);
      expect(events.findLast(({ type }) => type === 'node.failed')).toMatchObject({
        node: 'fails',
        error: { type: 'ValueError', message: 'on purpose' },
      });
      expect(events.at(-1)).toMatchObject({
        status: 'failed',
        error: { type: 'ValueError', message: 'on purpose' },
      });
      const steps = stepsOf(events);
      expect(steps.includes('node.started beside')).toBe(steps.includes('node.finished beside'));
    });

    test('has a line that is not ended with the node that began it', async () => {
      const events = await run('lines', runner);
      const lines = events.filter((event) => event.type === 'log' && event.source === 'stdout');
      expect(lines).toMatchObject([
        { message: 'begun', node: 'begin_line' },
        { message: 'ended', node: 'end_line' },
      ]);
    });
  });

  test('of the ParallelRunner has the node whose process ends', async () => {
    const before = kedro.notices.length;
    const events = await run('exit_beside', 'ParallelRunner');
    expect(events.at(-1)).toMatchObject({ status: 'failed', error: { type: 'BrokenProcessPool' } });
    expect(stepsOf(events)).toContain('node.failed exits');
    expect(kedro.notices.slice(before)).toEqual([]);
    expectParts(await run('threads', 'ParallelRunner'));
  });
});

describe.skipIf(inject('pythonMissing') !== null)('progress of a ParallelRunner', () => {
  test.each(['spawn', 'forkserver'])('whose processes start by %s', async (context) => {
    vi.stubEnv('KEDRO_MP_CONTEXT', context);
    await using kedro = await openProject({ workers: 1 });
    const order = orderPipeline('threads', {}, { runner: 'ParallelRunner' });
    const events = await runToEnd(kedro.executor, order);
    vi.unstubAllEnvs();
    // Kedro does not set such processes up for the project's own loggers.
    expectParts(events, ['prints']);
  });
});

/** What the pipeline `threads` tells: four nodes beside each other, then one that joins them. */
function expectParts(events: readonly RunEvent[], says = ['prints', 'logs']): void {
  const steps = stepsOf(events);
  const names = ['part_a', 'part_b', 'part_c', 'part_d'];
  expect(steps[0]).toBe('run.started');
  expect(steps[1]?.split(' ').toSorted()).toEqual([...['join_parts'], ...names, 'run.planned']);
  expect(steps.slice(-2)).toEqual(['node.finished join_parts', 'run.ended succeeded']);
  for (const [index, name] of names.entries()) {
    const own = steps.filter((step) => step.endsWith(` ${name}`));
    expect(own).toEqual([
      `node.started ${name}`,
      `dataset.loaded numbers ${name}`,
      `dataset.loaded params:parts.${'abcd'[index]} ${name}`,
      `dataset.loaded params:seconds ${name}`,
      `dataset.saved ${name} ${name}`,
      `node.finished ${name}`,
    ]);
    const isOwn = ({ node, logger }: RunLog): boolean =>
      node === name && (logger === null || logger === 'faults.shapes');
    expect(linesOf(events, isOwn)).toEqual(says.map((what) => `part ${index + 1} ${what}`));
  }
  const times = events.map(({ elapsedMs }) => elapsedMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

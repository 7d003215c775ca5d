import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';

import { ProjectError } from '../../src/errors.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { descendantsOf, parentOf } from './process-tree.ts';

const registry = 'src/faults/pipeline_registry.py';

async function breakRegistry(project: TemporaryFolder): Promise<() => Promise<void>> {
  const file = join(project.path, registry);
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}\ndef broken(:\n`);
  return () => writeFile(file, text);
}

async function succeeds(kedro: OpenProject): Promise<void> {
  const events = await runToEnd(kedro.executor, orderPipeline('memory'));
  expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
}

describe.skipIf(inject('pythonMissing') !== null).each(['fork', 'spawn'] as const)(
  'a project, with workers by %s,',
  (workerStart) => {
    test('whose registry is broken opens, says why its runs fail, and recovers when it is mended', async () => {
      let mend = async (): Promise<void> => {};
      await using kedro = await openProject({
        workerStart,
        workers: 1,
        async prepare(project) {
          mend = await breakRegistry(project);
        },
      });
      expect(await kedro.executor.open()).toMatchObject({ packageName: 'faults' });
      const events = await runToEnd(kedro.executor, orderPipeline('memory'));
      expect(stepsOf(events)).toEqual(['run.started', 'run.ended failed']);
      expect(events.at(-1)).toMatchObject({
        error: { type: 'SyntaxError', message: expect.stringContaining('pipeline_registry.py') },
      });
      await expect(kedro.executor.snapshot({ params: null })).rejects.toMatchObject({
        code: 'snapshot-failed',
        type: 'SyntaxError',
      });
      const notice = kedro.notices.find(({ event }) => event === 'project-broken');
      expect(notice?.message).toContain('SyntaxError');
      expect(notice?.details?.['traceback']).toContain('def broken(:');
      await mend();
      await expect
        .poll(() => kedro.notices.map(({ event }) => event), { timeout: 15_000 })
        .toContain('project-loaded');
      await succeeds(kedro);
      expect(await kedro.executor.snapshot({ params: null })).toHaveProperty('pipelines');
    });

    test('whose settings raise cannot be opened, and can when they are mended', async () => {
      await using kedro = await openProject({
        workerStart,
        workers: 1,
        prepare: (project) =>
          project.write(
            'src/faults/settings.py',
            'raise KeyError("https://me:hunter2@example.com")\n',
          ),
      });
      const failures = await Promise.allSettled([kedro.executor.open(), kedro.executor.open()]);
      for (const failure of failures) {
        expect(failure).toMatchObject({ status: 'rejected' });
        const { reason } = failure as { reason: unknown };
        expect(reason).toBeInstanceOf(ProjectError);
        expect(reason).toMatchObject({
          code: 'project-broken',
          type: 'KeyError',
          message: expect.stringContaining('example.com'),
          traceback: expect.stringMatching(/^Traceback [^]*settings\.py", line 1[^]*KeyError/),
        });
        expect(JSON.stringify(reason)).not.toContain('hunter2');
      }
      const events = await runToEnd(kedro.executor, orderPipeline('memory'));
      expect(stepsOf(events)).toEqual(['run.ended failed']);
      expect(events.at(-1)).toMatchObject({ error: { type: 'KeyError' } });
      await kedro.project.write('src/faults/settings.py', '');
      await succeeds(kedro);
    });

    test('whose code is read again serves what it was until that can be imported', async () => {
      await using kedro = await openProject({ workerStart, workers: 1 });
      const held = await kedro.hold();
      await addNodes(kedro.project, 'def added(numbers):\n    print("added")\n');
      await kedro.executor.reload('a test wants it');
      const added = watchRun(kedro.executor, orderPipeline('added'));
      const snapshot = await kedro.executor.snapshot({ params: null });
      expect(snapshot.pipelines.map(({ name }) => name)).toContain('added');
      expect(stepsOf(held.events)).not.toContain('run.ended crashed');
      await held.release();
      expect(await held.ended).toMatchObject({ status: 'succeeded' });
      expect(linesOf((await added.ended, added.events))).toContain('added');

      await kedro.project.write('src/faults/settings.py', 'raise ValueError("on purpose")\n');
      await kedro.executor.reload('a test wants it');
      expect(kedro.notices.at(-1)).toMatchObject({
        level: 'error',
        event: 'project-broken',
        message: expect.stringContaining('on purpose'),
        details: { traceback: expect.stringContaining('settings.py') },
      });
      await succeeds(kedro);
      await kedro.project.write('src/faults/settings.py', '');
      await kedro.executor.reload('a test wants it');
      await succeeds(kedro);
      // One supervisor, a worker, a spare, an inspector: nothing is left of the others.
      const counts = (): number => descendantsOf(process.pid).length;
      await expect.poll(counts, { timeout: 10_000 }).toBe(4);
    });
  },
);

describe.skipIf(inject('pythonMissing') !== null)('a project', () => {
  test.each(['fork', 'spawn'] as const)(
    'that ends the interpreter when it is imported is what is blamed (%s)',
    async (workerStart) => {
      const settings = 'import os\nprint("bye", flush=True)\nos._exit(7)\n';
      await using kedro = await openProject({
        workerStart,
        prepare: (project) => project.write('src/faults/settings.py', settings),
      });
      await expect(kedro.executor.open()).rejects.toMatchObject({
        code: 'project-broken',
        message: expect.stringMatching(workerStart === 'fork' ? /exit code 7\):\nbye$/ : /code 7/),
      });
    },
  );

  test('whose files are no project cannot be opened', async () => {
    await using kedro = await openProject({
      prepare: (project) => project.write('pyproject.toml', '[tool.other]\n'),
    });
    await expect(kedro.executor.open()).rejects.toMatchObject({
      code: 'project-broken',
      type: 'RuntimeError',
      message: expect.stringContaining('pyproject.toml'),
    });
  });

  test('is described as it is, not as it was when the question was asked', async () => {
    await using kedro = await openProject({ workers: 1 });
    const held = await kedro.hold();
    const workers = descendantsOf(parentOf(held.pid)).filter((pid) => pid !== held.pid);
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    const asked = kedro.executor.snapshot({ params: null });
    await addNodes(kedro.project, 'def added(numbers):\n    return numbers\n');
    await kedro.executor.reload('a test wants it');
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    await asked;
    const snapshot = await kedro.executor.snapshot({ params: null });
    expect(snapshot.pipelines.map(({ name }) => name)).toContain('added');
    await held.release();
  });

  test('is described while it is read again', async () => {
    await using kedro = await openProject({ workers: 1 });
    await kedro.executor.open();
    const before = kedro.notices.length;
    const reload = kedro.executor.reload('a test wants it');
    let params = 0;
    while (!kedro.notices.slice(before).some(({ event }) => event === 'project-loaded')) {
      params += 1;
      const snapshot = await kedro.executor.snapshot({ params: `tenant=${params}` });
      expect(snapshot.metadata.packageName).toBe('faults');
    }
    expect(params).toBeGreaterThan(1);
    await reload;
  });
});

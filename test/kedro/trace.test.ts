import { describe, expect, inject, test } from 'vitest';

import type { RunOrder } from '../../src/executor/run-order.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject } from './open-project.ts';

const settings = `
from kedro.framework.hooks import hook_impl


class Told:
    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params):
        print("hook", run_params.get("traceparent"), run_params.get("request_id"))

    @hook_impl
    def after_pipeline_run(self, run_params):
        print("after", run_params.get("traceparent"))


HOOKS = (Told(),)
`;

const module = `
import os


def tell(numbers):
    print("node", os.environ.get("TRACEPARENT"))
`;

describe.skipIf(inject('pythonMissing') !== null)('the trace of a run', () => {
  test('reaches hooks and nodes, in child processes too, and no further run', async () => {
    await using kedro = await openProject({
      workers: 1,
      async prepare(project) {
        await addNodes(project, module);
        await project.write('src/faults/settings.py', settings);
      },
    });
    const printed = async (wanted: Partial<RunOrder>): Promise<readonly string[]> => {
      const events = await runToEnd(kedro.executor, orderPipeline('tell', {}, wanted));
      return linesOf(events, ({ source }) => source === 'stdout');
    };
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const told = [`hook ${traceparent} order-7`, `node ${traceparent}`, `after ${traceparent}`];
    const traced = { traceparent, requestId: 'order-7' };
    expect(await printed(traced)).toEqual(told);
    expect(await printed({})).toEqual(['hook None None', 'node None', 'after None']);
    expect(await printed({ ...traced, runner: 'ParallelRunner' })).toEqual(told);
    expect(await printed({ traceparent: null, requestId: null })).toEqual([
      'hook None None',
      'node None',
      'after None',
    ]);
  });
});

import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { RunEvent } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf } from '../conformance/watched-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { type OpenProject, openProject } from './open-project.ts';

const nodes = `
import os


def show(*values):
    """What reached the node, as Python shows it; a table with its columns' types."""
    return [f"{type(value).__name__} {show_one(value)}" for value in values]


def show_one(value):
    if hasattr(value, "dtypes"):
        return f"{dict(value.dtypes.astype(str))} {value.values.tolist()}"
    return repr(value)


def grow(size):
    return "é" * size


def double(text):
    return text * 2


def pieces(size):
    for piece in "abc":
        yield piece * size


def die(text):
    os.kill(os.getpid(), 9)


def model(size):
    return object()


def resident(numbers):
    with open("/proc/self/statm") as statm:
        print(os.getpid(), int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20)


def frame(size):
    import pandas

    return pandas.DataFrame({"id": range(size), "name": "Zoë"})
`;

const registry = `
from faults import frames

register_fixture = register_pipelines


def register_pipelines():
    shown = ["table", "plain", "stored", "cached", "own", "given_rows", "checked"]
    return register_fixture() | {
        "show": pipeline([node(frames.show, name, f"shown_{name}", name=f"show_{name}") for name in shown]),
        "grow": pipeline(
            [
                node(frames.grow, "size", "grown", name="grow"),
                node(frames.double, "grown", "doubled", name="double"),
                node(frames.pieces, "size", "piece", name="pieces"),
                node(frames.double, "piece", "last", name="last"),
                node(frames.pieces, "size", "final_piece", name="final"),
            ]
        ),
        "die": pipeline(
            [
                node(frames.grow, "size", "grown", name="grow"),
                node(frames.die, "grown", "never", name="die"),
            ]
        ),
        "models": pipeline(
            [node(frames.model, "size", [f"model_{place}" for place in ("memory", "s3", "versioned")][index],
                  name=f"model_{index}") for index in range(3)]
        ),
        "resident": pipeline([node(frames.resident, "numbers", None, name="resident")]),
        "frame": pipeline([node(frames.frame, "size", "framed", name="frame")]),
    }
`;

const catalog = `
table: { type: pandas.CSVDataset, filepath: data/not-there.csv }
cached: { type: CachedDataset, dataset: { type: pandas.CSVDataset, filepath: data/not-there.csv } }
own: { type: faults.placed.OwnDataset, filepath: data/not-there.csv }
checked: { type: json.JSONDataset, filepath: data/numbers.json, validator: faults.placed.check }
"given_{name}": { type: pandas.CSVDataset, filepath: "data/{name}.csv" }
stored: { type: json.JSONDataset, filepath: data/numbers.json }
model_versioned: { type: pickle.PickleDataset, filepath: data/model.pkl, versioned: true }
model_s3: { type: faults.placed.PlacedDataset, filepath: "https://reader:hunter2@example.com/model" }
`;

const placed = `
from kedro.io import AbstractDataset
from kedro_datasets.pandas import CSVDataset


class OwnDataset(CSVDataset):
    pass


def check(data):
    if data != [1]:
        raise ValueError(f"{data} is not what was agreed on")
    return data


class PlacedDataset(AbstractDataset):
    def __init__(self, filepath):
        self._filepath = filepath

    def load(self):
        return None

    def save(self, data):
        pass

    def _describe(self):
        return {}
`;

const settings = `
import logging

from kedro.framework.hooks import hook_impl


class CatalogHooks:
    @hook_impl
    def after_catalog_created(self, catalog):
        if "plain" in catalog:
            logging.getLogger("faults.hooks").warning("the catalog has %s", catalog.load("plain"))


HOOKS = (CatalogHooks(),)
`;

async function prepare(project: TemporaryFolder): Promise<void> {
  await project.write('src/faults/frames.py', nodes);
  await project.write('src/faults/placed.py', placed);
  await project.write('src/faults/settings.py', settings);
  await appendFile(join(project.path, 'src/faults/pipeline_registry.py'), registry);
  await appendFile(join(project.path, 'conf/base/catalog.yml'), catalog);
}

/** An order of one pipeline; `inputs` is its data as JSON text. */
function order(name: string, inputs: string, wanted: Partial<RunOrder> = {}): RunOrder {
  return createRunOrder({ pipelineNames: [name], inputsJson: inputs, ...wanted });
}

function outputOf(events: readonly RunEvent[], output: string): RunEvent | undefined {
  return events.find((event) => 'output' in event && event.output === output);
}

function dataOf(events: readonly RunEvent[], output: string): unknown {
  const event = outputOf(events, output);
  return event?.type === 'output.ready' ? JSON.parse(event.json) : event;
}

describe.skipIf(inject('pythonMissing') !== null)("a Kedro run's data", () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({ prepare });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());
  const run = async (asked: RunOrder): Promise<readonly RunEvent[]> =>
    runToEnd(kedro.executor, asked);

  test('is what the catalog entry gives, or what is asked for', async () => {
    const records = '[{"id": 1, "at": "2026-01-02", "ratio": null}, {"id": 2, "ratio": 0.5}]';
    const show = async (name: string, data: string, kind?: 'json' | 'table' | 'array') => {
      const inputKinds = kind === undefined ? null : { [name]: kind };
      const wanted = { nodeNames: [`show_${name}`], inputKinds, outputs: [`shown_${name}`] };
      const events = await run(order('show', `{"${name}": ${data}}`, wanted));
      return dataOf(events, `shown_${name}`) ?? events.at(-1);
    };
    expect(await show('table', records)).toEqual([
      "DataFrame {'id': 'int64', 'at': 'str', 'ratio': 'float64'} [[1, '2026-01-02', nan], [2, nan, 0.5]]",
    ]);
    expect(await show('table', '{"a": [1, 2], "b": ["x", "y"]}')).toEqual([
      "DataFrame {'a': 'int64', 'b': 'str'} [[1, 'x'], [2, 'y']]",
    ]);
    expect(await show('table', '[1, 2]', 'json')).toEqual(['list [1, 2]']);
    expect(await show('cached', '[{"a": 1}]')).toEqual(["DataFrame {'a': 'int64'} [[1]]"]);
    expect(await show('own', '[{"a": 1}]')).toEqual(["DataFrame {'a': 'int64'} [[1]]"]);
    expect(await show('given_rows', '[{"a": 1}]')).toEqual(["DataFrame {'a': 'int64'} [[1]]"]);
    expect(await show('stored', '[{"a": 1}]')).toEqual(["list [{'a': 1}]"]);
    expect(await show('plain', '[{"a": 1}]', 'table')).toEqual(["DataFrame {'a': 'int64'} [[1]]"]);
    expect(await show('plain', '[[1, 2.5], [3, 4]]', 'array')).toEqual([
      'ndarray array([[1. , 2.5],\n       [3. , 4. ]])',
    ]);
    expect(await show('plain', '[1.0, 12345678901234567890, -0.0, 1e2]')).toEqual([
      'list [1.0, 12345678901234567890, -0.0, 100.0]',
    ]);
  });

  test('that cannot be made into that fails the run, and says why', async () => {
    for (const [data, kinds, message] of [
      ['{"table": [1]}', {}, /dataset 'table' cannot be made into a pandas.DataFrame: .*records/],
      ['{"table": {"a": [1], "b": []}}', {}, /'table' .*same length/],
      ['{"plain": [[1], [2, 3]]}', { plain: 'array' }, /'plain' .*a numpy.ndarray: /],
    ] as const) {
      const wanted = { nodeNames: ['show_table', 'show_plain'], inputKinds: kinds };
      expect((await run(order('show', data, wanted))).at(-1)).toMatchObject({
        status: 'failed',
        error: { type: 'ValueError', message: expect.stringMatching(message) },
      });
    }
  });

  test('has to be what the entry says of valid data', async () => {
    const wanted = { nodeNames: ['show_checked'], outputs: ['shown_checked'] };
    const valid = await run(order('show', '{"checked": [1]}', wanted));
    expect(dataOf(valid, 'shown_checked')).toEqual(['list [1]']);
    expect((await run(order('show', '{"checked": [2]}', wanted))).at(-1)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(/checked.*\[2\] is not what was agreed on/s) },
    });
  });

  test("is there for the project's hooks, and replaces without a warning", async () => {
    const wanted = { nodeNames: ['show_plain'] };
    const events = await run(order('show', '{"plain": {"a": 1}}', wanted));
    const warnings = linesOf(events, ({ level }) => level === 'warning');
    expect(warnings).toEqual(["the catalog has {'a': 1}"]);
  });

  test('goes through the processes of a ParallelRunner, also what no datagram holds', async () => {
    const size = 400_000;
    const outputs = ['size', 'grown', 'doubled', 'piece', 'last', 'final_piece', 'none'];
    const runner = 'ParallelRunner';
    const events = await run(order('grow', `{"size": ${size}}`, { runner, outputs }));
    expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
    expect(dataOf(events, 'size')).toBe(size);
    expect(dataOf(events, 'grown')).toBe('é'.repeat(size));
    expect(dataOf(events, 'doubled')).toBe('é'.repeat(2 * size));
    expect(dataOf(events, 'piece')).toBe('c'.repeat(size));
    expect(dataOf(events, 'last')).toBe('c'.repeat(2 * size));
    expect(dataOf(events, 'final_piece')).toBe('c'.repeat(size));
    expect(outputOf(events, 'none')).toMatchObject({ type: 'output.failed' });
    const large = await run(order('grow', '{"size": 9000000}', { runner, outputs: ['grown'] }));
    expect(outputOf(large, 'grown')).toMatchObject({ error: { type: 'OutputTooLarge' } });
  });

  test('comes in parts when one frame would be large', async () => {
    const outputs = ['grown', 'doubled'];
    const events = await run(order('grow', '{"size": 4000000}', { outputs }));
    expect(dataOf(events, 'grown')).toBe('é'.repeat(4_000_000));
    expect(dataOf(events, 'doubled')).toBe('é'.repeat(8_000_000));
  });

  test('comes as a table', async () => {
    const events = await run(order('frame', '{"size": 2}', { outputs: ['framed'] }));
    expect(outputOf(events, 'framed')).toMatchObject({
      kind: 'table',
      dataType: 'pandas.DataFrame',
      json: '[{"id":0,"name":"Zoë"},{"id":1,"name":"Zoë"}]',
    });
  });

  test('that JSON cannot hold is a reference: where it is, without credentials', async () => {
    const outputs = ['model_memory', 'model_s3', 'model_versioned'];
    const asked = order('models', '{"size": 1}', { outputs });
    const events = await run(asked);
    expect(outputs.map((name) => dataOf(events, name))).toEqual([
      { dataset: 'model_memory', filepath: null, version: null },
      {
        dataset: 'model_s3',
        filepath: expect.stringMatching(/^https:\/\/(?!.*hunter2).*example.com\/model$/),
        version: null,
      },
      { dataset: 'model_versioned', filepath: 'data/model.pkl', version: asked.runId },
    ]);
    expect(outputOf(events, 'model_memory')).toMatchObject({ dataType: 'object' });
    const child = { nodeNames: ['model_2'], runner: 'ParallelRunner', outputs };
    const told = await run(order('models', '{"size": 1}', child));
    expect(dataOf(told, 'model_versioned')).toMatchObject({ filepath: 'data/model.pkl' });
  });

  test('that was told before the worker died stays told', async () => {
    const outputs = ['grown', 'never'];
    const events = await run(order('die', '{"size": 3}', { outputs }));
    expect(dataOf(events, 'grown')).toBe('ééé');
    expect(stepsOf(events).slice(-2)).toEqual(['output.failed never', 'run.ended crashed']);
    const next = await run(order('grow', '{"size": 1}', { outputs: ['grown'] }));
    expect(dataOf(next, 'grown')).toBe('é');
  });

  test('does not stay in the worker', async () => {
    await using own = await openProject({ prepare, workers: 1 });
    const wanted = { nodeNames: ['grow'], outputs: ['grown'] };
    const sizes = new Map<unknown, number[]>();
    for (let count = 0; count < 20; count += 1) {
      await runToEnd(own.executor, order('grow', '{"size": 600000}', wanted));
      const events = await runToEnd(own.executor, createRunOrder({ pipelineNames: ['resident'] }));
      const [line = ''] = linesOf(events);
      const [pid, size = 0] = line.split(' ').map(Number);
      sizes.set(pid, [...(sizes.get(pid) ?? []), size]);
    }
    const [seen = []] = sizes.values();
    expect(seen).toHaveLength(20);
    expect(Math.max(...seen.slice(10)) - Math.max(...seen.slice(0, 10))).toBeLessThan(10);
  });
});

describe.skipIf(inject('pythonMissing') !== null)('without pandas', () => {
  test('a table is refused with the reason, and everything else works', async () => {
    await using kedro = await openProject({ kedro: 'oldest', workerStart: 'spawn' });
    const wanted = { outputs: ['more'], inputKinds: { numbers: 'table' } } as const;
    const refused = await runToEnd(
      kedro.executor,
      order('memory', '{"numbers": [{"a": 1}]}', wanted),
    );
    expect(refused.at(-1)).toMatchObject({
      error: { message: expect.stringMatching(/'numbers' .*No module named 'pandas'/) },
    });
    const outputs = ['more', 'sum_of_more'];
    for (const runner of ['ParallelRunner', 'SequentialRunner']) {
      const events = await runToEnd(
        kedro.executor,
        order('memory', '{"numbers": [1, 2]}', { outputs, runner }),
      );
      expect(outputs.map((name) => dataOf(events, name))).toEqual([[2, 3], 5]);
    }
  });
});

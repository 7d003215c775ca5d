import type { OutputValues } from '../pipeline/map-outputs.ts';
import type { Node } from '../pipeline/node.ts';
import { isNameMap, valueType } from '../pipeline/value-type.ts';
import type { ActiveRun } from './active-run.ts';
import { isCancelled, RunnerError } from './runner-error.ts';

type Inputs = Record<string, unknown>;

async function load(name: string, node: Node, run: ActiveRun): Promise<unknown> {
  run.checkpoint(node);
  const { hooks } = run;
  if (hooks.has('beforeDatasetLoaded')) {
    await hooks.call('beforeDatasetLoaded', { datasetName: name, node });
  }
  const startedAt = performance.now();
  const data = await run.catalog.load(name);
  run.loaded(name, node, startedAt);
  if (hooks.has('afterDatasetLoaded')) {
    await hooks.call('afterDatasetLoaded', { datasetName: name, data, node });
  }
  return data;
}

async function save(
  name: string,
  data: unknown,
  node: Node,
  run: ActiveRun,
  isPiece = false,
): Promise<void> {
  run.checkpoint(node);
  const { hooks } = run;
  if (hooks.has('beforeDatasetSaved')) {
    await hooks.call('beforeDatasetSaved', { datasetName: name, data, node });
  }
  const startedAt = performance.now();
  await run.catalog.save(name, data);
  run.saved(name, node, startedAt);
  if (!isPiece) await run.outputs?.saved(name, data);
  if (hooks.has('afterDatasetSaved')) {
    await hooks.call('afterDatasetSaved', { datasetName: name, data, node });
  }
}

/** Waits for all, then throws what the first of them threw: nothing goes on behind the run's back. */
async function settle<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(works);
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    throw result.reason;
  });
}

async function loadInputs(node: Node, run: ActiveRun): Promise<Inputs> {
  const inputs: Inputs = { __proto__: null };
  if (run.isAsync) {
    const data = await settle(node.inputs.map(async (name) => load(name, node, run)));
    for (const [index, name] of node.inputs.entries()) inputs[name] = data[index];
  } else {
    for (const name of node.inputs) inputs[name] = await load(name, node, run);
  }
  return inputs;
}

async function replaceInputs(inputs: Inputs, node: Node, run: ActiveRun): Promise<void> {
  const { catalog, isAsync, runId } = run;
  const args = { node, catalog, inputs: { ...inputs }, isAsync, runId };
  for (const replaced of await run.hooks.call('beforeNodeRun', args)) {
    if (replaced === null || replaced === undefined) continue;
    if (!isNameMap(replaced)) {
      throw new RunnerError(
        'hook-result-invalid',
        `'beforeNodeRun' must return nothing, or an object that maps dataset names to updated values, but for node '${node.name}' it returned '${valueType(replaced)}'.`,
      );
    }
    for (const [name, value] of Object.entries(replaced)) inputs[name] = value;
  }
}

/** An error as the run reports it: `throw 'text'` has neither type nor place. */
function toError(thrown: unknown, node: Node): unknown {
  if (thrown instanceof Error) return thrown;
  return new RunnerError(
    'thrown-value-invalid',
    `Node '${node.name}' threw '${valueType(thrown)}' ${String(thrown)}: throw an Error, which has a type and a stack.`,
    { cause: thrown },
  );
}

async function failed(
  thrown: unknown,
  inputs: Inputs,
  node: Node,
  run: ActiveRun,
): Promise<unknown> {
  const { catalog, isAsync, runId, signal } = run;
  const error = signal.aborted ? run.cancelled(node, thrown) : toError(thrown, node);
  if (run.hooks.has('onNodeError')) {
    await run.hooks.call('onNodeError', { error, node, catalog, inputs, isAsync, runId });
  }
  return error;
}

async function saveValues(values: OutputValues, node: Node, run: ActiveRun): Promise<void> {
  if (run.isAsync) {
    await settle(node.outputs.map(async (name) => save(name, values[name], node, run)));
    return;
  }
  for (const name of node.outputs) await save(name, values[name], node, run);
}

/** What a generator throws is the node's error; what a dataset throws is not. */
async function savePieces(
  pieces: AsyncIterable<OutputValues>,
  inputs: Inputs,
  node: Node,
  run: ActiveRun,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let isOver = false;
  const next = async (): Promise<OutputValues | null> => {
    try {
      const piece = await iterator.next();
      isOver = piece.done === true;
      return piece.done === true ? null : piece.value;
    } catch (thrown) {
      isOver = true;
      throw await failed(thrown, inputs, node, run);
    }
  };
  try {
    for (let values = await next(); values !== null; values = await next()) {
      for (const name of node.outputs) await save(name, values[name], node, run, true);
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
  for (const name of node.outputs) await run.outputs?.load(name);
}

async function execute(node: Node, run: ActiveRun): Promise<void> {
  const { catalog, hooks, isAsync, runId } = run;
  const inputs = await loadInputs(node, run);
  if (hooks.has('beforeNodeRun')) await replaceInputs(inputs, node, run);
  run.checkpoint(node);
  let outputs;
  try {
    outputs = await node.run(inputs, {
      signal: run.signalFor(node),
      traceparent: run.traceparent,
      onWarning: (message) => run.warn(node, message),
    });
  } catch (thrown) {
    throw await failed(thrown, inputs, node, run);
  }
  if (isAsync && outputs.kind === 'pieces') {
    throw new RunnerError(
      'generator-with-async',
      `Async data loading and saving does not work with nodes wrapping generator functions. Please make sure you don't use 'yield' anywhere in node ${String(node)}, or run it without 'is_async'.`,
    );
  }
  const values = outputs.kind === 'values' ? outputs.values : {};
  if (hooks.has('afterNodeRun')) {
    await hooks.call('afterNodeRun', { node, catalog, inputs, outputs: values, isAsync, runId });
  }
  if (outputs.kind === 'values') await saveValues(values, node, run);
  else await savePieces(outputs.pieces, inputs, node, run);
  for (const name of node.confirms) await catalog.confirm(name);
}

/**
 * Loads a node's inputs, calls its function and saves what it gives, with the hooks in Kedro's
 * order. Throws what any of them throws; an aborted run's error is `RunnerError` (`run-cancelled`).
 */
export async function runNode(node: Node, run: ActiveRun): Promise<void> {
  run.checkpoint(node);
  run.start(node);
  try {
    await execute(node, run);
  } catch (thrown) {
    const isAbort = run.signal.aborted && !isCancelled(thrown);
    const error = isAbort ? run.cancelled(node, thrown) : thrown;
    run.fail(node, error);
    throw error;
  }
  run.finish(node);
}

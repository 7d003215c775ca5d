import type { DataCatalog } from '../catalog/data-catalog.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';
import { suggestName } from '../names/suggest-name.ts';
import { nameList } from '../pipeline/name-list.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { ActiveRun } from './active-run.ts';
import { defaultCancelGraceMs, orLeaveBehind } from './leave-behind.ts';
import { onlyMissingOutputs } from './missing-outputs.ts';
import { createReleaser } from './release-datasets.ts';
import { runNode } from './run-node.ts';
import { RunnerError } from './runner-error.ts';
import type { Runner, RunnerOptions, RunResult } from './runner.ts';
import { runConcurrently, runInOrder } from './schedule-nodes.ts';
import { suggestResume } from './suggest-resume.ts';

type Schedule = (pipeline: Pipeline, work: (node: Node) => Promise<void>) => Promise<void>;

/** Makes every dataset of the pipeline, so that a wrong one is known before any node runs. */
function prepareDatasets(
  pipeline: Pipeline,
  freeInputs: ReadonlySet<string>,
  catalog: DataCatalog,
): void {
  // `has` before `get`: asking for a dataset that nobody knows makes one in memory.
  const unsatisfied = [...freeInputs].filter((name) => !catalog.has(name));
  for (const name of pipeline.datasets()) catalog.get(name);
  if (unsatisfied.length === 0) return;
  const names = nameList(unsatisfied.toSorted(compareCodePoints));
  throw new RunnerError(
    'inputs-unsatisfied',
    `Pipeline input(s) {${names.slice(1, -1)}} not found in the DataCatalog${wayOut(unsatisfied, catalog)}`,
  );
}

/** Kedro's message ends before. */
function wayOut(unsatisfied: readonly string[], catalog: DataCatalog): string {
  const isParameter = unsatisfied.some((name) => name.startsWith('params:'));
  const place = isParameter ? 'the parameters' : 'the catalog';
  const known = catalog.names().filter((name) => !unsatisfied.includes(name));
  const suggestions = unsatisfied.map((name) => suggestName(name, known));
  return `. Add what is missing to ${place}, or mend the name.${[...new Set(suggestions)].join('')}`;
}

/** What works on the nodes of one run. */
export interface NodeWorkers {
  /** Runs a node and tells `run` of its start and its end; rejects when it fails. */
  work(node: Node): Promise<void>;
  /** Ends the work that an aborted run does not wait for any more; what it returns is thrown. */
  abandon(): Error;
  close(): Promise<void>;
}

export interface RunnerParts {
  readonly name: string;
  readonly schedule: Schedule;
  /** Whether datasets are loaded and saved at once, where that was asked for. */
  toAsync(isAsync: boolean, warn: (message: string) => void): boolean;
  /** Default: nodes run in this thread. */
  open?(run: ActiveRun, pipeline: Pipeline): NodeWorkers;
}

function openThisThread(run: ActiveRun): NodeWorkers {
  return {
    work: async (node) => runNode(node, run),
    abandon: () =>
      run.abandon(
        (names) =>
          `but ${names} did not stop and may still use memory and time: pass 'context.signal' on to what a node waits for, or look at it between steps`,
      ),
    close: async () => undefined,
  };
}

/** Creates a runner that prepares and ends runs by Kedro's rules; `parts` say how nodes run. */
export function createRunner(parts: RunnerParts): Runner {
  const { name, schedule, open = openThisThread } = parts;
  return {
    name,
    run: async (pipeline, catalog, options: RunnerOptions = {}): Promise<RunResult> => {
      const warnings: string[] = [];
      const isAsync = parts.toAsync(options.isAsync ?? false, (message) => warnings.push(message));
      const run = new ActiveRun(pipeline, catalog, options, isAsync);
      for (const message of warnings) run.log.warning(message);
      const wanted =
        options.onlyMissingOutputs === true
          ? await onlyMissingOutputs(pipeline, catalog, run.log)
          : pipeline;
      const freeInputs = wanted.inputs();
      const finalOutputs = wanted.outputs();
      prepareDatasets(wanted, freeInputs, catalog);
      run.plan(wanted.nodes);
      const release = createReleaser(wanted, freeInputs, finalOutputs, catalog);
      const { signal } = run;
      const graceMs = options.cancelGraceMs ?? defaultCancelGraceMs;
      const abortNodes = (): void => run.abortNodes();
      signal.addEventListener('abort', abortNodes, { once: true });
      const workers = open(run, wanted);
      try {
        const work = schedule(wanted, async (node) => {
          await workers.work(node);
          await release(node);
        }).then(async () => run.outputs?.loadRest());
        await orLeaveBehind(work, signal, graceMs, () => workers.abandon());
      } catch (error) {
        const advice = suggestResume(wanted, run.done, catalog);
        if (advice !== null) run.log.warning(advice);
        throw error;
      } finally {
        signal.removeEventListener('abort', abortNodes);
        run.close();
        await workers.close();
      }
      return new Map(Array.from(finalOutputs, (output) => [output, catalog.get(output)]));
    },
  };
}

/** Runs one node after the other, in execution order. Kedro's `SequentialRunner`. */
export function createSequentialRunner(): Runner {
  return createRunner({
    name: 'SequentialRunner',
    schedule: runInOrder,
    toAsync: (isAsync) => isAsync,
  });
}

export interface ConcurrentRunnerOptions {
  /** Nodes at once; default: 16. */
  readonly maxConcurrency?: number | undefined;
}

/**
 * Runs nodes as soon as what they need is there, many at once: what waits (for files, networks,
 * databases) waits together, while computing shares the one thread. Takes the place of Kedro's
 * `ThreadRunner`. Throws `RunnerError` (`concurrency-invalid`).
 */
export function createConcurrentRunner(options: ConcurrentRunnerOptions = {}): Runner {
  const { maxConcurrency = 16 } = options;
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
    throw new RunnerError(
      'concurrency-invalid',
      `maxConcurrency must be a positive whole number, not ${maxConcurrency}.`,
    );
  }
  return createRunner({
    name: 'ThreadRunner',
    schedule: async (pipeline, work) => runConcurrently(pipeline, maxConcurrency, work),
    toAsync: (isAsync, warn) => {
      if (isAsync) {
        warn(
          "'ThreadRunner' doesn't support loading and saving the node inputs and outputs asynchronously with threads. Setting 'is_async' to False.",
        );
      }
      return false;
    },
  });
}

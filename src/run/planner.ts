import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { NodeSelection } from '../executor/node-selection.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { closeMatches } from '../names/close-matches.ts';
import { PipelineError } from '../pipeline/pipeline-error.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { SnapshotPipelines } from './snapshot-pipelines.ts';

/** What an order asks for, apart from parameters and data. */
export interface PlannedOrder
  extends
    NodeSelection,
    Pick<RunOrder, 'loadVersions' | 'runner' | 'inputKinds' | 'outputs' | 'onlyMissingOutputs'> {
  /** Datasets that the order brings data for. */
  readonly inputNames: readonly string[];
}

/** Something that an order names and that is not there, or not for this. */
export interface PlanProblem {
  /** The field that names it; null for the order as a whole. */
  readonly field: keyof PlannedOrder | null;
  /** Its place in the field: an index of a list, or a key. */
  readonly at: number | string | null;
  /** What is wrong, and what to do. */
  readonly detail: string;
  /** Names that look like it, the closest first. */
  readonly closeNames: readonly string[];
}

/** Looking for close names takes the product of lengths: what strangers write is bounded. */
const longestCompared = 100;
const mostCompared = 1000;
const mostSuggestions = 5;
const mostProblems = 100;
const defaultPipeline = '__default__';

const filters = [
  'fromInputs',
  'toOutputs',
  'fromNodes',
  'toNodes',
  'nodeNames',
  'tags',
  'namespaces',
] as const;

function isFiltered(order: PlannedOrder): boolean {
  return filters.some((filter) => (order[filter] ?? []).length > 0);
}

function pipelinesOf({ pipelineNames }: PlannedOrder): readonly string[] {
  return pipelineNames === null || pipelineNames.length === 0 ? [defaultPipeline] : pipelineNames;
}

/** Looks through one order for what is not there. */
export class Planner {
  readonly #snapshot: ProjectSnapshot;
  readonly #pipelines: SnapshotPipelines;
  readonly #order: PlannedOrder;
  readonly #problems: PlanProblem[] = [];
  #suggestions = 0;

  constructor(snapshot: ProjectSnapshot, pipelines: SnapshotPipelines, order: PlannedOrder) {
    this.#snapshot = snapshot;
    this.#pipelines = pipelines;
    this.#order = order;
  }

  get problems(): readonly PlanProblem[] {
    return this.#problems;
  }

  /** The nodes that the order selects; null when it is not clear which, or none. */
  plan(runners: readonly string[] | null): Pipeline | null {
    this.#checkRunner(runners);
    this.#checkLoadVersions();
    const selection = this.#select();
    if (selection !== null) {
      this.#checkInputs(selection);
      this.#checkOutputs(selection);
    }
    this.#checkInputKinds();
    return selection;
  }

  #complain(
    field: PlanProblem['field'],
    at: PlanProblem['at'],
    detail: string,
    closeNames: readonly string[] = [],
  ): void {
    if (this.#problems.length >= mostProblems) return;
    const hint =
      closeNames.length === 0
        ? ''
        : ` Did you mean ${closeNames.map((name) => `'${name}'`).join(' or ')}?`;
    this.#problems.push({ field, at, detail: `${detail}${hint}`, closeNames });
  }

  #closeTo(name: string, known: Iterable<string>): readonly string[] {
    if (this.#suggestions >= mostSuggestions || name.length > longestCompared) return [];
    this.#suggestions += 1;
    return closeMatches([name], [...known].slice(0, mostCompared));
  }

  /** Complains of each name that is not known. */
  #checkNames(
    field: PlanProblem['field'],
    names: readonly string[] | null,
    isKnown: (name: string) => boolean,
    describe: (name: string) => string,
    known: () => Iterable<string>,
  ): void {
    for (const [index, name] of (names ?? []).entries()) {
      if (isKnown(name)) continue;
      this.#complain(field, index, describe(name), this.#closeTo(name, known()));
    }
  }

  #checkRunner(runners: readonly string[] | null): void {
    const { runner } = this.#order;
    if (runner === null || runners === null || runner.includes('.')) return;
    if (runners.includes(runner)) return;
    const detail = `There is no runner '${runner}'; there are ${runners.join(', ')}.`;
    this.#complain('runner', null, detail, this.#closeTo(runner, runners));
  }

  #checkLoadVersions(): void {
    const { datasets } = this.#snapshot;
    for (const name of Object.keys(this.#order.loadVersions ?? {})) {
      if (Object.hasOwn(datasets, name)) continue;
      const detail = `A version is given for '${name}', which the catalog does not have.`;
      this.#complain('loadVersions', name, detail, this.#closeTo(name, Object.keys(datasets)));
    }
  }

  #select(): Pipeline | null {
    const names = pipelinesOf(this.#order);
    const unknown = names.flatMap((name, at) =>
      this.#pipelines.has(name) ? [] : [[name, at] as const],
    );
    const isNamed = names === this.#order.pipelineNames;
    for (const [name, at] of unknown) {
      const close = this.#closeTo(name, this.#pipelines.names);
      this.#complain(
        'pipelineNames',
        isNamed ? at : null,
        `There is no pipeline '${name}'.`,
        close,
      );
    }
    if (unknown.length > 0) return null;
    try {
      const joined = this.#pipelines.join(names);
      if (isFiltered(this.#order)) return this.#filter(joined);
      if (joined.nodes.length > 0) return joined;
      this.#complain('pipelineNames', null, 'The pipeline has no nodes: nothing would be run.');
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      this.#complain('pipelineNames', null, this.#pipelines.withRealNames(error.message));
    }
    return null;
  }

  #filter(joined: Pipeline): Pipeline | null {
    const before = this.#problems.length;
    this.#checkFilters(joined);
    if (this.#problems.length > before) return null;
    try {
      return this.#pipelines.filter(joined, this.#order);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const detail =
        error.code === 'filter-unmatched'
          ? 'No node meets all of the filters: nothing would be run.'
          : this.#pipelines.withRealNames(error.message);
      this.#complain(null, null, detail);
      return null;
    }
  }

  #checkFilters(joined: Pipeline): void {
    const nodes = this.#pipelines.nodesOf(joined);
    const names = new Set(nodes.map(({ name }) => name));
    const tags = new Set(nodes.flatMap((node) => node.tags));
    const namespaces = new Set(nodes.flatMap(({ namespace }) => prefixesOf(namespace)));
    const datasets = joined.datasets();
    const untyped = new Set(Array.from(datasets, (name) => name.split('@')[0] ?? name));
    const order = this.#order;
    for (const field of ['fromInputs', 'toOutputs'] as const) {
      this.#checkNames(
        field,
        order[field],
        (name) => datasets.has(name) || untyped.has(name),
        (name) => `The pipeline has no dataset '${name}'.`,
        () => datasets,
      );
    }
    for (const field of ['fromNodes', 'toNodes', 'nodeNames'] as const) {
      for (const [index, name] of (order[field] ?? []).entries()) {
        if (this.#problems.length >= mostProblems) return;
        if (names.has(name)) continue;
        const below = [...names].filter((each) => each.endsWith(`.${name}`)).slice(0, 3);
        const close = below.length > 0 ? below : this.#closeTo(name, names);
        this.#complain(field, index, `The pipeline has no node '${name}'.`, close);
      }
    }
    this.#checkNames(
      'tags',
      order.tags,
      (name) => tags.has(name),
      (name) => `No node of the pipeline has the tag '${name}'.`,
      () => tags,
    );
    this.#checkNames(
      'namespaces',
      order.namespaces,
      (name) => namespaces.has(name),
      (name) => `No node of the pipeline is in the namespace '${name}'.`,
      () => namespaces,
    );
  }

  #checkInputs(selection: Pipeline): void {
    const free = selection.inputs();
    for (const name of this.#order.inputNames) {
      if (name === 'parameters' || name.startsWith('params:')) {
        const detail = `'${name}' is a parameter. Give its value in 'params'.`;
        this.#complain('inputNames', name, detail);
      } else if (selection.allOutputs().has(name)) {
        // Which nodes are left out because their outputs are there is found out by running.
        if (this.#order.onlyMissingOutputs) continue;
        const maker = this.#pipelines
          .nodesOf(selection)
          .find(({ outputs }) => outputs.includes(name));
        const which = maker === undefined ? 'a node of the selection' : `node '${maker.name}'`;
        const detail = `Data is given for '${name}', but ${which} makes it. Leave the node out, or the data.`;
        this.#complain('inputNames', name, detail);
      } else if (!free.has(name)) {
        const known = [...free].filter((each) => !isParameter(each));
        const detail = `Data is given for '${name}', which no node of the selection reads.`;
        this.#complain('inputNames', name, detail, this.#closeTo(name, known));
      }
    }
  }

  #checkOutputs(selection: Pipeline): void {
    const datasets = selection.datasets();
    this.#checkNames(
      'outputs',
      this.#order.outputs ?? null,
      (name) => datasets.has(name),
      (name) => `The data of '${name}' is wanted, which no node of the selection makes or reads.`,
      () => datasets,
    );
  }

  #checkInputKinds(): void {
    const { inputNames, inputKinds } = this.#order;
    for (const name of Object.keys(inputKinds ?? {})) {
      if (inputNames.includes(name)) continue;
      const detail = `A kind is given for '${name}', but no data in 'inputs'.`;
      this.#complain('inputKinds', name, detail, this.#closeTo(name, inputNames));
    }
  }
}

function isParameter(name: string): boolean {
  return name === 'parameters' || name.startsWith('params:');
}

/** `['a', 'a.b']` for the namespace `a.b`. */
function prefixesOf(namespace: string | null): readonly string[] {
  const parts = namespace?.split('.') ?? [];
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}

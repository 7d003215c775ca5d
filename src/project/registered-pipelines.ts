import { closeMatches } from '../names/close-matches.ts';
import type { PipelineFilter } from '../pipeline/filter-nodes.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { valueType } from '../pipeline/value-type.ts';
import type { ProjectDefinition } from './define-project.ts';
import { ProjectFault } from './project-error.ts';

/** Pipelines by name; those that are null are left out. */
export type PipelineRegistry = Readonly<Record<string, Pipeline | null | undefined>>;

export type RegisteredPipelines = ReadonlyMap<string, Pipeline>;

/** Asks the project for its pipelines. Throws `ProjectFault`, and what the project throws. */
export async function registerPipelines(
  pipelines: ProjectDefinition['pipelines'],
): Promise<RegisteredPipelines> {
  const registry: unknown = typeof pipelines === 'function' ? await pipelines() : pipelines;
  if (typeof registry !== 'object' || registry === null) {
    throw new ProjectFault(
      'pipelines-invalid',
      `The project's pipelines must be an object of pipelines by name, not '${valueType(registry)}'.`,
    );
  }
  const registered = new Map<string, Pipeline>();
  for (const [name, pipeline] of Object.entries(registry) as [string, unknown][]) {
    if (pipeline === null || pipeline === undefined) continue;
    if (!(pipeline instanceof Pipeline)) {
      throw new ProjectFault(
        'pipelines-invalid',
        `The pipeline '${name}' must be made by pipeline(), but it is '${valueType(pipeline)}'.`,
      );
    }
    registered.set(name, pipeline);
  }
  return registered;
}

function find(registered: RegisteredPipelines, name: string): Pipeline {
  const pipeline = registered.get(name);
  if (pipeline !== undefined) return pipeline;
  const matches = closeMatches([name], registered.keys());
  const suggestion =
    matches.length === 0
      ? ''
      : `Did you mean one of these instead?\n${matches.map((match) => `    ${match}`).join('\n')}`;
  throw new ProjectFault(
    'pipeline-unknown',
    `Failed to find the pipeline named '${name}'. It needs to be generated and returned by the 'register_pipelines' function. ${suggestion}`,
  );
}

function isFiltered(filter: PipelineFilter): boolean {
  return [
    filter.tags,
    filter.fromNodes,
    filter.toNodes,
    filter.nodeNames,
    filter.fromInputs,
    filter.toOutputs,
    filter.namespaces,
  ].some((names) => names !== null && names !== undefined && names.length > 0);
}

/**
 * The named pipelines together, filtered. Throws `ProjectFault` (`pipeline-unknown`), and
 * `PipelineError` when they cannot stand together or no node is left.
 */
export function selectPipeline(
  registered: RegisteredPipelines,
  names: readonly string[],
  filter: PipelineFilter,
): Pipeline {
  const [first, ...others] = names.map((name) => find(registered, name));
  const all = first === undefined || others.length > 0 ? undefined : first;
  const joined = all ?? Pipeline.sum(names.map((name) => find(registered, name)));
  return isFiltered(filter) || joined.nodes.length === 0 ? joined.filter(filter) : joined;
}

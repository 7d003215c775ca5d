import { createConfigResolver } from '../catalog/config-resolver.ts';
import { isPattern } from '../catalog/dataset-pattern.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { isNameMap } from '../pipeline/value-type.ts';
import type { FunctionSource, ProjectDefinition } from './define-project.ts';
import type { Config } from './kept-config.ts';
import { redactUrlCredentials } from '../redact/redact-url-credentials.ts';
import type { RegisteredPipelines } from './registered-pipelines.ts';

type FindSource = NonNullable<ProjectDefinition['settings']>['findSource'];

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted(compareCodePoints);
}

function describeNode(node: Node, findSource: FindSource) {
  const source: FunctionSource | null = findSource?.(node.func) ?? null;
  const { name, funcName, namespace, inputs, outputs } = node;
  return { name, funcName, namespace, tags: sorted(node.tags), inputs, outputs, source };
}

function describePipeline(name: string, pipeline: Pipeline, findSource: FindSource) {
  return {
    name,
    nodes: pipeline.nodes.map((node) => describeNode(node, findSource)),
    inputs: sorted(pipeline.inputs()),
    outputs: sorted(pipeline.outputs()),
  };
}

/** Only what is shown of an entry: credentials are not looked up for a description. */
function shownEntries(catalog: Config): Record<string, Config> {
  const shown = Object.entries(catalog).flatMap(([name, entry]) => {
    if (name.startsWith('_') || !isNameMap(entry)) return [];
    const { type = '', filepath = null } = entry;
    return [[name, { type, filepath }] as const];
  });
  return Object.fromEntries(shown);
}

function describeDataset(name: string, { type, filepath }: Config) {
  const path = typeof filepath === 'string' && filepath !== '' ? filepath : null;
  return {
    name,
    type: typeof type === 'string' ? type : String(type),
    filepath: path === null ? null : redactUrlCredentials(path),
  };
}

/** Entries as they stand, then those that factories make for the names that pipelines use. */
function describeDatasets(catalog: Config, pipelines: RegisteredPipelines) {
  const resolver = createConfigResolver(shownEntries(catalog));
  const described = new Map(
    Array.from(resolver.entries, ([name, entry]) => [name, describeDataset(name, entry)]),
  );
  if (!Object.keys(catalog).some((name) => isPattern(name))) return Object.fromEntries(described);
  for (const pipeline of pipelines.values()) {
    for (const name of pipeline.datasets()) {
      if (described.has(name)) continue;
      const pattern = resolver.matchPattern(name) ?? resolver.matchCatchAll(name);
      if (pattern !== undefined) described.set(name, describeDataset(name, resolver.resolve(name)));
    }
  }
  return Object.fromEntries(described);
}

/** Describes a project as Kedro's inspection does. */
export function buildSnapshot(
  definition: ProjectDefinition,
  kedroVersion: string,
  pipelines: RegisteredPipelines,
  catalog: Config,
  parameters: Config,
) {
  const { projectName, packageName, settings } = definition;
  return {
    metadata: { projectName, packageName, kedroVersion },
    pipelines: Array.from(pipelines, ([name, pipeline]) =>
      describePipeline(name, pipeline, settings?.findSource),
    ),
    datasets: describeDatasets(catalog, pipelines),
    parameters: sorted(Object.keys(parameters)),
  };
}

export type Snapshot = ReturnType<typeof buildSnapshot>;

import type { PipelineSnapshot, ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { PipelineDetail, PipelineList } from './pipeline-resource.ts';

/** Families of datasets whose data is a table: in JSON a list of records. */
const tables =
  /(?:^|\.)(?:pandas|polars|geopandas|dask|spark|ibis|snowflake|duckdb|csv|parquet)\.|(?:CSV|Parquet|Excel|Feather|ORC|SQLTable|SQLQuery)Dataset$/u;

const tableSchema = { type: 'array', items: { type: 'object' } };
const textSchema = { type: 'string' };

/** Lists a project's pipelines; `pipelinesPath` is where the list is. */
export function toPipelineList(
  { pipelines }: ProjectSnapshot,
  pipelinesPath: string,
): PipelineList {
  return {
    data: pipelines.map((pipeline) => ({
      name: pipeline.name,
      nodes: pipeline.nodes.length,
      inputs: pipeline.inputs.filter((name) => !isParameter(name)),
      outputs: [...pipeline.outputs],
      parameters: pipeline.inputs.filter(isParameter),
      tags: [...new Set(pipeline.nodes.flatMap(({ tags }) => tags))].toSorted(),
      link: `${pipelinesPath}/${encodeURIComponent(pipeline.name)}`,
    })),
  };
}

/** Describes one of a project's pipelines. */
export function toPipelineDetail(
  snapshot: ProjectSnapshot,
  { name, nodes, inputs, outputs }: PipelineSnapshot,
): PipelineDetail {
  const describe = (dataset: string) => toDataset(snapshot, dataset);
  return {
    name,
    nodes: nodes.map((node) => ({
      name: node.name,
      func_name: node.funcName,
      namespace: node.namespace,
      tags: [...node.tags],
      inputs: [...node.inputs],
      outputs: [...node.outputs],
    })),
    edges: toEdges(nodes),
    inputs: inputs.filter((each) => !isParameter(each)).map(describe),
    outputs: outputs.map(describe),
    parameters: inputs.filter(isParameter).map(describe),
  };
}

function isParameter(name: string): boolean {
  return name === 'parameters' || name.startsWith('params:');
}

function toEdges(nodes: PipelineSnapshot['nodes']): PipelineDetail['edges'] {
  const makers = new Map<string, string>();
  for (const node of nodes) {
    for (const output of node.outputs) makers.set(withoutFormat(output), node.name);
  }
  return nodes.flatMap((node) =>
    [...new Set(node.inputs)].flatMap((dataset) => {
      const maker = makers.get(withoutFormat(dataset));
      return maker === undefined ? [] : [{ from: maker, to: node.name, dataset }];
    }),
  );
}

/** `ds` for both `ds` and `ds@csv`. */
function withoutFormat(dataset: string): string {
  return dataset.split('@', 1)[0] ?? dataset;
}

function toDataset({ datasets }: ProjectSnapshot, name: string) {
  const type = Object.hasOwn(datasets, name) ? (datasets[name]?.type ?? null) : null;
  return { name, type, json_schema: schemaOf(name, type) };
}

function schemaOf(name: string, type: string | null): Record<string, unknown> | null {
  if (name === 'parameters') return { type: 'object' };
  if (type === null) return null;
  if (/(?:^|\.)text\.|TextDataset$/u.test(type)) return textSchema;
  return tables.test(type) ? tableSchema : null;
}

import type {
  DatasetSnapshot,
  NodeSnapshot,
  PipelineSnapshot,
  ProjectSnapshot,
} from '../executor/project-snapshot.ts';
import type { ErrorDetail } from './error-detail.ts';
import type { SnapshotFailure, SnapshotSuccess } from './snapshot-response.ts';

/** Maps a snapshot to the wire; keys come in the order in which Kedro's server writes them. */
export function toSnapshotSuccess(snapshot: ProjectSnapshot): SnapshotSuccess {
  const { metadata, pipelines, datasets, parameters } = snapshot;
  return {
    status: 'success',
    metadata: {
      project_name: metadata.projectName,
      package_name: metadata.packageName,
      kedro_version: metadata.kedroVersion,
    },
    pipelines: pipelines.map(toPipeline),
    datasets: Object.fromEntries(
      Object.entries(datasets).map(([key, dataset]) => [key, toDataset(dataset)]),
    ),
    parameters: [...parameters],
  };
}

export function toSnapshotFailure(error: ErrorDetail): SnapshotFailure {
  return { status: 'failure', error };
}

function toPipeline({ name, nodes, inputs, outputs }: PipelineSnapshot) {
  return { name, nodes: nodes.map(toNode), inputs: [...inputs], outputs: [...outputs] };
}

function toNode({ name, funcName, namespace, tags, inputs, outputs, source }: NodeSnapshot) {
  return {
    name,
    func_name: funcName,
    namespace,
    tags: [...tags],
    inputs: [...inputs],
    outputs: [...outputs],
    source:
      source === null
        ? null
        : {
            filepath: source.filepath,
            line_start: source.lineStart,
            line_end: source.lineEnd,
          },
  };
}

function toDataset({ name, type, filepath }: DatasetSnapshot) {
  return { name, type, filepath };
}

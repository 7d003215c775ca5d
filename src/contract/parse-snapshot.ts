import type * as z from 'zod';
import { KedroServerError, SnapshotError } from '../errors.ts';
import type { NodeSnapshot, ProjectSnapshot } from '../executor/project-snapshot.ts';
import {
  type NodeSnapshot as NodeOnWire,
  SnapshotResponse,
  type SnapshotSuccess,
} from './snapshot-response.ts';

/**
 * Reads the body of `GET /snapshot`. Throws `SnapshotError` with what the project raised, and
 * `KedroServerError` (`protocol-violation`) for what is no such body.
 */
export function parseSnapshot(text: string): ProjectSnapshot {
  const parsed = SnapshotResponse.safeParse(parseOrNull(text));
  if (!parsed.success) {
    throw new KedroServerError('protocol-violation', 'The answer of GET /snapshot is no snapshot.');
  }
  if (parsed.data.status === 'success') return fromSnapshot(parsed.data);
  const { type, message } = parsed.data.error;
  throw new SnapshotError(type, message);
}

function fromSnapshot({ metadata, pipelines, datasets, parameters }: SnapshotSuccess) {
  return {
    metadata: {
      projectName: metadata.project_name,
      packageName: metadata.package_name,
      kedroVersion: metadata.kedro_version,
    },
    pipelines: pipelines.map(({ name, nodes, inputs = [], outputs = [] }) => {
      return { name, nodes: nodes.map(fromNode), inputs, outputs };
    }),
    datasets: Object.fromEntries(
      Object.entries(datasets).map(([key, { name, type, filepath = null }]) => {
        return [key, { name, type, filepath }];
      }),
    ),
    parameters,
  } satisfies ProjectSnapshot;
}

function fromNode(node: z.infer<typeof NodeOnWire>): NodeSnapshot {
  const { name, func_name: funcName, namespace = null } = node;
  const { tags = [], inputs = [], outputs = [], source = null } = node;
  return {
    name,
    funcName,
    namespace,
    tags,
    inputs,
    outputs,
    source:
      source === null
        ? null
        : {
            filepath: source.filepath,
            lineStart: source.line_start,
            lineEnd: source.line_end,
          },
  };
}

/** JSON, or null for what is none. */
export function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import * as z from 'zod';
import { ErrorDetail } from './error-detail.ts';

export const ProjectMetadataSnapshot = z
  .object({ project_name: z.string(), package_name: z.string(), kedro_version: z.string() })
  .meta({
    id: 'ProjectMetadataSnapshot',
    description: 'What `pyproject.toml` says of the project.',
  });

export const NodeSourceSnapshot = z
  .object({
    filepath: z.string(),
    line_start: z.number().meta({ type: 'integer' }),
    line_end: z.number().meta({ type: 'integer' }),
  })
  .meta({
    id: 'NodeSourceSnapshot',
    description: "Where a node's function is defined: a path in the project, and its lines from 1.",
  });

export const NodeSnapshot = z
  .object({
    name: z.string(),
    namespace: z.string().nullable().optional(),
    tags: z.array(z.string()).optional(),
    inputs: z.array(z.string()).optional(),
    outputs: z.array(z.string()).optional(),
    source: z.union([NodeSourceSnapshot, z.null()]).optional(),
    func_name: z.string(),
  })
  .meta({
    id: 'NodeSnapshot',
    description: 'A node of a pipeline. Its name holds its namespace; its tags are sorted.',
  });

export const PipelineSnapshot = z
  .object({
    name: z.string(),
    nodes: z.array(NodeSnapshot),
    inputs: z.array(z.string()).optional(),
    outputs: z.array(z.string()).optional(),
  })
  .meta({
    id: 'PipelineSnapshot',
    description:
      'A registered pipeline: nodes in the order in which they run, free inputs and final outputs sorted.',
  });

export const DatasetSnapshot = z
  .object({
    name: z.string(),
    // Kedro writes null where a catalog entry names no class, and documents a string.
    type: z.string().nullable().meta({ type: 'string' }),
    filepath: z.string().nullable().optional(),
  })
  .meta({ id: 'DatasetSnapshot', description: 'An entry of the catalog.' });

export const SnapshotSuccess = z
  .object({
    status: z.literal('success').meta({ description: 'Snapshot status.' }),
    metadata: ProjectMetadataSnapshot,
    pipelines: z.array(PipelineSnapshot).meta({ description: 'Registered pipeline snapshots.' }),
    datasets: z
      .record(z.string(), DatasetSnapshot)
      .meta({ description: 'Catalog dataset snapshots keyed by dataset name.' }),
    parameters: z
      .array(z.string())
      .meta({ description: 'Sorted list of top-level parameter keys.' }),
  })
  .meta({ id: 'SnapshotSuccess', description: 'The project as it is on disk now.' });

export type SnapshotSuccess = z.infer<typeof SnapshotSuccess>;

export const SnapshotFailure = z
  .object({
    status: z.literal('failure').meta({ description: 'Snapshot status.' }),
    error: ErrorDetail,
  })
  .meta({ id: 'SnapshotFailure', description: 'The project could not be described.' });

export type SnapshotFailure = z.infer<typeof SnapshotFailure>;

export const SnapshotResponse = z.discriminatedUnion('status', [SnapshotSuccess, SnapshotFailure]);

export type SnapshotResponse = z.infer<typeof SnapshotResponse>;

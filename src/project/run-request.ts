import type { PipelineFilter } from '../pipeline/filter-nodes.ts';

/** What is to be run; a run order is one. */
export interface RunRequest extends PipelineFilter {
  /** Versioned datasets are saved under it. */
  readonly runId: string;
  /** Joined, then filtered; none is `__default__`. */
  readonly pipelineNames?: readonly string[] | null;
  readonly loadVersions?: Readonly<Record<string, string>> | null;
  readonly runner?: string | null;
  readonly isAsync?: boolean;
  readonly onlyMissingOutputs?: boolean;
  /** JSON text of the runtime parameters, an object. */
  readonly paramsJson?: string | null;
}

import type { PipelineFilter } from '../pipeline/filter-nodes.ts';

/** `table`: a list of objects; `array`: lists of numbers, nested or not. */
export type InputKind = 'json' | 'table' | 'array';

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
  /** JSON text of an object: this run's own data, by dataset. */
  readonly inputsJson?: string | null;
  /** What the data has to be; `json` where it is not said. */
  readonly inputKinds?: Readonly<Record<string, InputKind>> | null;
  /** Datasets whose data is told. */
  readonly outputs?: readonly string[] | null;
  /** W3C trace context that the run belongs to. */
  readonly traceparent?: string | null;
  /** The caller's own name for its request. */
  readonly requestId?: string | null;
}

/** Names of the pipelines that are joined. */
export function pipelineNamesOf({
  pipelineNames,
}: Pick<RunRequest, 'pipelineNames'>): readonly string[] {
  const isNamed = pipelineNames !== null && pipelineNames !== undefined;
  return isNamed && pipelineNames.length > 0 ? pipelineNames : ['__default__'];
}

/** A read-only description of a project, as Kedro's own inspection gives it. */
export interface ProjectSnapshot {
  readonly metadata: ProjectMetadata;
  /** In the order of the registry. */
  readonly pipelines: readonly PipelineSnapshot[];
  readonly datasets: Readonly<Record<string, DatasetSnapshot>>;
  /** Top-level parameter keys, sorted. */
  readonly parameters: readonly string[];
}

export interface ProjectMetadata {
  readonly projectName: string;
  readonly packageName: string;
  /** Version of Kedro that the project was made with, from its `pyproject.toml`. */
  readonly kedroVersion: string;
}

export interface PipelineSnapshot {
  readonly name: string;
  /** In execution order. */
  readonly nodes: readonly NodeSnapshot[];
  /** Free inputs, sorted. */
  readonly inputs: readonly string[];
  /** Final outputs, sorted. */
  readonly outputs: readonly string[];
}

export interface NodeSnapshot {
  readonly name: string;
  readonly funcName: string;
  readonly namespace: string | null;
  readonly tags: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Null for lambdas, partials, builtins and files outside the project. */
  readonly source: NodeSource | null;
}

export interface NodeSource {
  /** Relative to the project, with forward slashes. */
  readonly filepath: string;
  /** 1-based, inclusive. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

export interface DatasetSnapshot {
  readonly name: string;
  /** The class as the catalog names it, e.g. `pandas.CSVDataset`; null where it names none. */
  readonly type: string | null;
  readonly filepath: string | null;
}

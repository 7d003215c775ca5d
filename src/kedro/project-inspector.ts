import { ProjectError, SnapshotError } from '../errors.ts';
import type { ClaimingOrder, UsedDatasets } from '../executor/dataset-claims.ts';
import type { SnapshotOptions } from '../executor/executor.ts';
import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import { fingerprintFolder } from './folder-fingerprint.ts';
import type { SnapshotAnswer, WireSnapshot } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';
import type { Worker } from './worker.ts';

/** Takes snapshots in a worker of its own, so that they never wait behind a run. */
export interface ProjectInspector {
  snapshot(options: SnapshotOptions): Promise<ProjectSnapshot>;
  /** Finds what a run would read and write. Throws `ProjectError`. */
  used(order: ClaimingOrder): Promise<FoundUse>;
  /** Describes the project by `worker`, then by others of `supervisor`, from now on. */
  adopt(supervisor: Supervisor, worker: Worker): void;
  close(): void;
}

export interface FoundUse {
  readonly used: UsedDatasets;
  readonly dependsOnParams: boolean;
  /** Whether it would be found again. */
  isCurrent(): boolean;
}

interface Kept {
  readonly folder: string;
  readonly fingerprint: string;
  readonly snapshot: ProjectSnapshot;
}

const keptSnapshots = 32;

/**
 * Creates an inspector that answers from what it has kept while the configuration's files are the same. `settled`
 * resolves when what is being loaded is there, for when a worker has died with its supervisor.
 */
export function createProjectInspector(settled: () => Promise<void>): ProjectInspector {
  const kept = new Map<string | null, Kept>();
  let supervisor: Supervisor | null = null;
  let worker: Worker | null = null;
  let configuration: string | null = null;
  let adopted = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const employ = (hired: Worker): Worker => {
    worker = hired;
    void hired.ended.then(() => {
      if (worker === hired) worker = null;
    });
    return hired;
  };

  const hire = async (): Promise<Worker> => {
    if (supervisor === null) throw new SnapshotError('ServerError', 'The project is not open.');
    const hired = worker ?? employ(supervisor.startWorker());
    await hired.ready;
    return hired;
  };

  /** A worker that is replaced, or dies while it only idles, is no reason to give no answer. */
  const inquire = async <T>(question: (worker: Worker) => Promise<T>): Promise<T> => {
    const attempt = async (): Promise<T> => question(await hire());
    return attempt().catch(async () => settled().then(attempt));
  };

  const findUse = async (order: ClaimingOrder): Promise<FoundUse> => {
    const fingerprint = configuration === null ? null : fingerprintFolder(configuration);
    const code = adopted;
    const answer = await inquire((each) => each.used(order));
    const folder = answer.kept ?? null;
    configuration = folder;
    const { used, error } = answer;
    if (used === undefined) {
      const { type, message } = error ?? {
        type: 'ServerError',
        message: 'The worker told nothing.',
      };
      throw new ProjectError(type, message, error?.traceback ?? '');
    }
    const isCurrent = (): boolean =>
      folder !== null &&
      fingerprint !== null &&
      code === adopted &&
      fingerprintFolder(folder) === fingerprint;
    return { used, dependsOnParams: used.dependsOnParams, isCurrent };
  };

  const ask = async (params: string | null): Promise<ProjectSnapshot> => {
    const fingerprint = configuration === null ? null : fingerprintFolder(configuration);
    const code = adopted;
    const answer = await inquire((each) => each.snapshot(params)).catch(refuseDeath);
    if (answer.snapshot === undefined) {
      const error = answer.error ?? {
        type: 'ServerError',
        message: 'The worker gave no snapshot.',
      };
      throw new SnapshotError(error.type, error.message);
    }
    const snapshot = toProjectSnapshot(answer.snapshot);
    configuration = answer.kept ?? null;
    if (configuration !== null && fingerprint !== null && code === adopted) {
      kept.delete(params);
      kept.set(params, { folder: configuration, fingerprint, snapshot });
      if (kept.size > keptSnapshots) kept.delete(kept.keys().next().value ?? null);
    }
    return snapshot;
  };

  const recall = (params: string | null): ProjectSnapshot | null => {
    const found = kept.get(params);
    return found !== undefined && fingerprintFolder(found.folder) === found.fingerprint
      ? found.snapshot
      : null;
  };

  return {
    async snapshot({ params }) {
      const found = recall(params);
      if (found !== null) return found;
      // One at a time, and whoever waited may find what it wants.
      const mine = turn.then(() => recall(params) ?? ask(params));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async used(order) {
      const mine = turn.then(async () => findUse(order));
      turn = mine.catch(() => undefined);
      return mine;
    },
    adopt(next, first) {
      supervisor = next;
      adopted += 1;
      kept.clear();
      worker?.retire();
      employ(first);
    },
    close() {
      worker?.retire();
      worker = null;
      supervisor = null;
    },
  };
}

function refuseDeath(reason: unknown): SnapshotAnswer {
  if (reason instanceof SnapshotError) throw reason;
  if (reason instanceof ProjectError) {
    throw new SnapshotError(reason.type, reason.message, { cause: reason });
  }
  throw new SnapshotError(
    'WorkerCrashed',
    'The worker that describes the project ended; try again.',
  );
}

/** What stands in a catalog where a text belongs need not be one. */
function toText(value: unknown): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

function toProjectSnapshot(wire: WireSnapshot): ProjectSnapshot {
  return {
    metadata: {
      projectName: wire.metadata.project_name,
      packageName: wire.metadata.package_name,
      kedroVersion: wire.metadata.kedro_version,
    },
    pipelines: wire.pipelines.map((pipeline) => ({
      ...pipeline,
      nodes: pipeline.nodes.map(({ func_name, source, ...node }) => ({
        ...node,
        funcName: func_name,
        source:
          source === null
            ? null
            : {
                filepath: source.filepath,
                lineStart: source.line_start,
                lineEnd: source.line_end,
              },
      })),
    })),
    datasets: Object.fromEntries(
      Object.entries(wire.datasets).map(([name, { type, filepath }]) => [
        name,
        { name, type: toText(type), filepath: toText(filepath) },
      ]),
    ),
    parameters: wire.parameters,
  };
}

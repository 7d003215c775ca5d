import { ProblemError } from '../client/problem-error.ts';
import type { Sender } from '../client/sender.ts';
import { parseCapacity, parseKedroVersion } from '../contract/parse-answer.ts';
import { parseSnapshot } from '../contract/parse-snapshot.ts';
import { ProjectError, RemoteError, SnapshotError } from '../errors.ts';
import type { ProjectInfo } from './executor.ts';
import type { ProjectSnapshot } from './project-snapshot.ts';
import { toRemoteError } from './remote-link.ts';

/** `kedro`: Kedro's own server, with three routes and no isolation of runs. */
export type RemoteKind = 'kedro-server' | 'kedro';

export interface RemoteProject {
  readonly kind: RemoteKind;
  readonly info: ProjectInfo;
  /** Runs that the server runs at once; null where it does not say. */
  readonly capacity: number | null;
}

/** Reads what a server says of its project. */
export interface ProjectReader {
  /** Finds out what is served, and of what kind the server is. Throws `KedroServerError`. */
  open(): Promise<RemoteProject>;
  /** Whether the server takes a run now; see `GET /readyz`. */
  isReady(kind: RemoteKind): Promise<boolean>;
  /** Throws `SnapshotError` and `RemoteError`. */
  snapshot(params: string | null): Promise<ProjectSnapshot>;
  /** The snapshot that was read last; null when none was. */
  lastSnapshot(params: string | null): ProjectSnapshot | null;
}

interface KeptSnapshot {
  readonly etag: string | null;
  readonly text: string;
  readonly snapshot: ProjectSnapshot;
}

/** Reads are tried again this long: a connection that was kept open may just have been closed. */
const retryForMs = 500;
const mostKept = 16;

export function createProjectReader(link: Sender, answerWithinMs: number): ProjectReader {
  const { base } = link;
  const call = { retryForMs, answerWithinMs };
  const kept = new Map<string | null, KeptSnapshot>();

  async function read<T>(path: string, parse: (text: string) => T | null): Promise<T> {
    const { text } = await link.send(path, call);
    const value = parse(text);
    if (value !== null) return value;
    throw new RemoteError(
      'remote-refused',
      `${base} is no server of pipelines: it answered GET ${path} with something else. Check the address.`,
    );
  }

  /** Kedro's own server has no `/readyz`. */
  async function detect(): Promise<Pick<RemoteProject, 'kind' | 'capacity'>> {
    try {
      return { kind: 'kedro-server', capacity: await read('/readyz', parseCapacity) };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.status === 404) return { kind: 'kedro', capacity: null };
      if (error.code === 'queue-full') return { kind: 'kedro-server', capacity: null };
      if (error.code !== 'project-broken') throw error;
      // It says why, in the project's own words.
      await snapshot(null);
      return { kind: 'kedro-server', capacity: null };
    }
  }

  async function snapshot(params: string | null): Promise<ProjectSnapshot> {
    const query = params === null ? '' : `?params=${encodeURIComponent(params)}`;
    const known = kept.get(params);
    const etag = known?.etag ?? null;
    const headers: Record<string, string> = etag === null ? {} : { 'if-none-match': etag };
    const answer = await link.send(`/snapshot${query}`, { ...call, headers });
    if (answer.status === 304 && known !== undefined) return known.snapshot;
    const { text } = answer;
    const latest = kept.get(params);
    if (latest?.text === text) return latest.snapshot;
    const made = parseSnapshot(text);
    kept.delete(params);
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? null);
    kept.set(params, { etag: answer.headers.get('etag'), text, snapshot: made });
    return made;
  }

  async function describe(): Promise<RemoteProject> {
    const { kind, capacity } = await detect();
    const kedroVersion = await read('/health', parseKedroVersion);
    const names = await snapshot(null).then(
      ({ metadata }) => metadata,
      (error: unknown) => {
        // A project may need parameters of a run to be described.
        if (!(error instanceof SnapshotError)) throw error;
        return { projectName: new URL(base).host, packageName: '' };
      },
    );
    const { projectName, packageName } = names;
    return { kind, capacity, info: { projectName, packageName, kedroVersion, runners: null } };
  }

  return {
    open: async () => {
      try {
        return await describe();
      } catch (error) {
        if (error instanceof SnapshotError) {
          throw new ProjectError(error.type, error.message, '', { cause: error });
        }
        throw toRemoteError(base, error);
      }
    },
    isReady: async (kind) => {
      const path = kind === 'kedro' ? '/health' : '/readyz';
      return link.send(path, { ...call, retryForMs: 0 }).then(
        () => true,
        () => false,
      );
    },
    snapshot: async (params) => {
      try {
        return await snapshot(params);
      } catch (error) {
        throw toRemoteError(base, error);
      }
    },
    lastSnapshot: (params) => kept.get(params)?.snapshot ?? null,
  };
}

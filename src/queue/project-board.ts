import type { ProjectInfo } from '../executor/executor.ts';
import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { RedisLink } from './redis-link.ts';

/** A worker, as it tells of itself. */
export interface WorkerNote {
  readonly name: string;
  /** Runs that it works on at once. */
  readonly concurrency: number;
  readonly startedAtMs: number;
}

/** A snapshot and its version, which is another whenever the snapshot is. */
export interface VersionedSnapshot {
  readonly version: string;
  readonly snapshot: ProjectSnapshot;
}

/** How long a worker counts as there that has not told so again. */
const workerLifeMs = 10_000;
/** The same of a server; longer, since a Redis that was away is no reason to drop what it waits for. */
const serverLifeMs = 45_000;
const attendedMs = 24 * 60 * 60 * 1000;
const anybody = '*';

/**
 * What workers and servers tell of themselves and of the project, in Redis. All of it can be told
 * again: nothing of a run hangs on it but whether its caller is there.
 */
export class ProjectBoard {
  readonly #redis: RedisLink;
  readonly #prefix: string;

  constructor(redis: RedisLink, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  #key(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }

  async noteWorker(id: string, note: WorkerNote): Promise<void> {
    await this.#redis.pipeline([
      ['set', this.#key('worker', id), JSON.stringify(note), 'PX', workerLifeMs],
      ['sadd', this.#key('workers'), id],
    ]);
  }

  async removeWorker(id: string): Promise<void> {
    await this.#redis.pipeline([
      ['del', this.#key('worker', id)],
      ['srem', this.#key('workers'), id],
    ]);
  }

  /** The workers that are there. */
  async workers(): Promise<readonly WorkerNote[]> {
    return this.#redis.call(async (redis) => {
      const ids = await redis.smembers(this.#key('workers'));
      if (ids.length === 0) return [];
      const notes = await redis.mget(ids.map((id) => this.#key('worker', id)));
      const gone = ids.filter((_, index) => notes[index] === null);
      if (gone.length > 0) await redis.srem(this.#key('workers'), gone);
      return notes.flatMap((note) => (note === null ? [] : [workerNotes.parse(note)]));
    });
  }

  async noteServer(id: string): Promise<void> {
    await this.#redis.pipeline([['set', this.#key('server', id), '1', 'PX', serverLifeMs]]);
  }

  async removeServer(id: string): Promise<void> {
    await this.#redis.pipeline([['del', this.#key('server', id)]]);
  }

  /** Notes that a caller of this server waits for a run. */
  async attend(runId: string, serverId: string): Promise<void> {
    await this.#redis.pipeline([['set', this.#key('for', runId), serverId, 'PX', attendedMs]]);
  }

  /** Notes that a run's caller knows of it, and waits no more. */
  async leaveAlone(runId: string): Promise<void> {
    await this.#redis.pipeline([['set', this.#key('for', runId), anybody, 'PX', attendedMs]]);
  }

  /** Whether a run's caller waited for its end, and is gone with its server. */
  async isForNobody(runId: string): Promise<boolean> {
    return this.#redis.call(async (redis) => {
      const server = await redis.get(this.#key('for', runId));
      if (server === null || server === anybody) return server === null;
      return (await redis.exists(this.#key('server', server))) === 0;
    });
  }

  async writeInfo(info: ProjectInfo): Promise<void> {
    await this.#redis.pipeline([['set', this.#key('info'), JSON.stringify(info)]]);
  }

  /** Null when no worker has ever been there. */
  async readInfo(): Promise<ProjectInfo | null> {
    const text = await this.#redis.call((redis) => redis.get(this.#key('info')));
    return text === null ? null : infos.parse(text);
  }

  async writeSnapshot({ version, snapshot }: VersionedSnapshot): Promise<void> {
    const json = JSON.stringify(snapshot);
    await this.#redis.pipeline([['hset', this.#key('snapshot'), 'version', version, 'json', json]]);
  }

  async snapshotVersion(): Promise<string | null> {
    return this.#redis.call((redis) => redis.hget(this.#key('snapshot'), 'version'));
  }

  /** What was written last; null when nothing was. */
  async readSnapshot(): Promise<VersionedSnapshot | null> {
    const key = this.#key('snapshot');
    const [version, json] = await this.#redis.call((redis) => redis.hmget(key, 'version', 'json'));
    if (typeof version !== 'string' || typeof json !== 'string') return null;
    return { version, snapshot: snapshots.parse(json) };
  }
}

interface NoteReader<Note> {
  parse(text: string): Note;
}

/** What was written here as JSON is read as what it was. */
const workerNotes: NoteReader<WorkerNote> = JSON;
const infos: NoteReader<ProjectInfo> = JSON;
const snapshots: NoteReader<ProjectSnapshot> = JSON;

import type { Redis } from 'ioredis';

import { runStatuses } from '../run/run-record.ts';
import { createRedisClient, type RedisConnection } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import { listOf, toStopWish } from './redis-reply.ts';
import type { RunChange } from './shared-run-store.ts';

type OnChange = (change: RunChange) => void;

const lookAgainMs = 500;
const runsAtOnce = 500;

/**
 * Tells of changes. Redis sends a message for each, on one connection, with nothing in it but which
 * run is to be looked at: what is told is what is read then. Whenever that connection has been made
 * again, everything is looked at again, so that it does not matter which messages were lost.
 */
export class RedisRunWatch {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #createSubscriber: () => Redis;
  #subscriber: Redis | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  readonly #runs = new Map<string, Set<OnChange>>();
  readonly #turns = new Set<() => void>();
  readonly #toLookAt = new Set<string>();
  #isLooking = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(link: RedisLink, connection: RedisConnection, prefix: string, timeoutMs: number) {
    this.#link = link;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
    this.#createSubscriber = () => createRedisClient(connection, timeoutMs);
  }

  run(runId: string, onChange: OnChange): () => void {
    const all = this.#runs.get(runId) ?? new Set();
    const isFirst = all.size === 0;
    this.#runs.set(runId, all);
    // The same function may watch twice.
    const own: OnChange = (change) => onChange(change);
    all.add(own);
    if (isFirst) this.#subscribe([this.#channelOf(runId)]);
    else this.#look([runId]);
    return () => {
      if (!all.delete(own) || all.size > 0 || this.#runs.get(runId) !== all) return;
      this.#runs.delete(runId);
      this.#unsubscribe(this.#channelOf(runId));
    };
  }

  turns(onTurn: () => void): () => void {
    const own = (): void => onTurn();
    this.#turns.add(own);
    if (this.#turns.size === 1) this.#subscribe([this.#turnChannel]);
    else onTurn();
    return () => {
      if (this.#turns.delete(own) && this.#turns.size === 0) this.#unsubscribe(this.#turnChannel);
    };
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    this.#subscriber?.disconnect();
    this.#runs.clear();
    this.#turns.clear();
  }

  get #turnChannel(): string {
    return `${this.#prefix}:turns`;
  }

  #channelOf(runId: string): string {
    return `${this.#prefix}:changed:${runId}`;
  }

  #connect(): Redis {
    if (this.#subscriber !== null) return this.#subscriber;
    const subscriber = this.#createSubscriber();
    this.#subscriber = subscriber;
    subscriber.on('ready', () => {
      const channels = [...this.#runs.keys()].map((id) => this.#channelOf(id));
      if (this.#turns.size > 0) channels.push(this.#turnChannel);
      this.#subscribe(channels);
    });
    subscriber.on('message', (channel: string) => this.#hear([channel]));
    // It is made again; what it has missed is looked at then.
    subscriber.on('error', () => undefined);
    // A connection that has died without a word is found out by what it does not answer.
    this.#heartbeat = setInterval(() => {
      if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined);
    }, this.#timeoutMs);
    subscriber.connect().catch(() => undefined);
    return subscriber;
  }

  #subscribe(channels: readonly string[]): void {
    if (this.#isClosed) return;
    const subscriber = this.#connect();
    if (channels.length === 0 || subscriber.status !== 'ready') return;
    subscriber.subscribe(...channels).then(
      () => this.#hear(channels),
      // The connection is lost: all channels come again with the next one.
      () => undefined,
    );
  }

  #unsubscribe(channel: string): void {
    if (this.#isClosed || this.#subscriber?.status !== 'ready') return;
    this.#subscriber.unsubscribe(channel).catch(() => undefined);
  }

  #hear(channels: readonly string[]): void {
    const start = this.#channelOf('');
    const runIds: string[] = [];
    for (const channel of channels) {
      if (channel.startsWith(start)) runIds.push(channel.slice(start.length));
      else for (const onTurn of this.#turns) onTurn();
    }
    this.#look(runIds);
  }

  #look(runIds: readonly string[]): void {
    for (const runId of runIds) this.#toLookAt.add(runId);
    if (!this.#isLooking) void this.#lookNow();
  }

  /** Looks at all that is to be looked at: what changes meanwhile is looked at once more. */
  async #lookNow(): Promise<void> {
    this.#isLooking = true;
    clearTimeout(this.#retry);
    while (this.#toLookAt.size > 0 && !this.#isClosed) {
      const runIds = [...this.#toLookAt].slice(0, runsAtOnce);
      for (const runId of runIds) this.#toLookAt.delete(runId);
      const changes = await this.#read(runIds).catch(() => null);
      if (changes === null) {
        for (const runId of runIds) this.#toLookAt.add(runId);
        if (!this.#isClosed) this.#retry = setTimeout(() => void this.#lookNow(), lookAgainMs);
        break;
      }
      for (const change of changes) {
        for (const onChange of this.#runs.get(change.runId) ?? []) onChange(change);
      }
    }
    this.#isLooking = false;
  }

  async #read(runIds: readonly string[]): Promise<readonly RunChange[]> {
    const replies = await this.#link.pipeline(
      runIds.map((id) => ['hmget', `${this.#prefix}:run:${id}`, 'status', 'last', 'stop']),
    );
    return replies.map((reply, index) => {
      const [status, last, stop] = listOf(reply);
      return {
        runId: runIds[index] ?? '',
        status: runStatuses.find((one) => one === status) ?? null,
        lastEventId: Number(last ?? 0),
        stopWish: toStopWish(stop),
      };
    });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { CliProcess } from '../test/cli/cli-process.ts';
import { startFaultProxy, type FaultProxy } from '../test/fault-proxy.ts';
import { descendantsOf } from '../test/kedro/process-tree.ts';
import { serve } from './serve.ts';
import { isAlive } from './processes.ts';

const nowhere = 'http://127.0.0.1:1';
const stopWithinMs = 30_000;

export interface LifeServerOptions {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A server that is killed and started again on the same store, behind an address that stays. */
export class LifeServer implements AsyncDisposable {
  readonly #options: LifeServerOptions;
  #process: CliProcess | null = null;
  #proxy: FaultProxy | null = null;
  #url = nowhere;
  readonly #goings: Promise<void>[] = [];
  /** What was not as it should be when it started or ended. */
  readonly complaints: string[] = [];
  kills = 0;
  /** How long the processes of a killed server lived on, at most. */
  longestGoingMs = 0;

  constructor(options: LifeServerOptions) {
    this.#options = options;
  }

  /** Where clients call it, whether or not it is there. */
  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  get proxy(): FaultProxy {
    if (this.#proxy === null) throw new Error('The server has not been started.');
    return this.#proxy;
  }

  get pid(): number {
    if (this.#process === null) throw new Error('The server is down.');
    return this.#process.pid;
  }

  /** Processes that belong to it, without itself. */
  get workers(): readonly number[] {
    return this.#process === null ? [] : descendantsOf(this.#process.pid);
  }

  async start(): Promise<void> {
    this.#proxy ??= await startFaultProxy(() => this.#url);
    const { folder, args, env } = this.#options;
    this.#process = await serve(folder, args, env);
    this.#url = await this.#process.url;
    const server = this.#process;
    void server.ended.then((end) => {
      if (this.#process !== server) return;
      this.complaints.push(`the server ended by itself: ${JSON.stringify(end).slice(-2000)}`);
    });
  }

  async kill(downMs: number): Promise<void> {
    const { workers } = this;
    const server = this.#leave();
    server.kill('SIGKILL');
    await server.ended;
    this.kills += 1;
    this.#goings.push(this.#watchGoing(workers));
    await delay(downMs);
    await this.start();
  }

  /** Ends it by SIGTERM, and gives up patience after `patienceMs` when that is given. */
  async end(patienceMs: number | null): Promise<void> {
    const { workers } = this;
    const server = this.#leave();
    server.kill('SIGTERM');
    const late = await Promise.race([
      server.ended.then(() => false),
      delay(patienceMs ?? stopWithinMs, true),
    ]);
    if (late) {
      if (patienceMs === null) this.complaints.push(`SIGTERM did not end it in ${stopWithinMs} ms`);
      server.kill('SIGKILL');
      this.kills += 1;
    }
    const { exitCode, signal, stderr } = await server.ended;
    if (!late && exitCode !== 0) {
      this.complaints.push(`SIGTERM ended it with ${exitCode ?? signal}: ${stderr.slice(-2000)}`);
    }
    this.#goings.push(this.#watchGoing(workers));
  }

  /** Resolves once everything that belonged to servers that have ended is gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#goings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#process;
    this.#process = null;
    await server?.[Symbol.asyncDispose]();
    await this.#proxy?.[Symbol.asyncDispose]();
  }

  #leave(): CliProcess {
    const server = this.#process;
    if (server === null) throw new Error('The server is down.');
    this.#process = null;
    this.#url = nowhere;
    return server;
  }

  async #watchGoing(pids: readonly number[]): Promise<void> {
    const startedAt = performance.now();
    const passed = () => performance.now() - startedAt;
    while (pids.some(isAlive)) {
      if (passed() > stopWithinMs) {
        this.complaints.push(`processes ${pids.filter(isAlive).join(', ')} outlived their server`);
        return;
      }
      await delay(10);
    }
    this.longestGoingMs = Math.max(this.longestGoingMs, passed());
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { readEvents, type EventReading } from './event-reader.ts';
import type { LifeLedger, Wanted, What } from './life-ledger.ts';

/** A call that somebody makes. */
export type Call =
  | {
      readonly type: 'submit';
      readonly what: What;
      readonly milliseconds: number;
      readonly length: number;
      readonly hasKey: boolean;
      readonly waitS: number | null;
      readonly group: Group;
      readonly onConflict: 'queue' | 'reject' | 'cancel_running';
      readonly timeoutMs: number | null;
      readonly hasCallback: boolean;
      /** Whether its events are read from when it is known. */
      readonly isFollowed: boolean;
      readonly pauseMs: number;
    }
  | { readonly type: 'cancel' | 'replay' | 'look' | 'follow'; readonly run: number }
  | { readonly type: 'list' };

/** Runs of a group that may go on at once; `''` is none. */
const limits = { '': 0, one: 1, two: 2 };

export type Group = keyof typeof limits;

/** How often calls come, by how often they stand here. */
export function arbitraryCall(
  whats: readonly What[],
  groups: readonly Group[],
): fc.Arbitrary<Call> {
  const run = fc.nat(1_000_000);
  const submit = fc.record({
    type: fc.constant('submit' as const),
    what: fc.constantFrom(...whats),
    milliseconds: fc.constantFrom(0, 0, 20, 100, 400),
    length: fc.constantFrom(1, 2000),
    hasKey: fc.constantFrom(true, true, false),
    waitS: fc.constantFrom(null, null, 1, 30),
    group: fc.constantFrom(...groups),
    onConflict: fc.constantFrom('queue' as const, 'reject' as const, 'cancel_running' as const),
    timeoutMs: fc.constantFrom(null, null, null, 150),
    hasCallback: fc.boolean(),
    isFollowed: fc.boolean(),
    pauseMs: fc.nat(60),
  });
  const others = fc.record({
    type: fc.constantFrom(
      'cancel' as const,
      'replay' as const,
      'look' as const,
      'look' as const,
      'follow' as const,
    ),
    run,
  });
  return fc.oneof(
    { arbitrary: submit, weight: 5 },
    { arbitrary: others, weight: 4 },
    { arbitrary: fc.record({ type: fc.constant('list' as const) }), weight: 1 },
  );
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface LifeClientsOptions {
  readonly url: () => string;
  readonly ledger: LifeLedger;
  readonly world: string;
  readonly capacity: number;
  readonly callbackUrl: string | null;
}

const patienceMs = 30_000;
/** Of a server that is full, busy with the same key, or cannot keep runs now. */
const passing: ReadonlySet<number> = new Set([429, 503]);

/** Those who call the server, come again when no answer comes, and follow their runs. */
export class LifeClients {
  readonly #options: LifeClientsOptions;
  readonly readings = new Map<Wanted, EventReading[]>();
  readonly #stop = new AbortController();
  #count = 0;

  constructor(options: LifeClientsOptions) {
    this.#options = options;
  }

  async make(call: Call): Promise<void> {
    if (call.type === 'submit') {
      await this.#submit(call);
      return;
    }
    if (call.type === 'list') {
      await this.#send('GET', '/runs?limit=20');
      return;
    }
    const { accepted } = this.#options.ledger;
    const wanted = accepted[call.run % Math.max(1, accepted.length)];
    if (wanted === undefined) return;
    switch (call.type) {
      case 'cancel':
        await this.#send('POST', `/runs/${wanted.id}/cancel`);
        return;
      case 'look':
        await this.look(wanted);
        return;
      case 'replay':
        if (wanted.hasKey) await this.#replay(wanted);
        return;
      case 'follow':
        this.#follow(wanted);
    }
  }

  /** Shows a run; null when no answer comes. */
  async look(wanted: Wanted): Promise<string | null> {
    const answer = await this.#send('GET', `/runs/${wanted.id}`);
    if (answer === null || passing.has(answer.status)) return null;
    const status = String(answer.body['status']);
    if (answer.status === 200) this.#options.ledger.see(wanted, status);
    else this.#complain(`run ${wanted.id} is answered with ${answer.status}`);
    return status;
  }

  /** Ends the readings that have not come to their end. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.readings.values()].flat().map(({ ended }) => ended));
  }

  #complain(text: string): void {
    this.#options.ledger.complaints.push(text);
  }

  async #submit(call: Extract<Call, { type: 'submit' }>): Promise<void> {
    await delay(call.pauseMs);
    const { ledger, world, capacity, callbackUrl } = this.#options;
    this.#count += 1;
    const tenant = `${world}-${this.#count}`;
    const { what, milliseconds, length, group, hasKey, onConflict, timeoutMs } = call;
    const limit = limits[group];
    const hasCallback = call.hasCallback && callbackUrl !== null;
    const body = {
      params: { tenant, what, milliseconds, length, group, limit, capacity },
      labels: { tenant },
      ...(group !== '' && { concurrency: { key: group, limit, on_conflict: onConflict } }),
      ...(timeoutMs !== null && { timeout_ms: timeoutMs }),
      ...(hasCallback && { callback: { url: `${callbackUrl}/${tenant}` } }),
    };
    const hasTimeout = timeoutMs !== null;
    const wanted: Wanted = {
      tenant,
      what,
      body,
      hasKey,
      hasTimeout,
      hasCallback,
      id: null,
      seenStatus: null,
    };
    ledger.wanted.push(wanted);
    await this.#ask(wanted, call.waitS);
    if (call.isFollowed && wanted.id !== null) this.#follow(wanted);
  }

  async #ask(wanted: Wanted, waitS: number | null): Promise<void> {
    const { ledger } = this.#options;
    const headers: Record<string, string> = {};
    if (wanted.hasKey) headers['idempotency-key'] = wanted.tenant;
    if (waitS !== null) headers['prefer'] = `wait=${waitS}`;
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      const answer = await this.#send('POST', '/runs', wanted.body, headers);
      if (answer !== null && [200, 202].includes(answer.status)) {
        ledger.accept(wanted, String(answer.body['id']));
        ledger.see(wanted, String(answer.body['status']));
        return;
      }
      const isRefused = answer?.body['code'] === 'concurrency-conflict';
      const mayComeAgain =
        answer === null ? wanted.hasKey : passing.has(answer.status) || isPending(answer);
      if (answer !== null && !isRefused && !mayComeAgain) {
        this.#complain(`${wanted.tenant} is answered ${JSON.stringify(answer)}`);
      }
      if (answer !== null) ledger.refusals += 1;
      if (!mayComeAgain || performance.now() > giveUpAt) return;
      await delay(100);
    }
  }

  async #replay(wanted: Wanted): Promise<void> {
    const headers = { 'idempotency-key': wanted.tenant };
    const answer = await this.#send('POST', '/runs', wanted.body, headers);
    if (answer === null || passing.has(answer.status) || isPending(answer)) return;
    const { ledger } = this.#options;
    ledger.replays += 1;
    if (![200, 202].includes(answer.status) || !answer.headers.has('idempotent-replayed')) {
      this.#complain(`${wanted.tenant}, sent again, is answered ${JSON.stringify(answer)}`);
      return;
    }
    ledger.accept(wanted, String(answer.body['id']));
  }

  #follow(wanted: Wanted): void {
    const reading = readEvents(
      `${this.#options.url()}/runs/${wanted.id}/events`,
      this.#stop.signal,
    );
    this.readings.set(wanted, [...(this.readings.get(wanted) ?? []), reading]);
  }

  /** Null when no answer came, whatever became of the request. */
  async #send(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer | null> {
    try {
      const response = await fetch(`${this.#options.url()}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      const answer: unknown = await response.json();
      if (response.status === 503 && !response.headers.has('retry-after')) {
        this.#complain(`${method} ${path} is answered 503 without Retry-After`);
      }
      if (response.status >= 500 && response.status !== 503) {
        this.#complain(
          `${method} ${path} is answered ${response.status}: ${JSON.stringify(answer)}`,
        );
      }
      return {
        status: response.status,
        headers: response.headers,
        body: answer as Record<string, unknown>,
      };
    } catch {
      return null;
    }
  }
}

function isPending({ body }: Answer): boolean {
  return body['code'] === 'key-pending';
}

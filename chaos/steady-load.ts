import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

export interface SteadyCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface SteadyLoad {
  readonly port: number;
  readonly perSecond: number;
  readonly durationMs: number;
  /** The call that is made, counted from 0. */
  readonly call: (number: number) => SteadyCall;
}

export interface SteadyAnswer {
  /** Milliseconds from the beginning of the load to when it was due. */
  readonly dueMs: number;
  /** Milliseconds from when it was due, whether or not it could be sent then, to its whole answer. */
  readonly tookMs: number;
  /** 0: no answer came. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/**
 * Makes calls at a steady rate, however long the answers take: those who come do not wait for
 * those who are there.
 */
export async function putSteadyLoad(load: SteadyLoad): Promise<readonly SteadyAnswer[]> {
  const agent = new Agent({ keepAlive: true });
  const everyMs = 1000 / load.perSecond;
  const count = Math.ceil(load.durationMs / everyMs);
  const startedAt = performance.now();
  const answers: Promise<SteadyAnswer>[] = [];
  while (answers.length < count) {
    const dueMs = answers.length * everyMs;
    const earlyMs = startedAt + dueMs - performance.now();
    if (earlyMs > 0) await delay(earlyMs);
    answers.push(answerOf(load, agent, answers.length, dueMs, startedAt));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

async function answerOf(
  { port, call }: SteadyLoad,
  agent: Agent,
  number: number,
  dueMs: number,
  startedAt: number,
): Promise<SteadyAnswer> {
  const { method, path, headers = {}, body } = call(number);
  const { promise, resolve } = Promise.withResolvers<SteadyAnswer>();
  const end = (status: number, retryAfter: string | null, answered: string): void =>
    resolve({
      dueMs,
      tookMs: performance.now() - startedAt - dueMs,
      status,
      retryAfter,
      body: answered,
    });
  const sent = request(
    {
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      headers: { 'content-type': 'application/json', ...headers },
    },
    (response) => {
      const { statusCode = 0, headers: answered } = response;
      text(response).then(
        (whole) => end(statusCode, answered['retry-after'] ?? null, whole),
        (error: unknown) => end(0, null, String(error)),
      );
    },
  );
  sent.on('error', (error) => end(0, null, String(error)));
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

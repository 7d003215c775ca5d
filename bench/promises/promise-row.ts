import type { CliProcess } from '../../test/cli/cli-process.ts';

/** Servers on copies of the project `faults-kedro`, which end with the row. */
export interface Servers {
  /** A copy of the project for ours, which outlives a server. */
  copy(): Promise<string>;
  ours(projectPath: string, args?: readonly string[]): Promise<OurServer>;
  kedro(): Promise<{ readonly url: string; readonly projectPath: string }>;
}

export interface OurServer {
  readonly url: string;
  readonly process: CliProcess;
}

/**
 * A row of the table of promises. Of Kedro's server only that is shown which it says of itself, or is
 * in its public issues; null where the row is of ours alone.
 */
export interface PromiseRow {
  readonly promise: string;
  /** What is tried, in words. */
  readonly tried: string;
  measure(servers: Servers): Promise<{ readonly kedro: string | null; readonly ours: string }>;
}

export function post(url: string, body: object | string, headers = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** What `/run` answers, with how long it took. */
export async function run(url: string, body: object | string) {
  const beganAt = performance.now();
  const response = await post(`${url}/run`, body);
  const text = await response.text();
  return {
    response,
    text,
    ms: Math.round(performance.now() - beganAt),
    ...(JSON.parse(text) as {
      readonly status?: string;
      readonly run_id?: string;
      readonly error?: { readonly type: string; readonly message: string };
    }),
  };
}

/** `3 × 200, 1 × 503`. */
export function count(values: readonly (string | number)[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([value, times]) => `${times} × ${value}`)
    .join(', ');
}

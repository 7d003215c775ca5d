/** A limit whose default stands in the code: as an option's or as a constant's. */
export interface Limit {
  /** The row of the table in `docs/operations.md`. */
  readonly what: string;
  readonly file: string;
  readonly name: string;
  readonly unit: 'bytes' | 'milliseconds' | 'seconds' | 'count';
}

function limit(what: string, file: string, name: string, unit: Limit['unit'] = 'count'): Limit {
  return { what, file: `src/${file}`, name, unit };
}

export const limits: readonly Limit[] = [
  limit('bytes of a body', 'http/create-http-server.ts', 'maxBodyBytes', 'bytes'),
  limit('time for a body to come', 'http/create-http-server.ts', 'bodyTimeoutMs', 'milliseconds'),
  limit('arrays and objects inside each other', 'contract/parse-python-json.ts', 'MAX_JSON_DEPTH'),
  limit('values in a body', 'contract/parse-python-json.ts', 'MAX_JSON_VALUES'),
  limit('digits of a whole number', 'contract/python-scanner.ts', 'MAX_INT_DIGITS'),
  limit('names in a list or an object', 'contract/request-fields.ts', 'MAX_NAMES'),
  limit('characters of a name', 'contract/request-fields.ts', 'MAX_NAME_LENGTH'),
  limit('labels of a run', 'contract/parse-run-submission.ts', 'maxLabels'),
  limit('time for headers, on Node.js', 'nodejs/serve.ts', 'headersTimeoutMs', 'milliseconds'),
  limit(
    'time for a whole request, on Node.js',
    'nodejs/serve.ts',
    'requestTimeoutMs',
    'milliseconds',
  ),
  limit(
    'time a client may take nothing, on Node.js',
    'nodejs/serve.ts',
    'sendTimeoutMs',
    'milliseconds',
  ),
  limit(
    'idle connection, on Node.js and Bun',
    'nodejs/serve.ts',
    'keepAliveTimeoutMs',
    'milliseconds',
  ),
  limit('longest `Prefer: wait` and `?wait`', 'http/waiting.ts', 'longestWaitS', 'seconds'),
  limit(
    'silence of a stream before a heartbeat',
    'http/create-http-server.ts',
    'heartbeatMs',
    'milliseconds',
  ),
  limit('runs on a page of the list', 'http/run-query.ts', 'longestPage'),
  limit('life of a token for one run', 'http/routes/run-token-routes.ts', 'usualTtlS', 'seconds'),
  limit('longest life of one', 'http/routes/run-token-routes.ts', 'longestTtlS', 'seconds'),
  limit('waiting runs', 'run/runs.ts', 'maxWaiting'),
  limit('an idempotency key is known for', 'run/runs.ts', 'keyLifeMs', 'milliseconds'),
  limit('ended runs are kept for', 'run/runs.ts', 'maxRunAgeMs', 'milliseconds'),
  limit('ended runs that are kept', 'run/runs.ts', 'maxEndedRuns'),
  limit('ended runs in memory, without a store', 'run/memory-run-store.ts', 'maxRuns'),
  limit('bytes of them', 'run/memory-run-store.ts', 'maxBytes', 'bytes'),
  limit('time for a callback to be answered', 'run/callbacks.ts', 'timeoutMs', 'milliseconds'),
  limit('bytes of an output', 'executor/output-tally.ts', 'defaultMaxOutputBytes', 'bytes'),
  limit('bytes of all outputs of a run', 'run/live-run.ts', 'defaultMaxRunOutputBytes', 'bytes'),
  limit(
    'bytes of log of a run, in Kedro projects',
    'kedro/kedro-executor.ts',
    'maxLogBytes',
    'bytes',
  ),
  limit('runs of a Python worker', 'kedro/kedro-executor.ts', 'maxRunsPerWorker'),
  limit(
    'silence of a worker before it is ended',
    'kedro/kedro-executor.ts',
    'heartbeatTimeoutMs',
    'milliseconds',
  ),
  limit(
    'a cancelled run has, in Kedro projects',
    'kedro/kedro-executor.ts',
    'cancelGraceMs',
    'milliseconds',
  ),
  limit('and then, after SIGTERM', 'kedro/kedro-executor.ts', 'terminateGraceMs', 'milliseconds'),
  limit(
    'a cancelled run has, in TypeScript',
    'executor/native-executor.ts',
    'cancelGraceMs',
    'milliseconds',
  ),
  limit('running runs have at a stop', 'cli/project-options.ts', 'graceMs', 'milliseconds'),
  limit('answers have to be taken at a stop', 'nodejs/serve-app.ts', 'lingerMs', 'milliseconds'),
];

const value = String.raw`(\d[\d_]*(?: \*{1,2} \w+)*)`;

/** The default that the text of a limit's file has for it. Throws when it has none, or several. */
export function readDefault(text: string, { file, name }: Limit): number {
  const form = new RegExp(
    String.raw`\b${name}(?: = |: valueOf\([^)]*\) \?\? |\) \?\? | \?\? )${value}`,
    'g',
  );
  const found = new Set([...text.matchAll(form)].map(([, written = '']) => written));
  const [written, ...others] = found;
  if (written === undefined || others.length > 0) {
    throw new Error(`${file} has ${found.size} defaults of ${name}.`);
  }
  return written
    .split(' * ')
    .map((factor) => evaluate(factor, text))
    .reduce((a, b) => a * b);
}

function evaluate(factor: string, text: string): number {
  const [base = '', power] = factor.split(' ** ');
  if (power !== undefined) return Number(base) ** Number(power);
  if (/^\d/.test(base)) return Number(base.replaceAll('_', ''));
  const [, named = ''] = new RegExp(String.raw`const ${base} = ([\w *]+);`).exec(text) ?? [];
  return named
    .split(' * ')
    .map((part) => evaluate(part, text))
    .reduce((a, b) => a * b);
}

const day = 24 * 60 * 60;

/** As the table shows it. */
export function showDefault(amount: number, unit: Limit['unit']): string {
  if (unit === 'bytes') return `${amount / 2 ** 20} MiB`;
  if (unit === 'milliseconds') return showDefault(amount / 1000, 'seconds');
  if (unit === 'count') return amount.toLocaleString('en');
  if (amount % day === 0 && amount > day) return `${amount / day} days`;
  if (amount % 3600 === 0) return `${amount / 3600} h`;
  return amount % 60 === 0 && amount > 120 ? `${amount / 60} min` : `${amount} s`;
}

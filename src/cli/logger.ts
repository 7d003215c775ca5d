import { pino, type Logger } from 'pino';
import { environmentSecrets } from '../nodejs/environment-secrets.ts';
import { createRedactor, type Redactor } from '../redact/redactor.ts';

export interface CliLogger extends AsyncDisposable {
  readonly logger: Logger;
  /** Writes the rest now. */
  flushSync(): void;
}

/** Lines that wait for a slow reader of standard error; beyond this they are dropped. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

const maxDepth = 4;

/** Takes secrets out of the texts of what is logged; errors are left to their serializer. */
function createLeafRedaction({ line }: Redactor): (value: unknown) => unknown {
  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return line(value);
    if (typeof value !== 'object' || value === null || value instanceof Error) return value;
    if (depth === maxDepth) return '…';
    if (Array.isArray(value)) return value.map((member) => redact(member, depth + 1));
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, member]) => [name, redact(member, depth + 1)]));
  };
  return (value) => redact(value, 0);
}

/** Logs JSON lines on standard error, without holding up the server; disposing writes the rest. */
export function createLogger(level: string): CliLogger {
  const redact = createLeafRedaction(createRedactor(environmentSecrets()));
  const output = pino.destination({ dest: 2, sync: false, maxLength: MAX_WAITING_CHARACTERS });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: Error) => redact(pino.stdSerializers.err(error)) },
      hooks: {
        logMethod(args, method) {
          const [first, ...others] = args;
          // An error's own text is not all that is written of it.
          const shown = first instanceof Error ? { err: first } : first;
          Reflect.apply(method, this, [redact(shown), ...others.map(redact)]);
        },
      },
    },
    output,
  );
  return {
    logger,
    flushSync: () => output.flushSync(),
    [Symbol.asyncDispose]: () => new Promise((resolve) => logger.flush(() => resolve())),
  };
}

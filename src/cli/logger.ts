import { pino, type Logger } from 'pino';

export interface CliLogger extends AsyncDisposable {
  readonly logger: Logger;
  /** Writes the rest now. */
  flushSync(): void;
}

/** Lines that wait for a slow reader of standard error; beyond this they are dropped. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

/** Logs JSON lines on standard error, without holding up the server; disposing writes the rest. */
export function createLogger(level: string): CliLogger {
  const output = pino.destination({ dest: 2, sync: false, maxLength: MAX_WAITING_CHARACTERS });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
  return {
    logger,
    flushSync: () => output.flushSync(),
    [Symbol.asyncDispose]: () => new Promise((resolve) => logger.flush(() => resolve())),
  };
}

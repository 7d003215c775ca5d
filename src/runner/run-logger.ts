import type { NodeContext } from '../pipeline/node-function.ts';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** Writes lines into the log of one run; what is no text is written as `String` has it. */
export interface RunLogger {
  /** A line of output, as `print` writes it: without a level that anyone chose. */
  print(message: unknown): void;
  debug(message: unknown): void;
  info(message: unknown): void;
  warning(message: unknown): void;
  error(message: unknown): void;
  critical(message: unknown): void;
}

/** A line as it was written. */
export interface LogLine {
  readonly level: LogLevel;
  /** Null for what was printed. */
  readonly logger: string | null;
  readonly source: 'logging' | 'stdout';
  readonly message: string;
}

/** Creates a logger whose lines go to `write`; `name` stands beside those that have a level. */
export function createRunLogger(name: string, write: (line: LogLine) => void): RunLogger {
  const log = (level: LogLevel) => (message: unknown) =>
    write({ level, logger: name, source: 'logging', message: String(message) });
  return {
    print: (message) =>
      write({ level: 'info', logger: null, source: 'stdout', message: String(message) }),
    debug: log('debug'),
    info: log('info'),
    warning: log('warning'),
    error: log('error'),
    critical: log('critical'),
  };
}

const silent = createRunLogger('silent', () => undefined);

const loggers = new WeakMap<AbortSignal, RunLogger>();

/** Lets `logOf` find the logger of the node whose context has `signal`. */
export function setLogger(signal: AbortSignal, logger: RunLogger): void {
  loggers.set(signal, logger);
}

/**
 * The logger of the run that called a node's function with `context` (the node needs
 * `passContext`). Its lines become the run's, each with its node, also when many runs share the
 * process; the console does not see them. Called outside a run, as in a test of the function, the
 * logger writes nothing.
 */
export function logOf(context: Pick<NodeContext, 'signal'>): RunLogger {
  return loggers.get(context.signal) ?? silent;
}

import type { CliLogger } from './logger.ts';

/**
 * Logs what Node.js would print among the JSON lines: warnings, rejected promises that nobody
 * waits for, which would end the process with all runs in it, and errors that do end it. Disposing
 * restores what was.
 */
export function logProcessFaults({ logger, flushSync }: CliLogger): Disposable {
  const printers = process.listeners('warning');
  const onWarning = ({ name, message }: Error): void => {
    logger.warn({ event: 'process-warning', type: name }, message);
  };
  const onRejection = (reason: unknown): void => {
    const message = reason instanceof Error ? reason.message : String(reason);
    logger.error(
      { event: 'unhandled-rejection', err: reason },
      `A promise that nobody waits for was rejected: ${message}`,
    );
  };
  const onFatal = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    logger.fatal(
      { event: 'uncaught-error', err: error },
      `The process ends: an error was thrown where nobody waits for it: ${message}`,
    );
    flushSync();
  };
  process.removeAllListeners('warning').on('warning', onWarning);
  process.on('unhandledRejection', onRejection).on('uncaughtExceptionMonitor', onFatal);
  return {
    [Symbol.dispose]: () => {
      process.off('warning', onWarning).off('unhandledRejection', onRejection);
      process.off('uncaughtExceptionMonitor', onFatal);
      for (const printer of printers) process.on('warning', printer);
    },
  };
}

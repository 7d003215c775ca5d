import type { Logger } from 'pino';

/**
 * Logs what Node.js would print among the JSON lines: warnings, and rejected promises that nobody
 * waits for, which would end the process with all runs in it. Disposing restores what was.
 */
export function logProcessFaults(logger: Logger): Disposable {
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
  process.removeAllListeners('warning').on('warning', onWarning);
  process.on('unhandledRejection', onRejection);
  return {
    [Symbol.dispose]: () => {
      process.off('warning', onWarning).off('unhandledRejection', onRejection);
      for (const printer of printers) process.on('warning', printer);
    },
  };
}

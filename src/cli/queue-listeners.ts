import type { Logger } from 'pino';
import type { QueueOptions } from '../queue/index.ts';

const sameAfterMs = 10_000;

/** Logs what a queue tells; the same trouble again and again is told once in a while. */
export function queueListeners(
  logger: Logger,
): Required<Pick<QueueOptions, 'onError' | 'onWarning'>> {
  let last: { readonly message: string; readonly atMs: number } | null = null;
  return {
    onError: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      const atMs = performance.now();
      if (last?.message === message && atMs - last.atMs < sameAfterMs) return;
      last = { message, atMs };
      logger.warn({ event: 'queue.trouble', err: error }, `The queue is in trouble: ${message}`);
    },
    onWarning: (message) => logger.warn({ event: 'queue.risk' }, message),
  };
}

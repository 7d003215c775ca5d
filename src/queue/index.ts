export {
  createQueueExecutor,
  type QueueExecutor,
  type QueueExecutorOptions,
} from './queue-executor.ts';
export type { QueueOptions } from './queue-options.ts';
export { createQueueWorker, type QueueWorker, type QueueWorkerOptions } from './queue-worker.ts';

import type { RunRecord } from './run-record.ts';

/** Names of the pipelines that a run joins: `__default__` when it names none. */
export function pipelinesOf({ submission }: Pick<RunRecord, 'submission'>): readonly string[] {
  const names = submission.order.pipelineNames ?? [];
  return names.length === 0 ? ['__default__'] : [...new Set(names)];
}

import type { RunSubmission } from './run-record.ts';

/** Names of the pipelines that a run joins: `__default__` when it names none. */
export function pipelinesOf({
  submission,
}: {
  readonly submission: Pick<RunSubmission, 'order'>;
}): readonly string[] {
  const names = submission.order.pipelineNames ?? [];
  return names.length === 0 ? ['__default__'] : [...new Set(names)];
}

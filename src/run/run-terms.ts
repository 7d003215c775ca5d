import { pipelinesOf } from './pipelines-of.ts';
import type { RunRecord } from './run-record.ts';
import type { RunQuery } from './run-store.ts';

/** What a run is found by, beside its state and time: texts for an index. */
export function termsOf(record: Pick<RunRecord, 'submission'>): readonly string[] {
  const { labels, owner = null } = record.submission;
  return [
    ...pipelinesOf(record).map(pipelineTerm),
    ...Object.entries(labels).map(labelTerm),
    ...(owner === null ? [] : [ownerTerm(owner)]),
  ];
}

/** The terms that a run must have, all of them, to be found. */
export function wantedTerms({ pipeline, labels, owner = null }: RunQuery): readonly string[] {
  return [
    ...Object.entries(labels).map(labelTerm),
    ...(pipeline === null ? [] : [pipelineTerm(pipeline)]),
    ...(owner === null ? [] : [ownerTerm(owner)]),
  ];
}

function pipelineTerm(name: string): string {
  return JSON.stringify(['pipeline', name]);
}

function ownerTerm(owner: string): string {
  return JSON.stringify(['owner', owner]);
}

function labelTerm([name, value]: readonly [string, string]): string {
  return JSON.stringify(['label', name, value]);
}

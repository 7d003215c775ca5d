import { RunStatusName } from '../contract/run-resource.ts';
import type { RunStatus } from '../run/run-record.ts';
import type { RunQuery } from '../run/run-store.ts';
import { parameterInvalid } from './problem-error.ts';

export const longestPage = 200;
export const usualPage = 50;

const statuses: ReadonlySet<string> = new Set(RunStatusName.options);
const idForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const momentForm =
  /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d))?$/;

/** Reads the query of the list of runs. Throws `ProblemError` (`request-invalid`). */
export function readRunQuery(query: URLSearchParams): RunQuery {
  return {
    statuses: readStatuses(query),
    pipeline: query.get('pipeline'),
    labels: readLabels(query),
    sinceMs: readMoment(query, 'since'),
    untilMs: readMoment(query, 'until'),
    before: readCursor(query),
    limit: readLimit(query, longestPage, usualPage),
  };
}

/** Throws `ProblemError` (`request-invalid`). */
export function readLimit(query: URLSearchParams, most: number, usual: number): number {
  const text = query.get('limit');
  if (text === null) return usual;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  throw parameterInvalid('limit', `'limit' has to be a whole number from 1 to ${most}.`);
}

function isStatus(name: string): name is RunStatus {
  return statuses.has(name);
}

function readStatuses(query: URLSearchParams): readonly RunStatus[] | null {
  if (!query.has('status')) return null;
  const names = query.getAll('status').flatMap((text) => text.split(','));
  return names.map((name) => {
    if (isStatus(name)) return name;
    const known = [...statuses].join(', ');
    throw parameterInvalid('status', `There is no status '${name}'; there are ${known}.`);
  });
}

function readLabels(query: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries(
    query.getAll('label').map((text) => {
      const colon = text.indexOf(':');
      if (colon > 0) return [text.slice(0, colon), text.slice(colon + 1)];
      throw parameterInvalid('label', `'label' has to be key:value, such as team:pricing.`);
    }),
  );
}

function readMoment(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const atMs = momentForm.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  const problem = 'has to be a date, or a time with its zone, such as 2026-03-01T09:30:00Z.';
  throw parameterInvalid(name, `'${name}' ${problem}`);
}

function readCursor(query: URLSearchParams): string | null {
  const cursor = query.get('cursor');
  if (cursor === null || idForm.test(cursor)) return cursor;
  throw parameterInvalid('cursor', `'cursor' has to be the next_cursor of another page.`);
}

import type { Run } from '../contract/run-resource.ts';

/** Which runs are wanted; see `GET /runs`. */
export interface ListQuery {
  readonly status?: readonly Run['status'][] | undefined;
  readonly pipeline?: string | undefined;
  /** Runs with all of these labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Created at or after it. */
  readonly since?: Date | string | undefined;
  /** Created before it. */
  readonly until?: Date | string | undefined;
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

export function toSearch({ status = [], labels = {}, ...single }: ListQuery): string {
  const search = new URLSearchParams();
  for (const each of status) search.append('status', each);
  for (const [key, value] of Object.entries(labels)) search.append('label', `${key}:${value}`);
  for (const [name, value] of Object.entries(single)) {
    if (value === undefined) continue;
    search.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  return search.toString();
}

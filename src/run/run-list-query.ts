import { numberOf, type Row, type RunDatabase, type SqlValue, textOf } from './run-database.ts';
import type { RunQuery } from './run-store.ts';
import { wantedTerms } from './run-terms.ts';

interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** An index in which the ids of runs are in order; the runs that match are among them. */
interface Source {
  readonly from: string;
  readonly id: string;
  readonly where: Sql;
  /** What the index says of the runs already. */
  readonly covers: { readonly status: boolean; readonly term: string | null };
}

/** Ids from `first` on and before `end`. */
interface Span {
  readonly first: string;
  readonly end: string;
}

/** The clock may have been set back by so much while ids went on. */
const clockStepMs = 60_000;
/** Among indexes with more runs than that, one is as good as another. */
const maxCounted = 2000;

/** What SQLite takes in Durable Objects. */
const maxUnited = 5;
const maxValues = 100;

/** Reads the rows (`state`, `submission`) of the runs that match, newest first. */
export function listRuns(database: RunDatabase, query: RunQuery): readonly Row[] {
  const span = spanOf(database, query);
  const limit = Math.min(query.limit, Number.MAX_SAFE_INTEGER);
  if (span === null || limit < 1 || query.statuses?.length === 0) return [];
  const terms = wantedTerms(query);
  const parts = pickSources(database, query, terms, span).map((source) =>
    selectIds(source, query, terms, span, limit),
  );
  const ids = unite(parts.map(({ text }) => text));
  return database.all(
    `SELECT runs.state, submissions.json AS submission
     FROM (SELECT * FROM (${ids}) ORDER BY id DESC LIMIT ?) AS found
     CROSS JOIN runs ON runs.seq = found.seq
     CROSS JOIN submissions ON submissions.run = found.seq
     ORDER BY found.id DESC`,
    ...parts.flatMap(({ values }) => values),
    limit,
  );
}

function unite(selects: readonly string[]): string {
  if (selects.length > maxUnited) {
    return unite([unite(selects.slice(0, maxUnited)), ...selects.slice(maxUnited)]);
  }
  return selects.map((select) => `SELECT * FROM (${select})`).join(' UNION ALL ');
}

function selectIds(
  { from, id, where, covers }: Source,
  { statuses, sinceMs, untilMs }: RunQuery,
  terms: readonly string[],
  span: Span,
  limit: number,
): Sql {
  const conditions = [where, { text: `${id} >= ? AND ${id} < ?`, values: [span.first, span.end] }];
  // The sign keeps SQLite from another index, in which the ids are not in order.
  if (sinceMs !== null) conditions.push({ text: '+run.created_at >= ?', values: [sinceMs] });
  if (untilMs !== null) conditions.push({ text: '+run.created_at < ?', values: [untilMs] });
  if (statuses !== null && !covers.status) {
    const marks = statuses.map(() => '?').join(', ');
    conditions.push({ text: `+run.status IN (${marks})`, values: statuses });
  }
  for (const term of terms.filter((one) => one !== covers.term)) {
    const text = `EXISTS (SELECT 1 FROM run_terms WHERE term = ? AND run_id = run.id)`;
    conditions.push({ text, values: [term] });
  }
  const all = conditions.map(({ text }) => text).join(' AND ');
  return {
    text: `SELECT run.seq, run.id FROM ${from} WHERE ${all} ORDER BY ${id} DESC LIMIT ?`,
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
}

/** The index, or one for each state, in which the fewest runs are to be looked at. */
function pickSources(
  database: RunDatabase,
  { statuses }: RunQuery,
  terms: readonly string[],
  span: Span,
): readonly Source[] {
  const choices: (readonly Source[])[] = terms.map((term) => [
    {
      from: 'run_terms AS term CROSS JOIN runs AS run ON run.id = term.run_id',
      id: 'term.run_id',
      where: { text: 'term.term = ?', values: [term] },
      covers: { status: false, term },
    },
  ]);
  const states = [...new Set(statuses)];
  const hasRoom = terms.length === 0 || states.length * (terms.length + 6) < maxValues;
  if (statuses !== null && hasRoom) {
    choices.push(
      states.map((status) => ({
        from: 'runs AS run INDEXED BY runs_by_status',
        id: 'run.id',
        where: { text: 'run.status = ?', values: [status] },
        covers: { status: true, term: null },
      })),
    );
  }
  const [only] = choices;
  if (only === undefined) {
    const where = { text: 'TRUE', values: [] };
    return [{ from: 'runs AS run', id: 'run.id', where, covers: { status: false, term: null } }];
  }
  if (choices.length === 1) return only;
  const counted = choices.map((sources) => ({ sources, size: sizeOf(database, sources, span) }));
  return counted.reduce((best, next) => (next.size < best.size ? next : best)).sources;
}

function sizeOf(database: RunDatabase, sources: readonly Source[], span: Span): number {
  let size = 0;
  for (const { where, covers } of sources) {
    const [from, id] =
      covers.term === null ? ['runs AS run', 'run.id'] : ['run_terms AS term', 'term.run_id'];
    const row = database.get(
      `SELECT count(*) AS size FROM (
         SELECT 1 FROM ${from} WHERE ${where.text} AND ${id} >= ? AND ${id} < ? LIMIT ${maxCounted}
       )`,
      ...where.values,
      span.first,
      span.end,
    );
    size += numberOf(row, 'size');
  }
  return size;
}

/** The ids that runs of the time can have: ids sort as times do. Null when there are none. */
function spanOf(database: RunDatabase, { sinceMs, untilMs, before }: RunQuery): Span | null {
  let first = '';
  let end = before ?? '\u{10FFFF}';
  if (sinceMs !== null) {
    const row = database.get(
      'SELECT id FROM runs WHERE created_at >= ? ORDER BY created_at, id LIMIT 1',
      sinceMs - clockStepMs,
    );
    if (row === undefined) return null;
    first = textOf(row, 'id');
  }
  if (untilMs !== null) {
    const row = database.get(
      'SELECT id FROM runs WHERE created_at < ? ORDER BY created_at DESC, id DESC LIMIT 1',
      untilMs + clockStepMs,
    );
    if (row === undefined) return null;
    const afterLast = `${textOf(row, 'id')}\u0001`;
    if (afterLast < end) end = afterLast;
  }
  return { first, end };
}

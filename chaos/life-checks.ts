import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventReading } from './event-reader.ts';
import { isFinal, type LifeLedger, type Wanted } from './life-ledger.ts';
import type { Report } from './report.ts';

interface ShownRun {
  readonly id: string;
  readonly save_version: string;
  readonly status: string;
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly labels: { readonly tenant: string };
}

interface ShownEvent {
  readonly id: number;
  readonly type: string;
  readonly status?: string;
}

/** All that a world has come to, for what was promised to be held against. */
export interface LifeOutcome {
  readonly ledger: LifeLedger;
  readonly url: string;
  readonly folder: string;
  readonly notes: string;
  readonly readings: ReadonlyMap<Wanted, readonly EventReading[]>;
  readonly callbacks: ReadonlyMap<string, readonly string[]>;
  /** Whether a run that has ended in this way, beside its own doing, is accounted for. */
  readonly isExpected: (wanted: Wanted, status: string, message: string) => boolean;
  /** Whether what a run saves is whole or not there, however it ended. */
  readonly savesWhole: boolean;
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url} is answered ${response.status}`);
  return (await response.json()) as T;
}

export async function listRuns(url: string): Promise<readonly ShownRun[]> {
  const runs: ShownRun[] = [];
  let cursor = '';
  do {
    const page = await getJson<{ data: readonly ShownRun[]; next_cursor: string | null }>(
      `${url}/runs?limit=100${cursor}`,
    );
    runs.push(...page.data);
    cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '');
  return runs;
}

async function readLog(url: string, id: string): Promise<readonly ShownEvent[]> {
  const events: ShownEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.id ?? 0;
    const page = await getJson<{ data: readonly ShownEvent[] }>(
      `${url}/runs/${id}/events?after=${after}`,
    );
    if (page.data.length === 0) return events;
    events.push(...page.data);
  }
}

function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}

async function readLines(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
}

/** Holds a world, once it is at rest, to everything that was promised. */
export async function checkLife(outcome: LifeOutcome, report: Report): Promise<void> {
  const { ledger, url, notes } = outcome;
  const runs = await listRuns(url);
  const byTenant = new Map(runs.map((run) => [run.labels.tenant, run]));
  const counts: Record<string, number> = {};
  for (const { status } of runs) counts[status] = (counts[status] ?? 0) + 1;
  report.tell(
    `${ledger.wanted.length} wanted, ${runs.length} runs ${JSON.stringify(counts)}, ${ledger.refusals} refusals, ${ledger.replays} replays`,
  );
  report.checkNone('answers that should not be', ledger.complaints);
  report.checkNone(
    'accepted runs without one final state, that all saw',
    ledger.accepted.flatMap((wanted) => {
      const run = byTenant.get(wanted.tenant);
      if (run === undefined) return [`${wanted.tenant} is not there`];
      if (run.id !== wanted.id) return [`${wanted.tenant} is ${run.id}, not ${wanted.id}`];
      const isSame = wanted.seenStatus === null || wanted.seenStatus === run.status;
      if (isFinal(run.status) && isSame) return [];
      return [`${wanted.tenant} is ${run.status}, and was seen as ${wanted.seenStatus}`];
    }),
  );
  report.checkNone(
    'runs that ended as nothing made them',
    ledger.wanted.flatMap((wanted) => {
      const run = byTenant.get(wanted.tenant);
      if (run === undefined || run.status === 'succeeded') return [];
      const { type, message } = run.error ?? { type: '', message: '' };
      if (outcome.isExpected(wanted, run.status, `${type}: ${message}`)) return [];
      return [`${wanted.tenant} (${wanted.what}) is ${run.status}: ${type}: ${message}`];
    }),
  );
  report.checkNone(
    'submissions that became two runs',
    repeated(runs.map((run) => run.labels.tenant)),
  );
  report.checkNone('save versions of two runs', repeated(runs.map((run) => run.save_version)));
  report.checkNone('runs begun twice', repeated(await readLines(join(notes, 'begun.log'))));
  report.checkNone('runs beyond a limit', await readLines(join(notes, 'excess.log')));
  await checkLogs(outcome, runs, report);
  await checkFiles(outcome, byTenant, report);
  checkCallbacks(outcome, byTenant, report);
}

async function checkLogs(
  { url, readings }: LifeOutcome,
  runs: readonly ShownRun[],
  report: Report,
): Promise<void> {
  const wrong: string[] = [];
  const logs = new Map<string, readonly ShownEvent[]>();
  for (const { id, status } of runs) {
    const log = await readLog(url, id);
    logs.set(id, log);
    const ids = log.map((event) => event.id);
    const ends = log.filter(({ type }) => type === 'run.ended');
    if (ids.some((each, at) => each !== at + 1)) wrong.push(`${id}: ${ids.join(' ')}`);
    if (ends.length !== 1 || ends[0] !== log.at(-1) || ends[0]?.status !== status) {
      wrong.push(`${id} is ${status}, and its log ends ${JSON.stringify(log.slice(-2))}`);
    }
  }
  report.checkNone('logs with a gap, or without one end', wrong);
  const all = [...readings].flatMap(([wanted, each]) =>
    each.map((reading) => ({ wanted, reading })),
  );
  const connections = all.reduce((sum, { reading }) => sum + reading.connections, 0);
  report.checkNone(
    `gaps and repeats seen by ${all.length} readers on ${connections} connections`,
    all.flatMap(({ wanted, reading: { seen, isOver } }) => {
      const log = logs.get(wanted.id ?? '') ?? [];
      const hasAll = isOver && seen.length === log.length;
      const isSame = seen.every(
        ({ id, data }, at) =>
          id === at + 1 && JSON.stringify(JSON.parse(data)) === JSON.stringify(log[at]),
      );
      if (hasAll && isSame) return [];
      return [`${wanted.tenant}: ${seen.map(({ id }) => id).join(' ')} of ${log.length}`];
    }),
  );
}

async function checkFiles(
  { ledger, folder, savesWhole }: LifeOutcome,
  byTenant: ReadonlyMap<string, ShownRun>,
  report: Report,
): Promise<void> {
  const wrong: string[] = [];
  let count = 0;
  for (const { tenant } of ledger.wanted) {
    const file = join(folder, 'data/mine', `${tenant}.json`);
    const text = await readFile(file, 'utf8').catch(() => null);
    const hasSucceeded = byTenant.get(tenant)?.status === 'succeeded';
    if (text === null && !hasSucceeded) continue;
    count += 1;
    if (text !== null && isWhole(text, tenant)) continue;
    const words = text?.match(/\b[a-z]+-\d+\b/g) ?? [];
    // The last word of a file that was not written to its end may be a part of one.
    const isOwn =
      tenant.startsWith(words.at(-1) ?? '') && words.slice(0, -1).every((word) => word === tenant);
    if (!hasSucceeded && !savesWhole && isOwn) continue;
    wrong.push(`${tenant}: ${text?.slice(0, 200) ?? 'missing'}`);
  }
  report.checkNone(`files of runs that are not whole, or of another's data, of ${count}`, wrong);
  const names = await readdir(join(folder, 'data/mine'));
  const known = new Set(ledger.wanted.map(({ tenant }) => `${tenant}.json`));
  const others = names.filter((name) => !known.has(name) && !name.endsWith('.saving'));
  report.checkNone('files that no run has named', others);
}

function isWhole(text: string, tenant: string): boolean {
  try {
    const saved = JSON.parse(text) as { tenant: string; body: readonly string[]; last: string };
    return [saved.tenant, saved.last, ...saved.body].every((word) => word === tenant);
  } catch {
    return false;
  }
}

function checkCallbacks(
  { ledger, callbacks }: LifeOutcome,
  byTenant: ReadonlyMap<string, ShownRun>,
  report: Report,
): void {
  const owed = ledger.wanted.filter(
    ({ tenant, hasCallback }) => hasCallback && byTenant.has(tenant),
  );
  if (owed.length === 0) return;
  report.checkNone(
    `ends of ${owed.length} runs that were not told, or not as they were`,
    owed.flatMap(({ tenant }) => {
      const told = callbacks.get(tenant) ?? [];
      const status = byTenant.get(tenant)?.status ?? '';
      if (told.length > 0 && told.every((each) => each === status)) return [];
      return [`${tenant} is ${status}, and was told as ${JSON.stringify(told)}`];
    }),
  );
}
